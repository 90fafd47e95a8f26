//! The configuration: which source wins, what is refused, and what the refusal says.

#[path = "config/former_keys.rs"]
mod former_keys;
#[path = "config/reference.rs"]
mod reference;

use std::{ffi::OsString, fs, path::PathBuf, time::Duration};

use anonchat::{
    cli::{self, Exit, Output},
    config::{self, Config, Flags, Loaded, Tombstone},
    domain::{EmailPolicy, Retention},
};
use serde_json::Value;
use tempfile::TempDir;
use tracing::Level;

/// A file, an environment and flags to load from; nothing of the real ones.
struct Sources {
    dir: TempDir,
    environment: Vec<(OsString, OsString)>,
    flags: Flags,
}

fn sources() -> Sources {
    let dir = tempfile::tempdir().unwrap();
    Sources { dir, environment: Vec::new(), flags: Flags::default() }
}

fn file(yaml: &str) -> Sources {
    let sources = sources();
    fs::write(sources.path(), yaml).unwrap();
    sources
}

impl Sources {
    fn path(&self) -> PathBuf {
        self.dir.path().join("anonchat.yaml")
    }

    fn var(mut self, name: &str, text: &str) -> Self {
        self.environment.push((name.into(), text.into()));
        self
    }

    fn flag(mut self, set: impl FnOnce(&mut Flags)) -> Self {
        set(&mut self.flags);
        self
    }

    fn load(&self) -> Loaded {
        config::load(&self.flags, self.environment.clone(), &self.path())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn config(&self) -> Config {
        self.load().config
    }

    /// Each problem in full, without the directory of the file.
    fn problems(&self) -> Vec<String> {
        let error = config::load(&self.flags, self.environment.clone(), &self.path()).unwrap_err();
        let dir = format!("{}/", self.dir.path().display());
        error.problems().iter().map(|problem| problem.to_string().replace(&dir, "")).collect()
    }

    #[track_caller]
    fn problem(&self) -> String {
        let mut problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }
}

/// The first line of a problem, which says what is wrong, and the last, which says what to do.
fn said(problem: &str) -> (&str, &str) {
    (problem.lines().next().unwrap(), problem.lines().last().unwrap())
}

#[test]
fn without_any_source_the_defaults_hold() {
    let loaded = sources().load();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.file, None);
}

#[test]
fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
    let from_file = file("server:\n  addr: 127.0.0.1:1\n  logger:\n    level: warn\n");
    assert_eq!(from_file.config().server.addr.to_string(), "127.0.0.1:1");
    let from_variable = from_file.var("ANONCHAT_SERVER__ADDR", "127.0.0.1:2");
    assert_eq!(from_variable.config().server.addr.to_string(), "127.0.0.1:2");
    let from_flag = from_variable.flag(|flags| flags.addr = Some("127.0.0.1:3".parse().unwrap()));
    assert_eq!(from_flag.config().server.addr.to_string(), "127.0.0.1:3");

    let config = from_flag.config();
    assert_eq!(config.server.logger.level, Level::WARN);
    assert_eq!(config.server.timeouts, Config::default().server.timeouts);
}

#[test]
fn every_flag_reaches_its_key() {
    let config = sources()
        .flag(|flags| flags.data_dir = Some("/srv/chat".to_owned()))
        .flag(|flags| flags.log_level = Some(Level::TRACE))
        .config();
    assert_eq!(config.storage.data_dir, PathBuf::from("/srv/chat"));
    assert_eq!(config.server.logger.level, Level::TRACE);
}

#[test]
fn the_file_is_the_one_that_was_named() {
    let named = file("rooms:\n  per-account: 7\n");
    let path = named.path();
    let other = || file("rooms:\n  per-account: 1\n");
    let by_variable = other().var("ANONCHAT_CONFIG", path.to_str().unwrap());
    assert_eq!(by_variable.config().rooms.per_account.get(), 7);
    let by_flag = other()
        .var("ANONCHAT_CONFIG", "/nowhere/anonchat.yaml")
        .flag(|flags| flags.config = Some(path));
    assert_eq!(by_flag.config().rooms.per_account.get(), 7);
}

