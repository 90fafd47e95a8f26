//! The names of backups, which tell the time, and which of them go when there are many.

use std::{
    fs,
    path::{Path, PathBuf},
};

use time::OffsetDateTime;

use super::error::BackupError;
use crate::domain::Timestamp;

const ENDING: &str = ".tar.zst";
/// Of a backup that an operator made.
pub(super) const USUAL: &str = "anonchat-";
/// Of one that was made before a migration; the schema's number follows.
pub(super) const BEFORE: &str = "before-schema-";

/// `20261125T101500Z`
pub(super) fn stamp(now: Timestamp) -> String {
    let text = rfc_3339(now);
    text.chars().filter(|sign| !matches!(sign, '-' | ':')).collect()
}

/// `2026-11-25T10:15:00Z`
pub(super) fn rfc_3339(now: Timestamp) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(now.seconds());
    let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (month, day) = (u8::from(moment.month()), moment.day());
    let (hour, minute, second) = moment.to_hms();
    format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", moment.year())
}

pub(super) fn usual(now: Timestamp) -> String {
    format!("{USUAL}{}{ENDING}", stamp(now))
}

pub(super) fn before_schema(schema: u32, now: Timestamp) -> String {
    format!("{BEFORE}{schema}-{}{ENDING}", stamp(now))
}

/// Removes all but the newest `keep` backups of one kind in a folder; nothing else that lies there.
/// Returns what is gone.
pub(super) fn prune(folder: &Path, kind: &str, keep: usize) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = of_kind(folder, kind)?;
    found.truncate(found.len().saturating_sub(keep));
    remove(found)
}

/// Removes the backups of one kind in a folder that were made before `time`; nothing else that lies
/// there. Returns what is gone.
pub(super) fn expire(
    folder: &Path,
    kind: &str,
    time: Timestamp,
) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = of_kind(folder, kind)?;
    let limit = stamp(time);
    found.retain(|(stamp, _)| *stamp < limit);
    remove(found)
}

/// The backups of one kind in a folder with the times in their names, the oldest first.
fn of_kind(folder: &Path, kind: &str) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let unreadable = BackupError::write(folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(&unreadable)? {
        let entry = entry.map_err(&unreadable)?;
        let stamp = entry.file_name().to_str().and_then(|name| made_at(name, kind));
        found.extend(stamp.map(|stamp| (stamp, entry.path())));
    }
    found.sort_unstable();
    Ok(found)
}

fn remove(backups: Vec<(String, PathBuf)>) -> Result<Vec<PathBuf>, BackupError> {
    let paths: Vec<_> = backups.into_iter().map(|(_, path)| path).collect();
    for path in &paths {
        fs::remove_file(path).map_err(BackupError::write(path))?;
    }
    Ok(paths)
}

/// The time in the name of a backup of that kind.
fn made_at(name: &str, kind: &str) -> Option<String> {
    let rest = name.strip_prefix(kind)?.strip_suffix(ENDING)?;
    let stamp = if kind == BEFORE { rest.split_once('-')?.1 } else { rest };
    let pattern = "00000000T000000Z";
    let fits = stamp.len() == pattern.len()
        && stamp.bytes().zip(pattern.bytes()).all(|(found, wanted)| match wanted {
            b'0' => found.is_ascii_digit(),
            letter => found == letter,
        });
    fits.then(|| stamp.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_time() {
        assert_eq!(usual(Timestamp(0)), "anonchat-19700101T000000Z.tar.zst");
        let now = Timestamp(1_795_601_700_999);
        assert_eq!(rfc_3339(now), "2026-11-25T10:15:00Z");
        assert_eq!(before_schema(2, now), "before-schema-2-20261125T101500Z.tar.zst");
    }

    #[test]
    fn only_the_oldest_of_our_own_backups_go() {
        let folder = tempfile::tempdir().unwrap();
        let ours = [0, 1000, 2000, 3000].map(|at| usual(Timestamp(at)));
        let others = [
            "anonchat-notes.tar.zst",
            "anonchat-19700101T00000xZ.tar.zst",
            "anonchat-19700101T000000Z.tar",
            "before-schema-2-19700101T000000Z.tar.zst",
            "holiday.jpg",
        ];
        for name in ours.iter().map(String::as_str).chain(others) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let gone = prune(folder.path(), USUAL, 2).unwrap();
        assert_eq!(gone, [&ours[0], &ours[1]].map(|name| folder.path().join(name)));
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
        assert!(ours[2..].iter().all(|name| folder.path().join(name).exists()));
        assert_eq!(prune(folder.path(), BEFORE, 0).unwrap().len(), 1);
    }

    #[test]
    fn only_what_is_older_expires() {
        let folder = tempfile::tempdir().unwrap();
        let names = [1000, 2000].map(|at| before_schema(2, Timestamp(at)));
        let usual = usual(Timestamp(0));
        for name in names.iter().chain([&usual]) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let gone = expire(folder.path(), BEFORE, Timestamp(2000)).unwrap();
        assert_eq!(gone, [folder.path().join(&names[0])]);
        assert!([&names[1], &usual].iter().all(|name| folder.path().join(name).exists()));
    }
}
