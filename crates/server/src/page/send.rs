//! One request to a partner, as it was recorded before it went out.

use askama::Template;
use crossdock_connectors::Request;
use crossdock_connectors::request::{Method, Place};
use crossdock_domain::Number;
use crossdock_domain::call::Call;
use crossdock_domain::send::Send;
use crossdock_store::{Reader, StoreError, Unpacked};
use serde::Deserialize;

use super::bodies::Text;
use super::frame::{Frame, Section};
use super::overview::Nothing;
use super::shown::{Opened, Page, Piece};
use super::words::{self, Chip};

#[derive(Template)]
#[template(path = "send.html", blocks = ["badge", "said", "fate", "rows"])]
pub(super) struct SendPage {
    frame: Frame,
    send: Send,
    what: &'static str,
    chip: Chip,
    note: String,
    rows: Vec<Row>,
    request: Option<Recorded>,
}

/// One counter that it reads or sets.
struct Row {
    sku: String,
    href: String,
    location: String,
    change: String,
    task: String,
}

/// The request itself.
struct Recorded {
    line: String,
    headers: Vec<(String, String)>,
    body: Text,
}

/// What of a send's record is shown.
#[derive(Deserialize)]
struct Record {
    request: Request,
}

impl Page for SendPage {
    type Named = u64;
    type Asked = Nothing;
    const SECTION: Section = Section::Calls;

    fn read(reader: &Reader, frame: Frame, number: &u64, _: &Nothing) -> Opened<Self> {
        let Some(send) = reader.send(&frame.journal, Number(*number))? else { return Ok(None) };
        let packed = reader.entry(&frame.journal, send.number)?.map(|(_, packed)| packed);
        let unpacked = packed.and_then(|packed| Unpacked::new(&packed).ok());
        let request = unpacked.and_then(|bytes| Recorded::read(bytes.body()));
        Ok(Some(Self {
            what: words::call(send.call.kind()),
            chip: words::send(&send),
            note: words::failure(&send.note).1.to_owned(),
            rows: rows(reader, &frame, &send.call)?,
            request,
            send,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("fate", self.as_fate().render()?),
            Piece("rows", self.as_rows().render()?),
        ])
    }
}

fn rows(reader: &Reader, frame: &Frame, call: &Call) -> Result<Vec<Row>, StoreError> {
    let places: Vec<_> = match call {
        Call::SetLevels { rows } => rows
            .iter()
            .map(|r| (r.item, &r.location, format!("{} → {}", r.from, r.to), r.task))
            .collect(),
        Call::AdjustLevel { row } => {
            let change = format!("{:+}", row.to.saturating_sub(row.from));
            vec![(row.item, &row.location, change, row.task)]
        }
        Call::ReadLevels { rows } => {
            rows.iter().map(|r| (r.item, &r.location, "read".to_owned(), r.task)).collect()
        }
        Call::ReadItems { .. }
        | Call::ReadPage { .. }
        | Call::ReadMerchants { .. }
        | Call::ReadReceptions { .. }
        | Call::ReadReception { .. }
        | Call::ReadCounters { .. }
        | Call::PutReception { .. }
        | Call::ReadOrder { .. }
        | Call::ShipOrder { .. }
        | Call::RenewToken { .. }
        | Call::Test { .. } => Vec::new(),
    };
    let mut shown = Vec::with_capacity(places.len());
    for (item, location, change, task) in places {
        let known = reader.item_alone(&frame.client.id, item)?;
        shown.push(Row {
            sku: known.map_or_else(|| item.to_string(), |item| item.sku),
            href: frame.to(&format!("/stock/{item}")),
            location: location.to_string(),
            change,
            task: task.to_string(),
        });
    }
    Ok(shown)
}

impl Recorded {
    /// The request of a recorded send; a repeat records none of its own.
    fn read(body: &[u8]) -> Option<Self> {
        let Record { request } = serde_json::from_slice(body).ok()?;
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        let fills = request.fills.into_iter().map(|fill| {
            let place = match fill.place {
                Place::Header(name) => name,
                Place::Form(name) => format!("{name} (in the body)"),
                Place::Bearer => "authorization: Bearer".to_owned(),
            };
            (place, format!("‹{}, filled in as it goes out›", fill.slot.replace('_', " ")))
        });
        Some(Self {
            line: format!("{method} {}", request.path),
            headers: request.headers.0.into_iter().chain(fills).collect(),
            body: Text::of(request.body.as_bytes()),
        })
    }
}
