//! The depot itself, as a partner of the rig: what is announced and checked in there, and what it tells us.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crossdock_connectors::{Admission, Headers};
use crossdock_domain::call::{Call, ReceptionAct, ReceptionPart, with_reference};
use crossdock_domain::command::{Command, PutConnection, PutMerchant};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::{CounterFact, Fact, ReceptionFact, ReceptionLineFact};
use crossdock_domain::merchant::{Merchant, Route};
use crossdock_domain::reception::Shelved;
use crossdock_domain::{ClientId, Instant, LaneId, Number, RemoteId};
use crossdock_hub::{Folded, command_arrival, delivery_arrival};
use crossdock_sandbox::exchange::{HttpAnswer, HttpRequest};
use crossdock_simulation::{Mood, Partner};
use crossdock_store::{Arrival, Recorded};

use super::Rig;
use super::depot::{DEPOT, Said};
use super::depot_orders::OrderThere;
use super::shopside::unplanned;

/// Receptions on one page.
const PAGE: usize = 4;

/// What is there.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    pub(crate) accounts: Vec<RemoteId>,
    /// By id, with their lines.
    pub(crate) receptions: BTreeMap<RemoteId, ReceptionFact>,
    /// In the order in which lists show them.
    pub(crate) order: Vec<RemoteId>,
    /// What is counted of each account's goods, in the order in which pages show it.
    pub(crate) counters: BTreeMap<RemoteId, Vec<CounterFact>>,
    /// Counters on one page.
    pub(crate) counters_a_page: Option<usize>,
    /// What was asked for.
    pub(crate) calls: Vec<Call>,
    pub(crate) moods: VecDeque<Mood>,
    /// Lines on one page.
    pub(crate) lines_a_page: Option<usize>,
    /// Every page begins with the last row of the one before.
    pub(crate) repeats_rows: bool,
    /// The row at this place is on no page.
    pub(crate) skips: Option<usize>,
    /// This item, so many units of it, is added by somebody else just before we put a line.
    pub(crate) added_meanwhile: Option<(RemoteId, i64)>,
    /// No line can be put.
    pub(crate) is_stubborn: bool,
    /// Customers' orders.
    pub(crate) orders: BTreeMap<RemoteId, OrderThere>,
    /// Those that were marked as shipped, each as often as it was.
    pub(crate) marked: Vec<RemoteId>,
    /// The list of this account cannot be shown.
    pub(crate) broken: Option<RemoteId>,
    /// Every answer warns of something else.
    pub(crate) warns: bool,
    warned: u64,
    made: u64,
}

/// A hold on the depot beside the rig's own.
#[derive(Debug, Clone, Default)]
pub(crate) struct DepotSide(Rc<RefCell<Stores>>);

pub(crate) fn remote(id: &str) -> RemoteId {
    id.parse().unwrap()
}

/// Somebody says that a reception has changed.
pub(crate) fn hint(account: &str, id: &str) -> Fact {
    Fact::ReceptionChanged { merchant: Some(remote(account)), reception: remote(id) }
}

/// A reception of an account, told whole.
pub(crate) fn reception(account: &str, id: &str, at: i64, received: i64) -> ReceptionFact {
    let line = ReceptionLineFact {
        sku: Some(format!("SKU-{account}")),
        requested: Some(10),
        received: Some(received),
        ..ReceptionLineFact::default()
    };
    ReceptionFact {
        merchant: Some(remote(account)),
        reception: remote(id),
        name: Some(format!("inbound {id}")),
        notes: None,
        raw_status: Some("open".to_owned()),
        status: None,
        shelved: None,
        country: None,
        tracking: None,
        lines: vec![line],
        has_all_lines: true,
        sums: None,
        at: Some(Instant(at)),
        reading: Number(0),
    }
}

impl DepotSide {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Stores) -> T) -> T {
        act(&mut self.0.borrow_mut())
    }

    /// Puts a reception there, as it is now.
    pub(crate) fn put(&self, fact: ReceptionFact) {
        self.with(|there| {
            let id = fact.reception.clone();
            if there.receptions.insert(id.clone(), fact).is_none() {
                there.order.insert(0, id);
            }
        });
    }

    /// What was asked for since somebody last looked.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.with(|there| std::mem::take(&mut there.calls))
    }

    pub(crate) fn moods(&self, moods: impl IntoIterator<Item = Mood>) {
        self.with(|there| there.moods.extend(moods));
    }
}

