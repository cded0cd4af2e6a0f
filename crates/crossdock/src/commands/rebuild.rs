//! `rebuild`: folds the journal into an empty store and compares digests. Reads only; works while the hub runs.

use std::process::ExitCode;

use anyhow::{Result, bail};
use crossdock_hub::rebuild;
use crossdock_store::{Place as StorePlace, Reader, Store};
use serde_json::json;

use crate::commands::Place;
use crate::data::store_place;
use crate::print;

pub(super) fn run(place: &Place, batch: usize, as_json: bool) -> Result<ExitCode> {
    let from = store_place(&place.data)?;
    if !from.is_made()? {
        bail!("there is no store in {from}");
    }
    let scratch = tempfile_in(&place.data)?;
    // As it is in one moment: a hub that goes on writing must not make the two differ.
    let live = match &from {
        StorePlace::File(path) => {
            Reader::copy_file(path, &scratch.join("live.db"))?;
            Store::open(&scratch.join("live.db"))?
        }
        StorePlace::Server(server) => Store::snapshot(server)?,
    };
    let mut empty = Store::open(&scratch.join("rebuilt.db"))?;
    let found = rebuild(&live, &mut empty, crossdock_connectors::find, batch);
    drop((live, empty));
    let _ = std::fs::remove_dir_all(&scratch);
    let found = found?;
    if as_json {
        let outcomes: Vec<_> = found
            .other_outcomes
            .iter()
            .map(|(lane, number, then, now)| {
                json!({ "lane": lane, "entry": number, "then": then, "now": now })
            })
            .collect();
        print::json(&json!({
            "equal": found.is_equal(), "entries": found.entries, "live": found.live.whole(),
            "rebuilt": found.rebuilt.whole(), "other_outcomes": outcomes,
            "tables_that_differ": found.live.differences(&found.rebuilt),
        }))?;
    } else {
        show(&found);
    }
    Ok(if found.is_equal() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn show(found: &crossdock_hub::Rebuilt) {
    print::line(&format!("{} entries folded into an empty store", found.entries));
    print::line(&format!("state now      {}", found.live.whole()));
    print::line(&format!("state rebuilt  {}", found.rebuilt.whole()));
    for (lane, number, then, now) in &found.other_outcomes {
        let (then, now) = (then.word(), now.word());
        print::line(&format!("{lane} entry {number} ended as {then}, and now as {now}"));
    }
    let tables = found.live.differences(&found.rebuilt);
    if found.is_equal() {
        print::line("equal: the state is what the journal adds up to");
    } else {
        print::line(&format!("NOT equal; tables that differ: {}", tables.join(", ")));
    }
}

fn tempfile_in(data: &std::path::Path) -> Result<std::path::PathBuf> {
    let path = data.join(format!("rebuild-{}", std::process::id()));
    std::fs::create_dir_all(&path)?;
    Ok(path)
}
