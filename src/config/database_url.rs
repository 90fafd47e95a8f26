//! The address of a PostgreSQL database.

use std::fmt;

use serde_json::Value;

use super::setting::Written;

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

const HELP: &str = "use postgres://user:password@host:5432/database; in a password write % as \
                    %25, / as %2F, ? as %3F, # as %23 and @ as %40";

const NOT_BUILT: &str = "this program was built without PostgreSQL: build it with `cargo build \
                         --release --features postgres`, or leave the key out";

/// Where a PostgreSQL database is and how to get in. Shown, it keeps user and password to itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Reads a URL that leaves no doubt where its password ends.
    ///
    /// # Errors
    /// What to write in its place.
    pub fn parse(raw: &str) -> Result<Self, String> {
        let rest = SCHEMES.iter().find_map(|scheme| raw.strip_prefix(scheme));
        let is_plain = |c: char| c.is_ascii_graphic() && c != '#';
        match rest {
            Some(rest) if rest.chars().all(is_plain) && is_clear(rest) => Ok(Self(raw.to_owned())),
            _ => Err(HELP.to_owned()),
        }
    }

    /// The URL with all that is in it, for whoever connects.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether every `@` stands where a user's name and password end, and nowhere else.
fn is_clear(rest: &str) -> bool {
    let (authority, behind) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    authority.matches('@').count() <= 1 && !behind.contains('@')
}

impl Written for DatabaseUrl {
    fn read(value: &Value) -> Result<Self, String> {
        if !cfg!(feature = "postgres") {
            return Err(NOT_BUILT.to_owned());
        }
        Self::parse(value.as_str().unwrap_or_default())
    }

    fn write(&self) -> Value {
        self.to_string().into()
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let (place, has_options) = match rest.split_once('?') {
            Some((place, _)) => (place, true),
            None => (rest, false),
        };
        match place.split_once('@') {
            Some((_, host)) => write!(f, "{scheme}://…@{host}")?,
            None => write!(f, "{scheme}://{place}")?,
        }
        f.write_str(if has_options { "?…" } else { "" })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_url_is_where_the_database_is() {
        for (raw, shown) in [
            ("postgres://ann:secret@db.example:5433/chat", "postgres://…@db.example:5433/chat"),
            ("postgresql://ann@[::1]/chat", "postgresql://…@[::1]/chat"),
            ("postgres://db.example/chat?password=secret", "postgres://db.example/chat?…"),
            ("postgres://ann:secret@db.example?user=x", "postgres://…@db.example?…"),
            ("postgres://ann:s%40%2F@%2Frun%2Fpg/chat", "postgres://…@%2Frun%2Fpg/chat"),
            ("postgres://127.0.0.1", "postgres://127.0.0.1"),
        ] {
            let url = DatabaseUrl::parse(raw).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(url.expose(), raw);
            assert_eq!(format!("{url:?}"), "DatabaseUrl(…)");
        }
    }

    #[test]
    fn a_url_whose_password_might_end_elsewhere_is_refused() {
        for raw in [
            "",
            "chat",
            "mysql://ann@db.example/chat",
            "host=db.example password=secret",
            "postgres://ann:se@cret@db.example/chat",
            "postgres://ann:se/cret@db.example/chat",
            "postgres://ann:se?cret@db.example/chat",
            "postgres://ann:se#cret@db.example/chat",
            "postgres://ann:se cret@db.example/chat",
            "postgres://ann:тайна@db.example/chat",
        ] {
            assert_eq!(DatabaseUrl::parse(raw), Err(HELP.to_owned()), "{raw}");
        }
    }
}
