//! Keys that were renamed or given up: as if this program had some.

use std::sync::Mutex;

use anonchat::{cli::Reload, config::load_after};

use super::*;

const TOMBSTONES: &[Tombstone] = &[
    Tombstone { key: "server.rooms.most", now: Some("rooms.per-account") },
    Tombstone { key: "server.speed", now: Some("server.rate-limits.messages") },
    Tombstone { key: "server.colour", now: None },
];

impl Sources {
    fn load_after(&self) -> Loaded {
        load_after(TOMBSTONES, &self.flags, self.environment.clone(), &self.path())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Each warning in full, without the directory of the file.
    fn warnings(&self) -> Vec<String> {
        let dir = format!("{}/", self.dir.path().display());
        let warnings = self.load_after().warnings;
        warnings.iter().map(|warning| warning.to_string().replace(&dir, "")).collect()
    }
}

#[test]
fn a_key_that_was_renamed_still_holds_and_warns_with_its_place_and_its_new_name() {
    let sources = file("server:\n  rooms:\n    most: 7\n");
    assert_eq!(sources.load_after().config.rooms.per_account.get(), 7);
    let warnings = sources.warnings();
    let lines: Vec<&str> = warnings[0].lines().collect();
    assert_eq!(
        lines,
        [
            "anonchat.yaml:3:5: server.rooms.most is called rooms.per-account now",
            "    3 |     most: 7",
            "      |     ^",
            " help: rename it; as a variable it is ANONCHAT_ROOMS__PER_ACCOUNT",
        ]
    );
    assert_eq!(warnings.len(), 1);
}

#[test]
fn a_section_that_was_renamed_is_read_and_judged_as_before() {
    let sources = file("server:\n  speed: {per-second: 7}\n");
    let messages = sources.load_after().config.server.rate_limits.messages;
    assert_eq!((messages.per_second.get(), messages.burst.get()), (7, 20));
    let wrong = file("server:\n  speed: {per-second: 0, brust: 5}\n");
    let load =
        |sources: &Sources| load_after(TOMBSTONES, &Flags::default(), Vec::new(), &sources.path());
    let problems = load(&wrong).unwrap_err().to_string();
    assert!(problems.contains("messages.per-second cannot be 0"), "{problems}");
    assert!(problems.contains("did you mean burst?"), "{problems}");
    let stranger = file("server: {rooms: {most: 7, least: 1}}");
    let problems = load(&stranger).unwrap_err().to_string();
    assert!(problems.contains("there is no key server.rooms.least\n"), "{problems}");
    assert!(problems.ends_with(" help: take it out"), "{problems}");
}

#[test]
fn a_variable_that_was_renamed_still_holds_and_warns() {
    let sources = sources().var("ANONCHAT_SERVER__ROOMS__MOST", "7");
    assert_eq!(sources.load_after().config.rooms.per_account.get(), 7);
    let warnings = sources.warnings();
    assert!(
        warnings[0].starts_with("ANONCHAT_SERVER__ROOMS__MOST: server.rooms.most is called"),
        "{warnings:?}"
    );
}

#[test]
fn the_present_key_wins_over_that_of_the_past() {
    for yaml in [
        "server: {rooms: {most: 7}}\nrooms: {per-account: 8}\n",
        "rooms: {per-account: 8}\nserver: {rooms: {most: 7}}\n",
    ] {
        assert_eq!(file(yaml).load_after().config.rooms.per_account.get(), 8);
    }
    let variables =
        sources().var("ANONCHAT_SERVER__ROOMS__MOST", "7").var("ANONCHAT_ROOMS__PER_ACCOUNT", "8");
    assert_eq!(variables.load_after().config.rooms.per_account.get(), 8);
    let stronger = file("rooms: {per-account: 8}").var("ANONCHAT_SERVER__ROOMS__MOST", "7");
    assert_eq!(stronger.load_after().config.rooms.per_account.get(), 7);
}

#[test]
fn a_key_that_was_given_up_does_nothing_and_warns() {
    let sources = file("server: {colour: red}").var("ANONCHAT_SERVER__COLOUR", "blue");
    assert_eq!(sources.load_after().config, Config::default());
    let warnings = sources.warnings();
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].contains("there is no key server.colour any more"), "{warnings:?}");
    assert_eq!(said(&warnings[1]).1, " help: take it out");
}

