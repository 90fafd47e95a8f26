//! Keeps `docs/ARCHITECTURE.md` true: who may open whose door, who may know which crate, and what
//! must be nowhere. A table here that allows more than the code needs fails as well.

#[path = "architecture/checklist.rs"]
mod checklist;
#[path = "architecture/dependencies.rs"]
mod dependencies;
#[path = "architecture/source.rs"]
mod source;

use std::{collections::BTreeSet, fmt, marker::PhantomData};

use anonchat::{
    anonymity::{ClientAddress, SecretKey},
    domain::{
        AccountId, ClientId, EmailAddress, Login, MessageBody, Password, PersonTag, RoomId,
        SessionId,
    },
};
use source::{Source, files, read, sources, starts_with};

/// Each room of the house, and the doors it opens in other rooms. The last row that a module is in
/// counts.
const DOORS: &[(&str, &[&str])] = &[
    ("lib", &[]),
    ("main", &["app", "cli", "config::Config", "lifecycle", "telemetry"]),
    (
        "cli",
        &[
            "anonymity::SigningKey",
            "anonymity::SigningKeys",
            "anonymity::put_new",
            "app",
            "auth::RegisterError",
            "backup",
            "config",
            "connection::unchecked",
            "data_dir",
            "doctor",
            "domain",
            "service",
            "store::transfer",
        ],
    ),
    ("data_dir", &[]),
    ("service", &[]),
    ("doctor", &["config", "data_dir"]),
    ("config", &["domain"]),
    ("connection", &[]),
    ("telemetry", &["config::LogMode"]),
    ("lifecycle", &[]),
    (
        "app",
        &[
            "anonymity",
            "api",
            "auth",
            "backup",
            "chat",
            "config",
            "connection",
            "data_dir",
            "domain",
            "lifecycle",
            "protocol",
            "store",
            "telemetry",
        ],
    ),
    ("backup", &["anonymity", "data_dir", "domain", "store"]),
    ("domain", &[]),
    ("anonymity", &["domain"]),
    ("store", &["domain"]),
    ("store::postgres", &["domain", "store"]),
    ("store::sqlite", &["domain", "store"]),
    ("protocol", &["domain"]),
    ("websocket", &[]),
    (
        "auth",
        &[
            "anonymity",
            "domain",
            "store::OperatorStore",
            "store::Registration",
            "store::Setup",
            "store::StoreError",
        ],
    ),
    (
        "chat",
        &[
            "anonymity::Place",
            "anonymity::Shelf",
            "connection::WriteHalf",
            "domain",
            "protocol",
            "store::ChatStore",
            "store::Entry",
            "store::History",
            "store::Page",
            "store::Replay",
            "store::StoreError",
            "websocket::codec",
        ],
    ),
    (
        "api",
        &[
            "anonymity",
            "auth",
            "chat",
            "connection",
            "domain",
            "protocol",
            "store::Entry",
            "store::Page",
            "store::StoreError",
        ],
    ),
    (
        "api::socket",
        &["anonymity", "api", "auth", "chat", "connection", "domain", "protocol", "websocket"],
    ),
];

