//! Shrinking: leaves out whatever a broken promise does not need, until what is left can be read in a minute.
//!
//! Delta debugging over the acts: halves, then quarters, and so on down to single acts; then fewer items.

use crossdock_domain::Span;

use crate::campaign::play_safely;
use crate::play::{Act, Manner, Plan};

/// Plays that a shrinking may take.
const PLAYS_MAX: u32 = 3_000;

/// The shortest plan found that still breaks a promise of the same kind.
#[must_use]
pub fn shrink(plan: &Plan, manner: Manner, kind: &str) -> Plan {
    let mut search = Search { best: plan.clone(), manner, kind: kind.to_owned(), plays: 0 };
    search.fewer_acts();
    search.plainer_scene();
    search.fewer_items();
    search.one_by_one();
    search.sooner();
    search.best
}

struct Search {
    best: Plan,
    manner: Manner,
    kind: String,
    plays: u32,
}

impl Search {
    /// Takes a plan if it breaks the same promise.
    fn try_plan(&mut self, plan: Plan) -> bool {
        if self.plays >= PLAYS_MAX {
            return false;
        }
        self.plays += 1;
        let ending = play_safely(&plan, Manner { is_told: false, ..self.manner });
        let is_same = ending.finding.is_some_and(|finding| finding.kind() == self.kind);
        if is_same {
            self.best = plan;
        }
        is_same
    }

    fn without(&self, from: usize, count: usize) -> Plan {
        let mut acts = self.best.acts.clone();
        acts.drain(from..(from + count).min(acts.len()));
        Plan { acts, ..self.best.clone() }
    }

    fn fewer_acts(&mut self) {
        let mut chunk = self.best.acts.len().div_ceil(2);
        while chunk > 1 {
            self.leave_out(chunk);
            chunk = chunk.div_ceil(2);
        }
    }

    fn one_by_one(&mut self) {
        let mut before = usize::MAX;
        while self.best.acts.len() < before {
            before = self.best.acts.len();
            self.leave_out(1);
        }
    }

    /// Leaves out what it can, so many acts at a time, from the end.
    fn leave_out(&mut self, chunk: usize) {
        let mut end = self.best.acts.len();
        while end > 0 {
            let from = end.saturating_sub(chunk);
            let plan = self.without(from, end - from);
            let _ = self.try_plan(plan);
            end = from.min(self.best.acts.len());
        }
    }

    /// Terms that the story does not need are as everywhere.
    fn plainer_scene(&mut self) {
        for scene in self.best.scene.plainer() {
            let _ = self.try_plan(Plan { scene, ..self.best.clone() });
        }
    }

    /// The shop's own chance changes with the number of items, so this may or may not work.
    fn fewer_items(&mut self) {
        let needed = self.best.acts.iter().map(|timed| highest_item(&timed.act)).max();
        let needed = needed.unwrap_or(0) + 1;
        if needed < self.best.items {
            let _ = self.try_plan(Plan { items: needed, ..self.best.clone() });
        }
    }

    /// Nothing happens for an hour at first: most stories can begin sooner.
    fn sooner(&mut self) {
        let Some(first) = self.best.acts.first().map(|timed| timed.after) else { return };
        let wait = first.0.saturating_sub(Span::from_s(1).0);
        let mut plan = self.best.clone();
        for timed in &mut plan.acts {
            timed.after = Span(timed.after.0 - wait);
        }
        let _ = self.try_plan(plan);
    }
}

fn highest_item(act: &Act) -> usize {
    match act {
        Act::Sell { lines, .. } | Act::Order { lines, .. } => {
            lines.iter().map(|(item, _)| *item).max().unwrap_or(0)
        }
        Act::Restock { item, .. }
        | Act::Edit { item, .. }
        | Act::TypeBack { item }
        | Act::Allocate { item, .. }
        | Act::Link { item }
        | Act::Believe { item, .. }
        | Act::SellElsewhere { item, .. }
        | Act::EditElsewhere { item, .. }
        | Act::Type { item, .. }
        | Act::Claim { item, .. }
        | Act::Track { item, .. }
        | Act::Keep { item, .. }
        | Act::Mislay { item, .. }
        | Act::TakeCount { item }
        | Act::TellCount { item, .. }
        | Act::Share { item, .. }
        | Act::Publish { item: Some(item), .. }
        | Act::Sync { item: Some(item) }
        | Act::LastMonth { item, .. } => *item,
        Act::CancelSale { .. }
        | Act::RefundSale { .. }
        | Act::OrderAgain { .. }
        | Act::CancelOrder { .. }
        | Act::Pause
        | Act::Resume
        | Act::Sync { item: None }
        | Act::Approve
        | Act::GoLive { .. }
        | Act::Observe
        | Act::Cast { .. }
        | Act::Publish { item: None, .. }
        | Act::Rule { .. }
        | Act::Settle { .. }
        | Act::Weather(_)
        | Act::Befalls(_)
        | Act::Crash(_)
        | Act::Restart
        | Act::Forge
        | Act::Replay { .. } => 0,
    }
}
