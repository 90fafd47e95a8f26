//! Which web pages may open a socket (WS-03): without this check any page that a member visits
//! could speak in their name, had it their token.

use axum::http::{
    HeaderMap,
    header::{HOST, ORIGIN},
};

use crate::{api::problem::Problem, protocol::ErrorCode};

/// A browser's page must come from this server, or from where the operator `allowed` it; programs
/// name no origin and are let through.
///
/// # Errors
/// `forbidden` for every other origin, `null` included.
pub(super) fn check(
    headers: &HeaderMap,
    public: Option<&str>,
    allowed: &[String],
) -> Result<(), Problem> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return Ok(()) };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let may_connect = origin.to_str().is_ok_and(|origin| {
        is_own(origin, host, public) || allowed.iter().any(|allowed| allowed == origin)
    });
    if may_connect && origins.next().is_none() {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "This page may not connect to the server."))
}

fn is_own(origin: &str, host: Option<&str>, public: Option<&str>) -> bool {
    if public == Some(origin) {
        return true;
    }
    let Some(host) = host.filter(|_| public.is_none()) else { return false };
    // Behind a proxy that speaks TLS, the page's scheme is not the connection's.
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority == Some(host)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("chat.example.org:8080"));
        headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        headers
    }

    #[test]
    fn the_servers_own_page_and_programs_may_connect() {
        assert!(check(&headers("http://chat.example.org:8080"), None, &[]).is_ok());
        assert!(check(&headers("https://chat.example.org:8080"), None, &[]).is_ok());
        assert!(check(&HeaderMap::new(), None, &[]).is_ok());
    }

    #[test]
    fn other_pages_may_not() {
        let evil = [
            "null",
            "http://chat.example.org",
            "http://chat.example.org:8081",
            "http://evil.example",
            "http://chat.example.org:8080.evil.example",
            "http://evil.example/chat.example.org:8080",
            "http://chat.example.org:8080@evil.example",
            "ftp://chat.example.org:8080",
            "http://CHAT.example.org:8080",
            "",
        ];
        for origin in evil {
            let allowed = ["https://app.example.org".to_owned()];
            assert!(check(&headers(origin), None, &[]).is_err(), "{origin}");
            assert!(check(&headers(origin), None, &allowed).is_err(), "{origin}");
        }
    }

    #[test]
    fn a_page_that_the_operator_allowed_may_connect() {
        let allowed = ["https://app.example.org".to_owned()];
        let public = Some("https://chat.example.org");
        assert!(check(&headers("https://app.example.org"), public, &allowed).is_ok());
        assert!(check(&headers("https://chat.example.org"), public, &allowed).is_ok());
        assert!(check(&headers("https://app.example.org:8443"), public, &allowed).is_err());
    }

    #[test]
    fn a_public_origin_is_the_only_one() {
        let public = Some("https://chat.example.org");
        assert!(check(&headers("https://chat.example.org"), public, &[]).is_ok());
        assert!(check(&headers("http://chat.example.org:8080"), public, &[]).is_err());
    }

    #[test]
    fn two_origins_are_none() {
        let mut both = headers("http://chat.example.org:8080");
        both.append(ORIGIN, HeaderValue::from_static("http://evil.example"));
        assert!(check(&both, None, &[]).is_err());
    }
}
