//! Orders as their buyers know them: what each took must have been there, for all that the hub had been told.

use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::item::Allocation;
use crossdock_hub::Folded;

use super::{Judge, Ordered};
use crate::finding::{Finding, Found};
use crate::world::World;

impl Judge {
    /// An order was placed, or sent once more. What it took must have been there, for all that we had been told.
    pub(crate) fn placed(
        &mut self,
        world: &mut World,
        order: &str,
        lines: Vec<(String, i64)>,
        folded: &Folded,
    ) -> Found<()> {
        if folded.outcome.kind != OutcomeKind::Applied {
            return Ok(());
        }
        let again = self.orders.insert(order.to_owned(), Ordered { lines, is_cancelled: false });
        if again.is_some() {
            let (order, what) = (order.to_owned(), "it was taken a second time".to_owned());
            return Err(Finding::Order { order, what });
        }
        let result = folded.outcome.result.as_ref();
        let taken = result.and_then(|result| result.get("lines")?.as_array().cloned());
        for line in taken.unwrap_or_default() {
            let sku = line.get("sku").and_then(|sku| sku.as_str()).unwrap_or_default().to_owned();
            let taken = line.get("from_b2c").and_then(serde_json::Value::as_i64).unwrap_or(0);
            if taken > 0 {
                self.was_there(world, order, &sku, taken)?;
            }
        }
        Ok(())
    }

    fn was_there(&mut self, world: &mut World, order: &str, sku: &str, taken: i64) -> Found<()> {
        let Some(at) = self.items.iter().position(|item| item.sku == sku) else { return Ok(()) };
        let ((b2b, b2c), booked) = (self.held(world, at)?, self.booked(world, at)?);
        let kept = self.kept_back(at);
        let Some(item) = self.items.get_mut(at) else { return Ok(()) };
        if b2c < kept {
            let (order, sku) = (order.to_owned(), sku.to_owned());
            return Err(Finding::KeptTooLittle { order, sku, left: b2c, kept });
        }
        // Where both sell from the whole, they fill each other up.
        let is_whole = matches!(item.terms.allocation, Allocation::SharedWithFloor { .. });
        let left = if is_whole { b2b + b2c } else { b2c };
        if item.is_lied_about || item.is_decided_by_hand || item.dropped.is_some() {
            return Ok(());
        }
        if item.was_gone_since_told(booked) {
            return Ok(());
        }
        // More is gone than we have booked, and we were told so.
        let there = left + taken - (item.gone_when_told() - booked).max(0);
        if taken <= there {
            return Ok(());
        }
        let (order, sku, pool) = (order.to_owned(), sku.to_owned(), "b2c".to_owned());
        Err(Finding::SoldTwice { order, sku, pool, taken, there })
    }

    /// An order was cancelled, perhaps not for the first time.
    pub(crate) fn cancelled(&mut self, order: &str, folded: &Folded) -> Found<()> {
        if folded.outcome.kind != OutcomeKind::Applied {
            return Ok(());
        }
        match self.orders.get_mut(order) {
            Some(known) if !known.is_cancelled => {
                known.is_cancelled = true;
                Ok(())
            }
            Some(_) | None => {
                let what = "stock was given back that was not taken".to_owned();
                Err(Finding::Order { order: order.to_owned(), what })
            }
        }
    }
}
