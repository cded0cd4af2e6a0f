//! The stage of one play with a prep centre.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crossdock_domain::command::{Command, PutConnection};
use crossdock_domain::entry::{EntryKind, Outcome, OutcomeKind};
use crossdock_domain::task::TaskState;
use crossdock_domain::{ClientId, ConnectionId, Instant, LaneId, Span};
use crossdock_hub::{Folded, Plant, command_arrival};
use crossdock_sandbox::exchange::WebhookAttempt;

use super::belonging::Owners;
use super::outward::Asked;
use super::plan::PrepPlan;
use super::reading::Reading;
use super::scene::{ACCOUNTS, CENTRE, PrepScene, Road};
use super::side::Side;
use crate::finding::{Finding, Found};
use crate::partner;
use crate::partner::centre::{CONNECTOR, Centre};
use crate::play::{Manner, Story};
use crate::world::{Disk, Happened, World, stamp};

/// Deliveries that may be sent again.
const REPLAYED_MAX: usize = 64;
/// After the weather has cleared, everything that was set off comes to rest within this.
const CALM: Span = Span::from_s(2 * 3_600);
/// And this is what a reading of everything takes.
const LAST_READING: Span = Span::from_s(1_800);
/// More turns than any pause between two acts needs.
const TURNS_MAX: usize = 20_000;

/// Hub, centre, and what people remember.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) side: Side,
    pub(super) scene: PrepScene,
    pub(super) story: Story,
    pub(super) plant: Option<Plant>,
    pub(super) rebuild_by: usize,
    /// The last ones that were answered 200, the latest first.
    pub(super) delivered: VecDeque<WebhookAttempt>,
    /// Bodies that were answered 200, and how often.
    pub(super) acknowledged: BTreeMap<Vec<u8>, u32>,
    /// Whose the accounts are, and were.
    pub(super) owners: Owners,
    /// Who was seen to have each inbound.
    pub(super) keepers: BTreeMap<u64, ClientId>,
    /// Under which accounts inbounds were before they came under others.
    pub(super) moved: BTreeMap<u64, BTreeSet<u64>>,
    /// What we asked of the centre.
    pub(super) asked: Vec<Asked>,
    /// How far the reading of each account was.
    pub(super) readings: BTreeMap<u64, Reading>,
}

impl Stage {
    /// Hub and centre, connected in fair weather.
    pub(super) fn set(plan: &PrepPlan, manner: Manner) -> Found<Self> {
        let mut world = World::new(Disk::Memory, partner::find)?;
        world.batch = plan.batch;
        world.plant(manner.plant);
        world.listen();
        let (scene, now) = (plan.scene.clone(), stamp(world.now));
        let mut centre = Centre::new(scene.setup(plan.seed, plan.items), now);
        for (url, events) in scene.addresses() {
            centre.subscribe(&events, &url, now).map_err(bad)?;
        }
        let side = Side::new(centre);
        let is_secret = scene.road != Road::Doorbell;
        let side = if is_secret { side } else { side.without_secret() };
        world.partners.insert(CENTRE.to_owned(), Box::new(side.clone()));
        world.beside = vec![shared()?];
        for account in ACCOUNTS.iter().skip(1) {
            world.beside.push(LaneId::Client(account.client.parse().map_err(bad)?));
        }
        let mut stage = Self {
            world,
            side,
            scene,
            story: Story::new(manner.is_told),
            plant: manner.plant,
            rebuild_by: plan.batch,
            delivered: VecDeque::new(),
            acknowledged: BTreeMap::new(),
            owners: Owners::default(),
            keepers: BTreeMap::new(),
            moved: BTreeMap::new(),
            asked: Vec::new(),
            readings: BTreeMap::new(),
        };
        let now = stage.world.now;
        stage.story.tell(now, || plan.scene.words());
        stage.connect()?;
        for account in 0..stage.scene.mapped {
            stage.map(account)?;
        }
        stage.live_until(stage.world.now.plus(Span::from_s(60)))?;
        Ok(stage)
    }

    fn connect(&mut self) -> Found<()> {
        let domain = self.side.with(|centre| centre.setup().domain.clone());
        let mut settings =
            BTreeMap::from([("api_base_url".to_owned(), format!("https://{domain}/api"))]);
        let mut secret_slots = vec!["webhook_secret".to_owned()];
        match self.scene.road {
            Road::Read => secret_slots.push("api_token".to_owned()),
            Road::Doorbell => secret_slots = vec!["api_token".to_owned()],
            Road::Told => drop(settings.insert("sync_mode".to_owned(), "manual".to_owned())),
        }
        let put = PutConnection {
            connection: centre()?,
            connector: CONNECTOR.to_owned(),
            sandbox: false,
            settings,
            secret_slots,
            calls: None,
            paused: None,
            stock: None,
            live: true,
        };
        self.must(&Command::PutConnection(put))
    }

