//! Figures for whoever watches over the server, in the text format of Prometheus.
//!
//! They stand on an address of their own, and no label names a room, a person or an address: all
//! that can be read from them is how much goes on.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use tokio::time::Instant;

use super::AppState;

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Metrics {
    /// By the first digit of the status.
    requests: [AtomicU64; 6],
    refused: AtomicU64,
    commands: AtomicU64,
    closed: Mutex<BTreeMap<u16, u64>>,
}

impl Metrics {
    /// Counts an answer.
    pub(super) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100);
        if let Some(requests) = self.requests.get(class) {
            requests.fetch_add(1, Ordering::Relaxed);
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.refused();
        }
    }

    /// Counts something that came too fast.
    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a message, edit or deletion that somebody asks for.
    pub(super) fn commanded(&self) {
        self.commands.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a socket that the server closes.
    pub(super) fn closed(&self, code: u16) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
    }
}

/// `/metrics`, and nothing else.
pub fn metrics_router(app: Arc<AppState>) -> Router {
    Router::new().route("/metrics", get(show)).with_state(app)
}

async fn show(State(app): State<Arc<AppState>>) -> impl IntoResponse {
    let asked_at = Instant::now();
    let storage = app.hub.probe().await.ok().map(|()| asked_at.elapsed().as_secs_f64());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], exposition(&app, storage))
}

fn exposition(app: &AppState, storage: Option<f64>) -> String {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed).to_string();
    let mut page = Page::default();
    page.figure("sockets", "gauge", "WebSockets that are open", app.open_sockets());
    page.figure("rooms_awake", "gauge", "Rooms with people in them", app.hub.awake());
    let up = u8::from(storage.is_some());
    page.figure("storage_up", "gauge", "Whether storage could be written and read just now", up);
    let seconds = storage.unwrap_or(f64::NAN);
    page.figure("storage_probe_seconds", "gauge", "How long that took", seconds);
    page.head("requests_total", "counter", "Answers, by the first digit of their status");
    for (class, requests) in app.metrics.requests.iter().enumerate().skip(1) {
        page.line("requests_total", &format!("{{status=\"{class}xx\"}}"), count(requests));
    }
    let help = "What came too fast and was refused";
    page.figure("rate_limited_total", "counter", help, count(&app.metrics.refused));
    let help = "Messages, edits and deletions asked for over WebSockets";
    page.figure("commands_total", "counter", help, count(&app.metrics.commands));
    page.head("socket_closes_total", "counter", "WebSockets that the server closed, by close code");
    let closed = app.metrics.closed.lock().unwrap_or_else(PoisonError::into_inner);
    for (code, times) in closed.iter() {
        page.line("socket_closes_total", &format!("{{code=\"{code}\"}}"), times);
    }
    page.0
}

/// A page of figures.
#[derive(Debug, Default)]
struct Page(String);

impl Page {
    fn figure(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, kind, help);
        self.line(name, "", value);
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // A string takes everything.
        let _ = writeln!(self.0, "# HELP anonchat_{name} {help}.\n# TYPE anonchat_{name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "anonchat_{name}{labels} {value}");
    }
}
