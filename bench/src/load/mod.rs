//! The load generator: one thread, keep-alive connections, every delivery new and truly signed.
//! Knows HTTP/1.1 just well enough for that, and nothing of what it drives.

pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod feed;
pub(crate) mod generator;
pub(crate) mod latency;
pub(crate) mod pace;
