//! Who may do what: every route, for everybody there is.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Answer, PASSWORD, Person, Server},
    openapi::operations,
};

/// A status and, where it is a refusal, its code.
type Cell = (u16, &'static str);
/// What each of [`ACTORS`] is answered.
type Row = [Cell; ACTORS.len()];

const SWITCHED: Cell = (101, "");
const OK: Cell = (200, "");
const MADE: Cell = (201, "");
const NO_TOKEN: Cell = (401, "unauthorized");
const NOT_HOST: Cell = (403, "forbidden");
const BANNED: Cell = (403, "banned");
const NOTHING: Cell = (404, "not_found");
const NO_SETUP: Cell = (403, "forbidden");
const WRONG: Cell = (401, "invalid_credentials");
const SPENT: Cell = (401, "invalid_refresh_token");

/// For everybody alike.
const ALL: fn(Cell) -> Row = |cell| [cell; ACTORS.len()];
/// For whoever is signed in.
const SIGNED_IN: fn(Cell) -> Row =
    |cell| [NO_TOKEN, NO_TOKEN, NO_TOKEN, cell, cell, cell, cell, cell];
/// For whoever is signed in and was not removed from the room.
const NOT_BANNED: fn(Cell) -> Row =
    |cell| [NO_TOKEN, NO_TOKEN, NO_TOKEN, BANNED, cell, cell, cell, cell];
/// For the host of the room.
const HOST: Row = [NO_TOKEN, NO_TOKEN, NO_TOKEN, BANNED, NOT_HOST, NOT_HOST, NOT_HOST, OK];
/// For operators; there is nothing for others.
const OPERATOR: Row = [NO_TOKEN, NO_TOKEN, NO_TOKEN, NOTHING, NOTHING, NOTHING, OK, NOTHING];

/// Those who ask, in this order, so that the host, whose word changes things, comes last.
const ACTORS: [&str; 8] = [
    "anonymous",
    "ended session",
    "disabled",
    "banned",
    "other user",
    "member",
    "operator",
    "host",
];

/// What each of [`ACTORS`] is answered.
fn matrix() -> Vec<(&'static str, Row)> {
    vec![
        ("GET /status", ALL(OK)),
        ("GET /openapi.json", ALL(OK)),
        ("POST /auth/register", ALL(MADE)),
        ("POST /auth/login", [OK, OK, WRONG, OK, OK, OK, OK, OK]),
        ("POST /auth/refresh", [SPENT, SPENT, SPENT, OK, OK, OK, OK, OK]),
        ("POST /auth/logout", ALL(OK)),
        ("GET /auth/validate", SIGNED_IN(OK)),
        ("GET /auth/sessions", SIGNED_IN(OK)),
        ("DELETE /auth/sessions/{session_id}", SIGNED_IN(OK)),
        ("POST /auth/password", SIGNED_IN(OK)),
        ("GET /auth/account/data", SIGNED_IN(OK)),
        ("GET /auth/account/export", SIGNED_IN(OK)),
        ("DELETE /auth/account", SIGNED_IN(OK)),
        ("GET /auth/policy", ALL(OK)),
        ("POST /auth/setup", ALL(NO_SETUP)),
        ("GET /admin/overview", OPERATOR),
        ("PATCH /admin/settings", OPERATOR),
        ("GET /admin/accounts", OPERATOR),
        ("POST /admin/accounts/{account_id}/disable", OPERATOR),
        ("POST /admin/accounts/{account_id}/enable", OPERATOR),
        ("POST /admin/accounts/{account_id}/logout-all", OPERATOR),
        ("DELETE /admin/accounts/{account_id}", OPERATOR),
        ("GET /admin/rooms", OPERATOR),
        ("DELETE /admin/rooms/{room_id}", OPERATOR),
        ("POST /rooms/create", SIGNED_IN(MADE)),
        ("GET /rooms", SIGNED_IN(OK)),
        ("GET /rooms/ws", NOT_BANNED(SWITCHED)),
        ("GET /rooms/{room_id}", NOT_BANNED(OK)),
        ("PATCH /rooms/{room_id}", HOST),
        ("DELETE /rooms/remove", HOST),
        ("POST /rooms/{room_id}/leave", NOT_BANNED(OK)),
        ("DELETE /rooms/{room_id}/members/{client_id}", HOST),
        ("GET /rooms/{room_id}/messages", NOT_BANNED(OK)),
        ("POST /rooms/{room_id}/messages", NOT_BANNED(MADE)),
    ]
}

/// A room with everybody around it.
struct Cast {
    server: Server,
    /// In the order of [`ACTORS`], but for the anonymous one.
    people: Vec<Person>,
    sessions: Vec<String>,
    room: String,
    /// The member's alias.
    member: String,
    /// Of an account that operators act on.
    account: String,
}

impl Cast {
    async fn gather() -> Self {
        let server = Server::start().await;
        let mut people = Vec::new();
        let mut sessions = Vec::new();
        for name in ["ended", "disabled", "banned", "other", "member", "operator", "host"] {
            let person = server.register(name).await;
            let answer = person.get("/auth/sessions").await;
            sessions.push(answer.granted(200)[0]["session_id"].as_str().unwrap().to_owned());
            people.push(person);
        }
        let [ended, disabled, banned, _, member, operator, host] = people.as_slice() else {
            unreachable!()
        };
        let room = host.create_room("Kitchen", 10).await;
        let bans = format!("/rooms/{room}/members/{}", banned.client_id_in(&room).await);
        host.call(Method::DELETE, &bans, None).await.granted(200);
        let member = member.client_id_in(&room).await;
        server.post("/auth/logout", json!({ "token": ended.refresh })).await.granted(200);
        server.appoint(operator).await;
        let disable = format!("/admin/accounts/{}/disable", disabled.account_id().await);
        operator.call(Method::POST, &disable, None).await.granted(200);
        let account = server.register("target").await.account_id().await;
        Self { server, people, sessions, room, member, account }
    }

    fn host(&self) -> &Person {
        self.people.last().unwrap()
    }

    /// What actor number `n` is answered on `route`.
    async fn ask(&self, n: usize, route: &str) -> Answer {
        let (method, template) = route.split_once(' ').unwrap();
        let person = n.checked_sub(1).map(|n| &self.people[n]);
        let known = person.unwrap_or(self.host());
        let session = n.checked_sub(1).map_or("x", |n| &self.sessions[n]);
        let path = template
            .replace("{room_id}", &self.room)
            .replace("{account_id}", &self.account)
            .replace("{client_id}", &self.member)
            .replace("{session_id}", session);
        if template == "/rooms/ws" {
            return self.open_socket(person).await;
        }
        let body = body(route, n, known, person, &self.room);
        let method = method.parse().unwrap();
        match person {
            Some(person) => person.call(method, &path, body).await,
            None => self.server.call(method, &path, body).await,
        }
    }

    async fn open_socket(&self, person: Option<&Person>) -> Answer {
        let mut nobody = self.host().clone();
        nobody.access.clear();
        match person.unwrap_or(&nobody).try_join(&self.room, "").await {
            Ok(_) => Answer {
                status: reqwest::StatusCode::SWITCHING_PROTOCOLS,
                headers: reqwest::header::HeaderMap::new(),
                body: Value::Null,
            },
            Err(refused) => refused,
        }
    }
}

/// A body that would do if the one who sends it may.
fn body(
    route: &str,
    n: usize,
    known: &Person,
    person: Option<&Person>,
    room: &str,
) -> Option<Value> {
    let refresh = person.map_or("x", |person| &person.refresh);
    match route {
        "POST /auth/register" => {
            let (login, email) = (format!("newcomer-{n}"), format!("new{n}@mail.example"));
            Some(json!({ "login": login, "email": email, "password": PASSWORD }))
        }
        "POST /auth/setup" => {
            let (login, email) = (format!("newcomer-{n}"), format!("new{n}@mail.example"));
            Some(json!({ "token": "x", "login": login, "email": email, "password": PASSWORD }))
        }
        "PATCH /admin/settings" => Some(json!({ "registration": "closed" })),
        "POST /auth/login" => Some(json!({ "login": known.login, "password": PASSWORD })),
        "POST /auth/refresh" | "POST /auth/logout" => Some(json!({ "token": refresh })),
        "POST /auth/password" => Some(
            json!({ "old_password": PASSWORD, "new_password": "an entirely different phrase" }),
        ),
        "DELETE /auth/account" => Some(json!({ "password": PASSWORD })),
        "POST /rooms/create" => Some(json!({ "name": "Garden", "max_user": 5 })),
        "PATCH /rooms/{room_id}" => Some(json!({ "name": "Garden" })),
        "DELETE /rooms/remove" => Some(json!({ "room_id": room })),
        "POST /rooms/{room_id}/messages" => Some(json!({ "id": "again", "message": "hello" })),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_what_the_matrix_says_and_nothing_else() {
    let mut wrong = Vec::new();
    for (route, cells) in matrix() {
        let cast = Cast::gather().await;
        for (n, expected) in cells.into_iter().enumerate() {
            let answer = cast.ask(n, route).await;
            let found = (answer.status.as_u16(), answer.code());
            if found != expected {
                wrong.push(format!("{route} by {}: {found:?}, not {expected:?}", ACTORS[n]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_matrix_has_every_route() {
    let judged: BTreeSet<_> = matrix().into_iter().map(|(route, _)| route.to_owned()).collect();
    assert_eq!(judged, operations().into_keys().collect());
}
