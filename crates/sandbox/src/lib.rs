//! Simulated partners with real wire formats and fault knobs, for demonstration, tests and simulation.
//!
//! Each partner is a pure core, `(request, time) → (answer, webhooks that fall due)`, and `server`
//! is the plain HTTP server around it. Nothing here knows the hub: what a sandbox says of itself
//! (its own log) is the truth that the hub is judged against.

mod aftermath;
mod clock;
pub mod exchange;
mod json;
mod outbox;
mod partner;
pub mod prepbusiness;
mod random;
pub mod server;
pub mod shopify;
mod weather;

pub use partner::{Opens, Partner};
pub use server::{Running, Shared, serve, start};
