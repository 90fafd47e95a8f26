//! What every answer tells a browser, and what it tells nobody.

use std::{collections::HashSet, fs, io::Read};

use anonchat::config::{self, Flags, PublicUrl};
use flate2::read::GzDecoder;
use reqwest::{Method, Response, header::HeaderMap};
use serde_json::json;

use crate::harness::{PASSWORD, Server, connect};

const UI_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types anonchat-worker";

/// One answer of every kind: what was asked, and the headers that came.
async fn all_kinds(server: &Server) -> Vec<(String, HeaderMap)> {
    let ann = server.register("ann").await;
    let script = script_of_the_ui(server).await;
    let mut kinds = Vec::new();
    for (method, path, body) in [
        (Method::GET, "/api/v1/status", None),
        (Method::HEAD, "/api/v1/status", None),
        (Method::GET, "/api/v1/openapi.json", None),
        (Method::GET, "/api/v1/auth/validate", None),
        (Method::GET, "/api/v1/rooms/ws", None),
        (Method::GET, "/api/v1/nothing", None),
        (Method::GET, "/api/", None),
        (Method::DELETE, "/api/v1/status", None),
        (Method::OPTIONS, "/api/v1/rooms", None),
        (Method::POST, "/api/v1/auth/login", None),
        (Method::POST, "/api/v1/auth/login", Some(json!({}))),
        (
            Method::POST,
            "/api/v1/auth/login",
            Some(json!({ "login": ann.login, "password": PASSWORD })),
        ),
        (Method::POST, "/api/v1/auth/login", Some(json!({ "login": "x".repeat(1 << 16) }))),
        (Method::GET, "/", None),
        (Method::HEAD, "/", None),
        (Method::POST, "/", None),
        (Method::GET, "/r/ABCDEFGHJKMNPQRS", None),
        (Method::GET, "/missing.js", None),
        (Method::GET, "/icon.svg", None),
        (Method::GET, script.as_str(), None),
    ] {
        let url = format!("http://{}{path}", server.authority());
        let mut request = server.http.request(method.clone(), url);
        request = request
            .header("x-request-id", "chosen-by-the-client")
            .header("origin", "https://evil.example");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let sent = request.send().await.unwrap();
        kinds.push((format!("{method} {path} {}", sent.status()), sent.headers().clone()));
    }
    kinds
}

async fn fetch(server: &Server, path: &str) -> Response {
    server.http.get(format!("http://{}{path}", server.authority())).send().await.unwrap()
}

