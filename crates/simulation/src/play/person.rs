//! A person: what he says when the hub asks, and when nobody asks him.

use crossdock_domain::Number;
use crossdock_domain::brake::Extent;
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::sweep::SweepState;
use crossdock_hub::Folded;
use crossdock_store::reader::sweeps::SweepFilter;
use serde_json::Value;

use super::act::{Part, Word, sku};
use super::stage::{Stage, bad, shop};
use crate::finding::Found;

/// Runs that a person looks through.
const RUNS_MAX: u32 = 50;

impl Stage {
    /// Lets what is owed be written. Whether that changed anything.
    pub(super) fn go_live(&mut self, accepts: Word) -> Found<bool> {
        let connection = shop()?;
        let mut folded =
            self.give(&Command::GoLive { connection: connection.clone(), accept: None })?;
        if accepts == Word::Yes
            && let Some(seen) = shown(&folded)
        {
            folded = self.give(&Command::GoLive { connection, accept: Some(seen) })?;
        }
        self.note_stage(&folded)?;
        Ok(folded.outcome.kind == OutcomeKind::Applied)
    }

    pub(super) fn observe(&mut self) -> Found<()> {
        let folded = self.give(&Command::Observe { connection: shop()? })?;
        self.note_stage(&folded)
    }

    /// Says yes or no to what the brake holds. Whether it held anything.
    pub(super) fn rule(&mut self, word: Word) -> Found<bool> {
        let connection = shop()?;
        let command = match word {
            Word::Yes => Command::ApproveBrake { connection },
            Word::No => Command::RejectBrake { connection },
        };
        let folded = self.give(&command)?;
        self.note_stage(&folded)?;
        Ok(folded.outcome.kind == OutcomeKind::Applied)
    }

    /// Says whether units are there that nothing explains. Whether there were any.
    pub(super) fn believe(&mut self, item: usize, word: Word) -> Found<bool> {
        let (item, accept) = (sku(item), word == Word::Yes);
        let folded =
            self.give(&Command::DecideUnexplained { item, connection: shop()?, accept })?;
        Ok(folded.outcome.kind == OutcomeKind::Applied)
    }

    /// Lets findings be booked, or leaves them, of every reconciliation that asks. Whether any did.
    pub(super) fn settle(&mut self, word: Word, part: Part) -> Found<bool> {
        let asking = self.asking()?;
        for sweep in &asking {
            let sweep = *sweep;
            let findings = match part {
                Part::All => None,
                Part::Some => Some(self.some_findings(sweep)?),
            };
            let command = match word {
                Word::Yes => Command::ApplyFindings { sweep, findings },
                Word::No => Command::DismissFindings { sweep, findings },
            };
            self.give(&command)?;
        }
        Ok(!asking.is_empty())
    }

    /// Everything that waits for a person, once. Whether anything did.
    pub(super) fn decide_what_waits(&mut self, word: Word) -> Found<bool> {
        // A partner may have refused us in the last of the weather, whose answer came after the operator resumed.
        let resumed = self.give(&Command::ResumeConnection { connection: shop()? })?;
        let mut any = resumed.outcome.kind == OutcomeKind::Applied;
        any |= self.rule(word)?;
        any |= self.settle(word, Part::All)?;
        for item in 0..self.judge.items() {
            // What he does not believe waits until the counter is set back: he says so once.
            let waits = self.judge.unexplained(&mut self.world, item)? > 0;
            any |= waits && self.believe(item, word)?;
        }
        any |= self.go_live(Word::Yes)?;
        Ok(any)
    }

    /// Every other finding, by its id, and the first in any case.
    fn some_findings(&mut self, sweep: Number) -> Found<Vec<u32>> {
        let client = self.world.lane.client().cloned().ok_or_else(|| bad("a lane of nobody"))?;
        let open = self.world.store().open_findings(&client, sweep, u32::MAX)?;
        Ok(open.iter().step_by(2).map(|finding| finding.id).collect())
    }

    /// The reconciliations that wait for a person, oldest first.
    fn asking(&mut self) -> Found<Vec<Number>> {
        let client = self.world.lane.client().cloned().ok_or_else(|| bad("a lane of nobody"))?;
        let filter = SweepFilter {
            connection: Some(shop()?),
            telling: true,
            limit: RUNS_MAX,
            ..SweepFilter::default()
        };
        let sweeps = self.world.reader()?.sweeps(&client, &filter)?;
        let asking = sweeps.iter().filter(|sweep| sweep.state == SweepState::Asking);
        let mut asking: Vec<_> = asking.map(|sweep| sweep.number).collect();
        asking.sort_unstable();
        Ok(asking)
    }

    /// The judge hears whether anything may be written from now on.
    fn note_stage(&mut self, folded: &Folded) -> Found<()> {
        let (lane, connection) = (self.world.lane.clone(), shop()?);
        let known = self.world.hub().connection(&lane, &connection)?;
        let is_live = known.is_some_and(|connection| connection.is_live());
        self.judge.stage(is_live, (folded.number, self.world.now));
        Ok(())
    }
}

/// What a refusal to go live says that it would write.
fn shown(folded: &Folded) -> Option<Extent> {
    let result = folded.outcome.result.as_ref()?;
    let figure = |name: &str| result.get(name).and_then(Value::as_u64);
    let refused = folded.outcome.kind == OutcomeKind::Illegal;
    refused.then_some(())?;
    Some(Extent { zeroed: figure("zeroed")?, changed: figure("changed")? })
}
