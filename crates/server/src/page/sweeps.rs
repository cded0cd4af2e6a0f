//! Reconciliations: the runs, newest first, and the buttons that begin one.

use askama::Template;
use crossdock_domain::Instant;
use crossdock_domain::Number;
use crossdock_domain::sweep::{Scope, Sweep, SweepState};
use crossdock_store::Reader;
use crossdock_store::reader::sweeps::SweepFilter;
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, address, cut};
use super::words::{self, Chip, count, thousands};
use super::wrong::Press;

const RUNS: u32 = 50;

#[derive(Template)]
#[template(path = "sweeps.html", blocks = ["badge", "said", "plans", "runs"])]
pub(super) struct Sweeps {
    frame: Frame,
    plans: Vec<Plan>,
    runs: Vec<Run>,
    tells_all: bool,
    next: Option<String>,
}

/// When a connection is compared, and how to have it compared now.
struct Plan {
    connection: String,
    changes: String,
    all: String,
    presses: [Press; 2],
}

struct Run {
    key: String,
    number: Number,
    connection: String,
    what: &'static str,
    chip: Chip,
    compared: String,
    found: u32,
    rest: String,
    note: String,
    started_at: Instant,
}

/// What the address asks.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    all: Option<String>,
    before: Option<u64>,
}

impl Page for Sweeps {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Reconciliation;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let tells_all = asked.all.is_some();
        let filter = SweepFilter {
            connection: None,
            telling: !tells_all,
            before: asked.before.map(Number),
            limit: RUNS + 1,
        };
        let mut found = reader.sweeps(&frame.client.id, &filter)?;
        let next = cut(&mut found, RUNS).map(|run| {
            let number = run.number.to_string();
            let all = tells_all.then_some(("all", "1"));
            let pairs = all.into_iter().chain([("before", number.as_str())]);
            frame.to(&address(Section::Reconciliation.path(), pairs))
        });
        let runs = found.iter().map(Run::new).collect();
        let plans = frame.connections.iter().map(|connection| Plan {
            connection: connection.id.to_string(),
            changes: connection.stock.reconcile_changes.clone(),
            all: connection.stock.reconcile_all.clone(),
            presses: [
                Press::new("reconcile-changes", &connection.id, "Compare what changed"),
                Press::new("reconcile-all", &connection.id, "Compare everything"),
            ],
        });
        let plans = plans.collect();
        Ok(Some(Self { frame, plans, runs, tells_all, next }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("plans", self.as_plans().render()?),
            Piece("runs", self.as_runs().render()?),
        ])
    }
}

impl Run {
    fn new(sweep: &Sweep) -> Self {
        Self {
            key: format!("r{}", sweep.number),
            number: sweep.number,
            connection: sweep.connection.to_string(),
            what: what(sweep.scope),
            chip: words::sweep(sweep.state),
            compared: thousands(sweep.rows),
            found: sweep.findings,
            rest: rest(sweep),
            note: sweep.note.clone(),
            started_at: sweep.started_at,
        }
    }
}

/// What a run compares.
pub(super) const fn what(scope: Scope) -> &'static str {
    match scope {
        Scope::Changes => "what changed",
        Scope::All => "everything",
    }
}

/// What a run met besides what it compared.
pub(super) fn rest(sweep: &Sweep) -> String {
    let mut parts = Vec::new();
    if sweep.known > 0 {
        parts.push(format!("{} known already", thousands(u64::from(sweep.known))));
    }
    if sweep.raced > 0 {
        parts.push(format!("{} being read by themselves", thousands(u64::from(sweep.raced))));
    }
    if sweep.unlinked > 0 {
        parts.push(format!("{} not linked", thousands(sweep.unlinked)));
    }
    if sweep.state == SweepState::Reading {
        parts.push(format!("{} so far", count(u64::from(sweep.pages), "page")));
    }
    parts.join(", ")
}
