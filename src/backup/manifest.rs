//! What a backup says about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::BackupError;
use crate::data_dir::{DATABASE, KEY, SIGNING_KEYS};

/// What a backup holds; its first entry, `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How the archive is laid out.
    pub format: u32,
    /// The version of the program that made it.
    pub app: String,
    /// When, as RFC 3339 in UTC.
    pub created_at: String,
    /// The version of the database's schema.
    pub schema: u32,
    /// Tells which secret key belongs to the data, and nothing about that key.
    pub key: Option<String>,
    /// Every other entry.
    pub files: BTreeMap<String, Contents>,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
}

/// What one file must be like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The one field that every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl Manifest {
    /// The layout that this program writes, and the newest it reads.
    pub const FORMAT: u32 = 1;

    pub(super) fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a manifest has only text keys");
        text + "\n"
    }

    pub(super) fn parse(text: &[u8]) -> Result<Self, BackupError> {
        let unreadable = |_| BackupError::refused("its manifest cannot be read");
        let head: Head = serde_json::from_slice(text).map_err(unreadable)?;
        if head.format > Self::FORMAT {
            let (found, known) = (head.format, Self::FORMAT);
            return Err(BackupError::Newer { what: "format", found, known });
        }
        let manifest: Self = serde_json::from_slice(text).map_err(unreadable)?;
        let known = |name: &String| [DATABASE, KEY, SIGNING_KEYS].contains(&name.as_str());
        if !manifest.files.contains_key(DATABASE) || !manifest.files.keys().all(known) {
            return Err(BackupError::refused(
                "its manifest names other files than those of a backup",
            ));
        }
        Ok(manifest)
    }

    /// Whether the secret key is in the backup.
    pub fn holds_key(&self) -> bool {
        self.files.contains_key(KEY)
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or_default()
    }
}
