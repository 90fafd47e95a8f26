//! Commands that need no server, run as the program that people run.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::ExitStatusExt,
    },
    path::Path,
    process::{Command, Output, Stdio},
};

use anonchat::{
    doctor::TRACES,
    store::sqlite::{Durability, Options, SqliteStore},
};
use rustix::process::Signal;
use serde_json::Value;

/// Runs the program in `dir`, with nothing in its environment.
fn run(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anonchat"));
    command.current_dir(dir).env_clear().args(arguments).output().unwrap()
}

/// The same, killed once it has written the first 512 bytes of a file.
fn run_and_kill(dir: &Path, arguments: &[&str]) {
    let killed = Command::new("/bin/sh")
        .args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_anonchat")])
        .args(arguments)
        .current_dir(dir)
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(killed.status.signal(), Some(Signal::XFSZ.as_raw()), "{killed:?}");
}

#[track_caller]
fn answer(dir: &Path, arguments: &[&str]) -> String {
    let output = run(dir, arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_makes_what_is_missing_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (file, data) = (dir.path().join("anonchat.yaml"), dir.path().join("anonchat-data"));
    let said = answer(dir.path(), &["init"]);
    assert!(
        said.contains(file.to_str().unwrap()) && said.contains(data.to_str().unwrap()),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), anonchat::config::EXAMPLE);
    assert_eq!(mode(&data), 0o700);
    answer(dir.path(), &["config", "check"]);

    fs::write(&file, "storage:\n  data-dir: ./other\n").unwrap();
    let said = answer(dir.path(), &["init"]);
    assert!(said.contains("there already"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "storage:\n  data-dir: ./other\n");
    assert_eq!(mode(&dir.path().join("other")), 0o700);
    answer(dir.path(), &["init", "--config", "etc/anonchat.yaml"]);
    assert_eq!(mode(&dir.path().join("etc")), 0o700);
}

#[test]
fn init_that_is_killed_leaves_no_half_a_configuration() {
    let dir = tempfile::tempdir().unwrap();
    run_and_kill(dir.path(), &["init"]);
    assert!(!dir.path().join("anonchat.yaml").exists());
    let said = answer(dir.path(), &["init"]);
    assert!(said.contains("anonchat.yaml (made)"), "{said}");
}

#[test]
fn init_says_where_it_may_not_write() {
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), &["init", "--config", "/proc/anonchat.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    let problem = String::from_utf8(output.stderr).unwrap();
    assert!(problem.starts_with("error: cannot write /proc/anonchat.yaml: "), "{problem}");
    assert!(problem.lines().nth(1).unwrap().starts_with(" help: "), "{problem}");
}

#[test]
fn a_trial_starts_the_server_and_stops_it_or_says_why_it_would_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let trial = |addr: &str| run(dir.path(), &["serve", "--smoke", "--addr", addr]);
    let well = trial("127.0.0.1:0");
    let said = String::from_utf8(well.stdout).unwrap();
    assert!(well.status.success(), "{said}{}", String::from_utf8_lossy(&well.stderr));
    assert!(said.starts_with("the server started, listened on 127.0.0.1:"), "{said}");
    assert!(dir.path().join("anonchat-data/anonchat.db").exists());

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let refused = trial(&addr);
    assert_eq!(refused.status.code(), Some(1));
    let problem = String::from_utf8(refused.stderr).unwrap();
    assert!(problem.starts_with(&format!("error: cannot listen on {addr}: ")), "{problem}");
    assert!(problem.contains("\n help: another program has the port"), "{problem}");
    let key = dir.path().join("anonchat-data/secret.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let open = String::from_utf8(trial("127.0.0.1:0").stderr).unwrap();
    assert!(open.starts_with("error: the secret key ./anonchat-data/secret.key is open"), "{open}");
    assert!(open.contains("\n help: chmod 600 it"), "{open}");
    fs::write(dir.path().join("anonchat.yaml"), "colour: red\n").unwrap();
    assert_eq!(trial("127.0.0.1:0").status.code(), Some(78));
}

#[test]
fn a_trial_goes_on_when_it_is_asked_to_read_its_configuration_anew() {
    let dir = tempfile::tempdir().unwrap();
    let password = dir.path().join("password");
    assert!(Command::new("mkfifo").arg(&password).status().unwrap().success());
    let operator = "auth: {bootstrap-admin: {login: keeper, password-file: ./password}}\n";
    fs::write(dir.path().join("anonchat.yaml"), operator).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_anonchat"));
    command.current_dir(dir.path()).env_clear().args(["serve", "--smoke", "--addr", "127.0.0.1:0"]);
    let trial = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It reads this with the lock in its hands.
    let mut password = fs::File::options().write(true).open(&password).unwrap();
    answer(dir.path(), &["reload"]);
    password.write_all(b"correct horse battery staple\n").unwrap();
    drop(password);
    let ended = trial.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn of_keys_that_are_changed_at_once_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let rotations: Vec<_> = (0..8)
        .map(|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_anonchat"));
            command.current_dir(dir.path()).env_clear().args(["secret", "rotate"]);
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut rotation in rotations {
        assert!(rotation.wait().unwrap().success());
    }
    let listed = answer(dir.path(), &["secret", "list"]);
    assert_eq!(listed.lines().count(), 1 + 8, "{listed}");
}

#[test]
fn listing_keys_makes_none() {
    let dir = tempfile::tempdir().unwrap();
    answer(dir.path(), &["init"]);
    let said = answer(dir.path(), &["secret", "list"]);
    assert_eq!(said, "none yet: the first start of the server makes one\n");
    let json: Value =
        serde_json::from_str(&answer(dir.path(), &["secret", "list", "--json"])).unwrap();
    assert_eq!(json, serde_json::json!({ "keys": [] }));
    assert!(!dir.path().join("anonchat-data/secret.key").exists());
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = answer(dir.path(), &["completions", shell]);
        assert!(script.contains("healthcheck") && script.contains("data-dir"), "{shell}");
    }
    let page = answer(dir.path(), &["man"]);
    assert!(page.contains(".TH anonchat 1"), "{page}");
    answer(dir.path(), &["man", "pages"]);
    for page in ["anonchat.1", "anonchat-serve.1", "anonchat-config-check.1", "anonchat-doctor.1"] {
        assert!(dir.path().join("pages").join(page).is_file(), "{page}");
    }
    assert_eq!(run(dir.path(), &["completions", "csh"]).status.code(), Some(2));
}

#[test]
fn the_version_is_text_or_json() {
    let dir = tempfile::tempdir().unwrap();
    let text = answer(dir.path(), &["version"]);
    let json: Value = serde_json::from_str(&answer(dir.path(), &["version", "--json"])).unwrap();
    assert_eq!(text, format!("anonchat {}\n", json["version"].as_str().unwrap()));
    assert_eq!(json["os"], std::env::consts::OS);
}

#[test]
fn the_licenses_of_everything_that_is_built_in_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let text = answer(dir.path(), &["licenses"]);
    assert!(text.starts_with("MIT License"), "our own comes first");
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    let dependencies = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    for line in dependencies.take_while(|line| !line.starts_with('[')) {
        let Some(name) = line.split([' ', '.']).next().filter(|name| !name.is_empty()) else {
            continue;
        };
        let begins = format!("{name} ");
        assert!(text.lines().any(|line| line.starts_with(&begins)), "{name}: scripts/third-party");
    }
}

