//! HTTP in: webhooks, API, live page; and the engine's one thread behind them.
//!
//! [`engine`] is the only door to the hub: everything that changes anything goes through it and is answered after the
//! commit. Everything that only looks reads through [`look`]. Every address stands in [`router`].

pub mod router;
pub mod routes;
pub mod serve;

pub mod app;
pub mod limits;
pub mod waiting;

pub mod access;
mod api;
mod explain;
mod health;
mod metrics;
mod webhooks;

pub mod engine;
pub mod look;
pub mod page;

mod body;
mod edge;
pub mod problem;
mod random;
