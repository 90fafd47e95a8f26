//! What the server knows about whoever asks: shown whole, taken along, erased for good.

use std::fs;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    anonymity::{ANN, contains, files},
    clock::HandSetClock,
    harness::{Answer, PASSWORD, Person, Server, eventually},
    process::Process,
    tools::start_at,
};

const NOW: i64 = 1_780_000_000_000;

async fn own_data(person: &Person) -> Value {
    person.get("/auth/account/data").await.granted(200).clone()
}

/// A document that comes without the envelope.
async fn export(person: &Person) -> Value {
    let Answer { status, headers, body } = person.get("/auth/account/export").await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"anonchat.json\"");
    assert_eq!(headers["cache-control"], "no-store");
    body
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_its_rows_and_no_hash() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let data = own_data(&ann).await;
    assert_eq!(keys(&data), ["account", "rooms", "sessions"]);
    let who = ann.get("/auth/validate").await;
    let recipe = json!({ "algorithm": "argon2id", "version": 19, "memory_in_kib": 19_456,
        "iterations": 2, "parallelism": 1 });
    let account = json!({ "id": who.data()["id"], "login": ann.login, "email": ann.email,
        "role": "person", "created_at": NOW, "password": recipe });
    assert_eq!(data["account"], account);
    let sessions = ann.get("/auth/sessions").await;
    let session = json!({ "session_id": sessions.data()[0]["session_id"], "created_at": NOW,
        "last_used_at": NOW, "expires_at": NOW + 604_800_000, "ended_at": null, "revoked": false,
        "generation": 0, "current": true });
    assert_eq!(data["sessions"], json!([session]));
    assert_eq!(data["rooms"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_over_are_shown_for_as_long_as_they_are_stored() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let (left, stolen) = (ann.on_another_device().await, ann.on_another_device().await);
    left.post("/auth/logout", json!({ "token": left.refresh })).await.granted(200);
    let first = server.refresh(&stolen.refresh).await;
    server.refresh(first.granted(200)["refresh_token"].as_str().unwrap()).await.granted(200);
    server.refresh(&stolen.refresh).await.refused(401, "session_revoked");
    let data = own_data(&ann).await;
    let mut told: Vec<_> = data["sessions"].as_array().unwrap().iter().collect();
    told.sort_by_key(|session| (session["ended_at"].is_null(), session["revoked"].to_string()));
    let facts = |session: &Value| {
        (session["ended_at"].is_i64(), session["revoked"].clone(), session["current"].clone())
    };
    let [left, stolen, current] = told[..] else { panic!("{data}") };
    assert_eq!(facts(left), (true, json!(false), json!(false)));
    assert_eq!(facts(stolen), (true, json!(true), json!(false)));
    assert_eq!(stolen["generation"], 2);
    assert_eq!(facts(current), (false, json!(false), json!(true)));
}

/// Ann with four rooms: her own, one she left, one she was removed from, and one that is gone.
struct Places {
    server: Server,
    ann: Person,
    ben: Person,
    own: String,
    left: String,
    banned: String,
    gone: String,
}

async fn places() -> Places {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let own = ann.create_room("Own", 10).await;
    let left = ben.create_room("Left", 10).await;
    let banned = ben.create_room("Banned", 10).await;
    let gone = ben.create_room("Gone", 10).await;
    for room in [&own, &left, &banned, &gone] {
        for n in 1..=3 {
            ann.post_message(room, &format!("a{n}"), &format!("ann's {n}")).await;
            ben.post_message(room, &format!("b{n}"), &format!("ben's {n}")).await;
        }
    }
    ann.post(&format!("/rooms/{left}/leave"), json!({})).await.granted(200);
    let you = ann.join(&banned).await.welcome["you"]["client_id"].clone();
    let bans = format!("/rooms/{banned}/members/{}", you.as_str().unwrap());
    ben.call(Method::DELETE, &bans, None).await.granted(200);
    ann.get(&format!("/rooms/{banned}")).await.refused(403, "banned");
    ben.delete("/rooms/remove", json!({ "room_id": gone })).await.granted(200);
    Places { server, ann, ben, own, left, banned, gone }
}

fn in_room<'a>(data: &'a Value, room: &str) -> &'a Value {
    let mut rooms = data["rooms"].as_array().unwrap().iter();
    rooms.find(|one| one["room_id"] == *room).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_room_is_shown_that_something_ties_the_account_to() {
    let Places { ann, ben, own, left, banned, gone, .. } = places().await;
    let mut socket = ann.join(&own).await;
    socket.send(json!({ "type": "delete", "id": "d", "seq": 1 })).await;
    socket.expect("ack").await;
    let data = own_data(&ann).await;
    assert_eq!(data["rooms"].as_array().unwrap().len(), 4);
    let expected = |room: &str, name: Value, flags: [bool; 3], count: u32| {
        let [is_host, joined, banned] = flags;
        json!({ "room_id": room, "name": name, "is_host": is_host, "joined": joined,
            "banned": banned, "message_count": count })
    };
    for (room, name, flags, count) in [
        (&own, json!("Own"), [true, true, false], 2),
        (&left, json!("Left"), [false, false, false], 3),
        (&banned, json!("Banned"), [false, false, true], 3),
        (&gone, Value::Null, [false, true, false], 0),
    ] {
        let mut shown = in_room(&data, room).clone();
        let fields = shown.as_object_mut().unwrap();
        let client_id = fields.remove("client_id").unwrap();
        let client_name = fields.remove("client_name").unwrap();
        assert!(fields.remove("read_to").unwrap().is_i64());
        assert_eq!(client_name.is_null(), room == &gone);
        assert_eq!(shown, expected(room, name, flags, count));
        if room == &own {
            assert_eq!(client_id, socket.welcome["you"]["client_id"]);
            assert_eq!(client_name, socket.welcome["you"]["client_name"]);
        }
    }
    let bens = own_data(&ben).await;
    assert_eq!(bens["rooms"].as_array().unwrap().len(), 3, "the host's list forgot the room");
    assert!(!bens.to_string().contains(&ann.login));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_the_rows_and_everything_the_account_wrote_and_nothing_else() {
    let Places { ann, own, left, banned, .. } = places().await;
    let mut socket = ann.join(&own).await;
    socket
        .send(json!({ "type": "edit", "id": "e", "seq": 1, "message": "\"better\"\n\u{202e}" }))
        .await;
    socket.expect("ack").await;
    let document = export(&ann).await;
    assert_eq!(keys(&document), ["account", "exported_at", "messages", "rooms", "sessions"]);
    let data = own_data(&ann).await;
    for field in ["account", "rooms", "sessions"] {
        assert_eq!(document[field], data[field]);
    }
    let messages = document["messages"].as_array().unwrap();
    for room in [&own, &left, &banned] {
        let texts: Vec<_> = messages.iter().filter(|one| one["room_id"] == **room).collect();
        let first = if room == &own { "\"better\"\n\u{202e}" } else { "ann's 1" };
        let said: Vec<_> = texts.iter().map(|one| one["message"].as_str().unwrap()).collect();
        assert_eq!(said, [first, "ann's 2", "ann's 3"]);
        let places: Vec<_> = texts.iter().map(|one| one["seq"].as_i64().unwrap()).collect();
        assert_eq!(places, [1, 3, 5]);
        assert_eq!(texts[0]["edited_at"].is_i64(), room == &own);
        assert_eq!(keys(texts[1]), ["at", "message", "room_id", "seq"]);
    }
    assert_eq!(messages.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_however_much_there_is() {
    let server = Server::start().await;
    let (ann, nobody) = (server.register("ann").await, server.register("nobody").await);
    let rooms = [ann.create_room("One", 10).await, ann.create_room("Two", 10).await];
    for room in &rooms {
        let mut socket = ann.join(room).await;
        for n in 0..250 {
            let id = n.to_string();
            socket.send(json!({ "type": "send", "id": id, "message": format!("text {n}") })).await;
            socket.expect("ack").await;
        }
    }
    let document = export(&ann).await;
    for room in &rooms {
        let messages = document["messages"].as_array().unwrap().iter();
        let texts = messages.filter(|one| one["room_id"] == **room).map(|one| &one["message"]);
        let expected: Vec<_> = (0..250).map(|n| json!(format!("text {n}"))).collect();
        assert_eq!(texts.cloned().collect::<Vec<_>>(), expected);
    }
    assert_eq!(export(&nobody).await["messages"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_takes_their_words_along_from_wherever_they_wrote() {
    let Places { server, ann, ben, own, left, banned, .. } = places().await;
    let mut at_ben = ben.join(&own).await;
    let mut at_ann = ann.join(&own).await;
    ann.delete("/auth/account?messages=true", json!({ "password": PASSWORD })).await.granted(200);
    assert_eq!(at_ann.close_code().await, 4401);
    for target in [1, 3, 5] {
        assert_eq!(at_ben.expect("delete").await["target"], target);
    }
    for room in [&own, &left, &banned] {
        let history = ben.get(&format!("/rooms/{room}/messages")).await;
        for message in history.granted(200)["messages"].as_array().unwrap() {
            let is_bens = message["message"].as_str().unwrap().starts_with("ben's");
            assert_eq!(message["deleted"] == true, !is_bens, "{message}");
        }
    }
    let again = server.register("ann").await;
    assert_eq!(own_data(&again).await["rooms"], json!([]));
}

/// A crash in the middle leaves an account that can be erased again, to the end.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_a_crash_interrupts_can_be_done_again() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let mut server = Process::start(&data_dir, &[]).await;
    let way = server.way(ANN);
    let (ann, ben) =
        (Person::register(&way, "annegret").await, Person::register(&way, "benedikt").await);
    let room = ben.create_room("Crashing", 10).await;
    let mut at_ann = ann.join(&room).await;
    for n in 0..450 {
        at_ann.say(&format!("geheim, Nummer {n}")).await;
    }
    let mut at_ben = ben.join(&room).await;
    let mut erasing = tokio::task::JoinSet::new();
    erasing.spawn({
        let ann = ann.clone();
        async move {
            let path = way.url("/auth/account?messages=true");
            let request = way.http.delete(path).bearer_auth(&ann.access);
            request.json(&json!({ "password": PASSWORD })).send().await.is_ok()
        }
    });
    at_ben.expect("delete").await;
    server.kill().await;
    erasing.join_all().await;

    let server = server.again().await;
    let nobody = Person { access: String::new(), ..ann.clone() };
    let again = nobody.post("/auth/login", json!({ "login": ann.login, "password": PASSWORD }));
    let again = again.await;
    if again.status == 200 {
        let ann = ann.with_tokens(again.granted(200));
        let path = "/auth/account?messages=true";
        ann.delete(path, json!({ "password": PASSWORD })).await.granted(200);
    }
    let held = || {
        let contents = files(&data_dir).into_iter().map(|file| fs::read(file).unwrap_or_default());
        let contents: Vec<_> = contents.collect();
        let secrets = ["geheim, Nummer", "annegret", "annegret@mail.example"];
        let is_held = |text: &&str| contents.iter().any(|file| contains(file, text.as_bytes()));
        secrets.into_iter().filter(is_held).collect::<Vec<_>>()
    };
    eventually("every copy is gone", async || held().is_empty()).await;
    let history = ben.get(&format!("/rooms/{room}/messages?limit=200")).await;
    let messages = history.granted(200)["messages"].as_array().unwrap().clone();
    assert!(messages.iter().all(|message| message["deleted"] == true));
    drop(server);
}

/// DATA-03: what a shortened retention takes leaves every file, and those who are there are told.
#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_retention_empties_the_files_at_once() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Forgetful", 10).await;
    let mut at_ben = ben.join(&room).await;
    at_ben.say("uralt und geheim").await;
    clock.advance(std::time::Duration::from_hours(2));
    ann.get("/auth/validate").await.refused(401, "unauthorized");
    let ann = ann.on_another_device().await;
    ann.post_message(&room, "new", "noch ganz frisch").await;
    let held = |text: &str| {
        let contents = files(server.data_dir()).into_iter().map(|file| fs::read(file).unwrap());
        contents.into_iter().any(|file| contains(&file, text.as_bytes()))
    };
    assert!(held("uralt und geheim"));
    let path = format!("/rooms/{room}");
    ann.patch(&path, json!({ "retention_in": 86_400 })).await.granted(200);
    let page = ann.get(&format!("{path}/messages")).await;
    assert_eq!(page.granted(200)["messages"][0]["message"], "uralt und geheim");
    ann.patch(&path, json!({ "retention_in": 3600 })).await.granted(200);
    let page = ann.get(&format!("{path}/messages")).await;
    assert_eq!(page.granted(200)["messages"][0]["message"], "noch ganz frisch");
    assert_eq!(page.data()["messages"].as_array().unwrap().len(), 1);
    eventually("every copy is gone", async || !held("uralt und geheim")).await;
    assert!(held("noch ganz frisch"));
}
