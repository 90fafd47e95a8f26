//! The log: the only place that decides what is written, how and where.
//!
//! **Nothing private, at any level.** What this crate logs is chosen line by line. What its
//! dependencies log is not ours to choose, and some would give people away: axum prints parts of
//! rejected requests (`axum::rejection`) and peer addresses (`axum::serve`) at `trace`;
//! `tower_governor` prints the key it limits by at `info`, and hyper prints requests at `debug`
//! and `trace`, when their `tracing` features are on, which any other dependency can do;
//! tungstenite prints messages at `trace`; reqwest and HTTP/2 print addresses and headers at
//! `debug` and `trace`. So a dependency never says anything below a warning, whatever the level:
//! a new one is silent until somebody has read what it says and names it in `READ_AND_HARMLESS`.

mod journal;

use std::{
    io::{self, IsTerminal},
    sync::OnceLock,
};

use tracing::{Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    reload,
    util::SubscriberInitExt,
};

use self::journal::WithPriority;
use crate::config::LogMode;

/// What is written of each crate, as long as the program runs.
static TARGETS: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Dependencies that may also say what they do: the names of migrations.
const READ_AND_HARMLESS: [&str; 1] = ["refinery_core"];

/// Starts the log on standard error; only the first call has an effect.
///
/// Where standard error is the journal of systemd, each line begins with its priority, so that
/// `journalctl -p warning` finds it.
///
/// A line is text with the time in front, coloured on a terminal, or one JSON object with
/// `timestamp`, `level`, `target`, the fields of the event and those of the innermost `span`.
/// `level` is that of this crate. Dependencies stay at warnings (see the module), except that at
/// `debug` and `trace` those that are known to be harmless say what they do.
pub fn init(level: Level, mode: LogMode) {
    let is_terminal = io::stderr().is_terminal();
    let log: Box<dyn Layer<Registry> + Send + Sync> = match (mode, journal::is_standard_error()) {
        (LogMode::Pretty, true) => Box::new(pretty(false, WithPriority(io::stderr))),
        (LogMode::Auto | LogMode::Json, true) => Box::new(json(WithPriority(io::stderr))),
        (LogMode::Pretty, false) => Box::new(pretty(is_terminal, io::stderr)),
        (LogMode::Auto, false) if is_terminal => Box::new(pretty(true, io::stderr)),
        (LogMode::Auto | LogMode::Json, false) => Box::new(json(io::stderr)),
    };
    let (targets, handle) = reload::Layer::new(targets(level));
    if tracing_subscriber::registry().with(log.with_filter(targets)).try_init().is_ok() {
        let _ = TARGETS.set(handle);
    }
}

/// Has the log say more or less from now on; without a log nothing happens.
pub fn set_level(level: Level) {
    if let Some(handle) = TARGETS.get() {
        // The only failure is that the log is gone.
        let _ = handle.reload(targets(level));
    }
}

/// What is written of each crate.
fn targets(level: Level) -> Targets {
    let level = LevelFilter::from(level);
    let talkative = if level < LevelFilter::DEBUG { LevelFilter::WARN } else { LevelFilter::INFO };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(READ_AND_HARMLESS.map(|name| (name, level.min(talkative))))
        .with_target(env!("CARGO_CRATE_NAME"), level)
}

fn pretty<S, W>(colours: bool, writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = fmt::layer();
    // Without colours where `NO_COLOR` asks for none, which the layer has found out by itself.
    let layer = if colours { layer } else { layer.with_ansi(false) };
    layer.compact().with_writer(writer)
}

fn json<S, W>(writer: W) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_dependency_never_says_more_than_a_warning() {
        for target in ["axum::rejection", "hyper::proto", "tower_governor", "tungstenite", "new"] {
            assert!(targets(Level::INFO).would_enable(target, &Level::WARN), "{target}");
            assert!(!targets(Level::TRACE).would_enable(target, &Level::INFO), "{target}");
            assert!(!targets(Level::ERROR).would_enable(target, &Level::WARN), "{target}");
        }
    }

    #[test]
    fn this_crate_speaks_at_the_level_asked_for() {
        assert!(targets(Level::TRACE).would_enable("anonchat::chat::room", &Level::TRACE));
        assert!(targets(Level::INFO).would_enable("anonchat", &Level::INFO));
        assert!(!targets(Level::INFO).would_enable("anonchat", &Level::DEBUG));
        assert!(!targets(Level::WARN).would_enable("anonchat", &Level::INFO));
    }

    #[test]
    fn migrations_are_named_when_somebody_looks_closely() {
        assert!(targets(Level::DEBUG).would_enable("refinery_core::traits", &Level::INFO));
        assert!(!targets(Level::TRACE).would_enable("refinery_core::traits", &Level::DEBUG));
        assert!(!targets(Level::INFO).would_enable("refinery_core::traits", &Level::INFO));
    }

    #[test]
    fn a_json_line_is_one_object_with_its_fields_beside_its_level() {
        let text = written(|page| json(move || page.clone()));
        assert_eq!(text.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "anonchat::telemetry::tests");
        assert_eq!(line["message"], "served\nwell");
        assert_eq!(line["status"], 200);
        assert_eq!(line["span"]["request"], 7);
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn a_pretty_line_has_no_colours_where_there_is_no_terminal() {
        let text = written(|page| pretty(false, move || page.clone()));
        assert!(text.contains("INFO") && text.contains("status=200"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn a_line_for_the_journal_begins_with_its_priority() {
        let text = written(|page| json(WithPriority(move || page.clone())));
        let line = text.strip_prefix("<6>").expect("information is priority 6");
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["status"], 200);
    }

    /// What a layer writes about one event.
    fn written<L: Layer<Registry> + Send + Sync>(layer: impl FnOnce(Page) -> L) -> String {
        let page = Page::default();
        let log = tracing_subscriber::registry().with(layer(page.clone()));
        tracing::subscriber::with_default(log, || {
            let _span = tracing::info_span!("request", request = 7).entered();
            tracing::info!(status = 200, "served\nwell");
        });
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
