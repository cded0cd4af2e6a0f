//! Weather between hub and shop.

use crossdock_domain::Span;

use crate::dice::Dice;
use crate::front::{CallTrouble, Front, Trouble, Weathered, WebhookTrouble};
use crate::partner::{Faults, Knob, WebhookFaults};
use crate::world::Mood;

/// What can go wrong at a shop.
const TROUBLES: [Trouble; 21] = [
    Trouble::Calls(CallTrouble::TooManyRequests),
    Trouble::Calls(CallTrouble::InternalError),
    Trouble::Calls(CallTrouble::BadGateway),
    Trouble::Calls(CallTrouble::Unavailable),
    Trouble::Calls(CallTrouble::CutBefore),
    Trouble::Calls(CallTrouble::CutAfter),
    Trouble::Calls(CallTrouble::TimeOut),
    Trouble::Calls(CallTrouble::HtmlPage),
    Trouble::Calls(CallTrouble::Truncated),
    Trouble::Calls(CallTrouble::Slow),
    Trouble::Calls(CallTrouble::StaleStorm),
    Trouble::Calls(CallTrouble::ItemError),
    Trouble::Calls(CallTrouble::Throttled),
    Trouble::Calls(CallTrouble::StillRunning),
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
    let minutes =
        |dice: &mut Dice, least, most| Span::from_s(60 * dice.between(least, most).unsigned_abs());
    let (count, length) = match dice.below(10) {
        0..3 => (0, minutes(dice, 5, 40)),
        3..7 => (dice.between(1, 3), minutes(dice, 5, 40)),
        _ => (dice.between(3, 6), minutes(dice, 2, 15)),
    };
    let [first, others @ ..] = TROUBLES;
    (Front::draw(count, (first, &others), dice), length)
}

impl Weathered for Faults {
    fn knob(&mut self, trouble: CallTrouble) -> Option<&mut Knob> {
        Some(match trouble {
            CallTrouble::TooManyRequests => &mut self.calls.too_many_requests,
            CallTrouble::InternalError => &mut self.calls.internal_error,
            CallTrouble::BadGateway => &mut self.calls.bad_gateway,
            CallTrouble::Unavailable => &mut self.calls.unavailable,
            CallTrouble::CutBefore => &mut self.calls.cut_before_work,
            CallTrouble::CutAfter => &mut self.calls.cut_after_work,
            CallTrouble::TimeOut => &mut self.calls.timeout_after_work,
            CallTrouble::HtmlPage => &mut self.calls.html_page,
            CallTrouble::Truncated => &mut self.calls.truncated_json,
            CallTrouble::Slow => &mut self.calls.slow,
            CallTrouble::StaleStorm => &mut self.calls.stale_storm,
            CallTrouble::ItemError => &mut self.calls.item_error,
            CallTrouble::Throttled => &mut self.calls.throttled,
            CallTrouble::StillRunning => &mut self.calls.still_running,
            CallTrouble::RepeatedRow | CallTrouble::SkippedRow => return None,
        })
    }

    fn webhooks(&mut self) -> &mut WebhookFaults {
        &mut self.webhooks
    }
}

/// What befalls the next call.
pub(super) fn mood(dice: &mut Dice) -> Mood {
    dice.one_of(
        Mood::LostAfter,
        &[
            Mood::LostAfter,
            Mood::NotSent,
            Mood::LostBefore,
            Mood::Slow(Span::from_s(20)),
            Mood::Slow(Span::from_s(29)),
            Mood::Status(429),
            Mood::Status(503),
            Mood::Status(403),
            Mood::Silent,
            Mood::Held(Span::from_s(3)),
            Mood::Held(Span::from_s(50)),
            Mood::Zeros,
            Mood::Swapped,
        ],
    )
}

pub(super) const fn mood_words(mood: Mood) -> &'static str {
    match mood {
        Mood::Fair => "nothing befalls the next call",
        Mood::NotSent => "the next call finds nobody",
        Mood::LostAfter => "the next call's answer will be lost, its work done",
        Mood::LostBefore => "the next call will be lost, its work not done",
        Mood::Slow(_) => "the next answer will be slow",
        Mood::Status(403) => "the next call gets 403",
        Mood::Status(429) => "the next call gets 429",
        Mood::Status(_) => "the next call gets an error",
        Mood::Silent => "nobody will ever say what came of the next call",
        Mood::Held(_) => "the next call is held up at the wire",
        Mood::Zeros => "the next figures read will be zeros: a lie",
        Mood::Swapped => "the next figures read will be another item's: a lie",
    }
}