#[test]
fn a_named_file_must_exist() {
    let problem = sources().var("ANONCHAT_CONFIG", "/nowhere/anonchat.yaml").problem();
    assert!(problem.starts_with("/nowhere/anonchat.yaml: there is no such"), "{problem}");
}

#[test]
fn a_key_without_a_value_keeps_its_default() {
    let config = file("server:\n  addr:\n  public-url: ~\nstorage:\n").config();
    assert_eq!(config, Config::default());
}

#[test]
fn a_variable_can_take_back_what_the_file_set() {
    let file = file("server:\n  public-url: https://chat.example.org\n");
    assert!(file.config().server.public_url.is_some());
    let taken_back = file.var("ANONCHAT_SERVER__PUBLIC_URL", "null");
    assert_eq!(taken_back.config().server.public_url, None);
}

#[test]
fn an_empty_variable_says_nothing() {
    let file = file("rooms:\n  per-account: 7\n").var("ANONCHAT_ROOMS__PER_ACCOUNT", "");
    assert_eq!(file.config().rooms.per_account.get(), 7);
}

#[test]
fn on_and_off_are_words_not_booleans() {
    assert!(file("server: {rate-limits: {mode: on}}").config().server.rate_limits.enabled);
    assert!(!file("server: {rate-limits: {mode: off}}").config().server.rate_limits.enabled);
    assert_eq!(file("auth: {email: off}").config().auth.email, EmailPolicy::Off);
    let variable = sources().var("ANONCHAT_SERVER__RATE_LIMITS__MODE", "off");
    assert!(!variable.config().server.rate_limits.enabled);

    let problem = file("server:\n  rate-limits:\n    mode: true\n").problem();
    let (what, help) = said(&problem);
    assert_eq!(what, "anonchat.yaml:3:11: server.rate-limits.mode cannot be true");
    assert_eq!(help, " help: use one of on, off");
}

#[test]
fn a_duration_has_a_unit_or_is_in_seconds() {
    for (written, ms) in [("500ms", 500), ("10s", 10_000), ("2m", 120_000), ("30", 30_000)] {
        let config = file(&format!("server: {{timeouts: {{read: {written}}}}}")).config();
        assert_eq!(config.server.timeouts.read, Duration::from_millis(ms));
        let config = sources().var("ANONCHAT_SERVER__TIMEOUTS__READ", written).config();
        assert_eq!(config.server.timeouts.read, Duration::from_millis(ms));
    }
}

#[test]
fn lists_and_sections_fit_into_a_variable() {
    let config = sources()
        .var("ANONCHAT_SERVER__TRUSTED_PROXIES", "[127.0.0.1, '10.1.2.3/8', '::1']")
        .var("ANONCHAT_ROOMS", "{per-account: 3, max-users: 20}")
        .var("ANONCHAT_ROOMS__MAX_USERS", "30")
        .config();
    let proxies: Vec<String> =
        config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
    assert_eq!(config.rooms.per_account.get(), 3);
    assert_eq!(config.rooms.max_users.get(), 30);
}

#[test]
fn text_in_a_variable_is_taken_as_it_is() {
    let config = sources()
        .var("ANONCHAT_DATA_DIR", "/srv/my: chat # 1")
        .var("ANONCHAT_SERVER__ADDR", "[::1]:8080")
        .config();
    assert_eq!(config.storage.data_dir, PathBuf::from("/srv/my: chat # 1"));
    assert_eq!(config.server.addr.to_string(), "[::1]:8080");
}

#[test]
fn the_full_name_of_a_variable_beats_the_short_one() {
    let config = sources()
        .var("ANONCHAT_STORAGE__DATA_DIR", "/full")
        .var("ANONCHAT_DATA_DIR", "/short")
        .config();
    assert_eq!(config.storage.data_dir, PathBuf::from("/full"));
}

#[test]
fn every_key_has_its_variable() {
    assert_eq!(
        config::variable("server.rate-limits.max-requests"),
        "ANONCHAT_SERVER__RATE_LIMITS__MAX_REQUESTS"
    );
    let example = example();
    for key in config::keys() {
        let value = example.pointer(&format!("/{}", key.replace('.', "/"))).unwrap();
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let config = sources().var(&config::variable(&key), &text).config();
        assert_eq!(config, Config::default(), "{key}");
    }
}