/// Each crate that the program is built with, and the modules that know it.
const CRATES: &[(&str, &[&str])] = &[
    ("argon2", &["auth::password"]),
    ("async_trait", &["store"]),
    ("axum", &["api"]),
    (
        "base64",
        &[
            "anonymity::signing",
            "auth::refresh",
            "auth::setup",
            "auth::token",
            "websocket::handshake",
        ],
    ),
    ("bytes", &["api::socket", "chat::members", "chat::room"]),
    ("chacha20poly1305", &["anonymity::subkey"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli::man"]),
    (
        "data_encoding",
        &["api::assets", "api::layers", "app", "backup", "cli::migrate", "domain::ids"],
    ),
    ("deadpool_postgres", &["store::postgres"]),
    ("email_address", &["domain::text"]),
    ("futures_util", &["api::own_data", "chat"]),
    ("getrandom", &["anonymity::random"]),
    ("governor", &["api::limits"]),
    ("hkdf", &["anonymity::subkey"]),
    ("hmac", &["anonymity::subkey", "auth::crypto", "auth::refresh"]),
    ("hyper", &["api::listen", "api::socket"]),
    ("hyper_util", &["api::listen", "api::socket"]),
    ("ipnet", &["anonymity::address", "config"]),
    ("jsonwebtoken", &["auth::crypto", "auth::token"]),
    ("listenfd", &["app::sockets"]),
    ("r2d2", &["store::sqlite::readers"]),
    ("r2d2_sqlite", &["store::sqlite::readers"]),
    ("refinery", &["store::postgres::schema", "store::sqlite::file"]),
    ("rusqlite", &["store::sqlite"]),
    ("rust_embed", &["api::assets"]),
    ("rustls", &["connection", "store::postgres::tls"]),
    ("rustls_native_certs", &["store::postgres::tls"]),
    (
        "rustix",
        &[
            "backup::archive",
            "cli::init",
            "cli::reload",
            "connection",
            "data_dir",
            "doctor",
            "lifecycle",
            "service",
            "telemetry::journal",
        ],
    ),
    ("schemars", &["config"]),
    ("sd_notify", &["lifecycle::manager"]),
    ("serde", &["api", "auth::token", "backup::manifest", "config", "protocol"]),
    ("serde_json", &["api", "backup::manifest", "cli", "config", "protocol"]),
    ("serde_path_to_error", &["config::layers"]),
    ("serde_saphyr", &["config"]),
    ("sha1", &["websocket::handshake"]),
    (
        "sha2",
        &[
            "anonymity::signing",
            "anonymity::subkey",
            "api::assets",
            "auth::crypto",
            "auth::refresh",
            "auth::setup",
            "backup::archive",
            "store::transfer",
        ],
    ),
    ("tar", &["backup::archive"]),
    ("tempfile", &["backup", "service"]),
    (
        "thiserror",
        &[
            "anonymity",
            "app",
            "auth",
            "backup",
            "chat",
            "config",
            "connection",
            "data_dir",
            "domain",
            "service",
            "store",
            "websocket",
        ],
    ),
    ("time", &["backup::naming"]),
    (
        "tokio",
        &[
            "api",
            "app",
            "auth",
            "chat",
            "connection",
            "lifecycle",
            "store::postgres",
            "store::sqlite",
        ],
    ),
    ("tokio_postgres", &["store::postgres"]),
    ("tokio_postgres_rustls", &["store::postgres::tls"]),
    ("tokio_rustls", &["connection"]),
    ("tokio_util", &["api", "auth::live", "chat", "connection", "lifecycle"]),
    ("tower", &["api"]),
    ("tower_governor", &["api::limits"]),
    ("tower_http", &["api"]),
    (
        "tracing",
        &[
            "api",
            "app",
            "auth::session",
            "chat",
            "cli",
            "config",
            "lifecycle",
            "store::sqlite",
            "telemetry",
        ],
    ),
    ("tracing_subscriber", &["telemetry"]),
    ("unicode_normalization", &["auth::common", "domain"]),
    ("unicode_segmentation", &["domain::text"]),
    ("utoipa", &["api", "protocol"]),
    ("utoipa_axum", &["api"]),
    ("zeroize", &["anonymity", "app", "auth", "connection", "domain"]),
    ("zstd", &["backup::archive"]),
];

/// Words, and the modules that may say them.
const WORDS: &[(&str, &[&str])] = &[
    ("AccountId", &["anonymity", "api::door", "auth", "domain", "store"]),
    ("AccountStore", &["store"]),
    ("OperatorStore", &["app", "auth", "store"]),
    ("ClientAddress", &["anonymity", "api::extract"]),
    ("IpAddr", &["anonymity::address", "config::setting"]),
    ("SocketAddr", &["anonymity::address", "api::listener", "config"]),
    ("SystemTime", &["app"]),
    ("SecretKey", &["anonymity", "app", "backup"]),
];

/// What must stand nowhere in the program, and what to do instead.
const NOWHERE: &[(&str, &str)] = &[
    ("#[allow", "use #[expect(…, reason = \"…\")]"),
    ("#![allow", "use #[expect(…, reason = \"…\")]"),
    ("todo!", "do it, or leave it out"),
    ("unimplemented!", "do it, or leave it out"),
    ("dbg!", "use tracing"),
    ("println!", "answer through cli::Output"),
    (".unwrap()", "use expect with the reason, or answer the error"),
    ("unsafe", "do without"),
];

/// A file with more lines of code has more than one job.
const MOST_LINES: usize = 350;

#[test]
fn every_room_opens_only_its_own_doors() {
    let (mut wrong, mut opened) = (Vec::new(), BTreeSet::new());
    for source in sources() {
        let row = DOORS.iter().rfind(|(room, _)| source.is_in(room));
        let Some((room, doors)) = row else {
            wrong.push(format!("{}: this room is in no row of DOORS", source.file));
            continue;
        };
        let inner = source.inner_paths();
        for path in inner.iter().filter(|path| !path.is_empty() && !starts_with(path, room)) {
            match doors.iter().find(|door| starts_with(path, door)) {
                Some(door) => _ = opened.insert((room, door)),
                None => wrong.push(format!("{}: {room} may not use {path}", source.file)),
            }
        }
    }
    let all = DOORS.iter().flat_map(|(room, doors)| doors.iter().map(move |door| (room, door)));
    let unused = all.filter(|pair| !opened.contains(pair));
    wrong.extend(unused.map(|(room, door)| format!("DOORS: {room} does not use {door}")));
    assert_nothing(&wrong);
}

#[test]
fn only_the_composition_root_names_a_back_end() {
    let strangers = sources().into_iter().filter(|source| {
        let inner = source.inner_paths();
        !source.is_in("app")
            && ["store::postgres", "store::sqlite"].iter().any(|back_end| {
                !source.is_in(back_end) && inner.iter().any(|path| starts_with(path, back_end))
            })
    });
    assert_nothing(&strangers.map(|source| source.file).collect::<Vec<_>>());
}

#[test]
fn every_crate_is_known_only_where_it_belongs() {
    let manifest = read("Cargo.toml");
    let dependencies = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let dependencies = dependencies.take_while(|line| !line.starts_with('['));
    let names = dependencies.filter_map(|line| line.split([' ', '.']).next());
    let names: BTreeSet<String> =
        names.filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect();
    let listed: BTreeSet<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut wrong: Vec<String> = names
        .symmetric_difference(&listed)
        .map(|name| format!("{name}: stands in only one of Cargo.toml and CRATES"))
        .collect();
    let known = |source: &Source, name: &str| source.outer_crates().iter().any(|it| it == name);
    wrong.extend(strays(CRATES, known));
    assert_nothing(&wrong);
}

#[test]
fn words_that_could_give_people_away_are_said_only_where_they_must_be() {
    assert_nothing(&strays(WORDS, Source::says));
}

#[test]
fn what_must_be_nowhere_is_nowhere() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (code, instead) in NOWHERE.iter().filter(|(code, _)| source.has(code)) {
            wrong.push(format!("{}: {code}: {instead}", source.file));
        }
    }
    assert_nothing(&wrong);
}

