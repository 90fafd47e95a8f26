//! The only place that asks the operating system for randomness.

/// `N` bytes that nobody can foresee.
///
/// # Panics
/// When the operating system has no randomness to give: nothing can be kept secret then.
#[expect(clippy::disallowed_methods, reason = "this is the room that randomness comes from")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A number below `bound`, each equally likely; `bound` is at least 1.
pub(super) fn below(bound: u32) -> u32 {
    uniform(bound, || u32::from_le_bytes(bytes()))
}

/// Draws until the number falls into the part of all `u32` that `bound` divides evenly: a mere
/// remainder would favour small numbers.
fn uniform(bound: u32, mut draw: impl FnMut() -> u32) -> u32 {
    let surplus = (u32::MAX % bound + 1) % bound;
    loop {
        let drawn = draw();
        if drawn <= u32::MAX - surplus {
            return drawn % bound;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(bytes::<32>(), bytes::<32>());
    }

    #[test]
    fn draws_that_would_favour_small_numbers_are_thrown_away() {
        // 2^32 = 3 × 1431655765 + 1: only the very last number is one too many.
        let mut draws = [u32::MAX, u32::MAX, u32::MAX - 1].into_iter();
        assert_eq!(uniform(3, || draws.next().unwrap()), 2);
        assert_eq!(uniform(4, || u32::MAX), 3);
        assert_eq!(uniform(1, || u32::MAX), 0);
    }

    #[test]
    fn every_number_below_the_bound_comes_up_equally_often() {
        let mut seen = [0_u32; 6];
        for _ in 0..60_000 {
            seen[below(6) as usize] += 1;
        }
        // Eleven standard deviations: this fails once in 10^28 runs.
        assert!(seen.iter().all(|times| times.abs_diff(10_000) < 1_000), "{seen:?}");
    }
}
