//! Trouble with keeping and processing: the disk, the backlog, and activity that was set aside.

use crossdock_store::reader::entries::EntryFilter;
use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Press, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{self, Tone, count};

/// So many arrivals may wait before it is worth a word.
const BACKLOG: u64 = 1_000;

pub(super) fn of_the_engine(frame: &Frame) -> Vec<Trouble> {
    let mut found = Vec::new();
    if let Some(since) = frame.health.disk_full_since {
        found.push(
            Trouble::new(Tone::Bad, "The disk is full")
                .since(since)
                .affects("Nothing is accepted: partners are told to send their webhooks again later, and no call goes out.")
                .remedy("Make room on the disk. It goes on by itself; nothing that was answered is lost."),
        );
    }
    if !frame.health.ready {
        let waiting = count(frame.health.pending, "arrival");
        found.push(
            Trouble::new(Tone::Busy, "Starting up")
                .affects(format!("{waiting} from before are being processed first."))
                .remedy("Nothing to do."),
        );
    } else if frame.health.pending > BACKLOG {
        found.push(
            Trouble::new(
                Tone::Busy,
                format!("{} wait to be processed", count(frame.health.pending, "arrival")),
            )
            .affects("They are kept. Figures on these pages lag behind until they are processed.")
            .remedy("Nothing to do, unless the number keeps growing."),
        );
    }
    found
}

/// Activity that needs a person.
pub(super) fn parked(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    for (kind, number) in reader.trouble_counts(&frame.lane)? {
        let filter = EntryFilter {
            outcome: Some(kind),
            in_trouble: true,
            limit: LINES_MAX,
            ..EntryFilter::default()
        };
        let entries = reader.entries(&frame.lane, &filter)?;
        let word = words::outcome(kind).word;
        let more = frame.to(&format!("/activity?trouble=1&outcome={}", kind.word()));
        let mut trouble = Trouble::new(
            Tone::Warn,
            format!(
                "{} of activity {}: {word}",
                count(number, "line"),
                if number == 1 { "needs you" } else { "need you" }
            ),
        )
        .since(entries.last().map(|entry| entry.at))
        .remedy(words::remedy(kind));
        if number > u64::from(LINES_MAX) {
            trouble = trouble.link(more, format!("See all {}", words::thousands(number)));
        }
        trouble.lines = entries
            .into_iter()
            .map(|entry| Line {
                what: format!(
                    "{} {}",
                    words::entry(entry.kind),
                    words::topic(entry.kind, &entry.topic)
                ),
                href: frame.to(&format!("/activity/{}", entry.number)),
                note: entry.note,
                press: Some(Press::new("retry-entry", &entry.number, "Retry")),
            })
            .collect();
        found.push(trouble);
    }
    Ok(found)
}
