//! Planted faults: each a promise of the hub's, broken on purpose, so that the simulation can show that it would notice.
//! Never active but in a simulation that asks for one; then one comparison at its seam. This file says what each does;
//! what it takes to do it is at the seams.

use crossdock_domain::entry::EntryKind;
use crossdock_domain::stock::{Level, ReadMark, Seen};
use crossdock_store::Arrival;

/// Deliveries that `lose-delivery` loses: one of so many.
const LOST_OF: u8 = 5;

/// A fault that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// A delivery is acknowledged, and not stored.
    LoseDelivery,
    /// A delivery is acknowledged before the commit that stores it.
    AckBeforeCommit,
    /// A delivery that was seen before is folded again.
    ForgetDuplicates,
    /// A difference is booked twice.
    DoubleBook,
    /// A figure older than the last is booked (rule 2).
    BookOld,
    /// A figure of the same instant as the last is booked (rule 2).
    BookTies,
    /// A figure of the same instant as the last is passed over (rule 2).
    DropTies,
    /// The first figure is booked as if the counter had stood at zero (rule 1).
    NoBaseline,
    /// Units that hints say may be gone are sold (rule 2).
    SellHinted,
    /// A shop's order is booked beside the figure that it explains (rule 8).
    BookOrders,
    /// A write that lost against another writer counts as done (rule 4).
    IgnoreStale,
    /// A read is believed although a write came between (rule 6).
    IgnoreEpoch,
    /// A write whose outcome is unknown counts as done (rule 5).
    TrustUnknown,
    /// A write whose outcome is unknown is repeated under a fresh key (rule 5).
    NewKeyOnRetry,
    /// A write whose outcome is unknown is made anew from the state of the moment (rule 5).
    RebuildRequestWhileUnknown,
    /// A request may leave after its deadline.
    SendAfterDeadline,
    /// An order that is sent once more is taken once more.
    OrderTwice,
    /// Cancelling an order gives nothing back.
    SkipRelease,
    /// Cancelling an order again gives back again.
    ReleaseTwice,
    /// A check-in that is told again is booked again.
    RepeatCheckIn,
    /// A check-in that is corrected downward stays booked.
    IgnoreCorrection,
    /// Units that came and cannot be sold are booked as units that can.
    SellUnsellable,
    /// What is handed on to a client is handed on once more, under another key.
    ForwardTwice,
    /// What is told of an account that is nobody's goes to the first client there is.
    GuessClient,
    /// A line without an ASIN is another item than the one that has its SKU.
    NullIsAnother,
    /// An account counts as read before its last page was.
    WatermarkFirst,
    /// An announcement whose outcome is unknown is sent again, and nobody looks whether it arrived.
    AnnounceAgain,
    /// An account with a history is given to another client unasked.
    RemapUnasked,
}

impl Plant {
    /// Those that a shop takes notice of.
    pub const OF_SHOPS: [Self; 19] = [
        Self::LoseDelivery,
        Self::AckBeforeCommit,
        Self::ForgetDuplicates,
        Self::DoubleBook,
        Self::BookOld,
        Self::BookTies,
        Self::DropTies,
        Self::NoBaseline,
        Self::SellHinted,
        Self::BookOrders,
        Self::IgnoreStale,
        Self::IgnoreEpoch,
        Self::TrustUnknown,
        Self::NewKeyOnRetry,
        Self::RebuildRequestWhileUnknown,
        Self::SendAfterDeadline,
        Self::OrderTwice,
        Self::SkipRelease,
        Self::ReleaseTwice,
    ];

    /// Those that a prep centre takes notice of.
    pub const OF_CENTRES: [Self; 12] = [
        Self::LoseDelivery,
        Self::AckBeforeCommit,
        Self::ForgetDuplicates,
        Self::RepeatCheckIn,
        Self::IgnoreCorrection,
        Self::SellUnsellable,
        Self::ForwardTwice,
        Self::GuessClient,
        Self::NullIsAnother,
        Self::WatermarkFirst,
        Self::AnnounceAgain,
        Self::RemapUnasked,
    ];

