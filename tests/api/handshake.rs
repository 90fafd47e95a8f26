//! Who gets a socket, and what those are told who get none.

use anonchat::anonymity::RateKeys;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    client::IntoClientRequest,
    http::{HeaderValue, Request},
};

use crate::{
    clock::HandSetClock,
    database,
    harness::{Answer, Person, Server, Socket, connect, eventually},
};

/// The refusal that must have come in place of a socket.
fn refused(result: Result<Socket, Answer>) -> (u16, String) {
    let Err(answer) = result else { panic!("a seat") };
    assert_eq!(answer.body["status"], "error", "{}", answer.body);
    assert!(answer.body["message"].is_string() && answer.headers.contains_key("x-request-id"));
    (answer.status.as_u16(), answer.code().to_owned())
}

/// A request without token, subprotocol or anything else that a person would add.
fn bare(person: &Person, query: &str) -> Request<()> {
    let url = format!("ws://{}/api/v1/rooms/ws{query}", person.way.authority);
    url.into_client_request().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_stand_in_the_header_in_a_subprotocol_or_in_the_query() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("three doors", 10).await;

    let mut in_header = bare(&ann, &format!("?room={room}"));
    let bearer = HeaderValue::from_str(&format!("Bearer {}", ann.access)).unwrap();
    in_header.headers_mut().insert("authorization", bearer);
    let mut socket = connect(in_header, ann.way.from).await.unwrap_or_else(|a| panic!("{a:?}"));
    assert_eq!(socket.protocol, None);
    socket.send_text("said by a plain client").await;
    assert_eq!(socket.message().await["message"], "said by a plain client");

    let in_subprotocol = ann.join(&room).await;
    assert_eq!(in_subprotocol.protocol.unwrap(), "anonchat.v1", "the token is not sent back");

    let mut in_query = bare(&ann, &format!("?room={room}&token={}", ann.access));
    let v1 = HeaderValue::from_static("anonchat.v1");
    in_query.headers_mut().insert("sec-websocket-protocol", v1);
    let mut socket = connect(in_query, ann.way.from).await.unwrap_or_else(|a| panic!("{a:?}"));
    assert_eq!(socket.protocol.take().unwrap(), "anonchat.v1");
    assert_eq!(socket.frame().await["type"], "welcome");
}