#[test]
fn sql_stands_in_a_back_end_and_is_never_put_together() {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "PRAGMA ", "WITH "];
    let mut wrong = Vec::new();
    for source in sources() {
        let is_back_end = source.is_in("store::postgres") || source.is_in("store::sqlite");
        let mut texts = source.texts().map(str::trim_start);
        if !is_back_end && texts.any(|text| verbs.iter().any(|verb| text.starts_with(verb))) {
            wrong.push(format!("{}: SQL outside of a back end", source.file));
        }
        for glue in ["format!", "push_str", "concat!", "write!"] {
            if is_back_end && source.has(glue) {
                wrong.push(format!("{}: {glue} next to SQL; bind parameters", source.file));
            }
        }
    }
    assert_nothing(&wrong);
}

#[test]
fn no_column_holds_an_address_a_client_or_outside_of_accounts_an_account() {
    let traces = ["ip", "addr", "address", "peer", "remote", "agent", "ua", "device", "referer"];
    let mut wrong = Vec::new();
    let migrations = files("migrations");
    assert!(!migrations.is_empty());
    for file in migrations {
        let text = read(&file);
        let lines = text.lines().map(|line| line.split("--").next().unwrap_or_default());
        let sql = lines.collect::<Vec<_>>().join("\n").to_lowercase();
        for statement in sql.split(';') {
            let words: Vec<&str> = statement
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .collect();
            let table = words.get(2).copied().unwrap_or_default();
            for word in &words {
                if word.split('_').any(|part| traces.contains(&part)) {
                    wrong.push(format!("{file}: {table} has {word}"));
                }
                let is_about_accounts = ["accounts", "sessions", "sessions_by_account"];
                if word.starts_with("account") && !is_about_accounts.contains(&table) {
                    wrong.push(format!("{file}: {table} names {word}"));
                }
            }
        }
    }
    assert_nothing(&wrong);
}

