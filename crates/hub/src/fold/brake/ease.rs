//! Letting go without a person: orders often come after the figures that they explain. Once enough is explained for the
//! rest to be no more than may change unasked, the brake lets go by itself.

use crossdock_domain::brake::{BrakeWindow, Braked, Extent, Ruling, Side};
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{ConnectionId, Span, TaskId};
use serde_json::json;

use crate::fold::{Fold, FoldError};

/// One look for all the orders that come meanwhile: a look goes through every order of the window.
const BEAT: Span = Span::from_s(1);

/// What a window comes to, now that more orders are known.
#[derive(Default)]
struct Eased {
    /// Of what was made, and of what is held, without what orders explain.
    extent: Extent,
    held: usize,
    /// Of what is held.
    explained: usize,
}

impl Fold<'_> {
    /// Something has come that may explain what the brake holds: it is looked at soon, once for all that comes till then.
    pub(in crate::fold) fn look_at_brake_soon(
        &mut self,
        connection: &ConnectionId,
    ) -> Result<(), FoldError> {
        let key = (self.client_id()?, connection.clone(), Side::Bookings);
        let is_on = self.store.look(&key, |window: &BrakeWindow| window.engaged.is_some())?;
        if is_on != Some(true) {
            return Ok(());
        }
        let own = self.store.open_tasks(connection, CallKind::Own)?;
        if !own.iter().any(|task| task.work == Work::EaseBrake) {
            self.owe(connection, Work::EaseBrake, self.at.plus(BEAT))?;
        }
        Ok(())
    }

    /// Looks whether the brake may let go of bookings.
    pub(in crate::fold) fn ease_brake(
        &mut self,
        id: &ConnectionId,
        task: TaskId,
    ) -> Result<String, FoldError> {
        let note = match self.connection(id)? {
            Some(connection) => self.ease(&connection)?,
            None => "its connection is gone".to_owned(),
        };
        self.end_task(task, TaskState::Done, &note)?;
        Ok(note)
    }

    fn ease(&mut self, connection: &Connection) -> Result<String, FoldError> {
        let side = Side::Bookings;
        let window = self.window(connection, side)?;
        // A person's word on all that was held is as good.
        if window.engaged.is_none() || window.word.is_some() {
            return Ok("the brake is not on".to_owned());
        }
        let Eased { extent, held, explained } = self.without_trade(connection, &window)?;
        let linked = self.linked(connection)?;
        if explained == 0 || extent.passes(&connection.stock.brake, linked) {
            return Ok(format!("orders explain {explained} of {held}: the brake stays on"));
        }
        let why = format!("orders explain {explained} of {held}: the rest may change unasked");
        let body = json!({ "side": side, "explained": explained, "held": held,
            "zeroed": extent.zeroed, "changed": extent.changed, "linked": linked, "why": why });
        self.announce("brake.released", Some(&connection.id), body);
        self.decide_bookings(connection, Ruling::Approved)?;
        // What nobody has explained was let pass, and counts against what comes next.
        let next = self.window(connection, side)?;
        self.store.put(BrakeWindow { extent, ..next });
        Ok(why)
    }

    /// Counts what was made and what is held, without what orders account for.
    fn without_trade(
        &mut self,
        connection: &Connection,
        window: &BrakeWindow,
    ) -> Result<Eased, FoldError> {
        let (client, side) = (self.client_id()?, window.side);
        let sold = self.sold_there(connection, window)?;
        let is_explained = |braked: &Braked| {
            let units = sold.get(&braked.item).copied().unwrap_or_default();
            !braked.change().without(units).is_large()
        };
        let mut eased = Eased::default();
        let place = (side, window.began);
        for braked in self.store.braked_in(&client, &connection.id, place, Ruling::Counted)? {
            if !is_explained(&braked) {
                eased.extent.add(&braked.change());
            }
        }
        for braked in self.store.braked_in(&client, &connection.id, place, Ruling::Held)? {
            eased.held += 1;
            if is_explained(&braked) {
                eased.explained += 1;
            } else {
                eased.extent.add(&braked.change());
            }
        }
        Ok(eased)
    }
}