#[tokio::test(flavor = "multi_thread")]
async fn compression_is_not_agreed_to() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("uncompressed", 10).await;
    let mut request = ann.socket_request(&room, "");
    let offer = HeaderValue::from_static("permessage-deflate; client_max_window_bits");
    request.headers_mut().insert("sec-websocket-extensions", offer);
    // This client takes an extension that it did not ask for as an error.
    let mut socket = connect(request, ann.way.from).await.unwrap_or_else(|a| panic!("{a:?}"));
    socket.expect("welcome").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_room_or_with_two_is_a_bad_request() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("only one", 10).await;
    let token = format!("token={}", ann.access);
    for query in [format!("?{token}"), format!("?room={room}&room={room}&{token}")] {
        let refusal = refused(connect(bare(&ann, &query), ann.way.from).await);
        assert_eq!(refusal, (400, "invalid_request".to_owned()), "{query}");
    }
    for since in ["-1", "x", "1.5", "", "99999999999999999999"] {
        let refusal = refused(ann.try_join(&room, &format!("&since={since}")).await);
        assert_eq!(refusal, (400, "invalid_request".to_owned()), "{since}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_there_is_no_socket() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("closed door", 10).await;
    let forged = format!("{}x", ann.access);
    for token in ["", "x", ann.refresh.as_str(), forged.as_str()] {
        let with = Person { access: token.to_owned(), ..ann.clone() };
        let refusal = refused(with.try_join(&room, "").await);
        assert_eq!(refusal, (401, "unauthorized".to_owned()), "{token}");
    }
    let nobody = connect(bare(&ann, &format!("?room={room}")), ann.way.from).await;
    assert_eq!(refused(nobody), (401, "unauthorized".to_owned()));
    assert_eq!(ann.get(&format!("/rooms/{room}")).await.data()["online"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_host_removed_gets_no_socket() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("without Ben", 10).await;
    let ben_here = ben.join(&room).await.welcome["you"]["client_id"].clone();
    let path = format!("/rooms/{room}/members/{}", ben_here.as_str().unwrap());
    ann.call(Method::DELETE, &path, None).await.data();
    assert_eq!(refused(ben.try_join(&room, "").await), (403, "banned".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_gets_no_socket() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("own pages only", 10).await;
    let (own, port) = (server.authority(), server.authority().split_off("127.0.0.1:".len()));
    let with_origin = |origin: &str| {
        let mut request = ann.socket_request(&room, "");
        let origin = HeaderValue::from_str(origin).unwrap();
        request.headers_mut().insert("origin", origin);
        connect(request, ann.way.from)
    };
    let evil = [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        "http://127.0.0.1".to_owned(),
        "http://127.0.0.1:1".to_owned(),
        format!("http://localhost:{port}"),
        format!("http://{own}.evil.example"),
        format!("http://evil.example/{own}"),
        format!("http://{own}@evil.example"),
        format!("ftp://{own}"),
    ];
    for origin in evil {
        let refusal = refused(with_origin(&origin).await);
        assert_eq!(refusal, (403, "forbidden".to_owned()), "{origin}");
    }
    assert!(with_origin(&format!("http://{own}")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_room_is_not_found_and_not_made() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for room in ["0123456789ABCDEF", "nonsense", "../x", &"A".repeat(5000)] {
        let refusal = refused(ann.try_join(room, "").await);
        assert_eq!(refusal, (404, "room_not_found".to_owned()), "{room}");
        assert_eq!(refused(ann.try_join(room, "").await).0, 404, "{room}");
    }
    let mine = ann.get("/rooms").await;
    assert_eq!(mine.data()["rooms"], json!([]));
    let tables = database::tables(&server.config.storage).await;
    let rooms = tables.iter().find(|table| table.name == "rooms").unwrap();
    assert!(rooms.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_id_is_read_without_regard_to_case_and_hyphens() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("spelled", 10).await;
    let spelled = format!("{}-{}", &room[..4].to_lowercase(), &room[4..]);
    let socket = ann.join(&spelled).await;
    assert_eq!(socket.welcome["room"]["room_id"], room.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_full_by_people_and_not_by_sockets() {
    let server = Server::start().await;
    let people = server.register_all(3).await;
    let room = people[0].create_room("two at a time", 2).await;
    let _tabs = (people[0].join(&room).await, people[0].join(&room).await);
    let second = people[1].join(&room).await;
    assert_eq!(second.welcome["room"]["online"], 2);
    assert_eq!(refused(people[2].try_join(&room, "").await), (409, "room_full".to_owned()));
    let _another_tab = people[1].join(&room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_at_once_exactly_as_many_get_in_as_there_are_places() {
    let server = Server::start().await;
    let people = server.register_all(10).await;
    let room = people[0].create_room("three places", 3).await;
    for _ in 0..3 {
        let attempts = join_all(people.iter().map(|person| person.try_join(&room, ""))).await;
        let (seated, turned_away): (Vec<_>, Vec<_>) = attempts.into_iter().partition(Result::is_ok);
        assert_eq!(seated.len(), 3);
        for answer in turned_away {
            assert_eq!(refused(answer), (409, "room_full".to_owned()));
        }
        drop(seated);
        let is_empty =
            async || people[0].get(&format!("/rooms/{room}")).await.data()["online"] == 0;
        eventually("the places are free again", is_empty).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_free_again_once_its_person_has_left() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("one place", 1).await;
    let (one_tab, other_tab) = (ann.join(&room).await, ann.join(&room).await);
    drop(other_tab);
    assert_eq!(refused(ben.try_join(&room, "").await).0, 409, "one tab is still there");
    one_tab.close().await;
    eventually("the place is free", async || ben.try_join(&room, "").await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_asks_for_no_websocket_is_told_to_upgrade() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("upgrade", 10).await;
    let upgrade = [("connection", "Upgrade"), ("upgrade", "websocket")];
    let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let version = ("sec-websocket-version", "13");
    let no_upgrade = ask(&ann, &room, &[]).await;
    let no_version = ask(&ann, &room, &[upgrade[0], upgrade[1], key]).await;
    let old = ("sec-websocket-version", "8");
    let old_version = ask(&ann, &room, &[upgrade[0], upgrade[1], key, old]).await;
    for answer in [no_upgrade, no_version, old_version] {
        assert_eq!(answer.status, StatusCode::UPGRADE_REQUIRED);
        assert_eq!((answer.code(), &answer.body["data"]), ("upgrade_required", &json!(null)));
        assert_eq!(answer.headers["upgrade"], "websocket");
        assert_eq!(answer.headers["sec-websocket-version"], "13");
    }
    let no_key = ask(&ann, &room, &[upgrade[0], upgrade[1], version]).await;
    let short = ("sec-websocket-key", "c2hvcnQ=");
    let short_key = ask(&ann, &room, &[upgrade[0], upgrade[1], version, short]).await;
    for answer in [no_key, short_key] {
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"));
    }
    let posted = ann.post(&format!("/rooms/ws?room={room}"), json!({})).await;
    assert_eq!((posted.status.as_u16(), posted.code()), (405, "method_not_allowed"));
}

async fn ask(person: &Person, room: &str, headers: &[(&'static str, &'static str)]) -> Answer {
    let url = person.way.url(&format!("/rooms/ws?room={room}"));
    let headers: HeaderMap = headers
        .iter()
        .map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
        .collect();
    let request = person.way.http.get(url).bearer_auth(&person.access).headers(headers);
    crate::harness::read_response(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_has_so_many_sockets_in_a_room_and_in_all() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.sockets_per_room = 2.try_into().unwrap();
        config.server.limits.sockets_per_account = 3.try_into().unwrap();
    })
    .await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let (here, there) = (ann.create_room("here", 10).await, ann.create_room("there", 10).await);
    let mut open = vec![ann.join(&here).await, ann.join(&here).await];
    let too_many = (429, "rate_limited".to_owned());
    assert_eq!(refused(ann.try_join(&here, "").await), too_many);
    open.push(ann.join(&there).await);
    assert_eq!(refused(ann.try_join(&there, "").await), too_many);
    let second_session = ann.on_another_device().await;
    assert_eq!(refused(second_session.try_join(&there, "").await), too_many);
    ben.join(&here).await;
    open.pop();
    eventually("a socket less is one to have", async || ann.try_join(&there, "").await.is_ok())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_counts_for_as_long_as_it_is_open() {
    let clock = HandSetClock::new();
    let server = Server::start_at(clock.clone(), |config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.sockets_per_account = 1.try_into().unwrap();
        config.auth.access_token_ttl = RateKeys::LIFETIME * 2;
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("for long", 10).await;
    let mut socket = ann.join(&room).await;
    clock.advance(RateKeys::LIFETIME);
    assert_eq!(refused(ann.try_join(&room, "").await), (429, "rate_limited".to_owned()));
    socket.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_has_so_many_sockets_and_no_more() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.sockets = 2.try_into().unwrap();
    })
    .await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("small server", 10).await;
    let mut open = vec![ann.join(&room).await, ben.join(&room).await];
    let Err(answer) = ben.try_join(&room, "").await else { panic!("a seat") };
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(refused(Err(answer)), (503, "storage_unavailable".to_owned()));
    open.pop();
    eventually("a socket less is one to have", async || ben.try_join(&room, "").await.is_ok())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_come_all_at_once_are_let_in_one_after_another() {
    let server = Server::start_with(|config| {
        let rate = &mut config.server.rate_limits.handshakes;
        (rate.per_second, rate.burst) = (1.try_into().unwrap(), 1.try_into().unwrap());
        config.server.limits.sockets_per_room = 100.try_into().unwrap();
        config.server.limits.sockets_per_account = 100.try_into().unwrap();
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("after a restart", 10).await;
    let (mut let_in, mut sent_away) = (0, 0);
    for result in join_all((0..30).map(|_| ann.try_join(&room, ""))).await {
        match result {
            Ok(_) => let_in += 1,
            Err(answer) => {
                assert_eq!((answer.status.as_u16(), answer.code()), (503, "storage_unavailable"));
                assert_eq!(answer.headers["retry-after"], "1");
                sent_away += 1;
            }
        }
    }
    assert!(let_in > 0 && sent_away > 0, "{let_in} {sent_away}");
}
