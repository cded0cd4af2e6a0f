//! What a prep centre counts otherwise than our books say. It may be on its way of its own: what a shop has sold lies there
//! until it is sent.

use crossdock_domain::stock::Witnessed;
use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{Tone, count};

pub(super) fn differing(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let found = reader.drifts(&frame.client.id, None, LINES_MAX + 1)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let shown = usize::try_from(LINES_MAX).unwrap_or(usize::MAX);
    let number = if found.len() > shown {
        format!("More than {LINES_MAX} items")
    } else {
        count(u64::try_from(found.len()).unwrap_or(u64::MAX), "item")
    };
    let title = format!("{number} counted otherwise at a prep centre than in our books");
    let mut trouble = Trouble::new(Tone::Quiet, title)
        .since(found.iter().filter_map(|row| row.since).min())
        .affects("Nothing is booked or written for it. What was sold and is not sent yet still lies there.")
        .remedy("If it stays, count the shelf: correct the inbound there, or move stock by hand here.");
    for row in found.iter().take(shown) {
        let item = reader.item_alone(&frame.client.id, row.item)?;
        trouble.lines.push(Line {
            what: item.map_or_else(|| row.item.to_string(), |item| item.sku),
            href: frame.to(&format!("/stock/{}", row.item)),
            note: note(row),
            press: None,
        });
    }
    Ok(vec![trouble])
}

fn note(row: &Witnessed) -> String {
    let ours = row.held.saturating_add(row.committed);
    match (&row.problem, row.counted) {
        (Some(why), _) => format!("{}: not believed, {why}", row.connection),
        (None, Some(counted)) => format!("{} counts {counted}, our books {ours}", row.connection),
        (None, None) => format!("{} has counted nothing yet", row.connection),
    }
}
