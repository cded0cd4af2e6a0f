//! The verbs of `order` and their options.

use clap::{Args, Subcommand};

/// Verbs of `order`.
#[derive(Debug, Subcommand)]
pub(crate) enum OrderVerb {
    /// Take stock for an order, all lines or none
    Place {
        /// Your name for the order
        order: String,
        /// Lines, as ITEM=QUANTITY; ITEM=QUANTITY@CONNECTION where a partner delivers, and nothing is taken from
        /// your stock
        #[arg(required = true, value_name = "ITEM=QUANTITY")]
        lines: Vec<String>,
    },
    /// Say that an order was shipped: what it held is gone
    Ship {
        /// Your name for the order
        order: String,
        /// What was shipped, as ITEM=QUANTITY; all that is left of the order, if left out
        #[arg(value_name = "ITEM=QUANTITY")]
        lines: Vec<String>,
        /// Your name for the shipment; needed where an order is shipped in parts
        #[arg(long, value_name = "NAME")]
        shipment: Option<String>,
    },
    /// Give an order's stock back, as far as it was not shipped
    Cancel {
        /// Your name for the order
        order: String,
    },
    /// Mark a customer's order as shipped at the prep centre that keeps it, unless it has left already; that may tell the
    /// marketplace
    MarkShipped(MarkArgs),
    /// Show what came of marking a customer's order as shipped
    Marked(MarkedArgs),
}

/// Options of `order marked`.
#[derive(Debug, Args)]
pub(crate) struct MarkedArgs {
    /// The prep centre's id of the order
    pub(crate) order: String,
    /// At which connection; may be left out where only one serves several merchants
    #[arg(long, value_name = "ID")]
    pub(crate) connection: Option<String>,
    /// The prep centre's id of your account; all of yours there, if left out
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

/// Options of `order mark-shipped`.
#[derive(Debug, Args)]
pub(crate) struct MarkArgs {
    /// The prep centre's id of the order
    pub(crate) order: String,
    /// The carrier, in the prep centre's word (ups, usps, fedex …)
    #[arg(long, value_name = "NAME")]
    pub(crate) carrier: Option<String>,
    /// The carrier's number; left out for a parcel that nobody can follow
    #[arg(long, value_name = "NUMBER")]
    pub(crate) tracking: Option<String>,
    /// At which connection; may be left out where only one serves several merchants
    #[arg(long, value_name = "ID")]
    pub(crate) connection: Option<String>,
    /// The prep centre's id of your account; may be left out where you have only one there
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}
