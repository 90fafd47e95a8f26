//! From SQLite to PostgreSQL and back, by the program itself.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Output,
};

use anonchat::config::{DatabaseUrl, Storage};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    database,
    harness::{Person, Way},
    process::Process,
};

/// Two databases of one installation, and a data directory for a third.
struct Place {
    dir: TempDir,
    url: DatabaseUrl,
}

impl Place {
    async fn fresh() -> Self {
        let url = database::fresh().await.expect("PostgreSQL");
        Self { dir: tempfile::tempdir().unwrap(), url }
    }

    fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn sqlite(&self) -> Storage {
        Storage { data_dir: self.data_dir(), url: None, ..Storage::default() }
    }

    fn postgres(&self) -> Storage {
        Storage { url: Some(self.url.clone()), ..self.sqlite() }
    }

    async fn migrate(&self, from: &str, to: &str) -> Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_anonchat"));
        command.args(["migrate", "--from", from, "--to", to, "--data-dir"]).arg(self.data_dir());
        command.current_dir(self.dir.path()).env_clear();
        command.env("ANONCHAT_STORAGE__URL", self.url.expose());
        command.output().await.unwrap()
    }

    /// What stands in PostgreSQL, without what is of no concern to a move.
    async fn rows(&self) -> Vec<(String, usize)> {
        let mut tables = database::tables(&self.postgres()).await;
        tables.retain(|table| {
            !["server", "setup", "refinery_schema_history"].contains(&&*table.name)
        });
        let mut rows: Vec<_> =
            tables.into_iter().map(|table| (table.name, table.rows.len())).collect();
        rows.sort();
        rows
    }

    async fn run_sql(&self, sql: &str) {
        database::connect(self.url.expose()).await.batch_execute(sql).await.unwrap();
    }
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// How it ended, and the first line of what it said.
#[track_caller]
fn failed(output: &Output) -> (i32, String) {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(said.contains("\n help: "), "{said}");
    assert!(!said.contains("postgres://anonchat@"), "{said}");
    (output.status.code().unwrap(), said.lines().next().unwrap().to_owned())
}

async fn stop(mut server: Process) {
    server.signal(Signal::TERM);
    assert!(server.exit().await.success());
}

