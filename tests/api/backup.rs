//! Backups and the way back, with the program itself on real data.

use std::{
    fs::{self, Permissions},
    io::Write,
    net::Ipv4Addr,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Stdio,
};

use refinery::Target;
use rusqlite::Connection;
use rustix::process::{Signal, geteuid};
use serde_json::Value;
use tar::{Archive, Builder, EntryType, Header};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::{harness::Person, process::Process};

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// A data directory, and what the program does with it.
struct Place(TempDir);

/// How the program ended and what it said.
#[derive(Debug)]
struct Ended {
    status: i32,
    out: Vec<u8>,
    err: String,
}

impl Place {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("it's ").tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    async fn server(&self) -> Process {
        Process::start(&self.data(), &[]).await
    }

    /// Runs a command on the data, under a umask that keeps nothing from anybody.
    async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[]).await
    }

    /// The same with something on standard input.
    async fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ended {
        let (data, folder) = (self.data(), self.0.path().to_owned());
        let arguments: Vec<String> = arguments.iter().map(|&it| it.to_owned()).collect();
        let input_file = self.path(".input");
        fs::write(&input_file, input).unwrap();
        let output = tokio::process::Command::new("/bin/sh")
            .args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_anonchat")])
            .args(arguments)
            .arg("--data-dir")
            .arg(data)
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::from(fs::File::open(input_file).unwrap()))
            .output()
            .await
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        Ended { status: output.status.code().unwrap(), out: output.stdout, err }
    }

    /// A backup without anything special.
    async fn back_up(&self, name: &str) -> PathBuf {
        let made = self.run(&["backup", "--verify", name]).await;
        assert_eq!(made.status, 0, "{made:?}");
        self.path(name)
    }

    fn database(&self) -> Connection {
        Connection::open(self.data().join("anonchat.db")).unwrap()
    }

    /// Every message there is, in order.
    fn messages(&self) -> Vec<String> {
        let database = self.database();
        let mut messages = database.prepare("SELECT body FROM events ORDER BY seq").unwrap();
        messages.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

impl Ended {
    /// One line that says what is wrong and one that says what to do.
    #[track_caller]
    fn refuses(&self, status: i32, what: &str) {
        let lines: Vec<_> = self.err.lines().collect();
        assert_eq!((self.status, lines.len()), (status, 2), "{self:?}");
        assert!(lines[0].starts_with("error: ") && lines[0].contains(what), "{self:?}");
        assert!(lines[1].starts_with(" help: "), "{self:?}");
    }
}

async fn stop(mut server: Process) {
    server.signal(Signal::TERM);
    assert!(server.exit().await.success());
}

/// A server's data with a room of two, and somebody who wrote in it.
async fn with_words(place: &Place, words: &[&str]) -> (Process, Person, String) {
    let server = place.server().await;
    let ann = Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    let room = ann.create_room("kept", 10).await;
    let mut socket = ann.join(&room).await;
    for text in words {
        socket.say(text).await;
    }
    (server, ann, room)
}

/// Every entry of a backup, unpacked by hand.
fn entries(backup: &Path) -> Vec<(String, Vec<u8>)> {
    let mut archive = Archive::new(zstd::Decoder::new(fs::File::open(backup).unwrap()).unwrap());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    });
    entries.collect()
}

