//! Coming back: with `since`, nothing is missed and nothing comes twice.

use std::time::Duration;

use futures_util::{SinkExt, future::join_all};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    clock::HandSetClock,
    harness::{Person, Server, Socket},
};

/// Says `count` things without waiting for each to be acknowledged.
async fn say_many(socket: &mut Socket, count: i64) {
    for n in 0..count {
        let frame = json!({ "type": "send", "id": format!("many-{n}"), "message": format!("{n}") });
        socket.stream.feed(Message::text(frame.to_string())).await.unwrap();
    }
    socket.stream.flush().await.unwrap();
    for _ in 0..count {
        socket.expect("ack").await;
    }
}

/// What has a place in the sequence, or says that something in it is not to come.
fn sequenced(frames: &[Value]) -> Vec<String> {
    let text = |frame: &Value| {
        let kind = frame["type"].as_str().unwrap();
        match kind {
            "presence" | "typing" => None,
            "expired" => Some(format!("expired {}-{}", frame["from"], frame["to"])),
            "reset" => Some(format!("reset {}", frame["head"])),
            _ => Some(format!("{kind} {}", frame["seq"])),
        }
    };
    frames.iter().filter_map(text).collect()
}

/// What comes after the welcome.
async fn what_comes(person: &Person, room: &str, more: &str) -> Vec<String> {
    let mut socket = person.join_with(room, more).await;
    sequenced(&socket.all_until_now().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_nothing_gets_only_what_is_new() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("new only", 10).await;
    let mut at_ann = ann.join(&room).await;
    at_ann.say("before").await;
    let mut at_ben = ben.join(&room).await;
    assert_eq!(at_ben.welcome["head"], 1);
    at_ann.say("after").await;
    assert_eq!(at_ben.message().await["message"], "after");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_gets_what_it_missed_and_then_what_is_new() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("missed", 10).await;
    let mut at_ann = ann.join(&room).await;
    say_many(&mut at_ann, 450).await;
    for since in [0_i64, 1, 249, 449, 450] {
        let mut at_ben = ben.join_with(&room, &format!("&since={since}")).await;
        let live = at_ann.say("live").await;
        for seq in since + 1..=live {
            assert_eq!(at_ben.message().await["seq"], seq, "since {since}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_and_deletions_are_replayed_in_their_places() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("changed", 10).await;
    let mut at_ann = ann.join(&room).await;
    at_ann.say("first text").await;
    at_ann.say("to be deleted").await;
    for (n, frame) in [
        json!({ "type": "edit", "seq": 1, "message": "second text" }),
        json!({ "type": "delete", "seq": 2 }),
        json!({ "type": "edit", "seq": 1, "message": "third text" }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut frame = frame;
        frame["id"] = json!(format!("change-{n}"));
        at_ann.send(frame).await;
        at_ann.expect("ack").await;
    }
    let mut at_ben = ben.join_with(&room, "&since=0").await;
    let frames = at_ben.all_until_now().await;
    assert_eq!(sequenced(&frames), ["message 1", "message 2", "edit 3", "delete 4", "edit 5"]);
    let all = serde_json::to_string(&frames).unwrap();
    let gone = ["first text", "second text", "to be deleted"];
    assert!(gone.iter().all(|text| !all.contains(text)), "{all}");
    assert_eq!(frames[0]["message"], "third text");
    assert_eq!((&frames[1]["message"], &frames[1]["deleted"]), (&json!(""), &json!(true)));
    assert_eq!(what_comes(&ben, &room, "&since=3").await, ["delete 4", "edit 5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_events_are_replayed_and_one_more_is_too_many() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("much", 10).await;
    let mut at_ann = ann.join(&room).await;
    say_many(&mut at_ann, 1001).await;
    assert_eq!(what_comes(&ben, &room, "&since=0").await, ["reset 1001"]);
    let replayed = what_comes(&ben, &room, "&since=1").await;
    let expected: Vec<_> = (2..=1001).map(|seq| format!("message {seq}")).collect();
    assert_eq!(replayed, expected);
    let mut at_ben = ben.join_with(&room, "&since=0").await;
    assert_eq!(at_ben.expect("reset").await["head"], 1001);
    at_ann.say("after the reset").await;
    assert_eq!(at_ben.message().await["seq"], 1002);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_from_the_future_or_from_another_past_begins_afresh() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("two pasts", 10).await;
    let mut at_ann = ann.join(&room).await;
    at_ann.say("one").await;
    at_ann.say("two").await;
    let epoch = at_ann.welcome["epoch"].as_str().unwrap();
    let same = format!("&since=1&epoch={epoch}");
    assert_eq!(what_comes(&ben, &room, &same).await, ["message 2"]);
    assert_eq!(what_comes(&ben, &room, "&since=1&epoch=0000").await, ["reset 2"]);
    assert_eq!(what_comes(&ben, &room, "&epoch=0000").await, ["reset 2"]);
    assert_eq!(what_comes(&ben, &room, "&since=3").await, ["reset 2"]);
    let mut at_ben = ben.join_with(&room, "&since=9223372036854775807").await;
    assert_eq!(at_ben.expect("reset").await["head"], 2);
    at_ann.say("three").await;
    assert_eq!(at_ben.message().await["seq"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_epoch_stays_over_a_restart() {
    let mut server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("lasting", 10).await;
    let mut before = ann.join(&room).await;
    before.say("one").await;
    server.restart().await;
    let after = ann.at(&server).join(&room).await;
    assert_eq!(after.welcome["epoch"], before.welcome["epoch"]);
    assert_eq!(after.welcome["you"], before.welcome["you"]);
    assert_eq!(after.welcome["head"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_is_told_to_those_who_are_there_and_to_those_who_come_back() {
    let clock = HandSetClock::new();
    let server = Server::start_at(clock.clone(), |config| {
        config.server.rate_limits.enabled = false;
        config.auth.access_token_ttl = Duration::from_hours(24);
    })
    .await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("forgetful", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    at_ben.all_until_now().await;
    for text in ["one", "two", "three"] {
        at_ann.say(text).await;
    }
    clock.advance(Duration::from_hours(2));
    at_ann.say("four").await;
    let change = json!({ "retention_in": 3600 });
    ann.patch(&format!("/rooms/{room}"), change).await.data();
    for socket in [&mut at_ann, &mut at_ben] {
        let expired = socket.expect("expired").await;
        assert_eq!(expired, json!({ "type": "expired", "from": 1, "to": 3 }));
    }
    let expired = |from| format!("expired {from}-3");
    assert_eq!(what_comes(&ben, &room, "&since=0").await, [expired(1), "message 4".to_owned()]);
    assert_eq!(what_comes(&ben, &room, "&since=2").await, [expired(3), "message 4".to_owned()]);
    assert_eq!(what_comes(&ben, &room, "&since=3").await, ["message 4"]);
    assert_eq!(what_comes(&ben, &room, "&since=4").await, [""; 0]);
    assert_eq!(at_ann.say("five").await, 5, "places are never given out again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_again_gives_the_first_result() {
    let mut server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("once", 10).await;
    let mut at_ann = ann.join(&room).await;
    let send = |text: &str| json!({ "type": "send", "id": "once", "message": text });
    at_ann.send(send("first")).await;
    let first = at_ann.expect("ack").await;
    at_ann.say("in between").await;
    at_ann.send(send("another text")).await;
    assert_eq!(at_ann.expect("ack").await, first);
    let mut at_ben = ben.join(&room).await;
    at_ben.send(send("Ben's own")).await;
    assert_eq!(at_ben.expect("ack").await["seq"], 3, "ids are the sender's own");
    server.restart().await;
    let mut at_ann = ann.at(&server).join(&room).await;
    at_ann.send(send("after the restart")).await;
    assert_eq!(at_ann.expect("ack").await, first);
    assert_eq!(what_comes(&ann.at(&server), &room, "&since=2").await, ["message 3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_from_many_sockets_at_once_makes_one_message() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("at once", 10).await;
    let mut sockets = join_all((0..5).map(|_| ann.join(&room))).await;
    for round in 0..20 {
        let frame = json!({ "type": "send", "id": format!("{round}"), "message": "hello" });
        let acks = join_all(sockets.iter_mut().map(async |socket| {
            socket.send(frame.clone()).await;
            socket.expect("ack").await
        }));
        for ack in acks.await {
            assert_eq!(ack["seq"], round + 1, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_and_deletions_are_not_repeated_either() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("changed once", 10).await;
    let mut at_ann = ann.join(&room).await;
    at_ann.say("text").await;
    let edit = json!({ "type": "edit", "id": "e", "seq": 1, "message": "better" });
    let delete = json!({ "type": "delete", "id": "d", "seq": 1 });
    for (frame, seq) in [(&edit, 2), (&edit, 2), (&delete, 3), (&delete, 3), (&edit, 2)] {
        at_ann.send(frame.clone()).await;
        assert_eq!(at_ann.expect("ack").await["seq"], seq);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_while_others_talk_misses_nothing_and_hears_nothing_twice() {
    const MESSAGES: i64 = 600;
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("lively", 10).await;
    let mut at_ann = ann.join(&room).await;
    let talking = say_many(&mut at_ann, MESSAGES);
    let listening = async {
        let mut last = 0;
        let mut stay = 1;
        while last < MESSAGES {
            let mut at_ben = ben.join_with(&room, &format!("&since={last}")).await;
            // Hangs up without a word after a while, each time a little later.
            for _ in 0..stay {
                if last == MESSAGES {
                    break;
                }
                let next = at_ben.message().await["seq"].as_i64().unwrap();
                assert_eq!(next, last + 1);
                last = next;
            }
            stay = stay % 37 + 5;
        }
    };
    tokio::join!(talking, listening);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_while_something_is_said_knows_of_it_or_hears_it_once() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("at that moment", 10).await;
    let mut at_ann = ann.join(&room).await;
    for _ in 0..100 {
        let (said, mut at_ben) = tokio::join!(at_ann.say("now"), ben.join(&room));
        let known = at_ben.welcome["head"].as_i64().unwrap();
        for seq in known + 1..=said {
            assert_eq!(at_ben.message().await["seq"], seq);
        }
        assert_eq!(sequenced(&at_ben.all_until_now().await), [""; 0]);
        at_ben.close().await;
    }
}
