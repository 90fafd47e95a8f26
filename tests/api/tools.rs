//! What tests of the HTTP side need besides the harness: bytes instead of requests, other addresses
//! to come from, and answers that are checked as a whole.

use std::{net::Ipv4Addr, sync::Arc};

use anonchat::config::Config;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    clock::HandSetClock,
    database,
    harness::{Answer, PATIENCE, Person, Server, Way, read_response},
};

/// A server whose time is the clock's, without limits.
pub async fn start_at(clock: &Arc<HandSetClock>) -> Server {
    start_at_with(clock, |_| {}).await
}

/// The same with another configuration.
pub async fn start_at_with(clock: &Arc<HandSetClock>, change: impl FnOnce(&mut Config)) -> Server {
    Server::start_at(Arc::clone(clock) as _, |config| {
        config.server.rate_limits.enabled = false;
        change(config);
    })
    .await
}

impl Answer {
    /// Checks the whole envelope of an answer that went well, and gives its data.
    #[track_caller]
    pub fn granted(&self, status: u16) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.check_envelope(&["data", "message", "status"]);
        self.data()
    }

    /// Checks the whole envelope of a refusal, and gives its data.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> &Value {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.body);
        assert_eq!(self.body["status"], "error");
        self.check_envelope(&["code", "data", "message", "status"]);
        &self.body["data"]
    }

    /// Checks a refusal because of these fields and no others.
    #[track_caller]
    pub fn refused_fields(&self, fields: &[&str]) {
        let data = self.refused(400, "invalid_request");
        let named: Vec<&String> = data["fields"].as_object().expect("bad fields").keys().collect();
        assert_eq!(named, fields, "{}", self.body);
    }

    #[track_caller]
    fn check_envelope(&self, keys: &[&str]) {
        assert_eq!(self.headers["content-type"], "application/json; charset=utf-8");
        let mut found: Vec<&String> = self.body.as_object().expect("an object").keys().collect();
        found.sort();
        assert_eq!(found, keys, "{}", self.body);
        assert!(self.body["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
}

impl Server {
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// Makes somebody an operator, behind the server's back.
    pub async fn appoint(&self, person: &Person) {
        let sql = format!("UPDATE accounts SET operator = 1 WHERE login = '{}'", person.login);
        assert_eq!(database::execute(&self.config.storage, &sql).await, 1);
    }

    /// Logs in by login.
    pub async fn log_in(&self, login: &str, password: &str) -> Answer {
        self.post("/auth/login", json!({ "login": login, "password": password })).await
    }

    /// Trades a refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", json!({ "token": token })).await
    }

    /// A body that is not what a JSON library would write.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let mut request = self.http.request(method, self.url(path)).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        read_response(request.send().await.unwrap()).await
    }

    /// A connection to write bytes to.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.authority()).await.unwrap()
    }

    /// Sends these bytes, as far as the server takes them, on a connection of their own and reads
    /// until it ends.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let (mut reader, mut writer) = self.connect().await.into_split();
        let (_, answer) = tokio::join!(writer.write_all(bytes), read_to_end(&mut reader));
        answer
    }

    /// Sends JSON text of any length and reads the answer, which may come before the text is sent.
    pub async fn raw_json(&self, path: &str, json: &str) -> String {
        let length = json.len();
        let head = format!(
            "POST /api/v1{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        self.raw(&[head.as_bytes(), json.as_bytes()].concat()).await
    }

    /// A client that comes from another address of this machine.
    pub fn client_from(&self, last_byte: u8) -> reqwest::Client {
        Way::new(self.authority(), Ipv4Addr::new(127, 0, 0, last_byte)).http
    }
}

/// Everything that comes until the other side ends the connection, be it with a reset.
pub async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    // Whoever is refused in the middle of a body gets the answer first and then a reset.
    drop(end.expect("the server ends the connection"));
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Person {
    /// A request with the access token and a body that is not what a JSON library would write.
    pub async fn send(
        &self,
        server: &Server,
        method: Method,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = server.http.request(method, server.url(path)).bearer_auth(&self.access);
        let request = request.header("content-type", "application/json").body(body);
        read_response(request.send().await.unwrap()).await
    }

    /// The account's id, as its owner and operators see it.
    pub async fn account_id(&self) -> String {
        self.get("/auth/validate").await.granted(200)["id"].as_str().unwrap().to_owned()
    }

    /// Whether the access token is good.
    pub async fn is_signed_in(&self) -> bool {
        let answer = self.get("/auth/validate").await;
        match answer.status {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => false,
            other => panic!("{other}: {}", answer.body),
        }
    }

    /// Says something over HTTP; its place.
    pub async fn post_message(&self, room: &str, id: &str, text: &str) -> i64 {
        let body = json!({ "id": id, "message": text });
        let answer = self.post(&format!("/rooms/{room}/messages"), body).await;
        answer.granted(201)["seq"].as_i64().unwrap()
    }

    /// Joins a room by saying something; the alias.
    pub async fn client_id_in(&self, room: &str) -> String {
        let seq = self.post_message(room, "hello", "hello").await;
        let path = format!("/rooms/{room}/messages?after={}&limit=1", seq - 1);
        let page = self.get(&path).await;
        page.granted(200)["messages"][0]["client_id"].as_str().unwrap().to_owned()
    }
}
