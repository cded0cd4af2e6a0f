//! What SQLite needs beside the statements that both engines share: its schema, and how it remembers what was seen.

mod filter;
pub(crate) mod migrations;
pub(crate) mod seen;
