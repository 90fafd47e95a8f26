//! Copies from before a migration.

use super::*;
use crate::{
    anonymity::{SecretKey, random},
    store::{Schema, sqlite::SqliteUpkeep},
};

fn schema(found: Option<u32>, pending: &[&str]) -> Schema {
    Schema { found, known: 2, pending: pending.iter().map(ToString::to_string).collect() }
}

#[test]
fn before_a_schema_changes_a_copy_is_kept_and_the_last_three_stay() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::make(&folder.path().join("data")).unwrap();
    SecretKey::load_or_create(&data_dir.key()).unwrap();
    SqliteUpkeep.prepare(&data_dir.database(), random::bytes()).unwrap();
    let shop = |now| Workshop { data_dir: &data_dir, upkeep: &SqliteUpkeep, now: Timestamp(now) };
    let outdated = schema(Some(1), &["V2 more"]);
    let copies: Vec<_> = (0..5)
        .map(|n| before_migration(shop(n * 1000), &outdated).unwrap().expect("a copy"))
        .collect();
    let there: Vec<bool> = copies.iter().map(|copy| copy.exists()).collect();
    assert_eq!(there, [false, false, true, true, true]);
    let mut copy = std::fs::File::open(&copies[4]).unwrap();
    let restored = restore(shop(9000), &mut copy, None).unwrap();
    assert_eq!(restored.manifest.created_at, "1970-01-01T00:00:04Z");
}

#[test]
fn where_no_schema_changes_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::make(folder.path()).unwrap();
    let shop = Workshop { data_dir: &data_dir, upkeep: &SqliteUpkeep, now: Timestamp(0) };
    for schema in [schema(None, &["V1 init", "V2 more"]), schema(Some(2), &[])] {
        assert_eq!(before_migration(shop, &schema).unwrap(), None);
    }
    assert!(!data_dir.backups().exists());
}

#[test]
fn what_a_crash_left_unfinished_is_cleared_away_by_the_next_backup() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::make(folder.path()).unwrap();
    SqliteUpkeep.prepare(&data_dir.database(), random::bytes()).unwrap();
    let left = data_dir.backups().join(".unfinished-by-a-crash");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("anonchat.db"), "half").unwrap();
    let shop = Workshop { data_dir: &data_dir, upkeep: &SqliteUpkeep, now: Timestamp(0) };
    let made = to_file(shop, None, Wishes::default()).unwrap();
    let there = std::fs::read_dir(data_dir.backups()).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(there.collect::<Vec<_>>(), [made.path]);
}

#[test]
fn two_backups_at_once_do_not_get_in_each_others_way() {
    let folder = tempfile::tempdir().unwrap();
    let first = staging::Staging::within(folder.path()).unwrap();
    let second = staging::Staging::within(folder.path());
    assert!(matches!(second, Err(BackupError::Busy { .. })));
    assert!(first.path().exists());
}
