//! Bad input: every route with a body gives the documented answer, and nothing is stored in part.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{PATIENCE, Person, Server};

/// Every route with a body, with one that would do; `{room}` stands for a room's id.
pub fn routes_with_a_body() -> Vec<(Method, &'static str, Value)> {
    let account =
        json!({ "login": "newcomer", "email": "new@mail.example", "password": "pa$$ phrase" });
    vec![
        (
            Method::POST,
            "/auth/setup",
            json!({
                "token": "x",
                "login": "newcomer",
                "email": "new@mail.example",
                "password": "pa$$ phrase"
            }),
        ),
        (Method::PATCH, "/admin/settings", json!({ "registration": "open" })),
        (Method::POST, "/auth/register", account),
        (Method::POST, "/auth/login", json!({ "login": "newcomer", "password": "pa$$ phrase" })),
        (Method::POST, "/auth/refresh", json!({ "token": "x" })),
        (Method::POST, "/auth/logout", json!({ "token": "x" })),
        (
            Method::POST,
            "/auth/password",
            json!({ "old_password": "x", "new_password": "pa$$ phrase" }),
        ),
        (Method::DELETE, "/auth/account", json!({ "password": "x" })),
        (Method::POST, "/rooms/create", json!({ "name": "New", "max_user": 5 })),
        (Method::PATCH, "/rooms/{room}", json!({ "name": "New" })),
        (Method::DELETE, "/rooms/remove", json!({ "room_id": "{room}" })),
        (Method::POST, "/rooms/{room}/messages", json!({ "id": "1", "message": "New" })),
    ]
}

/// A server with somebody in a room, who has said nothing yet.
struct World {
    server: Server,
    ann: Person,
    room: String,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let ann = server.register("ann").await;
        server.appoint(&ann).await;
        let room = ann.create_room("Kitchen", 5).await;
        Self { server, ann, room }
    }

    fn path(&self, template: &str) -> String {
        template.replace("{room}", &self.room)
    }

    /// Sends each of these bodies to each route; what each answer must be is `check`'s.
    async fn send_everywhere(
        &self,
        content_type: Option<&str>,
        bodies: &[Vec<u8>],
        expected: (u16, &[&str]),
    ) {
        for (method, template, _) in routes_with_a_body() {
            let path = self.path(template);
            for body in bodies {
                let url = self.server.url(&path);
                let request = self.server.http.request(method.clone(), url);
                let mut request = request.bearer_auth(&self.ann.access).body(body.clone());
                if let Some(content_type) = content_type {
                    request = request.header("content-type", content_type);
                }
                let answer = crate::harness::read_response(request.send().await.unwrap()).await;
                let start = String::from_utf8_lossy(&body[..body.len().min(80)]);
                let told = format!("{method} {path} {start} -> {}", answer.body);
                assert_eq!(answer.status.as_u16(), expected.0, "{told}");
                assert!(expected.1.contains(&answer.code()), "{told}");
                answer.refused(expected.0, answer.code());
                let words = answer.body.to_string().to_lowercase();
                for leak in ["serde", "expected value", "line 1", "column", "sqlite", "src/"] {
                    assert!(!words.contains(leak), "{told}");
                }
            }
        }
    }

    /// Nothing of what was sent has left a trace.
    async fn assert_untouched(&self) {
        assert!(self.ann.is_signed_in().await);
        let rooms = self.ann.get("/rooms").await.granted(200)["rooms"].clone();
        assert_eq!((rooms.as_array().unwrap().len(), &rooms[0]["name"]), (1, &"Kitchen".into()));
        let history = self.ann.get(&self.path("/rooms/{room}/messages")).await;
        let history = history.granted(200);
        assert_eq!((&history["head"], &history["messages"]), (&0.into(), &json!([])));
        self.server.log_in("newcomer", "pa$$ phrase").await.refused(401, "invalid_credentials");
        self.server.get("/status").await.granted(200);
    }
}