    /// Entries in the journals.
    pub(super) fn entries(&mut self) -> u64 {
        let lanes = self.lanes();
        lanes.iter().map(|lane| self.world.store().next_number(lane).0 - 1).sum()
    }

    pub(super) fn lanes(&self) -> Vec<LaneId> {
        std::iter::once(&self.world.lane).chain(&self.world.beside).cloned().collect()
    }

    /// Lives through the plan to its end, and judges.
    pub(super) fn live(&mut self, plan: &PrepPlan) -> Found<()> {
        let begin = self.world.now;
        for timed in &plan.acts {
            self.live_until(begin.plus(timed.after))?;
            let now = self.world.now;
            self.story.tell(now, || timed.act.words());
            self.perform(&timed.act)?;
            self.look()?;
        }
        self.clear_up()?;
        self.judge()
    }

    /// The weather clears, every account is given to its client, what is stuck is tried again, and a person asks for
    /// everything to be read; where nothing is read, he tells everything.
    fn clear_up(&mut self) -> Found<()> {
        let now = self.world.now;
        self.story.tell(now, || "the weather clears for good".to_owned());
        self.world.crash = None;
        self.side.calm();
        for account in 0..self.scene.accounts {
            self.map(account)?;
        }
        // An answer of before, to a token that was good no longer, may come when he has resumed: then he resumes again.
        for _ in 0..2 {
            self.must(&Command::ResumeConnection { connection: centre()? })?;
            self.live_until(self.world.now.plus(CALM))?;
        }
        for task in self.world.open_tasks()? {
            if task.state == TaskState::Stuck {
                self.must(&Command::RetryTask { task: task.id })?;
            }
        }
        self.live_until(self.world.now.plus(LAST_READING))?;
        if self.scene.road == Road::Told {
            let ids = self.side.with(|centre| centre.inbounds_truth());
            // A table says nothing of parcels.
            for inbound in 0..ids.len() {
                self.tell(inbound, false)?;
            }
        } else {
            let poll = Command::Poll { connection: centre()?, all: true };
            // A planned reading may have begun just now: then he asks again when it is done.
            if self.must(&poll).is_err() {
                self.live_until(self.world.now.plus(Span::from_s(600)))?;
                self.must(&poll)?;
            }
        }
        self.live_until(self.world.now.plus(LAST_READING))
    }

    /// Gives a command to the connection's lane. `None` if the hub died over it.
    pub(super) fn give(&mut self, command: &Command) -> Found<Option<Outcome>> {
        self.give_in(&shared()?, command)
    }

    pub(super) fn give_in(&mut self, lane: &LaneId, command: &Command) -> Found<Option<Outcome>> {
        let (id, now) = (self.world.id(), self.world.now);
        self.world.arrive(command_arrival(id, lane.clone(), command, "person", None, now));
        let before = self.world.folded.len();
        self.world.turn()?;
        let mine = |one: &&Folded| one.kind == EntryKind::Command && one.lane == *lane;
        let found = self.world.folded.iter().skip(before).rfind(mine);
        let found = found.map(|one| one.outcome.clone());
        self.look()?;
        Ok(found)
    }

    /// Gives a command that nothing may stand against.
    fn must(&mut self, command: &Command) -> Found<()> {
        let against =
            |one: &Outcome| !matches!(one.kind, OutcomeKind::Applied | OutcomeKind::Unchanged);
        match self.give(command)?.filter(against) {
            None => Ok(()),
            Some(refused) => Err(Finding::Play(format!("{command:?}: {}", refused.note))),
        }
    }

    /// Lives until an instant.
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

    /// Takes note of what has happened. Nothing may be parked.
    pub(super) fn look(&mut self) -> Found<()> {
        let heard = self.world.heard();
        let folded = std::mem::take(&mut self.world.folded);
        if self.story.is_told() {
            self.narrate(&heard, &folded);
        }
        if let Some(parked) = folded.iter().find(|one| one.outcome.kind == OutcomeKind::Failed) {
            let why = parked.outcome.note.clone();
            return Err(Finding::Parked { entry: parked.number, why });
        }
        for happened in heard {
            if let Happened::Acknowledged { attempt, .. } = happened {
                *self.acknowledged.entry(attempt.body.clone()).or_default() += 1;
                self.delivered.push_front(attempt);
                self.delivered.truncate(REPLAYED_MAX);
            }
        }
        self.nothing_counts_as_read_too_soon()
    }
}

pub(super) fn centre() -> Found<ConnectionId> {
    CENTRE.parse().map_err(bad)
}

pub(super) fn shared() -> Found<LaneId> {
    Ok(LaneId::Connection(centre()?))
}

pub(super) fn client_of(account: u64) -> Found<ClientId> {
    let known = ACCOUNTS.iter().find(|one| one.id == account);
    let known = known.ok_or_else(|| Finding::Play(format!("nobody has account {account}")))?;
    known.client.parse().map_err(bad)
}

pub(super) fn bad(error: impl std::fmt::Display) -> Finding {
    Finding::Play(error.to_string())
}