#[test]
fn an_unknown_key_stops_the_start_and_is_guessed() {
    let problem = file("server:\n  rate-limits:\n    max-requets: 5\n").problem();
    let lines: Vec<&str> = problem.lines().collect();
    assert_eq!(
        lines,
        [
            "anonchat.yaml:3:5: there is no key server.rate-limits.max-requets",
            "    3 |     max-requets: 5",
            "      |     ^",
            " help: did you mean max-requests?",
        ]
    );
    let elsewhere = file("data-dir: /srv\n").problem();
    assert_eq!(said(&elsewhere).1, " help: did you mean storage: data-dir?");
    let stranger = file("colour: red\n").problem();
    assert_eq!(said(&stranger).1, " help: use one of auth, rooms, server, storage");
}

#[test]
fn an_unknown_variable_stops_the_start_and_is_guessed() {
    for (name, help) in [
        ("ANONCHAT_SERVER_ADDR", "did you mean ANONCHAT_SERVER__ADDR?"),
        ("ANONCHAT_DATADIR", "did you mean ANONCHAT_DATA_DIR?"),
        ("ANONCHAT_ADDR", "did you mean ANONCHAT_SERVER__ADDR?"),
        ("ANONCHAT_FOO", "unset it;"),
    ] {
        let problem = sources().var(name, "").problem();
        assert!(problem.starts_with(&format!("{name}: there is no such setting")), "{problem}");
        assert!(problem.contains(help), "{problem}");
    }
}

#[test]
fn variables_of_others_are_none_of_our_business() {
    let config = sources()
        .var("PATH", "/bin")
        .var("anonchat_server__addr", "x")
        .var("ANONCHAT_PORT", "tcp://10.0.0.1:80")
        .var("ANONCHAT_PORT_80_TCP_ADDR", "10.0.0.1")
        .var("ANONCHAT_SERVICE_HOST", "10.0.0.1")
        .var("ANONCHAT_SERVICE_PORT_HTTP", "80")
        .config();
    assert_eq!(config, Config::default());
}

#[test]
fn a_wrong_value_is_shown_with_its_key_and_what_was_expected() {
    for (key, value, shown, expected) in [
        ("server.addr", "8080", "8080", "an IP address and a port"),
        ("server.public-url", "chat.example.org", "\"chat.example.org\"", "a URL such as"),
        ("server.trusted-proxies", "[10.0.0.1, x]", "[\"10.0.0.1\",\"x\"]", "\"x\" is not an"),
        ("server.timeouts.read", "10 parsecs", "\"10 parsecs\"", "a duration from 100ms to 5m"),
        ("server.timeouts.write", "6m", "\"6m\"", "a duration from 100ms to 5m"),
        ("server.rate-limits.max-requests", "0", "0", "a whole number from 1 to 1000000"),
        ("server.rate-limits.max-requests", "many", "\"many\"", "a whole number"),
        ("server.rate-limits.max-requests", "-1", "-1", "a whole number"),
        ("server.rate-limits.max-requests", "1.5", "1.5", "a whole number"),
        ("server.rate-limits.update-in", "2d", "\"2d\"", "a duration from 1s to 1d"),
        ("server.limits.connections", "[1]", "[1]", "a whole number from 1 to 1000000"),
        ("server.logger.level", "inof", "\"inof\"", "did you mean info? Use one of trace, debug"),
        ("storage.data-dir", "''", "\"\"", "the path of a directory"),
        ("storage.durability", "{}", "{}", "one of full, normal"),
        ("auth.access-token-ttl", "2h", "\"2h\"", "a duration from 1m to 1h"),
        ("auth.registration", "no", "\"no\"", "one of open, closed"),
        ("rooms.max-users", "1001", "1001", "a whole number from 1 to 1000"),
        ("rooms.default-retention", "2h", "\"2h\"", "one of keep, 1h, 24h, 7d, 30d"),
    ] {
        let sections = key.matches('.').count();
        let yaml = format!("{{{}: {value}{}", key.replace('.', ": {"), "}".repeat(sections + 1));
        let problem = file(&yaml).problem();
        assert!(problem.contains(&format!(": {key} cannot be {shown}\n")), "{problem}");
        assert!(said(&problem).1.contains(expected), "{problem}");
    }
}

