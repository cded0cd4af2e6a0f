//! The HTTP side as partners, programs and the operator see it: real listeners, a real engine, a real store in a folder
//! that is gone afterwards. The tree of these files follows the addresses.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails its test"
)]

mod acme;
mod depot;
#[path = "../../../store/tests/fresh/mod.rs"]
mod fresh;
mod house;

mod access;
mod answers;
mod away;
mod connections;
mod counts;
mod drift;
mod entries;
mod explain;
mod health;
mod isolation;
mod items;
mod listener;
mod live;
mod marking;
mod merchants;
mod orders;
mod pools;
mod problems;
mod receptions;
mod sends;
mod shopify;
mod sweeps;
mod sync;
mod tellings;
mod together;
mod webhooks;
