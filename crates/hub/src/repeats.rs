//! Repeats: a send whose outcome is not known goes out again with the same bytes and key, as long as the partner remembers
//! the key and its writes are still wanted.

use crossdock_connectors::Request;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::send::Send;
use crossdock_domain::{Instant, LaneId, Number, Span};
use crossdock_store::{Store, StoreError, Unpacked};

use crate::dispatch::{Sent, store_only};
use crate::fold::Fold;
use crate::head::{self, SendRecord};
use crate::request::request;
use crate::{Hub, Plant, keys, pace};

/// A write that must not be repeated for now is looked at again so much later, if nothing changes before.
const LOOK_AGAIN: Span = Span::from_s(60);

impl Hub {
    /// Sends the same bytes again, while the partner remembers their key.
    pub(crate) fn repeat(
        &mut self,
        connection: &Connection,
        send: &Send,
        now: Instant,
    ) -> Result<Sent, StoreError> {
        let (lane, kind) = (&connection.lane, send.call.kind());
        let at = self.store.entry_time(lane, now);
        let deadline = at.plus(connection.calls.deadline());
        if send.key_dies.is_some_and(|dies| deadline >= dies) {
            self.record(connection, kind, SendRecord::Expired { of: send.number }, at)?;
            return Ok(Sent::Nothing);
        }
        if !kind.is_harmless()
            && let Some(instead) = self.instead_of_repeat(connection, send, at)?
        {
            return Ok(instead);
        }
        let Some(request) = recorded_request(&self.store, lane, send.number)? else {
            return Err(StoreError::Unreadable {
                table: "arrivals",
                why: format!("the request of send {} is gone", send.number),
            });
        };
        let mut rate = pace::now(&self.store, connection, now)?;
        if let Err(wait) = pace::spend(&mut rate, connection, request.cost) {
            return Ok(Sent::HeldBack(wait));
        }
        self.store.keep_rate(&connection.id, &rate)?;
        let again = Send { attempt: send.attempt + 1, deadline, ..send.clone() };
        let record = SendRecord::Again { of: send.number, attempt: again.attempt, deadline };
        if !self.record(connection, kind, record, at)? {
            return Ok(Sent::Nothing);
        }
        let request = self.bent_repeat(connection, &again, request)?;
        Ok(Sent::Out(Box::new(self.outgoing(connection, &again, request))))
    }

    /// What happens instead of the repeat of a write that nobody wants any more, or that must not go out now.
    fn instead_of_repeat(
        &mut self,
        connection: &Connection,
        send: &Send,
        at: Instant,
    ) -> Result<Option<Sent>, StoreError> {
        let kind = send.call.kind();
        let mut fold =
            Fold::new(&mut self.store, self.find, &send.lane, send.number, at).planted(self.plant);
        if !fold.is_wanted(send).map_err(store_only)? {
            // What the wire has may still arrive until then.
            if at < send.deadline {
                return Ok(Some(Sent::Waits(send.deadline.since(at))));
            }
            self.record(connection, kind, SendRecord::Ended { of: send.number }, at)?;
            return Ok(Some(Sent::Nothing));
        }
        if connection.is_live() && !self.is_held(connection, CallKind::SetLevels)? {
            return Ok(None);
        }
        // Once the partner forgets the key, a read tells what came of it.
        let forgets = send.key_dies.map(|dies| dies.minus(connection.calls.deadline()));
        Ok(Some(Sent::Waits(forgets.map_or(LOOK_AGAIN, |forgets| forgets.since(at)))))
    }

    /// The request of a repeat: the recorded one, unless a fault is planted here.
    fn bent_repeat(
        &mut self,
        connection: &Connection,
        send: &Send,
        recorded: Request,
    ) -> Result<Request, StoreError> {
        let key = keys::idempotency_key(&self.salt, &send.lane, Number(send.number.0 + 1_000_000));
        let call = match self.plant {
            Some(Plant::NewKeyOnRetry) => send.call.clone(),
            Some(Plant::RebuildRequestWhileUnknown) => {
                let (lane, number) = (&send.lane, send.number);
                let mut fold = Fold::new(&mut self.store, self.find, lane, number, send.sent_at);
                fold.call_of_today(connection, &send.call).map_err(store_only)?
            }
            Some(_) | None => return Ok(recorded),
        };
        let connector = (self.find)(&connection.connector);
        let request = connector.map(|connector| request(connector, connection, &call, &key));
        Ok(request.and_then(Result::ok).unwrap_or(recorded))
    }
}

fn recorded_request(
    store: &Store,
    lane: &LaneId,
    number: Number,
) -> Result<Option<Request>, StoreError> {
    let Some(entry) = store.one_recorded(lane, number)? else { return Ok(None) };
    let bytes = Unpacked::new(&entry.packed)
        .map_err(|e| StoreError::Unreadable { table: "arrivals", why: e.to_string() })?;
    Ok(match head::read(bytes.body()) {
        Ok(SendRecord::First { request, .. }) => Some(request),
        Ok(
            SendRecord::Again { .. }
            | SendRecord::Expired { .. }
            | SendRecord::Ended { .. }
            | SendRecord::Stuck { .. }
            | SendRecord::LetGo { .. }
            | SendRecord::Step { .. }
            | SendRecord::Braked { .. },
        )
        | Err(_) => None,
    })
}