#[test]
fn a_wrong_variable_is_named() {
    let problem = sources().var("ANONCHAT_ROOMS__MAX_USERS", "lots").problem();
    let (what, help) = said(&problem);
    assert_eq!(what, "ANONCHAT_ROOMS__MAX_USERS: rooms.max-users cannot be \"lots\"");
    assert_eq!(help, " help: use a whole number from 1 to 1000");
    let unclosed = sources().var("ANONCHAT_ROOMS__MAX_USERS", "[1").problem();
    assert!(unclosed.contains("rooms.max-users cannot be \"[1\": unclosed bracket"), "{unclosed}");
}

#[test]
fn a_value_in_an_error_is_neither_endless_nor_a_control_sequence() {
    let endless = file(&format!("auth:\n  email:\n    {}\n", "ы".repeat(5000))).problem();
    assert!(endless.lines().all(|line| line.chars().count() < 120), "{endless}");
    let escape = sources().var("ANONCHAT_AUTH__EMAIL", "\u{1b}[2J\nerror: forged").problem();
    assert!(!escape.contains('\u{1b}') && escape.lines().count() == 2, "{escape}");
}

#[test]
fn a_section_is_not_a_value() {
    let problem = file("server:\n  logger: loud\n").problem();
    assert!(problem.starts_with("anonchat.yaml:2:11: server.logger cannot be \"loud\""));
    assert!(file("hello").problem().contains("the configuration cannot be \"hello\""));
}

#[test]
fn a_key_stands_once() {
    let problem = file("auth:\n  email: off\n  email: optional\n").problem();
    assert!(problem.starts_with("anonchat.yaml:3:3: duplicate mapping key `email`"), "{problem}");
}

#[test]
fn broken_yaml_is_shown_where_it_breaks() {
    for (yaml, place) in [
        ("server: [1\n", "anonchat.yaml:1:9: "),
        ("server:\n\taddr: x\n", "anonchat.yaml:2:2: "),
        ("a: 1\n---\nb: 2\n", "anonchat.yaml:3:1: "),
    ] {
        let problem = file(yaml).problem();
        assert!(problem.starts_with(place) && problem.contains("^\n help: "), "{problem}");
    }
}

#[test]
fn values_must_go_together() {
    let burst = file("server: {rate-limits: {messages: {per-second: 50}}}").problem();
    let burst_key = "server.rate-limits.messages.burst";
    assert!(said(&burst).0.ends_with(&format!("per-second 50 is more than {burst_key} 20")));
    let session = sources().var("ANONCHAT_AUTH__SESSION_TTL", "1d").problem();
    assert_eq!(
        said(&session).0,
        "ANONCHAT_AUTH__SESSION_TTL: \
         auth.refresh-token-ttl \"7d\" is more than auth.session-ttl \"1d\""
    );
    let retention = file("rooms: {max-retention: 7d, default-retention: 30d}").problem();
    assert!(said(&retention).1.contains("lower rooms.default-retention or raise"));

    for heartbeat in ["60s", "61s"] {
        let deaf = file(&format!("server: {{timeouts: {{heartbeat: {heartbeat}}}}}")).problem();
        let (what, help) = said(&deaf);
        assert!(what.ends_with("is not less than server.timeouts.silence \"1m\""), "{what}");
        assert!(help.contains("lower server.timeouts.heartbeat or raise"), "{help}");
    }

    let admin = file("auth: {bootstrap-admin: {login: root}}").problem();
    let (given, missing) = ("auth.bootstrap-admin.login", "auth.bootstrap-admin.password-file");
    assert!(said(&admin).0.ends_with(&format!("{given} is given without {missing}")), "{admin}");
    let file_alone = sources().var("ANONCHAT_AUTH__BOOTSTRAP_ADMIN__PASSWORD_FILE", "x").problem();
    assert!(said(&file_alone).0.ends_with(&format!("{missing} is given without {given}")));

    let tls = file("server: {tls: {certificate: chat.pem}}").problem();
    let (given, missing) = ("server.tls.certificate", "server.tls.key");
    assert!(said(&tls).0.ends_with(&format!("{given} is given without {missing}")), "{tls}");

    let together = file("rooms: {max-retention: 7d, default-retention: 24h}").config();
    assert_eq!(together.rooms.default_retention, Retention::For(Duration::from_hours(24)));
    assert_eq!(together.rooms.max_retention, Retention::For(Duration::from_hours(168)));
}