fn findings(dir: &Path, arguments: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let output = run(dir, &[&["doctor", "--json"], arguments].concat());
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pairs = findings.iter().map(|found| (text(&found["what"]), text(&found["state"])));
    (output.status.code(), pairs.collect())
}

#[test]
fn the_doctor_finds_what_others_can_read() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("anonchat-data");
    let (code, before) = findings(dir.path(), &[]);
    assert_eq!(code, Some(0), "{before:?}");
    assert!(before.contains(&("data directory".to_owned(), "doubtful".to_owned())));

    answer(dir.path(), &["init"]);
    let key = data.join("secret.key");
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let (code, well) = findings(dir.path(), &[]);
    assert_eq!(code, Some(0), "{well:?}");
    assert!(well.contains(&("secret key".to_owned(), "fine".to_owned())), "{well:?}");

    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, found) = findings(dir.path(), &[]);
    assert_eq!(code, Some(1));
    assert!(found.contains(&("secret key".to_owned(), "wrong".to_owned())), "{found:?}");
    let text = String::from_utf8(run(dir.path(), &["doctor"]).stdout).unwrap();
    assert!(text.contains("wrong     secret key: ") && text.contains("help: "), "{text}");
    assert!(text.contains("0644"), "{text}");
}

#[test]
fn the_doctor_compares_the_schema_of_the_database_with_the_program() {
    let dir = tempfile::tempdir().unwrap();
    answer(dir.path(), &["init"]);
    let path = dir.path().join("anonchat-data/anonchat.db");
    let options = Options { durability: Durability::Full, fresh_epoch: [0; 8] };
    drop(SqliteStore::open(&path, options).unwrap());
    let state = || {
        let (code, found) = findings(dir.path(), &[]);
        let schema = found.into_iter().find(|(what, _)| what == "schema");
        (code, schema.map(|(_, state)| state))
    };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(state(), (Some(0), Some("fine".to_owned())));
    let newer = "INSERT INTO refinery_schema_history
                 SELECT 99, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1";
    rusqlite::Connection::open(&path).unwrap().execute(newer, []).unwrap();
    assert_eq!(state(), (Some(1), Some("wrong".to_owned())));
}

