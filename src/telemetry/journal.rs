//! The journal of systemd: whether the log goes there, and how a line says how grave it is.

use std::{
    env,
    io::{self, Write},
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Whether standard error is the journal: `JOURNAL_STREAM` holds the numbers of its device and
/// inode, and is handed on to processes whose output goes elsewhere.
pub(super) fn is_standard_error() -> bool {
    let named = env::var("JOURNAL_STREAM").ok();
    let Ok(stat) = rustix::fs::fstat(io::stderr()) else { return false };
    named.is_some_and(|named| named == format!("{}:{}", stat.st_dev, stat.st_ino))
}

/// Writes a priority in front of each event: `<3>` for an error to `<7>` for details.
#[derive(Clone, Copy, Debug)]
pub(super) struct WithPriority<W>(pub(super) W);

/// One event on its way.
#[derive(Debug)]
pub(super) struct Line<W> {
    priority: &'static str,
    begun: bool,
    writer: W,
}

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for WithPriority<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { priority: priority(Level::INFO), begun: false, writer: self.0.make_writer() }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        let priority = priority(*event.level());
        Line { priority, begun: false, writer: self.0.make_writer_for(event) }
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.begun {
            return self.writer.write(bytes);
        }
        self.begun = true;
        // In one piece with its line: another thread's must not come in between.
        let line = [self.priority.as_bytes(), bytes].concat();
        self.writer.write_all(&line).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        Level::DEBUG | Level::TRACE => "<7>",
    }
}
