//! `merchants`, `receptions` and `poll`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Options of `merchants`.
#[derive(Debug, Args)]
pub(crate) struct MerchantsArgs {
    #[command(subcommand)]
    pub(crate) verb: MerchantsVerb,
    /// At which connection; may be left out where only one serves several merchants
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) connection: Option<String>,
}

/// Verbs of `merchants`.
#[derive(Debug, Subcommand)]
pub(crate) enum MerchantsVerb {
    /// List the accounts: whose each is, what was imported, what waits
    List,
    /// Say whose an account is; what waits for it is handed on
    Map {
        /// The partner's id of the account
        account: String,
        /// The merchant account here
        client: String,
        /// Country that its goods are meant for, as it is written there (DE)
        #[arg(long)]
        country: Option<String>,
        /// Where received goods belong: b2b or b2c; the merchant account's own setting if left out
        #[arg(long)]
        pool: Option<String>,
        /// Although something of it was handed to another merchant account already; that stays there
        #[arg(long)]
        accept_history: bool,
    },
    /// An account has no more to do with us: what comes for it waits
    Unmap {
        /// The partner's id of the account
        account: String,
    },
}

/// Verbs of `receptions`.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceptionsVerb {
    /// List them, the last changed first
    List {
        /// Only those that are submitted, shipped, partly_received or received
        #[arg(long)]
        status: Option<String>,
        /// Only those with lines that need you
        #[arg(long)]
        trouble: bool,
        /// Only those with this in their id or name, or in a line's SKU, ASIN or title
        #[arg(long)]
        search: Option<String>,
        /// How many
        #[arg(long, default_value_t = 30)]
        limit: u32,
    },
    /// One of them with its lines: announced, received, unsellable, missing, and what needs you
    Show {
        /// The partner's id of it
        reception: String,
        /// Where it came from; may be left out where no two have this id
        #[arg(long)]
        source: Option<String>,
    },
    /// Take in a file of them, as CSV or as JSON
    Import {
        /// The file
        file: PathBuf,
        /// By which connection; may be left out where only one serves several merchants
        #[arg(long, value_name = "ID")]
        connection: Option<String>,
    },
}

/// Options of `poll`.
#[derive(Debug, Args)]
pub(crate) struct PollArgs {
    /// Which connection; may be left out where only one serves several merchants
    pub(crate) connection: Option<String>,
    /// Everything, and not only what has changed
    #[arg(long)]
    pub(crate) all: bool,
}
