//! `copy`: everything that a stopped hub keeps, to the other engine, and the proof that it is all there.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crossdock_store::{Copied, Place as StorePlace, Store, copy};
use serde_json::json;

use crate::cli::CopyArgs;
use crate::commands::Place;
use crate::data::{DataDir, Held};
use crate::print;

/// A server may take this long for one statement: it looks at whole tables.
const ANSWER_WITHIN: Duration = Duration::from_hours(1);

pub(super) fn run(place: &Place, args: &CopyArgs) -> Result<ExitCode> {
    let (from, to) = (read(&args.from).context("--from")?, read(&args.to).context("--to")?);
    if !from.is_made().with_context(|| format!("cannot open {from}"))? {
        bail!("there is no store in {from}");
    }
    let _held = (hold(&from)?, hold(&to)?);
    let source = open(&from).with_context(|| format!("cannot open {from}"))?;
    let target = Store::at(&to).with_context(|| format!("cannot open {to}"))?;
    for (store, place) in [(&source, &from), (&target, &to)] {
        let others = store.others()?;
        if others > 0 {
            bail!("a hub runs on {place} ({others} connections): stop it first");
        }
    }
    let copied = copy(&source, target)?;
    tell(place, &to, &copied)?;
    Ok(ExitCode::SUCCESS)
}

/// A place as the command line names it.
fn read(text: &str) -> Result<StorePlace> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = Path::new(path);
        let is_file = path.is_file() || path.extension().is_some_and(|extension| extension == "db");
        let file = if is_file { path.to_owned() } else { DataDir::store_in(path) };
        return Ok(StorePlace::File(file));
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(match StorePlace::server(text)? {
            StorePlace::Server(server) => {
                StorePlace::Server(server.answering_within(ANSWER_WITHIN))
            }
            file @ StorePlace::File(_) => file,
        });
    }
    bail!(
        "`{text}` is no place: it reads sqlite:FOLDER or postgres://user:password@host:5432/database"
    )
}

/// Keeps hubs out of the folder of a file.
fn hold(place: &StorePlace) -> Result<Option<Held>> {
    let StorePlace::File(path) = place else { return Ok(None) };
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    match DataDir::open(&folder)?.hold()? {
        Some(held) => Ok(Some(held)),
        None => bail!("a hub runs in {}: stop it first", folder.display()),
    }
}

/// The source as it is at one moment.
fn open(place: &StorePlace) -> Result<Store> {
    Ok(match place {
        StorePlace::File(path) => Store::open(path)?,
        StorePlace::Server(server) => Store::snapshot(server)?,
    })
}

fn tell(place: &Place, to: &StorePlace, copied: &Copied) -> Result<()> {
    let (entries, waiting, journal) = (copied.entries, copied.waiting, &copied.journal);
    let state = copied.state.whole();
    if place.json {
        return print::json(&json!({
            "to": to.to_string(), "entries": entries, "waiting": waiting, "journal": journal, "state": state,
        }));
    }
    print::line(&format!("{entries} entries copied to {to}, and {waiting} arrivals that wait"));
    print::line(&format!("journal  {journal}  equal on both sides"));
    print::line(&format!("state    {state}  equal on both sides"));
    print::line(match to {
        StorePlace::File(_) => "to go on there: start the hub without CROSSDOCK_DATABASE_URL",
        StorePlace::Server(_) => "to go on there: start the hub with CROSSDOCK_DATABASE_URL",
    });
    print::line(
        "bring the master key along (master.key of the old data folder, or CROSSDOCK_MASTER_KEY):",
    );
    print::line(
        "secrets are sealed with it. `crossdock rebuild` proves the copy again, from its journal alone.",
    );
    Ok(())
}
