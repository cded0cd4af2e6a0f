//! Counts that the brake holds: they wait for a person's word.

use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Press, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{Tone, count};

pub(super) fn held(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let client = &frame.client.id;
    let mut found = Vec::new();
    for window in reader.count_brakes_on(client)? {
        let Some(engaged) = &window.engaged else { continue };
        let pool = window.pool.word();
        let waiting = reader.held_counts_number(client, window.pool)?;
        let title = format!("{} of {} held back", count(waiting, "count"), pool.to_uppercase());
        let mut trouble = Trouble::new(Tone::Bad, title)
            .since(engaged.since)
            .affects(format!("{}.", engaged.why))
            .remedy(
                "Approve if the stock is really so: the counts are booked. Reject if the export was wrong: they are \
                 dropped, and nothing changes.",
            )
            .press(Press::new("approve-counts", &pool, "Approve"))
            .press(Press::new("reject-counts", &pool, "Reject"));
        for (sku, held) in reader.held_counts(client, window.pool, LINES_MAX)? {
            trouble.lines.push(Line {
                what: sku,
                href: frame.to(&format!("/stock/{}", held.item)),
                note: format!("{} → {}", held.from, held.to),
                press: None,
            });
        }
        found.push(trouble);
    }
    Ok(found)
}