#[test]
fn all_problems_are_reported_together_from_top_to_bottom() {
    let yaml = "server:\n  addr: x\n  adr: y\nrooms:\n  max-users: 0\n";
    let problems = file(yaml).var("ANONCHAT_AUTH__EMAIL", "maybe").problems();
    let places: Vec<&str> = problems.iter().map(|p| p.split_once(": ").unwrap().0).collect();
    assert_eq!(
        places,
        ["anonchat.yaml:2:9", "anonchat.yaml:3:3", "anonchat.yaml:5:14", "ANONCHAT_AUTH__EMAIL"]
    );
}

#[test]
fn the_example_is_the_default() {
    assert_eq!(file(config::EXAMPLE).config(), Config::default());
}

#[test]
fn the_example_has_every_key_and_no_other() {
    let mut keys = Vec::new();
    flatten("", &example(), &mut keys);
    keys.sort();
    let mut known = config::keys();
    known.sort();
    assert_eq!(keys, known);
}

#[test]
fn the_example_explains_every_key_on_its_line() {
    for line in config::EXAMPLE.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let is_section = line.ends_with(':') || line.is_empty();
        assert!(is_section || line.contains("  # "), "{line}");
        assert!(line.chars().count() <= 100, "{line}");
    }
}

fn example() -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(config::EXAMPLE, options).unwrap()
}

fn flatten(section: &str, value: &Value, keys: &mut Vec<String>) {
    for (name, value) in value.as_object().unwrap() {
        let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        if value.is_object() {
            flatten(&key, value, keys);
        } else {
            keys.push(key);
        }
    }
}

#[test]
fn what_is_shown_can_be_read_again() {
    let loaded = file("server: {public-url: 'https://a.example', trusted-proxies: ['::1']}")
        .var("ANONCHAT_DATA_DIR", "/srv/a: b # c")
        .var("ANONCHAT_SERVER__RATE_LIMITS__MODE", "off")
        .load();
    assert_eq!(file(&loaded.to_yaml()).config(), loaded.config);
    assert_eq!(file(&loaded.to_yaml_with_origins()).config(), loaded.config);
}

#[test]
fn each_shown_value_names_its_source() {
    let sources = file("auth:\n  email: off\n")
        .var("ANONCHAT_ROOMS__PER_ACCOUNT", "7")
        .flag(|flags| flags.log_level = Some(Level::DEBUG));
    let shown = sources.load().to_yaml_with_origins();
    let source = |value: &str| {
        let line = shown.lines().find(|line| line.trim().starts_with(value)).unwrap();
        line.split_once("  # ").unwrap().1
    };
    assert!(source("email: ").ends_with("anonchat.yaml:2:10"));
    assert_eq!(source("per-account: 7"), "ANONCHAT_ROOMS__PER_ACCOUNT");
    assert_eq!(source("level: debug"), "--log-level");
    assert_eq!(source("trusted-proxies: "), "default");
}

/// What the command line did with a file.
#[derive(Debug)]
struct Run {
    exit: Exit,
    served: Option<Config>,
    out: String,
    err: String,
}

fn run(sources: &Sources, args: &[&str]) -> Run {
    run_after(&[], sources, args)
}

/// The same in a program in which these keys were renamed or given up.
fn run_after(tombstones: &'static [Tombstone], sources: &Sources, args: &[&str]) -> Run {
    let start = ["anonchat".into(), "--config".into(), sources.path().into_os_string()];
    let args = start.into_iter().chain(args.iter().map(OsString::from));
    let (mut served, mut out, mut err) = (None, Vec::new(), Vec::new());
    let serve = |config, _| {
        served = Some(config);
        Exit::Success
    };
    let mut output = Output { out: &mut out, err: &mut err };
    let exit = cli::run_into(&mut output, tombstones, args, sources.environment.clone(), serve);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { exit, served, out: text(out), err: text(err) }
}

