//! Accounts and sessions over HTTP.

use std::time::Duration;

use anonchat::{config::Registration, domain::EmailPolicy};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    clock::HandSetClock,
    harness::{PASSWORD, Server},
    tools::{start_at, start_at_with},
};

const OTHER_PASSWORD: &str = "an entirely different phrase";
const SECOND: Duration = Duration::from_secs(1);

async fn start_with_email(policy: EmailPolicy) -> Server {
    Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.auth.email = policy;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_answers_tokens_that_work() {
    let server = Server::start().await;
    let body = json!({ "login": "Ann_9-b", "email": "Ann@Mail.example", "password": PASSWORD });
    let answer = server.post("/auth/register", body).await;
    let tokens = answer.granted(201);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(
        (&tokens["expires_in"], &tokens["refresh_expires_in"]),
        (&900.into(), &604_800.into())
    );
    assert_eq!(tokens.as_object().unwrap().len(), 5);
    let access = tokens["access_token"].as_str().unwrap();
    let me = server.http.get(server.url("/auth/validate")).bearer_auth(access).send().await;
    let me: Value = me.unwrap().json().await.unwrap();
    assert_eq!(me["data"]["login"], "Ann_9-b");
    assert_eq!(me["data"]["email"], "Ann@Mail.example");
    assert_eq!(me["data"]["role"], "person");
    assert_eq!(me["data"].as_object().unwrap().len(), 4);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    server.refresh(refresh).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_names_nobody() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let id = ann.get("/auth/validate").await.data()["id"].as_str().unwrap().to_owned();
    let mut parts = ann.access.split('.');
    let mut part = || URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
    let (header, claims): (Value, Value) =
        (serde_json::from_slice(&part()).unwrap(), serde_json::from_slice(&part()).unwrap());
    assert_eq!((&header["alg"], &header["typ"]), (&"HS256".into(), &"at+jwt".into()));
    assert_eq!(claims["sub"], id);
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 900);
    let text = claims.to_string().to_lowercase();
    assert!(!text.contains("ann-account") && !text.contains("mail.example"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_by_login_and_by_email_whatever_the_case() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for body in [
        json!({ "login": ann.login, "password": PASSWORD }),
        json!({ "login": ann.login.to_uppercase(), "password": PASSWORD }),
        json!({ "email": ann.email, "password": PASSWORD }),
        json!({ "email": ann.email.to_uppercase(), "password": PASSWORD }),
    ] {
        let answer = server.post("/auth/login", body).await;
        assert!(ann.with_tokens(answer.granted(200)).is_signed_in().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_login_and_a_wrong_password_are_answered_with_the_same_bytes() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let mut answers = Vec::new();
    for body in [
        json!({ "login": ann.login, "password": OTHER_PASSWORD }),
        json!({ "login": "nobody-there", "password": OTHER_PASSWORD }),
        json!({ "email": "nobody@mail.example", "password": OTHER_PASSWORD }),
        json!({ "login": "not a login", "password": OTHER_PASSWORD }),
        json!({ "email": "not an address", "password": OTHER_PASSWORD }),
        json!({ "login": ann.login, "password": "short" }),
        json!({ "login": ann.login, "password": "x".repeat(257) }),
    ] {
        let sent = server.http.post(server.url("/auth/login")).json(&body).send().await.unwrap();
        let mut headers: Vec<_> = sent
            .headers()
            .iter()
            .filter(|(name, _)| *name != "x-request-id" && *name != "date")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        answers.push((sent.status(), headers, sent.bytes().await.unwrap()));
    }
    assert_eq!(answers[0].0, 401);
    let body: Value = serde_json::from_slice(&answers[0].2).unwrap();
    assert_eq!(body["code"], "invalid_credentials");
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_is_named_at_once() {
    let server = Server::start().await;
    let answer = server.post("/auth/register", json!({})).await;
    answer.refused_fields(&["email", "login", "password"]);
    let body = json!({ "login": "a b", "email": "not an address", "password": "short" });
    let answer = server.post("/auth/register", body).await;
    answer.refused_fields(&["email", "login", "password"]);
    let expected = "must be 4 to 32 characters: letters, digits, _ or -";
    assert_eq!(answer.body["data"]["fields"]["login"], expected);
    let body = json!({ "login": 7, "email": ["a"], "password": { "a": 1 } });
    let answer = server.post("/auth/register", body).await;
    answer.refused_fields(&["email", "login", "password"]);
    server.post("/auth/login", json!({})).await.refused_fields(&["login", "password"]);
    let body = json!({ "email": "", "password": null });
    server.post("/auth/login", body).await.refused_fields(&["email", "password"]);
    server.post("/auth/refresh", json!({})).await.refused_fields(&["token"]);
    server.post("/auth/logout", json!({ "token": 1 })).await.refused_fields(&["token"]);
    let ann = server.register("ann").await;
    let answer = ann.post("/auth/password", json!({ "new_password": "short" })).await;
    answer.refused_fields(&["new_password", "old_password"]);
    ann.delete("/auth/account", json!({})).await.refused_fields(&["password"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_logins_and_addresses_are_refused() {
    let server = Server::start().await;
    for login in [
        "abc",
        &"x".repeat(33),
        "ann kowalski",
        " anna",
        "anna\n",
        "anna\0",
        "аnna",
        "ａｎｎａ",
        "anna@x",
        "anna'--",
        "<b>anna</b>",
        "an\u{200b}na",
        "an\u{202e}na",
        "../anna",
        "an%6ea",
    ] {
        let body = json!({ "login": login, "email": "a@mail.example", "password": PASSWORD });
        server.post("/auth/register", body).await.refused_fields(&["login"]);
    }
    for email in [
        "ann",
        "ann@",
        "@mail.example",
        "Ann <ann@mail.example>",
        "ann@mail.example\r\nBcc: x@y.zz",
        "ann@mail.example, ben@mail.example",
        "ann@[127.0.0.1]",
        "ann@localhost",
        &format!("{}@mail.example", "x".repeat(250)),
    ] {
        let body = json!({ "login": "anna", "email": email, "password": PASSWORD });
        server.post("/auth/register", body).await.refused_fields(&["email"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_login_and_a_taken_address_get_one_answer_and_change_nothing() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let mut bodies = Vec::new();
    for (login, email) in [
        (ann.login.as_str(), "new@mail.example"),
        (&ann.login.to_uppercase(), "new@mail.example"),
        ("somebody-new", &ann.email),
        ("somebody-new", &ann.email.to_uppercase()),
        (&ann.login, &ann.email),
    ] {
        let body = json!({ "login": login, "email": email, "password": OTHER_PASSWORD });
        let answer = server.post("/auth/register", body).await;
        answer.refused(409, "account_exists");
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    server.log_in(&ann.login, OTHER_PASSWORD).await.refused(401, "invalid_credentials");
    server.log_in("somebody-new", OTHER_PASSWORD).await.refused(401, "invalid_credentials");
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_register_one_name_at_once_one_gets_it() {
    let server = Server::start().await;
    let attempts = (0..8).map(|n| {
        let body =
            json!({ "login": "anna", "email": format!("a{n}@mail.example"), "password": PASSWORD });
        server.post("/auth/register", body)
    });
    let answers = join_all(attempts).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let taken = answers.iter().filter(|answer| answer.code() == "account_exists").count();
    assert_eq!((made, taken), (1, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_required_only_where_the_operator_wants_it() {
    let server = start_with_email(EmailPolicy::Required).await;
    for email in [Value::Null, "".into()] {
        let body = json!({ "login": "anna", "email": email, "password": PASSWORD });
        server.post("/auth/register", body).await.refused_fields(&["email"]);
    }
    let server = start_with_email(EmailPolicy::Optional).await;
    let body = json!({ "login": "anna", "password": PASSWORD });
    let answer = server.post("/auth/register", body).await;
    let access = answer.granted(201)["access_token"].as_str().unwrap();
    let me = server.http.get(server.url("/auth/validate")).bearer_auth(access).send().await;
    let me: Value = me.unwrap().json().await.unwrap();
    assert_eq!(me["data"]["email"], Value::Null);
    let body = json!({ "login": "berta", "email": "nonsense", "password": PASSWORD });
    server.post("/auth/register", body).await.refused_fields(&["email"]);
    server.register("with-address").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_addresses_stores_none() {
    let server = start_with_email(EmailPolicy::Off).await;
    let ann = server.register("ann").await;
    assert_eq!(ann.get("/auth/validate").await.granted(200)["email"], Value::Null);
    let body = json!({ "email": ann.email, "password": PASSWORD });
    server.post("/auth/login", body).await.refused(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_server_takes_no_new_accounts_and_keeps_the_old_ones() {
    let mut server = Server::start().await;
    let ann = server.register("ann").await;
    server.config.auth.registration = Registration::Closed;
    server.restart().await;
    let body = json!({ "login": "berta", "email": "b@mail.example", "password": PASSWORD });
    server.post("/auth/register", body).await.refused(403, "registration_closed");
    server.log_in("berta", PASSWORD).await.refused(401, "invalid_credentials");
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_has_8_to_256_characters_of_any_unicode() {
    let server = Server::start().await;
    let good = [
        "paß🙂w0rd",
        "пароль для чата",
        "  spaces kept  ",
        &"xyz√".repeat(64),
        "'; drop table accounts; --",
        "tab\tnew\nline\0null",
    ];
    for (n, password) in good.iter().enumerate() {
        let login = format!("good-{n}");
        let email = format!("{login}@mail.example");
        let body = json!({ "login": login, "email": email, "password": password });
        let answer = server.post("/auth/register", body).await;
        let shorter: String = password.chars().take(password.chars().count() - 1).collect();
        answer.granted(201);
        server.log_in(&login, password).await.granted(200);
        server.log_in(&login, &shorter).await.refused(401, "invalid_credentials");
        if password.trim() != *password {
            server.log_in(&login, password.trim()).await.refused(401, "invalid_credentials");
        }
    }
    let long = format!("{}y", "xyz√".repeat(64));
    let huge = "x√".repeat(1 << 13);
    for password in ["xK3_vq9", "пароль7", "", &long, &huge] {
        let body = json!({ "login": "anna", "email": "a@mail.example", "password": password });
        server.post("/auth/register", body).await.refused_fields(&["password"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_a_megabyte_is_never_read_to_its_end() {
    let server = Server::start().await;
    let (login, email, password) = ("anna", "a@mail.example", "x".repeat(1 << 20));
    let body = json!({ "login": login, "email": email, "password": password });
    let answer = server.raw_json("/auth/register", &body.to_string()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_to_type_a_letter_are_one_password() {
    let server = Server::start().await;
    let body =
        json!({ "login": "anna", "email": "a@mail.example", "password": "caf\u{e9} noir 1" });
    server.post("/auth/register", body).await.granted(201);
    server.log_in("anna", "cafe\u{301} noir 1").await.granted(200);
    server.log_in("anna", "cafe noir 1").await.refused(401, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_that_are_easy_to_guess_are_refused() {
    let server = Server::start().await;
    for password in [
        "password",
        "PassWord",
        "ｐａｓｓｗｏｒｄ",
        "12345678",
        "aaaaaaaaaa",
        "AnonChat1",
        "annabel-kowalski",
        "Annabel-Kowalski1",
        "annabel.k@mail.example",
    ] {
        let body = json!({ "login": "annabel-kowalski", "email": "annabel.k@mail.example", "password": password });
        server.post("/auth/register", body).await.refused_fields(&["password"]);
    }
    let ann = server.register("annabel").await;
    let body = json!({ "old_password": PASSWORD, "new_password": ann.login });
    ann.post("/auth/password", body).await.refused_fields(&["new_password"]);
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_answers_a_new_pair_and_spends_the_old_one() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let answer = server.refresh(&ann.refresh).await;
    let next = ann.with_tokens(answer.granted(200));
    assert_ne!((&next.access, &next.refresh), (&ann.access, &ann.refresh));
    assert!(next.is_signed_in().await);
    clock.advance(21 * SECOND);
    server.refresh(&ann.refresh).await.refused(401, "session_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_refresh_token_ends_its_session_at_once_and_no_other() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let elsewhere = ann.on_another_device().await;
    let room = ann.create_room("Kitchen", 10).await;
    let second = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    let third = ann.with_tokens(server.refresh(&second.refresh).await.granted(200));
    let mut socket = third.join(&room).await;
    let mut safe_socket = elsewhere.join(&room).await;
    server.refresh(&ann.refresh).await.refused(401, "session_revoked");
    for tokens in [&ann, &second, &third] {
        tokens.get("/auth/validate").await.refused(401, "unauthorized");
        server.refresh(&tokens.refresh).await.refused(401, "session_revoked");
    }
    assert_eq!(socket.close_code().await, 4401);
    assert!(elsewhere.is_signed_in().await);
    safe_socket.say("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_lost_the_answer_may_ask_again_within_twenty_seconds() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let lost = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    clock.advance(20 * SECOND);
    let kept = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    server.refresh(&lost.refresh).await.refused(401, "invalid_refresh_token");
    assert!(kept.is_signed_in().await);
    server.refresh(&kept.refresh).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grace_ends_with_the_first_use_of_the_successor() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let second = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    server.refresh(&second.refresh).await.granted(200);
    server.refresh(&ann.refresh).await.refused(401, "session_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn six_tabs_that_refresh_at_once_stay_logged_in() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let answers = join_all((0..6).map(|_| server.refresh(&ann.refresh))).await;
    let tabs: Vec<_> = answers.iter().map(|answer| ann.with_tokens(answer.granted(200))).collect();
    for tab in &tabs {
        assert!(tab.is_signed_in().await);
    }
    let last = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    server.refresh(&tabs[0].refresh).await.refused(401, "invalid_refresh_token");
    server.refresh(&last.refresh).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_refresh_token_is_refused() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let other_server = Server::start().await;
    let foreign = other_server.register("ann").await;
    for token in [&ann.access, &foreign.refresh, &ann.refresh[1..], "комната", &"A".repeat(60_000)]
    {
        server.refresh(token).await.refused(401, "invalid_refresh_token");
    }
    assert!(ann.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_out_ends_the_session_whatever_is_asked_of_it() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let room = ann.create_room("Kitchen", 10).await;
    let mut socket = ann.join(&room).await;
    for _ in 0..2 {
        let answer = server.post("/auth/logout", json!({ "token": ann.refresh })).await;
        assert_eq!(*answer.granted(200), Value::Null);
    }
    assert_eq!(socket.close_code().await, 4401);
    ann.get("/auth/validate").await.refused(401, "unauthorized");
    let refused = ann.try_join(&room, "").await.err().expect("no seat");
    refused.refused(401, "unauthorized");
    let refused = server.refresh(&ann.refresh).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    server.post("/auth/logout", json!({ "token": "unknown" })).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_refresh_token_logs_out_as_well() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let second = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    let third = ann.with_tokens(server.refresh(&second.refresh).await.granted(200));
    clock.advance(60 * SECOND);
    server.post("/auth/logout", json!({ "token": ann.refresh })).await.granted(200);
    assert!(!third.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_stays_ended_over_a_restart() {
    let clock = HandSetClock::new();
    let mut server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let elsewhere = ann.on_another_device().await;
    server.post("/auth/logout", json!({ "token": ann.refresh })).await.granted(200);
    server.restart().await;
    let (ann, elsewhere) = (ann.at(&server), elsewhere.at(&server));
    ann.get("/auth/validate").await.refused(401, "unauthorized");
    assert!(elsewhere.is_signed_in().await);
    server.refresh(&elsewhere.refresh).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_ends_when_it_says() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    clock.advance(899 * SECOND);
    assert!(ann.is_signed_in().await);
    clock.advance(SECOND);
    ann.get("/auth/validate").await.refused(401, "unauthorized");
    let fresh = ann.with_tokens(server.refresh(&ann.refresh).await.granted(200));
    assert!(fresh.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_idle_and_after_its_absolute_limit() {
    let clock = HandSetClock::new();
    let server = start_at_with(&clock, |config| {
        config.auth.refresh_token_ttl = Duration::from_secs(100);
        config.auth.session_ttl = Duration::from_secs(250);
    })
    .await;
    let ann = server.register("ann").await;
    clock.advance(100 * SECOND);
    server.refresh(&ann.refresh).await.refused(401, "invalid_refresh_token");
    let mut ann = ann.on_another_device().await;
    for left in [100, 70] {
        clock.advance(90 * SECOND);
        let answer = server.refresh(&ann.refresh).await;
        let expires_in = answer.granted(200)["refresh_expires_in"].as_i64().unwrap();
        assert!((left - 1..=left).contains(&expires_in), "{expires_in} instead of {left}");
        ann = ann.with_tokens(answer.data());
    }
    clock.advance(70 * SECOND);
    server.refresh(&ann.refresh).await.refused(401, "invalid_refresh_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_this_servers_tokens_are_access_tokens() {
    let server = Server::start().await;
    let other_server = Server::start().await;
    let (ann, foreign) = (server.register("ann").await, other_server.register("ann").await);
    let [header, claims, signature] =
        <[&str; 3]>::try_from(ann.access.split('.').collect::<Vec<_>>()).unwrap();
    let parsed: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let with_alg = |alg: &str| {
        let mut header = parsed.clone();
        header["alg"] = alg.into();
        URL_SAFE_NO_PAD.encode(header.to_string())
    };
    let last = if signature.ends_with('A') { "E" } else { "A" };
    let tokens = [
        String::new(),
        "x".repeat(20_000),
        foreign.access.clone(),
        ann.refresh.clone(),
        format!("{}.{claims}.", with_alg("none")),
        format!("{}.{claims}", with_alg("None")),
        format!("{}.{claims}.{signature}", with_alg("HS512")),
        format!("{}.{claims}.{signature}", with_alg("RS256")),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}{last}", &signature[..signature.len() - 1]),
        format!("{header}.{claims}.{signature}.{signature}"),
    ];
    for token in tokens {
        let sent = server.http.get(server.url("/auth/validate")).bearer_auth(&token).send().await;
        crate::harness::read_response(sent.unwrap()).await.refused(401, "unauthorized");
    }
    assert!(ann.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_in_the_authorization_header_only() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let query = format!("/auth/validate?token={0}&access_token={0}", ann.access);
    server.get(&query).await.refused(401, "unauthorized");
    for (name, value) in [
        ("cookie", format!("token={0}; access_token={0}; session={0}", ann.access)),
        ("authorization", format!("Basic {}", ann.access)),
        ("authorization", ann.access.clone()),
        ("sec-websocket-protocol", format!("bearer.{}", ann.access)),
        ("x-access-token", ann.access.clone()),
    ] {
        let sent = server.http.get(server.url("/auth/validate")).header(name, value).send().await;
        crate::harness::read_response(sent.unwrap()).await.refused(401, "unauthorized");
    }
    let room = ann.create_room("Kitchen", 10).await;
    let mut plain = ann.join_plain(&room).await;
    plain.send_text("the query is fine here").await;
    assert_eq!(plain.message().await["message"], "the query is fine here");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_sets_a_cookie() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for answer in [server.log_in(&ann.login, PASSWORD).await, server.refresh(&ann.refresh).await] {
        answer.granted(200);
        assert!(!answer.headers.contains_key("set-cookie"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_and_end_their_own_sessions() {
    let clock = HandSetClock::new();
    let server = start_at(&clock).await;
    let ann = server.register("ann").await;
    let ben = server.register("ben").await;
    clock.advance(5 * SECOND);
    let phone = ann.on_another_device().await;
    let answer = phone.get("/auth/sessions").await;
    let sessions = answer.granted(200).as_array().unwrap().clone();
    let current: Vec<_> = sessions.iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current, [true, false], "newest first");
    for session in &sessions {
        let mut keys: Vec<_> = session.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["created_at", "current", "last_used_at", "session_id"]);
        assert_eq!(session["created_at"].as_i64().unwrap() % 1000, 0);
        assert_eq!(session["last_used_at"].as_i64().unwrap() % 1000, 0);
    }
    let old = format!("/auth/sessions/{}", sessions[1]["session_id"].as_str().unwrap());
    ben.call(Method::DELETE, &old, None).await.refused(404, "not_found");
    assert!(ann.is_signed_in().await);
    phone.call(Method::DELETE, &old, None).await.granted(200);
    assert!(!ann.is_signed_in().await);
    phone.call(Method::DELETE, &old, None).await.refused(404, "not_found");
    for unknown in ["x", "0123456789ABCDEF0123456789", "%2e%2e%2f", "комната"] {
        let path = format!("/auth/sessions/{unknown}");
        phone.call(Method::DELETE, &path, None).await.refused(404, "not_found");
    }
    assert_eq!(phone.get("/auth/sessions").await.granted(200).as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_current_session_logs_out() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let answer = ann.get("/auth/sessions").await;
    let id = answer.granted(200)[0]["session_id"].as_str().unwrap().to_owned();
    ann.call(Method::DELETE, &format!("/auth/sessions/{id}"), None).await.granted(200);
    assert!(!ann.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_other_session() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let thief = ann.on_another_device().await;
    let room = ann.create_room("Kitchen", 10).await;
    let mut thiefs_socket = thief.join(&room).await;
    let mut own_socket = ann.join(&room).await;
    let body = json!({ "old_password": PASSWORD, "new_password": OTHER_PASSWORD });
    let answer = ann.post("/auth/password", body).await;
    let now = ann.with_tokens(answer.granted(200));
    assert_eq!(thiefs_socket.close_code().await, 4401);
    own_socket.say("still here").await;
    assert!(now.is_signed_in().await);
    assert!(!thief.is_signed_in().await);
    let refused = server.refresh(&thief.refresh).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    server.refresh(&now.refresh).await.granted(200);
    server.log_in(&ann.login, PASSWORD).await.refused(401, "invalid_credentials");
    server.log_in(&ann.login, OTHER_PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_needs_the_old_one() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let elsewhere = ann.on_another_device().await;
    let body = json!({ "old_password": OTHER_PASSWORD, "new_password": OTHER_PASSWORD });
    ann.post("/auth/password", body).await.refused(401, "invalid_credentials");
    assert!(elsewhere.is_signed_in().await);
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_account_is_gone_and_its_names_are_free() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    let elsewhere = ann.on_another_device().await;
    let body = json!({ "password": OTHER_PASSWORD });
    ann.delete("/auth/account", body).await.refused(401, "invalid_credentials");
    assert!(elsewhere.is_signed_in().await);
    let body = json!({ "password": PASSWORD });
    ann.delete("/auth/account", body).await.granted(200);
    for tokens in [&ann, &elsewhere] {
        tokens.get("/auth/validate").await.refused(401, "unauthorized");
        assert_eq!(server.refresh(&tokens.refresh).await.status, 401);
    }
    server.log_in(&ann.login, PASSWORD).await.refused(401, "invalid_credentials");
    let again = server.register("ann").await;
    assert!(again.is_signed_in().await);
    assert!(!ann.is_signed_in().await);
}

/// Two people, a room of the second, and a message of the first in it.
async fn somebody_said_something(
    server: &Server,
) -> (crate::harness::Person, crate::harness::Person, String) {
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ben.create_room("Kitchen", 10).await;
    ann.post_message(&room, "1", "the words of ann").await;
    ben.post_message(&room, "2", "the words of ben").await;
    (ann, ben, room)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_erased_account_wrote_stays_unless_it_says_otherwise() {
    let server = Server::start().await;
    let (ann, ben, room) = somebody_said_something(&server).await;
    ann.delete("/auth/account", json!({ "password": PASSWORD })).await.granted(200);
    let history = ben.get(&format!("/rooms/{room}/messages")).await;
    assert_eq!(history.granted(200)["messages"][0]["message"], "the words of ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_may_take_its_words_along() {
    let server = Server::start().await;
    let (ann, ben, room) = somebody_said_something(&server).await;
    let path = "/auth/account?messages=true";
    ann.delete(path, json!({ "password": OTHER_PASSWORD }))
        .await
        .refused(401, "invalid_credentials");
    ann.delete(path, json!({ "password": PASSWORD })).await.granted(200);
    let history = ben.get(&format!("/rooms/{room}/messages")).await;
    let messages = history.granted(200)["messages"].as_array().unwrap();
    assert_eq!((&messages[0]["message"], &messages[0]["deleted"]), (&"".into(), &true.into()));
    assert_eq!(messages[1]["message"], "the words of ben");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_no_yes_or_no_erases_nothing() {
    let server = Server::start().await;
    let ann = server.register("ann").await;
    for query in ["messages=1", "messages=", "messages=true&messages=false"] {
        let path = format!("/auth/account?{query}");
        let answer = ann.delete(&path, json!({ "password": PASSWORD })).await;
        answer.refused(400, "invalid_request");
    }
    assert!(ann.is_signed_in().await);
}
