//! The verbs: one file each, or one for a family. Those that change anything ask the running hub; where none runs, the
//! house is opened for the length of the command, and sends nothing.

mod check;
mod connection;
mod copy;
mod database;
mod explain;
mod journal;
mod live;
mod merchants;
mod rebuild;
mod receptions;
mod reconcile;
mod sandbox;
mod serve;
mod simulate;
mod sql;
mod stock;
mod token;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, PlaceArgs, Verb};
use crate::config::{Config, environment};
use crate::demo;

/// Where configuration and data are.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The configuration file, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// What it says, with what the environment adds.
    pub(crate) config: Config,
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The merchant account meant.
    pub(crate) client: Option<String>,
    /// JSON instead of tables.
    pub(crate) json: bool,
}

const FILE: &str = "crossdock.toml";
const DATA: &str = "crossdock-data";

impl Place {
    fn new(args: &PlaceArgs) -> Result<Self> {
        let usual = Path::new(FILE);
        let file = args.config.clone().or_else(|| usual.exists().then(|| usual.to_owned()));
        let mut config = match &file {
            Some(file) => Config::read(file)?,
            None => Config::default(),
        };
        config.add_from_environment(crossdock_connectors::all(), &environment)?;
        let data = args.data.clone().or_else(|| config.data.clone());
        let data = data.unwrap_or_else(|| PathBuf::from(DATA));
        Ok(Self { file, config, data, client: args.client.clone(), json: args.json })
    }
}

/// Runs a verb.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let place = &Place::new(&cli.place)?;
    match cli.verb {
        Verb::Serve(args) => serve::run(place, &args).await,
        Verb::Demo(args) => demo::run(&args).await,
        Verb::Sandbox(args) => sandbox::run(&args).await,
        Verb::Simulate(args) => simulate::run(&args),
        Verb::Check => check::run(place),
        Verb::Rebuild { batch } => rebuild::run(place, batch, place.json),
        Verb::Connection(verb) => connection::run(place, verb).await,
        Verb::Live(verb) => live::run(place, verb).await,
        Verb::Brake(verb) => live::brake(place, verb).await,
        Verb::Merchants(args) => merchants::run(place, args).await,
        Verb::Receptions(verb) => receptions::run(place, verb).await,
        Verb::Poll(args) => receptions::poll(place, &args).await,
        Verb::Link(args) => connection::link(place, &args).await,
        Verb::Stock(verb) => stock::run(place, verb).await,
        Verb::Order(verb) => stock::order(place, verb).await,
        Verb::Sync { item } => stock::sync(place, item.as_deref()).await,
        Verb::Reconcile(args) => reconcile::run(place, args).await,
        Verb::Explain(verb) => explain::run(place, verb).await,
        Verb::Entries(args) => journal::entries(place, &args).await,
        Verb::Tasks(args) => journal::tasks(place, &args).await,
        Verb::Retry { what, shared } => journal::retry(place, &what, shared.as_deref()).await,
        Verb::Sql(args) => sql::run(place, &args),
        Verb::Copy(args) => copy::run(place, &args),
        Verb::Database(verb) => database::run(place, &verb),
        Verb::Token(verb) => token::run(place, verb).await,
        Verb::SignIn => token::sign_in(place).await,
    }
}