impl Partner for DepotSide {
    fn mood(&mut self) -> Mood {
        self.with(|there| there.moods.pop_front().unwrap_or(Mood::Fair))
    }

    fn answer(&mut self, request: &HttpRequest, at: Instant) -> HttpAnswer {
        let call: Call = serde_json::from_slice(&request.body).unwrap();
        let said = self.with(|there| {
            there.calls.push(call.clone());
            if there.is_broken(&call) {
                return Err(502);
            }
            there.add_meanwhile(&call);
            if there.is_there_already(&call) {
                return Err(409);
            }
            there.warned += u64::from(there.warns);
            let warnings = there.warns.then(|| format!("odd thing {}", there.warned));
            let said = there.said(&call, at).ok_or(404_u16)?;
            Ok(Said { warnings: warnings.into_iter().collect(), ..said })
        });
        match said {
            Ok(said) => HttpAnswer::json(200, serde_json::to_string(&said).unwrap()),
            Err(status) => HttpAnswer::json(status, "{}".to_owned()),
        }
    }
}

impl Stores {
    fn is_broken(&self, call: &Call) -> bool {
        matches!(call, Call::ReadReceptions { merchant, .. } if self.broken.as_ref() == Some(merchant))
    }

    fn said(&mut self, call: &Call, at: Instant) -> Option<Said> {
        match call {
            Call::ReadMerchants { .. } => {
                let rows = self.accounts.iter().map(|id| (id.clone(), Some(format!("shop {id}"))));
                Some(Said { merchants: Some(rows.collect()), ..Said::default() })
            }
            Call::ReadReceptions { merchant, archived, cursor, .. } => {
                Some(self.page(merchant, *archived, cursor.as_deref()))
            }
            Call::ReadReception { reception, part, .. } => {
                let whole = self.receptions.get(reception)?.clone();
                Some(match part {
                    ReceptionPart::Head => head(whole),
                    ReceptionPart::Lines { at, cursor } => {
                        self.lines(whole, *at, cursor.as_deref())
                    }
                })
            }
            Call::ReadCounters { merchant, cursor, .. } => {
                Some(self.counted(merchant, cursor.as_deref()))
            }
            Call::PutReception { merchant, act, .. } => Some(self.act(merchant, act, at)),
            Call::ReadOrder { order, .. } => self.order_read(order),
            Call::ShipOrder { order, departure, .. } => self.mark(order, departure),
            Call::SetLevels { .. }
            | Call::AdjustLevel { .. }
            | Call::ReadLevels { .. }
            | Call::ReadItems { .. }
            | Call::ReadPage { .. }
            | Call::RenewToken { .. }
            | Call::Test { .. } => None,
        }
    }

    fn page(&self, merchant: &RemoteId, archived: bool, cursor: Option<&str>) -> Said {
        let is_archived =
            |fact: &&ReceptionFact| (fact.shelved == Some(Shelved::Archived)) == archived;
        let all: Vec<_> = self.order.iter().filter_map(|id| self.receptions.get(id)).collect();
        let of = |fact: &&ReceptionFact| fact.merchant.as_ref() == Some(merchant);
        let mut rows: Vec<_> = all.into_iter().filter(of).filter(is_archived).cloned().collect();
        if let Some(place) = self.skips.filter(|place| *place < rows.len()) {
            rows.remove(place);
        }
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let first = if self.repeats_rows { from.saturating_sub(1) } else { from };
        let next = (from + PAGE < rows.len()).then(|| (from + PAGE).to_string());
        let page = rows.into_iter().skip(first).take(from + PAGE - first);
        let page = page.map(|row| ReceptionFact {
            sums: Some(row.lines.iter().filter_map(|line| line.received).sum::<i64>().to_string()),
            lines: Vec::new(),
            has_all_lines: false,
            ..row
        });
        Said { receptions: Some(page.collect()), next, ..Said::default() }
    }

