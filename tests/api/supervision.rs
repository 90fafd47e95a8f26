//! What looks after the server: probes, the health check, the service manager.

use std::{net::Ipv4Addr, path::Path};

use rustix::process::Signal;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UnixDatagram},
    time::timeout,
};

use crate::{
    harness::{PATIENCE, Person, Server},
    process::Process,
    tools::read_to_end,
};

const READY: &str = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Where the server tells its manager how it is.
pub struct Manager {
    socket: UnixDatagram,
    pub path: String,
}

impl Manager {
    pub fn in_dir(dir: &Path) -> Self {
        let path = dir.join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, path: path.to_str().unwrap().to_owned() }
    }

    /// The next thing it is told, one `NAME=value` on each line.
    async fn hears(&self) -> String {
        let mut buffer = [0; 4096];
        let heard = timeout(PATIENCE, self.socket.recv(&mut buffer)).await;
        let length = heard.expect("the manager is told something").unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    /// Listens until something is told that contains `text`; everything until then.
    pub async fn hears_of(&self, text: &str) -> Vec<String> {
        let mut heard = vec![self.hears().await];
        while !heard.last().unwrap().contains(text) {
            heard.push(self.hears().await);
        }
        heard
    }
}

/// How `anonchat healthcheck` ends, and what it says.
pub async fn health(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_anonchat"));
    let output = command.arg("healthcheck").args(arguments).env_clear().output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_answer_without_a_limit_and_without_an_envelope() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.requests.max = std::num::NonZeroU32::MIN;
    })
    .await;
    for _ in 0..5 {
        for (path, expected) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
            let url = format!("http://{}{path}", server.authority());
            let answer = server.http.get(url).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["cache-control"], "no-store");
            assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
            assert_eq!(answer.text().await.unwrap(), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_is_not_ready_any_more() {
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::in_dir(dir.path());
    let environment = [("NOTIFY_SOCKET", manager.path.clone())];
    let mut server = Process::start_in(&dir.path().join("data"), &[], &environment).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    // So that the connection is surely accepted.
    let (before, after) = READY.split_at(20);
    stream.write_all(before.as_bytes()).await.unwrap();
    assert_eq!(health(&["--addr", &server.addr.to_string()]).await.0, Some(0));
    server.signal(Signal::TERM);
    manager.hears_of("STOPPING=1").await;
    stream.write_all(after.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("stopping\n"), "{answer}");
    assert!(server.exit().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_just_before_the_end_is_still_answered() {
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::in_dir(dir.path());
    let environment = [("NOTIFY_SOCKET", manager.path.clone())];
    let mut server = Process::start_in(&dir.path().join("data"), &[], &environment).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    // Who came later was answered: the connection is accepted, though nothing was said on it.
    assert_eq!(health(&["--addr", &server.addr.to_string()]).await.0, Some(0));
    server.signal(Signal::TERM);
    manager.hears_of("STOPPING=1").await;
    stream.write_all(READY.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.ends_with("stopping\n"), "{answer:?}");
    assert!(server.exit().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_asks_where_the_server_listens() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Process::start(&dir.path().join("data"), &[]).await;
    let addr = server.addr.to_string();
    let well = health(&["--addr", &addr]).await;
    assert_eq!(well, (Some(0), "ready\n".to_owned(), String::new()));
    server.kill().await;
    let (code, said, problem) = health(&["--addr", &addr]).await;
    assert_eq!((code, said.as_str()), (Some(1), ""));
    let lines: Vec<_> = problem.lines().collect();
    assert!(lines[0].starts_with(&format!("error: no answer from {addr}: ")), "{problem}");
    assert!(lines[1].starts_with(" help: "), "{problem}");
    assert_eq!(lines.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manager_is_told_of_readiness_counts_wellbeing_and_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let manager = Manager::in_dir(dir.path());
    let environment = [
        ("NOTIFY_SOCKET", manager.path.clone()),
        ("WATCHDOG_USEC", "300000".to_owned()),
        ("JOURNAL_STREAM", "1:1".to_owned()),
    ];
    let mut server = Process::start_in(&dir.path().join("data"), &[], &environment).await;
    let begins = manager.hears_of("READY=1").await;
    let ready = begins.last().unwrap();
    assert_eq!(ready.trim_end(), "READY=1\nSTATUS=serving 0 rooms, 0 sockets");
    assert!(!begins.iter().any(|told| told.contains("STOPPING")));

    let ann = Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    let room = ann.create_room("counted", 10).await;
    let socket = ann.join(&room).await;
    let told = manager.hears_of("STATUS=serving 1 rooms, 1 sockets").await;
    manager.hears_of("WATCHDOG=1").await;
    let everything = told.concat();
    assert!(!everything.contains(&room) && !everything.contains("127.0.0.1"), "{everything}");

    drop(socket);
    server.signal(Signal::TERM);
    manager.hears_of("STOPPING=1").await;
    assert!(server.exit().await.success());
    // What is meant for the journal goes nowhere else.
    assert!(!server.log().contains("<6>"), "{}", server.log());
}

#[cfg(not(feature = "postgres"))]
#[tokio::test(flavor = "multi_thread")]
async fn while_storage_does_not_work_the_watchdog_is_not_fed_and_nobody_is_sent_here() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let manager = Manager::in_dir(dir.path());
    let environment =
        [("NOTIFY_SOCKET", manager.path.clone()), ("WATCHDOG_USEC", "300000".to_owned())];
    let server = Process::start_in(&data, &[], &environment).await;
    let ann = Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    let room = ann.create_room("counted", 10).await;
    let (first, second) = (ann.join(&room).await, ann.join(&room).await);
    manager.hears_of("1 rooms, 2 sockets").await;

    let database = rusqlite::Connection::open(data.join("anonchat.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    drop(first);
    let mut told = manager.hears_of("1 rooms, 1 sockets").await;
    drop(second);
    told.extend(manager.hears_of("0 sockets").await);
    let fed = told.iter().filter(|told| told.contains("WATCHDOG=1")).count();
    assert!(fed <= 1, "one may have been on its way: {told:?}");
    let (code, _, problem) = health(&["--addr", &server.addr.to_string()]).await;
    assert_eq!(code, Some(1));
    assert!(problem.contains("is not ready: storage is unavailable"), "{problem}");

    database.execute_batch("ROLLBACK").unwrap();
    manager.hears_of("WATCHDOG=1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_on_an_address_of_their_own_and_name_nobody() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.metrics_addr = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("counted", 10).await;
    let mut socket = ann.join(&room).await;
    socket.say("one").await;
    socket.say("two").await;
    ann.get("/rooms/nowhere").await;
    let figures = async || {
        let url = format!("http://{}/metrics", server.metrics_addr());
        reqwest::get(url).await.unwrap().text().await.unwrap()
    };
    let page = figures().await;
    for line in [
        "anonchat_sockets 1",
        "anonchat_rooms_awake 1",
        "anonchat_storage_up 1",
        "anonchat_commands_total 2",
        "anonchat_requests_total{status=\"4xx\"} 1",
        "anonchat_rate_limited_total 0",
    ] {
        assert!(page.lines().any(|it| it == line), "{line}\n{page}");
    }
    assert!(!page.contains(&room) && !page.contains("ann ") && !page.contains("127."), "{page}");
    for _ in 0..=20 {
        socket.send(serde_json::json!({ "type": "nonsense" })).await;
    }
    assert_eq!(socket.close_code().await, 4400);
    assert!(figures().await.contains("anonchat_socket_closes_total{code=\"4400\"} 1"));
    let main = format!("http://{}/metrics", server.authority());
    let answer = reqwest::get(main).await.unwrap().text().await.unwrap();
    assert!(!answer.contains("anonchat_sockets"), "{answer}");
}
