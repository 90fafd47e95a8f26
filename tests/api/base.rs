//! Under a path of an address that belongs to others, too: whether the proxy takes the path away or
//! not, people find everything.

use std::net::Ipv4Addr;

use reqwest::header::ORIGIN;

use crate::{
    harness::{Person, Server, Way, connect},
    headers::public_url,
    process::Process,
};

const PUBLIC_URL: &str = "https://example.org/chat";

async fn start() -> Server {
    Server::start_with(|config| {
        config.server.rate_limits.enabled = false;
        config.server.public_url = public_url(PUBLIC_URL);
    })
    .await
}

async fn fetch(server: &Server, path: &str) -> reqwest::Response {
    server.http.get(format!("http://{}{path}", server.authority())).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_loads_its_files_from_under_the_path() {
    let server = start().await;
    let mut pages = Vec::new();
    for path in ["/chat", "/chat/", "/chat/r/0123456789ABCDEF", "/", "/r/0123456789ABCDEF"] {
        pages.push(fetch(&server, path).await.text().await.unwrap());
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "one page for all");
    let named = pages[0].split('"').filter(|text| text.starts_with('/') || text.starts_with('.'));
    let named: Vec<_> = named.collect();
    assert!(named.len() > 5, "{named:?}");
    for file in named {
        let inside = file.strip_prefix("/chat").expect("from under the path");
        for path in [file, inside] {
            let answer = fetch(&server, path).await;
            assert_eq!(answer.status(), 200, "{path}");
            assert!(!answer.headers()["content-type"].to_str().unwrap().contains("html"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_another_one_where_the_path_is_another() {
    let (here, there) = (Server::start().await, start().await);
    let tag = async |server| fetch(server, "/").await.headers()["etag"].clone();
    assert_ne!(tag(&here).await, tag(&there).await, "nobody keeps a page that names other files");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_talk_with_and_without_the_path_in_front() {
    let server = start().await;
    let below = Way::new(format!("{}/chat", server.authority()), Ipv4Addr::LOCALHOST);
    let (ann, ben) = (Person::register(&below, "ann").await, server.register("ben").await);
    let room = ann.create_room("under a path", 10).await;
    let mut request = ann.socket_request(&room, "");
    request.headers_mut().insert(ORIGIN, "https://example.org".parse().unwrap());
    let mut talker = connect(request, Ipv4Addr::LOCALHOST).await.expect("its own page may");
    let welcome = talker.expect("welcome").await;
    let tag = fetch(&server, "/").await.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", welcome["build"].as_str().unwrap()));
    let mut listener = ben.join(&room).await;
    talker.say("hello").await;
    assert_eq!(listener.message().await["message"], "hello");
    for origin in [PUBLIC_URL, "https://example.org/", "http://example.org"] {
        let mut request = ann.socket_request(&room, "");
        request.headers_mut().insert(ORIGIN, origin.parse().unwrap());
        let refused = connect(request, Ipv4Addr::LOCALHOST).await.err().expect("no seat");
        assert_eq!(refused.code(), "forbidden", "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_link_leads_under_the_path() {
    let dir = tempfile::tempdir().unwrap();
    let environment = [("ANONCHAT_SERVER__PUBLIC_URL", PUBLIC_URL.to_owned())];
    let mut server = Process::start_in(&dir.path().join("data"), &[], &environment).await;
    server.signal(rustix::process::Signal::TERM);
    assert!(server.exit().await.success());
    assert!(server.log().contains(" https://example.org/chat/setup#"), "{}", server.log());
}
