//! What the generator is asked to do.

use std::path::PathBuf;

/// Drives a WebSocket server of rooms from one thread and prints a report as JSON.
/// Says `connected` and `drained` on the error output when it is.
///
/// Connection i joins room i % rooms; the first members of each room send. URL and payload know
/// {room}, {token}, {i} (the connection), {seq} (the sender's message), {mark} and {pad}.
#[derive(Debug, clap::Parser)]
pub struct Arguments {
    /// For example "<ws://127.0.0.1:8080/ws?room={room}&token={token}>"
    #[arg(long)]
    pub url: String,

    /// Connections in all, spread evenly over the rooms.
    #[arg(long, default_value_t = 10)]
    pub connections: usize,

    /// Rooms in all.
    #[arg(long, default_value_t = 1)]
    pub rooms: usize,

    /// Connections that send, spread evenly over the rooms; with 0 all stay idle.
    #[arg(long, default_value_t = 0)]
    pub senders: usize,

    /// Open loop: messages a second of all senders together, at fixed times. Latency counts from
    /// when a message was due, so that a server that falls behind cannot hide it.
    #[arg(long, conflicts_with = "window")]
    pub rate: Option<f64>,

    /// Closed loop: messages in flight in each room, each until all members have it.
    #[arg(long)]
    pub window: Option<u32>,

    /// Template of a message's frame; must hold {mark}.
    #[arg(long, default_value = "{mark}{pad}")]
    pub payload: String,

    /// Bytes that {pad} stands for; {mark} takes 30.
    #[arg(long, default_value_t = 70)]
    pub pad: usize,

    /// A file with a line for the {token} of each connection.
    #[arg(long)]
    pub tokens: Option<PathBuf>,

    /// `Sec-WebSocket-Protocol` of the handshake.
    #[arg(long)]
    pub subprotocol: Option<String>,

    /// Handshakes in flight at a time.
    #[arg(long, default_value_t = 64)]
    pub handshakes: usize,

    /// Seconds between the last handshake and the reading of the server's memory.
    #[arg(long, default_value_t = 1.0)]
    pub settle: f64,

    /// Seconds of traffic before those that are measured.
    #[arg(long, default_value_t = 1.0)]
    pub warm_up: f64,

    /// Seconds that are measured.
    #[arg(long, default_value_t = 5.0)]
    pub duration: f64,

    /// Most seconds to wait for what is still in flight.
    #[arg(long, default_value_t = 3.0)]
    pub drain: f64,

    /// Seconds that the connections stay open after the last delivery.
    #[arg(long, default_value_t = 0.0)]
    pub linger: f64,

    /// The server's process, to account its processor time and memory.
    #[arg(long)]
    pub server_pid: Option<u32>,
}
