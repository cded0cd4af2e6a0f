//! The options of `copy`.

#![expect(clippy::doc_markdown, reason = "these comments are the help text")]

use clap::Args;

/// Options of `copy`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CopyArgs {
    /// What is copied: sqlite:FOLDER (a data folder, or its crossdock.db), or postgres://user:password@host:5432/database
    #[arg(long, value_name = "PLACE")]
    pub(crate) from: String,
    /// Where to, written alike: an empty database, or a folder without a store
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: String,
}
