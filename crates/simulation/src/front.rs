//! Fronts: what goes wrong at a simulated partner, how often, and for how long. Drawn as data, so that a story can tell it and a
//! shorter story can leave some of it out.

use crate::dice::Dice;
use crate::partner::{Knob, WebhookFaults};

/// One thing that goes wrong, again and again, while the front is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// With calls.
    Calls(CallTrouble),
    /// With webhooks.
    Webhooks(WebhookTrouble),
}

/// What befalls calls and their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTrouble {
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
    /// Pages begin with a row of the one before.
    RepeatedRow,
    /// Pages leave a row out.
    SkippedRow,
    /// Somebody buys just before each write.
    StaleStorm,
    /// A row of a write is refused.
    ItemError,
    /// HTTP 200, and throttled.
    Throttled,
    /// A repeat is told that the first is still running.
    StillRunning,
}

/// What befalls webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookTrouble {
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
    const fn words(self) -> &'static str {
        match self {
            Self::Calls(trouble) => trouble.words(),
            Self::Webhooks(trouble) => trouble.words(),
        }
    }

    fn set(self, faults: &mut impl Weathered, percent: u8) {
        let share = f64::from(percent) / 100.0;
        match self {
            Self::Calls(trouble) => {
                if let Some(knob) = faults.knob(trouble) {
                    *knob = Knob::often(share);
                }
            }
            Self::Webhooks(trouble) => trouble.set(faults.webhooks(), percent),
        }
    }
}

impl CallTrouble {
    const fn words(self) -> &'static str {
        match self {
            Self::TooManyRequests => "calls get 429",
            Self::InternalError => "calls get 500",
            Self::BadGateway => "calls get 502",
            Self::Unavailable => "calls get 503",
            Self::CutBefore => "connections break before the work is done",
            Self::CutAfter => "connections break after the work was done",
            Self::TimeOut => "answers time out",
            Self::HtmlPage => "answers are pages",
            Self::Truncated => "answers are cut in half",
            Self::Slow => "answers are slow",
            Self::RepeatedRow => "pages repeat a row",
            Self::SkippedRow => "pages leave a row out",
            Self::StaleStorm => "somebody buys just before our writes",
            Self::ItemError => "rows are refused",
            Self::Throttled => "calls are throttled",
            Self::StillRunning => "repeats are told to wait",
        }
    }
}

impl WebhookTrouble {
    const fn words(self) -> &'static str {
        match self {
            Self::Duplicates => "webhooks come twice",
            Self::Drops => "webhooks are lost",
            Self::Reorder => "webhooks overtake each other",
            Self::WrongSignature => "webhooks are signed wrongly",
            Self::Malformed => "webhooks hold rubbish",
            Self::Delays => "webhooks are late",
            Self::Bursts => "webhooks come in bursts",
        }
    }

    fn set(self, webhooks: &mut WebhookFaults, percent: u8) {
        let share = f64::from(percent) / 100.0;
        match self {
            Self::Duplicates => webhooks.duplicate = share,
            Self::Drops => webhooks.drop = share,
            Self::Reorder => webhooks.reorder = share,
            Self::WrongSignature => webhooks.wrong_signature = share,
            Self::Malformed => webhooks.malformed = share,
            Self::Delays => webhooks.delay_ms_max = u64::from(percent) * 500,
            Self::Bursts => webhooks.burst = 2 + u32::from(percent) / 10,
        }
    }
}

/// A partner's faults, as weather sets them.
pub(crate) trait Weathered: Default {
    /// The knob for a trouble; none for what cannot happen there.
    fn knob(&mut self, trouble: CallTrouble) -> Option<&mut Knob>;

    /// What befalls its webhooks.
    fn webhooks(&mut self) -> &mut WebhookFaults;
}

/// What goes wrong from now on, and how often in a hundred. Empty is fair weather.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Front(pub Vec<(Trouble, u8)>);

impl Front {
    /// So many of these troubles, each as often as chance has it.
    pub(crate) fn draw(
        count: i64,
        (first, others): (Trouble, &[Trouble]),
        dice: &mut Dice,
    ) -> Self {
        let one = |_| (dice.one_of(first, others), dice.one_of(10, &[20, 30, 60]));
        Self((0..count).map(one).collect())
    }

    pub(crate) fn faults<F: Weathered>(&self) -> F {
        let mut faults = F::default();
        for (trouble, percent) in &self.0 {
            trouble.set(&mut faults, *percent);
        }
        faults
    }

    pub(crate) fn words(&self) -> String {
        if self.0.is_empty() {
            return "the weather clears".to_owned();
        }
        let troubles = self.0.iter().map(|(what, often)| format!("{} ({often} %)", what.words()));
        format!("weather: {}", troubles.collect::<Vec<_>>().join(", "))
    }
}
