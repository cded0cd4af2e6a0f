//! The journal, lanes, tasks and state tables, on SQLite or PostgreSQL. Nothing decides here.
//!
//! [`Store`] is what writes: it receives arrivals, hands them to the fold, keeps the fold's changes in memory
//! until the batch is flushed, and commits. [`Reader`] is for everything that only looks. [`Packed`] and [`vault`]
//! are pure and run on other threads.

mod arrivals;
mod books;
mod careful;
mod cell;
mod claims;
mod copying;
mod db;
mod digest;
mod ended;
mod error;
mod forwards;
mod journal;
mod noticed;
pub mod operations;
mod pack;
mod place;
mod postgres;
mod queries;
pub mod reader;
mod rows;
mod secrets;
mod sqlite;
mod store;
pub mod vault;

pub use arrivals::{Arrival, Pending, Received};
pub use books::Kept;
pub use copying::{Copied, CopyError, copy};
pub use digest::StateDigest;
pub use ended::EndedCommand;
pub use error::StoreError;
pub use journal::{Ended, Recorded};
pub use pack::{BadPack, Packed, Unpacked, digest_of, seen_key};
pub use place::Place;
pub use postgres::{BadAddress, Server};
pub use queries::dues::Dues;
pub use queries::walks::Which;
pub use reader::Reader;
pub use rows::Row;
pub use sqlite::checkpoint::{CHECKPOINT_PAGES, Checkpointer};
pub use store::Store;