#[test]
fn what_root_writes_for_another_user_can_be_read_by_them() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("not checked: only root can write for another user");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let data = dir.path().join("anonchat-data");
    fs::create_dir(&data).unwrap();
    std::os::unix::fs::chown(&data, Some(65534), Some(65534)).unwrap();
    answer(dir.path(), &["init"]);
    let file = dir.path().join("anonchat.yaml");
    let found = fs::metadata(&file).unwrap();
    assert_eq!((found.uid(), found.gid(), mode(&file)), (0, 65534, 0o640));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let closed = run(dir.path(), &["init"]);
    assert_eq!(closed.status.code(), Some(1));
    let said = String::from_utf8(closed.stderr).unwrap();
    assert!(said.contains("is closed to the user whose ") && said.contains("chmod 640"), "{said}");
    let doctor = run(dir.path(), &["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    let found = String::from_utf8(doctor.stdout).unwrap();
    assert!(found.contains("wrong     configuration: "), "{found}");
    let check = run(dir.path(), &["config", "check"]);
    assert_eq!(check.status.code(), Some(78));
    let said = String::from_utf8(check.stderr).unwrap();
    assert!(said.starts_with("error: the user whose the data is cannot read "), "{said}");
    assert!(said.contains("chmod 640"), "{said}");

    let folder = dir.path().join("etc");
    let elsewhere = ["--config", "etc/anonchat.yaml", "--data-dir", "./anonchat-data"];
    answer(dir.path(), &[&["init"][..], &elsewhere].concat());
    let found = fs::metadata(&folder).unwrap();
    assert_eq!((found.uid(), found.gid(), mode(&folder)), (0, 65534, 0o750));
    let found = answer(dir.path(), &[&["doctor"][..], &elsewhere].concat());
    assert!(found.contains("fine      configuration: etc/anonchat.yaml\n"), "{found}");
}

#[test]
fn what_the_doctor_says_can_be_shown_to_others() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["doctor", "--redact", "--addr", "192.0.2.1:80", "--data-dir", "./chat-of-ann"];
    let text = answer(dir.path(), &arguments);
    assert!(text.contains("doubtful  address\n"), "{text}");
    assert!(!text.contains("192.0.2.1") && !text.contains("ann"), "{text}");
}

#[test]
fn every_column_says_what_it_tells_of_people() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("anonchat.db");
    let options = Options { durability: Durability::Full, fresh_epoch: [0; 8] };
    drop(SqliteStore::open(&path, options).unwrap());
    let database = rusqlite::Connection::open(&path).unwrap();
    let sql = "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'refinery_%'";
    let mut columns = database.prepare(sql).unwrap();
    let columns = columns.query_map([], |row| row.get(0)).unwrap();
    let columns: BTreeSet<String> = columns.map(Result::unwrap).collect();
    let places = TRACES.iter().map(|trace| trace.place);
    let listed: BTreeSet<String> =
        places.filter(|place| !place.contains(' ')).map(str::to_owned).collect();
    assert!(!columns.is_empty());
    assert_eq!(columns, listed, "src/doctor/privacy.rs describes every column, and no other");

    let text = answer(dir.path(), &["doctor", "--privacy"]);
    assert!(text.contains("accounts.email_sealed: the e-mail address\n"), "{text}");
    assert!(text.contains("header X-Forwarded-For: "), "{text}");
}

