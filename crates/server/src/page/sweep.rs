//! One reconciliation: its figures, its discrepancies with their evidence, and the buttons that decide upon them.

use askama::Template;
use crossdock_domain::sweep::{Finding, FindingState, Found, Sweep, SweepState};
use crossdock_domain::{Instant, Number};
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece};
use super::sweeps::{rest, what};
use super::words::{self, Chip, thousands};
use super::wrong::Press;

const FINDINGS: u32 = 100;

#[derive(Template)]
#[template(path = "sweep.html", blocks = ["badge", "said", "report", "findings"])]
pub(super) struct SweepPage {
    frame: Frame,
    sweep: Sweep,
    what: &'static str,
    chip: Chip,
    rest: String,
    counts: Vec<(&'static str, String)>,
    presses: Vec<Press>,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
}

/// One discrepancy.
struct Line {
    key: String,
    id: u32,
    sku: String,
    href: String,
    ours: String,
    theirs: String,
    difference: String,
    dated: Option<Instant>,
    evidence: Chip,
    says: &'static str,
    repair: String,
    chip: Chip,
    entries: Vec<Number>,
    ended_by: Option<Number>,
    presses: Vec<Press>,
}

/// What the address asks.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Asked {
    after: Option<u32>,
}

impl Page for SweepPage {
    type Named = u64;
    type Asked = Asked;
    const SECTION: Section = Section::Reconciliation;

    fn read(reader: &Reader, frame: Frame, named: &u64, asked: &Asked) -> Opened<Self> {
        let client = &frame.client.id;
        let number = Number(*named);
        let Some(sweep) = reader.sweep(client, Some(number))? else { return Ok(None) };
        let after = asked.after.unwrap_or_default();
        let found = reader.findings(client, number, (after, FINDINGS))?;
        let is_full = found.len() == FINDINGS as usize;
        let next = found.last().filter(|_| is_full);
        let next =
            next.map(|last| frame.to(&format!("/reconciliation/{number}?after={}", last.id)));
        let mut lines = Vec::with_capacity(found.len());
        for finding in &found {
            let item = reader.item_alone(client, finding.item)?;
            let sku = item.map_or_else(|| finding.item.to_string(), |item| item.sku);
            lines.push(Line::new(&frame, &sweep, finding, sku));
        }
        Ok(Some(Self {
            what: what(sweep.scope),
            chip: words::sweep(sweep.state),
            rest: rest(&sweep),
            counts: counts(reader, &frame, number)?,
            presses: presses(&sweep),
            is_first: after == 0,
            lines,
            next,
            sweep,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("report", self.as_report().render()?),
            Piece("findings", self.as_findings().render()?),
        ])
    }
}

impl SweepPage {
    fn compared(&self) -> String {
        thousands(self.sweep.rows)
    }
    fn path(&self) -> String {
        format!("/reconciliation/{}", self.sweep.number)
    }
}

impl Line {
    fn new(frame: &Frame, sweep: &Sweep, finding: &Finding, sku: String) -> Self {
        let is_asked = sweep.state == SweepState::Asking && finding.state == FindingState::Open;
        let (evidence, says) = words::evidence(finding.evidence);
        let subject = format!("{}/{}", sweep.number, finding.id);
        let figure = |figure: Option<i64>| figure.map_or_else(|| "–".to_owned(), |f| f.to_string());
        Self {
            key: format!("f{}", finding.id),
            id: finding.id,
            sku,
            href: frame.to(&format!("/stock/{}", finding.item)),
            ours: figure(finding.ours),
            theirs: match finding.found {
                Found::Figure => figure(finding.theirs),
                Found::NotCounted => "not counted".to_owned(),
                Found::Missing => "missing".to_owned(),
            },
            difference: finding.difference.map_or_else(String::new, |units| format!("{units:+}")),
            dated: finding.theirs_at,
            evidence,
            says,
            repair: finding.repair.as_ref().map_or_else(String::new, |repair| {
                let (from, to) = (words::account(&repair.from), words::account(&repair.to));
                format!("{} from {from} to {to}", thousands(repair.quantity.unsigned_abs()))
            }),
            chip: words::finding(finding.state, is_asked),
            entries: finding.rests_on.clone(),
            ended_by: finding.ended_by,
            presses: if is_asked {
                vec![
                    Press::new("apply-findings", &subject, "Book"),
                    Press::new("dismiss-findings", &subject, "Leave"),
                ]
            } else {
                Vec::new()
            },
        }
    }
}

/// How many discrepancies there are of each evidence.
fn counts(
    reader: &Reader,
    frame: &Frame,
    sweep: Number,
) -> Result<Vec<(&'static str, String)>, StoreError> {
    let mut counts: Vec<(crossdock_domain::sweep::Evidence, u64)> = Vec::new();
    for (evidence, _, count) in reader.count_findings(&frame.client.id, sweep)? {
        match counts.iter_mut().find(|(known, _)| *known == evidence) {
            Some((_, known)) => *known += count,
            None => counts.push((evidence, count)),
        }
    }
    counts.sort_by_key(|(evidence, _)| *evidence);
    let words = |(evidence, count)| (words::evidence(evidence).0.word, thousands(count));
    Ok(counts.into_iter().map(words).collect())
}

fn presses(sweep: &Sweep) -> Vec<Press> {
    if sweep.state != SweepState::Asking {
        return Vec::new();
    }
    vec![
        Press::new("apply-findings", &sweep.number, "Book all"),
        Press::new("dismiss-findings", &sweep.number, "Leave all"),
    ]
}
