//! Dispatch: due tasks become sends. The request is built from the state of this moment and recorded in the same
//! transaction; only after the commit does the wire get it. Whatever is changed here is an entry of its lane, so that a
//! rebuild finds it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossdock_connectors::{Connector, Request};
use crossdock_domain::brake::BrakeWindow;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::send::{Send, SendState};
use crossdock_domain::stock::backing::Timer;
use crossdock_domain::task::Task;
use crossdock_domain::{ConnectionId, Instant, LaneId, Number, Span};
use crossdock_store::{Dues, StoreError};

use crate::fold::calls::Filled;
use crate::fold::{BREATH, Fold, FoldError, panic_words};
use crate::head::{LetGo, SendRecord};
use crate::request::{cannot_be_sent, request};
use crate::{Hub, Plant, keys, pace};

/// A request that was recorded and may now be sent, until its deadline.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// In whose lane.
    pub lane: LaneId,
    /// The send.
    pub number: Number,
    /// Which attempt.
    pub attempt: u32,
    /// What kind of call: the topic of its answer.
    pub kind: CallKind,
    /// To which partner.
    pub connection: ConnectionId,
    /// Scheme and host.
    pub base_url: String,
    /// Plain http and private addresses are allowed, and nothing else is.
    pub sandbox: bool,
    /// The request, without credentials.
    pub request: Request,
    /// The whole call may take so long.
    pub timeout: Span,
    /// After this the wire sends nothing.
    pub deadline: Instant,
}

/// What a dispatch did, and when to look again.
#[derive(Debug, Default)]
pub struct Dispatched {
    /// To be sent after the commit.
    pub outgoing: Vec<Outgoing>,
    /// Something is due, but the pace holds it back until then.
    pub wait_until: Option<Instant>,
    /// Sends of the lane that was looked at whose answer never came in time.
    pub overdue: Vec<Send>,
    /// When something falls due next in the lane that was looked at.
    pub next: Option<Instant>,
}

/// What the dispatcher saw when it last looked at everything: while none of it changes, looking again finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Looked {
    changes: [u64; 5],
    /// When something falls due, or the pace lets it go.
    next: Option<Instant>,
    wait_until: Option<Instant>,
}

/// A lane that another node works on is looked at again after this long.
const ELSEWHERE: Span = Span::from_ms(50);
/// So many requests of one connection may come to nothing in one dispatch.
const NOTHINGS_MAX: u32 = 256;
/// An answer that never came is given up so long after its send's deadline.
pub(crate) const OVERDUE: Span = Span::from_s(10);

/// What came of trying to send something.
pub(crate) enum Sent {
    Out(Box<Outgoing>),
    /// None of the tasks was owed any more, or could be sent: they were let go.
    Nothing,
    /// This one must not go out yet; others may.
    Waits(Span),
    /// The pace lets nothing out yet.
    HeldBack(Span),
}

impl Hub {
    /// Records and returns every call that is due and that the pace allows. Inside a transaction.
    pub fn dispatch(&mut self, now: Instant) -> Result<Dispatched, StoreError> {
        let changes = self.changes_that_matter();
        if let Some(looked) = self.looked
            && !self.store.is_shared()
            && looked.changes == changes
            && looked.next.is_none_or(|next| now < next)
        {
            return Ok(Dispatched { wait_until: looked.wait_until, ..Dispatched::default() });
        }
        self.looked = None;
        let mut dispatched = Dispatched::default();
        if self.tick(now)? {
            hold_back(&mut dispatched, now, BREATH);
        }
        for connection in self.store.connections()? {
            self.dispatch_held(&connection, now, &mut dispatched)?;
        }
        let due = self.next_due(now)?;
        let wait_until = dispatched.wait_until;
        let next = due.into_iter().chain(wait_until).min();
        self.looked = Some(Looked { changes: self.changes_that_matter(), next, wait_until });
        Ok(dispatched)
    }

    fn dispatch_held(
        &mut self,
        connection: &Connection,
        now: Instant,
        dispatched: &mut Dispatched,
    ) -> Result<(), StoreError> {
        if !self.store.hold(&connection.lane)? {
            hold_back(dispatched, now, ELSEWHERE);
            return Ok(());
        }
        // Only now that the lane is ours does what we know of it stand.
        let key = (connection.lane.clone(), connection.id.clone());
        self.step(connection, now, dispatched)?;
        match self.store.get::<Connection>(&key)? {
            Some(connection) if connection.status.sends() => {
                self.dispatch_connection(&connection, None, now, dispatched)
            }
            _ => Ok(()),
        }
    }

    /// Tasks, sends, connections, brakes and timers are all that decides what goes out. (Levels decide what is in it.)
    pub(crate) fn changes_that_matter(&mut self) -> [u64; 5] {
        let store = &mut self.store;
        let (tasks, sends) = (store.changes::<Task>(), store.changes::<Send>());
        let (connections, brakes) = (store.changes::<Connection>(), store.changes::<BrakeWindow>());
        [tasks, sends, connections, brakes, store.changes::<Timer>()]
    }

