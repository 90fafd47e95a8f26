//! One who does not read is cut off, and nobody else waits for them.

use std::time::Duration;

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpSocket},
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::harness::{NARROW, Person, Server, Socket};

/// What may wait for one socket, in bytes.
const BACKLOG: usize = 1 << 20;

/// Everything a narrow socket still gets: the places, in order, and how it ends.
pub async fn the_rest(socket: &mut Socket) -> (Vec<i64>, Option<CloseCode>) {
    let mut places = Vec::new();
    loop {
        match socket.next().await {
            Some(Message::Text(text)) => {
                let frame: serde_json::Value = serde_json::from_str(&text).unwrap();
                if frame["type"] == "message" {
                    places.push(frame["seq"].as_i64().unwrap());
                }
            }
            Some(Message::Close(close)) => return (places, close.map(|close| close.code)),
            Some(_) => {}
            None => return (places, None),
        }
    }
}

/// Comes back after what was read and gets everything up to `head`, once and in order.
async fn comes_back(person: &Person, room: &str, mut read: Vec<i64>, head: i64) {
    let mut last = read.last().copied().unwrap_or(0);
    assert!(last < head, "it was slow");
    let mut socket = person.join_with(room, &format!("&since={last}")).await;
    while last < head {
        last = socket.message().await["seq"].as_i64().unwrap();
        read.push(last);
    }
    assert!(read.into_iter().eq(1..=head));
}

async fn expect_online(socket: &mut Socket, online: u32) {
    while socket.expect("presence").await["online"] != online {}
}

/// How much the system takes for a client that reads nothing, in bytes.
async fn what_the_system_takes() -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpSocket::new_v4().unwrap();
    client.set_recv_buffer_size(NARROW).unwrap();
    let connecting = client.connect(listener.local_addr().unwrap());
    let (accepted, connected) = tokio::join!(listener.accept(), connecting);
    let ((stream, _), _client) = (accepted.unwrap(), connected.unwrap());
    let mut taken = 0;
    // Nothing is taken any more once the stream has not been writable for a while.
    while timeout(Duration::from_millis(300), stream.writable()).await.is_ok() {
        taken += stream.try_write(&[0; 4096]).unwrap_or(0);
    }
    taken
}

/// A message of this length in bytes is the longest that there is, all but a little.
const LONG: usize = 16_000;

fn long_text() -> String {
    "𝄞".repeat(LONG / 4)
}

/// One who talks, one who listens, and one who reads nothing.
async fn three(server: &Server) -> (String, Vec<Person>, [Socket; 3]) {
    let people = server.register_all(3).await;
    let room = people[0].create_room("one sleeps", 10).await;
    let talker = people[0].join(&room).await;
    let mut listener = people[1].join(&room).await;
    let sleeper = people[2].join_narrow(&room, "").await;
    expect_online(&mut listener, 3).await;
    (room, people, [talker, listener, sleeper])
}

/// Says that much, while the listener hears all of it; the last place.
async fn say_in_all(bytes: usize, talker: &mut Socket, listener: &mut Socket) -> i64 {
    let (text, mut head) = (long_text(), 0);
    for _ in 0..bytes.div_ceil(LONG) {
        head = talker.say(&text).await;
        assert_eq!(listener.message().await["seq"], head);
    }
    head
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_lags_too_far_behind_is_cut_off_alone() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.write = Duration::from_hours(1);
    })
    .await;
    let (room, people, [mut talker, mut listener, mut sleeper]) = three(&server).await;
    let enough = what_the_system_takes().await + 3 * BACKLOG;
    let head = say_in_all(enough, &mut talker, &mut listener).await;
    expect_online(&mut listener, 2).await;
    let (read, code) = the_rest(&mut sleeper).await;
    assert!(code.is_none_or(|code| code == CloseCode::from(4408)), "{code:?}");
    comes_back(&people[2], &room, read, head).await;
    talker.say("on we go").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_takes_nothing_for_long_is_cut_off_alone() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.write = Duration::from_millis(500);
    })
    .await;
    let (room, people, [mut talker, mut listener, mut sleeper]) = three(&server).await;
    // Not so much that it would be cut off for that.
    let enough = what_the_system_takes().await + BACKLOG / 2;
    let head = say_in_all(enough, &mut talker, &mut listener).await;
    expect_online(&mut listener, 2).await;
    let (read, code) = the_rest(&mut sleeper).await;
    assert!(code.is_none_or(|code| code == CloseCode::from(4408)), "{code:?}");
    comes_back(&people[2], &room, read, head).await;
    talker.say("on we go").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_who_comes_back_gets_everything_at_its_own_pace() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("slowly", 10).await;
    let mut talker = ann.join(&room).await;
    // Far more than may wait for one socket: the server reads on only as the client does.
    let text = long_text();
    for _ in 0..500 {
        talker.say(&text).await;
    }
    let mut slow = ben.join_narrow(&room, "&since=0").await;
    for seq in 1..=500 {
        assert_eq!(slow.message().await["seq"], seq);
    }
    talker.say("live").await;
    assert_eq!(slow.message().await["seq"], 501);
}

/// One who comes back to more than the system takes, and reads none of it.
pub async fn stuck_in_the_past(server: &Server) -> (Person, Socket, Socket) {
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("stuck", 10).await;
    let mut talker = ann.join(&room).await;
    let text = long_text();
    for _ in 0..(what_the_system_takes().await + 4 * BACKLOG).div_ceil(LONG) {
        talker.say(&text).await;
    }
    let stuck = ben.join_narrow(&room, "&since=0").await;
    expect_online(&mut talker, 2).await;
    (ben, talker, stuck)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_is_stuck_in_the_past_is_cut_off() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.write = Duration::from_secs(4);
    })
    .await;
    let (_, mut talker, _stuck) = stuck_in_the_past(&server).await;
    expect_online(&mut talker, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_reaches_one_who_is_stuck_in_the_past() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.write = Duration::from_hours(1);
    })
    .await;
    let (ben, mut talker, _stuck) = stuck_in_the_past(&server).await;
    server.post("/auth/logout", json!({ "token": ben.refresh })).await.data();
    expect_online(&mut talker, 1).await;
}
