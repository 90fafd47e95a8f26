//! Operators: how somebody becomes one, what they see and do, and what they never learn.

use std::time::Duration;

use anonchat::config::Registration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clock::HandSetClock,
    database::{self, Table},
    harness::{Answer, PASSWORD, Person, Server},
    tools::start_at,
};

fn set_up_body(token: &str, name: &str) -> Value {
    let email = format!("{name}@mail.example");
    json!({ "token": token, "login": name, "email": email, "password": PASSWORD })
}

/// A server with an operator and somebody else.
async fn staffed() -> (Server, Person, Person) {
    let server = Server::start().await;
    let (operator, ann) = (server.register("operator").await, server.register("ann").await);
    server.appoint(&operator).await;
    (server, operator, ann)
}

impl Person {
    async fn manage(&self, method: Method, person: &Person, what: &str) -> Answer {
        let path = format!("/admin/accounts/{}{what}", person.account_id().await);
        self.call(method, &path, None).await
    }

    async fn disable(&self, person: &Person) {
        self.manage(Method::POST, person, "/disable").await.granted(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_setup_link_becomes_the_operator_once() {
    let server = Server::start().await;
    let token = server.offer_setup().await.expect("no operator yet");
    let set_up = |token: String, name| server.post("/auth/setup", set_up_body(&token, name));
    set_up("guess".to_owned(), "mallory").await.refused(403, "forbidden");
    let answer = set_up(token.clone(), "root").await;
    let root = server.register("person").await.with_tokens(answer.granted(201));
    let me = root.get("/auth/validate").await;
    assert_eq!((&me.data()["login"], &me.data()["role"]), (&"root".into(), &"operator".into()));
    root.get("/admin/overview").await.granted(200);
    set_up(token, "second").await.refused(403, "forbidden");
    assert!(server.offer_setup().await.is_none());
    server.log_in("second", PASSWORD).await.refused(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_link_ends_after_an_hour_and_with_the_next_one() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let old = server.offer_setup().await.unwrap();
    let new = server.offer_setup().await.unwrap();
    server.post("/auth/setup", set_up_body(&old, "root")).await.refused(403, "forbidden");
    clock.advance(Duration::from_secs(3599));
    let mut weak = set_up_body(&new, "root");
    weak["password"] = "password".into();
    server.post("/auth/setup", weak).await.refused_fields(&["password"]);
    clock.advance(Duration::from_secs(1));
    server.post("/auth/setup", set_up_body(&new, "root")).await.refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setup_link_works_while_registration_is_closed_and_is_stored_as_a_hash() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.auth.registration = Registration::Closed;
    })
    .await;
    let token = server.offer_setup().await.unwrap();
    for Table { name, rows } in database::tables(&server.config.storage).await {
        let row = rows.concat();
        let found = row.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "{name}");
    }
    let body = json!({ "login": "ann-account", "email": "a@mail.example", "password": PASSWORD });
    server.post("/auth/register", body).await.refused(403, "registration_closed");
    server.post("/auth/setup", set_up_body(&token, "root")).await.granted(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_that_the_configuration_names_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let mut server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.auth.bootstrap_admin.login = Some("root".to_owned());
        config.auth.bootstrap_admin.password_file = Some(file.clone());
    })
    .await;
    assert!(server.offer_setup().await.is_none());
    let tokens = server.log_in("root", PASSWORD).await;
    let root = server.register("other").await.with_tokens(tokens.granted(200));
    root.get("/admin/overview").await.granted(200);
    // Later it is not looked at, be it wrong.
    std::fs::remove_file(&file).unwrap();
    server.restart().await;
    server.log_in("root", PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_logs_in_to_a_disabled_account_and_its_sockets_close() {
    let (server, operator, ann) = staffed().await;
    let room = ann.create_room("Kitchen", 5).await;
    let mut socket = ann.join(&room).await;
    let path = format!("/admin/accounts/{}", ann.account_id().await);
    let disable = format!("{path}/disable");
    let answer = operator.call(Method::POST, &disable, None).await;
    assert_eq!(answer.granted(200)["state"], "disabled");
    assert_eq!(socket.close_code().await, 4401);
    assert!(!ann.is_signed_in().await);
    server.refresh(&ann.refresh).await.refused(401, "invalid_refresh_token");
    let refused = server.log_in(&ann.login, PASSWORD).await;
    let nobody = server.log_in("nobody-there", PASSWORD).await;
    assert_eq!((refused.status, &refused.body), (nobody.status, &nobody.body));
    let enable = format!("{path}/enable");
    let answer = operator.call(Method::POST, &enable, None).await;
    assert_eq!(answer.granted(200)["state"], "active");
    let tokens = server.log_in(&ann.login, PASSWORD).await;
    let ann = ann.with_tokens(tokens.granted(200));
    ann.join(&room).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_was_disabled_is_none_any_more() {
    let (server, operator, ann) = staffed().await;
    server.appoint(&ann).await;
    ann.disable(&operator).await;
    operator.get("/admin/overview").await.refused(401, "unauthorized");
    ann.get("/admin/overview").await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sessions_of_an_account_end_at_once() {
    let (_server, operator, ann) = staffed().await;
    let phone = ann.on_another_device().await;
    operator.manage(Method::POST, &ann, "/logout-all").await.granted(200);
    assert!(!ann.is_signed_in().await && !phone.is_signed_in().await);
    assert!(ann.on_another_device().await.is_signed_in().await);
    assert!(operator.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_an_operator_erases_leaves_its_messages_and_nobody_behind_them() {
    let (server, operator, ann) = staffed().await;
    let room = ann.create_room("Kitchen", 5).await;
    ann.post_message(&room, "1", "still here").await;
    let account = format!("/admin/accounts/{}", ann.account_id().await);
    operator.call(Method::DELETE, &account, None).await.granted(200);
    assert!(!ann.is_signed_in().await);
    server.log_in(&ann.login, PASSWORD).await.refused(401, "invalid_credentials");
    let page = operator.get(&format!("/rooms/{room}/messages")).await;
    assert_eq!(page.granted(200)["messages"][0]["message"], "still here");
    let again = server.register("ann").await;
    assert_eq!(again.get(&format!("/rooms/{room}")).await.granted(200)["is_host"], false);
    operator.call(Method::DELETE, &account, None).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_locks_themselves_out() {
    let (_server, operator, _) = staffed().await;
    for (method, what) in [
        (Method::POST, "/disable"),
        (Method::POST, "/enable"),
        (Method::POST, "/logout-all"),
        (Method::DELETE, ""),
    ] {
        operator.manage(method, &operator, what).await.refused(403, "forbidden");
    }
    assert!(operator.is_signed_in().await);
    for id in ["0", "комната", "00000000000000000000000000"] {
        let path = format!("/admin/accounts/{id}/disable");
        operator.call(Method::POST, &path, None).await.refused(404, "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_is_closed_and_opened_while_the_server_runs() {
    let (mut server, operator, _) = staffed().await;
    let policy = async |server: &Server| server.get("/auth/policy").await.data().clone();
    assert_eq!(policy(&server).await, json!({ "registration": "open", "email": "required" }));
    let change = async |operator: &Person, to: &str| {
        operator.patch("/admin/settings", json!({ "registration": to })).await
    };
    let answer = change(&operator, "closed").await;
    let closed = json!({ "registration": "closed", "registration_locked": false });
    assert_eq!(answer.granted(200), &closed);
    server.restart().await;
    assert_eq!(policy(&server).await["registration"], "closed");
    let body = json!({ "login": "ben-account", "email": "b@mail.example", "password": PASSWORD });
    server.post("/auth/register", body.clone()).await.refused(403, "registration_closed");
    let operator = operator.at(&server);
    change(&operator, "open").await.granted(200);
    server.post("/auth/register", body).await.granted(201);
    change(&operator, "ajar").await.refused_fields(&["registration"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_configuration_closes_stays_closed() {
    let (mut server, operator, _) = staffed().await;
    server.config.auth.registration = Registration::Closed;
    server.restart().await;
    let operator = operator.at(&server);
    let body = json!({ "registration": "open" });
    operator.patch("/admin/settings", body).await.refused(403, "forbidden");
    let overview = operator.get("/admin/overview").await;
    let overview = overview.granted(200);
    assert_eq!(overview["registration"], "closed");
    assert_eq!(overview["registration_locked"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_counts_what_there_is() {
    let (_server, operator, ann) = staffed().await;
    let room = ann.create_room("Kitchen", 5).await;
    let _socket = ann.join(&room).await;
    let overview = operator.get("/admin/overview").await;
    let overview = overview.granted(200);
    for (what, expected) in [
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("healthy", json!(true)),
        ("registration", json!("open")),
        ("registration_locked", json!(false)),
        ("email", json!("required")),
        ("accounts", json!(2)),
        ("operators", json!(1)),
        ("disabled", json!(0)),
        ("sessions", json!(2)),
        ("rooms", json!(1)),
        ("sockets", json!(1)),
    ] {
        assert_eq!(overview[what], expected, "{what}: {overview}");
    }
    assert!(overview["stored_bytes"].as_i64().unwrap() > 0);
    assert_eq!(overview["started_at"].as_i64().unwrap() % 1000, 0);
    assert_eq!(overview.as_object().unwrap().len(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_rooms_are_found_page_by_page() {
    let (server, operator, ann) = staffed().await;
    for name in ["ben", "carl"] {
        server.register(name).await;
    }
    let mut logins = Vec::new();
    let mut path = "/admin/accounts?limit=3".to_owned();
    loop {
        let page = operator.get(&path).await;
        let page = page.granted(200);
        let accounts = page["accounts"].as_array().unwrap();
        logins.extend(accounts.iter().map(|it| it["login"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/admin/accounts?limit=3&cursor={cursor}");
    }
    assert_eq!(logins, ["ann-account", "ben-account", "carl-account", "operator-account"]);
    let found = operator.get("/admin/accounts?q=CARL").await;
    assert_eq!(found.granted(200)["accounts"].as_array().unwrap().len(), 1);
    let own = operator.get("/admin/accounts?q=operator").await;
    let own = &own.granted(200)["accounts"][0];
    assert_eq!((&own["role"], &own["is_you"]), (&"operator".into(), &true.into()));
    assert_eq!(own["created_at"].as_i64().unwrap() % 86_400_000, 0);
    for (path, field) in [("accounts?cursor=%20", "cursor"), ("rooms?limit=0", "limit")] {
        operator.get(&format!("/admin/{path}")).await.refused_fields(&[field]);
    }
    let kitchen = ann.create_room("Kitchen", 5).await;
    ann.create_room("Garden", 5).await;
    let found = operator.get("/admin/rooms?q=kitch").await;
    let rooms = found.granted(200)["rooms"].as_array().unwrap().clone();
    assert_eq!((rooms.len(), &rooms[0]["room_id"]), (1, &kitchen.into()));
    let page = operator.get("/admin/rooms?limit=1").await;
    let cursor = page.granted(200)["next_cursor"].as_str().unwrap().to_owned();
    let rest = operator.get(&format!("/admin/rooms?limit=5&cursor={cursor}")).await;
    assert_eq!(rest.granted(200)["rooms"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_an_operator_removes_is_gone_for_everybody() {
    let (_server, operator, ann) = staffed().await;
    let room = ann.create_room("Kitchen", 5).await;
    let mut socket = ann.join(&room).await;
    let path = format!("/admin/rooms/{room}");
    operator.call(Method::DELETE, &path, None).await.granted(200);
    assert_eq!(socket.close_code().await, 4410);
    ann.get(&format!("/rooms/{room}")).await.refused(404, "room_not_found");
    operator.call(Method::DELETE, &path, None).await.refused(404, "room_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_an_operator_ties_an_alias_to_an_account() {
    let (_server, operator, ann) = staffed().await;
    let room = ann.create_room("Kitchen", 5).await;
    let client_id = ann.client_id_in(&room).await;
    let mut socket = ann.join(&room).await;
    let name = socket.welcome["you"]["client_name"].as_str().unwrap().to_owned();
    let mut own = operator.join(&room).await;
    let frames = json!([own.welcome.clone(), own.all_until_now().await, socket.welcome.clone()]);
    let account = ann.account_id().await;
    let mut about_people = String::new();
    for path in ["/admin/overview", "/admin/accounts"] {
        about_people += &operator.get(path).await.granted(200).to_string();
    }
    let disable = format!("/admin/accounts/{account}/disable");
    about_people += &operator.call(Method::POST, &disable, None).await.granted(200).to_string();
    for alias in [&client_id, &name, &room, &"Kitchen".to_owned()] {
        assert!(!about_people.contains(alias.as_str()), "{alias}: {about_people}");
    }
    let about_rooms = operator.get("/admin/rooms").await.granted(200).to_string();
    for person in [&ann.login, &ann.email, &account, &client_id, &name] {
        assert!(!about_rooms.contains(person.as_str()), "{person}: {about_rooms}");
    }
    for trace in ["operator", "role", "admin"] {
        assert!(!frames.to_string().contains(trace), "{trace}: {frames}");
    }
    socket.close_code().await;
}
