//! `check`: what would happen at a start, without starting anything.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Result, bail};
use crossdock_connectors::Given;
use crossdock_store::Reader;

use crate::commands::Place;
use crate::config::{ConnectionConfig, environment};
use crate::print;

pub(super) fn run(place: &Place) -> Result<ExitCode> {
    let mut objections = 0;
    match &place.file {
        Some(file) => print::line(&format!("configuration  {} reads well", file.display())),
        None => print::line("configuration  no file; defaults and the environment"),
    }
    let store = place.data.join("crossdock.db");
    if store.exists() {
        let clients = Reader::open(&store)?.clients()?.len();
        print::line(&format!(
            "data           {} ({clients} merchant accounts)",
            place.data.display()
        ));
    } else {
        print::line(&format!("data           {} will be made", place.data.display()));
    }
    for (id, connection) in &place.config.connections {
        match check_connection(connection) {
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

fn check_connection(wanted: &ConnectionConfig) -> Result<Vec<String>> {
    let Some(connector) = crossdock_connectors::find(&wanted.connector) else {
        bail!("there is no connector `{}`", wanted.connector);
    };
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
