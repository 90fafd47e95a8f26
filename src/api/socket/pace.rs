//! How much one socket may say: frames and bytes a second, and a little more for a moment (WS-11).
//! Messages are counted by person besides, wherever they are said.

use std::time::Duration;

use tokio::time::Instant;

/// Frames that are no messages: pings, `typing`, `read`, `auth` and what makes no sense.
const FRAMES: Rate = Rate { one: Duration::from_millis(100), burst: Duration::from_secs(2) };
/// Bytes of all frames; the burst holds twenty of the longest messages at once.
const BYTES: Rate = Rate { one: Duration::from_nanos(15_258), burst: Duration::from_secs(8) };

/// What one unit costs in time, and how much time may be owed.
struct Rate {
    one: Duration,
    burst: Duration,
}

/// How what was said stands to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// It is within the limit.
    Fine,
    /// It is not, and counts all the same: the client is told.
    TooFast,
    /// There was no end to it.
    Flooding,
}

/// What one socket has said lately.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pacer {
    /// When each allowance is whole again.
    frames: Instant,
    bytes: Instant,
}

impl Pacer {
    pub(super) fn new(now: Instant) -> Self {
        Self { frames: now, bytes: now }
    }

    /// Counts a frame that is no message.
    pub(super) fn frame(&mut self, now: Instant) -> Pace {
        FRAMES.count(&mut self.frames, 1, now)
    }

    /// Counts what was read.
    pub(super) fn bytes(&mut self, count: usize, now: Instant) -> Pace {
        BYTES.count(&mut self.bytes, u32::try_from(count).unwrap_or(u32::MAX), now)
    }
}

impl Rate {
    /// Twice the burst is no oversight any more.
    fn count(&self, whole_at: &mut Instant, units: u32, now: Instant) -> Pace {
        *whole_at = (*whole_at).max(now) + self.one * units;
        match *whole_at - now {
            owed if owed <= self.burst => Pace::Fine,
            owed if owed <= self.burst * 2 => Pace::TooFast,
            _ => Pace::Flooding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paces(count: usize, mut say: impl FnMut() -> Pace) -> Vec<Pace> {
        let mut paces: Vec<_> = (0..count).map(|_| say()).collect();
        paces.dedup();
        paces
    }

    #[test]
    fn ten_frames_a_second_are_fine_for_ever_and_twenty_at_once() {
        let mut now = Instant::now();
        let mut pacer = Pacer::new(now);
        assert_eq!(paces(20, || pacer.frame(now)), [Pace::Fine]);
        let steady = paces(1000, || {
            now += Duration::from_millis(100);
            pacer.frame(now)
        });
        assert_eq!(steady, [Pace::Fine]);
        assert_eq!(pacer.frame(now), Pace::TooFast);
    }

    #[test]
    fn whoever_goes_on_too_fast_is_flooding_and_a_pause_makes_good() {
        let now = Instant::now();
        let mut pacer = Pacer::new(now);
        assert_eq!(paces(20, || pacer.frame(now)), [Pace::Fine]);
        assert_eq!(paces(20, || pacer.frame(now)), [Pace::TooFast]);
        assert_eq!(pacer.frame(now), Pace::Flooding);
        assert_eq!(pacer.frame(now + Duration::from_secs(5)), Pace::Fine);
    }

    #[test]
    fn bytes_are_counted_apart() {
        let now = Instant::now();
        let mut pacer = Pacer::new(now);
        // Half a MiB at once, and 64 KiB a second.
        assert_eq!(pacer.bytes(512 << 10, now), Pace::Fine);
        assert_eq!(pacer.bytes(64 << 10, now), Pace::TooFast);
        assert_eq!(pacer.frame(now), Pace::Fine);
        assert_eq!(pacer.bytes(512 << 10, now), Pace::Flooding);
        assert_eq!(pacer.bytes(64 << 10, now + Duration::from_secs(20)), Pace::Fine);
    }
}
