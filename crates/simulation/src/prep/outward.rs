//! Outward: what we announce at the centre and say has left, however the answers come. The centre did all of it, and nothing
//! twice.

use crossdock_domain::TaskId;
use crossdock_domain::call::ReceptionAct;
use crossdock_domain::command::Command;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::task::{Task, TaskState};

use super::scene::{ACCOUNTS, Road};
use super::stage::{Stage, bad, centre, shared};
use crate::finding::{Finding, Found};
use crate::partner::centre::Happening;
use crate::world::Mood;

/// What we asked of the centre.
#[derive(Debug)]
pub(super) struct Asked {
    act: ReceptionAct,
    /// The task that does it.
    task: TaskId,
}

impl Stage {
    pub(super) fn we_announce(&mut self, account: usize, reference: u64) -> Found<()> {
        let Some(known) = ACCOUNTS.get(account) else { return Ok(()) };
        self.ask(
            known.id,
            ReceptionAct::Create {
                reference: format!("OUT-{reference}"),
                name: format!("ordered as OUT-{reference}"),
                notes: None,
                warehouse: None,
            },
        )
    }

    pub(super) fn we_submit(&mut self, inbound: usize, parcel: u64) -> Found<()> {
        let Some(inbound) = self.inbound(inbound) else { return Ok(()) };
        self.ask(
            inbound.merchant_id,
            ReceptionAct::Submit {
                reception: inbound.id.to_string().parse().map_err(bad)?,
                carrier: "ups".to_owned(),
                tracking_numbers: vec![format!("OUR{parcel}")],
            },
        )
    }

    /// What is sent next arrives, and nobody gets the answer.
    pub(super) fn answers_are_lost(&self, is_lost: bool) {
        if is_lost {
            self.side.befalls(Mood::LostAfter);
        }
    }

    /// Asks for it, where the centre takes calls. What the hub will not even try does not happen.
    fn ask(&mut self, account: u64, act: ReceptionAct) -> Found<()> {
        if self.scene.road == Road::Told {
            return Ok(());
        }
        let merchant = account.to_string().parse().map_err(bad)?;
        let what = act.clone();
        let put = Command::PutReception { connection: centre()?, merchant, what };
        let taken = self.give(&put)?.filter(|outcome| outcome.kind == OutcomeKind::Applied);
        let Some(outcome) = taken else { return Ok(()) };
        let told = outcome.result.as_ref().and_then(|result| result.get("task")?.as_str());
        let task = told.ok_or_else(|| bad("no task was named"))?.parse().map_err(bad)?;
        self.asked.push(Asked { act, task });
        Ok(())
    }

    /// Whatever became of the answers: what we asked for once was not done again.
    pub(super) fn the_centre_did_nothing_twice(&self) -> Found<()> {
        for asked in &self.asked {
            let times = self.times(&asked.act);
            if times > 1 {
                return Err(Finding::DoneTwice { what: asked.act.subject(), times });
            }
        }
        Ok(())
    }

    /// And what counts as done was.
    pub(super) fn the_centre_did_what_counts_as_done(&mut self) -> Found<()> {
        for asked in &self.asked {
            let task: Option<Task> = self.world.store().get(&(shared()?, asked.task))?;
            let is_done = task.is_some_and(|task| task.state == TaskState::Done);
            let was_done = self.times(&asked.act) == 1;
            // Where it has come under another account, nobody can see whether it was done.
            if was_done && self.has_moved(&asked.act) {
                continue;
            }
            if is_done != was_done {
                let done = if is_done { "it counts as done" } else { "it does not count as done" };
                let what = format!("{}: {done}, and it is not so", asked.act.subject());
                return Err(Finding::LeftOver { what });
            }
        }
        Ok(())
    }

    /// Whether a task waits for a person, as it should: what it asks for cannot be done any more.
    pub(super) fn is_impossible(&self, task: &Task) -> bool {
        let asked = self.asked.iter().find(|asked| asked.task == task.id);
        let Some(Asked { act, .. }) = asked else { return false };
        let ReceptionAct::Submit { reception, .. } = act else { return false };
        let inbound = reception.as_str().parse::<u64>().unwrap_or_default();
        let has_left = self.happened(|happening| {
            matches!(happening, Happening::Shipped { inbound_id, .. } | Happening::Received { inbound_id, .. }
                if *inbound_id == inbound)
        });
        task.state == TaskState::Stuck && (has_left > 0 || self.has_moved(act))
    }

    /// Whether what it is about came under another account.
    fn has_moved(&self, act: &ReceptionAct) -> bool {
        let ReceptionAct::Submit { reception, .. } = act else { return false };
        self.moved.keys().any(|inbound| inbound.to_string() == reception.as_str())
    }

    /// How often something was done that we asked for.
    fn times(&self, act: &ReceptionAct) -> usize {
        self.happened(|happening| match (act, happening) {
            (ReceptionAct::Create { name, .. }, Happening::Opened { name: opened, .. }) => {
                name == opened
            }
            (
                ReceptionAct::Submit { tracking_numbers, .. },
                Happening::Shipped { tracking_numbers: shipped, .. },
            ) => tracking_numbers == shipped,
            _ => false,
        })
    }

    fn happened(&self, is_it: impl Fn(&Happening) -> bool) -> usize {
        self.side
            .with(|centre| centre.log(0).iter().filter(|entry| is_it(&entry.happening)).count())
    }
}
