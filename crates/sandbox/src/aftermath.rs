//! What befalls an answer on its way back, when everything is done: the same at every partner.

use crate::exchange::{HttpAnswer, Mishap};
use crate::random::Random;
use crate::weather::Knob;

/// A partner's knobs for it. They strike in this order.
#[derive(Debug)]
pub(crate) struct WayBack<'a> {
    pub(crate) cut: &'a mut Knob,
    pub(crate) timeout: &'a mut Knob,
    pub(crate) truncated: &'a mut Knob,
    pub(crate) slow: &'a mut Knob,
}

/// What a fault does to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aftermath {
    Cut,
    TimeOut,
    Truncated,
    Slow,
}

impl Aftermath {
    /// The first knob that strikes, if one does.
    pub(crate) fn draw(knobs: WayBack<'_>, dice: &mut Random) -> Option<Self> {
        let WayBack { cut, timeout, truncated, slow } = knobs;
        let in_turn = [
            (cut, Self::Cut),
            (timeout, Self::TimeOut),
            (truncated, Self::Truncated),
            (slow, Self::Slow),
        ];
        in_turn.into_iter().find_map(|(knob, aftermath)| knob.strikes(dice).then_some(aftermath))
    }

    /// What its knob is called.
    pub(crate) const fn fault(self) -> &'static str {
        match self {
            Self::Cut => "cut_after_work",
            Self::TimeOut => "timeout_after_work",
            Self::Truncated => "truncated_json",
            Self::Slow => "slow",
        }
    }

    /// The answer as it arrives, if it does.
    pub(crate) fn befall(
        self,
        mut answer: HttpAnswer,
        timeout_ms: u64,
        slow_ms: u64,
    ) -> HttpAnswer {
        match self {
            Self::Cut => answer.mishap = Mishap::CutAfterWork,
            Self::TimeOut => answer.mishap = Mishap::Held { milliseconds: timeout_ms },
            Self::Slow => answer.mishap = Mishap::Held { milliseconds: slow_ms },
            Self::Truncated => answer.body.truncate(answer.body.len() / 2),
        }
        answer
    }
}
