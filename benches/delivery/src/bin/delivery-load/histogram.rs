//! Log-linear histogram: 128 buckets an octave, under 1 % error.

const SUB_BITS: u32 = 7;
const SUB: u64 = 1 << SUB_BITS;

/// Counts of values by size.
#[derive(Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub fn new() -> Self {
        Self { counts: vec![0; bucket(u64::MAX) + 1], total: 0 }
    }

    #[inline]
    pub fn record(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.total += 1;
    }

    /// The lower end of the bucket up to which `percent` of the values lie; 0 without values.
    pub fn percentile(&self, percent: u64) -> u64 {
        let target = (self.total * percent).div_ceil(100);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= target
        });
        found.map_or(0, lower_end)
    }
}

fn bucket(value: u64) -> usize {
    let octave = value.max(SUB).ilog2() - SUB_BITS;
    let bucket = u64::from(octave) * SUB + (value >> octave);
    usize::try_from(bucket).expect("there are some thousands")
}

fn lower_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    match bucket / SUB {
        0 => bucket,
        octave => (bucket % SUB + SUB) << (octave - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_tight() {
        for value in (0..4096).chain([1 << 20, (1 << 40) + 12345, u64::MAX]) {
            let low = lower_end(bucket(value));
            assert!(low <= value && value - low <= value / SUB, "{value} -> {low}");
        }
    }

    #[test]
    fn percentiles_are_values_that_were_recorded() {
        let mut histogram = Histogram::new();
        (1..=100).for_each(|value| histogram.record(value));
        assert_eq!([1, 50, 99, 100].map(|it| histogram.percentile(it)), [1, 50, 99, 100]);
    }
}
