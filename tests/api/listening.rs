//! Where the server listens besides a port, and what it takes over while it runs.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    num::NonZeroU32,
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::Path,
    process::Stdio,
};

use anonchat::config::ListenAddr;
use futures_util::{SinkExt, StreamExt};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::UnixStream,
    process::{Child, Command},
    sync::watch,
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    harness::{PASSWORD, PATIENCE, Person, Server, Way},
    process::Process,
    supervision::{Manager, health},
};

/// To the server behind a socket in the file system.
fn way_through(path: &Path) -> Way {
    let http = reqwest::Client::builder().timeout(PATIENCE).unix_socket(path).build().unwrap();
    Way { authority: "localhost".to_owned(), from: Ipv4Addr::LOCALHOST, http }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_talk_through_a_unix_socket() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("anonchat.sock");
    // One that a process has left behind that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listen = ListenAddr::Unix(path.clone());
    let mut server = Server::start_with(|config| config.server.addr = listen).await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    let ann = Person::register(&way_through(&path), "ann").await;
    let room = ann.create_room("no port", 10).await;

    let stream = UnixStream::connect(&path).await.unwrap();
    let request = ann.socket_request(&room, "");
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let send = json!({ "type": "send", "id": "1", "message": "through a file" });
    socket.send(Message::text(send.to_string())).await.unwrap();
    let mut heard = Vec::new();
    while !heard.contains(&"ack".to_owned()) {
        let frame = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        if let Message::Text(text) = frame {
            let frame: Value = serde_json::from_str(&text).unwrap();
            heard.push(frame["type"].as_str().unwrap().to_owned());
        }
    }
    let addr = format!("unix:{}", path.display());
    assert_eq!(health(&["--addr", &addr]).await.0, Some(0));
    drop(socket);
    server.stop().await;
    assert!(!path.exists(), "the file goes with the server");
}

#[tokio::test(flavor = "multi_thread")]
async fn through_a_unix_socket_only_forwarded_addresses_are_limited() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("anonchat.sock");
    let _server = Server::start_with(|config| {
        config.server.addr = ListenAddr::Unix(path.clone());
        config.server.rate_limits.registrations.max = NonZeroU32::MIN;
    })
    .await;
    let way = way_through(&path);
    let register = async |name: &str, forwarded_for: Option<&str>| {
        let email = format!("{name}@mail.example");
        let body = json!({ "login": name, "email": email, "password": PASSWORD });
        let mut request = way.http.post("http://localhost/api/v1/auth/register").json(&body);
        if let Some(address) = forwarded_for {
            request = request.header("x-forwarded-for", address);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(register("ann-account", None).await, 201);
    assert_eq!(register("ben-account", None).await, 201);
    assert_eq!(register("cat-account", Some("192.0.2.1")).await, 201);
    assert_eq!(register("dan-account", Some("192.0.2.1")).await, 429);
    assert_eq!(register("eve-account", Some("192.0.2.2")).await, 201);
}

/// A server that is handed `listener`, as a service manager does it.
async fn start_on(listener: &TcpListener, data_dir: &Path) -> Child {
    let handed_over = Stdio::from(OwnedFd::from(listener.try_clone().unwrap()));
    let script = "exec 3<&0 </dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" \"$@\"";
    let mut child = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_anonchat"), "--data-dir"])
        .arg(data_dir)
        .env_clear()
        .env("ANONCHAT_SERVER__RATE_LIMITS__MODE", "off")
        .stdin(handed_over)
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let listens = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.starts_with("AnonChat listens on") {
                return line;
            }
        }
        panic!("it did not start");
    };
    let line = timeout(PATIENCE, listens).await.expect("it listens");
    assert!(line.ends_with(&listener.local_addr().unwrap().to_string()), "{line}");
    // What it says from here on stays in the pipe, which must not close.
    child.stderr = Some(lines.into_inner().into_inner());
    child
}

