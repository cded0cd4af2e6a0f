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

mod centre;
#[path = "../../crates/store/tests/fresh/mod.rs"]
mod fresh;
mod hub;
mod shop;

mod cluster;
mod command_line;
mod copy;
mod demo;
mod disk_full;
mod explain;
mod kill;
mod live;
mod prep_by_api;
mod prep_by_hand;
mod prep_kill;
mod reconcile;
mod refused;
mod sql;
mod webhooks;
