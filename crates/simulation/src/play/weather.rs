//! Weather: what goes wrong between hub and shop, in fronts. Drawn as data, so that a story can tell it and a shorter
//! story can leave some of it out.

use crossdock_domain::Span;

use crate::dice::Dice;
use crate::partner::{Faults, Knob};
use crate::world::Mood;

/// One thing that goes wrong, again and again, while the front is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// HTTP 429.
    TooManyRequests,
    /// HTTP 500.
    InternalError,
    /// HTTP 502 with a page.
    BadGateway,
    /// HTTP 503.
    Unavailable,
    /// The connection breaks before the work is done.
    CutBefore,
    /// The connection breaks after the work was done.
    CutAfter,
    /// The answer comes after everybody has stopped waiting.
    TimeOut,
    /// HTTP 200 with a page.
    HtmlPage,
    /// Half an answer.
    Truncated,
    /// Answers come late.
    Slow,
    /// Somebody buys just before each write.
    StaleStorm,
    /// A row of a write is refused.
    ItemError,
    /// HTTP 200, and throttled.
    Throttled,
    /// A repeat is told that the first is still running.
    StillRunning,
    /// Webhooks come twice.
    Duplicates,
    /// Webhooks never come.
    Drops,
    /// Webhooks overtake each other.
    Reorder,
    /// Webhooks are signed wrongly.
    WrongSignature,
    /// Webhooks hold rubbish.
    Malformed,
    /// Webhooks come late.
    Delays,
    /// Webhooks come in bursts.
    Bursts,
}

impl Trouble {
    const ALL: [Self; 21] = [
        Self::TooManyRequests,
        Self::InternalError,
        Self::BadGateway,
        Self::Unavailable,
        Self::CutBefore,
        Self::CutAfter,
        Self::TimeOut,
        Self::HtmlPage,
        Self::Truncated,
        Self::Slow,
        Self::StaleStorm,
        Self::ItemError,
        Self::Throttled,
        Self::StillRunning,
        Self::Duplicates,
        Self::Drops,
        Self::Reorder,
        Self::WrongSignature,
        Self::Malformed,
        Self::Delays,
        Self::Bursts,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::TooManyRequests => "calls get 429",
            Self::InternalError => "calls get 500",
            Self::BadGateway => "calls get 502",
            Self::Unavailable => "calls get 503",
            Self::CutBefore => "connections break before the work is done",
            Self::CutAfter => "connections break after the work was done",
            Self::TimeOut => "answers time out after the work was done",
            Self::HtmlPage => "answers are pages",
            Self::Truncated => "answers are cut in half",
            Self::Slow => "answers are slow",
            Self::StaleStorm => "somebody buys just before our writes",
            Self::ItemError => "rows are refused",
            Self::Throttled => "calls are throttled",
            Self::StillRunning => "repeats are told to wait",
            Self::Duplicates => "webhooks come twice",
            Self::Drops => "webhooks are lost",
            Self::Reorder => "webhooks overtake each other",
            Self::WrongSignature => "webhooks are signed wrongly",
            Self::Malformed => "webhooks hold rubbish",
            Self::Delays => "webhooks are late",
            Self::Bursts => "webhooks come in bursts",
        }
    }

    fn set(self, faults: &mut Faults, percent: u8) {
        let share = f64::from(percent) / 100.0;
        let knob = Knob::often(share);
        let (calls, hooks) = (&mut faults.calls, &mut faults.webhooks);
        match self {
            Self::TooManyRequests => calls.too_many_requests = knob,
            Self::InternalError => calls.internal_error = knob,
            Self::BadGateway => calls.bad_gateway = knob,
            Self::Unavailable => calls.unavailable = knob,
            Self::CutBefore => calls.cut_before_work = knob,
            Self::CutAfter => calls.cut_after_work = knob,
            Self::TimeOut => calls.timeout_after_work = knob,
            Self::HtmlPage => calls.html_page = knob,
            Self::Truncated => calls.truncated_json = knob,
            Self::Slow => calls.slow = knob,
            Self::StaleStorm => calls.stale_storm = knob,
            Self::ItemError => calls.item_error = knob,
            Self::Throttled => calls.throttled = knob,
            Self::StillRunning => calls.still_running = knob,
            Self::Duplicates => hooks.duplicate = share,
            Self::Drops => hooks.drop = share,
            Self::Reorder => hooks.reorder = share,
            Self::WrongSignature => hooks.wrong_signature = share,
            Self::Malformed => hooks.malformed = share,
            Self::Delays => hooks.delay_ms_max = u64::from(percent) * 500,
            Self::Bursts => hooks.burst = 2 + u32::from(percent) / 10,
        }
    }
}

/// What goes wrong from now on, and how often in a hundred. Empty is fair weather.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Front(pub Vec<(Trouble, u8)>);

impl Front {
    /// A front, and for how long it stays.
    pub(super) fn draw(dice: &mut Dice) -> (Self, Span) {
        let minutes = |dice: &mut Dice, least, most| {
            Span::from_s(60 * dice.between(least, most).unsigned_abs())
        };
        let (troubles, length) = match dice.below(10) {
            0..3 => (0, minutes(dice, 5, 40)),
            3..7 => (dice.between(1, 3), minutes(dice, 5, 40)),
            _ => (dice.between(3, 6), minutes(dice, 2, 15)),
        };
        let one = |_| {
            let [first, others @ ..] = Trouble::ALL;
            (dice.one_of(first, &others), dice.one_of(10, &[20, 30, 60]))
        };
        (Self((0..troubles).map(one).collect()), length)
    }

    pub(super) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        for (trouble, percent) in &self.0 {
            trouble.set(&mut faults, *percent);
        }
        faults
    }

    pub(super) fn words(&self) -> String {
        if self.0.is_empty() {
            return "the weather clears".to_owned();
        }
        let troubles = self.0.iter().map(|(what, often)| format!("{} ({often} %)", what.words()));
        format!("weather: {}", troubles.collect::<Vec<_>>().join(", "))
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
