//! Keys whose values are secrets: the files they can come from, and what is shown in their place.
//!
//! A secret stands in the file or in its variable like any other value, or, better, alone in a file
//! that `ANONCHAT_…_FILE` names, or in a credential of systemd that is called like the key.

use std::{fs, path::Path};

use super::{
    error::{Origin, Problem},
    keys::variable,
};

/// The variable in which systemd says where a service's credentials are.
pub(super) const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Every key that holds a secret.
pub(super) const SECRETS: &[&str] = &["storage.url"];

pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// The secret whose file this variable names, as `ANONCHAT_STORAGE__URL_FILE` does.
pub(super) fn named_by(name: &str) -> Option<&'static str> {
    let plain = name.strip_suffix("_FILE")?;
    SECRETS.iter().copied().find(|key| variable(key) == plain)
}

/// The secret in a file: its text without the line's end. An empty file says nothing.
pub(super) fn read(path: &Path, origin: &Origin) -> Result<String, Problem> {
    let text = fs::read_to_string(path).map_err(|error| Problem {
        origin: origin.clone(),
        what: format!("{} cannot be read: {error}", path.display()),
        help: "name a text file that this user may read and nobody else".to_owned(),
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A text that somebody wrote in the wrong place, without what may be the password of a URL in it.
pub(super) fn veiled(text: &str) -> String {
    match text.split_once("://") {
        Some((before, behind)) if behind.contains(['@', '?']) => format!("{before}://…"),
        _ => text.to_owned(),
    }
}
