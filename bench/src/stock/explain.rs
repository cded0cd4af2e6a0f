//! How long it takes to explain an item with a long history, each movement with its entry, from a file.

use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::{Result, ensure};
use crossdock_domain::stock::Account;
use crossdock_domain::{ClientId, LaneId, Number};
use crossdock_store::reader::explain::LedgerAsked;
use crossdock_store::{Reader, Store};

use super::history::{self, ITEM};
use crate::measure::{median, millis};

const ROUNDS: u32 = 20;

/// One way to ask, and how long the answer took.
pub(super) struct Explained {
    pub(super) asked: &'static str,
    pub(super) median_ms: f64,
    pub(super) slowest_ms: f64,
}

pub(super) fn measure(folder: &Path, movements: u64) -> Result<Vec<Explained>> {
    let path = folder.join("explain.db");
    let (client, lane): (ClientId, LaneId) = ("main".parse()?, "client:main".parse()?);
    history::write(&mut Store::open(&path)?, (&client, &lane), movements)?;
    let reader = Reader::open(&path)?;
    let first = LedgerAsked { limit: 100, ..LedgerAsked::default() };
    let before = |number| LedgerAsked { before: Some(Number(number)), ..first.clone() };
    let of = |account| LedgerAsked { account: Some(account), ..first.clone() };
    let ways = [
        ("the newest 100 entries, all added up", first.clone()),
        ("100 entries from the middle", before(movements)),
        ("the oldest 100 entries", before(200)),
        ("one account, b2c", of(Account::B2C)),
        ("an account of two movements", of("committed:PO-1".parse()?)),
    ];
    let measured = ways.iter().map(|(asked, ledger)| {
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            took.push(millis(explain(&reader, (&client, &lane), ledger)?));
        }
        let slowest_ms = took.iter().copied().fold(0.0, f64::max);
        Ok(Explained { asked, median_ms: median(took).unwrap_or_default(), slowest_ms })
    });
    measured.collect()
}

/// All that the ledger's part of an explanation reads, in one moment; whether it adds up is part of it.
fn explain(
    reader: &Reader,
    (client, lane): (&ClientId, &LaneId),
    asked: &LedgerAsked,
) -> Result<Duration> {
    let begun = Stopwatch::now();
    let ledger = reader.at_once(|reader| {
        let ledger = reader.ledger(client, ITEM, asked)?;
        let numbers: Vec<_> = ledger.lines.iter().map(|line| line.number).collect();
        reader.causes(lane, &numbers)?;
        let span = (ledger.next.unwrap_or(Number(0)), asked.before);
        reader.orders_of_item(client, ITEM, span)?;
        Ok(ledger)
    })?;
    let took = begun.elapsed();
    let adds_up = ledger.sums.iter().all(|sum| sum.total == Some(sum.balance));
    ensure!(adds_up && ledger.broken.is_empty(), "it does not add up");
    Ok(took)
}
