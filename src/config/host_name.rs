//! Names that the server answers to.

use serde_json::Value;

use super::{public_url::is_host, setting::Listed};

/// A host as a browser writes it in a `Host` header, without the port: lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    fn parse(raw: &str) -> Option<Self> {
        let lower = raw.to_ascii_lowercase();
        is_host(&lower).then_some(Self(lower))
    }

    /// The name: `chat.example.org`, `127.0.0.1`, `[::1]`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Listed for HostName {
    fn read_one(value: &Value) -> Result<Self, String> {
        value.as_str().and_then(Self::parse).ok_or_else(|| not_a_name(value))
    }

    fn write_one(&self) -> Value {
        self.as_str().into()
    }
}

fn not_a_name(value: &Value) -> String {
    format!(
        "{value} is not a host without a port; use a list such as [chat.example.org, \"[::1]\"]"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_without_a_port() {
        for (raw, host) in [
            ("Chat.Example.org", "chat.example.org"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(HostName::parse(raw).unwrap().as_str(), host);
        }
        for raw in ["", "chat.example.org:8080", "https://chat.example.org", "a b", "::1", "*"] {
            assert_eq!(HostName::parse(raw), None, "{raw}");
        }
    }
}
