//! `reconcile` and its verbs.

use clap::{Args, Subcommand};

/// Options of `reconcile`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ReconcileArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<ReconcileVerb>,
    /// Which connection to compare
    #[arg(required = true)]
    pub(crate) connection: Option<String>,
    /// Everything, not only what has changed there since the last time
    #[arg(long)]
    pub(crate) all: bool,
    /// Wait for the end, and print the report
    #[arg(long)]
    pub(crate) wait: bool,
}

/// Verbs of `reconcile`.
#[derive(Debug, Subcommand)]
pub(crate) enum ReconcileVerb {
    /// List reconciliations, newest first: those that found something, failed or are not over
    List {
        /// All of them
        #[arg(long)]
        all: bool,
        /// How many
        #[arg(long, default_value_t = 30)]
        limit: u32,
    },
    /// Show what a reconciliation found, with the evidence and the movement that repairs it
    Report {
        /// Its number; the last one that tells anything, if left out
        number: Option<u64>,
    },
    /// Book findings that wait for a person
    Apply {
        /// The reconciliation's number
        number: u64,
        /// Which findings, as the report numbers them; all that wait, if left out
        findings: Vec<u32>,
    },
    /// Leave findings as they are
    Dismiss {
        /// The reconciliation's number
        number: u64,
        /// Which findings, as the report numbers them; all that wait, if left out
        findings: Vec<u32>,
    },
}
