//! What is found, as JSON.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    arguments::Arguments,
    load::Load,
    process::{Cpu, resident_bytes},
    tally::Tally,
};

/// Everything that is counted, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    at: Instant,
    server: Cpu,
    resident_bytes: u64,
    tally: Tally,
    idle: Duration,
}

impl Snapshot {
    pub fn take(arguments: &Arguments, load: &Load<'_>) -> Self {
        Self {
            at: Instant::now(),
            server: arguments.server_pid.map(Cpu::of).unwrap_or_default(),
            resident_bytes: arguments.server_pid.map_or(0, resident_bytes),
            tally: load.tally,
            idle: load.idle,
        }
    }
}

/// Before the first handshake, after the last, and when the server has come to rest.
#[derive(Clone, Copy, Debug)]
pub struct Handshakes {
    pub before: Snapshot,
    pub connected: Snapshot,
    pub settled: Snapshot,
}

/// Around the time that is measured.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    pub begin: Snapshot,
    pub end: Snapshot,
}

pub fn report(load: &Load<'_>, handshakes: &Handshakes, traffic: Option<&Traffic>) -> Value {
    let Handshakes { before, connected, settled } = handshakes;
    let seconds = connected.at.duration_since(before.at).as_secs_f64();
    let grown = settled.resident_bytes.saturating_sub(before.resident_bytes);
    json!({
        "connections": {
            "opened": load.opened,
            "first_failure": load.first_failure,
            "per_second": ratio(load.opened as u64, seconds),
            "server_cpu_us_each": each(settled.server.since(&before.server).total(), load.opened as u64),
            "resident_bytes_each": grown.checked_div(load.opened as u64),
        },
        "traffic": traffic.map(|traffic| traffic_report(load, traffic)),
    })
}

fn traffic_report(load: &Load<'_>, Traffic { begin, end }: &Traffic) -> Value {
    let seconds = end.at.duration_since(begin.at).as_secs_f64();
    let deliveries = end.tally.delivered - begin.tally.delivered;
    let server = end.server.since(&begin.server);
    let percentile = |percent| Duration::from_nanos(load.latency_ns.percentile(percent));
    json!({
        "seconds": seconds,
        "messages_per_second": ratio(end.tally.sent - begin.tally.sent, seconds),
        "deliveries": deliveries,
        "deliveries_per_second": ratio(deliveries, seconds),
        "deliveries_per_read":
            ratio(deliveries, ratio(end.tally.reads - begin.tally.reads, 1.0)),
        "server_cpu_us_per_delivery": each(server.total(), deliveries),
        "server_user_us_per_delivery": each(server.user, deliveries),
        "server_system_us_per_delivery": each(server.system, deliveries),
        "server_cpus_used": server.total().as_secs_f64() / seconds,
        "load_busy": 1.0 - end.idle.saturating_sub(begin.idle).as_secs_f64() / seconds,
        "latency_us": {
            "p50": percentile(50).as_secs_f64() * 1e6,
            "p99": percentile(99).as_secs_f64() * 1e6,
        },
        // Warm-up and drain included.
        "whole_run": {
            "sent": load.tally.sent,
            "expected": load.tally.expected,
            "delivered": load.tally.delivered,
            "lost": load.tally.lost(),
            "doubled": load.tally.doubled,
            "reordered": load.tally.reordered,
            "misrouted": load.tally.misrouted,
            "stalls": load.tally.stalls,
            "closed_by_server": load.tally.closed_by_server,
            "rooms_in_disorder": load.rooms_in_disorder(),
        },
    })
}

/// Microseconds for each of `count`.
fn each(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / ratio(count.max(1), 1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn ratio(count: u64, of: f64) -> f64 {
    count as f64 / of
}
