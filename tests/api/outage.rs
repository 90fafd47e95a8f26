//! What befalls a server whose PostgreSQL goes away and comes back.

use std::{
    fs,
    process::Stdio,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use anonchat::config::DatabaseUrl;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use tokio_postgres::NoTls;

use crate::{
    database,
    exactness::{Plan, Transcript, talk},
    harness::{Server, eventually},
};

/// A PostgreSQL server of one test's own.
struct Postgres {
    /// After it was killed and started again.
    again: Option<Child>,
    pid: Pid,
    url: String,
    /// Starts it again, in a shell.
    command: String,
    /// Its first process, and its data, end with the standard input of this.
    _script: Child,
}

impl Postgres {
    async fn start() -> Self {
        let say = "printf '%s\\n' \"$ANONCHAT_TEST_POSTGRES_URL\" \"$ANONCHAT_TEST_POSTGRES_PID\" \
                   \"$ANONCHAT_TEST_POSTGRES_START\"; exec cat";
        let mut script = Command::new("scripts/with-postgres")
            .args(["sh", "-c", say])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
        let mut line = async || lines.next_line().await.unwrap().expect("PostgreSQL starts");
        let (url, pid, command) = (line().await, line().await, line().await);
        let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
        Self { again: None, pid, url, command, _script: script }
    }

    /// Kills all of it: a process that serves a connection would carry out one more command.
    async fn kill(&mut self) {
        kill_process(self.pid, Signal::STOP).unwrap();
        let pid = self.pid.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        kill_process(self.pid, Signal::KILL).unwrap();
        for child in children.split_ascii_whitespace() {
            let child = Pid::from_raw(child.parse().unwrap()).unwrap();
            // One that ended by itself meanwhile is gone as well.
            let _gone = kill_process(child, Signal::KILL);
        }
        // Until somebody has asked how it ended, it counts as running.
        if let Some(mut killed) = self.again.take() {
            killed.wait().await.unwrap();
        }
    }

    /// Starts it again where it was, as soon as what is left of the killed one has ended.
    async fn start_again(&mut self) {
        loop {
            let mut child = Command::new("sh")
                .args(["-c", &format!("exec {}", self.command)])
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let pid = i32::try_from(child.id().unwrap()).unwrap();
            while child.try_wait().unwrap().is_none() {
                if tokio_postgres::connect(&self.url, NoTls).await.is_ok() {
                    self.pid = Pid::from_raw(pid).unwrap();
                    self.again = Some(child);
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// Ends every connection but the one that does it.
    async fn cut(&self) {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE application_name = 'anonchat'";
        database::connect(&self.url).await.query_one(sql, &[]).await.unwrap();
    }

    async fn serve(&self) -> Server {
        Server::start_with(|config| {
            config.server.rate_limits.enabled = false;
            config.storage.url = Some(DatabaseUrl::parse(&self.url).unwrap());
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_acknowledged_and_nobody_has_to_go() {
    let mut postgres = Postgres::start().await;
    let server = postgres.serve().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("a cut cable", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    at_ann.say("stored").await;
    at_ben.message().await;

    postgres.kill().await;
    let send = |id: &str| json!({ "type": "send", "id": id, "message": format!("said {id}") });
    for id in ["first", "second"] {
        at_ann.send(send(id)).await;
        let error = at_ann.expect("error").await;
        assert_eq!((&error["code"], &error["id"]), (&json!("storage_unavailable"), &json!(id)));
        assert_eq!(error["retry_after"], 1);
    }
    let path = format!("/rooms/{room}/messages");
    ben.get(&path).await.refused(503, "storage_unavailable");
    assert_eq!(server.get("/status").await.status, 503);
    let heard = at_ben.all_until_now().await;
    assert!(heard.iter().all(|frame| frame["type"] == "presence"), "{heard:?}");

    postgres.start_again().await;
    let back = Instant::now();
    eventually("it recovers", async || server.get("/status").await.status == 200).await;
    eprintln!("recovered {} ms after PostgreSQL", back.elapsed().as_millis());
    at_ann.send(send("second")).await;
    assert_eq!(at_ann.expect("ack").await["seq"], 2, "the place was not used up");
    assert_eq!(at_ben.message().await["message"], "said second");
    at_ann.send(send("first")).await;
    assert_eq!(at_ann.expect("ack").await["seq"], 3);
    assert_eq!(at_ben.message().await["message"], "said first");
    let messages = ben.get(&path).await;
    assert_eq!(messages.granted(200)["head"], 3);
}

/// Each waits for the answer to one message before the next: what is refused while the database is
/// away is not overtaken by what comes behind it.
const ONE_BY_ONE: Plan =
    Plan { clients: 20, messages_each: 100, patience: 4000, latecomer_after: 1500, window: 1 };

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_and_cut_off_loses_doubles_and_reorders_nothing() {
    let mut postgres = Postgres::start().await;
    let server = postgres.serve().await;
    let people = server.register_all(ONE_BY_ONE.clients).await;
    let room = people[0].create_room("bad cables", 500).await;
    let transcript = Transcript::default();
    let disturbing = async {
        for tenth in 1..10 {
            let enough = tenth * ONE_BY_ONE.messages() / 10;
            while transcript.acknowledged.load(Ordering::SeqCst) < enough {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            if tenth % 3 == 0 {
                postgres.kill().await;
                postgres.start_again().await;
            } else {
                postgres.cut().await;
            }
        }
    };
    tokio::join!(talk(people, &room, ONE_BY_ONE, &transcript), disturbing);
}
