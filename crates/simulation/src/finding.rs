//! Findings: what a simulation may prove against the hub. Each is a promise that was broken, with the figures.

use crossdock_domain::{ItemId, Number, TaskId};
use crossdock_store::StoreError;

/// A broken promise.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// The journal could not be folded again.
    #[error("the journal cannot be folded again: {0}")]
    Unfoldable(String),
    /// It goes on for ever.
    #[error("it never comes to rest: {turns} turns within one span of time")]
    Restless {
        /// Turns that were counted.
        turns: usize,
    },
    /// The play itself could not be set up: a mistake here, not in the hub.
    #[error("the play cannot be set up: {0}")]
    Play(String),
    /// An arrival was let in and never became an entry.
    #[error("what was let in was not folded")]
    NotFolded,
    /// An item's accounts do not add up, or not to its movements.
    #[error("the ledger of {item} does not add up: {what}")]
    Ledger {
        /// Which.
        item: ItemId,
        /// In figures.
        what: String,
    },
    /// The partner carried one of our writes out twice.
    #[error("{shop} was written to twice under key {key}, item {item}")]
    WrittenTwice {
        /// Where.
        shop: String,
        /// The idempotency key.
        key: String,
        /// The partner's id of the item.
        item: u64,
    },
    /// A task and a level do not know each other.
    #[error("task {task}: {what}")]
    LooseTask {
        /// Which.
        task: TaskId,
        /// In words.
        what: String,
    },
    /// The journal adds up to another state.
    #[error(
        "folded {batch} at a time, the journal adds up to other {tables:?}, other outcomes: {outcomes}"
    )]
    RebuildDiffers {
        /// Entries in one step.
        batch: usize,
        /// Tables that differ.
        tables: Vec<&'static str>,
        /// Entries whose outcome came out differently.
        outcomes: String,
    },
    /// Our books do not say what happened at the shop.
    #[error("{sku} at {shop}: by our books {ours} went out there, in truth {truth}")]
    BooksDiffer {
        /// Where.
        shop: String,
        /// Of which item.
        sku: String,
        /// By our outside account.
        ours: i64,
        /// By the shop's own log.
        truth: i64,
    },
    /// The weather is fair, and the two still differ.
    #[error("{sku}: the shop stands at {theirs}, we last saw {seen:?} and publish {ours:?}")]
    NotInStep {
        /// Of which item.
        sku: String,
        /// What stands there.
        theirs: i64,
        /// What we last saw.
        seen: Option<i64>,
        /// What we publish.
        ours: Option<i64>,
    },
    /// A level counts as settled at a figure that never stood there since the newest that we were told.
    #[error(
        "{sku} at {shop} counts as settled with {ours} booked as gone; told was {told}, and what was gone since then \
         was never {ours}"
    )]
    ToldInVain {
        /// Where.
        shop: String,
        /// Of which item.
        sku: String,
        /// By our outside account.
        ours: i64,
        /// By the newest delivery that we took.
        told: i64,
    },
    /// A delivery was answered 200 and is not in the journal.
    #[error("delivery {delivery} was acknowledged, and the journal does not have it")]
    Lost {
        /// The partner's id of it.
        delivery: String,
    },
    /// A delivery is in the journal more than once.
    #[error("delivery {delivery} was folded {times} times")]
    FoldedTwice {
        /// The partner's id of it.
        delivery: String,
        /// How often.
        times: usize,
    },
    /// A delivery with a wrong signature was let in.
    #[error("a forged delivery was let in")]
    ForgeryLetIn,
    /// A request left after its deadline.
    #[error("send {send} left {late_ms} ms after its deadline")]
    SentLate {
        /// Which.
        send: Number,
        /// By how much.
        late_ms: u64,
    },
    /// The bytes of a request whose outcome was not known were changed.
    #[error("send {send} was repeated with other bytes than before")]
    OtherBytes {
        /// Which.
        send: Number,
    },
    /// An order's stock is not what the buyer was told.
    #[error("order {order}: {what}")]
    Order {
        /// Its name.
        order: String,
        /// In figures.
        what: String,
    },
    /// Units went to a buyer that we could know to be gone.
    #[error(
        "order {order} took {taken} of {sku} from {pool}, where {there} were left for all that we had been told"
    )]
    SoldTwice {
        /// The order.
        order: String,
        /// The item.
        sku: String,
        /// The pool.
        pool: String,
        /// Units taken.
        taken: i64,
        /// Units that were there.
        there: i64,
    },
    /// We wrote where a person had not let us, or while the brake was on.
    #[error("send {send} writes to the shop, {why}")]
    WroteUnasked {
        /// Which.
        send: Number,
        /// What was the case, in words.
        why: &'static str,
    },
    /// The brake held a figure, and it was booked all the same.
    #[error("{sku} is held by the brake with {held} booked as gone, and now {now} are")]
    BookedWhileHeld {
        /// Of which item.
        sku: String,
        /// Units gone when it was first held.
        held: i64,
        /// And now.
        now: i64,
    },
    /// A person decides, and is asked again and again.
    #[error("after {rounds} rounds of a person's decisions, something still waits for him")]
    Undecided {
        /// How often he decided.
        rounds: u32,
    },
    /// Pools do not hold what their terms say.
    #[error("{sku} is shared {terms}, and holds {b2b} in b2b and {b2c} in b2c")]
    NotShared {
        /// Of which item.
        sku: String,
        /// Units in `b2b`.
        b2b: i64,
        /// Units in `b2c`.
        b2c: i64,
        /// How it is to be shared.
        terms: String,
    },
    /// An order took what was to be left for the public.
    #[error("order {order} left {left} of {sku} in b2c, where {kept} are to be kept")]
    KeptTooLittle {
        /// The order.
        order: String,
        /// The item.
        sku: String,
        /// Units that it left.
        left: i64,
        /// Units to be left.
        kept: i64,
    },
    /// A count did not bring into the books what had been mislaid when it was taken.
    #[error("{sku}: counts have booked {booked} by now, {truth} had been mislaid: {outcome}")]
    Miscounted {
        /// Of which item.
        sku: String,
        /// Units that counts have booked.
        booked: i64,
        /// Units that had been mislaid at the last count.
        truth: i64,
        /// How we took the count.
        outcome: &'static str,
    },
    /// A client's books of goods at a prep centre do not say what happened there.
    #[error("{client}, {goods}: {what}")]
    Received {
        /// Whose.
        client: String,
        /// Which goods.
        goods: String,
        /// In figures.
        what: String,
    },
    /// A reception does not stand as the partner has it.
    #[error("{client}, reception {reception}: {what}")]
    Reception {
        /// Whose.
        client: String,
        /// The partner's id of it.
        reception: u64,
        /// In words.
        what: String,
    },
    /// A client has what was told of an account that is not his, or lost what he had.
    #[error("{client} has reception {reception}: {what}")]
    Strayed {
        /// Who has it.
        client: String,
        /// The partner's id of it.
        reception: u64,
        /// In words.
        what: String,
    },
    /// An account that has a history went to another client unasked, or would not go although nothing stood against it.
    #[error("account {account}: {what}")]
    Unasked {
        /// The partner's id of the account.
        account: u64,
        /// In words.
        what: String,
    },
    /// One kind of goods became several items.
    #[error("{client} has {times} items of {goods}")]
    Doubled {
        /// Whose.
        client: String,
        /// Which goods.
        goods: String,
        /// How many items.
        times: usize,
    },
    /// An account counts as read up to an instant, and the list is still being read.
    #[error("account {account} counts as read up to {watermark}, with pages still to come")]
    ReadTooSoon {
        /// The partner's id of the account.
        account: u64,
        /// Up to when.
        watermark: String,
    },
    /// What we asked for once was done more than once.
    #[error("{what}, {times} times")]
    DoneTwice {
        /// What.
        what: String,
        /// How often.
        times: usize,
    },
    /// Everything is at rest, and something was not finished.
    #[error("something is left over: {what}")]
    LeftOver {
        /// What.
        what: String,
    },
    /// Hub or shop panicked.
    #[error("it panicked: {0}")]
    Panicked(String),
    /// The fold could not digest something.
    #[error("entry {entry} was parked: {why}")]
    Parked {
        /// Which.
        entry: Number,
        /// Why.
        why: String,
    },
}

