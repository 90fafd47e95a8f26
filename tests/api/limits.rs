//! How much of everything: whoever asks for too much is held down, and nobody else.

use std::{
    net::Ipv4Addr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anonchat::{
    anonymity::RateKeys,
    config::{Config, Quota, SteadyRate},
};
use futures_util::future::join_all;
use reqwest::{Client, Method, StatusCode};
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    clock::HandSetClock,
    harness::{Answer, PASSWORD, Person, Server, read_response},
    process::Process,
};

const HOUR: Duration = Duration::from_hours(1);

fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn quota(max: u32, period: Duration) -> Quota {
    Quota { max: count(max), period }
}

/// Limits that no test reaches, but for those that `change` sets.
fn lenient(config: &mut Config) {
    let rates = &mut config.server.rate_limits;
    rates.requests = quota(1_000_000, HOUR);
    rates.registrations = quota(1_000_000, HOUR);
    rates.failed_logins = quota(1_000_000, HOUR);
    rates.failed_logins_per_account = quota(1_000_000, HOUR);
}

async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
    Server::start_with(|config| {
        lenient(config);
        change(config);
    })
    .await
}

/// Checks a refusal for too much, and gives the seconds to wait.
#[track_caller]
fn limited(answer: &Answer) -> u64 {
    let wait = answer.refused(429, "rate_limited")["retry_after"].as_u64().unwrap();
    assert!(wait >= 1);
    assert_eq!(answer.headers["retry-after"].to_str().unwrap(), wait.to_string());
    wait
}

