//! Whole-program tests: the real binary as a child process, against a simulated shop in this one, so that the shop and
//! its log survive whatever is done to the hub.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    reason = "a test that is wrong about what it finds has to fail"
)]

mod hub;
mod shop;

mod command_line;
mod demo;
mod disk_full;
mod explain;
mod kill;
mod live;
mod reconcile;
mod sql;
mod webhooks;
