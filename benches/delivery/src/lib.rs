//! What the load and the baselines share: RFC 6455 framing for well-behaved peers, and epoll.

pub mod poller;
pub mod websocket;
