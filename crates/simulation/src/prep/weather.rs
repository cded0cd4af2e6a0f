//! Weather between hub and centre, in fronts: as data, so that a story can tell it and a shorter one can leave some of it out.

use crossdock_domain::Span;

use crate::dice::Dice;
use crate::partner::centre::{Faults, Knob};
use crate::world::Mood;

/// One thing that goes wrong, again and again, while the front is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrepTrouble {
    /// HTTP 429.
    TooManyRequests,
    /// HTTP 500.
    InternalError,
    /// HTTP 502 with a page.
    BadGateway,
    /// HTTP 503.
    Unavailable,
    /// HTTP 200 with a page.
    HtmlPage,
    /// The connection breaks before the work is done.
    CutBefore,
    /// The connection breaks after the work was done.
    CutAfter,
    /// Nobody waits so long for the answer.
    TimeOut,
    /// Half an answer.
    Truncated,
    /// Answers come late.
    Slow,
    /// Pages begin with a row of the one before.
    RepeatedRow,
    /// Pages leave a row out.
    SkippedRow,
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

impl PrepTrouble {
    const ALL: [Self; 19] = [
        Self::TooManyRequests,
        Self::InternalError,
        Self::BadGateway,
        Self::Unavailable,
        Self::HtmlPage,
        Self::CutBefore,
        Self::CutAfter,
        Self::TimeOut,
        Self::Truncated,
        Self::Slow,
        Self::RepeatedRow,
        Self::SkippedRow,
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
            Self::HtmlPage => "answers are pages",
            Self::CutBefore => "connections break before the work is done",
            Self::CutAfter => "connections break after the work was done",
            Self::TimeOut => "answers time out",
            Self::Truncated => "answers are cut in half",
            Self::Slow => "answers are slow",
            Self::RepeatedRow => "pages repeat a row",
            Self::SkippedRow => "pages leave a row out",
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
        let (calls, paging) = (&mut faults.calls, &mut faults.paging);
        let hooks = &mut faults.webhooks;
        match self {
            Self::TooManyRequests => calls.too_many_requests = knob,
            Self::InternalError => calls.internal_error = knob,
            Self::BadGateway => calls.bad_gateway = knob,
            Self::Unavailable => calls.unavailable = knob,
            Self::HtmlPage => calls.html_page = knob,
            Self::CutBefore => calls.cut_before_work = knob,
            Self::CutAfter => calls.cut_after_work = knob,
            Self::TimeOut => calls.timeout_after_work = knob,
            Self::Truncated => calls.truncated_json = knob,
            Self::Slow => calls.slow = knob,
            Self::RepeatedRow => paging.repeated_row = knob,
            Self::SkippedRow => paging.skipped_row = knob,
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
pub struct PrepFront(pub Vec<(PrepTrouble, u8)>);

impl PrepFront {
    /// A front, and for how long it stays.
    pub(super) fn draw(dice: &mut Dice) -> (Self, Span) {
        let troubles = match dice.below(10) {
            0..3 => 0,
            3..7 => dice.between(1, 3),
            _ => dice.between(3, 6),
        };
        let minutes = dice.between(3, 30).unsigned_abs();
        let one = |_| {
            let [first, others @ ..] = PrepTrouble::ALL;
            (dice.one_of(first, &others), dice.one_of(10, &[20, 30, 60]))
        };
        (Self((0..troubles).map(one).collect()), Span::from_s(60 * minutes))
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