#[test]
fn serving_is_what_happens_without_a_command() {
    for args in [&["--addr", "127.0.0.1:9"] as &[&str], &["serve", "--addr", "127.0.0.1:9"]] {
        let run = run(&file(""), args);
        assert_eq!(run.exit, Exit::Success);
        assert_eq!(run.served.unwrap().server.addr.to_string(), "127.0.0.1:9");
    }
}

#[test]
fn a_bad_configuration_ends_with_78_and_serves_nothing() {
    for args in [&[] as &[&str], &["config", "check"], &["config", "show"]] {
        let run = run(&file("rooms: 5\nroms: 6\n"), args);
        assert_eq!((run.exit, run.served), (Exit::BadConfig, None));
        assert_eq!(run.out, "");
        assert_eq!(run.err.lines().filter(|line| line.starts_with("error: ")).count(), 2);
        assert_eq!(run.err.lines().filter(|line| line.starts_with(" help: ")).count(), 2);
    }
    assert_eq!(Exit::BadConfig as u8, 78);
}

#[test]
fn a_bad_command_line_ends_with_2_and_names_the_mistake() {
    for args in [&["frobnicate"] as &[&str], &["--addr", "here"], &["--log-level", "loud"]] {
        let run = run(&file(""), args);
        assert_eq!((run.exit, run.served), (Exit::Usage, None));
        assert!(run.err.contains(args.last().unwrap()), "{}", run.err);
    }
    assert_eq!(Exit::Usage as u8, 2);
}

#[test]
fn an_answer_goes_to_standard_output_and_serves_nothing() {
    let version = format!("anonchat {}\n", env!("CARGO_PKG_VERSION"));
    for (args, answer) in [
        (&["version"] as &[&str], version.as_str()),
        (&["--version"], &version),
        (&["--help"], "ANONCHAT_SERVER__RATE_LIMITS__MAX_REQUESTS=500"),
        (&["config", "check"], "the configuration is fine"),
        (&["config", "show"], "\n  email: optional\n"),
        (&["config", "show", "--sources"], "anonchat.yaml:1:15"),
        (&["config", "example"], config::EXAMPLE),
    ] {
        let run = run(&file("auth: {email: optional}"), args);
        assert_eq!((run.exit, run.served), (Exit::Success, None), "{args:?}");
        assert!(run.out.contains(answer), "{}", run.out);
        assert_eq!(run.err, "");
    }
}

#[test]
fn what_may_be_a_password_is_never_shown() {
    for yaml in [
        "storage:\n  url: postgres://ann:sec@ret@db.example/chat\n",
        "storage:\n  url: host=db.example password=secret\n",
        "storage:\n  url: [postgres, secret]\n",
        "storage:\n  ulr: postgres://ann:secret@db.example/chat\n",
        "storage:\n  url: \"postgres://ann:secret@db.example/chat\n",
        "storage: postgres://ann:secret@db.example/chat\n",
        "server:\n  public-url: https://ann:secret@chat.example\n",
    ] {
        let problems = file(yaml).problems().join("\n");
        assert!(!problems.contains("ret"), "{problems}");
    }
    let variable =
        file("").var("ANONCHAT_STORAGE", "{url: \"postgres://ann:secret@db/chat").problem();
    assert!(!variable.contains("secret"), "{variable}");
}

#[cfg(not(feature = "postgres"))]
#[test]
fn a_program_without_postgresql_says_how_to_get_one_with_it() {
    let url = "postgres://ann:secret@db.example/chat";
    let run = run(&file("").var("ANONCHAT_STORAGE__URL", url), &[]);
    assert_eq!((run.exit, run.served), (Exit::BadConfig, None));
    assert!(run.err.contains("storage.url cannot be used"), "{}", run.err);
    assert!(run.err.contains("--features postgres"), "{}", run.err);
    assert!(!run.err.contains("secret"), "{}", run.err);
}

