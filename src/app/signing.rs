//! The keys that sign access tokens: how an operator changes them, and how a server that runs hears
//! of it.

use std::time::Duration;

use super::{StartError, open_wall};
use crate::{
    anonymity::{SigningKeys, Wall},
    api::AppState,
    config::Config,
    data_dir::DataDir,
    domain::Timestamp,
};

/// A replaced key is believed this much longer than its last token lives, for clocks that differ
/// and a server that hears of the new key some seconds later.
const MARGIN: Duration = Duration::from_mins(1);

/// The keys in a data directory.
pub(super) fn read(data_dir: &DataDir, wall: &Wall) -> Result<SigningKeys, StartError> {
    let keys = SigningKeys::load(&data_dir.signing_keys())?;
    Ok(keys.unwrap_or_else(|| SigningKeys::first(wall.access_token_key())))
}

/// The keys of the server whose configuration this is; `None` where it has none yet. The data
/// directory must be there. Changes nothing.
///
/// # Errors
/// [`StartError`] when they cannot be read or trusted.
pub fn signing_keys(config: &Config) -> Result<Option<SigningKeys>, StartError> {
    let data_dir = DataDir::find(&config.storage.data_dir)?;
    match SigningKeys::load(&data_dir.signing_keys())? {
        None if data_dir.key().exists() => read(&data_dir, &open_wall(&data_dir)?).map(Some),
        keys => Ok(keys),
    }
}

/// Makes a new key, which signs from `now` on. The one before it is believed until the last tokens
/// that it signed have run out; with `at_once`, no other key is believed any more.
///
/// A server that runs hears of it within seconds.
///
/// # Errors
/// [`StartError`]; the keys are as they were then.
pub fn rotate_signing_key(
    config: &Config,
    at_once: bool,
    now: Timestamp,
) -> Result<SigningKeys, StartError> {
    let data_dir = DataDir::make(&config.storage.data_dir)?;
    let wall = open_wall(&data_dir)?;
    // Of two at once, the second sees the key of the first.
    let _keys = data_dir.lock_signing_keys()?;
    let keys = if at_once {
        SigningKeys::anew(now)
    } else {
        let until = now.plus(config.auth.access_token_ttl).plus(MARGIN);
        read(&data_dir, &wall)?.rotate(now, until)
    };
    keys.store(&data_dir.signing_keys())?;
    Ok(keys)
}

/// Uses other keys than `known` if there are; the keys that are used now.
pub(super) fn take_over(
    app: &AppState,
    data_dir: &DataDir,
    known: &SigningKeys,
) -> Result<SigningKeys, StartError> {
    let keys = read(data_dir, &app.wall)?;
    if keys != *known {
        app.auth.set_signing_keys(&keys);
        tracing::info!("access tokens are signed with another key from now on");
    }
    Ok(keys)
}
