//! What a command says when it cannot do as asked.

use std::error::Error;

use super::{Exit, Output};
use crate::{
    app::{StartError, offline::OfflineError},
    backup::BackupError,
    config::ConfigError,
    data_dir::DataDirError,
};

/// Why a command did not do as asked.
#[derive(Debug)]
pub enum Trouble {
    /// The configuration cannot be accepted; it says itself what to do about each problem.
    Config(ConfigError),
    /// Anything else.
    Other {
        /// What went wrong and what caused it, on one line.
        line: String,
        /// What to do about it.
        help: Option<&'static str>,
        /// How the program ends.
        exit: Exit,
    },
}

impl Trouble {
    /// An error, what to do about it, and how the program ends.
    pub fn new(error: &dyn Error, help: impl Into<Option<&'static str>>, exit: Exit) -> Self {
        Self::Other { line: chain(error), help: help.into(), exit }
    }
}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<DataDirError> for Trouble {
    fn from(error: DataDirError) -> Self {
        let exit = match error {
            DataDirError::InUse { .. } => Exit::InUse,
            DataDirError::Missing { .. }
            | DataDirError::Unusable { .. }
            | DataDirError::Owner { .. } => Exit::Failure,
        };
        Self::new(&error, error.help(), exit)
    }
}

impl From<StartError> for Trouble {
    fn from(error: StartError) -> Self {
        let exit = match error {
            StartError::DataDir(error) => return error.into(),
            StartError::Newer { .. } | StartError::Identity(_) => Exit::BadConfig,
            StartError::NoCopy(BackupError::Busy { .. }) => Exit::InUse,
            StartError::NoCopy(_)
            | StartError::Key(_)
            | StartError::SigningKeys(_)
            | StartError::Database { .. }
            | StartError::Elsewhere { .. }
            | StartError::Listen { .. }
            | StartError::Passed(_)
            | StartError::Operator(_)
            | StartError::System(_) => Exit::Failure,
        };
        Self::new(&error, error.help(), exit)
    }
}

impl From<BackupError> for Trouble {
    fn from(error: BackupError) -> Self {
        let exit = match error {
            BackupError::Busy { .. } => Exit::InUse,
            BackupError::Newer { .. } => Exit::BadConfig,
            _ => Exit::Failure,
        };
        Self::new(&error, error.help(), exit)
    }
}

impl From<OfflineError> for Trouble {
    fn from(error: OfflineError) -> Self {
        match error {
            OfflineError::DataDir(error) => error.into(),
            OfflineError::Backup(error) => error.into(),
            OfflineError::Start(error) => error.into(),
        }
    }
}

impl Output<'_> {
    /// Prints what went wrong while running, and what to do about it.
    pub(super) fn fail(&mut self, line: String, help: &'static str) -> Exit {
        self.explain(&Trouble::Other { line, help: Some(help), exit: Exit::Failure })
    }

    /// Prints the answer, or what went wrong.
    pub(super) fn conclude(&mut self, done: Result<String, Trouble>) -> Exit {
        match done {
            Ok(text) => self.answer(&text),
            Err(trouble) => self.explain(&trouble),
        }
    }

    /// Prints what went wrong and what to do about it.
    pub fn explain(&mut self, trouble: &Trouble) -> Exit {
        match trouble {
            Trouble::Config(error) => self.reject(error),
            Trouble::Other { line, help, exit } => {
                // Where standard error is gone, the exit status still tells.
                let _ = writeln!(self.err, "error: {line}");
                if let Some(help) = help {
                    let _ = writeln!(self.err, " help: {help}");
                }
                *exit
            }
        }
    }
}

/// An error with what caused it, on one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
