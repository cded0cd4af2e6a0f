//! PostgreSQL: one connection, statements without session state, values in the four kinds of SQLite's.
//!
//! Nothing here outlives a transaction on the server: no prepared statements, no session settings, no advisory locks, so
//! a pooler in transaction mode may stand between. Statements whose results nobody waits for are queued and travel
//! with the next one that somebody does wait for, in one round trip.

mod bind;
mod dialect;
mod fault;
pub(crate) mod flush;
pub(crate) mod intake;
pub(crate) mod lanes;
mod line;
pub(crate) mod migrations;
mod place;

pub(crate) use bind::{Bound, Kind, cell};
pub(crate) use line::Line;
pub use place::{BadAddress, Server};