/// The address of a script that the page loads.
async fn script_of_the_ui(server: &Server) -> String {
    let page = fetch(server, "/").await.text().await.unwrap();
    let start = page.find("/assets/").expect("the page loads something");
    page[start..].split('"').next().unwrap().to_owned()
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_request_id_of_its_own() {
    let server = Server::start().await;
    let mut seen = HashSet::new();
    for _ in 0..2 {
        let server = Server::start().await;
        for (what, headers) in all_kinds(&server).await {
            let id = value(&headers, "x-request-id").to_owned();
            assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{what}: {id}");
            assert!(seen.insert(id), "{what}");
        }
    }
    let refused = server.register("ann").await.try_join("x", "").await.err().expect("no seat");
    assert!(refused.headers.contains_key("x-request-id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_tells_browsers_to_be_careful() {
    let server = Server::start().await;
    for (what, headers) in all_kinds(&server).await {
        assert_eq!(value(&headers, "x-content-type-options"), "nosniff", "{what}");
        assert_eq!(value(&headers, "referrer-policy"), "no-referrer", "{what}");
        assert_eq!(value(&headers, "cross-origin-resource-policy"), "same-origin", "{what}");
        if what.contains("/api") {
            assert_eq!(value(&headers, "cache-control"), "no-store", "{what}");
            let policy = "default-src 'none'; frame-ancestors 'none'";
            assert_eq!(value(&headers, "content-security-policy"), policy, "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_says_what_runs_here_or_lets_another_page_read_it() {
    let server = Server::start().await;
    for (what, headers) in all_kinds(&server).await {
        for name in ["server", "x-powered-by", "via", "set-cookie", "strict-transport-security"] {
            assert!(!headers.contains_key(name), "{what}: {name}");
        }
        for (name, value) in &headers {
            assert!(!name.as_str().starts_with("access-control-"), "{what}: {name}");
            let value = value.to_str().unwrap();
            for told in [env!("CARGO_PKG_VERSION"), "hyper", "axum", "127.0.0.1", "evil.example"] {
                assert!(!value.contains(told), "{what}: {name}: {value}");
            }
        }
    }
    let status = server.get("/status").await;
    assert!(status.granted(200).is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_that_a_request_names_is_not_repeated() {
    let server = Server::start().await;
    for path in ["/", "/api/v1/status", "/api/v1/nothing", "/missing.js", "/assets"] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let answer = server.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 ") && !answer.contains("evil.example"), "{answer}");
        assert!(!answer.to_lowercase().contains("\nlocation:"), "{answer}");
    }
}

/// The status line of the answer to a request for that host, and whether it says that the name is
/// wrong.
async fn asked_for(server: &Server, host: &str, path: &str) -> (String, bool) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let answer = server.raw(request.as_bytes()).await;
    let is_misdirected = answer.contains("\"code\":\"misdirected_request\"");
    (answer.lines().next().unwrap_or_default().to_owned(), is_misdirected)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_names_that_the_operator_wants_are_answered_to() {
    let server = Server::start_with(|config| {
        config.server = from_yaml(
            "allowed-hosts: [Inside.example, \"[::1]\"]\n  \
                                   public-url: https://chat.example.org:8443",
        );
    })
    .await;
    for path in ["/", "/api/v1/status", "/missing.js"] {
        for host in ["inside.example", "INSIDE.example:80", "chat.example.org", "[::1]:8080"] {
            let (line, is_misdirected) = asked_for(&server, host, path).await;
            assert!(!line.contains(" 421 ") && !is_misdirected, "{host}{path}: {line}");
        }
        for host in ["evil.example", "inside.example.evil.example", "", "[::2]", "example"] {
            let (line, is_misdirected) = asked_for(&server, host, path).await;
            assert!(line.contains(" 421 ") && is_misdirected, "{host}{path}: {line}");
        }
    }
    let (line, _) = asked_for(&server, "10.0.0.7", "/healthz").await;
    assert!(line.contains(" 200 "), "probes come under any name: {line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_operator_allowed_may_use_the_api_and_no_other() {
    let server = Server::start_with(|config| {
        config.server = from_yaml("allowed-origins: https://app.example.org");
    })
    .await;
    let ask = async |method: Method, path: &str, origin: &str| {
        let request = server.http.request(method, server.url(path)).header("origin", origin);
        let request = request.header("access-control-request-method", "PATCH");
        let request = request.header("access-control-request-headers", "authorization");
        request.send().await.unwrap().headers().clone()
    };
    for (method, path) in
        [(Method::OPTIONS, "/rooms"), (Method::GET, "/status"), (Method::GET, "/auth/validate")]
    {
        let ours = ask(method.clone(), path, "https://app.example.org").await;
        assert_eq!(value(&ours, "access-control-allow-origin"), "https://app.example.org");
        assert!(value(&ours, "vary").contains("origin"));
        assert_eq!(value(&ours, "cache-control"), "no-store");
        for origin in ["https://evil.example", "null", "https://app.example.org.evil.example"] {
            let theirs = ask(method.clone(), path, origin).await;
            assert!(!theirs.contains_key("access-control-allow-origin"), "{origin}");
        }
        assert!(!ours.contains_key("access-control-allow-credentials"));
    }
    let before = ask(Method::OPTIONS, "/rooms", "https://app.example.org").await;
    assert!(value(&before, "access-control-allow-methods").contains("PATCH"));
    assert!(value(&before, "access-control-allow-headers").contains("authorization"));
    let ann = server.register("ann").await;
    let room = ann.create_room("across", 2).await;
    for (origin, is_let_in) in [("https://app.example.org", true), ("https://evil.example", false)]
    {
        let mut request = ann.socket_request(&room, "");
        request.headers_mut().insert("origin", origin.parse().unwrap());
        assert_eq!(connect(request, ann.way.from).await.is_ok(), is_let_in, "{origin}");
    }
}

/// The section `server` of a configuration, which listens on a free port without limits.
fn from_yaml(keys: &str) -> config::Server {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("anonchat.yaml");
    let yaml = format!("server:\n  addr: 127.0.0.1:0\n  rate-limits:\n    mode: off\n  {keys}\n");
    fs::write(&file, yaml).unwrap();
    config::load(&Flags::default(), [], &file).unwrap().config.server
}

/// The setting as somebody would write it.
pub fn public_url(url: &str) -> Option<PublicUrl> {
    from_yaml(&format!("public-url: {url}")).public_url
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_server_that_is_reached_over_tls_asks_browsers_to_stay_there() {
    for (url, expected) in [
        ("https://chat.example.org", "max-age=63072000; includeSubDomains"),
        ("http://chat.example.org", ""),
    ] {
        let server = Server::start_with(|config| config.server.public_url = public_url(url)).await;
        for path in ["/", "/api/v1/status", "/api/v1/nothing", "/missing.js"] {
            let sent = fetch(&server, path).await;
            assert_eq!(value(sent.headers(), "strict-transport-security"), expected, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_may_do_what_it_needs_and_nothing_else() {
    let server = Server::start().await;
    for path in ["/", "/index.html", "/r/ABCDEFGHJKMNPQRS", "/login"] {
        let sent = fetch(&server, path).await;
        assert_eq!(sent.status(), 200, "{path}");
        let headers = sent.headers();
        assert_eq!(value(headers, "content-type"), "text/html; charset=utf-8");
        assert_eq!(value(headers, "content-security-policy"), UI_POLICY);
        assert_eq!(value(headers, "x-frame-options"), "DENY");
        assert_eq!(value(headers, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(value(headers, "cache-control"), "no-cache");
        for feature in ["camera=()", "microphone=()", "geolocation=()"] {
            assert!(value(headers, "permissions-policy").contains(feature));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline() {
    let server = Server::start().await;
    let page = fetch(&server, "/").await.text().await.unwrap();
    for script in page.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("src=\"/") && rest.starts_with("</script>"), "{tag}");
    }
    for forbidden in [
        "<style",
        " style=",
        "http://",
        "https://",
        "src=\"//",
        "href=\"//",
        "javascript:",
        " onload=",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let addresses = page.split(" href=\"").skip(1).chain(page.split(" src=\"").skip(1));
    for path in addresses.map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(fetch(&server, path).await.status(), 200, "{path}");
    }
    let script = script_of_the_ui(&server).await;
    assert_eq!(fetch(&server, &format!("{script}.map")).await.status(), 404);
    let source = fetch(&server, &script).await.text().await.unwrap();
    assert!(!source.contains("sourceMappingURL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_can_install_the_ui() {
    let server = Server::start().await;
    for (path, kind) in [
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/icon-192.png", "image/png"),
        ("/icon-512.png", "image/png"),
        ("/icon-maskable-512.png", "image/png"),
    ] {
        let sent = fetch(&server, path).await;
        assert_eq!(sent.status(), 200, "{path}");
        assert_eq!(value(sent.headers(), "content-type"), kind, "{path}");
        assert_eq!(value(sent.headers(), "cache-control"), "no-cache", "{path}");
    }
    let manifest = fetch(&server, "/manifest.webmanifest").await.text().await.unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for icon in manifest["icons"].as_array().unwrap() {
        // Named from where the manifest is.
        let path = format!("/{}", icon["src"].as_str().unwrap());
        assert_eq!(fetch(&server, &path).await.status(), 200, "{path}");
    }
    let worker = fetch(&server, "/sw.js").await.text().await.unwrap();
    let page = fetch(&server, "/").await.text().await.unwrap();
    let script = script_of_the_ui(&server).await;
    let script = script.trim_start_matches('/');
    assert!(worker.contains(&format!("\"{script}\"")) && page.contains("webmanifest"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_ui_is_fetched_once_as_long_as_it_is_the_same() {
    let server = Server::start().await;
    let script = script_of_the_ui(&server).await;
    for (path, caching) in [
        ("/", "no-cache"),
        ("/icon.svg", "no-cache"),
        ("/sw.js", "no-cache"),
        (&script, "public, max-age=31536000, immutable"),
    ] {
        let sent = fetch(&server, path).await;
        assert_eq!(value(sent.headers(), "cache-control"), caching, "{path}");
        let tag = value(sent.headers(), "etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        let url = format!("http://{}{path}", server.authority());
        for (known, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("\"other\"".to_owned(), 200),
            (String::new(), 200),
        ] {
            let sent = server.http.get(&url).header("if-none-match", &known).send().await.unwrap();
            assert_eq!(sent.status(), status, "{path} {known}");
            assert_eq!(value(sent.headers(), "etag"), tag);
            assert_eq!(value(sent.headers(), "cache-control"), caching);
            assert_eq!(sent.bytes().await.unwrap().is_empty(), status == 304);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_the_ui_are_compressed_for_whoever_understands_it() {
    let server = Server::start().await;
    let url = format!("http://{}{}", server.authority(), script_of_the_ui(&server).await);
    let plain = server.http.get(&url).send().await.unwrap();
    assert!(!plain.headers().contains_key("content-encoding"));
    assert_eq!(value(plain.headers(), "vary"), "accept-encoding");
    let mut tags = vec![value(plain.headers(), "etag").to_owned()];
    let plain = plain.bytes().await.unwrap();
    for (encoding, unpack) in [("br", unbrotli as fn(&[u8]) -> Vec<u8>), ("gzip", gunzip)] {
        let request = server.http.get(&url).header("accept-encoding", encoding);
        let again = request.try_clone().unwrap();
        let sent = request.send().await.unwrap();
        assert_eq!(value(sent.headers(), "content-encoding"), encoding);
        assert_eq!(value(sent.headers(), "vary"), "accept-encoding");
        let tag = value(sent.headers(), "etag").to_owned();
        let packed = sent.bytes().await.unwrap();
        assert!(packed.len() < plain.len() / 2, "{} of {}", packed.len(), plain.len());
        assert_eq!(unpack(&packed), plain);
        assert_eq!(again.header("if-none-match", &tag).send().await.unwrap().status(), 304);
        tags.push(tag);
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 3, "each form has a tag of its own");
}

fn unbrotli(mut packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut packed, &mut plain).unwrap();
    plain
}

fn gunzip(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_compresses_nothing() {
    let server = Server::start().await;
    let request =
        server.http.get(server.url("/openapi.json")).header("accept-encoding", "gzip, br");
    let sent = request.send().await.unwrap();
    assert!(
        !sent.headers().contains_key("content-encoding"),
        "secrets beside chosen text (BREACH)"
    );
}