    /// Sends whose answer never came: on their way when the process ended, or long past their deadline.
    pub fn lost_sends(&mut self, now: Option<Instant>) -> Result<Vec<Send>, StoreError> {
        // A send is overdue when its deadline and a margin have passed; at the start, whenever it was to be answered.
        self.store.unanswered(now.map(|now| now.minus(OVERDUE)))
    }

    /// When something falls due next after an instant, if anything waits.
    pub fn next_due(&mut self, after: Instant) -> Result<Option<Instant>, StoreError> {
        self.store.next_due(after, OVERDUE)
    }

    /// `dues` is what was found to be due; without it everything is looked for.
    pub(crate) fn dispatch_connection(
        &mut self,
        connection: &Connection,
        dues: Option<&Dues>,
        now: Instant,
        dispatched: &mut Dispatched,
    ) -> Result<(), StoreError> {
        let Some(connector) = (self.find)(&connection.connector) else { return Ok(()) };
        let may_repeat = dues.is_none_or(|dues| dues.sends.contains(&connection.id));
        let open = if may_repeat { self.store.open_sends(&connection.id)? } else { Vec::new() };
        let is_due =
            |kind| dues.is_none_or(|dues| dues.tasks.contains(&(connection.id.clone(), kind)));
        let on_their_way = || open.iter().filter(|send| send.state == SendState::Out);
        let mut room = usize::try_from(connection.calls.in_flight_max)
            .unwrap_or(usize::MAX)
            .saturating_sub(on_their_way().count());
        // While a token is being fetched, everything else would be refused.
        let mut fetching = on_their_way().any(|send| send.call.kind() == CallKind::RenewToken);
        let repeats = |send: &&Send| send.again_at.is_some_and(|again| again <= now);
        for send in open.iter().filter(repeats) {
            if room == 0 {
                break;
            }
            match self.repeat(connection, send, now)? {
                Sent::Out(outgoing) => dispatched.outgoing.push(*outgoing),
                Sent::Nothing => continue,
                Sent::Waits(wait) => {
                    hold_back(dispatched, now, wait);
                    continue;
                }
                Sent::HeldBack(wait) => {
                    hold_back(dispatched, now, wait);
                    return Ok(());
                }
            }
            room -= 1;
        }
        let mut nothings = 0;
        for (kind, gathers) in in_order(connector).into_iter().filter(|(kind, _)| is_due(*kind)) {
            while room > 0 && !fetching && !self.is_held(connection, kind)? {
                let tasks = self.store.due_tasks(&connection.id, kind, now, gathers)?;
                if tasks.is_empty() {
                    break;
                }
                self.foresee_tasks(connection, &tasks)?;
                match self.send_tasks(connector, connection, kind, &tasks, now)? {
                    Sent::Out(outgoing) => dispatched.outgoing.push(*outgoing),
                    Sent::Nothing if nothings < NOTHINGS_MAX => {
                        nothings += 1;
                        continue;
                    }
                    // Whatever makes so many tasks that come to nothing, others have their turn first.
                    Sent::Nothing => {
                        hold_back(dispatched, now, BREATH);
                        return Ok(());
                    }
                    Sent::Waits(wait) | Sent::HeldBack(wait) => {
                        hold_back(dispatched, now, wait);
                        return Ok(());
                    }
                }
                room -= 1;
                fetching = kind == CallKind::RenewToken;
            }
        }
        Ok(())
    }

    /// What some tasks come to; `None` where that could not even be looked up, and those to blame wait for a person.
    fn filled_in(
        &mut self,
        connection: &Connection,
        kind: CallKind,
        tasks: &[Task],
        at: Instant,
    ) -> Result<Option<Filled>, StoreError> {
        let lane = connection.lane.clone();
        let number = self.store.next_number(&lane);
        let mut fold = Fold::new(&mut self.store, self.find, &lane, number, at).planted(self.plant);
        let why = match looked(|| fold.fill_in(connection, kind, tasks))? {
            Ok(filled) => return Ok(Some(filled)),
            Err(why) => why,
        };
        let mut to_blame = Vec::new();
        for task in tasks {
            let alone = std::slice::from_ref(task);
            if looked(|| fold.fill_in(connection, kind, alone))?.is_err() {
                to_blame.push(task.id);
            }
        }
        if to_blame.is_empty() {
            to_blame = tasks.iter().map(|task| task.id).collect();
        }
        self.give_up(connection, kind, (to_blame, None), why, at)?;
        Ok(None)
    }