/// Stops a server as a service manager does.
async fn stop(server: &mut Child) {
    let pid = Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(timeout(PATIENCE, server.wait()).await.unwrap().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_socket_that_was_handed_over_nobody_is_refused_during_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let mut first = start_on(&listener, &data).await;
    let ready = || reqwest::get(format!("http://{addr}/readyz"));
    assert_eq!(ready().await.unwrap().status(), 200);
    stop(&mut first).await;
    // Nobody accepts now; the connection waits for who comes.
    let (waited, _second) = tokio::join!(ready(), start_on(&listener, &data));
    assert_eq!(waited.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_socket_that_was_handed_over_restarts_cost_no_request() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut server = start_on(&listener, &data).await;
    // A connection for each request: whether one that was kept is still good, nobody can know.
    let http = reqwest::Client::builder().timeout(PATIENCE).pool_max_idle_per_host(0);
    let authority = listener.local_addr().unwrap().to_string();
    let way = Way { authority, from: Ipv4Addr::LOCALHOST, http: http.build().unwrap() };
    let ann = Person::register(&way, "ann").await;
    let room = ann.create_room("restarts", 10).await;

    let (tell, mut said) = watch::channel(0_u64);
    let path = format!("/rooms/{room}/messages");
    let talks = async {
        loop {
            let text = format!("number {}", *tell.borrow());
            let answer = ann.post(&path, json!({ "id": text, "message": text })).await;
            assert_eq!(answer.status, 201);
            tell.send_modify(|said| *said += 1);
        }
    };
    let restarts = async {
        for _ in 0..5 {
            said.changed().await.unwrap();
            stop(&mut server).await;
            server = start_on(&listener, &data).await;
        }
    };
    tokio::select! {
        () = talks => {}
        () = restarts => {}
    }
    let stored = ann.get(&path).await.data()["head"].as_u64().unwrap();
    let said = *tell.borrow();
    // The last one may have been on its way when the test had seen enough.
    assert!(stored == said || stored == said + 1, "{stored} stored, {said} acknowledged");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sighup_limits_hold_anew_and_a_wrong_configuration_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (file, manager) = (dir.path().join("chat.yaml"), Manager::in_dir(dir.path()));
    let limit = |max: u32| format!("server:\n  rate-limits:\n    max-requests: {max}\n");
    fs::write(&file, limit(70)).unwrap();
    let environment = [
        ("NOTIFY_SOCKET", manager.path.clone()),
        ("ANONCHAT_SERVER__RATE_LIMITS__MODE", "on".to_owned()),
    ];
    let arguments = ["--config", file.to_str().unwrap()];
    let server = Process::start_in(&dir.path().join("data"), &arguments, &environment).await;
    manager.hears_of("READY=1").await;
    let limit_now = async || {
        let url = format!("http://{}/api/v1/status", server.addr);
        let answer = reqwest::get(url).await.unwrap();
        answer.headers()["x-ratelimit-limit"].to_str().unwrap().to_owned()
    };
    assert_eq!(limit_now().await, "70");

    fs::write(&file, limit(80)).unwrap();
    server.signal(Signal::HUP);
    let told = manager.hears_of("READY=1").await;
    assert!(told[0].starts_with("RELOADING=1\nMONOTONIC_USEC="), "{told:?}");
    assert_eq!(limit_now().await, "80");

    fs::write(&file, limit(0)).unwrap();
    server.signal(Signal::HUP);
    let told = manager.hears_of("READY=1").await;
    assert!(told.last().unwrap().contains("the changed configuration is wrong"), "{told:?}");
    assert_eq!(limit_now().await, "80");

    let reload = async || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anonchat"));
        let data_dir = dir.path().join("data");
        command.arg("reload").args(arguments).arg("--data-dir").arg(data_dir).env_clear();
        command.output().await.unwrap().status.code()
    };
    assert_eq!(reload().await, Some(78), "the command says so and tells the server nothing");
    fs::write(&file, limit(90)).unwrap();
    assert_eq!(reload().await, Some(0));
    let told = manager.hears_of("READY=1").await;
    assert!(!told.last().unwrap().contains("wrong"), "{told:?}");
    assert_eq!(limit_now().await, "90");
    let mut server = server;
    assert!(server.log().contains("use a whole number from 1"), "{}", server.log());
    server.kill().await;
    assert_eq!(reload().await, Some(1), "nobody is there");
}
