//! AnonChat: anonymous group chat that one person hosts with one command.

pub mod chat;
pub mod domain;
pub mod protocol;
pub mod store;
pub mod websocket;
