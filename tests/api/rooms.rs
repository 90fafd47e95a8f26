//! Rooms over HTTP.

use std::{num::NonZeroU32, time::Duration};

use anonchat::domain::Retention;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clock::HandSetClock,
    harness::{PASSWORD, Person, Server},
    tools::start_at,
};

/// An id that no room has.
const UNKNOWN: &str = "ZZZZZZZZZZZZZZZZ";

async fn create(person: &Person, body: Value) -> Value {
    person.post("/rooms/create", body).await.granted(201).clone()
}

/// The names of the rooms on a page, and its cursor.
async fn page(person: &Person, query: &str) -> (Vec<String>, Option<String>) {
    let answer = person.get(&format!("/rooms?{query}")).await;
    let page = answer.granted(200);
    let rooms = page["rooms"].as_array().unwrap().iter();
    let names = rooms.map(|room| room["name"].as_str().unwrap().to_owned()).collect();
    (names, page["next_cursor"].as_str().map(str::to_owned))
}

async fn names(person: &Person, query: &str) -> Vec<String> {
    page(person, query).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_room_is_as_its_host_wants_it() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let room = create(&ann, json!({ "name": "  Class 9б 🎓 ", "max_user": 30 })).await;
    let id = room["room_id"].as_str().unwrap().to_owned();
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    assert!(id.len() == 16 && id.chars().all(|c| alphabet.contains(c)), "{id}");
    let expected = json!({
        "room_id": id, "name": "Class 9б 🎓", "visibility": "unlisted", "max_user": 30,
        "online": 0, "retention_in": null, "created_at": 1_780_000_000_000_i64, "head": 0,
        "is_host": true, "joined": true, "unread": 0,
    });
    assert_eq!(room, expected);
    assert_eq!(*ann.get(&format!("/rooms/{id}")).await.granted(200), expected);
    let room = create(
        &ann,
        json!({ "name": "x", "max_user": 1, "visibility": "public", "retention_in": 3600 }),
    )
    .await;
    assert_eq!((&room["visibility"], &room["retention_in"]), (&"public".into(), &3600.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_settings_are_all_named_and_nothing_is_created() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    ann.post("/rooms/create", json!({})).await.refused_fields(&["max_user", "name"]);
    let all_wrong =
        json!({ "name": " ", "max_user": 0, "visibility": "secret", "retention_in": 60 });
    let answer = ann.post("/rooms/create", all_wrong).await;
    answer.refused_fields(&["max_user", "name", "retention_in", "visibility"]);
    for name in [
        json!(""),
        json!("\u{200b}\u{2060}"),
        json!("x".repeat(51)),
        json!("🏴󠁧󠁢󠁳󠁣󠁴󠁿".repeat(10)),
        json!("a\nb"),
        json!("a\u{0}b"),
        json!("a\u{202e}b"),
        json!("e\u{301}\u{301}\u{301}\u{301}\u{301}"),
        json!(7),
        json!(["a"]),
        json!(true),
    ] {
        let body = json!({ "name": name, "max_user": 10 });
        ann.post("/rooms/create", body).await.refused_fields(&["name"]);
    }
    for max_user in [json!(0), json!(-1), json!(1001), json!(1.5), json!("10"), json!(1e30)] {
        let body = json!({ "name": "x", "max_user": max_user });
        ann.post("/rooms/create", body).await.refused_fields(&["max_user"]);
    }
    for retention in [json!(0), json!(-3600), json!(60), json!("1h"), json!(86_401)] {
        let body = json!({ "name": "x", "max_user": 10, "retention_in": retention });
        ann.post("/rooms/create", body).await.refused_fields(&["retention_in"]);
    }
    assert!(names(&ann, "").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_at_their_bounds_are_accepted() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for (name, max_user, retention) in [
        ("x", 1, json!(null)),
        (&"я".repeat(50), 1000, json!(3600)),
        (&"x".repeat(50), 2, json!(86_400)),
        ("e\u{301}\u{301}\u{301}\u{301}", 2, json!(604_800)),
        ("'; drop table rooms; --", 2, json!(2_592_000)),
    ] {
        let body = json!({ "name": name, "max_user": max_user, "retention_in": retention });
        let room = create(&ann, body).await;
        assert_eq!(room["name"], name);
        assert_eq!((&room["max_user"], &room["retention_in"]), (&max_user.into(), &retention));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_ceilings_hold_for_new_rooms_and_for_changes() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.rooms.max_users = NonZeroU32::new(50).unwrap();
        config.rooms.max_retention = Retention::For(Duration::from_hours(24));
        config.rooms.default_retention = Retention::For(Duration::from_hours(1));
    })
    .await;
    let ann = server.register("ann").await;
    let room = create(&ann, json!({ "name": "x", "max_user": 50 })).await;
    assert_eq!(room["retention_in"], 3600);
    let too_much = json!({ "name": "x", "max_user": 51, "retention_in": 604_800 });
    let answer = ann.post("/rooms/create", too_much.clone()).await;
    answer.refused_fields(&["max_user", "retention_in"]);
    let kept = json!({ "name": "x", "max_user": 5, "retention_in": null });
    ann.post("/rooms/create", kept).await.refused_fields(&["retention_in"]);
    let path = format!("/rooms/{}", room["room_id"].as_str().unwrap());
    ann.patch(&path, too_much).await.refused_fields(&["max_user", "retention_in"]);
    assert_eq!(ann.get(&path).await.granted(200)["max_user"], 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn my_rooms_are_mine_and_public_ones_everybodys() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    for (name, visibility) in [("open", "public"), ("hidden", "unlisted"), ("late", "public")] {
        create(&ann, json!({ "name": name, "max_user": 5, "visibility": visibility })).await;
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(names(&ann, "").await, ["late", "hidden", "open"]);
    assert_eq!(names(&ann, "scope=mine").await, ["late", "hidden", "open"]);
    assert_eq!(names(&ann, "scope=public").await, ["late", "open"]);
    assert!(names(&ben, "").await.is_empty());
    assert_eq!(names(&ben, "scope=public").await, ["late", "open"]);
    let answer = ben.get("/rooms?scope=public").await;
    let room = &answer.granted(200)["rooms"][0];
    assert_eq!((&room["is_host"], &room["joined"]), (&false.into(), &false.into()));
    let answer = ann.get("/rooms?scope=public").await;
    let room = &answer.granted(200)["rooms"][0];
    assert_eq!((&room["is_host"], &room["joined"]), (&true.into(), &true.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_found_by_part_of_their_name_whatever_the_case() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    for name in ["Чай и кофе", "100% tea_time", "Straße", "ÉCOLE"] {
        create(&ann, json!({ "name": name, "max_user": 5, "visibility": "public" })).await;
        clock.advance(Duration::from_secs(1));
    }
    for scope in ["mine", "public"] {
        for (search, expected) in [
            ("ЧАЙ", vec!["Чай и кофе"]),
            ("кофе", vec!["Чай и кофе"]),
            ("école", vec!["ÉCOLE"]),
            ("STRA", vec!["Straße"]),
            ("100%25", vec!["100% tea_time"]),
            ("%25", vec!["100% tea_time"]),
            ("_", vec!["100% tea_time"]),
            ("%20tea", vec!["100% tea_time"]),
            ("'%20or%201=1%20--", vec![]),
            ("%5C", vec![]),
            ("*", vec![]),
            ("", vec!["ÉCOLE", "Straße", "100% tea_time", "Чай и кофе"]),
            ("%20%20", vec!["ÉCOLE", "Straße", "100% tea_time", "Чай и кофе"]),
        ] {
            let query = format!("scope={scope}&q={search}");
            assert_eq!(names(&ann, &query).await, expected, "{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_every_room_once_though_all_are_of_one_second() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    for n in 0..7 {
        create(&ann, json!({ "name": format!("{n}"), "max_user": 5, "visibility": "public" }))
            .await;
    }
    for scope in ["mine", "public"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let (names, next) = page(&ann, &format!("scope={scope}&limit=3{cursor}")).await;
            seen.extend(names);
            match next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            assert_eq!(seen.len() % 3, 0);
        }
        seen.sort();
        assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6"], "{scope}");
    }
    let (names, next) = page(&ann, "scope=public&limit=7").await;
    assert_eq!((names.len(), next), (7, None), "a full page that is the last");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_makes_no_sense_is_refused_with_its_field() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for (query, field) in [
        ("scope=all", "scope"),
        ("scope=", "scope"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=1-2", "cursor"),
        ("cursor=x-ZZZZZZZZZZZZZZZZ", "cursor"),
        ("cursor=99999999999999999999-ZZZZZZZZZZZZZZZZ", "cursor"),
    ] {
        let answer = ann.get(&format!("/rooms?{query}")).await;
        answer.refused_fields(&[field]);
    }
    ann.get("/rooms?limit=1&limit=2").await.refused(400, "invalid_request");
    ann.get("/rooms?q=%ff&unknown=1&limit=100").await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_changes_settings_one_by_one() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let id = ann.create_room("Kitchen", 5).await;
    let path = format!("/rooms/{id}");
    for (field, value) in [
        ("name", json!("Garden")),
        ("max_user", json!(7)),
        ("visibility", json!("public")),
        ("retention_in", json!(3600)),
        ("retention_in", json!(null)),
    ] {
        let before = ann.get(&path).await.granted(200).clone();
        let answer = ann.patch(&path, json!({ field: value })).await;
        let mut expected = before;
        expected[field] = value;
        assert_eq!(*answer.granted(200), expected);
        assert_eq!(*ann.get(&path).await.granted(200), expected);
    }
    let settings = ann.get(&path).await.granted(200).clone();
    let hostile = json!({
        "is_host": false, "room_id": UNKNOWN, "head": 9, "created_at": 1, "host_tag": "x",
        "secret": "x", "id": 7,
    });
    assert_eq!(
        *ann.patch(&path, hostile).await.granted(200),
        settings,
        "unknown fields change nothing"
    );
    ben.patch(&path, json!({ "name": "Ben's" })).await.refused(403, "forbidden");
    ben.client_id_in(&id).await;
    ben.patch(&path, json!({ "name": "Ben's" })).await.refused(403, "forbidden");
    let answer = ann.patch(&path, json!({ "name": "", "max_user": "x" })).await;
    answer.refused_fields(&["max_user", "name"]);
    ann.patch(&format!("/rooms/{UNKNOWN}"), json!({})).await.refused(404, "room_not_found");
    assert_eq!(ann.get(&path).await.granted(200)["name"], "Garden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_removes_a_room_named_in_the_body_or_in_the_query() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    for in_query in [true, false] {
        let id = ann.create_room("Kitchen", 5).await;
        ben.client_id_in(&id).await;
        let by_query = format!("/rooms/remove?room_id={id}");
        ben.call(Method::DELETE, &by_query, None).await.refused(403, "forbidden");
        ben.delete("/rooms/remove", json!({ "room_id": id })).await.refused(403, "forbidden");
        let nonsense = Some(json!({ "room_id": {} }));
        let refused = ann.call(Method::DELETE, &by_query, nonsense).await;
        refused.refused_fields(&["room_id"]);
        let mut socket = ben.join(&id).await;
        let answer = if in_query {
            ann.call(Method::DELETE, &by_query, None).await
        } else {
            ann.delete("/rooms/remove", json!({ "room_id": id })).await
        };
        assert_eq!(*answer.granted(200), Value::Null);
        assert_eq!(socket.close_code().await, 4410);
        for person in [&ann, &ben] {
            person.get(&format!("/rooms/{id}")).await.refused(404, "room_not_found");
            person.get(&format!("/rooms/{id}/messages")).await.refused(404, "room_not_found");
            assert!(names(person, "").await.is_empty());
        }
        let answer = ann.delete("/rooms/remove", json!({ "room_id": id })).await;
        answer.refused(404, "room_not_found");
    }
    ann.call(Method::DELETE, "/rooms/remove", None).await.refused_fields(&["room_id"]);
    ann.delete("/rooms/remove", json!({})).await.refused_fields(&["room_id"]);
    ann.delete("/rooms/remove", json!({ "room_id": "nonsense" }))
        .await
        .refused(404, "room_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_an_unknown_room_creates_nothing() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for id in [UNKNOWN, "x", "%2e%2e%2f", "%00", "%ff", "комната", &"A".repeat(2000)] {
        let path = format!("/rooms/{id}");
        ann.get(&path).await.refused(404, "room_not_found");
        ann.get(&format!("{path}/messages")).await.refused(404, "room_not_found");
        ann.call(Method::POST, &format!("{path}/leave"), None).await.refused(404, "room_not_found");
        let body = json!({ "id": "1", "message": "x" });
        ann.post(&format!("{path}/messages"), body).await.refused(404, "room_not_found");
        ann.patch(&path, json!({ "name": "x" })).await.refused(404, "room_not_found");
    }
    let refused = ann.try_join(UNKNOWN, "").await.err().expect("no seat");
    refused.refused(404, "room_not_found");
    ann.get(&format!("/rooms/{UNKNOWN}")).await.refused(404, "room_not_found");
    assert!(names(&ann, "").await.is_empty() && names(&ann, "scope=public").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_id_is_read_whatever_its_case_and_hyphens() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let id = ann.create_room("Kitchen", 5).await;
    let lower = id.to_lowercase();
    let hyphens = format!("{}-{}-{}", &id[..4], &lower[4..8], &id[8..]);
    let look_alikes = id.replace('0', "o").replace('1', "L");
    for written in [&lower, &hyphens, &look_alikes] {
        let answer = ann.get(&format!("/rooms/{written}")).await;
        assert_eq!(answer.granted(200)["room_id"], id);
    }
    ann.delete("/rooms/remove", json!({ "room_id": hyphens })).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_and_comes_back_is_the_same_alias() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let id = ann.create_room("Kitchen", 5).await;
    let leave = format!("/rooms/{id}/leave");
    ben.call(Method::POST, &leave, None).await.granted(200);
    let before = ben.client_id_in(&id).await;
    assert_eq!(names(&ben, "").await, ["Kitchen"]);
    for _ in 0..2 {
        assert_eq!(*ben.call(Method::POST, &leave, None).await.granted(200), Value::Null);
        assert!(names(&ben, "").await.is_empty());
    }
    assert_eq!(ben.get(&format!("/rooms/{id}")).await.granted(200)["joined"], false);
    let socket = ben.join(&id).await;
    assert_eq!(socket.welcome["you"]["client_id"], before);
    assert_eq!(names(&ben, "").await, ["Kitchen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_who_left_is_still_the_host() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let id = ann.create_room("Kitchen", 5).await;
    ann.call(Method::POST, &format!("/rooms/{id}/leave"), None).await.granted(200);
    assert!(names(&ann, "").await.is_empty());
    let answer = ann.get(&format!("/rooms/{id}")).await;
    assert_eq!(
        (&answer.granted(200)["is_host"], &answer.data()["joined"]),
        (&true.into(), &false.into())
    );
    ann.delete("/rooms/remove", json!({ "room_id": id })).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_member_is_banned_everywhere_in_the_room_and_nowhere_else() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let (id, other) = (ann.create_room("Kitchen", 5).await, ann.create_room("Garden", 5).await);
    let alias = ben.client_id_in(&id).await;
    ben.client_id_in(&other).await;
    let member = format!("/rooms/{id}/members/{alias}");
    ben.call(Method::DELETE, &member, None).await.refused(403, "forbidden");
    let mut socket = ben.join(&id).await;
    ann.call(Method::DELETE, &member, None).await.granted(200);
    assert_eq!(socket.close_code().await, 4403);
    ann.call(Method::DELETE, &member, None).await.refused(404, "not_found");
    let path = format!("/rooms/{id}");
    ben.get(&path).await.refused(403, "banned");
    ben.get(&format!("{path}/messages")).await.refused(403, "banned");
    let body = json!({ "id": "2", "message": "x" });
    ben.post(&format!("{path}/messages"), body).await.refused(403, "banned");
    ben.patch(&path, json!({ "name": "x" })).await.refused(403, "banned");
    ben.call(Method::POST, &format!("{path}/leave"), None).await.refused(403, "banned");
    ben.delete("/rooms/remove", json!({ "room_id": id })).await.refused(403, "banned");
    ben.call(Method::DELETE, &member, None).await.refused(403, "banned");
    ben.try_join(&id, "").await.err().expect("no seat").refused(403, "banned");
    let again = ben.on_another_device().await;
    again.get(&path).await.refused(403, "banned");
    assert_eq!(names(&ben, "").await, ["Garden"]);
    ben.get(&format!("/rooms/{other}/messages")).await.granted(200);
    let history = ann.get(&format!("{path}/messages")).await;
    assert_eq!(history.granted(200)["messages"][0]["message"], "hello", "what was said stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_removes_the_host_or_somebody_unknown() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let id = ann.create_room("Kitchen", 5).await;
    let host = ann.client_id_in(&id).await;
    for member in [&host, UNKNOWN, "x", "%ff", "%2f"] {
        let path = format!("/rooms/{id}/members/{member}");
        ann.call(Method::DELETE, &path, None).await.refused(404, "not_found");
    }
    ann.get(&format!("/rooms/{id}")).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_so_many_rooms_and_no_more_even_at_once() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.rooms.per_account = NonZeroU32::new(3).unwrap();
    })
    .await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let body = json!({ "name": "x", "max_user": 5 });
    let answers = join_all((0..12).map(|_| ann.post("/rooms/create", body.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 201).collect();
    assert!(refused.iter().all(|answer| answer.code() == "forbidden" && answer.status == 403));
    let made = answers.iter().find(|answer| answer.status == 201).unwrap();
    let id = made.data()["room_id"].as_str().unwrap();
    ann.call(Method::POST, &format!("/rooms/{id}/leave"), None).await.granted(200);
    ann.post("/rooms/create", body.clone()).await.refused(403, "forbidden");
    ann.delete("/rooms/remove", json!({ "room_id": id })).await.granted(200);
    ann.post("/rooms/create", body.clone()).await.granted(201);
    ben.post("/rooms/create", body).await.granted(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_says_how_many_are_in_it_and_never_who() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let id = ann.create_room("Kitchen", 5).await;
    let _sockets = (ann.join(&id).await, ben.join(&id).await, ben.join(&id).await);
    let answer = ann.get(&format!("/rooms/{id}")).await;
    assert_eq!(answer.granted(200)["online"], 2, "two tabs of one person are one");
    let (mine, public) = (ann.get("/rooms").await, ann.get("/rooms?scope=public").await);
    for answer in [&answer, &mine, &public] {
        let text = answer.body.to_string();
        for secret in [&ann.login, &ann.email, &ben.login, &ben.email, "127.0.0.1"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_survives_its_hosts_account_without_a_host() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let id = ann.create_room("Kitchen", 5).await;
    ben.client_id_in(&id).await;
    ann.delete("/auth/account", json!({ "password": PASSWORD })).await.granted(200);
    assert_eq!(ben.get(&format!("/rooms/{id}")).await.granted(200)["is_host"], false);
    let again = server.register("ann").await;
    let answer = again.delete("/rooms/remove", json!({ "room_id": id })).await;
    answer.refused(403, "forbidden");
}
