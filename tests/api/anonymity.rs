//! What nobody may learn: the whole product runs with secrets that are known here, and then
//! everything that others got, the log and the files are searched for them.

use std::{
    fmt::Write as _,
    fs,
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anonchat::config::Storage;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use data_encoding::{HEXLOWER, Specification};
use futures_util::SinkExt;
use reqwest::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    database,
    harness::{self, Answer, PASSWORD, Person, Socket, Way, read_response},
    process::Process,
};

/// Something that must not be found, and where it comes from.
struct Secret {
    what: String,
    bytes: Vec<u8>,
}

/// Somebody whose secrets are known, and everything they got from the server.
struct Spied {
    person: Person,
    account_id: String,
    session_ids: Vec<String>,
    tokens: Vec<String>,
    received: String,
}

impl Spied {
    async fn new(server: &Process, name: &str, address: Ipv4Addr) -> Self {
        let person = Person::register(&server.way(address), name).await;
        let who = person.get("/auth/validate").await;
        let sessions = person.get("/auth/sessions").await;
        let mut spied = Self {
            account_id: who.data()["id"].as_str().unwrap().to_owned(),
            session_ids: vec![sessions.data()[0]["session_id"].as_str().unwrap().to_owned()],
            tokens: vec![person.access.clone(), person.refresh.clone()],
            received: String::new(),
            person,
        };
        spied.renew().await;
        spied
    }

    /// Goes on with another pair of tokens.
    async fn renew(&mut self) {
        let renewed = self.person.post("/auth/refresh", json!({ "token": self.person.refresh }));
        self.person = self.person.with_tokens(renewed.await.data());
        self.tokens.extend([self.person.access.clone(), self.person.refresh.clone()]);
    }

    async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let answer = self.person.call(method, path, body).await;
        let Answer { status, headers, body } = &answer;
        writeln!(self.received, "{path} {status} {headers:?} {body}").unwrap();
        answer
    }

    /// Everything this socket has got until now.
    async fn note(&mut self, socket: &mut Socket) {
        let frames = socket.all_until_now().await;
        writeln!(self.received, "{} {}", socket.welcome, Value::from(frames)).unwrap();
    }

    /// What only the person may know; with `in_database`, without what has to be stored there.
    fn secrets(&self) -> Vec<Secret> {
        let Person { login, email, way, .. } = &self.person;
        let mut secrets = Vec::new();
        let mut add = |what: &str, bytes: Vec<u8>| {
            secrets.push(Secret { what: format!("{what} of {login}"), bytes });
        };
        add("login", login.clone().into_bytes());
        add("e-mail", email.clone().into_bytes());
        add("name in e-mail", email.split_once('@').unwrap().0.as_bytes().to_vec());
        add("address", way.from.to_string().into_bytes());
        add("address", way.from.octets().to_vec());
        add("account id", self.account_id.clone().into_bytes());
        add("account id", id_bytes(&self.account_id));
        for id in &self.session_ids {
            add("session id", id.clone().into_bytes());
            add("session id", id_bytes(id));
        }
        for token in &self.tokens {
            for part in token.split('.') {
                add("token", part.as_bytes().to_vec());
            }
        }
        secrets
    }
}

/// The bytes behind an id.
fn id_bytes(id: &str) -> Vec<u8> {
    let mut crockford = Specification::new();
    crockford.symbols.push_str("0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    crockford.encoding().unwrap().decode(id.as_bytes()).unwrap()
}

/// Every form in which something could be hidden: as it is or in lower case, and these in hex, and
/// in base64 at every offset.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    [forms_of(secret), forms_of(&secret.to_ascii_lowercase())].concat()
}

fn forms_of(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![secret.to_vec(), HEXLOWER.encode(secret).into_bytes()];
    for offset in 0..3 {
        let shifted = [&vec![0; offset], secret].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted);
            // The characters at both ends hold bits of what stands before and behind.
            let (from, to) = ((offset * 8).div_ceil(6), shifted.len() * 8 / 6);
            forms.push(encoded.as_bytes()[from..to].to_vec());
        }
    }
    forms.retain(|form| form.len() >= 4);
    forms
}

