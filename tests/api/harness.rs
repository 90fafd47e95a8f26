//! A real server on a free port with a real database in a temporary folder, and people who talk to
//! it over real HTTP and WebSocket.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anonchat::{
    app::{self, Running, SystemClock},
    config::Config,
    domain::Clock,
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use reqwest::{Method, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderValue, Request},
    },
};

use crate::database;

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What the system keeps for a client that takes little, in bytes.
pub const NARROW: u32 = 4096;

/// A password that nobody would guess.
pub const PASSWORD: &str = "correct horse battery staple";

/// A server that runs until it is dropped or stopped.
pub struct Server {
    pub config: Config,
    pub http: reqwest::Client,
    running: Option<Running>,
    _dir: TempDir,
    clock: Arc<dyn Clock>,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The error's code, for programs.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The data of an answer that must have gone well.
    pub fn data(&self) -> &Value {
        assert_eq!(self.body["status"], "success", "{} {}", self.status, self.body);
        &self.body["data"]
    }
}

impl Server {
    /// As it comes, with the limits off that would slow a test down.
    pub async fn start() -> Self {
        Self::start_with(|config| config.server.rate_limits.enabled = false).await
    }

    /// With another configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_at(Arc::new(SystemClock), change).await
    }

    /// With another clock, too.
    pub async fn start_at(clock: Arc<dyn Clock>, change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.addr = "127.0.0.1:0".parse().unwrap();
        config.storage.data_dir = dir.path().join("data");
        config.storage.url = database::fresh().await;
        change(&mut config);
        let running = app::start(&config, Arc::clone(&clock)).await.unwrap();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { config, http, running: Some(running), _dir: dir, clock }
    }

    /// Stops and starts again on the same data; the port may be another.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.running = Some(app::start(&self.config, Arc::clone(&self.clock)).await.unwrap());
    }

    /// Stops as on SIGTERM.
    pub async fn stop(&mut self) {
        self.running.take().expect("it runs").stop().await;
    }

    /// A token to become the operator with, while there is none.
    pub async fn offer_setup(&self) -> Option<String> {
        let token = self.running.as_ref().expect("it runs").offer_setup().await.unwrap();
        token.map(|token| token.expose().to_owned())
    }

    pub fn data_dir(&self) -> &Path {
        &self.config.storage.data_dir
    }

    /// `127.0.0.1` and the port.
    pub fn authority(&self) -> String {
        self.running.as_ref().expect("it runs").addr.to_string()
    }

    /// Where its figures are.
    pub fn metrics_addr(&self) -> String {
        let running = self.running.as_ref().expect("it runs");
        running.metrics_addr.as_ref().expect("an address for figures").to_string()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.authority())
    }

    /// A request of nobody in particular.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.http.request(method, self.url(path));
        read(request, body).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Somebody with a fresh account, whose login begins with `name`.
    pub async fn register(&self, name: &str) -> Person {
        Person::register(&self.way(), name).await
    }

    /// `count` people with fresh accounts.
    pub async fn register_all(&self, count: usize) -> Vec<Person> {
        Person::register_all(&self.way(), count).await
    }

    fn way(&self) -> Way {
        let http = self.http.clone();
        Way { authority: self.authority(), from: Ipv4Addr::LOCALHOST, http }
    }
}

/// From a client to a server.
#[derive(Clone)]
pub struct Way {
    /// `127.0.0.1` and the port.
    pub authority: String,
    /// The client's own address.
    pub from: Ipv4Addr,
    pub http: reqwest::Client,
}

impl Way {
    /// To the server that listens at `authority`, for a client with the address `from`.
    pub fn new(authority: impl Into<String>, from: Ipv4Addr) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).local_address(IpAddr::V4(from));
        Self { authority: authority.into(), from, http: http.build().unwrap() }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.authority)
    }
}

/// Waits until `condition` holds: asks again and again, until patience ends.
pub async fn eventually<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let held = tokio::time::timeout(PATIENCE, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(held.await.is_ok(), "{what}: not in time");
}

async fn read(request: reqwest::RequestBuilder, body: Option<Value>) -> Answer {
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    read_response(request.send().await.unwrap()).await
}

/// Reads an answer that must be JSON.
pub async fn read_response(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text:?}"));
    Answer { status, headers, body }
}

