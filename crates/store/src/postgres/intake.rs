//! Receiving on PostgreSQL: many arrivals of any lanes in one statement, each once. Takes no lane, gives no number.

use crossdock_domain::ConnectionId;
use rusqlite::types::Value;
use tokio_postgres::Row;

use super::{Bound, Kind, Line};
use crate::StoreError;
use crate::arrivals::{Arrival, Received};
use crate::cell::Cell;
use crate::db::Columns;

/// One statement is one transaction. The procedure's own words are in `migrations/0011_receive.sql`.
const RECEIVE: &str = "CALL receive(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)";
/// With a lock, which is a write: so the commit that answers a repeat waits, like the first one's, for a standby that has to
/// have it. Without, a first whose commit no standby has yet would be acknowledged by its repeat.
const FIRST: &str = "SELECT key, seq FROM seen WHERE key = ANY(?) FOR KEY SHARE";
const KEEP: &str = "INSERT INTO arrivals \
    (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// What the columns of [`RECEIVE`] hold.
const KINDS: [Kind; 12] = [
    Kind::Bytes,
    Kind::Text,
    Kind::Bytes,
    Kind::Text,
    Kind::Text,
    Kind::Text,
    Kind::Text,
    Kind::Text,
    Kind::Integer,
    Kind::Integer,
    Kind::Bytes,
    Kind::Bytes,
];

/// Keeps arrivals, each unless it was seen before; what became of each, in order.
pub(crate) fn receive(line: &Line, arrivals: &[Arrival]) -> Result<Vec<Received>, StoreError> {
    let mut firsts = Firsts::default();
    let new = arrivals.iter().enumerate().filter(|(at, arrival)| firsts.is_new(*at, arrival));
    let lists = lists(new.map(|(_, arrival)| arrival));
    let mut received: Vec<Option<Received>> = vec![None; arrivals.len()];
    for (at, number) in firsts.places.iter().zip(numbers(&line.ask(RECEIVE, lists)?)?) {
        if let Some(place) = received.get_mut(*at) {
            *place = number.map(Received::Kept);
        }
    }
    name_duplicates(line, arrivals, &firsts, &mut received)?;
    let lost = || StoreError::Postgres("an arrival was neither kept nor known".to_owned());
    received.into_iter().map(|one| one.ok_or_else(lost)).collect()
}

/// Keeps what a fold hands to other lanes, with whatever somebody waits for next: their keys are the fold's own, so nobody
/// needs to be told which are repeats.
pub(crate) fn forward(line: &Line, arrivals: &[Arrival]) {
    line.queue(RECEIVE, lists(arrivals.iter()));
}

/// The columns of [`RECEIVE`].
fn lists<'a>(arrivals: impl Iterator<Item = &'a Arrival>) -> Vec<Bound> {
    let mut lists = KINDS.map(|_| Vec::with_capacity(arrivals.size_hint().1.unwrap_or_default()));
    for arrival in arrivals {
        for (list, value) in lists.iter_mut().zip(values(arrival)) {
            list.push(value);
        }
    }
    KINDS.into_iter().zip(lists).map(|(kind, list)| Bound::List(kind, list)).collect()
}

/// What [`RECEIVE`] answered: the number of each arrival that it kept, and nothing for a repeat.
fn numbers(answer: &[Row]) -> Result<Vec<Option<u64>>, StoreError> {
    let told: Vec<Option<i64>> =
        answer.first().map_or_else(|| Ok(Vec::new()), |row| row.try_get(0))?;
    let unreadable =
        |_| StoreError::Postgres("an arrival was given a number below zero".to_owned());
    told.into_iter().map(|one| one.map(u64::try_from).transpose().map_err(unreadable)).collect()
}

/// Which arrivals of a batch are the first with their key in it.
#[derive(Debug, Default)]
struct Firsts {
    places: Vec<usize>,
    keys: std::collections::BTreeMap<[u8; 16], usize>,
}

impl Firsts {
    fn is_new(&mut self, at: usize, arrival: &Arrival) -> bool {
        if let Some(key) = arrival.seen_key {
            if self.keys.contains_key(&key) {
                return false;
            }
            self.keys.insert(key, at);
        }
        self.places.push(at);
        true
    }
}

/// Says of those that were not kept which arrival brought their key first.
fn name_duplicates(
    line: &Line,
    arrivals: &[Arrival],
    firsts: &Firsts,
    received: &mut [Option<Received>],
) -> Result<(), StoreError> {
    let unknown = |key: &[u8; 16]| {
        firsts.keys.get(key).is_some_and(|at| received.get(*at).is_some_and(Option::is_none))
    };
    let keys: Vec<Value> = firsts
        .keys
        .keys()
        .filter(|key| unknown(key))
        .map(|key| Value::Blob(key.to_vec()))
        .collect();
    let mut known = std::collections::BTreeMap::new();
    if !keys.is_empty() {
        for row in line.ask(FIRST, vec![Bound::List(Kind::Bytes, keys)])? {
            let mut columns = Columns::postgres(&row, "seen");
            let key: Vec<u8> = columns.take()?;
            known.insert(key, columns.take::<u64>()?);
        }
    }
    for (at, arrival) in arrivals.iter().enumerate() {
        let Some(key) = arrival.seen_key else { continue };
        if received.get(at).is_some_and(Option::is_some) {
            continue;
        }
        let in_batch =
            firsts.keys.get(&key).and_then(|first| received.get(*first).copied().flatten());
        let first = match in_batch {
            Some(Received::Kept(seq) | Received::Duplicate(seq)) => Some(seq),
            None => known.get(key.as_slice()).copied(),
        };
        if let (Some(place), Some(first)) = (received.get_mut(at), first) {
            *place = Some(Received::Duplicate(first));
        }
    }
    Ok(())
}

/// Keeps a record of our own, which is folded at once and never waits.
pub(crate) fn keep(line: &Line, seq: u64, arrival: &Arrival) {
    let rest = values(arrival).into_iter().skip(1);
    let all = std::iter::once(seq.value()).chain(rest).map(Bound::One).collect();
    line.queue(KEEP, all);
}

fn values(arrival: &Arrival) -> [Value; 12] {
    [
        arrival.seen_key.map_or(Value::Null, |key| Value::Blob(key.to_vec())),
        arrival.lane.value(),
        Value::Blob(arrival.id.to_vec()),
        arrival.kind.value(),
        arrival.source.as_ref().map_or(Value::Null, ConnectionId::value),
        arrival.topic.value(),
        arrival.delivery_id.value(),
        arrival.event_id.value(),
        arrival.received_at.value(),
        arrival.packed.size.value(),
        Value::Blob(arrival.packed.digest.to_vec()),
        Value::Blob(arrival.packed.bytes.clone()),
    ]
}
