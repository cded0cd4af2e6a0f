//! The journal, lanes, tasks and state tables, on SQLite. Nothing decides here.
//!
//! [`Store`] is the one writer: it receives arrivals, hands them to the fold, keeps the fold's changes in memory
//! until the batch is flushed, and commits. [`Reader`] is for everything that only looks. [`Packed`] and [`vault`]
//! are pure and run on other threads.

mod error;
mod pack;
mod sqlite;
pub mod vault;

pub use error::StoreError;
pub use pack::{BadPack, Packed, Unpacked, digest_of, seen_key};
pub use sqlite::arrivals::{Arrival, Pending, Received};
pub use sqlite::digest::StateDigest;
pub use sqlite::journal::{Ended, Recorded};
pub use sqlite::queries::walks::Which;
pub use sqlite::reader::Reader;
pub use sqlite::rows::Row;
pub use sqlite::{Kept, Store, operations, reader};
