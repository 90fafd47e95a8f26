//! Messages over HTTP: for bots and scripts without a socket, and for everybody's history.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clock::HandSetClock,
    harness::{Answer, PATIENCE, Person, Server},
    tools::start_at,
};

struct Kitchen {
    server: Server,
    ann: Person,
    ben: Person,
    room: String,
    /// Where its messages are.
    path: String,
}

/// Ann's room, and Ben.
async fn kitchen() -> Kitchen {
    let server = start_at(&HandSetClock::new()).await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Kitchen", 10).await;
    let path = format!("/rooms/{room}/messages");
    Kitchen { server, ann, ben, room, path }
}

impl Kitchen {
    async fn post(&self, id: &str, message: &str) -> Answer {
        self.ann.post(&self.path, json!({ "id": id, "message": message })).await
    }

    /// A page of history, and the places on it.
    async fn page(&self, query: &str) -> (Value, Vec<i64>) {
        let answer = self.ann.get(&format!("{}?{query}", self.path)).await;
        let page = answer.granted(200).clone();
        let messages = page["messages"].as_array().unwrap().iter();
        let seqs = messages.map(|message| message["seq"].as_i64().unwrap()).collect();
        (page, seqs)
    }

    /// How many messages somebody has not read, which the room and the list of rooms agree on.
    async fn unread(&self, person: &Person) -> i64 {
        loop {
            let room = person.get(&format!("/rooms/{}", self.room)).await;
            let list = person.get("/rooms").await;
            let unread = &room.granted(200)["unread"];
            if *unread == list.granted(200)["rooms"][0]["unread"] {
                return unread.as_i64().unwrap();
            }
        }
    }