    fn counted(&self, merchant: &RemoteId, cursor: Option<&str>) -> Said {
        let all = self.counters.get(merchant).cloned().unwrap_or_default();
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let count = self.counters_a_page.unwrap_or(usize::MAX);
        let to = from.saturating_add(count);
        let next = (to < all.len()).then(|| to.to_string());
        let rows = all.into_iter().skip(from).take(count).collect();
        Said { counters: Some(rows), next, ..Said::default() }
    }

    fn lines(&self, whole: ReceptionFact, at: Option<Instant>, cursor: Option<&str>) -> Said {
        let from: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let count = self.lines_a_page.unwrap_or(usize::MAX);
        let to = from.saturating_add(count);
        let next = (to < whole.lines.len()).then(|| to.to_string());
        let lines = whole.lines.into_iter().skip(from).take(count).collect();
        let bare = ReceptionFact {
            name: None,
            raw_status: None,
            lines,
            has_all_lines: false,
            at,
            ..whole
        };
        Said { reception: Some(bare), next, ..Said::default() }
    }

    fn act(&mut self, merchant: &RemoteId, act: &ReceptionAct, at: Instant) -> Said {
        self.change(act);
        let ReceptionAct::Create { reference, name, notes, .. } = act else {
            return Said::default();
        };
        self.made += 1;
        let id = remote(&format!("made-{}", self.made));
        let mut fact = reception(merchant.as_str(), id.as_str(), at.0, 0);
        fact.name = Some(name.clone());
        fact.notes = Some(with_reference(notes.as_deref(), reference));
        self.order.insert(0, id.clone());
        self.receptions.insert(id.clone(), fact);
        Said { put: Some(id), ..Said::default() }
    }
}

fn head(whole: ReceptionFact) -> Said {
    let head = ReceptionFact { lines: Vec::new(), has_all_lines: false, ..whole };
    Said { reception: Some(head), ..Said::default() }
}

impl Rig {
    /// A rig with a depot that serves several clients, and nothing planned there.
    pub(crate) fn with_depot() -> (Self, DepotSide) {
        let (mut rig, depot) = Self::beside_a_depot();
        rig.connect_depot(PutConnection { stock: Some(unplanned()), ..put_depot() });
        (rig, depot)
    }

    /// The same with settings, and the schedules that are its connector's.
    pub(crate) fn with_planned_depot(settings: &[&str]) -> (Self, DepotSide) {
        let (mut rig, depot) = Self::beside_a_depot();
        let settings = settings.iter().map(|name| ((*name).to_owned(), "yes".to_owned()));
        rig.connect_depot(PutConnection { settings: settings.collect(), ..put_depot() });
        (rig, depot)
    }

    fn beside_a_depot() -> (Self, DepotSide) {
        let mut rig = Self::empty();
        let depot = rig.build_depot();
        (rig, depot)
    }

    fn build_depot(&mut self) -> DepotSide {
        let depot = DepotSide::default();
        self.partners.insert(DEPOT.to_owned(), Box::new(depot.clone()));
        self.beside = vec![depot_lane(), lane_of("other")];
        depot
    }

    /// Builds a depot and connects it, with nothing planned there.
    pub(crate) fn add_depot(&mut self) -> DepotSide {
        let depot = self.build_depot();
        self.connect_depot(PutConnection { stock: Some(unplanned()), ..put_depot() });
        depot
    }

    /// Gives the depot another setting.
    pub(crate) fn set_at_depot(&mut self, name: &str) {
        let settings = BTreeMap::from([(name.to_owned(), "yes".to_owned())]);
        self.connect_depot(PutConnection { settings, stock: Some(unplanned()), ..put_depot() });
    }

    fn connect_depot(&mut self, put: PutConnection) {
        let outcome = self.ask_depot(&Command::PutConnection(put));
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    }

    /// Gives a command in the depot's lane.
    pub(crate) fn ask_depot(&mut self, command: &Command) -> Outcome {
        let (id, now) = (self.id(), self.now);
        let arrival = command_arrival(id, depot_lane(), command, "test", None, now);
        self.fold_at_depot(arrival).outcome
    }

