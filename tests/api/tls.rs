//! TLS by the server itself: what people do works over it as it does without, and a certificate is
//! renewed while they are there.

use std::{
    fs::{self, Permissions},
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anonchat::config::Config;
use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustix::process::Signal;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpSocket, TcpStream},
    process::Command,
    task::JoinSet,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::{
    harness::{NARROW, PATIENCE, Person, Server, Way},
    process::Process,
    supervision::{Manager, health},
    tools::read_to_end,
};

/// A certificate for `localhost` and its key, in files.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    dir: TempDir,
}

impl Files {
    /// With the certificate that is in them.
    fn new() -> (Self, CertificateDer<'static>) {
        let dir = tempfile::tempdir().unwrap();
        let path = |name| dir.path().join(name);
        let files = Self { certificate: path("chat.pem"), key: path("chat.key"), dir };
        let certificate = files.renew();
        (files, certificate)
    }

    /// Writes another pair.
    fn renew(&self) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(&self.certificate, cert.pem()).unwrap();
        fs::write(&self.key, signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&self.key, Permissions::from_mode(0o640)).unwrap();
        cert.der().clone()
    }

    fn set(&self, config: &mut Config) {
        config.server.tls.certificate = Some(self.certificate.clone());
        config.server.tls.key = Some(self.key.clone());
    }

    /// A configuration file that names them.
    fn configuration(&self) -> PathBuf {
        let file = self.dir.path().join("chat.yaml");
        let (certificate, key) = (self.certificate.display(), self.key.display());
        let yaml = format!("server: {{tls: {{certificate: {certificate}, key: {key}}}}}\n");
        fs::write(&file, yaml).unwrap();
        file
    }
}