    /// Builds one request for some tasks, from the state as it is now. Tasks that come to nothing are let go.
    fn send_tasks(
        &mut self,
        connector: &dyn Connector,
        connection: &Connection,
        kind: CallKind,
        tasks: &[Task],
        now: Instant,
    ) -> Result<Sent, StoreError> {
        let lane = connection.lane.clone();
        let at = self.store.entry_time(&lane, now);
        let number = self.store.next_number(&lane);
        let Some(filled) = self.filled_in(connection, kind, tasks, at)? else {
            return Ok(Sent::Nothing);
        };
        if !filled.let_go.is_empty() {
            return self.let_go(connection, kind, filled.let_go, at);
        }
        let Some(call) = filled.call else { return Ok(Sent::HeldBack(Span::from_s(1))) };
        if kind == CallKind::SetLevels
            && let Some(record) = self.too_much(connector, connection, tasks, at)?
        {
            if !self.record(connection, kind, record, at)? {
                let why =
                    "the brake could not be put on: look at the failed entry before".to_owned();
                let tasks = tasks.iter().map(|task| task.id).collect();
                self.give_up(connection, kind, (tasks, None), why, at)?;
            }
            return Ok(Sent::Nothing);
        }
        // What is owed as a write may go out as another kind of write.
        let kind = call.kind();
        let key = keys::idempotency_key(&self.salt, &lane, number);
        let request = match request(connector, connection, &call, &key) {
            Ok(request) => request,
            Err(unsendable) => {
                return self.let_go(connection, kind, cannot_be_sent(&call, &unsendable), at);
            }
        };
        let mut rate = pace::now(&self.store, connection, now)?;
        if let Err(wait) = pace::spend_on(kind, &mut rate, connection, request.cost) {
            return Ok(Sent::HeldBack(wait));
        }
        self.store.keep_rate(&connection.id, &rate)?;
        let key_life = connector.offers().key_life.filter(|_| !kind.is_harmless());
        let send = Send {
            lane,
            number,
            connection: connection.id.clone(),
            call,
            key,
            attempt: 1,
            state: SendState::Out,
            first_at: at,
            sent_at: at,
            deadline: at.plus(connection.calls.deadline()),
            key_dies: key_life.map(|life| at.plus(life)),
            again_at: None,
            status: None,
            took_ms: None,
            note: String::new(),
        };
        let outgoing = self.outgoing(connection, &send, request.clone());
        let first = SendRecord::First { send: Box::new(send), request };
        let is_recorded = self.record(connection, kind, first, at)?;
        Ok(if is_recorded { Sent::Out(Box::new(outgoing)) } else { Sent::Nothing })
    }

    fn let_go(
        &mut self,
        connection: &Connection,
        kind: CallKind,
        tasks: Vec<LetGo>,
        at: Instant,
    ) -> Result<Sent, StoreError> {
        let record = SendRecord::LetGo { connection: connection.id.clone(), tasks };
        self.record(connection, kind, record, at)?;
        Ok(Sent::Nothing)
    }

    pub(crate) fn outgoing(
        &self,
        connection: &Connection,
        send: &Send,
        request: Request,
    ) -> Outgoing {
        let outgoing = outgoing(connection, send, request);
        if self.plant == Some(Plant::SendAfterDeadline) {
            return Outgoing { deadline: outgoing.deadline.plus(Span::from_s(3_600)), ..outgoing };
        }
        outgoing
    }
}

/// What the connector offers, a fresh token first: without one the others are refused.
fn in_order(connector: &dyn Connector) -> Vec<(CallKind, usize)> {
    let mut calls = connector.offers().calls.to_vec();
    calls.sort_by_key(|(kind, _)| *kind != CallKind::RenewToken);
    calls
}

pub(crate) fn hold_back(dispatched: &mut Dispatched, now: Instant, wait: Span) {
    let until = now.plus(wait);
    dispatched.wait_until = Some(dispatched.wait_until.map_or(until, |other| other.min(until)));
}

fn outgoing(connection: &Connection, send: &Send, request: Request) -> Outgoing {
    Outgoing {
        lane: send.lane.clone(),
        number: send.number,
        attempt: send.attempt,
        kind: send.call.kind(),
        connection: connection.id.clone(),
        base_url: connection.base_url.clone(),
        sandbox: connection.sandbox,
        request,
        timeout: Span::from_ms(connection.calls.timeout_ms),
        deadline: send.deadline,
    }
}

/// What came of only looking at the state; why it did not go well, if that is the fault of what was looked at.
fn looked<T>(look: impl FnOnce() -> Result<T, FoldError>) -> Result<Result<T, String>, StoreError> {
    match catch_unwind(AssertUnwindSafe(look)) {
        Ok(Ok(seen)) => Ok(Ok(seen)),
        Ok(Err(FoldError::Store(error))) => Err(error),
        Ok(Err(FoldError::Entry(why))) => Ok(Err(why)),
        Err(panic) => Ok(Err(format!("looking at it {}", panic_words(panic.as_ref())))),
    }
}

/// Outside the fold of an arrival nothing can be parked: what is wrong with an entry is wrong with the store.
pub(crate) fn store_only(error: FoldError) -> StoreError {
    match error {
        FoldError::Store(error) => error,
        FoldError::Entry(why) => StoreError::Unreadable { table: "state", why },
    }
}
