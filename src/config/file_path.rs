//! Paths of files that the configuration names.

use std::path::PathBuf;

use serde_json::Value;

use super::setting::Written;

/// The path of a file as it is written.
#[derive(Debug)]
pub(super) struct FilePath(pub(super) PathBuf);

impl Written for FilePath {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some(path) if !path.trim().is_empty() => Ok(Self(path.into())),
            _ => Err("use the path of a file, in quotes if it looks like a number".to_owned()),
        }
    }

    fn write(&self) -> Value {
        self.0.to_string_lossy().into()
    }
}