#[test]
fn every_file_says_what_it_is_for_and_has_one_job() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            wrong.push(format!("{}: does not begin with what it is for", source.file));
        }
        let lines = source.lines_of_code();
        if lines > MOST_LINES {
            wrong.push(format!("{}: {lines} lines of code", source.file));
        }
    }
    assert_nothing(&wrong);
}

/// Whether a type implements a trait: an inherent constant wins over that of [`Lacks`].
struct Has<T>(PhantomData<T>);

trait Lacks {
    const SERIALIZE: bool = false;
    const DISPLAY: bool = false;
}

impl<T> Lacks for Has<T> {}

impl<T: serde::Serialize> Has<T> {
    const SERIALIZE: bool = true;
}

impl<T: fmt::Display> Has<T> {
    const DISPLAY: bool = true;
}

macro_rules! assert_unspeakable {
    ($($kind:ty),+) => {
        $(assert!(!Has::<$kind>::SERIALIZE, "{} is Serialize", stringify!($kind));
        assert!(!Has::<$kind>::DISPLAY, "{} is Display", stringify!($kind));)+
    };
}

#[test]
fn what_identifies_a_person_has_no_text_form() {
    let probe = [Has::<String>::SERIALIZE, Has::<String>::DISPLAY, Has::<fmt::Error>::SERIALIZE];
    assert_eq!(probe, [true, true, false], "the probe works");
    assert_unspeakable!(AccountId, SessionId, PersonTag, ClientAddress, SecretKey);
    assert_unspeakable!(Login, EmailAddress, Password, MessageBody);
}

#[test]
fn debug_shows_nothing_of_a_person() {
    let login = Login::parse("ann_k").unwrap();
    let email = EmailAddress::parse("ann@example.org").unwrap();
    let password = Password::parse("correct horse").unwrap();
    let body = MessageBody::parse("our words".to_owned()).unwrap();
    let shown = [
        format!("{:?}", AccountId::from_bytes([0x5a; 16])),
        format!("{:?}", SessionId::from_bytes([0x5a; 16])),
        format!("{:?}", RoomId::from_bytes([0x5a; 10])),
        format!("{:?}", ClientId::from_bytes([0x5a; 10])),
        format!("{:?}", PersonTag([0x5a; 32])),
        format!("{login:?}"),
        format!("{email:?}"),
        format!("{password:?}"),
    ];
    for text in shown {
        let name = text.strip_suffix("(…)").unwrap_or_default();
        assert!(!name.is_empty() && name.chars().all(char::is_alphabetic), "{text}");
    }
    assert_eq!(format!("{body:?}"), "MessageBody(9 bytes)");
}

/// Where something is named that must not be, and where the table allows it for nothing.
fn strays(table: &[(&str, &[&str])], names: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let sources = sources();
    let mut wrong = Vec::new();
    for (name, homes) in table {
        let found: Vec<&Source> = sources.iter().filter(|source| names(source, name)).collect();
        for source in &found {
            if !homes.iter().any(|home| source.is_in(home)) {
                wrong.push(format!("{}: names {name}", source.file));
            }
        }
        let idle = homes.iter().filter(|home| !found.iter().any(|source| source.is_in(home)));
        wrong.extend(idle.map(|home| format!("the table: {home} does not name {name}")));
    }
    wrong
}

#[track_caller]
fn assert_nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
