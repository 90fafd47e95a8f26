//! What a process uses, from `/proc`.

use std::{fs, time::Duration};

/// Processor time, all threads together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub user: Duration,
    pub system: Duration,
}

impl Cpu {
    pub fn of(pid: u32) -> Self {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // Fields are counted from the bracket that ends the command's name.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = |field| {
            let ticks: u32 = fields.split_whitespace().nth(field)?.parse().ok()?;
            let a_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
            Some(Duration::from_secs(1) * ticks / a_second)
        };
        let [user, system] = [11, 12].map(|field| ticks(field).unwrap_or_default());
        Self { user, system }
    }

    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
        }
    }

    pub fn total(&self) -> Duration {
        self.user + self.system
    }
}

/// Memory that is the process's own and resident, in bytes.
pub fn resident_bytes(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(0) * 1024
}
