//! AnonChat: anonymous group chat that one person hosts with one command.
pub mod anonymity;
pub mod domain;
pub mod store;
