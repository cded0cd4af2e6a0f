//! `live` and `brake`: what is written to a shop, and what holds it.

use clap::Subcommand;

/// Verbs of `live`.
#[derive(Debug, Subcommand)]
pub(crate) enum LiveVerb {
    /// Show what would be written, or is about to be
    Plan {
        /// Which connection
        id: String,
        /// Lines to show; those that would go to zero come first
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Write what is owed from now on
    Start {
        /// Which connection
        id: String,
        /// So many items go to zero, as the plan says: needed where that is more than the brake lets pass
        #[arg(long, value_name = "N", requires = "accept_changed")]
        accept_zeroed: Option<u64>,
        /// So many items change by more than half, as the plan says
        #[arg(long, value_name = "N", requires = "accept_zeroed")]
        accept_changed: Option<u64>,
    },
    /// Write nothing any more; reading and booking go on
    Stop {
        /// Which connection
        id: String,
    },
}

/// Verbs of `brake`.
#[derive(Debug, Subcommand)]
pub(crate) enum BrakeVerb {
    /// Show whether it is on, why, and some of what it holds
    Show {
        /// Which connection
        id: String,
    },
    /// Let everything that it holds go on
    Approve {
        /// Which connection
        id: String,
    },
    /// Do not: writes stop until you go live again; figures that are not believed are set back
    Reject {
        /// Which connection
        id: String,
    },
}