/// Somebody with an account and a session.
#[derive(Clone)]
pub struct Person {
    pub login: String,
    pub email: String,
    pub access: String,
    pub refresh: String,
    pub way: Way,
}

impl Person {
    /// With a fresh account, whose login begins with `name`.
    pub async fn register(way: &Way, name: &str) -> Self {
        let (login, email) = (format!("{name}-account"), format!("{name}@mail.example"));
        let body = json!({ "login": login, "email": email, "password": PASSWORD });
        let answer = read(way.http.post(way.url("/auth/register")), Some(body)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let text = |name: &str| answer.data()[name].as_str().unwrap().to_owned();
        let (access, refresh) = (text("access_token"), text("refresh_token"));
        Self { login, email, access, refresh, way: way.clone() }
    }

    /// `count` people with fresh accounts; no more at once than may wait for their passwords.
    pub async fn register_all(way: &Way, count: usize) -> Vec<Self> {
        let names: Vec<_> = (0..count).map(|n| format!("person{n}")).collect();
        let mut people = Vec::new();
        for some in names.chunks(20) {
            people.extend(join_all(some.iter().map(|name| Self::register(way, name))).await);
        }
        people
    }

    /// The same person with a session of its own, as on another device.
    pub async fn on_another_device(&self) -> Self {
        let body = json!({ "login": self.login, "password": PASSWORD });
        let answer = self.post("/auth/login", body).await;
        self.with_tokens(answer.data())
    }

    /// The same person with tokens from another answer.
    pub fn with_tokens(&self, tokens: &Value) -> Self {
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), ..self.clone() }
    }

    /// The same person at a server that was restarted.
    pub fn at(&self, server: &Server) -> Self {
        Self { way: server.way(), ..self.clone() }
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.way.http.request(method, self.way.url(path));
        read(request.bearer_auth(&self.access), body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// The same from a server that may go away; `None` if it did.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        let request = self.way.http.get(self.way.url(path)).bearer_auth(&self.access);
        let response = request.send().await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        Some(Answer { status, headers, body: response.json().await.ok()? })
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str, body: Value) -> Answer {
        self.call(Method::DELETE, path, Some(body)).await
    }

    /// A new room for `max_user` people; its id.
    pub async fn create_room(&self, name: &str, max_user: u16) -> String {
        let body = json!({ "name": name, "max_user": max_user });
        let answer = self.post("/rooms/create", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        answer.data()["room_id"].as_str().unwrap().to_owned()
    }

    /// A request for a socket, as a browser makes it, with `more` behind the room in the query.
    pub fn socket_request(&self, room: &str, more: &str) -> Request<()> {
        let url = format!("ws://{}/api/v1/rooms/ws?room={room}{more}", self.way.authority);
        let mut request = url.into_client_request().unwrap();
        let offer = format!("anonchat.v1, bearer.{}", self.access);
        let offer = HeaderValue::from_str(&offer).unwrap();
        request.headers_mut().insert("sec-websocket-protocol", offer);
        request
    }

    /// Sits down in a room and reads the welcome.
    pub async fn join(&self, room: &str) -> Socket {
        self.join_with(room, "").await
    }

    /// The same with more in the query, as `&since=3`.
    pub async fn join_with(&self, room: &str, more: &str) -> Socket {
        let mut socket = self.try_join(room, more).await.expect("a seat");
        socket.welcome = socket.expect("welcome").await;
        socket
    }

    /// The socket, or the answer that refused it.
    pub async fn try_join(&self, room: &str, more: &str) -> Result<Socket, Answer> {
        connect(self.socket_request(room, more), self.way.from).await
    }

    /// A plain client: no subprotocol, the token in the query.
    pub async fn join_plain(&self, room: &str) -> Socket {
        let (authority, token) = (&self.way.authority, &self.access);
        let url = format!("ws://{authority}/api/v1/rooms/ws?room={room}&token={token}");
        connect(url.into_client_request().unwrap(), self.way.from).await.expect("a seat")
    }

    /// A socket that takes little of what nobody reads from it.
    pub async fn join_narrow(&self, room: &str, more: &str) -> Socket {
        let stream = TcpSocket::new_v4().unwrap();
        stream.set_recv_buffer_size(NARROW).unwrap();
        let connected = connect_over(stream, self.socket_request(room, more), self.way.from).await;
        let Ok(mut socket) = connected else { panic!("no seat") };
        socket.welcome = socket.expect("welcome").await;
        socket
    }
}

/// Why there is no socket.
#[derive(Debug)]
pub enum NoSocket {
    /// The server refused, as HTTP.
    Refused(Answer),
    /// Nobody answered, or not to the end.
    Lost,
}

/// Opens a socket from the address `from`, or reads the answer that refused it.
pub async fn connect(request: Request<()>, from: Ipv4Addr) -> Result<Socket, Answer> {
    match connect_over(TcpSocket::new_v4().unwrap(), request, from).await {
        Ok(socket) => Ok(socket),
        Err(NoSocket::Refused(answer)) => Err(answer),
        Err(NoSocket::Lost) => panic!("neither a socket nor an answer"),
    }
}

/// The same for a server that may not be there.
pub async fn connect_over(
    stream: TcpSocket,
    request: Request<()>,
    from: Ipv4Addr,
) -> Result<Socket, NoSocket> {
    let authority = request.uri().authority().unwrap().as_str();
    let server: SocketAddr = authority.parse().unwrap();
    stream.bind(SocketAddr::from((from, 0))).unwrap();
    let stream = stream.connect(server).await.map_err(|_| NoSocket::Lost)?;
    match tokio_tungstenite::client_async(request, MaybeTlsStream::Plain(stream)).await {
        Ok((stream, response)) => {
            let protocol = response.headers().get("sec-websocket-protocol").cloned();
            Ok(Socket { stream, welcome: Value::Null, protocol })
        }
        Err(tungstenite::Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let (status, headers) = (response.status(), response.headers().clone());
            Err(NoSocket::Refused(Answer { status, headers, body }))
        }
        Err(_) => Err(NoSocket::Lost),
    }
}

/// A WebSocket, with a deadline for everything.
pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub welcome: Value,
    pub protocol: Option<HeaderValue>,
}