    async fn texts(&self) -> Vec<String> {
        let (page, _) = self.page("").await;
        let messages = page["messages"].as_array().unwrap().iter();
        messages.map(|message| message["message"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_stored_once_however_often_it_is_sent() {
    let kitchen = kitchen().await;
    let first = kitchen.post("a", "hello").await;
    assert_eq!(*first.granted(201), json!({ "seq": 1, "at": 1_780_000_000_000_i64 }));
    kitchen.post("b", "and again").await.granted(201);
    let repeated = kitchen.post("a", "hello").await;
    assert_eq!(repeated.granted(200), first.data());
    let changed = kitchen.post("a", "another text under the same id").await;
    assert_eq!(changed.granted(200), first.data());
    assert_eq!(kitchen.texts().await, ["hello", "and again"]);
    let bens = kitchen.ben.post(&kitchen.path, json!({ "id": "a", "message": "mine" })).await;
    assert_eq!(bens.granted(201)["seq"], 3, "ids are each sender's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_message_sent_many_times_at_once_one_is_stored() {
    let kitchen = kitchen().await;
    let answers = join_all((0..10).map(|_| kitchen.post("a", "hello"))).await;
    // More sockets of one person than a room admits are refused, and may send again.
    let stored: Vec<_> = answers.iter().filter(|answer| answer.status != 429).collect();
    assert_eq!(stored.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(stored.iter().all(|answer| answer.data()["seq"] == 1));
    assert_eq!(kitchen.texts().await, ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_from_a_script_reaches_the_sockets() {
    let kitchen = kitchen().await;
    let mut socket = kitchen.ben.join(&kitchen.room).await;
    kitchen.post("a", "from a script").await.granted(201);
    let heard = socket.message().await;
    assert_eq!((&heard["message"], &heard["seq"]), (&"from a script".into(), &1.into()));
    let (page, _) = kitchen.page("").await;
    assert_eq!(page["messages"][0], heard, "history and sockets show the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_shows_its_alias_and_nothing_else_of_its_sender() {
    let kitchen = kitchen().await;
    kitchen.post("client-chosen-id", "hello").await.granted(201);
    let (page, _) = kitchen.page("").await;
    let message = page["messages"][0].as_object().unwrap();
    let mut keys: Vec<_> = message.keys().collect();
    keys.sort();
    assert_eq!(keys, ["at", "client_id", "client_name", "message", "room_id", "seq", "type"]);
    assert_eq!(message["type"], "message");
    assert_eq!(message["room_id"], kitchen.room);
    assert!(!page.to_string().contains("client-chosen-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_what_it_answers() {
    let kitchen = kitchen().await;
    kitchen.post("a", "what time is it?").await.granted(201);
    let body = json!({ "id": "b", "message": "noon", "reply_to": 1 });
    kitchen.ann.post(&kitchen.path, body).await.granted(201);
    let (page, _) = kitchen.page("").await;
    assert_eq!(page["messages"][1]["reply_to"], 1);
    for reply_to in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        let body = json!({ "id": "c", "message": "x", "reply_to": reply_to });
        kitchen.ann.post(&kitchen.path, body).await.refused_fields(&["reply_to"]);
    }
    let body = json!({ "id": "c", "message": "x", "reply_to": 99 });
    kitchen.ann.post(&kitchen.path, body).await.refused(404, "not_found");
    assert_eq!(kitchen.texts().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_comes_in_pages_from_either_side() {
    let kitchen = kitchen().await;
    let (page, seqs) = kitchen.page("").await;
    assert_eq!((seqs.len(), &page["head"], &page["has_more"]), (0, &0.into(), &false.into()));
    for n in 1..=7 {
        kitchen.post(&n.to_string(), &format!("message {n}")).await.granted(201);
    }
    for (query, expected, has_more) in [
        ("", vec![1, 2, 3, 4, 5, 6, 7], false),
        ("limit=3", vec![5, 6, 7], true),
        ("limit=7", vec![1, 2, 3, 4, 5, 6, 7], false),
        ("before=5&limit=3", vec![2, 3, 4], true),
        ("before=4&limit=3", vec![1, 2, 3], false),
        ("before=1", vec![], false),
        ("before=0", vec![], false),
        ("before=1000&limit=2", vec![6, 7], true),
        ("after=0&limit=3", vec![1, 2, 3], true),
        ("after=4&limit=3", vec![5, 6, 7], false),
        ("after=7", vec![], false),
        ("after=1000", vec![], false),
        ("before=9223372036854775807&limit=1", vec![7], true),
        ("after=9223372036854775807", vec![], false),
    ] {
        let (page, seqs) = kitchen.page(query).await;
        assert_eq!(seqs, expected, "{query}");
        assert_eq!((&page["head"], &page["has_more"]), (&7.into(), &has_more.into()), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_cannot_be_is_refused_with_its_field() {
    let kitchen = kitchen().await;
    for (query, field) in [
        ("before=-1", "before"),
        ("before=x", "before"),
        ("before=", "before"),
        ("after=1.5", "after"),
        ("after=9223372036854775808", "after"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("before=1&after=1", "before"),
    ] {
        let answer = kitchen.ann.get(&format!("{}?{query}", kitchen.path)).await;
        answer.refused_fields(&[field]);
    }
    kitchen.page("limit=200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_shows_texts_as_they_stand_now() {
    let kitchen = kitchen().await;
    let mut socket = kitchen.ann.join(&kitchen.room).await;
    for text in ["first", "second", "third"] {
        socket.say(text).await;
    }
    socket.send(json!({ "type": "edit", "id": "e", "seq": 1, "message": "first, mended" })).await;
    socket.expect("ack").await;
    socket.send(json!({ "type": "delete", "id": "d", "seq": 2 })).await;
    socket.expect("ack").await;
    let (page, seqs) = kitchen.page("").await;
    assert_eq!((seqs, &page["head"]), (vec![1, 2, 3], &5.into()));
    let [first, second, third] = [0, 1, 2].map(|n| &page["messages"][n]);
    assert_eq!((&first["message"], &first["edited_at"]), (&"first, mended".into(), &first["at"]));
    assert_eq!((&second["message"], &second["deleted"]), (&"".into(), &true.into()));
    assert_eq!((&third["message"], third.get("deleted")), (&"third".into(), None));
    assert_eq!(third.get("edited_at"), None);
    assert!(!page.to_string().contains("second"));
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_counts_what_others_said_since_one_read() {
    let kitchen = kitchen().await;
    let (ann, ben) = (&kitchen.ann, &kitchen.ben);
    ben.post_message(&kitchen.room, "1", "one").await;
    ben.post_message(&kitchen.room, "2", "two").await;
    ann.post_message(&kitchen.room, "1", "mine").await;
    assert_eq!(kitchen.unread(ann).await, 2);
    assert_eq!(kitchen.unread(ben).await, 1);
    let mut socket = ann.join(&kitchen.room).await;
    for (seq, left) in [(1, 1), (3, 0)] {
        socket.send(json!({ "type": "read", "seq": seq })).await;
        // A position is stored a little later, so that reading on does not write on and on.
        let read = async { while kitchen.unread(ann).await != left {} };
        tokio::time::timeout(PATIENCE, read).await.expect("the position is stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_comes_back_byte_for_byte() {
    let kitchen = kitchen().await;
    let texts = [
        "👩\u{200d}👩\u{200d}👧 🇩🇪 👍🏽",
        "שלום\u{202e}abc\u{202c} عالم",
        "zero\u{200b}width\u{feff}inside",
        "cafe\u{301} and caf\u{e9}",
        "  spaces  \n\tand lines\n",
        "<script>alert(1)</script> &amp; \"quotes\" \\ backslash",
        "'; drop table events; --",
        "{\"type\":\"message\",\"seq\":1}",
        "\u{fffd}\u{10ffff}\u{e000}",
        "z̸̢̡a̵̛l̷̛g̶̛o̸",
    ];
    for (n, text) in texts.iter().enumerate() {
        kitchen.post(&n.to_string(), text).await.granted(201);
    }
    assert_eq!(kitchen.texts().await, texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_has_4000_characters_and_16_kib_at_most() {
    let kitchen = kitchen().await;
    let family = "👩\u{200d}👩\u{200d}👧";
    for (n, text) in ["x".repeat(4000), "я".repeat(4000), family.repeat(16 * 1024 / family.len())]
        .iter()
        .enumerate()
    {
        kitchen.post(&n.to_string(), text).await.granted(201);
    }
    for text in [
        "x".repeat(4001),
        "я".repeat(4001),
        family.repeat(1000),
        "e".to_owned() + &"\u{301}".repeat(8192),
    ] {
        kitchen.post("long", &text).await.refused_fields(&["message"]);
    }
    assert_eq!(kitchen.texts().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_none_are_refused() {
    let kitchen = kitchen().await;
    for text in [
        "",
        "  \n\t ",
        "\u{200b}\u{200d}\u{feff}",
        "a\0b",
        "a\rb",
        "a\u{1b}[2Jb",
        "a\u{85}b",
        "\u{7f}",
    ] {
        kitchen.post("x", text).await.refused_fields(&["message"]);
    }
    for (id, message) in
        [(json!(""), json!("x")), (json!("x".repeat(65)), json!("x")), (json!(1), json!("x"))]
    {
        let body = json!({ "id": id, "message": message });
        kitchen.ann.post(&kitchen.path, body).await.refused_fields(&["id"]);
    }
    let answer = kitchen.ann.post(&kitchen.path, json!({ "message": 7 })).await;
    answer.refused_fields(&["id", "message"]);
    for body in [r#"{"id":"x","message":"\ud800"}"#, r#"{"id":"x","message":"a\udc00b"}"#] {
        let answer =
            kitchen.ann.send(&kitchen.server, Method::POST, &kitchen.path, body.to_owned()).await;
        answer.refused(400, "invalid_json");
    }
    let not_utf8 = b"{\"id\":\"x\",\"message\":\"\xff\xfe\"}".to_vec();
    let answer = kitchen.ann.send(&kitchen.server, Method::POST, &kitchen.path, not_utf8).await;
    answer.refused(400, "invalid_json");
    assert!(kitchen.texts().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_room_takes_no_message_of_somebody_new() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Closet", 1).await;
    let _socket = ann.join(&room).await;
    let body = json!({ "id": "1", "message": "let me in" });
    ben.post(&format!("/rooms/{room}/messages"), body).await.refused(409, "room_full");
    ann.post_message(&room, "1", "all mine").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_one_person_at_once_are_no_sockets() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.sockets_per_room = 1.try_into().unwrap();
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("busy script", 10).await;
    let mut socket = ann.join(&room).await;
    let path = &format!("/rooms/{room}/messages");
    let posts = (0..20).map(|n| ann.post(path, json!({ "id": n.to_string(), "message": "hi" })));
    for answer in join_all(posts).await {
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    for seq in 1..=20 {
        assert_eq!(socket.message().await["seq"], seq);
    }
    assert_eq!(ann.get("/rooms").await.data()["rooms"][0]["online"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_keeps_so_many_messages_and_says_so() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.rooms.max_events = 2.try_into().unwrap();
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("Cupboard", 10).await;
    let mut socket = ann.join(&room).await;
    assert_eq!((socket.say("one").await, socket.say("two").await), (1, 2));
    socket.send(json!({ "type": "send", "id": "third", "message": "three" })).await;
    let error = socket.expect("error").await;
    assert_eq!((&error["code"], &error["id"]), (&json!("history_full"), &json!("third")));
    let path = format!("/rooms/{room}/messages");
    let body = json!({ "id": "fourth", "message": "four" });
    ann.post(&path, body).await.refused(409, "history_full");
    socket.send(json!({ "type": "delete", "id": "away", "seq": 1 })).await;
    assert_eq!(socket.expect("ack").await["seq"], 3, "erasing is always possible");
}