impl Finding {
    /// The kind of promise: what a shorter story must break as well to be the same story.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Store(_) => "store",
            Self::Unfoldable(_) => "unfoldable",
            Self::Restless { .. } => "restless",
            Self::Play(_) => "play",
            Self::NotFolded => "not folded",
            Self::Ledger { .. } => "ledger",
            Self::WrittenTwice { .. } => "written twice",
            Self::LooseTask { .. } => "loose task",
            Self::RebuildDiffers { .. } => "rebuild differs",
            Self::BooksDiffer { .. } => "books differ",
            Self::NotInStep { .. } => "not in step",
            Self::ToldInVain { .. } => "told in vain",
            Self::Lost { .. } => "lost",
            Self::FoldedTwice { .. } => "folded twice",
            Self::ForgeryLetIn => "forgery let in",
            Self::SentLate { .. } => "sent late",
            Self::OtherBytes { .. } => "other bytes",
            Self::Order { .. } => "order",
            Self::SoldTwice { .. } => "sold twice",
            Self::WroteUnasked { .. } => "wrote unasked",
            Self::BookedWhileHeld { .. } => "booked while held",
            Self::Undecided { .. } => "undecided",
            Self::NotShared { .. } => "not shared",
            Self::KeptTooLittle { .. } => "kept too little",
            Self::Miscounted { .. } => "miscounted",
            Self::Received { .. } => "received",
            Self::Reception { .. } => "reception",
            Self::Strayed { .. } => "strayed",
            Self::Unasked { .. } => "unasked",
            Self::Doubled { .. } => "doubled",
            Self::ReadTooSoon { .. } => "read too soon",
            Self::DoneTwice { .. } => "done twice",
            Self::LeftOver { .. } => "left over",
            Self::Panicked(_) => "panicked",
            Self::Parked { .. } => "parked",
        }
    }
}

/// What a step of a simulation comes to.
pub type Found<T> = Result<T, Finding>;