#[test]
fn without_a_past_a_key_that_is_not_there_stops_the_start() {
    let problem = file("server: {colour: red}").problem();
    assert!(problem.contains("there is no key server.colour\n"), "{problem}");
    assert!(sources().load().warnings.is_empty());
}

/// Of a key that was renamed.
const NEW_NAME: &str = "server.rooms.most is called rooms.per-account now";
const WHAT_TO_DO: &str = " help: rename it; as a variable it is ANONCHAT_ROOMS__PER_ACCOUNT";

#[test]
fn whoever_starts_checks_or_reloads_is_told_the_new_name() {
    let sources = file("server:\n  rooms:\n    most: 7\n");
    let data_dir = sources.dir.path().join("data");
    let data_dir = data_dir.to_str().unwrap();
    let trial = ["serve", "--smoke", "--addr", "127.0.0.1:0", "--data-dir", data_dir];
    for args in [
        &[] as &[&str],
        &["serve"],
        &trial,
        &["config", "check"],
        &["config", "show"],
        &["config", "show", "--sources"],
        &["config", "env"],
    ] {
        let run = run_after(TOMBSTONES, &sources, args);
        assert_eq!(run.exit, Exit::Success, "{args:?} {}", run.err);
        let (first, last) = said(&run.err);
        assert!(first.starts_with("warning: ") && first.ends_with(NEW_NAME), "{args:?} {first}");
        assert_eq!(last, WHAT_TO_DO, "{args:?}");
        assert_eq!(run.err.matches("warning").count(), 1, "{args:?} {}", run.err);
        assert!(!run.out.contains("server.rooms.most"), "an answer for programs: {}", run.out);
    }
    let run = run_after(TOMBSTONES, &sources, &["reload", "--data-dir", data_dir]);
    assert!(run.err.starts_with("warning: ") && run.err.contains(NEW_NAME), "{}", run.err);
    assert!(run.err.contains("error: no server works with"), "{}", run.err);
}

#[test]
fn every_command_that_reads_the_configuration_tells_the_new_name_once() {
    let sources = file("server:\n  rooms:\n    most: 7\n");
    let data_dir = sources.dir.path().join("data");
    let data_dir = data_dir.to_str().unwrap();
    let elsewhere = format!("sqlite:{data_dir}/elsewhere");
    for args in [
        &["init"][..],
        &["doctor"],
        &["healthcheck", "--addr", "127.0.0.1:9"],
        &["secret", "rotate"],
        &["secret", "list"],
        &["admin", "setup-link"],
        &["admin", "list"],
        &["room", "list"],
        &["db", "status"],
        &["backup"],
        &["restore", "/nowhere"],
        &["migrate", "--from", "sqlite", "--to", &elsewhere],
    ] {
        let args = [args, &["--data-dir", data_dir]].concat();
        let run = run_after(TOMBSTONES, &sources, &args);
        assert_eq!(run.err.matches("warning: ").count(), 1, "{args:?} {}", run.err);
        assert!(run.err.contains(NEW_NAME), "{args:?} {}", run.err);
    }
    let run = run_after(TOMBSTONES, &sources, &["service", "install", "--dry-run", "--root", "."]);
    assert_eq!(run.err.matches("warning: ").count(), 1, "{}", run.err);
}

#[test]
fn a_server_that_reads_its_configuration_anew_logs_the_new_name() {
    let sources = file("");
    let args = ["anonchat".into(), "--config".into(), sources.path().into_os_string()];
    let page = tempfile::NamedTempFile::new().unwrap();
    let serve = |_, read_anew: Reload| {
        fs::write(sources.path(), "server: {rooms: {most: 7}}\n").unwrap();
        let log = Mutex::new(page.reopen().unwrap());
        let log = tracing_subscriber::fmt().with_writer(log).finish();
        let config = tracing::subscriber::with_default(log, read_anew);
        assert_eq!(config.unwrap().rooms.per_account.get(), 7);
        Exit::Success
    };
    let mut output = Output { out: &mut Vec::new(), err: &mut Vec::new() };
    assert_eq!(cli::run_into(&mut output, TOMBSTONES, args, Vec::new(), serve), Exit::Success);
    let logged = fs::read_to_string(page).unwrap();
    assert!(logged.contains("WARN") && logged.contains(NEW_NAME), "{logged}");
    assert!(logged.contains(WHAT_TO_DO), "{logged}");
}