#[test]
fn a_service_is_installed_below_a_folder_and_taken_away_again() {
    let dir = tempfile::tempdir().unwrap();
    let root = ["--root", "image"];
    let service = |arguments: &[&str]| run(dir.path(), &[&["service"], arguments, &root].concat());
    let units = dir.path().join("image/etc/systemd/system");
    let absent = service(&["status"]);
    assert_eq!((absent.status.code(), &absent.stdout[..]), (Some(1), &b"not installed\n"[..]));
    let nothing = service(&["uninstall"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(nothing.stderr).unwrap(),
        "error: no service was installed by this program\n \
         help: `anonchat service status` says what there is\n"
    );

    let planned = service(&["install", "--dry-run"]);
    let planned = String::from_utf8(planned.stdout).unwrap();
    assert!(!units.exists(), "nothing is written");
    let installed = service(&["install"]);
    assert!(installed.status.success(), "{installed:?}");
    let sysusers = dir.path().join("image/etc/sysusers.d/anonchat.conf");
    for name in
        ["anonchat.service", "anonchat.socket", "anonchat-backup.service", "anonchat-backup.timer"]
    {
        let text = fs::read_to_string(units.join(name)).unwrap();
        let ours = fs::read_to_string(format!("{}/systemd/{name}", env!("CARGO_MANIFEST_DIR")));
        assert!(text.ends_with(&ours.unwrap()) && planned.contains(&text), "{name}");
        assert_eq!(mode(&units.join(name)), 0o644, "{name}");
    }
    assert_eq!(mode(&sysusers), 0o644);
    assert_eq!((mode(&units), mode(&dir.path().join("image/etc"))), (0o755, 0o755));
    assert!(service(&["install"]).status.success(), "it renews what it wrote");
    let status = service(&["status", "--json"]);
    assert!(status.status.success());
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["unit"], "image/etc/systemd/system/anonchat.service");

    fs::write(units.join("anonchat.service.d"), "theirs").unwrap();
    assert!(service(&["uninstall"]).status.success());
    let left: Vec<_> = fs::read_dir(&units).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["anonchat.service.d"], "what others wrote stays");
    assert!(!sysusers.exists());
}

#[test]
fn an_installation_that_is_killed_leaves_no_half_a_unit() {
    let dir = tempfile::tempdir().unwrap();
    let install = ["service", "install", "--root", "."];
    let unit = dir.path().join("etc/systemd/system/anonchat.service");
    run_and_kill(dir.path(), &install);
    assert!(!unit.exists());
    answer(dir.path(), &install);
    let whole = fs::read_to_string(&unit).unwrap();
    run_and_kill(dir.path(), &install);
    assert_eq!(fs::read_to_string(&unit).unwrap(), whole);
}

#[test]
fn a_service_of_others_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let units = dir.path().join("etc/systemd/system");
    fs::create_dir_all(&units).unwrap();
    fs::write(units.join("anonchat.socket"), "[Socket]\n").unwrap();
    for command in ["install", "uninstall"] {
        let refused = run(dir.path(), &["service", command, "--root", "."]);
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(
            said.contains("anonchat.socket was not written by this program\n help: "),
            "{said}"
        );
    }
    assert!(!units.join("anonchat.service").exists(), "not half of it");
    fs::remove_file(units.join("anonchat.socket")).unwrap();
    let packaged = dir.path().join("usr/lib/systemd/system");
    fs::create_dir_all(&packaged).unwrap();
    fs::write(packaged.join("anonchat.service"), "[Unit]\n").unwrap();
    let refused = run(dir.path(), &["service", "install", "--root", "."]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.starts_with("error: a package has installed the service: "), "{said}");
    assert!(answer(dir.path(), &["service", "status", "--root", "."]).contains("installed"));
}

#[test]
fn a_service_reads_the_file_that_is_named_and_no_wrong_one() {
    let dir = tempfile::tempdir().unwrap();
    let install = |arguments: &[&str]| {
        run(dir.path(), &[&["service", "install", "--root", "image"], arguments].concat())
    };
    fs::write(dir.path().join("wrong.yaml"), "colour: red\n").unwrap();
    assert_eq!(install(&["--config", "wrong.yaml"]).status.code(), Some(78));
    assert_eq!(install(&["--addr", "127.0.0.1:9"]).status.code(), Some(2));
    let unseen = install(&["--config", "/dev/null", "--dry-run"]);
    let unit = String::from_utf8(unseen.stdout).unwrap();
    assert!(unit.contains("Environment=ANONCHAT_CONFIG=/dev/null\n"), "{unit}");
    assert!(!dir.path().join("image").exists());
}
