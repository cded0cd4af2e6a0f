//! `check`: what would happen at a start, without starting anything.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use crossdock_connectors::Given;
use crossdock_domain::connection::{Connection, ConnectionStatus};
use crossdock_domain::{ConnectionId, Instant};
use crossdock_server::engine::Clock as _;
use crossdock_store::Reader;
use crossdock_store::reader::upkeep::Upkeep;

use crate::clock::SystemClock;
use crate::commands::Place;
use crate::config::{ConnectionConfig, environment};
use crate::data::store_place;
use crate::print;

pub(super) fn run(place: &Place) -> Result<ExitCode> {
    let mut objections = 0;
    match &place.file {
        Some(file) => print::line(&format!("configuration  {} reads well", file.display())),
        None => print::line("configuration  no file; defaults and the environment"),
    }
    let store = store_place(&place.data)?;
    if store.is_made().with_context(|| format!("cannot open the store {store}"))? {
        let reader = Reader::at(&store)?;
        let clients = reader.clients()?.len();
        print::line(&format!("data           {store} ({clients} merchant accounts)"));
        for (connection, upkeep) in reader.upkeep_of_all()? {
            let words = in_words(&connection, &upkeep, SystemClock.now());
            print::line(&format!("upkeep         {}: {words}", upkeep.connection));
        }
    } else {
        print::line(&format!("data           {store} will be made"));
    }
    for (id, connection) in &place.config.connections {
        match check_connection(id, connection) {
            Ok(warnings) => {
                print::line(&format!("connection     {id}: settings are accepted"));
                for warning in warnings {
                    print::line(&format!("               {id}: note: {warning}"));
                }
            }
            Err(error) => {
                objections += 1;
                print::line(&format!("connection     {id}: {error:#}"));
            }
        }
    }
    if place.config.connections.is_empty() {
        print::line("connection     none configured; `crossdock connection add` makes one");
    }
    Ok(if objections == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// How a connection is kept honest, in a line.
fn in_words(connection: &Connection, upkeep: &Upkeep, now: Instant) -> String {
    let mut words = vec![match (&connection.status, upkeep.is_observing) {
        (ConnectionStatus::Paused { why, .. }, _) => format!("paused ({why})"),
        (ConnectionStatus::Active, true) => "only observes".to_owned(),
        (ConnectionStatus::Active, false) => "live".to_owned(),
    }];
    if let Some(since) = upkeep.braked_since {
        words.push(format!("BRAKE ON since {since}"));
    }
    let compared = upkeep.compared_at.max(upkeep.changes_compared_at);
    words
        .push(compared.map_or("never reconciled".to_owned(), |at| {
            format!("reconciled {} ago", age(at, now))
        }));
    if let Some(at) = upkeep.compared_at {
        words.push(format!("in full {} ago", age(at, now)));
    }
    if let Some(failed) = &upkeep.failed {
        words.push(format!("then in vain: {}", failed.why));
    }
    if upkeep.waiting > 0 {
        words.push(format!("discrepancies that wait for you: {}", upkeep.waiting));
    }
    words.join(", ")
}

/// "3 h".
fn age(at: Instant, now: Instant) -> String {
    let minutes = now.since(at).as_ms() / 60_000;
    match minutes {
        0..=119 => format!("{minutes} min"),
        120..=2_879 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

fn check_connection(id: &ConnectionId, wanted: &ConnectionConfig) -> Result<Vec<String>> {
    let Some(connector) = crossdock_connectors::find(&wanted.connector) else {
        bail!("there is no connector `{}`", wanted.connector);
    };
    wanted.lane(id, connector)?;
    let mut slots = Vec::new();
    for (slot, source) in &wanted.secrets {
        if !connector.offers().secrets.iter().any(|spec| spec.slot == slot) {
            bail!("{} takes no secret `{slot}`", wanted.connector);
        }
        source.read(&environment)?;
        slots.push(slot.clone());
    }
    let settings: BTreeMap<_, _> =
        wanted.settings.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
    let given = Given { settings: &settings, secret_slots: &slots, sandbox: wanted.sandbox };
    Ok(connector.configure(&given)?.warnings)
}
