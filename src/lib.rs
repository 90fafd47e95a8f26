//! AnonChat: anonymous group chat that one person hosts with one command.

pub mod cli;
pub mod config;
pub mod domain;
pub mod protocol;
pub mod store;
