//! The command line: every verb and its options.

#![expect(clippy::doc_markdown, reason = "these comments are the help text")]

mod copy;
mod database;
mod live;
mod merchants;
mod orders;
mod reconcile;
mod simulate;
mod stock;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use copy::CopyArgs;
pub(crate) use database::{DatabaseVerb, ReaderOf};
pub(crate) use live::{BrakeVerb, LiveVerb};
pub(crate) use merchants::{MerchantsArgs, MerchantsVerb, PollArgs, ReceptionsVerb};
pub(crate) use orders::{MarkArgs, MarkedArgs, OrderVerb};
pub(crate) use reconcile::{ReconcileArgs, ReconcileVerb};
pub(crate) use simulate::SimulateArgs;
pub(crate) use stock::{PolicyArgs, StockVerb, TermsArgs};

/// Keeps products, stock and orders the same in every system a merchant trades through.
#[derive(Debug, Parser)]
#[command(name = "crossdock", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Where configuration and data are.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlaceArgs {
    /// Configuration file; ./crossdock.toml if that exists
    #[arg(long, global = true, env = "CROSSDOCK_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data folder; from the configuration, else ./crossdock-data
    #[arg(long, global = true, env = "CROSSDOCK_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Merchant account; may be left out where there is only one
    #[arg(long, global = true, env = "CROSSDOCK_CLIENT", value_name = "ID")]
    pub(crate) client: Option<String>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run: receive webhooks, keep stock in step, show the page
    Serve(ServeArgs),
    /// Run against a simulated shop with live trade, to watch it happen
    Demo(DemoArgs),
    /// Check configuration, data folder and connections' settings, without changing anything
    Check,
    /// Accounts at partners
    #[command(subcommand)]
    Connection(ConnectionVerb),
    /// Going live: what would be written to a shop, and the word that it may
    #[command(subcommand)]
    Live(LiveVerb),
    /// The brake: what it holds, and to let it go on or not
    #[command(subcommand)]
    Brake(BrakeVerb),
    /// Accounts at a prep centre that serves several merchants: whose each is, and what was done for it
    Merchants(MerchantsArgs),
    /// Inbounds (receptions): goods announced to a prep centre, what came of them and what did not
    #[command(subcommand)]
    Receptions(ReceptionsVerb),
    /// Read what a prep centre has, now
    Poll(PollArgs),
    /// Link items with a shop's by SKU
    Link(LinkArgs),
    /// Stock per item and pool
    #[command(subcommand)]
    Stock(StockVerb),
    /// Orders: B2B orders of yours, and customers' orders that a prep centre keeps
    #[command(subcommand)]
    Order(OrderVerb),
    /// Read an item's stock at its partners, and write what is owed
    Sync {
        /// Our id, your reference, or SKU; all items if left out
        item: Option<String>,
    },
    /// Compare a shop's stock with ours, and see what differs and why
    Reconcile(ReconcileArgs),
    /// Explain a figure: what makes it, down to the bytes, and what happens next
    #[command(subcommand)]
    Explain(ExplainVerb),
    /// What happened: the journal, newest first
    Entries(EntriesArgs),
    /// Outgoing calls that are owed, under way or stuck
    Tasks(TasksArgs),
    /// Try again: an entry by its number, an outgoing call by its id (tsk_7)
    Retry {
        /// Entry number or task id
        what: String,
        /// It is of this connection, which serves several merchant accounts
        #[arg(long, value_name = "CONNECTION")]
        shared: Option<String>,
    },
    /// Fold the journal into an empty store and compare: proves the state
    Rebuild {
        /// Entries per batch; the result must not depend on it
        #[arg(long, default_value_t = 1_000)]
        batch: usize,
    },
    /// Ask in SQL: stock, its audit trail and webhooks, from the views of docs/reporting.md
    Sql(SqlArgs),
    /// Copy a stopped hub's store from SQLite to PostgreSQL or back, and prove the copy
    Copy(CopyArgs),
    /// The PostgreSQL database: its tables, and the roles that may use them
    #[command(subcommand)]
    Database(DatabaseVerb),
    /// API tokens
    #[command(subcommand)]
    Token(TokenVerb),
    /// Print a fresh one-time link to the page
    SignIn,
    /// Run simulated partners alone
    Sandbox(SandboxArgs),
    /// Prove the hub against a simulated shop: trade, bad weather and crashes in virtual time
    Simulate(SimulateArgs),
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Address for webhooks and API
    #[arg(long, env = "CROSSDOCK_PUBLIC", value_name = "ADDR")]
    pub(crate) public: Option<SocketAddr>,
    /// Address for page and metrics
    #[arg(long, env = "CROSSDOCK_ADMIN", value_name = "ADDR")]
    pub(crate) admin: Option<SocketAddr>,
}

/// Options of `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// Folder to keep the demo in; a temporary one if left out
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// End by itself after so many seconds
    #[arg(long, value_name = "N")]
    pub(crate) seconds: Option<u64>,
    /// No page to look at: print a summary at the end, exit code 0 only if the books agree
    #[arg(long)]
    pub(crate) headless: bool,
    /// Seed of the simulated shop
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Items in the simulated shop
    #[arg(long, default_value_t = 200)]
    pub(crate) items: usize,
    /// Orders a second in the simulated shop
    #[arg(long, default_value_t = 2.0)]
    pub(crate) rate: f64,
    /// Address for webhooks and API; a free port if left out
    #[arg(long, value_name = "ADDR")]
    pub(crate) public: Option<SocketAddr>,
    /// Address for the page; a free port if left out
    #[arg(long, value_name = "ADDR")]
    pub(crate) admin: Option<SocketAddr>,
}

