//! The HTTP side as partners, programs and the operator see it: real listeners, a real engine, a real store in a folder
//! that is gone afterwards. The tree of these files follows the addresses.

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
mod sync;
mod webhooks;
