//! Folding a backlog as the server's writer does it: lane after lane, a transaction for each piece.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use crossdock_domain::LaneId;
use crossdock_hub::Hub;
use crossdock_store::{Place, Store};

use super::server::database;
use super::trade::{self, NOW};
use crate::measure::per_second;

/// Entries of a lane that share a transaction.
const TOGETHER: usize = 256;
const DATABASE: &str = "bench_fold";

/// What was folded, and what it took.
pub(super) struct Folding {
    pub(super) entries: u64,
    took: Duration,
    trips: u64,
}

impl Folding {
    pub(super) fn per_second(&self) -> f64 {
        per_second(self.entries, self.took)
    }

    /// Round trips for each entry.
    pub(super) fn trips_each(&self) -> f64 {
        per_second(self.trips, Duration::from_secs(self.entries.max(1)))
    }
}

/// So many webhooks of so many clients, folded by so many nodes at the same time.
pub(super) fn by_nodes(server: &str, nodes: usize, clients: u64, webhooks: u64) -> Result<Folding> {
    let address = database(server, DATABASE)?;
    fold((&address, &address), nodes, clients, webhooks)
}

/// One client's, folded over another way to the same server.
pub(super) fn at(server: &str, way: &str, webhooks: u64) -> Result<Folding> {
    let address = database(server, DATABASE)?;
    let (way, _) = way.rsplit_once('/').unwrap_or((way, ""));
    fold((&address, &format!("{way}/{DATABASE}")), 1, 1, webhooks)
}

fn open(address: &str) -> Result<Hub> {
    let store = Store::at(&Place::server(address)?)?;
    Ok(Hub::new(store, crossdock_connectors::find, &[7; 16])?)
}

/// The nodes are there before anything is received: what waits when one starts is folded one by one, in case it is what
/// ended the last.
fn fold((near, way): (&str, &str), nodes: usize, clients: u64, webhooks: u64) -> Result<Folding> {
    let mut first = open(near)?;
    (0..clients).try_for_each(|client| trade::set_up(&mut first, client))?;
    let hubs = (0..nodes).map(|_| open(way)).collect::<Result<Vec<_>>>()?;
    (0..clients).try_for_each(|c| trade::receive(first.store(), c, webhooks / clients))?;
    let lanes = (0..clients).map(trade::lane).collect::<Result<Vec<_>>>()?;
    let since = Instant::now();
    let worked: Result<Vec<_>> = thread::scope(|scope| {
        let lanes = &lanes;
        let node = |(number, hub)| scope.spawn(move || work(hub, lanes, number));
        let threads: Vec<_> = hubs.into_iter().enumerate().map(node).collect();
        let done = threads.into_iter();
        done.map(|thread| thread.join().map_err(|_| anyhow!("a node panicked"))?).collect()
    });
    let (took, worked) = (since.elapsed(), worked?);
    let entries = worked.iter().map(|(folded, _)| folded).sum();
    let trips = worked.iter().map(|(_, trips)| trips).sum();
    ensure!(entries >= webhooks, "only {entries} of {webhooks} were folded");
    Ok(Folding { entries, took, trips })
}

/// Lanes in turn, each node from another one on, until nothing is left. What was folded, and the round trips.
fn work(mut hub: Hub, lanes: &[LaneId], number: usize) -> Result<(u64, u64)> {
    let before = hub.store().round_trips();
    let mut folded = 0;
    while hub.has_work()? {
        let first = number * lanes.len() / 2;
        for lane in lanes.iter().cycle().skip(first).take(lanes.len()) {
            hub.begin()?;
            if hub.hold_to_fold(lane, TOGETHER)? {
                folded += hub.fold_some(lane, TOGETHER, NOW)?.len() as u64;
                hub.dispatch_lane(lane, NOW)?;
            }
            hub.commit()?;
        }
    }
    Ok((folded, hub.store().round_trips() - before))
}
