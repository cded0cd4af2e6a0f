//! Telling: what went between hub and shop, in words, for the story.

use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_domain::send::Send;
use crossdock_hub::Folded;

use super::stage::Stage;
use crate::finding::Found;
use crate::partner;
use crate::world::{Came, Happened};

/// How the answer ends to a page on which nothing differs.
const NOTHING_FOUND: &str = " rows, 0 differ";

impl Stage {
    /// What has happened, in words.
    pub(super) fn tell(&mut self, heard: &[Happened], folded: &[Folded]) -> Found<()> {
        let now = self.world.now;
        for happened in heard.iter().filter(|one| !is_routine(one)) {
            let words = match happened {
                Happened::Acknowledged { attempt, .. } => {
                    let words = partner::told_words(attempt);
                    self.judge.by_sku(&format!("  we are told: {words}"))
                }
                Happened::Died(_) => "  the hub dies and starts again".to_owned(),
                Happened::Called { send, attempt, came, .. } => {
                    let lane = self.world.lane.clone();
                    let known: Option<Send> = self.world.store().get(&(lane, *send))?;
                    self.judge.by_sku(&call_words(known.as_ref(), *attempt, *came))
                }
            };
            self.story.tell(now, || words);
        }
        for folded in folded.iter().filter(|folded| folded.kind == EntryKind::Answer) {
            let outcome = &folded.outcome;
            if outcome.note.ends_with(NOTHING_FOUND) {
                continue;
            }
            self.story.tell(now, || format!("  answer: {} {}", outcome.kind.word(), outcome.note));
        }
        for folded in folded.iter().filter(|folded| folded.kind == EntryKind::Delivery) {
            if folded.outcome.kind != OutcomeKind::Unchanged {
                let outcome = &folded.outcome;
                self.story.tell(now, || format!("    {} {}", outcome.kind.word(), outcome.note));
            }
        }
        Ok(())
    }
}

/// A look at what has changed is no news, nor is that nothing has.
const fn is_routine(happened: &Happened) -> bool {
    matches!(happened, Happened::Called { kind: CallKind::ReadPage, came: Came::Answer(200), .. })
}

fn call_words(send: Option<&Send>, attempt: u32, came: Came) -> String {
    let what = match send.map(|send| &send.call) {
        Some(Call::SetLevels { rows }) => {
            let rows = rows.iter().map(|row| format!("{} {}→{}", row.item, row.from, row.to));
            format!("our write {}", rows.collect::<Vec<_>>().join(", "))
        }
        Some(Call::ReadLevels { rows }) => {
            let rows = rows.iter().map(|row| row.item.to_string());
            format!("our read of {}", rows.collect::<Vec<_>>().join(", "))
        }
        Some(other) => other.kind().word().to_owned(),
        None => "a call".to_owned(),
    };
    let again = if attempt > 1 { format!(" again (attempt {attempt})") } else { String::new() };
    let came = match came {
        Came::Answer(200) => "and answered".to_owned(),
        Came::Answer(status) => format!("and answered {status}"),
        Came::Lie => "and the answer lies".to_owned(),
        Came::NotSent => "and finds nobody".to_owned(),
        Came::LostBefore => "and lost, not done".to_owned(),
        Came::LostAfter => "and done, its answer lost".to_owned(),
    };
    format!("  {what} is sent{again} {came}")
}