/// A number that no other call got.
fn unused_number() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    1 + LAST.fetch_add(1, Ordering::Relaxed)
}

impl Socket {
    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// Says something and waits until it is acknowledged; its place.
    pub async fn say(&mut self, text: &str) -> i64 {
        let id = format!("say-{}", unused_number());
        self.send(json!({ "type": "send", "id": id, "message": text })).await;
        let ack = self.expect("ack").await;
        assert_eq!(ack["id"], id);
        ack["seq"].as_i64().unwrap()
    }

    /// The next WebSocket message, control frames included; `None` at the end.
    pub async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
        next.expect("something in time")?.ok()
    }

    /// The next JSON frame; the connection must not end before.
    pub async fn frame(&mut self) -> Value {
        match self.next_data().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("instead of a frame: {other:?}"),
        }
    }

    async fn next_data(&mut self) -> Option<Message> {
        loop {
            match self.next().await {
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => return other,
            }
        }
    }

    /// Says goodbye and waits for the answer.
    pub async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        self.close_code().await;
    }

    /// Writes bytes past everything that makes frames of them.
    pub async fn write_raw(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.unwrap();
    }

    /// The next frame of this type; others are passed over.
    pub async fn expect(&mut self, kind: &str) -> Value {
        let expected = async {
            loop {
                let frame = self.frame().await;
                if frame["type"] == kind {
                    return frame;
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, expected).await;
        found.unwrap_or_else(|_| panic!("no {kind} in time"))
    }

    /// The next message that somebody said.
    pub async fn message(&mut self) -> Value {
        self.expect("message").await
    }

    /// The code with which the server closes; frames before that are passed over.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            match self.next().await {
                Some(Message::Close(Some(close))) => return close.code.into(),
                Some(_) => {}
                None => panic!("the connection ended without a close frame"),
            }
        }
    }

    /// Everything that has arrived when the answer to a `ping` comes, the answer left out.
    pub async fn all_until_now(&mut self) -> Vec<Value> {
        let mark = unused_number();
        self.send(json!({ "type": "ping", "t": mark })).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["type"] == "pong" && frame["t"] == mark {
                return frames;
            }
            frames.push(frame);
        }
    }
}