/// Verbs of `connection`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionVerb {
    /// Make a connection, or change its settings
    Add {
        /// Its id; part of the webhook address
        id: String,
        /// Which connector
        connector: String,
        /// A setting, as name=value; may be repeated
        #[arg(long = "set", value_name = "NAME=VALUE")]
        settings: Vec<String>,
        /// A secret, as slot=@FILE, slot=$ENVIRONMENT_VARIABLE, or slot=- to be asked for; may be repeated
        #[arg(long = "secret", value_name = "SLOT=SOURCE")]
        secrets: Vec<String>,
        /// It is simulated: plain http and loopback addresses are allowed, nothing else is
        #[arg(long)]
        sandbox: bool,
        /// Write from the start, without looking at the plan: only where it is simulated
        #[arg(long, requires = "sandbox")]
        live: bool,
        /// Receive only, for now
        #[arg(long)]
        paused: bool,
    },
    /// List connections and how they are
    List,
    /// Ask the partner who we are to it
    Test {
        /// Which
        id: String,
    },
    /// Stop sending; receiving goes on
    Pause {
        /// Which
        id: String,
        /// Why, for whoever wonders later
        #[arg(long, default_value = "paused by hand")]
        why: String,
    },
    /// Send again
    Resume {
        /// Which
        id: String,
    },
}

/// Options of `link`.
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// Our id, your reference, or SKU; all of the shop's items if left out
    pub(crate) item: Option<String>,
    /// At which connection; may be left out where there is only one
    #[arg(long)]
    pub(crate) connection: Option<String>,
    /// Link with this id of the partner's, instead of looking for the SKU
    #[arg(long, requires = "item", value_name = "ID")]
    pub(crate) remote: Option<String>,
    /// Do not take the shop's figure as opening balance
    #[arg(long)]
    pub(crate) no_adopt: bool,
    /// Write stock to the shop from now on
    #[arg(long)]
    pub(crate) sync: bool,
    /// Do not make items that we do not have
    #[arg(long)]
    pub(crate) no_create: bool,
}

/// Verbs of `explain`.
#[derive(Debug, Subcommand)]
pub(crate) enum ExplainVerb {
    /// An item's stock: where it stands, whether both sides agree, and the movements that make it
    Stock(ExplainArgs),
}

/// Options of `explain stock`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Our id, your reference, or SKU
    pub(crate) item: String,
    /// Only movements of this account: b2b, b2c, supplier, customer, count, or one of the ledger's own
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// All movements, not only the last ones
    #[arg(long)]
    pub(crate) all: bool,
    /// Movements of how many entries
    #[arg(long, default_value_t = 12, conflicts_with = "all")]
    pub(crate) limit: u32,
}

/// Options of `entries`.
#[derive(Debug, Args)]
pub(crate) struct EntriesArgs {
    /// One entry, with its bytes
    pub(crate) number: Option<u64>,
    /// Of this connection, which serves several merchant accounts
    #[arg(long, value_name = "CONNECTION")]
    pub(crate) shared: Option<String>,
    /// Only those that need a person
    #[arg(long)]
    pub(crate) trouble: bool,
    /// Only those with this outcome
    #[arg(long)]
    pub(crate) outcome: Option<String>,
    /// Only those of this kind
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// How many
    #[arg(long, default_value_t = 30)]
    pub(crate) limit: u32,
}

/// Options of `tasks`.
#[derive(Debug, Args)]
pub(crate) struct TasksArgs {
    /// Of this connection, which serves several merchant accounts
    #[arg(long, value_name = "CONNECTION")]
    pub(crate) shared: Option<String>,
    /// Those that are over, too
    #[arg(long)]
    pub(crate) all: bool,
    /// Only those in this state: waiting, sent, stuck, done, dropped
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// How many
    #[arg(long, default_value_t = 30)]
    pub(crate) limit: u32,
}

/// Options of `sql`.
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// One statement that reads; `-` to take it from standard input
    pub(crate) sql: String,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Break it off after so many seconds
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub(crate) seconds: u64,
}

/// Verbs of `token`.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Make a token; it is shown once
    Create {
        /// What to call it
        name: String,
        /// What it may do: read, write, sync, admin; may be repeated
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// Only for the merchant account given by --client
        #[arg(long)]
        limited: bool,
    },
    /// List tokens
    List,
}

/// Options of `sandbox`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SandboxArgs {
    /// Address
    #[arg(long, default_value = "127.0.0.1:9101")]
    pub(crate) listen: SocketAddr,
    /// Seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Items
    #[arg(long, default_value_t = 200)]
    pub(crate) items: usize,
    /// Add items of the kinds that break naive programs
    #[arg(long)]
    pub(crate) odd: bool,
    /// Address of a simulated prep centre beside the shop; none if left out
    #[arg(long, value_name = "ADDR")]
    pub(crate) prep: Option<SocketAddr>,
}
