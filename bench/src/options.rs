//! The command line: what to measure, for how long, against whom.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(name = "crossdock-bench", about = "Measures crossdock beside a bare handler and Node")]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Measure everything, interleaved, and print the table.
    Run(RunOptions),
    /// Measure simulation, reconciliation and explaining in this process, and print the marks of stock.
    Stock(StockOptions),
    /// Measure reading and folding what a prep centre has, in this process, and print the marks of receptions.
    Receptions(ReceptionOptions),
    /// Measure folding on a PostgreSQL server in this process, beside jobs on the same, and print the marks of many nodes.
    Many(ManyOptions),
    /// (child) Serve a handler that only reads the body and checks its signature.
    #[command(hide = true)]
    Bare {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        secret: String,
    },
    /// (child) Keep one core busy until killed.
    #[command(hide = true)]
    Spin,
}

#[derive(Args)]
pub(crate) struct RunOptions {
    /// One round of two seconds each: shows that everything works, not how fast it is.
    #[arg(long)]
    quick: bool,
    /// Rounds of every quantity; the medians are reported.
    #[arg(long)]
    rounds: Option<u32>,
    /// Seconds of each round.
    #[arg(long)]
    seconds: Option<u64>,
    /// Keep-alive connections that send at the same time.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// Items linked to the shop; the deliveries go round them.
    #[arg(long, default_value_t = 200)]
    pub(crate) items: u64,
    /// Grow the store to a million entries before the restart is timed (minutes, about 2 GB).
    #[arg(long)]
    pub(crate) million: bool,
    /// Also write everything measured, round by round, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Whom to measure.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["hub", "bare", "node"])]
    pub(crate) targets: Vec<TargetName>,
    /// What to measure.
    #[arg(long, value_enum, value_delimiter = ',',
          default_values = ["accept", "busy", "open", "backlog", "history"])]
    pub(crate) only: Vec<Quantity>,
    /// The hub's release binary [default: `crossdock` beside this program].
    #[arg(long, value_name = "FILE")]
    pub(crate) hub: Option<PathBuf>,
    /// The folder of the Node peer, its modules installed [default: `bench/peers/node-sqlite`, or `node-postgres`].
    #[arg(long, value_name = "DIR")]
    peer: Option<PathBuf>,
    /// Let hub and peer keep everything in databases of this PostgreSQL server, `bench_hub`, `bench_node` and
    /// `bench_careful`, which are dropped and made anew [default: files of `SQLite`'s].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) postgres: Option<String>,
    /// Where databases, configuration and logs go: a real disk [default: `target/bench-data`].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Before each round wait so long, at most, for programs that are not ours to leave the processor.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait_for_quiet: u64,
    /// Leave databases and logs there, until the next run.
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Args)]
pub(crate) struct StockOptions {
    /// A tenth of everything: shows that it works, not how fast it is.
    #[arg(long)]
    pub(crate) quick: bool,
    /// What to measure.
    #[arg(long, value_enum, value_delimiter = ',',
          default_values = ["simulate", "compare", "explain"])]
    pub(crate) only: Vec<StockPart>,
    /// The base seed of the simulation.
    #[arg(long, default_value_t = 5)]
    pub(crate) base: u64,
    /// Where databases go: a real disk [default: `target/bench-data`].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ReceptionOptions {
    /// A tenth of everything: shows that it works, not how fast it is.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Where databases go: a real disk [default: `target/bench-data`].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ManyOptions {
    /// The server, durable, by the address of a database where others may be made: `bench_fold` and `bench_jobs` are dropped
    /// and made anew.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) server: String,
    /// Another server, whose commits a synchronous standby has to have.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) with_standby: Option<String>,
    /// A tenth of everything: shows that it works, not how fast it is.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Rounds of every part; the medians are reported.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: u32,
    /// What to measure.
    #[arg(long, value_enum, value_delimiter = ',',
          default_values = ["fold", "distance", "nodes", "jobs"])]
    pub(crate) only: Vec<ManyPart>,
    /// The folder of graphile-worker's program, its modules installed.
    #[arg(long, value_name = "DIR", default_value = "bench/peers/graphile-worker")]
    pub(crate) jobs: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ManyPart {
    /// One client's backlog by one node.
    Fold,
    /// The same with a millisecond added on the way.
    Distance,
    /// Many clients by one node, and by two.
    Nodes,
    /// Jobs of graphile-worker.
    Jobs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StockPart {
    /// Hours of trade in a minute on one core.
    Simulate,
    /// A reconciliation of a large shop.
    Compare,
    /// An item with a long history.
    Explain,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetName {
    Hub,
    Bare,
    Node,
    /// On PostgreSQL: Node as a team writes it that has measured. No mark is about it.
    Careful,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Quantity {
    /// Webhooks accepted per second at 2 KiB and 20 KiB.
    Accept,
    /// The same beside two busy loops.
    Busy,
    /// Latency at fixed rates.
    Open,
    /// Folding what has piled up.
    Backlog,
    /// Memory and time to ready with much stored.
    History,
}

impl RunOptions {
    pub(crate) fn peer(&self) -> PathBuf {
        let usual = match self.postgres {
            Some(_) => "bench/peers/node-postgres",
            None => "bench/peers/node-sqlite",
        };
        self.peer.clone().unwrap_or_else(|| usual.into())
    }

    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 3 }).max(1)
    }

    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.quick { 2 } else { 5 }).max(1))
    }

    pub(crate) fn open_loop_window(&self) -> Duration {
        Duration::from_secs(if self.quick { 3 } else { 10 })
    }

    pub(crate) fn wait_for_quiet(&self) -> Duration {
        Duration::from_secs(self.wait_for_quiet)
    }

    pub(crate) fn wants(&self, quantity: Quantity) -> bool {
        self.only.contains(&quantity)
    }

    pub(crate) fn includes(&self, target: TargetName) -> bool {
        self.targets.contains(&target)
    }
}