/// `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
#[track_caller]
fn allowance(answer: &Answer) -> [u64; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        let value = answer.headers.get(format!("x-ratelimit-{name}")).expect(name);
        value.to_str().unwrap().parse().unwrap()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_api_tells_what_is_left() {
    let server = start_with(|config| config.server.rate_limits.requests = quota(6, HOUR)).await;
    let body = json!({ "login": "x" });
    for (n, (method, path, body, status)) in [
        (Method::GET, "/status", None, 200),
        (Method::GET, "/nothing", None, 404),
        (Method::PUT, "/status", None, 405),
        (Method::GET, "/auth/validate", None, 401),
        (Method::POST, "/auth/login", Some(body), 400),
        (Method::GET, "/rooms/ws", None, 401),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = server.call(method, path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        let used = n as u64 + 1;
        assert_eq!(allowance(&answer), [6, 6 - used, 600 * used], "{path}");
        assert!(!answer.headers.contains_key("retry-after"));
    }
    for path in ["/status", "/nothing", "/auth/validate"] {
        let answer = server.get(path).await;
        assert!((500..=601).contains(&limited(&answer)));
        assert_eq!(allowance(&answer), [6, 0, 3600]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ui_does_not_count() {
    let server = start_with(|config| config.server.rate_limits.requests = quota(3, HOUR)).await;
    let page = format!("http://{}/", server.authority());
    for path in ["", "icon.svg", "r/ABCDEFGHJKMNPQRS", "missing.js", "assets/x.js", ""] {
        let sent = server.http.get(format!("{page}{path}")).send().await.unwrap();
        assert!(sent.status() == 200 || sent.status() == 404);
        assert!(sent.headers().keys().all(|name| !name.as_str().starts_with("x-ratelimit")));
    }
    for _ in 0..3 {
        server.get("/status").await.granted(200);
    }
    limited(&server.get("/status").await);
    assert_eq!(server.http.get(&page).send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_person_is_counted_by_account_wherever_they_are() {
    let server = start_with(|config| config.server.rate_limits.requests = quota(4, HOUR)).await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let elsewhere = server.client_from(2);
    for _ in 0..2 {
        ann.get("/auth/validate").await.granted(200);
        let request = elsewhere.get(server.url("/auth/validate")).bearer_auth(&ann.access);
        read_response(request.send().await.unwrap()).await.granted(200);
    }
    limited(&ann.get("/auth/validate").await);
    let request = elsewhere.get(server.url("/auth/validate")).bearer_auth(&ann.access);
    limited(&read_response(request.send().await.unwrap()).await);
    ben.get("/auth/validate").await.granted(200);
    for _ in 0..2 {
        server.get("/status").await.granted(200);
    }
    limited(&server.get("/status").await);
    ben.get("/auth/validate").await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_no_good_counts_by_address() {
    let server = start_with(|config| config.server.rate_limits.requests = quota(10, HOUR)).await;
    let mut told = Vec::new();
    for n in 0..12 {
        let request =
            server.http.get(server.url("/auth/validate")).bearer_auth(format!("made-up-{n}"));
        told.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(told, [[401; 10].as_slice(), &[429; 2]].concat());
}

/// Asks as `forwarded` pretends to be, and says whether that was let through.
async fn forwarded(client: &Client, server: &Server, name: &str, value: &str) -> bool {
    let sent = client.get(server.url("/status")).header(name, value).send().await.unwrap();
    match sent.status() {
        StatusCode::OK => true,
        StatusCode::TOO_MANY_REQUESTS => false,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_addresses_are_no_way_round_a_limit() {
    let server = start_with(|config| config.server.rate_limits.requests = quota(5, HOUR)).await;
    let mut passed = 0;
    for n in 0..150 {
        let names =
            ["x-forwarded-for", "forwarded", "x-real-ip", "cf-connecting-ip", "true-client-ip"];
        let name = names[n % names.len()];
        let value = if name == "forwarded" {
            format!("for=198.51.100.{n}")
        } else {
            format!("198.51.100.{n}")
        };
        passed += usize::from(forwarded(&server.http, &server, name, &value).await);
    }
    assert_eq!(passed, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_is_believed_about_its_clients() {
    let server = start_with(|config| {
        config.server.rate_limits.requests = quota(2, HOUR);
        config.server.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let ask = async |value: &str| forwarded(&server.http, &server, "x-forwarded-for", value).await;
    assert!(ask("198.51.100.1").await && ask("198.51.100.1").await && !ask("198.51.100.1").await);
    assert!(ask("198.51.100.2").await);
    assert!(
        !ask("203.0.113.7, 198.51.100.1").await,
        "what the client itself wrote is not believed"
    );
    assert!(!ask("203.0.113.8, 198.51.100.1, 127.0.0.1").await);
    assert!(ask("2001:db8::1").await && ask("2001:db8::2").await);
    assert!(!ask("2001:db8::3").await, "a network of one subscriber is one");
    assert!(ask("2001:db8:0:1::1").await);
    let stranger = server.client_from(2);
    let ask = async |value: &str| forwarded(&stranger, &server, "x-forwarded-for", value).await;
    assert!(
        ask("198.51.100.11").await && ask("198.51.100.12").await && !ask("198.51.100.13").await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_has_sixteen_times_what_an_address_has_and_no_more() {
    let server = start_with(|config| {
        config.server.rate_limits.requests = quota(2, HOUR);
        config.server.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let ann = server.register("ann").await;
    let ask = async |value: &str| forwarded(&server.http, &server, "x-forwarded-for", value).await;
    for _ in 0..20 {
        ask("2001:db8:1::1").await;
    }
    let mut passed = 2;
    for network in 2..40 {
        passed += usize::from(ask(&format!("2001:db8:1:{network}::1")).await);
    }
    assert_eq!(passed, 32, "what an address was refused is not taken from its site");
    let request = server.http.get(server.url("/status"));
    let request = request.header("x-forwarded-for", "2001:db8:1:98::1");
    let refused = read_response(request.send().await.unwrap()).await;
    limited(&refused);
    assert_eq!(allowance(&refused), [2, 0, 3600], "what is left to the address is of no use to it");
    assert!(ask("2001:db8:2::1").await);
    let request = ann.way.http.get(server.url("/auth/validate")).bearer_auth(&ann.access);
    let request = request.header("x-forwarded-for", "2001:db8:1:99::1");
    read_response(request.send().await.unwrap()).await.granted(200);
}

async fn log_in_from(client: &Client, server: &Server, login: &str, password: &str) -> Answer {
    let body = json!({ "login": login, "password": password });
    read_response(client.post(server.url("/auth/login")).json(&body).send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_guesses_is_held_down_until_its_minute_is_over() {
    let clock = HandSetClock::new();
    let server = Server::start_at(Arc::clone(&clock) as _, |config| {
        lenient(config);
        config.server.rate_limits.failed_logins =
            Config::default().server.rate_limits.failed_logins;
    })
    .await;
    let ann = server.register("ann").await;
    for n in 0..10 {
        let answer = server.log_in(&format!("guess-{n}"), "wrong password").await;
        answer.refused(401, "invalid_credentials");
    }
    assert_eq!(limited(&server.log_in("guess-x", "wrong password").await), 60);
    limited(&server.log_in(&ann.login, PASSWORD).await);
    let body = json!({ "password": "wrong password" });
    limited(&ann.delete("/auth/account", body).await);
    log_in_from(&server.client_from(2), &server, &ann.login, PASSWORD).await.granted(200);
    clock.advance(Duration::from_secs(45));
    assert_eq!(limited(&server.log_in(&ann.login, PASSWORD).await), 15);
    clock.advance(Duration::from_secs(15));
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_guessed_at_from_everywhere_is_protected_for_a_while() {
    let clock = HandSetClock::new();
    let server = Server::start_at(Arc::clone(&clock) as _, |config| {
        lenient(config);
        let usual = Config::default().server.rate_limits;
        config.server.rate_limits.failed_logins = usual.failed_logins;
        config.server.rate_limits.failed_logins_per_account = usual.failed_logins_per_account;
    })
    .await;
    let ann = server.register("ann").await;
    for n in 0..20 {
        let client = server.client_from(2 + n);
        let name = if n % 2 == 0 { ann.login.clone() } else { ann.login.to_uppercase() };
        log_in_from(&client, &server, &name, "wrong password")
            .await
            .refused(401, "invalid_credentials");
    }
    assert_eq!(
        limited(&log_in_from(&server.client_from(50), &server, &ann.login, PASSWORD).await),
        600
    );
    assert!(ann.is_signed_in().await, "who is inside stays inside");
    let ben = server.register("ben").await;
    server.log_in(&ben.login, PASSWORD).await.granted(200);
    clock.advance(Duration::from_mins(10));
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_is_no_failure_and_forgives_none() {
    let server =
        start_with(|config| config.server.rate_limits.failed_logins = quota(3, HOUR)).await;
    let ann = server.register("ann").await;
    for _ in 0..5 {
        server.log_in(&ann.login, PASSWORD).await.granted(200);
    }
    for _ in 0..3 {
        server.log_in("nobody", "wrong password").await.refused(401, "invalid_credentials");
    }
    limited(&server.log_in(&ann.login, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_tell_no_more_than_guesses_in_a_row() {
    let server =
        start_with(|config| config.server.rate_limits.failed_logins = quota(5, HOUR)).await;
    let ann = server.register("ann").await;
    let guesses = join_all((0..30).map(|_| server.log_in(&ann.login, "wrong password"))).await;
    let told = guesses.iter().filter(|answer| answer.status == 401).count();
    let held = guesses.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((told, held), (5, 25));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_makes_so_many_accounts_and_no_more() {
    let server =
        start_with(|config| config.server.rate_limits.registrations = quota(3, HOUR)).await;
    let register = async |client: &Client, name: &str| {
        let body =
            json!({ "login": name, "email": format!("{name}@mail.example"), "password": PASSWORD });
        let sent = client.post(server.url("/auth/register")).json(&body).send().await.unwrap();
        read_response(sent).await
    };
    for _ in 0..5 {
        server
            .post("/auth/register", json!({ "login": "anna" }))
            .await
            .refused(400, "invalid_request");
    }
    for name in ["anna", "berta", "clara"] {
        register(&server.http, name).await.granted(201);
    }
    let wait = limited(&register(&server.http, "doris").await);
    assert!((1100..=1200).contains(&wait), "{wait}");
    limited(&register(&server.http, "anna").await);
    server.log_in("anna", PASSWORD).await.granted(200);
    server.log_in("doris", PASSWORD).await.refused(401, "invalid_credentials");
    register(&server.client_from(2), "doris").await.granted(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_posts_no_faster_than_a_person_on_a_socket() {
    let server = start_with(|config| {
        config.server.rate_limits.messages = SteadyRate { per_second: count(1), burst: count(3) };
    })
    .await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Kitchen", 10).await;
    let path = format!("/rooms/{room}/messages");
    let mut stored = 0;
    let refused = loop {
        let body = json!({ "id": stored.to_string(), "message": "spam" });
        let answer = ann.post(&path, body).await;
        if answer.status != 201 {
            break answer;
        }
        stored += 1;
        assert!(stored < 100, "nothing holds the script down");
    };
    limited(&refused);
    assert!(stored >= 3);
    ben.post_message(&room, "1", "calm").await;
    let history = ben.get(&format!("{path}?limit=200")).await;
    assert_eq!(history.granted(200)["messages"].as_array().unwrap().len(), stored + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_an_old_socket_counts_with_what_is_posted() {
    let clock = HandSetClock::new();
    let server = Server::start_at(clock.clone(), |config| {
        lenient(config);
        config.server.rate_limits.messages = SteadyRate { per_second: count(1), burst: count(40) };
        config.auth.access_token_ttl = RateKeys::LIFETIME * 2;
    })
    .await;
    let ann = server.register("ann").await;
    let room = ann.create_room("Kitchen", 10).await;
    let mut socket = ann.join(&room).await;
    clock.advance(RateKeys::LIFETIME);
    let path = format!("/rooms/{room}/messages");
    let post = async |id: usize| {
        ann.post(&path, json!({ "id": id.to_string(), "message": "spam" })).await.status == 201
    };
    let mut posted = 0;
    while post(posted).await {
        posted += 1;
        assert!(posted < 400, "nothing holds the script down");
    }
    for id in 0..30 {
        let id = format!("on the socket {id}");
        socket.send(json!({ "type": "send", "id": id, "message": "spam" })).await;
    }
    let answers = socket.all_until_now().await;
    assert!(answers.iter().any(|frame| frame["code"] == "rate_limited"), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_can_be_switched_off() {
    let server = Server::start_with(|config| {
        config.server.rate_limits.requests = quota(1, HOUR);
        config.server.rate_limits.registrations = quota(1, HOUR);
        config.server.rate_limits.failed_logins = quota(1, HOUR);
        config.server.rate_limits.failed_logins_per_account = quota(1, HOUR);
        config.server.rate_limits.enabled = false;
    })
    .await;
    server.register("ann").await;
    server.register("ben").await;
    for _ in 0..5 {
        server.log_in("nobody", "wrong password").await.refused(401, "invalid_credentials");
        let answer = server.get("/status").await;
        assert!(!answer.headers.contains_key("x-ratelimit-limit"));
    }
}

/// A script that wants everything, from an address of its own.
#[derive(Default)]
struct Script {
    stop: AtomicBool,
    held_down: Notify,
    passed: AtomicUsize,
    refused: AtomicUsize,
    accounts: AtomicUsize,
}

impl Script {
    /// Hammers until it is stopped.
    async fn run(&self, client: Client, urls: [String; 3]) {
        let mut n = 0;
        while !self.stop.load(Ordering::SeqCst) {
            n += 1;
            let [register, login, status] = &urls;
            let name = format!("script-{n}");
            let account = json!({ "login": name, "email": format!("{name}@spam.example"), "password": PASSWORD });
            let guess = json!({ "login": "class-account-1", "password": "a wrong password" });
            let requests = [
                client.post(register).json(&account),
                client.post(login).json(&guess),
                client.get(status),
                client.get(status),
            ];
            let sent = requests.map(|request| async { request.send().await.unwrap().status() });
            let answers = join_all(sent).await;
            if answers[3] == StatusCode::TOO_MANY_REQUESTS {
                self.held_down.notify_one();
            }
            for status in answers {
                if status == StatusCode::TOO_MANY_REQUESTS {
                    self.refused.fetch_add(1, Ordering::SeqCst);
                } else {
                    self.passed.fetch_add(1, Ordering::SeqCst);
                }
                self.accounts
                    .fetch_add(usize::from(status == StatusCode::CREATED), Ordering::SeqCst);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_of_forty_behind_one_address_talks_while_a_script_is_held_down() {
    // As it comes: nothing of the limits is changed.
    let server = Server::start_with(|_| {}).await;
    let script = Arc::new(Script::default());
    let urls = ["/auth/register", "/auth/login", "/status"].map(|path| server.url(path));
    let client = server.client_from(2);
    let hammering = {
        let script = Arc::clone(&script);
        async move { script.run(client, urls).await }
    };
    let class = async {
        script.held_down.notified().await;
        let names: Vec<_> = (0..40).map(|n| format!("class-{n}")).collect();
        let people = join_all(names.iter().map(|name| server.register(name))).await;
        let room = people[0].create_room("Class 9b", 40).await;
        let mut sockets = join_all(people.iter().map(|person| person.join(&room))).await;
        for (n, socket) in sockets.iter_mut().enumerate() {
            socket.say(&format!("I am number {n}")).await;
        }
        let mut heard = 0;
        for person in &people {
            let history = person.get(&format!("/rooms/{room}/messages")).await;
            heard += history.granted(200)["messages"].as_array().unwrap().len();
        }
        assert_eq!(heard, 40 * 40);
        script.stop.store(true, Ordering::SeqCst);
        sockets.len()
    };
    let ((), sockets) = tokio::join!(hammering, class);
    assert_eq!(sockets, 40);
    let [passed, refused, accounts] =
        [&script.passed, &script.refused, &script.accounts].map(|n| n.load(Ordering::SeqCst));
    // A hundred at once and one more each 0.6 seconds; an account costs the script a request, too.
    assert!(passed < 200 && accounts <= 60 && refused > passed, "{passed} {refused} {accounts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_and_status_do_not_queue_behind_logins() {
    let server = Server::start().await;
    let (ann, ben) = (server.register("ann").await, server.register("ben").await);
    let room = ann.create_room("Kitchen", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    let done = AtomicUsize::new(0);
    let logins = join_all((0..100).map(|_| async {
        let answer = server.log_in(&ann.login, PASSWORD).await;
        (done.fetch_add(1, Ordering::SeqCst), answer.status)
    }));
    let talk = async {
        for n in 1..=5 {
            at_ann.say(&format!("{n}")).await;
            assert_eq!(at_ben.message().await["seq"], n);
            server.get("/status").await.granted(200);
        }
        done.load(Ordering::SeqCst)
    };
    let (logins, done_when_talk_ended) = tokio::join!(logins, talk);
    assert!(done_when_talk_ended < 100, "everything else waited for the logins");
    assert!(logins.iter().all(|(_, status)| *status == 200), "{logins:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_logins_than_can_wait_are_sent_away_with_a_time_to_come_back() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let crowd = threads * 65 + 60;
    allow_files(4 * crowd as u64);
    let server = Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.limits.connections_per_address = count(100_000);
    })
    .await;
    let ann = server.register("ann").await;
    let answers = join_all((0..crowd).map(|_| server.log_in(&ann.login, PASSWORD))).await;
    let (served, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == StatusCode::OK);
    assert!(!served.is_empty() && !refused.is_empty(), "{} {}", served.len(), refused.len());
    for answer in refused {
        let wait = answer.refused(503, "storage_unavailable")["retry_after"].as_u64().unwrap();
        assert_eq!(answer.headers["retry-after"].to_str().unwrap(), wait.to_string());
    }
    server.log_in(&ann.login, PASSWORD).await.granted(200);
}

/// Lets this process open as many files as the system allows, if that is no less than `needed`.
fn allow_files(needed: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if now.current.is_some_and(|current| current < needed) {
        let raised = Rlimit { current: now.maximum, ..now };
        setrlimit(Resource::Nofile, raised).expect("a process may use what it is allowed to");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_logins_at_once_take_little_memory() {
    // A process of its own, whose memory no other test is in.
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(&dir.path().join("data"), &[]).await;
    let way = process.way(Ipv4Addr::LOCALHOST);
    let ann = Person::register(&way, "ann").await;
    let before = process.memory("VmRSS:");
    let body = json!({ "login": ann.login, "password": PASSWORD });
    let logins = (0..128).map(|_| way.http.post(way.url("/auth/login")).json(&body).send());
    for answer in join_all(logins).await {
        let status = answer.unwrap().status();
        assert!(status == 200 || status == 503, "{status}");
    }
    let grown = process.memory("VmHWM:").saturating_sub(before);
    assert!(grown < 400 * 1024, "{grown} KiB more at the peak");
}
