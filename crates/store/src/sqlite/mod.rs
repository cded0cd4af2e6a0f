//! What SQLite needs beside the statements that both engines share: its schema, how it remembers what was seen, and the
//! checkpoints of its log.

pub(crate) mod checkpoint;
mod filter;
pub(crate) mod migrations;
pub(crate) mod seen;
