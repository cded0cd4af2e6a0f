//! What is remembered of lanes between transactions: rows that were read, with the lane's last number at that time. While
//! a lane has that number nobody else has folded there, and they are right.

use std::collections::BTreeMap;

use crossdock_domain::{LaneId, Number};

use crate::books::{Books, Rows};

/// Rows of lanes that nobody works on now, at the most.
const ROWS_MAX: usize = 100_000;
/// Such lanes, at the most.
const LANES_MAX: usize = 1_000;

/// Rows by lane. Those of the lane that is worked on are in the books.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    /// Whose rows are in the books, and its last number. `None` when they are anybody's.
    open: Option<(LaneId, Number)>,
    /// More than one lane has been held in this transaction: nothing of it is remembered.
    is_mixed: bool,
    put_away: BTreeMap<LaneId, PutAway>,
    rows: usize,
    turns: u64,
}

#[derive(Debug)]
struct PutAway {
    number: Number,
    rows: Rows,
    count: usize,
    turn: u64,
}

impl Shelf {
    /// A transaction begins: no lane is held. Nothing in the books may be unwritten.
    pub(crate) fn put_away(&mut self, books: &mut Books) {
        self.is_mixed = false;
        let rows = books.exchange(Rows::default());
        let Some((lane, number)) = self.open.take() else { return };
        self.turns += 1;
        let (count, turn) = (rows.count(), self.turns);
        self.rows += count;
        if let Some(old) = self.put_away.insert(lane, PutAway { number, rows, count, turn }) {
            self.rows -= old.count;
        }
        while self.rows > ROWS_MAX || self.put_away.len() > LANES_MAX {
            let oldest = self.put_away.iter().min_by_key(|(_, kept)| kept.turn);
            let Some(lane) = oldest.map(|(lane, _)| lane.clone()) else { break };
            self.take(&lane);
        }
    }

    /// A lane that is at this number is held: its rows come into the books, if they are right. Nothing there may be
    /// unwritten.
    pub(crate) fn take_up(&mut self, books: &mut Books, lane: &LaneId, number: Number) {
        if self.is_mixed || self.open.is_some() {
            self.is_mixed = true;
            self.open = None;
            books.forget_read();
            self.take(lane);
            return;
        }
        let kept = self.take(lane).filter(|kept| kept.number == number);
        // What was read before the lane was ours may be old.
        books.exchange(kept.map(|kept| kept.rows).unwrap_or_default());
        self.open = Some((lane.clone(), number));
    }

    /// A held lane has come to this number by our own work.
    pub(crate) fn has_come_to(&mut self, lane: &LaneId, number: Number) {
        if let Some((open, known)) = &mut self.open
            && open == lane
        {
            *known = number;
        }
    }

    /// What is in the books is no lane's any more.
    pub(crate) fn forget_open(&mut self) {
        self.open = None;
    }

    fn take(&mut self, lane: &LaneId) -> Option<PutAway> {
        let kept = self.put_away.remove(lane)?;
        self.rows -= kept.count;
        Some(kept)
    }
}
