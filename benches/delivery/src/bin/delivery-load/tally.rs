//! What arrived, and whether it is what was sent: each message once, and in order.

/// Counts of one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub sent: u64,
    pub expected: u64,
    pub delivered: u64,
    pub doubled: u64,
    pub reordered: u64,
    pub misrouted: u64,
    pub stalls: u64,
    pub closed_by_server: u64,
    pub reads: u64,
}

impl Tally {
    pub fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.delivered - self.doubled)
    }
}

/// What one connection has seen of one sender: the last number, and which of the 64 up to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    last: u32,
    window: u64,
}

impl Seen {
    pub fn record(&mut self, number: u32, tally: &mut Tally) {
        tally.delivered += 1;
        if number > self.last {
            self.window = self.window.checked_shl(number - self.last).unwrap_or(0) | 1;
            self.last = number;
            return;
        }
        match self.last - number {
            age @ 0..64 if self.window >> age & 1 == 1 => tally.doubled += 1,
            age => {
                self.window |= 1u64.checked_shl(age).unwrap_or(0);
                tally.reordered += 1;
            }
        }
    }
}

/// A digest of what one connection received, to compare within a room: the same messages in the
/// same order give the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    received: u64,
    digest: u64,
}

impl Order {
    pub fn record(&mut self, sender: u32, number: u32) {
        let message = u64::from(sender) << 32 | u64::from(number);
        self.received += 1;
        self.digest = (self.digest ^ message).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }

    /// The same number of messages, but not the same ones in the same order.
    pub fn differs(&self, other: &Self) -> bool {
        self.received == other.received && self.digest != other.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_doubled_reordered_or_lost_is_counted() {
        let (mut tally, mut seen) = (Tally { expected: 6, ..Tally::default() }, Seen::default());
        for number in [1, 2, 4, 3, 3, 6] {
            seen.record(number, &mut tally);
        }
        assert_eq!((tally.doubled, tally.reordered, tally.lost()), (1, 1, 1));
    }

    #[test]
    fn the_order_of_two_members_can_be_compared() {
        let order = |numbers: [u32; 2]| {
            let mut order = Order::default();
            for number in numbers {
                order.record(1, number);
            }
            order
        };
        assert!(!order([1, 2]).differs(&order([1, 2])));
        assert!(order([1, 2]).differs(&order([2, 1])));
    }
}
