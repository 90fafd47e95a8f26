//! Operators at the command line, before the server ever ran and while it runs.

use std::{fs::Permissions, net::Ipv4Addr, os::unix::fs::PermissionsExt, process::Stdio};

use anonchat::{
    config::{DatabaseUrl, Storage},
    data_dir::{DataDir, LOCK, Purpose},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{
    database,
    harness::{Answer, PASSWORD, Person, Way, eventually},
    process::Process,
};

const OTHER_PASSWORD: &str = "an entirely different phrase";

/// How a command ended, and what it said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    /// The answer of a command that must have gone well.
    #[track_caller]
    fn well(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// One line of error and one of what to do.
    #[track_caller]
    fn badly(self, error: &str, help: &str) {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{}", self.err);
        assert_eq!(self.err, format!("error: {error}\n help: {help}\n"));
    }
}

async fn anonchat(data: &Storage, arguments: &[&str], input: &str) -> Said {
    let mut child = Command::new("/bin/sh")
        .args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_anonchat")])
        .args(arguments)
        .arg("--data-dir")
        .arg(&data.data_dir)
        .env_clear()
        .env("ANONCHAT_STORAGE__URL", data.url.as_ref().map_or("", DatabaseUrl::expose))
        .current_dir(data.data_dir.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that does not ask for it may have ended.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Where there is nothing yet.
async fn nowhere(folder: &TempDir) -> Storage {
    let (data_dir, url) = (folder.path().join("data"), database::fresh().await);
    Storage { data_dir, url, ..Storage::default() }
}

/// A server, the folder of its data, and somebody with an account.
async fn running() -> (TempDir, Process, Person) {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(&folder.path().join("data"), &[]).await;
    let ann = Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    (folder, server, ann)
}

async fn post(way: &Way, path: &str, body: Value) -> Answer {
    crate::harness::read_response(way.http.post(way.url(path)).json(&body).send().await.unwrap())
        .await
}

async fn log_in(way: &Way, login: &str, password: &str) -> Answer {
    post(way, "/auth/login", json!({ "login": login, "password": password })).await
}

async fn set_up(way: &Way, token: &str, login: &str) -> Answer {
    let email = format!("{login}@mail.example");
    let body = json!({ "token": token, "login": login, "email": email, "password": PASSWORD });
    post(way, "/auth/setup", body).await
}

/// The token of the link that the server printed when it started.
async fn printed_token(server: &Process) -> String {
    eventually("a setup link", async || server.log().contains("/setup#")).await;
    token_of(&server.log())
}

fn token_of(text: &str) -> String {
    let (_, rest) = text.split_once("/setup#").expect("a setup link");
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_an_operator_prints_one_link_that_the_next_start_replaces() {
    let (_folder, mut server, _) = running().await;
    let way = server.way(Ipv4Addr::LOCALHOST);
    let old = printed_token(&server).await;
    assert_eq!(server.log().matches("/setup#").count(), 1);
    server.signal(Signal::TERM);
    server.exit().await;
    let mut server = server.again().await;
    let new = printed_token(&server).await;
    set_up(&way, &old, "mallory").await.refused(403, "forbidden");
    set_up(&way, &new, "root").await.granted(201);
    server.signal(Signal::TERM);
    server.exit().await;
    let mut server = server.again().await;
    log_in(&way, "root", PASSWORD).await.granted(200);
    server.signal(Signal::TERM);
    server.exit().await;
    assert!(!server.log().contains("setup"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_be_made_before_the_server_ever_ran() {
    let folder = tempfile::tempdir().unwrap();
    let data = nowhere(&folder).await;
    let create = ["admin", "create", "root", "--password-stdin"];
    anonchat(&data, &create, &format!("{PASSWORD}\n")).await.well();
    for entry in std::fs::read_dir(&data.data_dir).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    let listed = anonchat(&data, &["admin", "list", "--json"], "").await.well();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let account = &listed["accounts"][0];
    assert_eq!(
        (&account["login"], &account["role"], &account["state"]),
        (&"root".into(), &"operator".into(), &"active".into())
    );
    let mut server = Process::start_on(data, &[]).await;
    let way = server.way(Ipv4Addr::LOCALHOST);
    let tokens = log_in(&way, "root", PASSWORD).await;
    let root = Person::register(&way, "other").await.with_tokens(tokens.granted(200));
    root.get("/admin/overview").await.granted(200);
    server.signal(Signal::TERM);
    server.exit().await;
    assert!(!server.log().contains("setup"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_the_command_line_makes_another_operator() {
    let (_folder, server, _) = running().await;
    let data = server.storage().clone();
    let way = server.way(Ipv4Addr::LOCALHOST);
    let printed = printed_token(&server).await;
    let link = anonchat(&data, &["admin", "setup-link"], "").await.well();
    assert!(link.starts_with("http://127.0.0.1:8080/setup#"), "{link}");
    set_up(&way, &printed, "mallory").await.refused(403, "forbidden");
    set_up(&way, &token_of(&link), "root").await.granted(201);
    set_up(&way, &token_of(&link), "second").await.refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_hears_of_accounts_that_are_disabled_and_enabled() {
    let (_folder, server, ann) = running().await;
    let data = server.storage().clone();
    let room = ann.create_room("Kitchen", 5).await;
    let mut socket = ann.join(&room).await;
    anonchat(&data, &["admin", "disable", "Ann-Account"], "").await.well();
    log_in(&ann.way, &ann.login, PASSWORD).await.refused(401, "invalid_credentials");
    assert_eq!(socket.close_code().await, 4401);
    assert!(!ann.is_signed_in().await);
    let listed = anonchat(&data, &["admin", "list"], "").await.well();
    let words: Vec<_> = listed.split_whitespace().collect();
    assert_eq!(words, ["ann-account", "person", "disabled"]);
    anonchat(&data, &["admin", "enable", "ann-account"], "").await.well();
    log_in(&ann.way, &ann.login, PASSWORD).await.granted(200);
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_hears_of_new_passwords_and_ended_sessions() {
    let (_folder, server, ann) = running().await;
    let data = server.storage().clone();
    let room = ann.create_room("Kitchen", 5).await;
    let ben = Person::register(&ann.way, "ben").await;
    let (mut hers, mut his) = (ann.join(&room).await, ben.join(&room).await);
    let passwd = ["admin", "passwd", "ann-account", "--password-stdin"];
    anonchat(&data, &passwd, OTHER_PASSWORD).await.well();
    assert_eq!(hers.close_code().await, 4401);
    log_in(&ann.way, &ann.login, PASSWORD).await.refused(401, "invalid_credentials");
    log_in(&ann.way, &ann.login, OTHER_PASSWORD).await.granted(200);
    assert!(ben.is_signed_in().await);
    let said = anonchat(&data, &["admin", "logout-all", "ben-account"], "").await.well();
    assert_eq!(said, "sessions ended: 1\n");
    assert_eq!(his.close_code().await, 4401);
    let said = anonchat(&data, &["admin", "logout-all"], "").await.well();
    assert_eq!(said, "sessions ended: 1\n");
    drop(server);
}

/// The name of the key that signed an access token.
fn kid(access_token: &str) -> String {
    let header = access_token.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// What `anonchat secret` says, a line for each key: its name, and what is done with it.
fn keys(said: &str) -> Vec<(String, String)> {
    let pairs = said.lines().map(|line| line.split_once("  ").unwrap());
    pairs.map(|(kid, state)| (kid.to_owned(), state.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_signs_with_a_new_key_and_believes_the_old_one_for_a_while() {
    let (_folder, server, ann) = running().await;
    let data = server.storage().clone();
    let room = ann.create_room("Kitchen", 5).await;
    let mut socket = ann.join(&room).await;
    let listed = keys(&anonchat(&data, &["secret", "list"], "").await.well());
    assert_eq!(listed, [(kid(&ann.access), "signs".to_owned())]);
    let rotated = keys(&anonchat(&data, &["secret", "rotate"], "").await.well());
    assert_eq!(rotated[0].0, kid(&ann.access));
    assert_eq!(rotated[0].1, "believed for 960 s", "fifteen minutes and one");
    assert_eq!(rotated[1].1, "signs");
    eventually("the new key signs", async || {
        let tokens = log_in(&ann.way, &ann.login, PASSWORD).await;
        kid(tokens.granted(200)["access_token"].as_str().unwrap()) == rotated[1].0
    })
    .await;
    assert!(ann.is_signed_in().await);
    assert_eq!(socket.say("still here").await, 1);
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_key_that_is_given_up_is_believed_no_more_and_nobody_is_logged_out() {
    let (_folder, server, ann) = running().await;
    let data = server.storage().clone();
    let room = ann.create_room("Kitchen", 5).await;
    let mut socket = ann.join(&room).await;
    let rotated = keys(&anonchat(&data, &["secret", "rotate", "--now"], "").await.well());
    assert_eq!(rotated.len(), 1);
    assert_eq!(socket.close_code().await, 4401);
    assert!(!ann.is_signed_in().await);
    let tokens = post(&ann.way, "/auth/refresh", json!({ "token": ann.refresh })).await;
    let ann = ann.with_tokens(tokens.granted(200));
    assert_eq!(kid(&ann.access), rotated[0].0);
    let mut socket = ann.join(&room).await;
    assert_eq!(socket.say("back again").await, 1);

    let listed = anonchat(&data, &["secret", "list", "--json"], "").await.well();
    let json: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(json["keys"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&json["keys"][0]["kid"], &json["keys"][0]["signs"]),
        (&rotated[0].0.as_str().into(), &true.into())
    );
    let file = std::fs::read_to_string(data.data_dir.join("signing.keys")).unwrap();
    let key = file.split_whitespace().last().unwrap();
    assert!(!listed.contains(key) && !server.log().contains(key));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_are_their_owners_alone_and_are_made_before_the_server_ever_ran() {
    let folder = tempfile::tempdir().unwrap();
    let data = nowhere(&folder).await;
    let missing = anonchat(&data, &["secret", "list"], "").await;
    assert!(missing.err.starts_with("error: there is no data directory "), "{}", missing.err);
    let rotated = keys(&anonchat(&data, &["secret", "rotate"], "").await.well());
    let mut server = Process::start_on(data.clone(), &[]).await;
    let ann = Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    assert_eq!(kid(&ann.access), rotated[1].0);
    server.signal(Signal::TERM);
    server.exit().await;

    let file = data.data_dir.join("signing.keys");
    let set_mode = |mode| std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    set_mode(0o644);
    for command in [&["secret", "list"][..], &["secret", "rotate"], &["--addr", "127.0.0.1:0"]] {
        anonchat(&data, command, "").await.badly(
            &format!("the signing keys {} are open to other users (mode 0644)", file.display()),
            "others may know the keys: chmod 600 the file, then `anonchat secret rotate --now`",
        );
    }
    set_mode(0o600);
    std::fs::write(&file, "no keys").unwrap();
    anonchat(&data, &["secret", "rotate"], "").await.badly(
        &format!("the signing keys {} are damaged", file.display()),
        "make a new one: `anonchat secret rotate --now`",
    );
    anonchat(&data, &["secret", "rotate", "--now"], "").await.well();
    anonchat(&data, &["secret", "list"], "").await.well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_changed_key_signed_is_good_after_a_move() {
    let folder = tempfile::tempdir().unwrap();
    let data = Storage { data_dir: folder.path().join("data"), ..Storage::default() };
    let mut server = Process::start_on(data.clone(), &[]).await;
    let early = Person::register(&server.way(Ipv4Addr::LOCALHOST), "early").await;
    server.signal(Signal::TERM);
    server.exit().await;
    // More keys than a file may hold that has to stop after 1024 bytes.
    for _ in 0..20 {
        anonchat(&data, &["secret", "rotate"], "").await.well();
    }
    let mut server = server.again().await;
    let late = Person::register(&server.way(Ipv4Addr::LOCALHOST), "late").await;
    assert_ne!(kid(&early.access), kid(&late.access));
    server.signal(Signal::TERM);
    server.exit().await;

    let elsewhere = Storage { data_dir: folder.path().join("elsewhere"), ..data.clone() };
    let target = format!("sqlite:{}", elsewhere.data_dir.display());
    let cut_off = Command::new("/bin/sh")
        .args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_anonchat")])
        .args(["migrate", "--from", "sqlite", "--to", &target, "--data-dir"])
        .arg(&data.data_dir)
        .current_dir(folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    assert!(!cut_off.status.success(), "{cut_off:?}");
    let is_there = |name| elsewhere.data_dir.join(name).exists();
    assert!(is_there("secret.key") && !is_there("signing.keys"), "half a file of keys is none");

    anonchat(&data, &["migrate", "--from", "sqlite", "--to", &target], "").await.well();
    let server = Process::start_on(elsewhere, &[]).await;
    for person in [early, late] {
        let person = Person { way: server.way(Ipv4Addr::LOCALHOST), ..person };
        assert!(person.is_signed_in().await, "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_hears_of_a_room_that_is_removed() {
    let (_folder, server, ann) = running().await;
    let data = server.storage().clone();
    let (doomed, kept) = (ann.create_room("Doomed", 5).await, ann.create_room("Kept", 5).await);
    let (mut gone, mut there) = (ann.join(&doomed).await, ann.join(&kept).await);
    let listed = anonchat(&data, &["room", "list"], "").await.well();
    assert!(listed.contains(&doomed) && listed.contains("Kept"), "{listed}");
    let shown = anonchat(&data, &["room", "show", &doomed, "--json"], "").await.well();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["name"], &shown["visibility"]), (&"Doomed".into(), &"unlisted".into()));
    assert!(!shown.to_string().contains("ann"), "{shown}");
    anonchat(&data, &["room", "remove", &doomed.to_lowercase()], "").await.well();
    assert_eq!(gone.close_code().await, 4410);
    assert_eq!(there.say("still here").await, 1);
    let listed = anonchat(&data, &["room", "list", "--json"], "").await.well();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["rooms"].as_array().unwrap().len(), 1);
    let again = anonchat(&data, &["room", "remove", &doomed], "").await;
    again.badly("there is no room with this id", "`anonchat room list` shows every room");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = nowhere(&folder).await;
    let create = ["admin", "create", "root", "--password-stdin"];
    let missing = anonchat(&data, &["admin", "list"], "").await;
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.starts_with("error: there is no data directory "), "{}", missing.err);
    anonchat(&data, &create, "password").await.badly(
        "the password is too easy to guess: choose one that is not common and not your login or \
         e-mail",
        "use 8 to 256 characters that nobody would guess",
    );
    anonchat(&data, &create, PASSWORD).await.well();
    anonchat(&data, &create, PASSWORD).await.badly(
        "the login or e-mail address is in use",
        "choose another login, or set a new password with `anonchat admin passwd`",
    );
    anonchat(&data, &["admin", "disable", "nobody"], "")
        .await
        .badly("there is no account with this login", "`anonchat admin list` shows every account");
    for usage in [
        &["admin", "create", "root"][..],
        &["admin", "create", "root", "--password", PASSWORD],
        &["admin", "create", "x", "--password-stdin"],
        &["room", "show", "nonsense"],
        &["admin"],
    ] {
        assert_eq!(anonchat(&data, usage, "").await.code, Some(2), "{usage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_replaces_the_data_is_taken_for_no_server_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = nowhere(&folder).await;
    anonchat(&data, &["admin", "create", "keeper", "--password-stdin"], PASSWORD).await.well();
    // As `anonchat restore` works; a signal that it does not expect would end it half-way.
    let mut other = Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
    let _lock = DataDir::find(&data.data_dir).unwrap().lock(Purpose::Replace).unwrap();
    let process = other.id().unwrap();
    std::fs::write(data.data_dir.join(LOCK), format!("{process} replaces\n")).unwrap();
    for command in [
        &["reload"][..],
        &["admin", "list"],
        &["admin", "setup-link"],
        &["admin", "passwd", "keeper", "--password-stdin"],
        &["room", "list"],
    ] {
        let said = anonchat(&data, command, OTHER_PASSWORD).await;
        assert_eq!((said.code, said.out.as_str()), (Some(75), ""), "{command:?} {}", said.err);
        let whose = format!("error: another AnonChat (process {process}) works with");
        assert!(said.err.starts_with(&whose), "{command:?} {}", said.err);
    }
    assert!(other.try_wait().unwrap().is_none(), "it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_needs_a_newer_schema_than_the_running_server_has_is_refused() {
    let (_folder, server, _) = running().await;
    let data = server.storage().clone();
    let newest = "DELETE FROM refinery_schema_history
                  WHERE version = (SELECT max(version) FROM refinery_schema_history)";
    database::execute(&data, newest).await;
    anonchat(&data, &["admin", "logout-all"], "").await.badly(
        "the server that runs on this data is older than this program",
        "restart it first, so that it is of the same version",
    );
    drop(server);
}
