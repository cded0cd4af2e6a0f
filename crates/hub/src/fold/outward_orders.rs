//! Outward: customers' orders that a partner keeps, marked there as shipped. What comes of marking one twice nobody promises,
//! and it may tell a marketplace each time. So it is asked first how the order stands, and again after whatever may have been
//! done; and what has left already is not marked again.

use crossdock_domain::TaskId;
use crossdock_domain::answer::{Failure, OrderStanding};
use crossdock_domain::call::{Call, CallKind, Departure};
use crossdock_domain::command::MarkShipped;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::Outcome;
use crossdock_domain::send::Send;
use crossdock_domain::task::{Task, TaskState, Work};
use serde_json::json;

use super::connections::no_connection;
use super::outward::PROBE_AFTER;
use super::{Fold, FoldError};

impl Fold<'_> {
    pub(super) fn mark_shipped(&mut self, wanted: MarkShipped) -> Result<Outcome, FoldError> {
        let MarkShipped { connection: id, merchant, client, order, departure } = wanted;
        let Some(connection) = self.connection(&id)? else { return Ok(no_connection(&id)) };
        let cannot = "this partner's orders cannot be marked as shipped";
        if let Some(objection) =
            self.objection_to_write(&connection, CallKind::ShipOrder, cannot)?
        {
            return Ok(objection);
        }
        let account = self.known_merchant(&id, &merchant)?;
        if account.and_then(|account| account.client) != Some(client.clone()) {
            let why = format!("account {merchant} is none of `{client}`");
            return Ok(Outcome::unknown_entity(why));
        }
        let note = format!("order {order} is looked at there, and then marked as shipped");
        let work = Work::ShipOrder { merchant, order, departure, is_open: false };
        for before in self.store.open_tasks_about(&id, &work)? {
            if before.state != TaskState::Stuck {
                return Ok(is_being_marked(&before));
            }
            self.end_task(before.id, TaskState::Dropped, "it was asked for again since")?;
        }
        let task = self.owe(&id, work, self.at)?;
        Ok(Outcome::applied(note).with(json!({ "task": task })))
    }

    /// How an order stands has come, before it is marked.
    pub(super) fn order_sought(
        &mut self,
        connection: &Connection,
        task: &Task,
        standing: &OrderStanding,
    ) -> Result<String, FoldError> {
        let Work::ShipOrder { order, departure, .. } = &task.work else {
            return Err(FoldError::Entry("an order for a task that marks none".to_owned()));
        };
        let why = match standing {
            OrderStanding::Open => {
                self.know_order(task.id, true)?;
                let note = "it has not left yet";
                self.postpone(task.id, self.at, note)?;
                return Ok(note.to_owned());
            }
            OrderStanding::Shipped { tracking_numbers } => {
                match otherwise(departure, tracking_numbers) {
                    None => {
                        return self.order_marked(connection, task, "it is shipped there already");
                    }
                    Some(others) => format!(
                        "order {order} is shipped there already, and as {others}: set that right at the partner's"
                    ),
                }
            }
            OrderStanding::CalledOff => format!("order {order} is called off there"),
            OrderStanding::Unclear { raw_status: Some(word) } => format!(
                "order {order} stands there as `{word}`, and nobody knows whether it may leave: look at the partner's"
            ),
            OrderStanding::Unclear { raw_status: None } => {
                format!("the partner does not say how order {order} stands")
            }
        };
        self.marking_refused(connection, task, &why)?;
        Ok(why)
    }

    /// The partner has it down as shipped.
    pub(super) fn order_marked(
        &mut self,
        connection: &Connection,
        task: &Task,
        note: &str,
    ) -> Result<String, FoldError> {
        let Work::ShipOrder { merchant, order, departure, .. } = &task.work else {
            return Err(FoldError::Entry(
                "an order was marked for a task that marks none".to_owned(),
            ));
        };
        self.end_task(task.id, TaskState::Done, note)?;
        let body = json!({ "merchant": merchant, "order": order, "task": task.id,
            "carrier": departure.carrier, "tracking_number": departure.tracking_number });
        self.announce("order.marked_shipped", Some(&connection.id), body);
        Ok(note.to_owned())
    }

    /// It was not marked, or nobody knows.
    pub(super) fn marking_failed(
        &mut self,
        connection: &Connection,
        send: &Send,
        failure: &Failure,
        note: &str,
    ) -> Result<(), FoldError> {
        let Call::ShipOrder { task: id, .. } = &send.call else {
            return Err(FoldError::Entry("a send that marks no order".to_owned()));
        };
        // Whatever comes next, it may have left by then.
        self.know_order(*id, false)?;
        match failure {
            Failure::Retry { after, .. } => self.wait_again(connection, &[*id], *after, note),
            Failure::Unauthorised { .. } | Failure::Unusable { .. } => {
                self.wait_again(connection, &[*id], None, note)
            }
            Failure::Refused { why, .. } | Failure::Stale { why, .. } => match self.task(*id)? {
                Some(task) => self.marking_refused(connection, &task, why),
                None => Ok(()),
            },
            Failure::Unknown { .. } | Failure::Unreadable { .. } => {
                let note = format!("{note}: the partner is asked whether it has left");
                self.postpone(*id, self.at.plus(PROBE_AFTER), &note)
            }
        }
    }

    /// It waits for a person, who is told.
    pub(super) fn marking_refused(
        &mut self,
        connection: &Connection,
        task: &Task,
        why: &str,
    ) -> Result<(), FoldError> {
        let body = json!({ "task": task.id, "subject": task.work.subject(), "why": why });
        self.announce("order.marking_refused", Some(&connection.id), body);
        self.end_task(task.id, TaskState::Stuck, why)
    }

    fn know_order(&mut self, id: TaskId, open: bool) -> Result<(), FoldError> {
        if let Some(mut task) = self.task(id)?
            && let Work::ShipOrder { is_open, .. } = &mut task.work
        {
            *is_open = open;
            self.store.put(task);
        }
        Ok(())
    }
}

fn is_being_marked(task: &Task) -> Outcome {
    let so_far = if task.note.is_empty() { String::new() } else { format!(": {}", task.note) };
    Outcome::illegal(format!("it is being marked already{so_far}"))
        .with(json!({ "task": task.id, "state": task.state }))
}

/// Under which numbers it left, where those are others than ours.
fn otherwise(departure: &Departure, numbers: &[String]) -> Option<String> {
    let ours = departure.tracking_number.as_ref()?;
    let is_other = !numbers.is_empty() && !numbers.contains(ours);
    is_other.then(|| format!("{}, not {ours}", numbers.join(", ")))
}
