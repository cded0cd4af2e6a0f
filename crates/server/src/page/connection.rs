//! One connection on its way to being live: what it would write, the button that lets it, and what the brake holds.

use askama::Template;
use crossdock_domain::Instant;
use crossdock_domain::brake::may;
use crossdock_domain::connection::{Connection, Stage};
use crossdock_store::reader::live::{HeldLine, PlanLine, PlanPlace, PlanTotals};
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, address};
use super::words::{self, Chip, count, thousands};
use super::wrong::Press;

/// Lines of the plan on one page.
const LINES: u32 = 50;
/// Lines of what the brake holds.
const SAMPLE: u32 = 20;

#[derive(Template)]
#[template(path = "connection.html", blocks = ["badge", "said", "brake", "plan"])]
pub(super) struct ConnectionPage {
    frame: Frame,
    id: String,
    kind: String,
    chip: Chip,
    live_since: Option<Instant>,
    is_first: bool,
    totals: PlanTotals,
    /// So many may go to zero, and change, unasked.
    unasked: (u64, u64),
    stops: bool,
    lines: Vec<PlanLine>,
    next: Option<String>,
    presses: Vec<Press>,
    brakes: Vec<Brake>,
    decisions: [Press; 2],
}

/// A brake that is on.
struct Brake {
    title: &'static str,
    what: &'static str,
    since: Instant,
    why: String,
    entry: crossdock_domain::Number,
    sample: Vec<HeldLine>,
}

/// What the address asks.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    rank: Option<u32>,
    after: Option<String>,
}

impl Page for ConnectionPage {
    type Named = String;
    type Asked = Asked;
    const SECTION: Section = Section::Connections;

    fn read(reader: &Reader, frame: Frame, named: &String, asked: &Asked) -> Opened<Self> {
        let Some(connection) = frame.connections.iter().find(|c| c.id.as_str() == named).cloned()
        else {
            return Ok(None);
        };
        let client = &frame.client.id;
        let totals = reader.plan_totals(client, &connection.id)?;
        let place = PlanPlace {
            rank: asked.rank.unwrap_or_default(),
            sku: asked.after.clone().unwrap_or_default(),
        };
        let lines = reader.plan(client, &connection.id, &place, LINES)?;
        let brakes = brakes(reader, &frame, &connection)?;
        let limits = &connection.stock.brake;
        let unasked = |percent| may(percent, limits.at_least, totals.linked).min(totals.linked);
        let stops = totals.extent.passes(limits, totals.linked);
        let is_full = lines.len() >= usize::try_from(LINES).unwrap_or(usize::MAX);
        let next = lines.last().filter(|_| is_full).map(|last| {
            let (rank, path) = (last.rank.to_string(), format!("/connections/{named}"));
            frame.to(&address(&path, [("rank", &*rank), ("after", &last.sku)].into_iter()))
        });
        Ok(Some(Self {
            id: connection.id.to_string(),
            kind: frame.title_of(&connection),
            chip: words::connection(&connection),
            live_since: match connection.stage {
                Stage::Observing => None,
                Stage::Live { since } => Some(since),
            },
            is_first: place == PlanPlace::default(),
            unasked: (unasked(limits.zero_percent), unasked(limits.change_percent)),
            stops,
            presses: presses(&connection, &totals, stops),
            decisions: [
                Press::new("approve-brake", &connection.id, "Approve"),
                Press::new("reject-brake", &connection.id, "Reject"),
            ],
            totals,
            lines,
            next,
            brakes,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("brake", self.as_brake().render()?),
            Piece("plan", self.as_plan().render()?),
        ])
    }
}

#[expect(clippy::unused_self, reason = "templates call methods of values")]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
impl ConnectionPage {
    fn spaced(&self, number: &u64) -> String {
        thousands(*number)
    }

    fn item(&self, item: &crossdock_domain::ItemId) -> String {
        format!("/stock/{item}")
    }

    fn path(&self) -> String {
        format!("/connections/{}", self.id)
    }

    fn difference(&self, line: &PlanLine) -> String {
        format!("{:+}", line.target.saturating_sub(line.observed)).replace('-', "−")
    }
}

/// The one act that there is now. Whoever goes live past the brake says by it what he has seen.
fn presses(connection: &Connection, totals: &PlanTotals, stops: bool) -> Vec<Press> {
    let (id, extent) = (&connection.id, totals.extent);
    if connection.is_live() {
        return vec![Press::new("observe", id, "Stop writing, only observe")];
    }
    if !stops {
        return vec![Press::new("go-live", id, "Go live")];
    }
    let seen = format!("{id}/{}/{}", extent.zeroed, extent.changed);
    let label = format!(
        "Go live all the same: {} to zero, {} by more than half",
        count(extent.zeroed, "item"),
        extent.changed
    );
    vec![Press::new("go-live", &seen, label)]
}

fn brakes(
    reader: &Reader,
    frame: &Frame,
    connection: &Connection,
) -> Result<Vec<Brake>, StoreError> {
    let held = reader.held_by_brake(&frame.client.id, &connection.id, SAMPLE)?;
    let mut brakes = Vec::new();
    for window in &frame.brakes {
        let Some(engaged) = window.engaged.clone().filter(|_| window.connection == connection.id)
        else {
            continue;
        };
        let (title, what) = words::brake(window.side);
        let sample = held.iter().filter(|line| line.side == window.side).cloned().collect();
        let (since, why, entry) = (engaged.since, engaged.why, engaged.number);
        brakes.push(Brake { title, what, since, why, entry, sample });
    }
    Ok(brakes)
}
