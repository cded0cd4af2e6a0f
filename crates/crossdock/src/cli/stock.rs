//! The verbs of `stock` and their options.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Verbs of `stock`.
#[derive(Debug, Subcommand)]
pub(crate) enum StockVerb {
    /// Show stock: all items, or those that match
    Show {
        /// SKU, reference, id, or part of a title
        item: Option<String>,
    },
    /// Move stock between b2b, b2c, supplier, customer and count
    Allocate {
        /// Our id, your reference, or SKU
        item: String,
        /// Units
        quantity: i64,
        /// From
        #[arg(long, default_value = "b2c")]
        from: String,
        /// To
        #[arg(long, default_value = "b2b")]
        to: String,
    },
    /// How B2B and B2C share an item's stock
    Policy(PolicyArgs),
    /// What is published: buffer, cap and backing of an item, or the buffer and cap of all that have none of their own
    Terms(TermsArgs),
    /// Set an allocation to what the system that owns it has counted, from a CSV file
    Count {
        /// The file; its first line names the columns sku, quantity, version, taken_at
        file: PathBuf,
        /// Which allocation: b2b or b2c
        #[arg(long)]
        pool: String,
    },
    /// Counts that wait because they would change very much at once: show them, book them, or drop them
    Held {
        /// Which allocation: b2b or b2c
        #[arg(long)]
        pool: String,
        /// The stock is really so: book them
        #[arg(long)]
        approve: bool,
        /// The export was wrong: drop them
        #[arg(long, conflicts_with = "approve")]
        reject: bool,
    },
    /// Items of which a prep centre counts something else than our books say, and since when
    Drift,
    /// Decide about units that came in at a shop and that no order explains
    #[command(group(clap::ArgGroup::new("word").required(true)))]
    Unexplained {
        /// Our id, your reference, or SKU
        item: String,
        /// At which shop
        #[arg(long)]
        connection: String,
        /// They are there: they can be sold
        #[arg(long, group = "word")]
        accept: bool,
        /// They are not: set the shop's counter back
        #[arg(long, group = "word")]
        restore: bool,
    },
    /// Write an item's stock to its partners: on, or off (only observe)
    Sync {
        /// Our id, your reference, or SKU
        item: String,
        /// on or off
        switch: String,
    },
}

/// Options of `stock policy`.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// SKU
    pub(crate) sku: String,
    /// fixed (by hand), shared (by hand; B2B orders draw on b2b, then b2c), share (by percent), or shared-with-floor
    /// (both sell from the whole, each keeps its floor)
    pub(crate) allocation: String,
    /// Percent for b2c; with `share`
    #[arg(long, value_name = "PERCENT")]
    pub(crate) b2c_percent: Option<u8>,
    /// Units that b2c leaves for b2b; with `shared-with-floor`
    #[arg(long, value_name = "UNITS")]
    pub(crate) b2b_floor: Option<i64>,
    /// Units that b2b leaves for b2c; with `shared-with-floor`
    #[arg(long, value_name = "UNITS")]
    pub(crate) b2c_floor: Option<i64>,
    /// Take back what was allocated to keep share or floors; without it, only new goods are distributed
    #[arg(long)]
    pub(crate) hard: bool,
}

/// Options of `stock terms`.
#[derive(Debug, Args)]
pub(crate) struct TermsArgs {
    /// SKU; all items that have no terms of their own if left out
    pub(crate) sku: Option<String>,
    /// Units that are not shown in shops; `default` for what holds for all items
    #[arg(long, value_name = "UNITS")]
    pub(crate) buffer: Option<String>,
    /// More is never shown in shops; `none`, or `default` for what holds for all items
    #[arg(long, value_name = "UNITS")]
    pub(crate) cap: Option<String>,
    /// What stands behind the item at a supplier, as CONNECTION/LOCATION; `none` to end it
    #[arg(long, value_name = "CONNECTION/LOCATION", requires = "sku")]
    pub(crate) backing: Option<String>,
    /// Which allocation is backed
    #[arg(long, default_value = "b2b", requires = "backing", value_name = "POOL")]
    pub(crate) backs: String,
    /// The supplier's figure counts for so many seconds after it was last seen
    #[arg(long, default_value_t = 3_600, requires = "backing", value_name = "SECONDS")]
    pub(crate) age_max_s: u64,
    /// More of the supplier's units than this never count
    #[arg(long, requires = "backing", value_name = "UNITS")]
    pub(crate) backing_cap: Option<i64>,
}
