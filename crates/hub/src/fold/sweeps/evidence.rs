//! Gathering what may explain a difference: the orders that the partner told us of, and our own last write.

use crossdock_domain::answer::LevelReading;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::stock::Level;
use crossdock_domain::sweep::{Case, Evidence, Explained, evidence};
use crossdock_domain::{Instant, Number, Span};
use crossdock_store::Unpacked;

use super::super::{Fold, FoldError};
use crate::head::{self, AnswerHead};

/// Partners date orders and counters by the second.
const GRAIN: Span = Span::from_s(1);

/// Orders about one item that are looked at: more than this nobody would want to read through.
const ORDERS_MAX: u32 = 200;

impl Fold<'_> {
    /// What speaks for how a difference came about, and the entries that this rests on: those that told us what we knew or
    /// what explains it, then the one that brought the figure.
    pub(super) fn evidence_of(
        &mut self,
        connection: &Connection,
        level: &Level,
        (reading, asked_at): (&LevelReading, Instant),
    ) -> Result<(Evidence, Vec<Number>), FoldError> {
        let (theirs, theirs_at) = match reading {
            LevelReading::Stands { available, at } => (Some(*available), *at),
            LevelReading::NotCounted { .. } | LevelReading::Missing => (None, None),
        };
        let orders = self.orders_since(connection, level)?;
        let case = Case { level, theirs, theirs_at, asked_at, orders };
        let (evidence, mut rests_on) = evidence(&case);
        if evidence == Evidence::WriteLost {
            rests_on = self.write_of(&rests_on)?;
        }
        rests_on.push(self.number);
        rests_on.dedup();
        Ok((evidence, rests_on))
    }

    /// Units that orders explain since the level was last observed, at least those that were certainly placed after it.
    fn orders_since(
        &mut self,
        connection: &Connection,
        level: &Level,
    ) -> Result<Explained, FoldError> {
        let mut explained = Explained { sold: 0..=0, told_by: Vec::new() };
        let Some(since) = level.observed_at else { return Ok(explained) };
        let client = self.client_id()?;
        let (item, from) = (level.key.item, since.minus(GRAIN));
        let whose = (&client, &connection.id);
        let (mut least, mut most) = (0_i64, 0_i64);
        for order in self.store.sold_lines(whose, item, from, ORDERS_MAX)? {
            explained.told_by.push(order.told_by);
            if order.placed_at.is_none_or(|placed| placed < from) {
                continue;
            }
            let units = order.gone;
            most = most.saturating_add(units);
            let is_after = order.placed_at.is_some_and(|placed| placed >= since.plus(GRAIN));
            least = least.saturating_add(if is_after { units } else { 0 });
        }
        explained.sold = least..=most;
        Ok(explained)
    }

    /// The send and the answer of a write, if it was its answer that told us what we knew.
    fn write_of(&mut self, told_by: &[Number]) -> Result<Vec<Number>, FoldError> {
        let mut entries = Vec::with_capacity(3);
        for number in told_by {
            if let Some(entry) = self.store.one_recorded(self.lane, *number)?
                && entry.kind == EntryKind::Answer
                && let Ok(bytes) = Unpacked::new(&entry.packed)
                && let Ok(answer) = head::read::<AnswerHead>(bytes.head())
            {
                entries.push(answer.send);
            }
            entries.push(*number);
        }
        Ok(entries)
    }
}
