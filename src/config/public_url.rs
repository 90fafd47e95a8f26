//! The address under which people reach the server.

use std::fmt;

use serde_json::Value;

use super::setting::{Written, list, list_schema};

/// Scheme, host and port as a browser writes them in an `Origin` header: lower case, no port where
/// it is the scheme's own, no path.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    fn parse(raw: &str) -> Option<Self> {
        let lower = raw.to_ascii_lowercase();
        let (scheme, rest) = lower.split_once("://")?;
        let default_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest))?;
        if !is_host(host) {
            return None;
        }
        Some(Self(match port.filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    /// The URL without a slash at its end: `https://chat.example.org`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host alone: `chat.example.org`.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, authority)| authority);
        split_port(authority).map_or(authority, |(host, _)| host)
    }

    /// Whether browsers reach the server over TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// The host and, where one is written, the port; `None` if what is written is no port.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, Some(port.parse().ok()?))),
        _ => Some((authority, None)),
    }
}

/// Whether this is a name or an address as it stands in a URL.
pub(super) fn is_host(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(is_label)
}

impl Written for PublicUrl {
    fn read(value: &Value) -> Result<Self, String> {
        value.as_str().and_then(Self::parse).ok_or_else(|| {
            "use a URL without a path, such as https://chat.example.org (other scripts as xn--…)"
                .to_owned()
        })
    }

    fn write(&self) -> Value {
        self.0.as_str().into()
    }
}

/// Origins; one alone is a list as well.
impl Written for Vec<PublicUrl> {
    fn read(value: &Value) -> Result<Self, String> {
        list(value).iter().map(PublicUrl::read).collect()
    }

    fn write(&self) -> Value {
        self.iter().map(Written::write).collect()
    }

    fn schema() -> Value {
        list_schema()
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicUrl({})", self.0)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_written_as_a_browser_writes_an_origin() {
        for (raw, origin) in [
            ("https://chat.example.org", "https://chat.example.org"),
            ("HTTPS://Chat.Example.org:443/", "https://chat.example.org"),
            ("https://chat.example.org:8443", "https://chat.example.org:8443"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
        ] {
            assert_eq!(PublicUrl::parse(raw).unwrap().as_str(), origin);
        }
    }

    #[test]
    fn the_host_stands_without_scheme_and_port() {
        for (raw, host) in [
            ("https://Chat.example.org", "chat.example.org"),
            ("https://chat.example.org:8443", "chat.example.org"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            assert_eq!(PublicUrl::parse(raw).unwrap().host(), host);
        }
    }

    #[test]
    fn a_public_url_has_a_scheme_a_host_and_nothing_behind() {
        for raw in [
            "",
            "chat.example.org",
            "https://",
            "https://chat.example.org/chat",
            "https://me@chat.example.org",
            "https://chat.example.org?x",
            "https://chat .example.org",
            "https://чат.example.org",
            "https://chat.example.org:99999",
            "https://[chat]",
            "ftp://chat.example.org",
        ] {
            assert_eq!(PublicUrl::parse(raw), None, "{raw}");
        }
    }
}
