//! Where the certificate is and its key, if the server itself speaks TLS.

use std::path::{Path, PathBuf};

/// Files in PEM. Both or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, followed by those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// Its key, which only the server's user and group can read.
    pub key: Option<PathBuf>,
}

impl Tls {
    /// The certificate and the key; `None` where TLS is not spoken.
    pub fn files(&self) -> Option<(&Path, &Path)> {
        self.certificate.as_deref().zip(self.key.as_deref())
    }

    /// What the server's own address begins with.
    pub fn scheme(&self) -> &'static str {
        if self.files().is_some() { "https" } else { "http" }
    }
}