/// Searches without regard to case: a form in another case is as good to whoever looks for it.
fn assert_hides(place: &str, haystack: &[u8], secrets: &[Secret]) {
    let haystack = haystack.to_ascii_lowercase();
    for Secret { what, bytes } in secrets {
        for form in forms(bytes) {
            let form = form.to_ascii_lowercase();
            let found = contains(&haystack, &form);
            assert!(!found, "{place}: {what} as {}", String::from_utf8_lossy(&form));
        }
    }
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn secret(what: &str, text: &str) -> Secret {
    Secret { what: what.to_owned(), bytes: text.as_bytes().to_vec() }
}

pub fn files(data_dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(data_dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let hidden = secret("a word", "Ann-Account");
    let finds = |text: &[u8]| {
        let text = text.to_ascii_lowercase();
        forms(&hidden.bytes).iter().any(|form| contains(&text, &form.to_ascii_lowercase()))
    };
    let around = |before: &str| format!("{before}Ann-Account and more");
    assert!(finds(b"by ANN-ACCOUNT.") && finds(b"416e6e2d4163636f756e74"));
    assert!(finds(HEXLOWER.encode(b"xAnn-Accountx").as_bytes()));
    for before in ["", "x", "xy", "xyz"] {
        assert!(finds(STANDARD_NO_PAD.encode(around(before)).as_bytes()), "{before}");
    }
    assert!(finds(STANDARD_NO_PAD.encode("folded: ann-account").as_bytes()));
    assert!(!finds(b"Anna counts"));
}

pub const ANN: Ipv4Addr = Ipv4Addr::new(127, 83, 172, 219);
const BEN: Ipv4Addr = Ipv4Addr::new(127, 91, 163, 205);
const CAT: Ipv4Addr = Ipv4Addr::new(127, 77, 181, 234);
const ROOM: &str = "Zimmer der Geheimnisse";
const TEXT: &str = "Treffpunkt Teichufer um sieben";

/// Everything that three people do to each other and to the server, right and wrong.
struct Scene {
    dir: tempfile::TempDir,
    server: Process,
    people: [Spied; 3],
    rooms: [String; 2],
    aliases: Vec<Value>,
}

impl Scene {
    async fn play() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let server = Process::start(&dir.path().join("data"), &["--log-level", "trace"]).await;
        let mut people = [
            Spied::new(&server, "annegret", ANN).await,
            Spied::new(&server, "benedikt", BEN).await,
            Spied::new(&server, "cathleen", CAT).await,
        ];
        let first = people[0].person.create_room(ROOM, 10).await;
        let second = people[0].person.create_room("Another place", 10).await;
        let mut aliases = Vec::new();
        for room in [&first, &second] {
            let mut sockets = Vec::new();
            for spied in &people {
                sockets.push(spied.person.join(room).await);
            }
            for (n, socket) in sockets.iter_mut().enumerate() {
                socket.say(&format!("{TEXT}, sagt {n}")).await;
                socket.send(json!({ "type": "typing" })).await;
                socket.send(json!({ "type": "read", "seq": 1 })).await;
                aliases.push(socket.welcome["you"].clone());
            }
            talk_nonsense(&mut sockets[0], &people[0]).await;
            for (spied, socket) in people.iter_mut().zip(&mut sockets) {
                spied.note(socket).await;
            }
            look_around(&mut people, room).await;
            leave_and_come_back(&mut people, room).await;
        }
        do_wrong(&server, &mut people[0], &first).await;
        Self { dir, server, people, rooms: [first, second], aliases }
    }
}

async fn talk_nonsense(socket: &mut Socket, spied: &Spied) {
    let Person { login, email, access, .. } = &spied.person;
    for text in [
        format!("{{\"type\":\"{login}\",\"message\":\"{TEXT}"),
        json!({ "type": login, "id": email, "message": TEXT }).to_string(),
        json!({ "type": "send", "id": login, "message": "\u{0}", "reply_to": email }).to_string(),
        json!({ "type": "auth", "token": format!("{access}x") }).to_string(),
        json!({ "type": "auth", "token": access }).to_string(),
        json!({ "type": "edit", "id": login, "seq": 99, "message": TEXT }).to_string(),
    ] {
        socket.send_text(&text).await;
    }
    socket.stream.send(Message::Ping(login.clone().into_bytes().into())).await.unwrap();
}

async fn look_around(people: &mut [Spied; 3], room: &str) {
    for spied in people {
        for path in [
            format!("/rooms/{room}"),
            format!("/rooms/{room}/messages"),
            "/rooms?scope=mine".to_owned(),
            "/rooms?scope=public".to_owned(),
        ] {
            spied.call(Method::GET, &path, None).await.data();
        }
        let body = json!({ "id": "bot", "message": format!("{TEXT}, sagt ein Skript") });
        spied.call(Method::POST, &format!("/rooms/{room}/messages"), Some(body)).await.data();
        spied.call(Method::PATCH, &format!("/rooms/{room}"), Some(json!({ "max_user": 9 }))).await;
    }
}

/// In a plain client as well, and with everything replayed.
async fn leave_and_come_back(people: &mut [Spied; 3], room: &str) {
    for spied in people.iter_mut() {
        let mut socket = spied.person.join_with(room, "&since=0").await;
        spied.note(&mut socket).await;
        let mut plain = spied.person.join_plain(room).await;
        plain.send_text(TEXT).await;
        spied.received += &plain.frame().await.to_string();
    }
}

/// Everything that goes wrong with a secret in it.
async fn do_wrong(server: &Process, spied: &mut Spied, room: &str) {
    let Person { login, email, access, refresh, way, .. } = spied.person.clone();
    let nobody = Way::new(server.addr.to_string(), way.from);
    let send = async |method: Method, path: String, body: String| {
        let request = nobody.http.request(method, nobody.url(&path)).body(body);
        let request =
            request.header("content-type", "application/json").header("user-agent", &login);
        read_response(request.send().await.unwrap()).await
    };
    let wrong = [
        (
            Method::POST,
            "/auth/login".to_owned(),
            json!({ "login": login, "password": "wrong-password" }),
        ),
        (Method::POST, "/auth/login".to_owned(), json!({ "email": email, "password": [PASSWORD] })),
        (
            Method::POST,
            "/auth/register".to_owned(),
            json!({ "login": login, "email": email, "password": PASSWORD }),
        ),
        (
            Method::POST,
            "/auth/register".to_owned(),
            json!({ "login": "!", "email": login, "password": PASSWORD }),
        ),
        (Method::POST, "/auth/refresh".to_owned(), json!({ "token": format!("{refresh}x") })),
        (Method::GET, format!("/rooms/{room}?token={access}"), Value::Null),
        (Method::GET, format!("/rooms/ws?room={room}&token={access}"), Value::Null),
        (Method::GET, format!("/rooms/ws?room={room}&token={access}x"), Value::Null),
        (Method::GET, format!("/{login}/{email}/{room}"), Value::Null),
        (Method::PATCH, format!("/rooms/{login}"), json!({ "name": TEXT })),
    ];
    for (method, path, body) in wrong {
        let answer = send(method, path, body.to_string()).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    let half = format!("{{\"login\":\"{login}\",\"password\":\"{PASSWORD}");
    let broken = send(Method::POST, "/auth/login".to_owned(), half).await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    let by_name = send(
        Method::POST,
        "/auth/login".to_owned(),
        json!({ "login": login, "password": PASSWORD }).to_string(),
    )
    .await;
    let other = spied.person.with_tokens(by_name.data());
    spied.tokens.extend([other.access.clone(), other.refresh.clone()]);
    let sessions = other.get("/auth/sessions").await;
    for session in sessions.data().as_array().unwrap() {
        spied.session_ids.push(session["session_id"].as_str().unwrap().to_owned());
    }
    other.post("/auth/logout", json!({ "token": other.refresh })).await.data();
    spied.call(Method::GET, &format!("/rooms/{room}/messages?before={TEXT}"), None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_another_is() {
    let Scene { mut server, people, rooms, aliases, dir } = Scene::play().await;
    for receiver in &people {
        let others = people.iter().filter(|one| one.account_id != receiver.account_id);
        for other in others {
            let place = format!("what {} received", receiver.person.login);
            assert_hides(&place, receiver.received.as_bytes(), &other.secrets());
        }
        assert!(receiver.received.contains(TEXT), "something was received");
        let password = [secret("the password", PASSWORD)];
        assert_hides("what was received", receiver.received.as_bytes(), &password);
    }

    server.signal(Signal::TERM);
    assert!(server.exit().await.success());
    let log = server.log();
    assert!(log.contains("/api/v1/rooms/{room_id}/messages"), "requests are logged: {log}");
    for spied in &people {
        assert_hides("the log", log.as_bytes(), &spied.secrets());
    }
    let mut more = vec![
        secret("the password", PASSWORD),
        secret("a wrong password", "wrong-password"),
        secret("a room's name", ROOM),
        secret("a text", "Teichufer"),
        secret("an address", "127.83."),
    ];
    more.extend(rooms.iter().map(|room| secret("a room's id", room)));
    for alias in &aliases {
        more.push(secret("an alias' id", alias["client_id"].as_str().unwrap()));
        more.push(secret("an alias' name", alias["client_name"].as_str().unwrap()));
    }
    assert_hides("the log", log.as_bytes(), &more);
    drop(dir);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_hold_nothing_that_leads_from_a_person_to_a_room() {
    let Scene { dir, mut server, people, .. } = Scene::play().await;
    let data_dir = dir.path().join("data");
    search_files(&data_dir, &people);
    search_tables(server.storage(), &people).await;
    server.signal(Signal::TERM);
    assert!(server.exit().await.success());
    search_files(&data_dir, &people);
}

/// Raw, the files hold neither what is sealed nor what is hashed nor what is not stored at all.
fn search_files(data_dir: &Path, people: &[Spied]) {
    let names: Vec<_> = files(data_dir);
    assert!(names.iter().any(|name| name.ends_with("secret.key")), "{names:?}");
    for file in names {
        let bytes = fs::read(&file).unwrap();
        let place = file.display().to_string();
        assert_hides(&place, &bytes, &[secret("the password", PASSWORD)]);
        for spied in people {
            let mut secrets = spied.secrets();
            // An account's own table holds its login and, in bytes, its id; that of the sessions
            // theirs.
            let bytes_of_ids = [&spied.account_id].into_iter().chain(&spied.session_ids);
            let stored: Vec<_> = bytes_of_ids.map(|id| id_bytes(id)).collect();
            secrets.retain(|one| !one.what.starts_with("login") && !stored.contains(&one.bytes));
            // The address begins like the login.
            secrets.retain(|one| !one.what.starts_with("name in e-mail"));
            assert_hides(&place, &bytes, &secrets);
        }
    }
}

/// Beyond the tables of accounts and sessions nothing is of a person.
async fn search_tables(storage: &Storage, people: &[Spied]) {
    let mut tables = database::tables(storage).await;
    tables.retain(|table| table.name != "accounts" && table.name != "sessions");
    let rows = || tables.iter().flat_map(|table| table.rows.iter().map(|row| (&table.name, row)));
    for (table, row) in rows() {
        for spied in people {
            assert_hides(table, row, &spied.secrets());
        }
    }
    assert!(rows().count() > 20, "{} rows", rows().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_aliases_of_one_person_have_nothing_in_common() {
    let Scene { aliases, people, .. } = Scene::play().await;
    let (here, there) = aliases.split_at(3);
    let fields = |alias: &Value| {
        let fields = alias.as_object().unwrap().iter().filter(|(name, _)| *name != "is_host");
        fields.map(|(_, value)| value.to_string()).collect::<Vec<_>>()
    };
    for (one, other) in here.iter().zip(there) {
        assert!(fields(one).iter().all(|value| !fields(other).contains(value)), "{one} {other}");
    }
    // What others see of the one room names no alias of the other.
    let at_second = people[1].received.split("Another place").nth(1).unwrap();
    for alias in here {
        assert!(!at_second.contains(alias["client_id"].as_str().unwrap()));
    }
    let ids: std::collections::BTreeSet<_> =
        aliases.iter().map(|alias| alias["client_id"].to_string()).collect();
    assert_eq!(ids.len(), aliases.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_names_nobody() {
    let server = harness::Server::start().await;
    let ann = server.register("annegret").await;
    let payload = ann.access.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "sid", "sub"]);
    let own = [secret("the login", &ann.login), secret("the e-mail", &ann.email)];
    assert_hides("the token", ann.access.as_bytes(), &own);
    assert_hides("its claims", claims.to_string().as_bytes(), &own);
}

/// What is in the data directory while the server runs.
const STORED: &[&str] = if cfg!(feature = "postgres") {
    &["anonchat.lock", "secret.key"]
} else {
    &["anonchat.db", "anonchat.db-wal", "anonchat.db-shm", "anonchat.lock", "secret.key"]
};

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_their_owners_alone_whatever_the_umask() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let server = Process::start(&data_dir, &[]).await;
    Person::register(&server.way(ANN), "annegret").await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data_dir), 0o700);
    let files = files(&data_dir);
    for name in STORED {
        assert!(files.contains(&data_dir.join(name)), "{name}");
    }
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// PostgreSQL's files are not ours; docs/SCALING.md says when it lets go of what is deleted.
#[cfg(not(feature = "postgres"))]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_leaves_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let server = Process::start(&data_dir, &[]).await;
    let way = server.way(ANN);
    let (ann, ben) =
        (Person::register(&way, "annegret").await, Person::register(&way, "benedikt").await);
    let room = ann.create_room("Vergessen", 10).await;
    let doomed = ann.create_room("Zimmer auf Abbruch", 10).await;
    let (mut at_ann, mut at_ben) = (ann.join(&room).await, ben.join(&room).await);
    let deleted = at_ann.say("geheim: gelöscht").await;
    let edited = at_ann.say("geheim: ersetzt").await;
    at_ben.say("geheim: vom Konto").await;
    ann.join(&doomed).await.say("geheim: im Zimmer").await;
    let texts = [
        "geheim: gelöscht",
        "geheim: ersetzt",
        "geheim: vom Konto",
        "geheim: im Zimmer",
        "Zimmer auf Abbruch",
        "benedikt",
    ];
    let held = || {
        let contents: Vec<_> =
            files(&data_dir).iter().map(|file| fs::read(file).unwrap_or_default()).collect();
        let is_held = |text: &&str| contents.iter().any(|file| contains(file, text.as_bytes()));
        texts.into_iter().filter(is_held).collect::<Vec<_>>()
    };
    assert_eq!(held(), texts);
    at_ann.send(json!({ "type": "delete", "id": "d", "seq": deleted })).await;
    at_ann.send(json!({ "type": "edit", "id": "e", "seq": edited, "message": "harmlos" })).await;
    ann.delete("/rooms/remove", json!({ "room_id": doomed })).await.data();
    ben.delete("/auth/account?messages=true", json!({ "password": PASSWORD })).await.data();
    harness::eventually("every copy is gone", async || held().is_empty()).await;
    let left = ann.get(&format!("/rooms/{room}/messages")).await;
    assert_eq!(left.data()["messages"][1]["message"], "harmlos");
}
