//! What routing will look at: a batch of a shared connection's lane, in as many round trips as a single delivery.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossdock_domain::call::Call;
use crossdock_domain::command::{Command, ToldReception};
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::fact::Fact;
use crossdock_domain::merchant::{Fetching, Forward, Merchant, Route, SharedConnection};
use crossdock_domain::send::Send;
use crossdock_domain::task::Task;
use crossdock_domain::{ConnectionId, LaneId, RemoteId};
use crossdock_store::{Pending, StoreError, Unpacked};

use super::{Foreseen, answer_of, said_by};
use crate::Hub;

impl Hub {
    /// Looks ahead at what folding these arrivals of a shared connection's lane will need.
    pub(super) fn foresee_routing(
        &mut self,
        (lane, id): (&LaneId, &ConnectionId),
        pending: &[Pending],
    ) -> Result<(), StoreError> {
        if !self.store.is_shared() {
            return Ok(());
        }
        self.store.want::<Connection>((lane.clone(), id.clone()));
        self.store.want::<SharedConnection>((id.clone(),));
        for answer in pending.iter().filter(|next| next.kind == EntryKind::Answer) {
            if let Some(answer) = answer_of(&answer.packed) {
                self.store.want::<Send>((lane.clone(), answer.send));
            }
        }
        self.store.fetch()?;
        let connection = self.seen::<Connection>(&(lane.clone(), id.clone()))?.map(Arc::new);
        let mut told = Told::default();
        for next in pending {
            match next.kind {
                EntryKind::Delivery => self.delivery_ahead(connection.as_ref(), next, &mut told),
                EntryKind::Command => told.of_command(next),
                EntryKind::Answer => self.answer_ahead(lane, next, &mut told)?,
                EntryKind::Forward => told.of_forward(next),
                EntryKind::Send | EntryKind::Tick => {}
            }
        }
        for (merchant, reception) in &told.0 {
            if let Some(merchant) = merchant {
                self.store.want::<Merchant>((id.clone(), merchant.clone()));
            }
            self.store.want::<Route>((id.clone(), reception.clone()));
            self.store.want::<Fetching>((id.clone(), reception.clone()));
        }
        self.store.fetch()?;
        for (_, reception) in told.0 {
            if let Some(fetching) = self.seen::<Fetching>(&(id.clone(), reception))? {
                self.store.want::<Task>((lane.clone(), fetching.task));
            }
        }
        self.store.fetch()
    }

    /// What does not read, or panics, is the fold's to judge.
    fn delivery_ahead(&mut self, with: Option<&Arc<Connection>>, next: &Pending, told: &mut Told) {
        let Some(with) = with else { return };
        let find = self.find;
        let read = catch_unwind(AssertUnwindSafe(|| said_by(find, next, with)));
        let Ok(Some(said)) = read else { return };
        for fact in said.iter().flat_map(|reading| &reading.facts) {
            if let Fact::Reception(fact) = fact {
                told.0.push((fact.merchant.clone(), fact.reception.clone()));
            } else if let Fact::ReceptionChanged { merchant, reception } = fact {
                told.0.push((merchant.clone(), reception.clone()));
            }
        }
        self.foreseen.insert(next.seq, Foreseen { with: Arc::clone(with), said });
    }

    fn answer_ahead(
        &mut self,
        lane: &LaneId,
        next: &Pending,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let Some(answer) = answer_of(&next.packed) else { return Ok(()) };
        let Some(send) = self.seen::<Send>(&(lane.clone(), answer.send))? else { return Ok(()) };
        for task in send.call.tasks() {
            self.store.want::<Task>((lane.clone(), task));
        }
        if let Call::ReadReception { merchant, reception, .. } = send.call {
            told.0.push((Some(merchant), reception));
        }
        Ok(())
    }
}

/// Receptions that are told of, each with its account if that is told.
#[derive(Debug, Default)]
struct Told(Vec<(Option<RemoteId>, RemoteId)>);

impl Told {
    /// What a client's lane says of receptions.
    fn of_forward(&mut self, next: &Pending) {
        let Ok(bytes) = Unpacked::to_be_folded(&next.packed) else { return };
        let Ok(forward) = serde_json::from_slice::<Forward>(bytes.body()) else { return };
        for fact in forward.facts {
            if let Fact::ReceptionChanged { reception, .. } = fact {
                self.0.push((None, reception));
            }
        }
    }

    fn of_command(&mut self, next: &Pending) {
        let Ok(bytes) = Unpacked::to_be_folded(&next.packed) else { return };
        let Ok(Command::TellReceptions { receptions, .. }) = serde_json::from_slice(bytes.body())
        else {
            return;
        };
        for told in receptions {
            if let ToldReception::Reception(told) = told {
                self.0.push((told.merchant, told.reception));
            }
        }
    }
}