#[cfg(feature = "postgres")]
mod database_url {
    use super::*;

    const URL: &str = "postgres://ann:secret@db.example/chat";

    fn url(sources: &Sources) -> Option<String> {
        sources.config().storage.url.map(|url| url.expose().to_owned())
    }

    #[test]
    fn a_secret_stands_in_the_file_in_a_variable_or_in_a_file_of_its_own() {
        let own = tempfile::tempdir().unwrap();
        let path = own.path().join("storage.url");
        fs::write(&path, format!("{URL}\n")).unwrap();
        let other = "storage: {url: postgres://other.example/chat}";
        let by_name = file(other).var("ANONCHAT_STORAGE__URL_FILE", path.to_str().unwrap());
        let by_systemd = file(other).var("CREDENTIALS_DIRECTORY", own.path().to_str().unwrap());
        for (sources, origin) in [
            (file(&format!("storage:\n  url: {URL}\n")), "anonchat.yaml:2:8"),
            (file(other).var("ANONCHAT_STORAGE__URL", URL), "ANONCHAT_STORAGE__URL"),
            (by_name, "ANONCHAT_STORAGE__URL_FILE"),
            (by_systemd, "storage.url"),
        ] {
            assert_eq!(url(&sources).as_deref(), Some(URL), "{origin}");
            let shown = sources.load().to_yaml_with_origins();
            let line = shown.lines().find(|line| line.contains("url: postgres://")).unwrap();
            assert!(line.contains("url: postgres://…@db.example/chat"), "{line}");
            assert!(line.ends_with(origin), "{line}");
            assert!(!shown.contains("secret"), "{shown}");
            assert!(!format!("{:?}", sources.load()).contains("ann:secret"));
        }
    }

    #[test]
    fn a_variable_beats_a_credential_and_an_empty_file_says_nothing() {
        let own = tempfile::tempdir().unwrap();
        let path = own.path().join("storage.url");
        fs::write(&path, "postgres://other.example/chat").unwrap();
        let credential = || file("").var("CREDENTIALS_DIRECTORY", own.path().to_str().unwrap());
        let both = credential().var("ANONCHAT_STORAGE__URL", URL);
        assert_eq!(url(&both).as_deref(), Some(URL));
        fs::write(&path, "\n").unwrap();
        assert_eq!(url(&credential()), None);
        assert_eq!(url(&file("").var("ANONCHAT_STORAGE__URL_FILE", "")), None);
    }

    #[test]
    fn a_secret_that_cannot_be_had_stops_the_start() {
        let missing = file("").var("ANONCHAT_STORAGE__URL_FILE", "/nowhere/url").problem();
        let expected = "ANONCHAT_STORAGE__URL_FILE: /nowhere/url cannot be read: ";
        assert!(missing.starts_with(expected), "{missing}");
        let own = tempfile::tempdir().unwrap();
        let path = own.path().join("url");
        fs::write(&path, URL).unwrap();
        let twice = file("")
            .var("ANONCHAT_STORAGE__URL", URL)
            .var("ANONCHAT_STORAGE__URL_FILE", path.to_str().unwrap())
            .problem();
        let (what, help) = said(&twice);
        assert!(what.ends_with("ANONCHAT_STORAGE__URL gives storage.url, too"), "{what}");
        assert_eq!(help, " help: unset one of them");
        let other = file("").var("ANONCHAT_SERVER__ADDR_FILE", "/tmp/addr").problem();
        assert!(other.contains("there is no such setting"), "{other}");
    }
}

#[test]
fn the_configuration_as_variables_is_the_same_configuration() {
    let given =
        file("server:\n  trusted-proxies: [10.0.0.0/8]\n  public-url: https://chat.example\n")
            .var("ANONCHAT_ROOMS__PER_ACCOUNT", "7");
    let printed = run(&given, &["config", "env"]);
    assert_eq!(printed.exit, Exit::Success);
    let pairs = printed.out.lines().map(|line| line.split_once('=').unwrap());
    let again = pairs.fold(file(""), |sources, (name, text)| sources.var(name, text));
    assert_eq!(again.config(), given.config());
    assert_eq!(printed.out.lines().count(), config::keys().len());
}
