//! The stage of one play: players act on hub and shop, each judged as it happens.

use std::collections::{BTreeMap, VecDeque};

use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::stock::count::Count;
use crossdock_domain::{ConnectionId, Instant, Span};

use super::act::Word;
use super::scene::{Opening, Scene};
use super::{Manner, Plan, Story};
use crate::dice::Dice;
use crate::finding::{Finding, Found};
use crate::front::Front;
use crate::judge::Judge;
use crate::partner::{self, Setup, WebhookAttempt};
use crate::world::{Disk, Happened, World};

/// The one shop's name.
pub(crate) const SHOP: &str = "shop";
/// Deliveries that may be sent again.
const REPLAYED_MAX: usize = 64;
/// After the weather has cleared, everything that was set off comes to rest within this: the shop's own repeats
/// of webhooks take up to four hours.
const CALM: Span = Span::from_s(5 * 3_600);
/// Answers take between a tenth of a second and this much more, so that they overtake each other.
const SPREAD: Span = Span::from_ms(1_800);
/// And this is what the last look takes.
const LAST_LOOK: Span = Span::from_s(1_800);

/// More turns than any pause between two acts needs.
const TURNS_MAX: usize = 20_000;
/// So often a person is asked again at the end, at the most: what never stops asking is never decided.
const ROUNDS_MAX: u32 = 12;

/// Players' memory, hub, shop and judge.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) judge: Judge,
    pub(super) other: Option<Judge>,
    pub(super) story: Story,
    pub(super) sales: BTreeMap<u32, u64>,
    pub(super) orders: BTreeMap<u32, Vec<(usize, i64)>>,
    pub(super) counts: BTreeMap<usize, Vec<Count>>,
    pub(super) delivered: VecDeque<WebhookAttempt>,
    pub(super) commands: u64,
}

impl Stage {
    /// Hub and shop, connected in fair weather; most items are linked.
    pub(super) fn set(plan: &Plan, manner: Manner) -> Found<Self> {
        let mut world = World::new(Disk::Memory, partner::find)?;
        world.batch = plan.batch;
        world.plant(manner.plant);
        world.listen();
        world.latency_spread = SPREAD;
        let setup =
            Setup { seed: plan.seed, items: plan.items, opening: 3..=40, ..Setup::default() };
        let secret = setup.access_token.clone();
        world.open_shop(setup, &[("access_token", &secret)], connection(shop()?, &plan.scene))?;
        let mut stage = Self {
            judge: Judge::new(SHOP, plan, plan.scene.opening, manner.plant),
            other: None,
            world,
            story: Story::new(manner.is_told),
            sales: BTreeMap::new(),
            orders: BTreeMap::new(),
            counts: BTreeMap::new(),
            delivered: VecDeque::new(),
            commands: 0,
        };
        let now = stage.world.now;
        stage.story.tell(now, || plan.scene.words());
        stage.open_second(plan, manner)?;
        for item in (0..plan.items).filter(|item| item % 6 != 5) {
            stage.link(item)?;
        }
        stage.live_until(stage.world.now.plus(Span::from_s(60)))?;
        Ok(stage)
    }

    /// Entries in the journal.
    pub(super) fn entries(&mut self) -> u64 {
        let lane = self.world.lane.clone();
        self.world.store().next_number(&lane).0 - 1
    }

    /// Lives through the plan to its end, and judges.
    pub(super) fn live(&mut self, plan: &Plan) -> Found<()> {
        let begin = self.world.now;
        for timed in &plan.acts {
            self.live_until(begin.plus(timed.after))?;
            let now = self.world.now;
            self.story.tell(now, || timed.act.words());
            self.perform(&timed.act)?;
            self.look()?;
        }
        self.clear_up(plan.seed)?;
        if let Some(other) = &mut self.other {
            other.shop_at_the_end(&mut self.world)?;
        }
        self.judge.at_the_end(&mut self.world, partner::find)
    }

    /// The weather clears, what is stuck is tried again, a person decides all that waits for him, and in the end he asks
    /// for everything to be in step.
    fn clear_up(&mut self, seed: u64) -> Found<()> {
        self.world.crash = None;
        if let Some(side) = self.world.shops.get_mut(SHOP) {
            side.moods.clear();
        }
        self.weather(&Front::default());
        self.keep_everything()?;
        self.give(&Command::ResumeConnection { connection: shop()? })?;
        self.live_until(self.world.now.plus(CALM))?;
        self.approve()?;
        self.live_until(self.world.now.plus(LAST_LOOK))?;
        self.decide_everything(&mut Dice::new(seed))?;
        self.judge.before_the_last_look(&mut self.world)?;
        if let Some(other) = &mut self.other {
            other.before_the_last_look(&mut self.world)?;
        }
        self.give(&Command::Sync { item: None })?;
        self.live_until(self.world.now.plus(LAST_LOOK))?;
        self.decide_everything(&mut Dice::new(seed))
    }

    /// A person decides what waits for him until nothing does; each time by chance, so that he is not always of one mind.
    fn decide_everything(&mut self, dice: &mut Dice) -> Found<()> {
        for _ in 0..ROUNDS_MAX {
            let word = dice.one_of(Word::Yes, &[Word::No]);
            if !self.decide_what_waits(word)? {
                return Ok(());
            }
            self.live_until(self.world.now.plus(LAST_LOOK))?;
        }
        Err(Finding::Undecided { rounds: ROUNDS_MAX })
    }

    /// Lives until an instant; the judge looks after every turn.
    pub(super) fn live_until(&mut self, end: Instant) -> Found<()> {
        for _ in 0..TURNS_MAX {
            self.world.turn()?;
            self.look()?;
            let Some(next) = self.world.next_event()?.filter(|next| *next <= end) else {
                self.world.now = self.world.now.max(end);
                return Ok(());
            };
            self.world.now = next.max(self.world.now.plus(Span(1)));
        }
        Err(Finding::Restless { turns: TURNS_MAX })
    }

    /// Takes note of what has happened, and lets the judge compare.
    pub(super) fn look(&mut self) -> Found<()> {
        let heard = self.world.heard();
        let folded = std::mem::take(&mut self.world.folded);
        if self.story.is_told() {
            self.tell(&heard, &folded)?;
        }
        self.judge.look(&mut self.world, &heard, &folded)?;
        if let Some(other) = &mut self.other {
            other.look(&mut self.world, &heard, &folded)?;
        }
        for happened in heard.into_iter().filter(|one| one.is_about(SHOP)) {
            if let Happened::Acknowledged { attempt, .. } = happened {
                self.delivered.push_front(attempt);
                self.delivered.truncate(REPLAYED_MAX);
            }
        }
        Ok(())
    }

    pub(super) fn weather(&mut self, front: &Front) {
        for side in self.world.shops.values_mut() {
            side.shop.set_faults(front.faults());
        }
    }
}

pub(super) fn connection(name: ConnectionId, scene: &Scene) -> PutConnection {
    PutConnection {
        connection: name,
        connector: String::new(),
        sandbox: false,
        settings: BTreeMap::new(),
        secret_slots: Vec::new(),
        calls: None,
        paused: None,
        stock: Some(scene.terms()),
        live: scene.opening == Opening::Live,
    }
}

pub(super) fn shop() -> Found<ConnectionId> {
    SHOP.parse().map_err(bad)
}

pub(super) fn bad(error: impl std::fmt::Display) -> Finding {
    Finding::Play(error.to_string())
}
