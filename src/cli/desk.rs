//! What commands for operators have in common.

use std::io;

use serde_json::Value;

use super::{Exit, Output, Sources, Trouble};
use crate::{
    app::{self, Desk, DeskError},
    auth::RegisterError,
    data_dir::DataDir,
    domain::Password,
};

/// More is no password.
const LONGEST_INPUT: u64 = 16 * 1024;

/// Which data a command works on.
#[derive(Clone, Copy)]
pub(super) enum Data {
    /// Only what is there.
    There,
    /// New data if there is none.
    MayBeNew,
}

/// Has `work` done on the data that the configuration names.
pub(super) fn at_desk<T>(
    output: &mut Output,
    sources: &Sources,
    data: Data,
    work: impl AsyncFnOnce(&Desk) -> Result<T, DeskError>,
) -> Result<T, Trouble> {
    let config = output.load(sources)?.config;
    let path = &config.storage.data_dir;
    let data_dir = match data {
        Data::There => DataDir::find(path)?,
        Data::MayBeNew => DataDir::make(path)?,
    };
    Ok(app::at_desk(&data_dir, &config, work)?)
}

/// A password from standard input; the end of the line does not belong to it.
pub(super) fn password() -> Result<Password, Trouble> {
    let stdin = io::Read::take(io::stdin().lock(), LONGEST_INPUT);
    let text = io::read_to_string(stdin).map_err(|error| {
        let help = "write the password, as UTF-8, to standard input";
        Trouble::new(&error, help, Exit::Failure)
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Password::parse(line)
        .map_err(|invalid| DeskError::Account(RegisterError::Password(invalid)).into())
}

/// As it is printed.
pub(super) fn json_text(value: &Value) -> String {
    format!("{value:#}\n")
}

impl From<DeskError> for Trouble {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Start(error) => error.into(),
            other => Self::new(&other, other.help(), Exit::Failure),
        }
    }
}