const JSON: Option<&str> = Some("application/json");

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_json_is_refused_as_such() {
    let world = World::new().await;
    let bodies = [
        &b"{"[..],
        b"nope",
        b"{\"login\":",
        b"{\"login\":\"x\"} trailing",
        b"{'login':'x'}",
        b"{\"login\":NaN}",
        b"{\"a\":01}",
        b"{\"a\":1,}",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b"\0",
        b" ",
        b"{\"password\":\"\xc3\x28\"}",
        b"{\"password\":\"\\ud800\",\"message\":\"\\ud800\",\"name\":\"\\ud800\",\"token\":\"\\ud800\",\
          \"old_password\":\"\\ud800\",\"room_id\":\"\\ud800\"}",
        b"{\"password\":\"a\nb\",\"message\":\"a\nb\",\"name\":\"a\nb\",\"token\":\"a\nb\",\
          \"old_password\":\"a\nb\",\"room_id\":\"a\nb\"}",
    ]
    .map(<[u8]>::to_vec);
    world.send_everywhere(JSON, &bodies[..12], (400, &["invalid_json"])).await;
    // What is in a field that a route does not know is nobody's business.
    world.send_everywhere(JSON, &bodies[12..], (400, &["invalid_json", "invalid_request"])).await;
    world.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_is_no_object_is_refused() {
    let world = World::new().await;
    let bodies = [
        "[]",
        "null",
        "true",
        "7",
        "\"text\"",
        "[{}]",
        "[\"newcomer\",\"new@mail.example\",\"pa$$ phrase\"]",
        "[\"New\",5]",
        "[\"1\",\"New\"]",
    ]
    .map(|body| body.as_bytes().to_vec());
    world.send_everywhere(JSON, &bodies, (400, &["invalid_request"])).await;
    world.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_the_wrong_type_is_named() {
    let world = World::new().await;
    for (method, template, good) in routes_with_a_body() {
        let path = world.path(template);
        for field in good.as_object().unwrap().keys() {
            for wrong in
                [json!([]), json!({}), json!(true), json!([["x"]]), json!(1.5), json!({ "$ne": 1 })]
            {
                let mut body = good.clone();
                body[field] = wrong.clone();
                let answer = world.ann.call(method.clone(), &path, Some(body)).await;
                assert_eq!(answer.code(), "invalid_request", "{method} {path} {field} {wrong}");
                answer.refused_fields(&[field]);
            }
        }
    }
    world.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_there_twice_is_refused() {
    let world = World::new().await;
    for (method, template, good) in routes_with_a_body() {
        for (field, value) in good.as_object().unwrap() {
            let twice = format!("{{\"{field}\":{value},\"{field}\":{value}}}");
            let path = world.path(template);
            let answer = world.ann.send(&world.server, method.clone(), &path, twice).await;
            answer.refused(400, "invalid_request");
        }
    }
    world.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_declared_as_json_is_refused() {
    let world = World::new().await;
    let bodies = [b"{}".to_vec(), b"login=newcomer&password=x".to_vec()];
    for content_type in [
        None,
        Some("text/plain"),
        Some("text/json"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("text/plain; application/json"),
        Some(""),
    ] {
        world.send_everywhere(content_type, &bodies, (415, &["unsupported_media_type"])).await;
    }
    world.assert_untouched().await;
    for content_type in
        ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x=y"]
    {
        let body = json!({ "login": world.ann.login, "password": "wrong password" }).to_string();
        let sent = world.server.send(Method::POST, "/auth/login", Some(content_type), body).await;
        sent.refused(401, "invalid_credentials");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_64_kib_at_most() {
    let world = World::new().await;
    let of_length = |length: usize| format!("{{}}{}", " ".repeat(length - 2)).into_bytes();
    let too_large = [of_length(64 * 1024 + 1)];
    world.send_everywhere(JSON, &too_large, (413, &["payload_too_large"])).await;
    world.assert_untouched().await;
    let sent = world.server.send(Method::POST, "/auth/login", JSON, of_length(64 * 1024)).await;
    sent.refused_fields(&["login", "password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_without_end_is_stopped() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    server.appoint(&ann).await;
    for (method, path, _) in routes_with_a_body() {
        let path = path.replace("{room}", "ZZZZZZZZZZZZZZZZ");
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
            ann.access
        );
        let (mut reader, mut writer) = server.connect().await.into_split();
        let writing = async move {
            writer.write_all(head.as_bytes()).await.unwrap();
            let chunk = format!("10000\r\n{}\r\n", " ".repeat(1 << 16));
            for sent in 0..1024 {
                if writer.write_all(chunk.as_bytes()).await.is_err() {
                    return sent;
                }
            }
            1024
        };
        let reading = async move {
            let mut bytes = Vec::new();
            // The answer comes first; then the server ends the connection, in the middle of things.
            drop(reader.read_to_end(&mut bytes).await);
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let both = tokio::time::timeout(PATIENCE, async { tokio::join!(writing, reading) });
        let (chunks_sent, answer) = both.await.expect("the server stops it");
        assert!(answer.starts_with("HTTP/1.1 413 "), "{method} {path}: {answer}");
        assert!(answer.contains("payload_too_large"), "{answer}");
        // What the kernel's buffers take, and no more.
        assert!(chunks_sent < 512, "{method} {path}: {chunks_sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_nesting_is_refused_before_it_hurts() {
    let world = World::new().await;
    let deep = |open: &str, close: &str| {
        let depth = 60_000 / (open.len() + close.len());
        open.repeat(depth) + "1" + &close.repeat(depth)
    };
    let mut bodies = vec![deep("[", "]"), "[".repeat(60_000), "{\"a\":".repeat(10_000)];
    for field in ["login", "password", "token", "old_password", "name", "room_id", "message", "id"]
    {
        bodies.push(format!("{{\"{field}\":{}}}", deep("[", "]")));
        bodies.push(format!("{{\"{field}\":{}}}", deep("{\"a\":", "}")));
    }
    let bodies: Vec<_> = bodies.into_iter().map(String::into_bytes).collect();
    world.send_everywhere(JSON, &bodies[..3], (400, &["invalid_json", "invalid_request"])).await;
    for (method, template, good) in routes_with_a_body() {
        for field in good.as_object().unwrap().keys() {
            let body = format!("{{\"{field}\":{}}}", deep("[", "]"));
            let path = world.path(template);
            let answer = world.ann.send(&world.server, method.clone(), &path, body).await;
            answer.refused(400, "invalid_json");
        }
    }
    world.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_ignored_and_never_stored() {
    let world = World::new().await;
    let hostile = json!({
        "id": "AAAAAAAAAAAAAAAAAAAAAAAAAA", "is_admin": true, "role": "admin", "created_at": 1,
        "password_hash": "x", "__proto__": { "a": 1 }, "constructor": { "prototype": {} },
    });
    let with = |good: Value| {
        let mut body = hostile.clone();
        body.as_object_mut().unwrap().extend(good.as_object().unwrap().clone());
        body
    };
    let good = json!({ "login": "berta", "email": "b@mail.example", "password": "pa$$ phrase" });
    let answer = world.server.post("/auth/register", with(good)).await;
    let berta = world.ann.with_tokens(answer.granted(201));
    let me = berta.get("/auth/validate").await.granted(200).clone();
    assert_ne!(me["id"], hostile["id"]);
    assert_eq!(me.as_object().unwrap().len(), 4);
    let good = json!({ "name": "Garden", "max_user": 5 });
    let room = berta.post("/rooms/create", with(good)).await.granted(201).clone();
    let plain = world.ann.get(&world.path("/rooms/{room}")).await.granted(200).clone();
    let keys = |room: &Value| room.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&room), keys(&plain));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_sql_is_text() {
    let world = World::new().await;
    let evil = "x'); DROP TABLE rooms; --";
    for body in
        [json!({ "login": evil, "password": evil }), json!({ "email": evil, "password": evil })]
    {
        world.server.post("/auth/login", body).await.refused(401, "invalid_credentials");
    }
    world.server.refresh(evil).await.refused(401, "invalid_refresh_token");
    let body = json!({ "name": evil, "max_user": 5, "visibility": "public" });
    let room = world.ann.post("/rooms/create", body).await.granted(201).clone();
    let path = format!("/rooms/{}", room["room_id"].as_str().unwrap());
    assert_eq!(world.ann.get(&path).await.granted(200)["name"], evil);
    let message = json!({ "id": evil, "message": evil });
    world.ann.post(&format!("{path}/messages"), message).await.granted(201);
    let found = world.ann.get("/rooms?scope=public&q=x%27%29%3B%20drop%20table").await;
    assert_eq!(found.granted(200)["rooms"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_is_answered_in_json_under_the_api() {
    let server = Server::start().await;
    let root = format!("http://{}", server.authority());
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/status",
        "/api/v1/status/",
        "/api/v1/rooms/",
        "/api/v1/rooms/x/y/z",
        "/api/v1/../../etc/passwd",
        "/api/v1/STATUS",
        "/api/v1/.env",
        "/api/v1/metrics",
        "/api/v1/%ff",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS] {
            let sent = server.http.request(method, format!("{root}{path}")).send().await.unwrap();
            if sent.url().path().starts_with("/api") {
                crate::harness::read_response(sent).await.refused(404, "not_found");
            }
        }
    }
    let refused = server
        .raw(b"GET /api/v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(refused.await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_route_does_not_take_is_answered_with_those_it_takes() {
    let server = Server::start().await;
    for (method, path, allowed) in [
        ("POST", "/status", &["GET", "HEAD"][..]),
        ("GET", "/auth/register", &["POST"]),
        ("PUT", "/auth/login", &["POST"]),
        ("GET", "/auth/account", &["DELETE"]),
        ("POST", "/auth/sessions/x", &["DELETE"]),
        ("GET", "/rooms/create", &["POST"]),
        ("POST", "/rooms/remove", &["DELETE"]),
        ("POST", "/rooms", &["GET", "HEAD"]),
        ("POST", "/rooms/ws", &["GET", "HEAD"]),
        ("PUT", "/rooms/x", &["GET", "HEAD", "PATCH"]),
        ("DELETE", "/rooms/x/messages", &["GET", "HEAD", "POST"]),
        ("OPTIONS", "/rooms", &["GET", "HEAD"]),
        ("TRACE", "/status", &["GET", "HEAD"]),
        ("TRACE", "/rooms/x", &["GET", "HEAD", "PATCH"]),
        ("BREW", "/status", &["GET", "HEAD"]),
    ] {
        let answer = server.call(Method::from_bytes(method.as_bytes()).unwrap(), path, None).await;
        answer.refused(405, "method_not_allowed");
        let mut told: Vec<_> =
            answer.headers["allow"].to_str().unwrap().split(',').map(str::trim).collect();
        told.sort_unstable();
        assert_eq!(told, allowed, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ui_serves_its_own_files_and_no_others() {
    let server = Server::start().await;
    let secret_key = server.data_dir().join("secret.key");
    assert!(secret_key.exists());
    for path in [
        "/../anonchat-data/secret.key",
        "/assets/../../secret.key",
        "/%2e%2e/%2e%2e/secret.key",
        "/..%2f..%2fsecret.key",
        "/assets/..%5c..%5csecret.key",
        "/assets/%00secret.key",
        "/.env",
        "/.git/config",
        "/assets/.htaccess",
        "/assets/",
        "/assets/index.js.map",
        "/Cargo.toml",
        "/secret.key",
        "/anonchat.db",
        "/%",
        "/%ff.js",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = server.raw(request.as_bytes()).await;
        let status = &answer[..answer.len().min(13)];
        let is_page = status == "HTTP/1.1 200 " && answer.contains("<!doctype html>");
        assert!(status == "HTTP/1.1 404 " || (path == "/%" && is_page), "{path}: {status}");
    }
    for method in ["POST", "DELETE", "TRACE", "OPTIONS"] {
        let request = format!("{method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_say_their_length_in_two_ways_hide_nothing() {
    let server = Server::start().await;
    let smuggled = "GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n";
    for framing in [
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: 0x4\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 4\r\n",
        "X: y\r\n Content-Length: 4\r\n",
    ] {
        let request = format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\n{framing}\r\n0\r\n\r\n{smuggled}"
        );
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{framing}: {answer}");
        assert!(!answer.contains("AnonChat is running"), "{framing}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_none_are_refused() {
    let server = Server::start().await;
    let long = "x".repeat(40 * 1024);
    for (head, status) in [
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), &["414", "431"][..]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"), &["431"]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(200)), &["431"]),
        ("nonsense\r\n\r\n".to_owned(), &["400"]),
        ("GET / HTTP/9.9\r\n\r\n".to_owned(), &["400", "505"]),
        ("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), &["400"]),
        ("GET / HTTP/1.1\r\nHost: x\r\nX\0: y\r\n\r\n".to_owned(), &["400"]),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n".to_owned(), &["400"]),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &["", "400", "505"]),
    ] {
        let answer = server.raw(head.as_bytes()).await;
        let found = answer.get(9..12).unwrap_or_default();
        assert!(status.contains(&found), "{} -> {answer:?}", &head[..head.len().min(60)]);
    }
    server.get("/status").await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_bad_requests_leaves_the_server_as_it_was() {
    let world = World::new().await;
    let garbage = |n: usize| -> Vec<u8> {
        // A repeatable mess: no two alike, most of them beginning like something real.
        let mut state = n as u64 + 1;
        let mut bytes = b"{\"login\":\"".to_vec();
        bytes.extend((0..200).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        }));
        bytes
    };
    let sends = (0..100).map(|n| world.server.send(Method::POST, "/auth/login", JSON, garbage(n)));
    for answer in join_all(sends).await {
        assert_eq!(answer.status, 400, "{}", answer.body);
    }
    world.assert_untouched().await;
}