    /// Lets something into the depot's lane, and turns until what follows from it is folded.
    fn fold_at_depot(&mut self, arrival: Arrival) -> Folded {
        let kind = arrival.kind;
        let before = self.folded().len();
        self.arrive(arrival);
        self.turn();
        let is_this = |folded: &Folded| folded.kind == kind && folded.lane == depot_lane();
        let at = self.folded()[before..].iter().position(is_this).unwrap();
        self.folded.remove(before + at)
    }

    /// The depot tells something.
    pub(crate) fn depot_tells(&mut self, facts: &[Fact]) -> Folded {
        let arrival = self.depot_delivery(facts);
        self.fold_at_depot(arrival)
    }

    /// A delivery of the depot's.
    pub(crate) fn depot_delivery(&mut self, facts: &[Fact]) -> Arrival {
        let (id, now) = (self.id(), self.now);
        let connection =
            self.hub().connection(&depot_lane(), &DEPOT.parse().unwrap()).unwrap().unwrap();
        let admission = Admission {
            dedupe_key: format!("{id:?}"),
            topic: "reception".to_owned(),
            event_id: None,
        };
        let body = serde_json::to_vec(facts).unwrap();
        delivery_arrival(id, &connection, admission, Headers::default(), &body, now)
    }

    pub(crate) fn map_as(&mut self, account: &str, client: &str, accept_history: bool) -> Outcome {
        self.ask_depot(&Command::PutMerchant(PutMerchant {
            connection: DEPOT.parse().unwrap(),
            merchant: remote(account),
            client: client.parse().unwrap(),
            destination: None,
            accept_history,
        }))
    }

    pub(crate) fn map(&mut self, account: &str, client: &str) {
        let outcome = self.map_as(account, client, false);
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    }

    pub(crate) fn poll(&mut self, all: bool) {
        let connection = DEPOT.parse().unwrap();
        let outcome = self.ask_depot(&Command::Poll { connection, all });
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
        self.settle();
    }

    pub(crate) fn account(&mut self, account: &str) -> Merchant {
        self.get(&(DEPOT.parse().unwrap(), remote(account)))
    }

    pub(crate) fn route_of(&mut self, reception: &str) -> Option<Route> {
        self.hub().store().get(&(DEPOT.parse().unwrap(), remote(reception))).unwrap()
    }

    /// What was handed to a client, in order.
    pub(crate) fn handed_to(&mut self, client: &str) -> Vec<ReceptionFact> {
        let entries = self.journal_of(&lane_of(client));
        let forwards = entries
            .iter()
            .filter(|entry| entry.kind == crossdock_domain::entry::EntryKind::Forward);
        let facts = forwards.flat_map(|entry| {
            let bytes = crossdock_store::Unpacked::new(&entry.packed).unwrap();
            let forward: crossdock_domain::merchant::Forward =
                serde_json::from_slice(bytes.body()).unwrap();
            forward.facts
        });
        let receptions = facts.filter(|fact| !matches!(fact, Fact::Counters(_)));
        receptions
            .map(|fact| {
                let Fact::Reception(fact) = fact else { panic!("{fact:?} was handed on") };
                fact
            })
            .collect()
    }

    pub(crate) fn journal_of(&mut self, lane: &LaneId) -> Vec<Recorded> {
        self.hub().store().recorded(lane, Number(1), usize::MAX).unwrap()
    }
}

pub(crate) fn depot_lane() -> LaneId {
    LaneId::Connection(DEPOT.parse().unwrap())
}

pub(crate) fn lane_of(client: &str) -> LaneId {
    let client: ClientId = client.parse().unwrap();
    LaneId::Client(client)
}

fn put_depot() -> PutConnection {
    PutConnection {
        connection: DEPOT.parse().unwrap(),
        connector: DEPOT.to_owned(),
        sandbox: false,
        settings: BTreeMap::new(),
        secret_slots: Vec::new(),
        calls: None,
        paused: None,
        stock: None,
        live: true,
    }
}
