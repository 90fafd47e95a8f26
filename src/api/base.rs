//! The path under which a proxy shows the server. Some proxies take it away, others leave it to the
//! server.

use axum::http::{Uri, uri::PathAndQuery};

/// The address inside of the server: `uri` without `base` in front, if that is there.
pub(super) fn inside(base: &str, uri: Uri) -> Uri {
    let Some(rest) = rest(base, &uri) else { return uri };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest);
    Uri::from_parts(parts).unwrap_or(uri)
}

fn rest(base: &str, uri: &Uri) -> Option<PathAndQuery> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base).filter(|_| !base.is_empty())?;
    match rest.chars().next() {
        Some('/') => rest.parse().ok(),
        None | Some('?') => format!("/{rest}").parse().ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_taken_away_and_nothing_else() {
        for (base, outside, within) in [
            ("/chat", "/chat/api/v1/status?x=/chat/y", "/api/v1/status?x=/chat/y"),
            ("/chat", "/chat/", "/"),
            ("/chat", "/chat", "/"),
            ("/chat", "/chat?x", "/?x"),
            ("/chat", "http://example.org/chat/r/1", "http://example.org/r/1"),
            ("/chat", "/chat/chat/x", "/chat/x"),
            ("/chat", "/chats/x", "/chats/x"),
            ("/chat", "/api/v1/status", "/api/v1/status"),
            ("/chat", "/", "/"),
            ("", "/chat/x", "/chat/x"),
            ("", "*", "*"),
        ] {
            let uri = inside(base, outside.parse().unwrap());
            assert_eq!(uri, within.parse::<Uri>().unwrap(), "{outside}");
        }
    }
}
