//! Inbounds with lines that nothing is booked for, until a person has looked.

use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Trouble};
use crate::page::frame::Frame;
use crate::page::shown::address;
use crate::page::words::{Tone, count};

pub(super) fn parked(reader: &Reader, frame: &Frame) -> Result<Option<Trouble>, StoreError> {
    let number = reader.count_lines_in_trouble(&frame.client.id)?;
    if number == 0 {
        return Ok(None);
    }
    let need = if number == 1 { "needs you" } else { "need you" };
    let mut trouble = Trouble::new(Tone::Warn, format!("{} of inbounds {need}", count(number, "line")))
        .affects("Nothing is booked for them; the other lines of their inbounds are.")
        .remedy(
            "Mend what they say: at the partner, or by giving the item its SKU and ASIN here. Then they are booked by \
             themselves, or with the next reading.",
        )
        .link(frame.to("/inbounds?trouble=1"), "All such inbounds");
    for line in reader.lines_in_trouble(&frame.client.id, LINES_MAX)? {
        let named = [("source", line.source.as_str()), ("id", line.source_id.as_str())];
        let told = &line.told;
        let name = told.sku.get().or(told.asin.get()).or(told.title.get());
        let what = name.map_or("a line without a name", String::as_str);
        trouble.lines.push(Line {
            what: format!("inbound {}, {what}", line.source_id),
            href: frame.to(&address("/inbounds/one", named.into_iter())),
            note: line.problem.unwrap_or_default(),
            press: None,
        });
    }
    Ok(Some(trouble))
}
