//! Weather between hub and centre.

use crossdock_domain::Span;

use crate::dice::Dice;
use crate::front::{CallTrouble, Front, Trouble, Weathered, WebhookTrouble};
use crate::partner::WebhookFaults;
use crate::partner::centre::{Faults, Knob};
use crate::world::Mood;

/// What can go wrong at a centre.
const TROUBLES: [Trouble; 19] = [
    Trouble::Calls(CallTrouble::TooManyRequests),
    Trouble::Calls(CallTrouble::InternalError),
    Trouble::Calls(CallTrouble::BadGateway),
    Trouble::Calls(CallTrouble::Unavailable),
    Trouble::Calls(CallTrouble::HtmlPage),
    Trouble::Calls(CallTrouble::CutBefore),
    Trouble::Calls(CallTrouble::CutAfter),
    Trouble::Calls(CallTrouble::TimeOut),
    Trouble::Calls(CallTrouble::Truncated),
    Trouble::Calls(CallTrouble::Slow),
    Trouble::Calls(CallTrouble::RepeatedRow),
    Trouble::Calls(CallTrouble::SkippedRow),
    Trouble::Webhooks(WebhookTrouble::Duplicates),
    Trouble::Webhooks(WebhookTrouble::Drops),
    Trouble::Webhooks(WebhookTrouble::Reorder),
    Trouble::Webhooks(WebhookTrouble::WrongSignature),
    Trouble::Webhooks(WebhookTrouble::Malformed),
    Trouble::Webhooks(WebhookTrouble::Delays),
    Trouble::Webhooks(WebhookTrouble::Bursts),
];

/// A front, and for how long it stays.
pub(super) fn front(dice: &mut Dice) -> (Front, Span) {
    let count = match dice.below(10) {
        0..3 => 0,
        3..7 => dice.between(1, 3),
        _ => dice.between(3, 6),
    };
    let minutes = dice.between(3, 30).unsigned_abs();
    let [first, others @ ..] = TROUBLES;
    (Front::draw(count, (first, &others), dice), Span::from_s(60 * minutes))
}

impl Weathered for Faults {
    fn knob(&mut self, trouble: CallTrouble) -> Option<&mut Knob> {
        Some(match trouble {
            CallTrouble::TooManyRequests => &mut self.calls.too_many_requests,
            CallTrouble::InternalError => &mut self.calls.internal_error,
            CallTrouble::BadGateway => &mut self.calls.bad_gateway,
            CallTrouble::Unavailable => &mut self.calls.unavailable,
            CallTrouble::HtmlPage => &mut self.calls.html_page,
            CallTrouble::CutBefore => &mut self.calls.cut_before_work,
            CallTrouble::CutAfter => &mut self.calls.cut_after_work,
            CallTrouble::TimeOut => &mut self.calls.timeout_after_work,
            CallTrouble::Truncated => &mut self.calls.truncated_json,
            CallTrouble::Slow => &mut self.calls.slow,
            CallTrouble::RepeatedRow => &mut self.paging.repeated_row,
            CallTrouble::SkippedRow => &mut self.paging.skipped_row,
            CallTrouble::StaleStorm
            | CallTrouble::ItemError
            | CallTrouble::Throttled
            | CallTrouble::StillRunning => return None,
        })
    }

    fn webhooks(&mut self) -> &mut WebhookFaults {
        &mut self.webhooks
    }
}

/// What befalls the next call.
pub(super) fn mood(dice: &mut Dice) -> Mood {
    let others = [
        Mood::NotSent,
        Mood::LostBefore,
        Mood::Slow(Span::from_s(20)),
        Mood::Status(429),
        Mood::Status(503),
        Mood::Silent,
    ];
    dice.one_of(Mood::LostAfter, &others)
}

pub(super) const fn mood_words(mood: Mood) -> &'static str {
    match mood {
        Mood::NotSent => "the next call finds nobody",
        Mood::LostAfter | Mood::LostBefore => "the next call will be lost",
        Mood::Slow(_) | Mood::Held(_) => "the next answer will be slow",
        Mood::Status(429) => "the next call gets 429",
        Mood::Status(_) => "the next call gets an error",
        Mood::Silent => "nobody will ever say what came of the next call",
        Mood::Fair | Mood::Zeros | Mood::Swapped => "nothing befalls the next call",
    }
}
