//! A clock that stands still until it is set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anonchat::domain::{Clock, Timestamp};

#[derive(Clone)]
pub struct HandSetClock(Arc<AtomicI64>);

impl HandSetClock {
    /// At some moment of 2026.
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Arc::new(AtomicI64::new(1_780_000_000_000))))
    }

    pub fn advance(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for HandSetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