/// A client that believes this certificate alone.
fn connector(certificate: &CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Comes to terms with the server at `addr`, if it has this certificate.
async fn connect(
    addr: SocketAddr,
    certificate: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(NARROW)?;
    let stream = socket.connect(addr).await?;
    connector(certificate).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Speaks TLS to a server for clients that do not: whatever comes to it goes there.
struct Tunnel {
    addr: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Tunnel {
    fn to(server: SocketAddr, certificate: CertificateDer<'static>) -> Self {
        let entrance = TcpSocket::new_v4().unwrap();
        entrance.set_send_buffer_size(NARROW).unwrap();
        entrance.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let entrance = entrance.listen(64).unwrap();
        let addr = entrance.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(forward(entrance, server, certificate));
        Self { addr, _tasks: tasks }
    }

    fn way(&self) -> Way {
        Way::new(self.addr.to_string(), Ipv4Addr::LOCALHOST)
    }
}

async fn forward(entrance: TcpListener, server: SocketAddr, certificate: CertificateDer<'static>) {
    let mut tunnels = JoinSet::new();
    while let Ok((mut near, _)) = entrance.accept().await {
        let certificate = certificate.clone();
        tunnels.spawn(async move {
            let mut far = connect(server, &certificate).await.unwrap();
            // How a tunnel ends, its client sees.
            let _ = copy_bidirectional(&mut near, &mut far).await;
        });
    }
}

/// A server that speaks TLS, and a tunnel to it.
async fn start_with(change: impl FnOnce(&mut Config)) -> (Server, Files, Tunnel) {
    let (files, certificate) = Files::new();
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        files.set(config);
        change(config);
    })
    .await;
    let tunnel = Tunnel::to(server.authority().parse().unwrap(), certificate);
    (server, files, tunnel)
}

#[tokio::test(flavor = "multi_thread")]
async fn people_register_and_talk_over_tls_and_are_told_to_stay_there() {
    let (_server, _files, tunnel) = start_with(|_| {}).await;
    let way = tunnel.way();
    let (ann, ben) = (Person::register(&way, "ann").await, Person::register(&way, "ben").await);
    let answer = ann.get("/auth/validate").await;
    let stay = answer.headers["strict-transport-security"].to_str().unwrap();
    assert!(stay.starts_with("max-age=63072000"), "{stay}");
    let room = ann.create_room("behind walls", 10).await;
    let (mut talker, mut listener) = (ann.join(&room).await, ben.join(&room).await);
    for n in 1..=100 {
        talker.say(&format!("number {n}")).await;
        assert_eq!(listener.message().await["message"], format!("number {n}"));
    }
    talker.close().await;
    ann.delete("/auth/account", serde_json::json!({ "password": crate::harness::PASSWORD })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_stay_in_the_clear_on_their_own_address() {
    let (server, _files, _tunnel) = start_with(|config| {
        config.server.metrics_addr = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let url = format!("http://{}/metrics", server.metrics_addr());
    assert_eq!(reqwest::get(url).await.unwrap().status(), 200);
}

/// Nearly the longest message, in bytes.
const LONG: usize = 16_000;

fn long_text() -> String {
    "𝄞".repeat(LONG / 4)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_socket_does_not_take_at_once_follows_whole_and_in_order() {
    let (_server, _files, tunnel) = start_with(|_| {}).await;
    let way = tunnel.way();
    let (ann, ben) = (Person::register(&way, "ann").await, Person::register(&way, "ben").await);
    let room = ann.create_room("in bursts", 10).await;
    let (mut talker, mut slow) = (ann.join(&room).await, ben.join_narrow(&room, "").await);
    let text = long_text();
    for burst in 0..10 {
        // More than a narrow socket takes, less than may wait for one.
        for _ in 0..50 {
            talker.say(&text).await;
        }
        for n in 1..=50 {
            let message = slow.message().await;
            assert_eq!(message["seq"], burst * 50 + n);
            assert_eq!(message["message"], text);
        }
    }
    let mut late = ben.join_narrow(&room, "&since=0").await;
    for seq in 1..=500 {
        assert_eq!(late.message().await["seq"], seq);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_reads_nothing_over_tls_is_cut_off_alone() {
    let (_server, _files, tunnel) = start_with(|config| {
        config.server.timeouts.write = Duration::from_hours(1);
    })
    .await;
    let way = tunnel.way();
    let people = Person::register_all(&way, 3).await;
    let room = people[0].create_room("one sleeps", 10).await;
    let mut talker = people[0].join(&room).await;
    let mut listener = people[1].join(&room).await;
    let mut sleeper = people[2].join_narrow(&room, "").await;
    while listener.expect("presence").await["online"] != 3 {}
    let (text, mut head) = (long_text(), 0);
    let mut is_alone = false;
    while !is_alone {
        head = talker.say(&text).await;
        loop {
            let frame = listener.frame().await;
            is_alone |= frame["type"] == "presence" && frame["online"] == 2;
            if frame["type"] == "message" {
                assert_eq!(frame["seq"], head);
                break;
            }
        }
    }
    let mut last = 0;
    let code = loop {
        match sleeper.next().await {
            Some(Message::Text(text)) => {
                let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
                if frame["type"] == "message" {
                    last += 1;
                    assert_eq!(frame["seq"], last);
                }
            }
            Some(Message::Close(close)) => break close.map(|close| close.code),
            Some(_) => {}
            None => break None,
        }
    };
    assert!(code.is_none_or(|code| code == CloseCode::from(4408)), "{code:?}");
    assert!(last < head, "it was slow");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_socket_is_told_and_cannot_be_taken_for_a_cut() {
    let (files, certificate) = Files::new();
    let server = Server::start_with(|config| files.set(config)).await;
    let addr = server.authority().parse().unwrap();
    let tunnel = Tunnel::to(addr, certificate.clone());
    let ann = Person::register(&tunnel.way(), "ann").await;
    let room = ann.create_room("closing time", 10).await;
    let stream = connect(addr, &certificate).await.unwrap();
    let request = ann.socket_request(&room, "");
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    socket.send(Message::Close(None)).await.unwrap();
    while !matches!(socket.next().await.unwrap().unwrap(), Message::Close(_)) {}
    let mut rest = Vec::new();
    let read = socket.get_mut().read_to_end(&mut rest).await;
    assert_eq!(read.expect("TLS ends before the connection does"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_come_to_terms_is_not_waited_for() {
    let (server, ..) = start_with(|config| {
        config.server.timeouts.read = Duration::from_millis(300);
    })
    .await;
    let beginnings: [&[u8]; 4] = [
        b"",
        b"\x16",
        // The head of a record and of a hello, and no more of it.
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for beginning in beginnings {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        stream.write_all(beginning).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(!answer.contains("HTTP/1.1 2"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_stalls_under_tls_is_not_waited_for() {
    let (files, certificate) = Files::new();
    let server = Server::start_with(|config| {
        config.server.timeouts.read = Duration::from_millis(300);
        files.set(config);
    })
    .await;
    let addr = server.authority().parse().unwrap();
    for beginning in ["", "GET /api/v1/sta"] {
        let mut stream = connect(addr, &certificate).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert!(!answer.contains("HTTP/1.1 2"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_clients_that_have_not_come_to_terms() {
    let (mut server, ..) = start_with(|config| {
        config.server.timeouts.read = Duration::from_mins(5);
    })
    .await;
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    stream.write_all(b"\x16").await.unwrap();
    server.stop().await;
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_over_while_sockets_stay_and_a_wrong_one_is_not() {
    let (files, first) = Files::new();
    let configuration = files.configuration();
    let arguments = ["--config", configuration.to_str().unwrap()];
    let manager = Manager::in_dir(files.dir.path());
    let environment = [("NOTIFY_SOCKET", manager.path.clone())];
    let data = files.dir.path().join("data");
    let server = Process::start_in(&data, &arguments, &environment).await;
    assert!(server.log().contains("https://127.0.0.1:"), "{}", server.log());
    manager.hears_of("READY=1").await;
    let tunnel = Tunnel::to(server.addr, first.clone());
    let ann = Person::register(&tunnel.way(), "ann").await;
    let room = ann.create_room("renewal", 10).await;
    let mut socket = ann.join(&room).await;

    let second = files.renew();
    connect(server.addr, &first).await.expect("nobody has asked for another one yet");
    server.signal(Signal::HUP);
    let told = manager.hears_of("READY=1").await;
    assert!(!told.last().unwrap().contains("wrong"), "{told:?}");
    connect(server.addr, &second).await.expect("the new certificate");
    assert!(connect(server.addr, &first).await.is_err(), "the old one is gone");
    socket.say("still here").await;

    fs::write(&files.certificate, "-----BEGIN CERTIFICATE-----\nhalf of it").unwrap();
    server.signal(Signal::HUP);
    let told = manager.hears_of("READY=1").await;
    assert!(told.last().unwrap().contains("the changed configuration is wrong"), "{told:?}");
    connect(server.addr, &second).await.expect("the certificate from before");
    socket.say("still here, too").await;

    let addr = server.addr.to_string();
    let well = health(&[&arguments[..], &["--addr", &addr]].concat()).await;
    assert_eq!(well, (Some(0), "ready\n".to_owned(), String::new()));
    let mut server = server;
    server.signal(Signal::TERM);
    assert_eq!(socket.close_code().await, 1012);
    assert!(server.exit().await.success());
    assert!(server.log().contains("the old certificate stays"), "{}", server.log());
}

/// How a server ends that cannot start with these files, and what it says.
async fn refusal(files: &Files) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anonchat"));
    command.arg("--config").arg(files.configuration()).args(["--addr", "127.0.0.1:0"]);
    command.arg("--data-dir").arg(files.dir.path().join("data")).env_clear().kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.expect("it ends").unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// What is said of files, and what was done to them.
type Spoiled = (&'static str, fn(&Files));

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_pair_are_refused_with_what_to_do() {
    let spoiled: [Spoiled; 5] = [
        ("cannot be used with the key", |files| {
            let before = fs::read(&files.certificate).unwrap();
            files.renew();
            fs::write(&files.certificate, before).unwrap();
        }),
        ("every user of this machine can open the key", |files| {
            fs::set_permissions(&files.key, Permissions::from_mode(0o644)).unwrap();
        }),
        ("there is no certificate in", |files| fs::write(&files.certificate, "x").unwrap()),
        ("there is no private key in", |files| {
            fs::copy(&files.certificate, &files.key).unwrap();
            fs::set_permissions(&files.key, Permissions::from_mode(0o600)).unwrap();
        }),
        ("cannot read", |files| fs::remove_file(&files.certificate).unwrap()),
    ];
    for (what, spoil) in spoiled {
        let (files, _) = Files::new();
        spoil(&files);
        let (code, said) = refusal(&files).await;
        assert_eq!(code, Some(78), "{said}");
        let lines: Vec<_> = said.lines().collect();
        assert!(lines[0].starts_with("error: ") && lines[0].contains(what), "{said}");
        assert!(lines[1].starts_with(" help: "), "{said}");
        assert_eq!(lines.len(), 2, "{said}");
        assert!(!Path::new(&files.dir.path().join("data/anonchat.db")).exists(), "{what}");
    }
}