/// Some people who have said something; Ann's room.
async fn play(way: &Way) -> (Person, Person, String) {
    let (ann, ben) = (Person::register(way, "ann").await, Person::register(way, "ben").await);
    let cat = Person::register(way, "cat").await;
    let room = ann.create_room("on the move", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    let first = at_ann.say("first").await;
    at_ben.say("second").await;
    let third = at_ann.say("third").await;
    at_ann.send(json!({ "type": "edit", "id": "e", "seq": first, "message": "new" })).await;
    at_ann.expect("ack").await;
    at_ann.send(json!({ "type": "delete", "id": "d", "seq": third })).await;
    at_ann.expect("ack").await;
    let out = cat.client_id_in(&room).await;
    let path = format!("/rooms/{room}/members/{out}");
    ann.call(reqwest::Method::DELETE, &path, None).await.granted(200);
    (ann, ben, room)
}

/// All that somebody sees of a room and of their account.
async fn seen(person: &Person, room: &str) -> Value {
    let mut history = person.get(&format!("/rooms/{room}/messages?limit=200")).await;
    let mut rooms = person.get("/rooms").await;
    let sessions = person.get("/auth/sessions").await;
    let welcome = person.join(room).await.welcome;
    let (you, epoch, head) = (&welcome["you"], &welcome["epoch"], &welcome["head"]);
    json!([
        history.body["data"].take(),
        rooms.body["data"].take(),
        sessions.data(),
        you,
        epoch,
        head
    ])
}

fn at(person: &Person, server: &Process) -> Person {
    Person { way: server.way(Ipv4Addr::LOCALHOST), ..person.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_history_and_aliases_live_on_after_a_move_in_both_directions() {
    let place = Place::fresh().await;
    let server = Process::start_on(place.sqlite(), &[]).await;
    let (ann, ben, room) = play(&server.way(Ipv4Addr::LOCALHOST)).await;
    let before = [seen(&ann, &room).await, seen(&ben, &room).await];
    stop(server).await;

    let said = succeeded(&place.migrate("sqlite", "postgres").await);
    assert!(said.contains("accounts             3 rows  "), "{said}");
    let server = Process::start_on(place.postgres(), &[]).await;
    let (ann, ben) = (at(&ann, &server), at(&ben, &server));
    assert_eq!([seen(&ann, &room).await, seen(&ben, &room).await], before);
    let head = before[0][5].as_i64().unwrap();
    assert_eq!(ann.join(&room).await.say("on the other side").await, head + 1);
    let before = [seen(&ann, &room).await, seen(&ben, &room).await];
    stop(server).await;

    let elsewhere = place.dir.path().join("elsewhere");
    let target = format!("sqlite:{}", elsewhere.display());
    succeeded(&place.migrate("postgres", &target).await);
    assert_eq!(key(&elsewhere), key(&place.data_dir()), "the key comes along");
    let storage = Storage { data_dir: elsewhere, ..place.sqlite() };
    let server = Process::start_on(storage, &[]).await;
    let (ann, ben) = (at(&ann, &server), at(&ben, &server));
    assert_eq!([seen(&ann, &room).await, seen(&ben, &room).await], before);
    let again = ann.on_another_device().await;
    assert_eq!(again.join(&room).await.say("back").await, head + 2);
}

fn key(data_dir: &Path) -> Vec<u8> {
    std::fs::read(data_dir.join("secret.key")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_stopped_stops_the_server_and_can_be_run_again() {
    let place = Place::fresh().await;
    let server = Process::start_on(place.sqlite(), &[]).await;
    play(&server.way(Ipv4Addr::LOCALHOST)).await;
    stop(server).await;
    succeeded(&place.migrate("sqlite", "postgres").await);
    let whole = place.rows().await;
    assert!(whole.iter().all(|(_, rows)| *rows > 0), "{whole:?}");
    // As it is left by whoever is stopped among the events.
    let half = "UPDATE server SET epoch = '\\x00'; DELETE FROM shelf; DELETE FROM events
                WHERE seq > 1; UPDATE events SET body = 'something else'";
    place.run_sql(half).await;

    let started = tokio::process::Command::new(env!("CARGO_BIN_EXE_anonchat"))
        .args(["--addr", "127.0.0.1:0", "--data-dir"])
        .arg(place.data_dir())
        .env_clear()
        .env("ANONCHAT_STORAGE__URL", place.url.expose())
        .output();
    let started = started.await.unwrap();
    let said = String::from_utf8(started.stderr).unwrap();
    assert!(!started.status.success());
    assert!(said.contains("a move into it was not finished"), "{said}");
    let (_, said) = failed(&place.migrate("postgres", "sqlite").await);
    assert!(said.contains("a move into the source was not finished"), "{said}");
    succeeded(&place.migrate("sqlite", "postgres").await);
    assert_eq!(place.rows().await, whole);
    let texts = database::tables(&place.postgres()).await;
    let texts = texts.iter().flat_map(|table| &table.rows);
    assert!(!texts.into_iter().any(|row| String::from_utf8_lossy(row).contains("something else")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_mix_up_or_lose_something_is_refused() {
    let place = Place::fresh().await;
    let (code, said) = failed(&place.migrate("sqlite", "postgres").await);
    assert!(code == 1 && said.contains("there is no data directory"), "{said}");
    let server = Process::start_on(place.sqlite(), &[]).await;
    play(&server.way(Ipv4Addr::LOCALHOST)).await;
    let (code, said) = failed(&place.migrate("sqlite", "postgres").await);
    assert!(code == 75 && said.contains("another AnonChat"), "{said}");
    stop(server).await;
    let (_, said) = failed(&place.migrate("sqlite", "sqlite").await);
    assert!(said.contains("both are the database"), "{said}");
    for (from, to) in [("sqlite", "mysql"), ("sqlite:", "postgres"), ("postgres:x", "sqlite")] {
        let (code, said) = failed(&place.migrate(from, to).await);
        assert_eq!(code, 2, "{said}");
    }

    // Somebody lives there.
    let other = TempDir::new().unwrap();
    let data_dir = other.path().join("data");
    let server = Process::start_on(Storage { data_dir, ..place.postgres() }, &[]).await;
    Person::register(&server.way(Ipv4Addr::LOCALHOST), "dan").await;
    stop(server).await;
    let before = place.rows().await;
    let (code, said) = failed(&place.migrate("sqlite", "postgres").await);
    assert!(code == 1 && said.contains("the target is not empty"), "{said}");
    assert_eq!(place.rows().await, before);

    // A key of its own would unseal nothing of what is moved there.
    let target = format!("sqlite:{}", other.path().join("data").display());
    let (_, said) = failed(&place.migrate("sqlite", &target).await);
    assert!(said.contains("is not the key of the source"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_erased_room_is_left_behind() {
    let place = Place::fresh().await;
    let server = Process::start_on(place.sqlite(), &[]).await;
    let (ann, ..) = play(&server.way(Ipv4Addr::LOCALHOST)).await;
    ann.create_room("stays", 10).await;
    stop(server).await;
    let database = rusqlite::Connection::open(place.data_dir().join("anonchat.db")).unwrap();
    let sql = "UPDATE rooms SET secret = x'' WHERE name = 'on the move'";
    assert_eq!(database.execute(sql, []).unwrap(), 1);
    drop(database);
    succeeded(&place.migrate("sqlite", "postgres").await);
    let rows = place.rows().await;
    for (table, count) in [("rooms", 1), ("aliases", 1), ("events", 0)] {
        assert!(rows.contains(&(table.to_owned(), count)), "{rows:?}");
    }
}
