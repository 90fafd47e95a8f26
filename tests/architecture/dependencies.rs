//! Keeps versions that are known to be weak out of every lock file (SUP-01): tools that ask for
//! advisories need a database from the network and know some of them late or never.

use crate::source::read;

const LOCK_FILES: &[&str] = &["Cargo.lock", "fuzz/Cargo.lock", "benches/delivery/Cargo.lock"];

/// A crate, the first version that is weak, the first one that is not any more, and why.
const WEAK: &[(&str, &str, &str, &str)] = &[
    ("bytes", "1.2.1", "1.11.1", "RUSTSEC-2026-0007: overflow in BytesMut::reserve"),
    ("crossbeam-channel", "0.5.11", "0.5.15", "RUSTSEC-2025-0024: frees twice"),
    ("h2", "0", "0.4.16", "unbounded resets"),
    ("hashbrown", "0.15.0", "0.15.1", "RUSTSEC-2024-0402"),
    ("idna", "0", "1.0.0", "RUSTSEC-2024-0421: takes one host for another"),
    ("jsonwebtoken", "0", "10.3.0", "CVE-2026-25537: claims of the wrong type pass"),
    ("rand", "0.9.0", "0.9.3", "RUSTSEC-2026-0097"),
    ("rand", "0.10.0", "0.10.1", "RUSTSEC-2026-0097"),
    ("ring", "0", "0.17.12", "RUSTSEC-2025-0009: panics"),
    ("rustls", "0.23.13", "0.23.18", "RUSTSEC-2024-0399: panics while accepting"),
    ("rustls-webpki", "0", "0.103.13", "RUSTSEC-2026-0049, -0098, -0099, -0104"),
    ("slab", "0.4.10", "0.4.11", "RUSTSEC-2025-0047: reads out of bounds"),
    ("tar", "0", "0.4.45", "RUSTSEC-2026-0067, -0068: sizes and links out of the folder"),
    ("time", "0.3.6", "0.3.47", "RUSTSEC-2026-0009: exhausts the stack"),
    ("tokio", "0", "1.44.2", "RUSTSEC-2025-0023: broadcast clones unsoundly"),
    ("tokio-postgres", "0", "0.7.18", "a hostile server can stop it"),
    ("tracing-subscriber", "0", "0.3.20", "RUSTSEC-2025-0055: escape sequences reach terminals"),
    ("tungstenite", "0", "0.20.1", "CVE-2023-43669: slow headers"),
];

/// Crates that no version of is good enough.
const NEVER: &[(&str, &str)] = &[
    ("rsa", "RUSTSEC-2023-0071: leaks keys by its timing"),
    ("serde_yml", "RUSTSEC-2025-0068: unsound and given up"),
    ("openssl-sys", "rustls is the one TLS"),
];

/// The oldest SQLite that is not known to damage a database: a bug in resetting the write-ahead log
/// was mended in 3.51.3.
const SQLITE: i32 = 3_051_003;

/// Every crate of a lock file, with its version.
fn locked(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("[[package]]").skip(1).filter_map(|package| {
        let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(key));
        Some((value("name = ")?.trim_matches('"'), value("version = ")?.trim_matches('"')))
    })
}

/// For comparing: its numbers, without what stands after `-` or `+`.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    plain.split('.').map(|number| number.parse().unwrap()).collect()
}

/// What is wrong with a crate in this version, if anything is known.
fn weakness(name: &str, version: &str) -> Option<&'static str> {
    let version = numbers(version);
    let never = NEVER.iter().find(|(weak, _)| *weak == name).map(|(_, why)| *why);
    let weak = WEAK.iter().find(|(weak, first, mended, _)| {
        *weak == name && numbers(first) <= version && version < numbers(mended)
    });
    never.or(weak.map(|(.., why)| *why))
}

#[test]
fn no_dependency_has_a_version_that_is_known_to_be_weak() {
    let mut wrong = Vec::new();
    for file in LOCK_FILES {
        let text = read(file);
        assert!(locked(&text).count() > 5, "{file} is read");
        for (name, version) in locked(&text) {
            let why = weakness(name, version);
            wrong.extend(why.map(|why| format!("{file}: {name} {version}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_weak_version_would_be_noticed() {
    for (name, version) in [
        ("jsonwebtoken", "9.3.1"),
        ("tar", "0.4.44"),
        ("rand", "0.9.2"),
        ("rsa", "0.10.0-rc.1"),
        ("bytes", "1.11.0"),
    ] {
        assert!(weakness(name, version).is_some(), "{name} {version}");
    }
    for (name, version) in [("jsonwebtoken", "10.3.0"), ("rand", "0.8.99"), ("bytes", "1.12.0")] {
        assert_eq!(weakness(name, version), None, "{name} {version}");
    }
}

#[test]
fn the_sqlite_that_is_built_in_is_not_known_to_be_weak() {
    assert!(SQLITE <= rusqlite::version_number(), "{}", rusqlite::version());
}
