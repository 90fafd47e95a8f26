//! The address under which people reach the server.

use std::fmt;

use serde_json::Value;

use super::setting::{Listed, Written};

/// Scheme, host and port as a browser writes them in an `Origin` header: lower case, no port where
/// it is the scheme's own. Then, where a proxy shows the server under a path, that path.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    /// Where the origin ends.
    origin: usize,
}

impl PublicUrl {
    fn parse(raw: &str) -> Option<Self> {
        let (scheme, rest) = raw.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
        let default_port = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        let (host, port) = split_port(&authority)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        if !is_host(host) || !is_path(path) {
            return None;
        }
        let origin = match port.filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Some(Self { url: format!("{origin}{path}"), origin: origin.len() })
    }

    /// The URL without a slash at its end: `https://chat.example.org`, `https://example.org/chat`.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port: `https://example.org`.
    pub fn origin(&self) -> &str {
        &self.url[..self.origin]
    }

    /// The host alone: `chat.example.org`.
    pub fn host(&self) -> &str {
        let authority = self.origin().split_once("://").map_or("", |(_, authority)| authority);
        split_port(authority).map_or(authority, |(host, _)| host)
    }

    /// The path without a slash at its end: `/chat`, or nothing.
    pub fn path(&self) -> &str {
        &self.url[self.origin..]
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

/// Nothing, or a path that is plain on every way there and unlike any of the server's own.
fn is_path(path: &str) -> bool {
    let mut segments = path.split('/');
    let is_plain = |segment: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'~');
        !segment.is_empty() && segment.bytes().all(is_plain)
    };
    segments.next() == Some("")
        && !matches!(segments.clone().next(), Some("api" | "assets" | "healthz" | "readyz"))
        && segments.all(is_plain)
}

impl Written for PublicUrl {
    fn read(value: &Value) -> Result<Self, String> {
        value.as_str().and_then(Self::parse).ok_or_else(|| {
            "use a URL such as https://chat.example.org or https://example.org/chat (other scripts \
             as xn--…; in a path letters, digits, - _ ~, and nothing of the server's own, as /api)"
                .to_owned()
        })
    }

    fn write(&self) -> Value {
        self.url.as_str().into()
    }
}

/// In a list they are origins, so without a path.
impl Listed for PublicUrl {
    fn read_one(value: &Value) -> Result<Self, String> {
        let url = Self::read(value)?;
        let refused = || "leave out the path: all pages of an origin are one".to_owned();
        if url.path().is_empty() { Ok(url) } else { Err(refused()) }
    }

    fn write_one(&self) -> Value {
        self.write()
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicUrl({})", self.url)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
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
            let url = PublicUrl::parse(raw).unwrap();
            assert_eq!((url.as_str(), url.origin(), url.path()), (origin, origin, ""));
        }
    }

    #[test]
    fn a_path_keeps_its_letters_and_loses_its_last_slash() {
        for (raw, path) in [
            ("HTTPS://Example.org/Chat", "/Chat"),
            ("https://example.org:443/chat/", "/chat"),
            ("https://example.org/a-b/c_d~1", "/a-b/c_d~1"),
        ] {
            let url = PublicUrl::parse(raw).unwrap();
            assert_eq!((url.origin(), url.path()), ("https://example.org", path));
            assert_eq!(url.as_str(), format!("https://example.org{path}"));
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        let read = |raw: &str| Vec::<PublicUrl>::read(&raw.into()).is_ok();
        assert!(read("https://example.org/"));
        assert!(!read("https://example.org/chat"));
    }

    #[test]
    fn the_host_stands_without_scheme_and_port() {
        for (raw, host) in [
            ("https://Chat.example.org", "chat.example.org"),
            ("https://chat.example.org:8443/chat", "chat.example.org"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            assert_eq!(PublicUrl::parse(raw).unwrap().host(), host);
        }
    }

    #[test]
    fn a_public_url_has_a_scheme_a_host_and_at_most_a_plain_path() {
        for raw in [
            "",
            "chat.example.org",
            "https://",
            "https://example.org//",
            "https://example.org/chat//",
            "https://example.org/a//b",
            "https://example.org/../chat",
            "https://example.org/chat.html",
            "https://example.org/%63hat",
            "https://example.org/chat?x",
            "https://example.org/chat#x",
            "https://example.org/чат",
            "https://example.org/api",
            "https://example.org/assets/chat",
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
