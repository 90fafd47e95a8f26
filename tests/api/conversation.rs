//! What people say in a room, and who hears of it.

use futures_util::SinkExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Answer, Person, Server, Socket};

async fn history(person: &Person, room: &str) -> Value {
    person.get(&format!("/rooms/{room}/messages")).await.data()["messages"].clone()
}

fn send(id: &str, message: &str) -> Value {
    json!({ "type": "send", "id": id, "message": message })
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

const NOTHING: [Value; 0] = [];

/// What is left when nobody counts heads.
fn of_the_room(mut frames: Vec<Value>) -> Vec<Value> {
    frames.retain(|frame| frame["type"] != "presence");
    frames
}

/// Two people in a room of the first.
async fn two(server: &Server) -> (String, (Person, Socket), (Person, Socket)) {
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("a room", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    // Whoever gets an answer is known to the room.
    at_ann.all_until_now().await;
    at_ben.all_until_now().await;
    (room, (ann, at_ann), (ben, at_ben))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_frame_is_a_welcome_that_says_where_one_is() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Class 9b", 30).await;
    ann.join(&room).await.say("first").await;
    let mut socket = ben.try_join(&room, "").await.unwrap_or_else(|a| panic!("{a:?}"));
    let welcome = socket.frame().await;
    let fields = ["build", "epoch", "head", "heartbeat_in", "room", "server_time", "type", "you"];
    assert_eq!(keys(&welcome), fields);
    assert_eq!(keys(&welcome["you"]), ["client_id", "client_name", "is_host"]);
    assert_eq!(welcome["type"], "welcome");
    assert_eq!((&welcome["head"], &welcome["heartbeat_in"]), (&json!(1), &json!(25)));
    assert_eq!(welcome["you"]["is_host"], false);
    assert_eq!(welcome["server_time"].as_i64().unwrap() % 1000, 0);
    assert_eq!(welcome["room"]["name"], "Class 9b");
    assert_eq!(welcome["room"]["joined"], true);
    assert_eq!(welcome["room"]["is_host"], false);
    let view = ben.get(&format!("/rooms/{room}")).await;
    assert_eq!(keys(&welcome["room"]), keys(view.data()));
    assert_eq!(ann.join(&room).await.welcome["you"]["is_host"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_is_found_again_by_its_person() {
    let server = Server::start().await;
    let (room, (ann, at_ann), (_, at_ben)) = two(&server).await;
    assert_eq!(ann.join(&room).await.welcome["you"], at_ann.welcome["you"]);
    assert_ne!(at_ben.welcome["you"]["client_id"], at_ann.welcome["you"]["client_id"]);
    assert_ne!(at_ben.welcome["you"]["client_name"], at_ann.welcome["you"]["client_name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_everybody_and_its_ack_the_sender_once_it_is_durable() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), (_, mut at_ben)) = two(&server).await;
    let mut second_tab = ann.join(&room).await;
    at_ann.send(send("one", " <b>привет</b> \n\t👩‍👩‍👧 ")).await;
    let mut heard = Vec::new();
    let ack = loop {
        let frame = at_ann.frame().await;
        match frame["type"].as_str().unwrap() {
            "message" => heard.push(frame),
            "ack" => break frame,
            _ => {}
        }
    };
    let stored = history(&ann, &room).await;
    assert_eq!(keys(&ack), ["at", "id", "seq", "type"]);
    assert_eq!((&ack["id"], &ack["seq"]), (&json!("one"), &json!(1)));
    assert_eq!(heard.len(), 1, "the sender hears the message before its ack");
    assert_eq!(stored[0], heard[0]);
    assert_eq!(heard[0]["message"], " <b>привет</b> \n\t👩‍👩‍👧 ");
    assert_eq!(heard[0]["at"], ack["at"]);
    assert_eq!(ack["at"].as_i64().unwrap() % 1000, 0);
    let fields = ["at", "client_id", "client_name", "message", "room_id", "seq", "type"];
    assert_eq!(keys(&heard[0]), fields);
    for other in [&mut at_ben, &mut second_tab] {
        assert_eq!(other.message().await, heard[0]);
        assert_eq!(of_the_room(other.all_until_now().await), NOTHING);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_names_the_message_it_answers() {
    let server = Server::start().await;
    let (_, (_, mut at_ann), (_, mut at_ben)) = two(&server).await;
    let question = at_ann.say("who?").await;
    let reply = json!({ "type": "send", "id": "r", "message": "me", "reply_to": question });
    at_ben.send(reply).await;
    assert_eq!(at_ann.message().await["reply_to"], question);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_edit_and_delete_what_they_said() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), (_, mut at_ben)) = two(&server).await;
    let seq = at_ben.say("helo").await;
    at_ben.send(json!({ "type": "edit", "id": "e", "seq": seq, "message": "hello" })).await;
    let ack = at_ben.expect("ack").await;
    let edit = at_ann.expect("edit").await;
    let fields = ["at", "client_id", "client_name", "message", "seq", "target", "type"];
    assert_eq!(keys(&edit), fields);
    assert_eq!((&edit["seq"], &edit["target"]), (&json!(2), &json!(seq)));
    assert_eq!((&edit["message"], &ack["seq"]), (&json!("hello"), &json!(2)));
    let stored = history(&ann, &room).await;
    assert_eq!((&stored[0]["message"], &stored[0]["edited_at"]), (&json!("hello"), &edit["at"]));

    at_ben.send(json!({ "type": "delete", "id": "d", "seq": seq })).await;
    assert_eq!(at_ben.expect("ack").await["seq"], 3);
    let delete = at_ann.expect("delete").await;
    assert_eq!(keys(&delete), ["at", "client_id", "client_name", "seq", "target", "type"]);
    assert_eq!((&delete["seq"], &delete["target"]), (&json!(3), &json!(seq)));
    let stored = history(&ann, &room).await;
    assert_eq!((&stored[0]["message"], &stored[0]["deleted"]), (&json!(""), &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_said_is_theirs_and_the_hosts_to_delete() {
    let server = Server::start().await;
    let (_, (_, mut host), (_, mut guest)) = two(&server).await;
    let of_guest = guest.say("of the guest").await;
    let of_host = host.say("of the host").await;
    guest.send(json!({ "type": "delete", "id": "1", "seq": of_host })).await;
    guest.send(json!({ "type": "edit", "id": "2", "seq": of_host, "message": "x" })).await;
    host.send(json!({ "type": "edit", "id": "3", "seq": of_guest, "message": "x" })).await;
    for (socket, id) in [(&mut guest, "1"), (&mut host, "3")] {
        let error = socket.expect("error").await;
        assert_eq!((&error["code"], &error["id"]), (&json!("forbidden"), &json!(id)));
    }
    assert_eq!(guest.expect("error").await["id"], "2");
    host.send(json!({ "type": "delete", "id": "4", "seq": of_guest })).await;
    assert_eq!(host.expect("ack").await["seq"], 3, "refused commands take no place");
    assert_eq!(guest.expect("delete").await["target"], of_guest);
}

/// What a client may get wrong, with the code and the id of the error.
fn mistakes(deleted: i64) -> Vec<(String, &'static str, Option<&'static str>)> {
    let send = |message: &str| send("known", message).to_string();
    let bad = "invalid_request";
    let known = Some("known");
    vec![
        ("{".to_owned(), "invalid_json", None),
        ("null".to_owned(), "invalid_json", None),
        (r#"["typing"]"#.to_owned(), "invalid_json", None),
        ("hello".to_owned(), "invalid_json", None),
        (String::new(), "invalid_json", None),
        ("[".repeat(30_000), "invalid_json", None),
        (r#"{"id":"known","message":"no type"}"#.to_owned(), "invalid_json", known),
        (r#"{"type":7,"id":"known"}"#.to_owned(), "invalid_json", known),
        (r#"{"type":"ban","id":"known"}"#.to_owned(), bad, known),
        (r#"{"type":"welcome"}"#.to_owned(), bad, None),
        (r#"{"type":"send","message":"no id"}"#.to_owned(), bad, None),
        (json!({"type": "send", "id": "x".repeat(65), "message": "x"}).to_string(), bad, None),
        (r#"{"type":"send","id":7,"message":"x"}"#.to_owned(), bad, None),
        (r#"{"type":"send","id":"","message":"x"}"#.to_owned(), bad, None),
        (r#"{"type":"send","id":"known"}"#.to_owned(), bad, known),
        (r#"{"type":"send","id":"known","message":["x"]}"#.to_owned(), bad, known),
        (send(""), bad, known),
        (send(" \n\t\u{200b}"), bad, known),
        (send(&"я".repeat(4001)), bad, known),
        (send(&"👩‍👩‍👧".repeat(1000)), bad, known),
        (send("a\u{0}b"), bad, known),
        (send("a\u{1b}[2J"), bad, known),
        (send("a\u{85}b"), bad, known),
        (r#"{"type":"send","id":"known","message":"\ud83d"}"#.to_owned(), "invalid_json", known),
        (
            r#"{"type":"send","id":"known","message":"\udc4b\ud83d"}"#.to_owned(),
            "invalid_json",
            known,
        ),
        (
            r#"{"type":"send","id":"known","message":"x","reply_to":99}"#.to_owned(),
            "not_found",
            known,
        ),
        (r#"{"type":"send","id":"known","message":"x","reply_to":0}"#.to_owned(), bad, known),
        (r#"{"type":"send","id":"known","message":"x","reply_to":"1"}"#.to_owned(), bad, known),
        (
            json!({"type": "send", "id": "known", "message": "x", "reply_to": deleted}).to_string(),
            "not_found",
            known,
        ),
        (
            json!({"type": "edit", "id": "known", "message": "x", "seq": deleted}).to_string(),
            "not_found",
            known,
        ),
        (json!({"type": "delete", "id": "known", "seq": deleted}).to_string(), "not_found", known),
        (r#"{"type":"edit","id":"known","message":"x","seq":99}"#.to_owned(), "not_found", known),
        (r#"{"type":"edit","id":"known","message":"x","seq":1.5}"#.to_owned(), bad, known),
        (r#"{"type":"edit","id":"known","message":" ","seq":1}"#.to_owned(), bad, known),
        (r#"{"type":"delete","id":"known"}"#.to_owned(), bad, known),
        (r#"{"type":"read","seq":-1}"#.to_owned(), bad, None),
        (r#"{"type":"read"}"#.to_owned(), bad, None),
        (r#"{"type":"ping","t":"now"}"#.to_owned(), bad, None),
        (r#"{"type":"auth"}"#.to_owned(), bad, None),
        (r#"{"type":"auth","token":"nonsense"}"#.to_owned(), "unauthorized", None),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_named_with_the_commands_id_and_the_socket_stays() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), (_, mut at_ben)) = two(&server).await;
    let deleted = at_ann.say("to be deleted").await;
    at_ann.send(json!({ "type": "delete", "id": "d", "seq": deleted })).await;
    at_ann.expect("ack").await;
    at_ben.expect("delete").await;
    for (text, code, id) in mistakes(deleted) {
        let shown: String = text.chars().take(100).collect();
        at_ann.send_text(&text).await;
        let error = at_ann.expect("error").await;
        assert_eq!(error["code"], code, "{shown}");
        assert_eq!(error.get("id").and_then(Value::as_str), id, "{shown}: {error}");
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{shown}: {error}");
        assert_eq!(of_the_room(at_ann.all_until_now().await), NOTHING, "{shown}");
    }
    assert_eq!(of_the_room(at_ben.all_until_now().await), NOTHING);
    assert_eq!(history(&ann, &room).await.as_array().unwrap().len(), 1);
    assert_eq!(at_ann.say("still here").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_id_is_still_free() {
    let server = Server::start().await;
    let (_, (_, mut at_ann), _) = two(&server).await;
    at_ann.send(send("id", "")).await;
    at_ann.expect("error").await;
    at_ann.send(send("id", "now with a text")).await;
    assert_eq!(at_ann.expect("ack").await["seq"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_exactly_the_limit_is_said() {
    let server = Server::start().await;
    let (_, (_, mut at_ann), (_, mut at_ben)) = two(&server).await;
    for text in ["я".repeat(4000), "🇩🇪".repeat(2048)] {
        at_ann.say(&text).await;
        assert_eq!(at_ben.message().await["message"], text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_nobody_knows_are_ignored() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), _) = two(&server).await;
    let frame = json!({ "type": "send", "id": "x", "message": "hi", "client_name": "Admin",
        "seq": 77, "at": 1, "nested": { "deep": [1, 2] } });
    at_ann.send(frame).await;
    assert_eq!(at_ann.expect("ack").await["seq"], 1);
    let stored = history(&ann, &room).await;
    assert_eq!(stored[0]["client_name"], at_ann.welcome["you"]["client_name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_of_both_kinds_are_answered() {
    let server = Server::start().await;
    let (_, (_, mut at_ann), _) = two(&server).await;
    at_ann.send(json!({ "type": "ping", "t": -5 })).await;
    assert_eq!(at_ann.expect("pong").await, json!({ "type": "pong", "t": -5 }));
    let payload = b"are you there?".to_vec();
    at_ann.stream.send(Message::Ping(payload.clone().into())).await.unwrap();
    loop {
        if let Message::Pong(answer) = at_ann.next().await.expect("the socket is open") {
            assert_eq!(answer, payload);
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_reaches_others_once_in_a_while_and_names_nobody() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), (_, mut at_ben)) = two(&server).await;
    let mut second_tab = ann.join(&room).await;
    for _ in 0..5 {
        at_ann.send(json!({ "type": "typing" })).await;
    }
    at_ann.say("typed").await;
    let mut typing = Vec::new();
    loop {
        let frame = at_ben.frame().await;
        match frame["type"].as_str().unwrap() {
            "typing" => typing.push(frame),
            "message" => break,
            _ => {}
        }
    }
    assert_eq!(typing, [json!({ "type": "typing" })]);
    for own in [&mut at_ann, &mut second_tab] {
        let frames = own.all_until_now().await;
        assert!(frames.iter().all(|frame| frame["type"] != "typing"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_is_a_number_told_at_most_once_a_second() {
    let server = Server::start().await;
    let people = server.register_all(8).await;
    let room = people[0].create_room("coming and going", 10).await;
    let begun = Instant::now();
    let mut first = people[0].join(&room).await;
    let mut others = Vec::new();
    for person in &people[1..] {
        others.push(person.join(&room).await);
    }
    let mut told = Vec::new();
    for online in [8, 1] {
        while told.last() != Some(&json!({ "type": "presence", "online": online })) {
            told.push(first.expect("presence").await);
        }
        others.clear();
    }
    let most = begun.elapsed().as_secs() + 1;
    assert!(told.len() as u64 <= most, "{} in {most} s: {told:?}", told.len());
    assert!(told.iter().all(|frame| keys(frame) == ["online", "type"]), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_count_that_anybody_hears_is_right() {
    let server = Server::start().await;
    let people = server.register_all(3).await;
    let room = people[0].create_room("counted", 10).await;
    let mut first = people[0].join(&room).await;
    // One leaves while another comes: the number that the others were told does not change.
    let leaving = people[1].join(&room).await;
    while first.expect("presence").await["online"] != 2 {}
    let mut coming = people[2].join(&room).await;
    let mut known = coming.welcome["room"]["online"].clone();
    drop(leaving);
    while known != 2 {
        known = coming.expect("presence").await["online"].clone();
    }
    drop(coming);
    while first.expect("presence").await["online"] != 1 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_on_one_device_is_not_unread_on_another() {
    let server = Server::start().await;
    let (room, (_, mut at_ann), (ben, mut at_ben)) = two(&server).await;
    let elsewhere = ben.on_another_device().await;
    for n in 0..3 {
        at_ann.say(&format!("message {n}")).await;
    }
    let unread = async || elsewhere.get("/rooms").await.data()["rooms"][0]["unread"].clone();
    assert_eq!(unread().await, 3);
    at_ben.send(json!({ "type": "read", "seq": 2 })).await;
    crate::harness::eventually("two are read", async || unread().await == 1).await;
    at_ben.send(json!({ "type": "read", "seq": 1_000_000 })).await;
    at_ben.close().await;
    crate::harness::eventually("all are read", async || unread().await == 0).await;
    at_ann.say("one more").await;
    assert_eq!(unread().await, 1, "nobody has read what was not yet there");
    let view = ben.get(&format!("/rooms/{room}")).await;
    assert_eq!(view.data()["unread"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_of_new_settings() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), (ben, mut at_ben)) = two(&server).await;
    let change = json!({ "name": "renamed", "max_user": 2 });
    ann.patch(&format!("/rooms/{room}"), change).await.data();
    for socket in [&mut at_ann, &mut at_ben] {
        let frame = socket.expect("room").await;
        assert_eq!(
            (&frame["room"]["name"], &frame["room"]["max_user"]),
            (&json!("renamed"), &json!(2))
        );
        assert!(frame["room"].get("unread").is_none(), "what differs from reader to reader");
        assert!(frame["room"].get("is_host").is_none());
    }
    let third = server.register("cat").await;
    let Err(answer) = third.try_join(&room, "").await else { panic!("a third seat") };
    assert_eq!(answer.code(), "room_full", "the new limit holds at once");
    assert_eq!(ben.get(&format!("/rooms/{room}")).await.data()["name"], "renamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_client_sends_texts_and_gets_messages() {
    let server = Server::start().await;
    let (room, (ann, mut at_ann), _) = two(&server).await;
    let cat = server.register("cat").await;
    let mut plain = cat.join_plain(&room).await;
    plain.send_text("no JSON, just words").await;
    let first = plain.frame().await;
    assert_eq!(
        (&first["type"], &first["message"]),
        (&json!("message"), &json!("no JSON, just words"))
    );
    assert_eq!(at_ann.message().await, first);
    plain.send_text(r#"{"type":"typing"}"#).await;
    assert_eq!(plain.frame().await["message"], r#"{"type":"typing"}"#);
    at_ann.message().await;

    // Nothing of all this is for a plain client but the first and the last.
    let seq = at_ann.say("first").await;
    for frame in [
        json!({ "type": "edit", "id": "a", "seq": 1, "message": "not mine" }),
        json!({ "type": "edit", "id": "b", "seq": seq, "message": "changed" }),
        json!({ "type": "delete", "id": "c", "seq": seq }),
        json!({ "type": "typing" }),
        send("d", "last"),
    ] {
        at_ann.send(frame).await;
    }
    ann.patch(&format!("/rooms/{room}"), json!({ "name": "renamed" })).await.data();
    assert_eq!(plain.frame().await["message"], "first");
    assert_eq!(plain.frame().await["message"], "last");

    plain.send_text(" \n ").await;
    let error = plain.frame().await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("invalid_request")));
    assert!(error.get("id").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_of_a_plain_client_are_said_twice() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("echo", 10).await;
    let mut plain = ann.join_plain(&room).await;
    plain.send_text("again").await;
    plain.send_text("again").await;
    assert_eq!(
        (plain.frame().await["seq"].clone(), plain.frame().await["seq"].clone()),
        (1.into(), 2.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_without_a_socket_is_heard_by_all() {
    let server = Server::start().await;
    let (room, _, (ben, mut at_ben)) = two(&server).await;
    let body = json!({ "id": "bot-1", "message": "it rains" });
    let posted: Answer = ben.post(&format!("/rooms/{room}/messages"), body.clone()).await;
    assert_eq!((posted.status.as_u16(), &posted.data()["seq"]), (201, &json!(1)));
    assert_eq!(at_ben.message().await["message"], "it rains");
    let again = ben.call(Method::POST, &format!("/rooms/{room}/messages"), Some(body)).await;
    assert_eq!((again.status.as_u16(), again.data()), (200, posted.data()));
    at_ben.send(send("bot-1", "from the socket")).await;
    assert_eq!(at_ben.expect("ack").await["seq"], 1, "one sender, one id, one message");
}
