//! Trouble with outgoing calls: stuck, tried in vain, or of unknown outcome.

use crossdock_domain::Span;
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Press, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{self, Tone, count};

/// What a task is about, with the SKU in place of our id.
pub(in crate::page) fn subject(
    reader: &Reader,
    frame: &Frame,
    task: &Task,
) -> Result<String, StoreError> {
    let item = match &task.work {
        Work::SetLevel { item, .. } | Work::ReadLevel { item, .. } => Some(*item),
        Work::ReadItems { only, .. } => only.as_ref().map(|(item, _)| *item),
        Work::BeginSweep { .. }
        | Work::ReadPage { .. }
        | Work::EndSweep { .. }
        | Work::LinkMore { .. }
        | Work::GoThrough { .. }
        | Work::EaseBrake
        | Work::BeginPoll { .. }
        | Work::ReadMerchants { .. }
        | Work::ReadReceptions { .. }
        | Work::ReadReception { .. }
        | Work::ReadCounters { .. }
        | Work::PutReception { .. }
        | Work::ShipOrder { .. }
        | Work::HandOn { .. }
        | Work::RenewToken
        | Work::Test => None,
    };
    let Some(item) = item else { return Ok(task.work.subject()) };
    let known = reader.item_alone(&frame.client.id, item)?;
    Ok(known.map_or_else(|| item.to_string(), |item| item.sku))
}

/// Stuck calls, but for those whose item is told of as one that cannot be brought in step.
pub(super) fn stuck(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let all: u64 = frame
        .open
        .iter()
        .filter(|line| {
            line.state == TaskState::Stuck && frame.connection(&line.connection).is_some()
        })
        .map(|line| line.count)
        .sum();
    let others = all.saturating_sub(frame.counts.in_error);
    if others == 0 {
        return Ok(Vec::new());
    }
    let is = if others == 1 { "is" } else { "are" };
    let title = format!("{} {is} stuck", count(others, "outgoing call"));
    let mut trouble = Trouble::new(Tone::Bad, title)
        .affects("The partner said no, and would say it again: nothing more is sent for these until you step in.")
        .remedy("Mend what the partner complains of, then retry.");
    if others > u64::from(LINES_MAX) {
        trouble = trouble.link(frame.to("/calls?state=stuck"), "All stuck calls");
    }
    for task in reader.stuck_tasks(&frame.lane, LINES_MAX)? {
        if has_error(reader, frame, &task)? {
            continue;
        }
        let what =
            format!("{} · {}", words::call(task.work.kind()), subject(reader, frame, &task)?);
        trouble.since = trouble.since.min(Some(task.changed_at)).or(Some(task.changed_at));
        trouble.lines.push(Line {
            what,
            href: frame.to(&format!("/calls?task={}", task.id)),
            note: task.note.clone(),
            press: Some(Press::new("retry-task", &task.id, "Retry")),
        });
    }
    Ok(vec![trouble])
}

/// Whether the level that a task is about has an error, and so is told of with the stock.
fn has_error(reader: &Reader, frame: &Frame, task: &Task) -> Result<bool, StoreError> {
    let (Work::SetLevel { item, location } | Work::ReadLevel { item, location }) = &task.work
    else {
        return Ok(false);
    };
    let stock = reader.item(&frame.client.id, &item.to_string())?;
    let levels = stock.into_iter().flat_map(|stock| stock.levels);
    let mut its = levels
        .filter(|level| level.key.connection == task.connection && level.key.location == *location);
    Ok(its.any(|level| level.error.is_some()))
}

/// A call that failed this short a while ago is no trouble yet.
const PATIENCE: Span = Span::from_s(20);

pub(super) fn put_off(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    for line in reader.tasks_put_off(&frame.lane)? {
        let sends = frame.connection(&line.connection).is_some_and(|c| c.status.sends());
        if !sends || frame.now.since(line.since) < PATIENCE {
            continue;
        }
        found.push(
            Trouble::new(Tone::Warn, format!("{} does not take our calls", line.connection))
                .since(line.since)
                .affects(format!(
                    "{} tried in vain. Last: {}",
                    count(line.count, "call"),
                    words::failure(&line.note).1
                ))
                .remedy("They are tried again by themselves, and go out once the partner is back.")
                .link(frame.to(&format!("/calls?connection={}", line.connection)), "See the calls"),
        );
    }
    Ok(found)
}

pub(super) fn in_doubt(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let mut found = Vec::new();
    for connection in &frame.connections {
        let sends = reader.sends_in_doubt(&frame.lane, &connection.id, LINES_MAX)?;
        let Some(oldest) = sends.first() else { continue };
        let mut trouble =
            Trouble::new(Tone::Busy, format!("{}: outcome unknown, being checked", connection.id))
                .since(oldest.first_at)
                .affects("No answer came, so nobody knows yet whether it was carried out. Nothing is booked until that is known.")
                .remedy("Nothing to do: the same request is repeated under the same key, which the partner carries out once.");
        trouble.lines = sends
            .iter()
            .map(|send| Line {
                what: format!("{} · call {}", words::call(send.call.kind()), send.number),
                href: frame.to(&format!("/calls/sends/{}", send.number)),
                note: words::failure(&send.note).1.to_owned(),
                press: None,
            })
            .collect();
        found.push(trouble);
    }
    Ok(found)
}
