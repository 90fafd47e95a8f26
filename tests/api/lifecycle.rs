//! The program from its start to its end, as its operator sees it.

use std::{net::Ipv4Addr, process::Stdio};

use futures_util::{SinkExt, future::join_all};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    harness::{Person, Socket, eventually},
    process::Process,
    supervision::health,
};

/// Talks without a pause until the server closes: what was acknowledged, and the close code.
async fn talk_to_the_end(socket: &mut Socket, name: usize) -> (Vec<String>, Option<u16>) {
    let (mut said, mut acknowledged) = (0, Vec::new());
    let mut say = async |socket: &mut Socket| {
        said += 1;
        let id = format!("{name}-{said}");
        let frame = json!({ "type": "send", "id": id, "message": id });
        // That it cannot be sent shows when the end is read.
        let _ = socket.stream.send(Message::text(frame.to_string())).await;
    };
    for _ in 0..5 {
        say(socket).await;
    }
    loop {
        match socket.next().await {
            Some(Message::Text(text)) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                if frame["type"] == "ack" {
                    acknowledged.push(frame["id"].as_str().unwrap().to_owned());
                    say(socket).await;
                }
            }
            Some(Message::Close(close)) => return (acknowledged, close.map(|it| it.code.into())),
            Some(_) => {}
            None => return (acknowledged, None),
        }
    }
}

async fn texts(person: &Person, room: &str) -> Vec<String> {
    let (mut texts, mut after) = (Vec::new(), 0);
    loop {
        let path = format!("/rooms/{room}/messages?limit=200&after={after}");
        let page = person.get(&path).await;
        for message in page.data()["messages"].as_array().unwrap() {
            texts.push(message["message"].as_str().unwrap().to_owned());
            after = message["seq"].as_i64().unwrap();
        }
        if page.data()["has_more"] == false {
            return texts;
        }
    }
}

async fn ends_softly_on(signal: Signal, goodbye: u16) {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Process::start(&dir.path().join("data"), &[]).await;
    let way = server.way(Ipv4Addr::LOCALHOST);
    let names = ["ann", "ben", "cat"];
    let people = join_all(names.map(|name| Person::register(&way, name))).await;
    let room = people[0].create_room("until the end", 10).await;
    let mut sockets = join_all(people.iter().map(|person| person.join(&room))).await;
    let mut silent = people[0].join_narrow(&room, "").await;
    let talking = sockets.iter_mut().enumerate().map(|(name, it)| talk_to_the_end(it, name));
    let stop = async {
        while silent.message().await["seq"].as_i64().unwrap() < 100 {}
        server.signal(signal);
        assert!(server.exit().await.success());
    };
    let (talks, ()) = tokio::join!(join_all(talking), stop);
    let log = server.log();
    assert!(log.contains("stopped") && !log.contains("left behind"), "{log}");
    let server = server.again().await;
    let stored = texts(&people[0], &room).await;
    assert!(stored.len() >= 100);
    for (acknowledged, code) in talks {
        assert_eq!(code, Some(goodbye));
        assert!(!acknowledged.is_empty());
        assert!(acknowledged.iter().all(|text| stored.contains(text)), "something was lost");
    }
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sigterm_the_server_says_goodbye_and_loses_nothing() {
    ends_softly_on(Signal::TERM, 1012).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_ctrl_c_the_server_says_goodbye_and_loses_nothing() {
    ends_softly_on(Signal::INT, 1001).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_was_stored_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Process::start(&dir.path().join("data"), &[]).await;
    let ann = Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    let room = ann.create_room("lasting", 10).await;
    ann.join(&room).await.say("before").await;
    server.signal(Signal::TERM);
    assert!(server.exit().await.success());
    let mut server = server.again().await;
    let mut socket = ann.join_with(&room, "&since=0").await;
    assert_eq!(socket.message().await["message"], "before");
    assert_eq!(ann.get("/rooms").await.data()["rooms"][0]["name"], "lasting");
    server.signal(Signal::TERM);
    assert_eq!(socket.close_code().await, 1012);
    assert!(server.exit().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_stopped_as_soon_as_it_listens_still_ends_softly() {
    for _ in 0..5 {
        let dir = tempfile::tempdir().unwrap();
        let mut server = Process::start(&dir.path().join("data"), &[]).await;
        server.signal(Signal::TERM);
        let status = server.exit().await;
        assert!(status.success(), "{status}: {}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_data_is_told_whose_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut server = Process::start(&data, &[]).await;
    let second = tokio::process::Command::new(env!("CARGO_BIN_EXE_anonchat"))
        .args(["--addr", "127.0.0.1:0", "--data-dir"])
        .arg(&data)
        .env_clear()
        .output();
    let second = second.await.unwrap();
    assert_eq!(second.status.code(), Some(75));
    let said = String::from_utf8(second.stderr).unwrap();
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].starts_with("error: another AnonChat (process "), "{said}");
    assert!(lines[1].starts_with(" help: stop the other one first"), "{said}");
    assert_eq!(lines.len(), 2, "{said}");
    // The first one is not disturbed, and a crash leaves nothing locked.
    Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    server.kill().await;
    server.again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_starts_the_server_and_stops_listening_leaves_it_running() {
    let dir = tempfile::tempdir().unwrap();
    let addr = format!("unix:{}", dir.path().join("chat.sock").display());
    let mut server = tokio::process::Command::new(env!("CARGO_BIN_EXE_anonchat"))
        .args(["--addr", &addr, "--data-dir"])
        .arg(dir.path().join("data"))
        .env_clear()
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    drop(server.stderr.take());
    let ready = async || health(&["--addr", &addr]).await.0 == Some(0);
    eventually("a server whose lines nobody reads", ready).await;
    let pid = Pid::from_raw(server.id().expect("it runs").cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(server.wait().await.unwrap().success());
}

/// LOG-07: whatever the shell allowed, a crash leaves no image of the memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_no_image_of_the_memory() {
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(&dir.path().join("data"), &[]).await;
    let core_files = server.limit("Max core file size");
    assert_eq!(core_files, ["0", "0", "bytes"]);
}

/// LOG-07: what a panic was about may be somebody's.
#[test]
fn a_panic_tells_where_it_happened_and_not_what_was_in_the_values() {
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifecycle::panics_about_a_secret", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = [child.stdout, child.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(!child.status.success());
    assert!(said.contains("error: a bug at tests/api/lifecycle.rs:"), "{said}");
    assert!(!said.contains("Geheimwort"), "{said}");
}

#[test]
#[ignore = "the child of the test above"]
fn panics_about_a_secret() {
    anonchat::lifecycle::keep_to_yourself();
    panic!("not what was expected: {:?}", "Geheimwort");
}