/// An archive of anything, the path as it is given.
fn pack(path: &Path, entries: &[(&str, EntryType, &[u8])]) {
    let file = fs::File::create(path).unwrap();
    let mut archive = Builder::new(zstd::Encoder::new(file, 1).unwrap());
    for (name, kind, bytes) in entries {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        archive.append(&header, *bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap().flush().unwrap();
}

/// A backup's parts with another manifest.
fn with_manifest(backup: &Path, change: impl FnOnce(&mut Value)) -> Vec<(String, Vec<u8>)> {
    let mut parts = entries(backup);
    let mut manifest: Value = serde_json::from_slice(&parts[0].1).unwrap();
    change(&mut manifest);
    parts[0].1 = manifest.to_string().into_bytes();
    parts
}

fn pack_files(path: &Path, parts: &[(String, Vec<u8>)]) {
    let parts = parts.iter().map(|(name, bytes)| (name.as_str(), EntryType::Regular, &bytes[..]));
    pack(path, &parts.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_backup_is_there_after_its_restore_and_nothing_later() {
    let place = Place::new();
    let (server, ann, room) = with_words(&place, &["before", "also before"]).await;
    let mut socket = ann.join(&room).await;
    let epoch = socket.welcome["epoch"].clone();
    let backup = place.back_up("one.tar.zst").await;
    socket.say("after").await;
    drop(socket);
    stop(server).await;

    let restored = place.run(&["restore", backup.to_str().unwrap()]).await;
    assert_eq!(restored.status, 0, "{restored:?}");
    assert_eq!(place.messages(), ["before", "also before"]);
    let server = place.server().await;
    let way = server.way(Ipv4Addr::LOCALHOST);
    let ann = Person { way, ..ann }.on_another_device().await;
    let messages = ann.get(&format!("/rooms/{room}/messages")).await;
    let texts = messages.data()["messages"].as_array().unwrap().iter();
    assert_eq!(texts.map(|it| &it["message"]).collect::<Vec<_>>(), ["before", "also before"]);
    let mut socket = ann.join(&room).await;
    assert_ne!(socket.welcome["epoch"], epoch, "what clients remember is worth nothing");
    assert_eq!(socket.say("again").await, 3);
    stop(server).await;

    // What the restore says about undoing it holds.
    let said = String::from_utf8(restored.out).unwrap();
    let commands: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    assert_eq!(commands.len(), 2, "{said}");
    for command in commands {
        let done = std::process::Command::new("/bin/sh").args(["-c", command]).status();
        assert!(done.unwrap().success(), "{command}");
    }
    assert_eq!(place.messages(), ["before", "also before", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_people_talk_is_one_moment_and_whole() {
    let place = Place::new();
    let (server, ann, room) = with_words(&place, &["0"]).await;
    let mut socket = ann.join(&room).await;
    let mut talk = JoinSet::new();
    talk.spawn(async move {
        for n in 1..400 {
            socket.say(&n.to_string()).await;
        }
    });
    for n in 0..3 {
        place.back_up(&format!("{n}.tar.zst")).await;
    }
    talk.join_next().await.unwrap().unwrap();
    assert_eq!(place.run(&["db", "check"]).await.out, b"the database is sound\n");
    stop(server).await;
    for n in 0..3 {
        let backup = place.path(&format!("{n}.tar.zst"));
        let restored = place.run(&["restore", backup.to_str().unwrap()]).await;
        assert_eq!(restored.status, 0, "{restored:?}");
        let messages = place.messages();
        let wanted: Vec<_> = (0..messages.len()).map(|n| n.to_string()).collect();
        assert_eq!(messages, wanted, "everything up to one moment");
        fs::rename(
            place
                .data()
                .read_dir()
                .unwrap()
                .map(|it| it.unwrap().path())
                .find(|it| is_aside(it))
                .unwrap(),
            place.path(&format!("aside-{n}")),
        )
        .unwrap();
    }
}

fn is_aside(path: &Path) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with("pre-restore-")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_can_read_a_backup_and_what_it_restores() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["quiet"]).await;
    let made = place.run(&["backup"]).await;
    assert_eq!(made.status, 0, "{made:?}");
    stop(server).await;
    let said: Value =
        serde_json::from_slice(&place.run(&["backup", "--json", "one"]).await.out).unwrap();
    assert_eq!(said["path"], "one");
    assert_eq!(said["manifest"]["rows"]["events"], 1);
    assert_eq!(said["manifest"]["key"].as_str().map(str::len), Some(16), "its fingerprint");
    assert_eq!(said["removed"], serde_json::json!([]));
    let backups = place.data().join("backups");
    let backup = backups.read_dir().unwrap().next().unwrap().unwrap().path();
    assert_eq!(backups.read_dir().unwrap().count(), 1, "nothing unfinished is left");
    let name = backup.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("anonchat-2") && name.ends_with("Z.tar.zst"), "{name}");
    assert_eq!(place.run(&["restore", backup.to_str().unwrap()]).await.status, 0);
    let mut all = vec![place.data()];
    while let Some(path) = all.pop() {
        let found = fs::metadata(&path).unwrap();
        let wanted = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.permissions().mode() & 0o777, wanted, "{}", path.display());
        if found.is_dir() {
            all.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_standard_output_and_comes_back_from_standard_input() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["through a pipe"]).await;
    let made = place.run(&["backup", "-"]).await;
    assert_eq!(made.status, 0, "{}", made.err);
    assert_eq!(
        made.err,
        "standard output: 1 accounts, 1 rooms, 1 events, without the secret key\n"
    );
    assert_eq!(place.data().join("backups").read_dir().unwrap().count(), 0);
    place.run(&["backup", "-", "--keep", "2"]).await.refuses(2, "need a file");
    place.run(&["backup", "-", "--json"]).await.refuses(2, "need a file");
    stop(server).await;
    fs::remove_file(place.data().join("anonchat.db")).unwrap();
    let restored = place.run_with(&["restore", "-"], &made.out).await;
    assert_eq!(restored.status, 0, "{restored:?}");
    assert_eq!(place.messages(), ["through a pipe"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_in_a_backup_only_if_asked_for_and_is_missed_if_it_is_another() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["mine"]).await;
    let without = place.back_up("without.tar.zst").await;
    let made = place.run(&["backup", "--include-keys", "with.tar.zst"]).await;
    assert_eq!(made.status, 0, "{made:?}");
    assert!(made.err.starts_with("warning: "), "{made:?}");
    stop(server).await;
    let key_path = place.data().join("secret.key");
    let key = fs::read(&key_path).unwrap();
    let holds_key = |path: &Path| entries(path).iter().any(|(_, bytes)| *bytes == key);
    let with = place.path("with.tar.zst");
    assert!(!holds_key(&without) && holds_key(&with));

    let (without, with) = (without.to_str().unwrap(), with.to_str().unwrap());
    let into = place.path("rehearsal");
    let rehearsed = place.run(&["restore", "--into", into.to_str().unwrap(), without]).await;
    assert_eq!(rehearsed.status, 0, "{rehearsed:?}");
    assert_eq!(fs::read(into.join("secret.key")).unwrap(), key);
    let again = place.run(&["restore", "--into", into.to_str().unwrap(), without]).await;
    again.refuses(1, "already holds data");

    fs::remove_file(&key_path).unwrap();
    place.run(&["restore", without]).await.refuses(1, "does not hold the secret key");
    let other: Vec<u8> = key.iter().map(|byte| byte ^ 0x5a).collect();
    fs::write(&key_path, &other).unwrap();
    fs::set_permissions(&key_path, Permissions::from_mode(0o600)).unwrap();
    place.run(&["restore", without]).await.refuses(1, "is not the one");
    assert_eq!(fs::read(&key_path).unwrap(), other, "nothing was touched");
    assert_eq!(place.run(&["restore", with]).await.status, 0);
    assert_eq!(fs::read(&key_path).unwrap(), key);
    let aside =
        place.data().read_dir().unwrap().map(|it| it.unwrap().path()).find(|it| is_aside(it));
    assert_eq!(fs::read(aside.unwrap().join("secret.key")).unwrap(), other, "kept aside");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_keys_holds_all_of_them_and_brings_none_back_that_was_given_up() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["signed"]).await;
    assert_eq!(place.run(&["secret", "rotate"]).await.status, 0);
    let path = place.data().join("signing.keys");
    let keys = fs::read(&path).unwrap();
    let without = place.back_up("without.tar.zst").await;
    let made = place.run(&["backup", "--verify", "--include-keys", "with.tar.zst"]).await;
    assert_eq!(made.status, 0, "{made:?}");
    stop(server).await;
    let with = place.path("with.tar.zst");
    let names = |path: &Path| entries(path).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&without), ["manifest.json", "anonchat.db"]);
    assert_eq!(names(&with), ["manifest.json", "anonchat.db", "secret.key", "signing.keys"]);

    let (without, with) = (without.to_str().unwrap(), with.to_str().unwrap());
    let into = place.path("rehearsal");
    let rehearsed = place.run(&["restore", "--into", into.to_str().unwrap(), without]).await;
    assert_eq!(rehearsed.status, 0, "{rehearsed:?}");
    assert_eq!(fs::read(into.join("signing.keys")).unwrap(), keys);

    assert_eq!(place.run(&["secret", "rotate", "--now"]).await.status, 0);
    let newer = fs::read(&path).unwrap();
    assert_eq!(place.run(&["restore", with]).await.status, 0);
    assert_eq!(fs::read(&path).unwrap(), newer);
    fs::remove_file(&path).unwrap();
    let aside =
        place.data().read_dir().unwrap().map(|it| it.unwrap().path()).find(|it| is_aside(it));
    fs::remove_dir_all(aside.unwrap()).unwrap();
    assert_eq!(place.run(&["restore", with]).await.status, 0);
    assert_eq!(fs::read(&path).unwrap(), keys);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_whole_unchanged_backup_is_refused_and_changes_nothing() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["stays"]).await;
    let good = place.back_up("good.tar.zst").await;
    stop(server).await;
    let before = fs::read(place.data().join("anonchat.db")).unwrap();
    let bad = place.path("bad.tar.zst");
    let restore = ["restore", bad.to_str().unwrap()];
    let refused = async |what: &str| {
        place.run(&restore).await.refuses(1, what);
        assert_eq!(fs::read(place.data().join("anonchat.db")).unwrap(), before, "{what}");
        assert!(place.data().read_dir().unwrap().all(|it| !is_aside(&it.unwrap().path())));
        assert!(!place.path("evil").exists() && !place.data().join("evil").exists());
    };
    let parts = entries(&good);
    let (manifest, database) = (&parts[0].1[..], &parts[1].1[..]);
    let file = EntryType::Regular;

    fs::write(&bad, "no archive at all").unwrap();
    refused("cannot be read").await;
    let bytes = fs::read(&good).unwrap();
    fs::write(&bad, &bytes[..bytes.len() / 2]).unwrap();
    refused("cannot be read").await;
    pack(&bad, &[("anonchat.db", file, database)]);
    refused("does not begin with a manifest").await;
    pack(&bad, &[("manifest.json", file, b"{}")]);
    refused("manifest cannot be read").await;
    pack(&bad, &[("manifest.json", file, manifest)]);
    refused("anonchat.db is missing").await;
    let mut changed = parts.clone();
    let middle = database.len() / 2;
    changed[1].1[middle] ^= 1;
    pack_files(&bad, &changed);
    refused("is not what the manifest says").await;
    let longer = [database, b"more"].concat();
    pack(&bad, &[("manifest.json", file, manifest), ("anonchat.db", file, &longer)]);
    refused("is not what the manifest says").await;
    for name in ["../evil", "/tmp/evil", "evil", "anonchat.db"] {
        let evil = (name, file, database);
        pack(&bad, &[("manifest.json", file, manifest), ("anonchat.db", file, database), evil]);
        refused("something that its manifest does not name").await;
    }
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::GNULongName, EntryType::XHeader] {
        pack(&bad, &[("manifest.json", file, manifest), ("anonchat.db", kind, b"")]);
        refused("not a plain file").await;
    }
    pack_files(&bad, &with_manifest(&good, |it| it["rows"]["events"] = 7.into()));
    refused("do not have the rows").await;
    let other = |it: &mut Value| it["files"]["../evil"] = it["files"]["anonchat.db"].clone();
    pack_files(&bad, &with_manifest(&good, other));
    refused("names other files").await;
    let huge = |it: &mut Value| it["files"]["anonchat.db"]["bytes"] = (1_u64 << 60).into();
    pack_files(&bad, &with_manifest(&good, huge));
    refused("free").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_of_a_newer_program_is_refused_by_name() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["from the future"]).await;
    let good = place.back_up("good.tar.zst").await;
    stop(server).await;
    let newer = place.path("newer.tar.zst");
    let restore = ["restore", newer.to_str().unwrap()];
    pack_files(&newer, &with_manifest(&good, |it| it["format"] = 2.into()));
    place.run(&restore).await.refuses(78, "newer AnonChat made this backup (format 2");
    pack_files(&newer, &with_manifest(&good, |it| it["schema"] = 99.into()));
    place.run(&restore).await.refuses(78, "newer AnonChat made this backup (schema 99");
    place
        .database()
        .execute(
            "INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum
             FROM refinery_schema_history LIMIT 1",
            [],
        )
        .unwrap();
    for command in [&["serve", "--addr", "127.0.0.1:0"][..], &["db", "migrate"]] {
        place.run(command).await.refuses(78, "newer AnonChat made schema 99");
    }
    place.run(&["db", "migrate", "--dry-run"]).await.refuses(78, "schema 99");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_database_is_kept_before_its_schema_changes() {
    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    let first = migrations::migrations::runner().set_target(Target::Version(1));
    first.run(&mut place.database()).unwrap();
    let planned = place.run(&["db", "migrate", "--dry-run"]).await;
    assert!(planned.out.starts_with(b"would run V2 "), "{planned:?}");
    let server = place.server().await;
    Person::register(&server.way(Ipv4Addr::LOCALHOST), "ann").await;
    let log = server.log();
    stop(server).await;
    assert!(log.contains("kept a copy from before the schema changes"), "{log}");
    let mut copies = place.data().join("backups").read_dir().unwrap();
    let copy = copies.next().unwrap().unwrap().path();
    assert!(copies.next().is_none() && copy.to_str().unwrap().contains("before-schema-"));
    let manifest: Value = serde_json::from_slice(&entries(&copy)[0].1).unwrap();
    assert_eq!(manifest["schema"], 1);
    assert_eq!(place.run(&["db", "migrate"]).await.out, b"the schema is up to date\n");
    let restored = place.run(&["restore", copy.to_str().unwrap()]).await;
    assert_eq!(restored.status, 0, "{restored:?}");
    assert_eq!(place.run(&["db", "migrate"]).await.out, b"the schema is up to date\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_disturb_a_server_waits_until_it_is_stopped() {
    let place = Place::new();
    place.run(&["backup"]).await.refuses(1, "no data directory");
    let (server, ..) = with_words(&place, &["undisturbed"]).await;
    let backup = place.back_up("one.tar.zst").await;
    let exists = place.run(&["backup", backup.to_str().unwrap()]).await;
    exists.refuses(1, "exists");
    for command in [&["restore", "one.tar.zst"][..], &["db", "vacuum"], &["db", "migrate"]] {
        place.run(command).await.refuses(75, "(process ");
    }
    let status = place.run(&["db", "status", "--json"]).await;
    let status: Value = serde_json::from_slice(&status.out).unwrap();
    assert_eq!(status["in_use"], true);
    assert_eq!(status["rows"]["events"], 1);
    stop(server).await;
    let vacuumed = place.run(&["db", "vacuum"]).await;
    assert_eq!(vacuumed.status, 0, "{vacuumed:?}");
    assert_eq!(place.run(&["db", "migrate"]).await.out, b"the schema is up to date\n");
    assert_eq!(place.messages(), ["undisturbed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_found_and_a_backup_takes_its_place() {
    let place = Place::new();
    let (server, ..) = with_words(&place, &["sound"]).await;
    place.back_up("one.tar.zst").await;
    stop(server).await;
    let path = place.data().join("anonchat.db");
    let mut bytes = fs::read(&path).unwrap();
    // Every page but the first, which holds the schema.
    bytes[4096..].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    assert_eq!(place.run(&["db", "check"]).await.status, 1);
    assert_eq!(place.run(&["backup", "two.tar.zst"]).await.status, 1);
    assert!(!place.path("two.tar.zst").exists());
    let restored = place.run(&["restore", "one.tar.zst"]).await;
    assert_eq!(restored.status, 0, "{restored:?}");
    assert_eq!(place.messages(), ["sound"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn root_becomes_the_owner_of_the_data() {
    if !geteuid().is_root() {
        eprintln!("not checked: only root can become another user");
        return;
    }
    let place = Place::new();
    fs::set_permissions(place.0.path(), Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(place.data()).unwrap();
    std::os::unix::fs::chown(place.data(), Some(65534), Some(65534)).unwrap();
    let (server, ..) = with_words(&place, &["theirs"]).await;
    let made = place.run(&["backup"]).await;
    assert_eq!(made.status, 0, "{made:?}");
    place.run(&["backup", "one.tar.zst"]).await.refuses(1, "Permission denied");
    let made = place.run(&["backup", "-"]).await;
    stop(server).await;
    // A backup that only root may read.
    fs::write(place.path("one.tar.zst"), made.out).unwrap();
    fs::set_permissions(place.path("one.tar.zst"), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(place.run(&["restore", "one.tar.zst"]).await.status, 0);
    let mut all = vec![place.data()];
    while let Some(path) = all.pop() {
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.uid(), found.gid()), (65534, 65534), "{}", path.display());
        if found.is_dir() {
            all.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        }
    }
}
