//! Level-triggered epoll, keyed by number.

use std::{
    fmt, io,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    event::{
        Timespec,
        epoll::{self, CreateFlags, Event, EventData, EventFlags},
    },
    io::Errno,
};

const EVENTS_AT_ONCE: usize = 1024;

/// A set of descriptors, and what became ready.
pub struct Poller {
    epoll: OwnedFd,
    events: Vec<Event>,
}

/// What a descriptor is ready for.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// The number it was added with.
    pub key: usize,
    /// To be read, or broken.
    pub readable: bool,
    /// To be written.
    pub writable: bool,
}

/// How long [`Poller::wait`] waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Not at all.
    Spin,
    /// Until something is ready.
    Sleep,
}

impl Poller {
    /// An empty set.
    pub fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, events: Vec::with_capacity(EVENTS_AT_ONCE) })
    }

    /// Watches a descriptor for reading, until it is closed.
    pub fn add(&self, fd: impl AsFd, key: usize) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, fd, EventData::new_u64(key as u64), EventFlags::IN)?)
    }

    /// Watches it for writing as well, or no more.
    pub fn watch_writable(&self, fd: impl AsFd, key: usize, on: bool) -> io::Result<()> {
        let writable = if on { EventFlags::OUT } else { EventFlags::empty() };
        let flags = EventFlags::IN | writable;
        Ok(epoll::modify(&self.epoll, fd, EventData::new_u64(key as u64), flags)?)
    }

    /// Finds out what is ready: so many, to be asked for with [`Poller::ready`].
    pub fn wait(&mut self, patience: Patience) -> io::Result<usize> {
        let timeout = (patience == Patience::Spin).then_some(Timespec { tv_sec: 0, tv_nsec: 0 });
        self.events.clear();
        let space = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, space, timeout.as_ref()) {
            Err(Errno::INTR) => Ok(0),
            result => Ok(result?),
        }
    }

    /// One of those that were found ready.
    pub fn ready(&self, index: usize) -> Ready {
        let Event { flags, data } = self.events[index];
        let key = usize::try_from(data.u64()).expect("only keys were added");
        let readable = flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR);
        Ready { key, readable, writable: flags.contains(EventFlags::OUT) }
    }
}

impl fmt::Debug for Poller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Poller(…)")
    }
}
