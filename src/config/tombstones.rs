//! Keys that there once were. They only warn, so that no upgrade keeps a server from starting.

use super::keys::variable;

/// A key that was renamed or given up.
#[derive(Clone, Copy, Debug)]
pub struct Tombstone {
    /// What it was called, in full.
    pub key: &'static str,
    /// What it is called now; `None` if there is no such thing any more.
    pub now: Option<&'static str>,
}

/// The keys that were renamed or given up since the first release.
pub const TOMBSTONES: &[Tombstone] = &[];

impl Tombstone {
    /// Whether it stood in a section of this name.
    pub(super) fn is_below(&self, section: &str) -> bool {
        self.key.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
    }

    pub(super) fn what(&self) -> String {
        match self.now {
            Some(now) => format!("{} is called {now} now", self.key),
            None => format!("there is no key {} any more; it does nothing", self.key),
        }
    }

    pub(super) fn help(&self) -> String {
        match self.now {
            Some(now) => format!("rename it; as a variable it is {}", variable(now)),
            None => "take it out".to_owned(),
        }
    }
}
