//! The verdict: our books against the partners' own logs, item by item. "Both show the same number" would be too
//! weak, since units can vanish on both sides: what was sold, restocked, cancelled and edited must add up, too.

use std::collections::BTreeMap;

use anyhow::Result;
use crossdock_domain::stock::Account;
use crossdock_sandbox::shopify::{Happening, ItemTruth, LogEntry};
use crossdock_store::reader::items::ItemStock;

use super::Demo;
use super::prep_verdict::PrepVerdict;
use crate::print;

/// What the comparison found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    items: usize,
    sold: i64,
    came_back: i64,
    written: usize,
    written_twice: usize,
    orders: usize,
    entries: u64,
    disagreements: Vec<String>,
    prep: PrepVerdict,
}

impl Demo {
    /// Compares.
    pub(super) async fn verdict(&self) -> Result<Verdict> {
        let books: BTreeMap<_, _> =
            self.items().await?.into_iter().map(|item| (item.item.sku.clone(), item)).collect();
        let (truth, writes) =
            self.shop.partner.with(|shop, _| (shop.truth(), applied_writes(shop.log(0))));
        let (client, lane) =
            (self.client.clone(), crossdock_domain::LaneId::Client(self.client.clone()));
        let (orders, entries) = self
            .house
            .app
            .look
            .at(move |reader| {
                Ok((reader.orders(&client, u32::MAX)?.len(), reader.lane_length(&lane)?.0))
            })
            .await?;
        let prep = self.prep_verdict().await?;
        let mut verdict =
            Verdict { orders, entries, written: writes.len(), prep, ..Verdict::default() };
        let distinct: std::collections::BTreeSet<_> = writes.iter().collect();
        verdict.written_twice = writes.len() - distinct.len();
        let outside = Account::Partner {
            connector: "shopify".to_owned(),
            connection: self.connection.clone(),
        };
        for told in truth.iter().filter(|item| item.tracked) {
            let sku = told.sku.clone().unwrap_or_default();
            verdict.items += 1;
            verdict.sold += told.sold;
            verdict.came_back += told.restocked + told.cancelled;
            match books.get(&sku) {
                Some(item) => verdict.disagreements.extend(differences(told, item, &outside)),
                None => verdict.disagreements.push(format!("{sku}: we do not have it")),
            }
        }
        Ok(verdict)
    }
}

/// Key and item of every row that a write by API has changed. A pair that stands here twice was written twice.
pub(super) fn applied_writes(log: &[LogEntry]) -> Vec<(Option<String>, u64)> {
    let mut applied = Vec::new();
    for entry in log {
        if let Happening::Written { key, place, .. } = &entry.happening {
            applied.push((key.clone(), place.inventory_item_id));
        }
    }
    applied
}

/// Where our books of an item differ from what really happened.
fn differences(told: &ItemTruth, ours: &ItemStock, outside: &Account) -> Vec<String> {
    let sku = &ours.item.sku;
    let held = |account: &Account| {
        ours.balances.iter().find(|b| b.account == *account).map_or(0, |b| b.quantity)
    };
    let mut found = Vec::new();
    let theirs = told.sold - told.restocked - told.cancelled - told.edited;
    if held(outside) != theirs {
        found
            .push(format!("{sku}: {} units went out by our books, {theirs} really", held(outside)));
    }
    let sum: i64 = ours.balances.iter().map(|balance| balance.quantity).sum();
    if sum != 0 {
        found.push(format!("{sku}: its accounts add up to {sum}, not to zero"));
    }
    let published = held(&Account::B2C);
    if published.max(0) != told.available && !(published < 0 && told.available == published) {
        found.push(format!("{sku}: we publish {published}, the shop shows {}", told.available));
    }
    found
}

impl Verdict {
    /// Whether our books are what really happened.
    pub(crate) fn agrees(&self) -> bool {
        self.disagreements.is_empty()
            && self.prep.disagreements.is_empty()
            && self.written_twice == 0
            && self.items > 0
            && self.prep.inbounds > 0
            && self.prep.counted > 0
    }

    /// Says so.
    pub(crate) fn print(&self) {
        print::line(&format!(
            "{} items; sold in the shop: {} units, came back or in: {}; B2B orders: {}; writes to the shop: {} \
             (twice: {}); journal: {} entries",
            self.items,
            self.sold,
            self.came_back,
            self.orders,
            self.written,
            self.written_twice,
            self.entries
        ));
        print::line(&format!(
            "{} inbounds at the prep centre; checked in: {} units that can be sold, {} that cannot",
            self.prep.inbounds, self.prep.received, self.prep.unsellable
        ));
        print::line(&format!(
            "{} items counted at the prep centre; counted otherwise than in our books: {}",
            self.prep.counted, self.prep.drifting
        ));
        for line in self.disagreements.iter().chain(&self.prep.disagreements) {
            print::line(&format!("  DISAGREES  {line}"));
        }
        print::line(if self.agrees() {
            "our books agree with the shop's and the prep centre's own logs, item by item"
        } else {
            "our books do NOT agree with the shop's and the prep centre's own logs"
        });
    }
}
