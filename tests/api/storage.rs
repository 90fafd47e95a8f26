//! While the database cannot be written, nothing is acknowledged and nobody has to go.

use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::{
    harness::Server,
    slow::{stuck_in_the_past, the_rest},
};

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_can_be_stored_senders_are_told_so_and_all_stay() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("a full disk", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    at_ann.say("stored").await;
    at_ben.message().await;

    // Another process holds the database for longer than anybody waits for it.
    let database = Connection::open(server.data_dir().join("anonchat.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let send = |id: &str| json!({ "type": "send", "id": id, "message": format!("said {id}") });
    at_ann.send(send("first")).await;
    at_ann.send(send("second")).await;
    for _ in 0..2 {
        let error = at_ann.expect("error").await;
        assert_eq!(error["code"], "storage_unavailable");
        assert!(["first", "second"].contains(&error["id"].as_str().unwrap()), "{error}");
        assert_eq!(error["retry_after"], 1);
    }
    let heard = at_ben.all_until_now().await;
    assert!(heard.iter().all(|frame| frame["type"] == "presence"), "{heard:?}");
    let messages = ben.get(&format!("/rooms/{room}/messages")).await;
    assert_eq!(messages.data()["head"], 1, "what is stored can still be read");

    database.execute_batch("ROLLBACK").unwrap();
    at_ann.send(send("second")).await;
    assert_eq!(at_ann.expect("ack").await["seq"], 2, "the place was not used up");
    assert_eq!(at_ben.message().await["message"], "said second");
    at_ann.send(send("first")).await;
    assert_eq!(at_ann.expect("ack").await["seq"], 3);
    assert_eq!(at_ben.message().await["message"], "said first");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_brought_up_to_date_is_told_to_come_back_later() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.timeouts.write = Duration::from_hours(1);
    })
    .await;
    let (_ben, _talker, mut stuck) = stuck_in_the_past(&server).await;
    let database = Connection::open(server.data_dir().join("anonchat.db")).unwrap();
    database.execute_batch("ALTER TABLE events RENAME TO away").unwrap();
    let (places, code) = the_rest(&mut stuck).await;
    assert_eq!(code, Some(CloseCode::from(4503)));
    assert!(!places.is_empty());
    assert!(places.iter().copied().eq(1..=*places.last().unwrap()), "nothing is left out");
}
