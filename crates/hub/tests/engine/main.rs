//! The engine as a whole, rule by rule: each test is a sentence of the business, played against a simulated shop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

#[path = "../rig/mod.rs"]
mod rig;

mod entries;
mod faults;
mod links;
mod orders;
mod stock;
mod storage;
mod syncs;
mod tokens;
mod weather;