    /// Its name, as on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoseDelivery => "lose-delivery",
            Self::AckBeforeCommit => "ack-before-commit",
            Self::ForgetDuplicates => "forget-duplicates",
            Self::DoubleBook => "double-book",
            Self::BookOld => "book-old",
            Self::BookTies => "book-ties",
            Self::DropTies => "drop-ties",
            Self::NoBaseline => "no-baseline",
            Self::SellHinted => "sell-hinted",
            Self::BookOrders => "book-orders",
            Self::IgnoreStale => "ignore-stale",
            Self::IgnoreEpoch => "ignore-epoch",
            Self::TrustUnknown => "trust-unknown",
            Self::NewKeyOnRetry => "new-key-on-retry",
            Self::RebuildRequestWhileUnknown => "rebuild-request-while-unknown",
            Self::SendAfterDeadline => "send-after-deadline",
            Self::OrderTwice => "order-twice",
            Self::SkipRelease => "skip-release",
            Self::ReleaseTwice => "release-twice",
            Self::RepeatCheckIn => "repeat-check-in",
            Self::IgnoreCorrection => "ignore-correction",
            Self::SellUnsellable => "sell-unsellable",
            Self::ForwardTwice => "forward-twice",
            Self::GuessClient => "guess-client",
            Self::NullIsAnother => "null-is-another",
            Self::WatermarkFirst => "watermark-first",
            Self::AnnounceAgain => "announce-again",
            Self::RemapUnasked => "remap-unasked",
        }
    }

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = Self::OF_SHOPS.into_iter().chain(Self::OF_CENTRES);
        all.into_iter().find(|plant| plant.name() == name)
    }
}

/// Whether an arrival vanishes although it is acknowledged.
pub(crate) fn loses(plant: Option<Plant>, arrival: &Arrival) -> bool {
    let [.., last] = arrival.id;
    plant == Some(Plant::LoseDelivery)
        && arrival.kind == EntryKind::Delivery
        && last.is_multiple_of(LOST_OF)
}

/// The figure of a delivery as a level is made to believe it; `None` if it is passed over.
pub(crate) fn bend(plant: Option<Plant>, level: &mut Level, seen: Seen) -> Option<Seen> {
    let is_tie = seen.at.is_some() && seen.at == level.observed_at;
    let is_old = seen.at < level.observed_at;
    let just_now = level.observed_at.map(|at| at.plus(crossdock_domain::Span(1)));
    match plant {
        Some(Plant::BookTies) if is_tie => Some(Seen { at: just_now, ..seen }),
        Some(Plant::BookOld) if is_old => Some(Seen { at: just_now, ..seen }),
        Some(Plant::DropTies) if is_tie => None,
        Some(Plant::NoBaseline) => {
            level.observed.get_or_insert(0);
            Some(seen)
        }
        Some(_) | None => Some(seen),
    }
}

/// The mark of a read as a level is made to believe it.
pub(crate) fn bend_mark(plant: Option<Plant>, level: &mut Level, mark: ReadMark) -> ReadMark {
    match plant {
        Some(Plant::IgnoreEpoch) => ReadMark { epoch: level.epoch, bookings: level.bookings },
        Some(Plant::NoBaseline) => {
            level.observed.get_or_insert(0);
            mark
        }
        Some(_) | None => mark,
    }
}

/// What is booked of a reception's line, as booking is made to believe it: units that can be sold, and units that cannot. `due`
/// is what should be in the books for it in all.
pub(crate) fn bend_check_in(
    plant: Option<Plant>,
    difference: (i64, i64),
    due: (i64, i64),
) -> (i64, i64) {
    match plant {
        Some(Plant::RepeatCheckIn) if difference == (0, 0) => due,
        Some(Plant::IgnoreCorrection) => (difference.0.max(0), difference.1.max(0)),
        Some(Plant::SellUnsellable) => (difference.0 + difference.1, 0),
        Some(_) | None => difference,
    }
}
