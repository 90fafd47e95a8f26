//! Connections: how long they may take and how many there may be.

use std::{num::NonZeroU32, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{
    harness::{PATIENCE, Server},
    tools::read_to_end,
};

/// A server that waits for nobody for long.
async fn impatient() -> Server {
    Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.read = Duration::from_millis(300);
        config.server.timeouts.write = Duration::from_millis(300);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_does_not_get_to_the_point_is_ended() {
    let server = impatient().await;
    for beginning in [
        "",
        "G",
        "GET /api/v1/sta",
        "GET /api/v1/status HTTP/1.1\r\n",
        "GET /api/v1/status HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        "\r\n\r\n\r\n",
    ] {
        let answer = server.raw(beginning.as_bytes()).await;
        assert!(!answer.contains("200 OK"), "{beginning:?}: {answer}");
    }
    assert!(is_served(&mut server.connect().await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_not_used_again_is_ended() {
    let server = impatient().await;
    let answer = server.raw(b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_dribbles_in_is_cut_off() {
    let server = impatient().await;
    let mut stream = server.connect().await;
    let mut every = tokio::time::interval(Duration::from_millis(20));
    let dribble = async {
        let head = "GET /api/v1/status HTTP/1.1\r\nX: ".bytes().chain(std::iter::repeat(b'x'));
        let (mut reader, mut writer) = stream.split();
        for byte in head {
            let mut told = [0; 1024];
            tokio::select! {
                biased;
                read = reader.read(&mut told) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(n) => assert!(!told[..n].starts_with(b"HTTP/1.1 2")),
                },
                _ = every.tick() => if writer.write_all(&[byte]).await.is_err() { return },
            }
        }
    };
    tokio::time::timeout(PATIENCE, dribble).await.expect("it is cut off");
    assert!(is_served(&mut server.connect().await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let server = impatient().await;
    for (path, framing) in [
        ("/auth/login", "Content-Length: 100\r\n\r\n{"),
        ("/auth/register", "Content-Length: 100\r\n\r\n"),
        ("/auth/login", "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"log"),
        ("/auth/login", "Transfer-Encoding: chunked\r\n\r\n"),
    ] {
        let request = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}"
        );
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("\"code\":\"invalid_request\""), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_silent_connections_keep_nobody_out() {
    let server = impatient().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(server.connect().await);
    }
    assert!(is_served(&mut server.connect().await).await);
    for mut stream in silent {
        assert_eq!(read_to_end(&mut stream).await, "");
    }
    assert!(is_served(&mut server.connect().await).await);
}

/// Whether the server keeps this connection: it answers a request on it.
async fn is_served(stream: &mut TcpStream) -> bool {
    let request = b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n";
    let served = async {
        stream.write_all(request).await.ok()?;
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.ok()?;
        (start == *b"HTTP/1.1 200").then_some(())
    };
    tokio::time::timeout(PATIENCE, served).await.expect("an answer or an end").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_others_have_theirs() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.connections_per_address = NonZeroU32::new(3).unwrap();
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect().await;
        assert!(is_served(&mut stream).await);
        held.push(stream);
    }
    assert!(!is_served(&mut server.connect().await).await);
    let elsewhere = TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut elsewhere = elsewhere.connect(server.authority().parse().unwrap()).await.unwrap();
    assert!(is_served(&mut elsewhere).await);
    held.pop();
    // The server notices the end a moment later than this side.
    let again = async { while !is_served(&mut server.connect().await).await {} };
    tokio::time::timeout(PATIENCE, again).await.expect("the place is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_has_so_many_connections_and_no_more() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.connections = NonZeroU32::new(3).unwrap();
    })
    .await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect().await;
        assert!(is_served(&mut stream).await);
        held.push(stream);
    }
    assert!(!is_served(&mut server.connect().await).await);
    held.clear();
    let again = async { while !is_served(&mut server.connect().await).await {} };
    tokio::time::timeout(PATIENCE, again).await.expect("the places are free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_a_row_on_one_connection_are_all_answered() {
    let server = Server::start().await;
    let one = "GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = server.raw(format!("{}{last}", one.repeat(5)).as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 5);
    assert_eq!(answer.matches("HTTP/1.1 404 ").count(), 1);
}
