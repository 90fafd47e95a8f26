//! The operator that the configuration names.

use std::path::PathBuf;

use serde_json::Value;

use super::setting::Written;
use crate::domain::Login;

/// An operator's account that is made at the start while there is no operator. Both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BootstrapAdmin {
    /// A login that [`Login::parse`] accepts.
    pub login: Option<String>,
    /// The file that holds their password, on one line.
    pub password_file: Option<PathBuf>,
}

/// A login as it is written.
#[derive(Debug)]
pub(super) struct LoginText(pub(super) String);

impl Written for LoginText {
    fn read(value: &Value) -> Result<Self, String> {
        let login = value.as_str().and_then(|text| Login::parse(text).ok());
        login.map(|login| Self(login.as_str().to_owned())).ok_or_else(|| {
            "use 4 to 32 letters, digits, _ or -, in quotes if it looks like a number".to_owned()
        })
    }

    fn write(&self) -> Value {
        self.0.as_str().into()
    }
}
