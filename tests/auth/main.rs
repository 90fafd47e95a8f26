//! The use cases of accounts and sessions, on a real database, with a clock that is set by hand.

mod account;
mod harness;
mod login;
mod refresh;
mod session;
