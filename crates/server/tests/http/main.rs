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
mod house;

mod access;
mod connections;
mod entries;
mod health;
mod items;
mod listener;
mod orders;
mod problems;
mod shopify;
mod sync;
mod webhooks;
