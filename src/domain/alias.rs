//! Who somebody is in one room.

use std::{fmt, sync::Arc};

use super::ClientId;

/// A readable name such as `Quiet Heron`: uniform random, unique in its room.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Handle(Arc<str>);

impl Handle {
    /// Wraps a name that `anonymity` made or the store gave back.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(…)")
    }
}

/// The identity a person wears in one room, and in that room only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Random, this room only.
    pub client_id: ClientId,
    /// The name others read.
    pub handle: Handle,
}
