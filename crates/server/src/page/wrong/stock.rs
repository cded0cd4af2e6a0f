//! Trouble with stock: figures that nobody can settle alone, and what was sold without being there.

use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Press, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{self, Tone, count};

pub(super) fn levels(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let counts = &frame.counts;
    let all = counts.in_error + counts.doubtful;
    if all == 0 {
        return Ok(Vec::new());
    }
    let (tone, title, remedy) = if counts.in_error > 0 {
        let title = format!("{} cannot be brought in step", count(counts.in_error, "item"));
        (Tone::Bad, title, "Look at the item in both places, mend it, then sync it.")
    } else {
        let title = format!("{} is being checked", count(counts.doubtful, "write"));
        (Tone::Busy, title, "Nothing to do: the shop's figure is being read and will tell.")
    };
    let mut trouble = Trouble::new(tone, title)
        .since(counts.troubled_since)
        .affects("Nothing is written for these, and the shop may show an old figure.")
        .remedy(remedy);
    if all > u64::from(LINES_MAX) {
        trouble = trouble.link(frame.to("/stock?show=trouble"), "See them all");
    }
    for level in reader.levels_in_trouble(&frame.client.id, LINES_MAX)? {
        let item = reader.item_alone(&frame.client.id, level.key.item)?;
        let sku = item.map_or_else(|| level.key.item.to_string(), |item| item.sku);
        trouble.lines.push(Line {
            what: format!("{sku} at {}", level.key.connection),
            href: frame.to(&format!("/stock/{}", level.key.item)),
            note: level.error.unwrap_or_else(|| "outcome unknown, being checked".to_owned()),
            press: Some(Press::new("sync-item", &level.key.item, "Sync now")),
        });
    }
    Ok(vec![trouble])
}

pub(super) fn oversold(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let balances = reader.oversold(&frame.client.id, LINES_MAX + 1)?;
    if balances.is_empty() {
        return Ok(Vec::new());
    }
    let many = balances.len() > usize::try_from(LINES_MAX).unwrap_or(usize::MAX);
    let number = if many {
        format!("More than {LINES_MAX} items were")
    } else if balances.len() == 1 {
        "1 item was".to_owned()
    } else {
        format!("{} items were", balances.len())
    };
    let mut trouble = Trouble::new(Tone::Warn, format!("{number} sold without being there"))
        .affects("More was sold than was left. The shop is told 0, and these orders cannot be filled from stock.")
        .remedy("Move stock to the pool, restock, or cancel an order.");
    for balance in balances.iter().take(usize::try_from(LINES_MAX).unwrap_or(usize::MAX)) {
        let item = reader.item_alone(&frame.client.id, balance.item)?;
        trouble.lines.push(Line {
            what: item.map_or_else(|| balance.item.to_string(), |item| item.sku),
            href: frame.to(&format!("/stock/{}", balance.item)),
            note: format!("{} stands at {}", words::account(&balance.account), balance.quantity),
            press: None,
        });
    }
    Ok(vec![trouble])
}
