//! PostgreSQL: one connection, statements without session state, values in the four kinds of SQLite's.
//!
//! Nothing here outlives a transaction on the server: no prepared statements, no session settings, no advisory locks, so
//! a pooler in transaction mode may stand between. Statements whose results nobody waits for are queued and travel
//! with the next one that somebody does wait for, in one round trip.

pub(crate) mod asking;
mod bind;
mod dialect;
mod fault;
pub(crate) mod flush;
pub(crate) mod foresight;
pub(crate) mod intake;
pub(crate) mod lanes;
mod line;
pub(crate) mod migrations;
mod place;
mod shelf;
mod tls;

pub(crate) use bind::{Bound, Kind, cell};
pub(crate) use line::Line;
pub use place::{BadAddress, Server};

/// Other connections of ours to the same database, as far as our role is told.
pub(crate) const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
    AND application_name = 'crossdock' AND pid <> pg_backend_pid()";
