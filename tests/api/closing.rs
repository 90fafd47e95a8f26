//! Why sockets close, whose, and with which code.

use std::time::Duration;

use futures_util::SinkExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    clock::HandSetClock,
    harness::{PASSWORD, Person, Server, Socket},
};

/// One person on two devices, in a room of their own.
struct Devices {
    phone: Person,
    laptop: Person,
    at_phone: Socket,
    at_laptop: Socket,
    room: String,
}

async fn devices(server: &Server) -> Devices {
    let phone = server.register("ann").await;
    let laptop = phone.on_another_device().await;
    let room = phone.create_room("on both", 10).await;
    let (at_phone, at_laptop) = (phone.join(&room).await, laptop.join(&room).await);
    Devices { phone, laptop, at_phone, at_laptop, room }
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_closes_the_sockets_of_that_session() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let elsewhere = ann.phone.create_room("another", 10).await;
    let mut also_at_phone = ann.phone.join(&elsewhere).await;
    server.post("/auth/logout", json!({ "token": ann.phone.refresh })).await.data();
    assert_eq!(ann.at_phone.close_code().await, 4401);
    assert_eq!(also_at_phone.close_code().await, 4401);
    ann.at_laptop.say("still here").await;
    let Err(answer) = ann.phone.try_join(&ann.room, "").await else { panic!("a seat") };
    assert_eq!(answer.code(), "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_from_elsewhere_closes_its_sockets() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let sessions = ann.laptop.get("/auth/sessions").await;
    let other = sessions.data().as_array().unwrap().iter().find(|one| one["current"] == false);
    let path = format!("/auth/sessions/{}", other.unwrap()["session_id"].as_str().unwrap());
    ann.laptop.call(Method::DELETE, &path, None).await.data();
    assert_eq!(ann.at_phone.close_code().await, 4401);
    ann.at_laptop.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_refresh_token_closes_the_sockets_of_its_session() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let mut token = json!(ann.phone.refresh);
    for _ in 0..2 {
        let renewed = server.post("/auth/refresh", json!({ "token": token })).await;
        token = renewed.data()["refresh_token"].clone();
    }
    ann.at_phone.say("renewing ends nothing").await;
    let replayed = server.post("/auth/refresh", json!({ "token": ann.phone.refresh })).await;
    assert_eq!(replayed.code(), "session_revoked");
    assert_eq!(ann.at_phone.close_code().await, 4401);
    ann.at_laptop.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_closes_the_sockets_of_all_other_sessions() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let body = json!({ "old_password": PASSWORD, "new_password": "another horse, another staple" });
    ann.laptop.post("/auth/password", body).await.data();
    assert_eq!(ann.at_phone.close_code().await, 4401);
    ann.at_laptop.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_erased_closes_all_its_sockets() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let ben = server.register("ben").await;
    let mut at_ben = ben.join(&ann.room).await;
    let body = json!({ "password": PASSWORD });
    ann.laptop.delete("/auth/account", body).await.data();
    assert_eq!(ann.at_phone.close_code().await, 4401);
    assert_eq!(ann.at_laptop.close_code().await, 4401);
    at_ben.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_can_take_its_words_with_it() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let ben = server.register("ben").await;
    let mut at_ben = ben.join(&ann.room).await;
    let (first, second) = (ann.at_phone.say("one").await, ann.at_laptop.say("two").await);
    let of_ben = at_ben.say("of Ben").await;
    let body = json!({ "password": PASSWORD });
    ann.laptop.delete("/auth/account?messages=true", body).await.data();
    assert_eq!(at_ben.expect("delete").await["target"], first);
    assert_eq!(at_ben.expect("delete").await["target"], second);
    let messages = ben.get(&format!("/rooms/{}/messages", ann.room)).await;
    let left: Vec<&Value> = messages.data()["messages"].as_array().unwrap().iter().collect();
    let texts: Vec<_> = left.iter().map(|message| message["message"].as_str().unwrap()).collect();
    assert_eq!(texts, ["", "", "of Ben"]);
    assert_eq!(left[2]["seq"], of_ben);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_room_closes_every_socket_and_is_gone() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    let ben = server.register("ben").await;
    let (mut at_ben, mut plain) = (ben.join(&ann.room).await, ben.join_plain(&ann.room).await);
    at_ben.say("before").await;
    ann.phone.delete("/rooms/remove", json!({ "room_id": ann.room })).await.data();
    for socket in [&mut ann.at_phone, &mut ann.at_laptop, &mut at_ben, &mut plain] {
        assert_eq!(socket.close_code().await, 4410);
    }
    for person in [&ann.phone, &ben] {
        let Err(answer) = person.try_join(&ann.room, "").await else { panic!("a seat") };
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "room_not_found"));
        let messages = person.get(&format!("/rooms/{}/messages", ann.room)).await;
        assert_eq!(messages.code(), "room_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_left_in_a_room_that_is_removed_while_people_come() {
    let server = Server::start().await;
    let people = server.register_all(8).await;
    for _ in 0..5 {
        let room = people[0].create_room("a short life", 10).await;
        let come = async |person: &Person| match person.try_join(&room, "").await {
            Ok(mut socket) => assert_eq!(socket.close_code().await, 4410),
            Err(answer) => assert_eq!(answer.code(), "room_not_found"),
        };
        let remove = people[0].delete("/rooms/remove", json!({ "room_id": room }));
        let comings = futures_util::future::join_all(people[1..].iter().map(come));
        let (_, removed) = tokio::join!(comings, remove);
        removed.data();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_member_loses_every_socket_and_cannot_come_back() {
    let server = Server::start().await;
    let mut host = devices(&server).await;
    let (ben, cat) = (server.register("ben").await, server.register("cat").await);
    let (mut one, mut two) = (ben.join(&host.room).await, ben.join_plain(&host.room).await);
    let mut at_cat = cat.join(&host.room).await;
    let seq = one.say("said before").await;
    let client_id = one.welcome["you"]["client_id"].as_str().unwrap();
    let path = format!("/rooms/{}/members/{client_id}", host.room);
    let by_guest = cat.call(Method::DELETE, &path, None).await;
    assert_eq!((by_guest.status.as_u16(), by_guest.code()), (403, "forbidden"));
    host.phone.call(Method::DELETE, &path, None).await.data();
    assert_eq!(one.close_code().await, 4403);
    assert_eq!(two.close_code().await, 4403);
    let Err(answer) = ben.try_join(&host.room, "").await else { panic!("a seat") };
    assert_eq!(answer.code(), "banned");
    let body = json!({ "id": "x", "message": "let me in" });
    let posted = ben.post(&format!("/rooms/{}/messages", host.room), body).await;
    assert_eq!(posted.code(), "banned");
    at_cat.say("we go on").await;
    assert_eq!(host.at_phone.message().await["seq"], seq);
    assert_eq!(host.at_phone.message().await["message"], "we go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_with_its_token_and_is_warned_before() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.auth.access_token_ttl = Duration::from_secs(5);
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("short-lived", 10).await;
    let mut socket = ann.join(&room).await;
    let warning = socket.expect("auth_expiring").await;
    assert!((0..=5).contains(&warning["expires_in"].as_i64().unwrap()), "{warning}");
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_token_keeps_a_socket_open() {
    let clock = HandSetClock::new();
    let server = Server::start_at(clock.clone(), |config| {
        config.server.rate_limits.enabled = false;
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("for long", 10).await;
    let (mut renewed, mut forgotten) = (ann.join(&room).await, ann.join(&room).await);
    clock.advance(Duration::from_secs(850));
    for socket in [&mut renewed, &mut forgotten] {
        // The clock is read again when something happens.
        socket.send(json!({ "type": "ping", "t": 0 })).await;
        assert_eq!(socket.expect("auth_expiring").await["expires_in"], 50);
    }
    let tokens = server.post("/auth/refresh", json!({ "token": ann.refresh })).await;
    let fresh = ann.with_tokens(tokens.data());
    renewed.send(json!({ "type": "auth", "token": fresh.access })).await;
    let answers = renewed.all_until_now().await;
    assert!(answers.iter().all(|frame| frame["type"] != "error"), "{answers:?}");
    clock.advance(Duration::from_secs(100));
    renewed.say("still here").await;
    forgotten.send(json!({ "type": "ping", "t": 0 })).await;
    assert_eq!(forgotten.close_code().await, 4401);
    clock.advance(Duration::from_secs(750));
    renewed.send(json!({ "type": "ping", "t": 0 })).await;
    assert_eq!(renewed.expect("auth_expiring").await["expires_in"], 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_takes_no_token_of_another_account_and_none_that_is_over() {
    let clock = HandSetClock::new();
    let server = Server::start_at(clock.clone(), |config| {
        config.server.rate_limits.enabled = false;
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("mine", 10).await;
    clock.advance(Duration::from_mins(10));
    let (ben, later) = (server.register("ben").await, ann.on_another_device().await);
    let mut socket = ann.join(&room).await;
    clock.advance(Duration::from_secs(299));
    for token in [&ben.access, &ben.refresh] {
        socket.send(json!({ "type": "auth", "token": token })).await;
        assert_eq!(socket.expect("error").await["code"], "unauthorized");
    }
    server.post("/auth/logout", json!({ "token": later.refresh })).await.data();
    socket.send(json!({ "type": "auth", "token": later.access })).await;
    assert_eq!(socket.expect("error").await["code"], "unauthorized");
    clock.advance(Duration::from_secs(2));
    socket.send(json!({ "type": "ping", "t": 0 })).await;
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_follows_the_session_of_its_newest_token() {
    let server = Server::start().await;
    let mut ann = devices(&server).await;
    ann.at_phone.send(json!({ "type": "auth", "token": ann.laptop.access })).await;
    ann.at_phone.all_until_now().await;
    server.post("/auth/logout", json!({ "token": ann.phone.refresh })).await.data();
    ann.at_phone.say("still here").await;
    server.post("/auth/logout", json!({ "token": ann.laptop.refresh })).await.data();
    assert_eq!(ann.at_phone.close_code().await, 4401);
    assert_eq!(ann.at_laptop.close_code().await, 4401);
}

/// A frame as a client writes it, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length @ 0..126) => bytes.push(0x80 | u8::try_from(length).unwrap()),
        Ok(length) => {
            bytes.push(0xfe);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0xff);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_breaks_the_protocol_is_told_how_and_nobody_else_notices() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("unbroken", 10).await;
    let mut at_ben = ben.join(&room).await;
    let big = vec![b'x'; 64 * 1024 + 1];
    let halves = [frame(0x01, &big[..40_000]), frame(0x80, &big[..40_000])].concat();
    let wrong = [
        ("an unmasked frame", vec![TEXT, 1, b'a'], 1002),
        ("a reserved bit", frame(TEXT | 0x40, b"a"), 1002),
        ("a reserved data opcode", frame(0x83, b"a"), 1002),
        ("a reserved control opcode", frame(0x8b, b"a"), 1002),
        ("a ping in pieces", frame(0x09, b"a"), 1002),
        ("a ping that is too long", frame(PING, &[b'x'; 126]), 1002),
        ("a continuation of nothing", frame(0x80, b"a"), 1002),
        ("a message within a message", [frame(0x01, b"a"), frame(TEXT, b"b")].concat(), 1002),
        ("a close frame with half a code", frame(CLOSE, &[3]), 1002),
        ("a close code that must not be sent", frame(CLOSE, &1005_u16.to_be_bytes()), 1002),
        ("text that is not UTF-8", frame(TEXT, b"\xff\xfe"), 1007),
        ("a surrogate in UTF-8", frame(TEXT, b"\xed\xa0\x80"), 1007),
        ("text that ends within a character", frame(TEXT, b"\xd0"), 1007),
        ("a reason that is not UTF-8", frame(CLOSE, b"\x03\xe8\xff"), 1007),
        ("binary data", frame(BINARY, b"a"), 1008),
        ("more than 64 KiB", frame(TEXT, &big), 1009),
        ("more than 64 KiB in pieces", halves, 1009),
        ("a length that nobody could send", vec![TEXT, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0], 1009),
    ];
    for (what, bytes, code) in wrong {
        let mut socket = ann.join(&room).await;
        socket.write_raw(&bytes).await;
        assert_eq!(socket.close_code().await, code, "{what}");
    }
    at_ben.say("nobody else noticed").await;
    let left = at_ben.all_until_now().await;
    assert!(left.iter().all(|frame| frame["type"] == "presence"), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_exactly_64_kib_is_heard() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("large", 10).await;
    let mut socket = ann.join(&room).await;
    let (head, tail) = (r#"{"type":"send","id":"large","message":""#, r#""}"#);
    let filling = "x".repeat(64 * 1024 - head.len() - tail.len());
    socket.write_raw(&frame(TEXT, format!("{head}{filling}{tail}").as_bytes())).await;
    assert_eq!(socket.expect("error").await["id"], "large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_may_come_in_pieces_with_pings_between() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("piecemeal", 10).await;
    let mut socket = ann.join(&room).await;
    let text = json!({ "type": "send", "id": "p", "message": "по частям" }).to_string();
    let (head, tail) = text.as_bytes().split_at(text.find("час").unwrap() + 1);
    for byte in [frame(0x01, head), frame(PING, b"?"), frame(0x80, tail)].concat() {
        socket.write_raw(&[byte]).await;
    }
    assert_eq!(socket.message().await["message"], "по частям");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goodbye_is_answered_in_kind() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("short visit", 10).await;
    let mut socket = ann.join(&room).await;
    socket.write_raw(&frame(CLOSE, b"\x0f\xa0bye")).await;
    assert_eq!(socket.close_code().await, 4000);
    assert!(socket.next().await.is_none(), "and then the connection ends");
    let mut socket = ann.join(&room).await;
    socket.write_raw(&frame(CLOSE, b"")).await;
    assert_eq!(socket.close_code().await, 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_no_sense_for_long_is_cut_off() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("nonsense", 10).await;
    let (mut v1, mut plain) = (ann.join(&room).await, ann.join_plain(&room).await);
    for _ in 0..20 {
        v1.send_text("nonsense").await;
        plain.send_text("").await;
    }
    v1.say("twenty are forgiven").await;
    for _ in 0..21 {
        v1.send_text("nonsense").await;
    }
    assert_eq!(v1.close_code().await, 4400);
    plain.send_text("").await;
    assert_eq!(plain.close_code().await, 4400);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_too_much_too_fast_is_told_and_then_cut_off() {
    let server = Server::start_with(|_| {}).await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("noisy", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    for n in 0..400 {
        let frame = json!({ "type": "send", "id": format!("{n}"), "message": "spam" });
        // Whoever is cut off in the middle cannot write any more.
        if at_ann.stream.send(Message::text(frame.to_string())).await.is_err() {
            break;
        }
    }
    let error = at_ann.expect("error").await;
    assert_eq!(error["code"], "rate_limited");
    assert!(error["id"].as_str().unwrap().parse::<u32>().unwrap() >= 20, "{error}");
    assert!(error["retry_after"].as_u64().unwrap() >= 1, "{error}");
    assert_eq!(at_ann.close_code().await, 4429);
    let last = at_ben.say("quiet now").await;
    assert!(last <= 200, "{last} messages were let through");
}

/// What an impatient client hears before it is cut off with this code.
async fn hears_until(socket: &mut Socket, code: u16) -> usize {
    let mut complaints = 0;
    loop {
        match socket.next().await {
            Some(Message::Text(text)) if text.contains("rate_limited") => complaints += 1,
            Some(Message::Close(close)) => {
                assert_eq!(close.map(|close| close.code.into()), Some(code));
                return complaints;
            }
            Some(_) => {}
            None => panic!("the connection ended without a close frame"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_said_without_end_is_complained_of_and_then_cut_off() {
    let server = Server::start_with(|_| {}).await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("noise", 10).await;
    let mut calm = ben.join(&room).await;
    let long = json!({ "type": "ping", "t": 1, "pad": "x".repeat(60_000) });
    let noises = [
        Message::text(json!({ "type": "ping", "t": 1 }).to_string()),
        Message::text(json!({ "type": "typing" }).to_string()),
        Message::text(json!({ "type": "read", "seq": 0 }).to_string()),
        Message::text(json!({ "type": "auth", "token": "none" }).to_string()),
        Message::Ping("noise".into()),
        Message::Pong("noise".into()),
        Message::text(long.to_string()),
    ];
    for noise in noises {
        let mut noisy = ann.join(&room).await;
        for _ in 0..500 {
            // Cut off in the middle, it cannot send the rest.
            if noisy.stream.send(noise.clone()).await.is_err() {
                break;
            }
        }
        assert!(hears_until(&mut noisy, 4429).await > 0, "{noise:?}");
    }
    calm.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_pinged_and_lives_as_long_as_it_answers() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.heartbeat = Duration::from_millis(100);
        config.server.timeouts.silence = Duration::from_secs(4);
    })
    .await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("who is there", 10).await;
    let mut answers = ann.join(&room).await;
    // Its client does not read, and so does not answer.
    let _silent = ben.join(&room).await;
    while answers.expect("presence").await["online"] != 2 {}
    let mut pings = 0;
    loop {
        match answers.next().await.expect("it answers and stays") {
            Message::Ping(_) => pings += 1,
            Message::Text(text) if text.contains(r#""online":1"#) => break,
            _ => {}
        }
    }
    assert!(pings > 3, "{pings}");
    answers.say("still here").await;
}
