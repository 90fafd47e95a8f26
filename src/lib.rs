//! AnonChat: anonymous group chat that one person hosts with one command.

pub mod anonymity;
pub mod api;
pub mod app;
pub mod auth;
pub mod backup;
pub mod chat;
pub mod cli;
pub mod config;
pub mod connection;
pub mod data_dir;
pub mod doctor;
pub mod domain;
pub mod lifecycle;
pub mod protocol;
pub mod service;
pub mod store;
pub mod telemetry;
pub mod websocket;
