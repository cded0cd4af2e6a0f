//! Receptions: goods announced to a prep centre, what of them was checked in, and what that does to stock.
//!
//! Whatever road a telling came by, it is folded here: into registers of which the latest wins, so that order and repetition
//! do not show; and stock moves by the difference between what the lines say now and what is booked for them.

mod joining;
mod lines;
mod resolve;

use std::collections::BTreeSet;

use crossdock_domain::ItemId;
use crossdock_domain::entry::{EntryKind, Outcome};
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::merchant::Forward;
use crossdock_domain::reception::{Reception, ReceptionTold, Totals, in_pieces};
use crossdock_store::{Arrival, Packed, Row, seen_key};
use serde_json::{Value, json};

use super::forward::Forwarding;
use super::{Fold, FoldError};

/// Lines to which one entry comes; entries of their own go on with what is left.
const LINES_PER_ENTRY: u32 = 250;

/// What names a reception.
pub(super) type ReceptionKey = <Reception as Row>::Key;

/// What a telling has changed.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Lines of which something new was told.
    lines: u32,
    /// Lines that a person has to look at, and that nobody had to before.
    parked: u32,
    /// What was booked, line by line.
    booked: Vec<Value>,
    received: i64,
    unsellable: i64,
    items: BTreeSet<ItemId>,
}

impl Fold<'_> {
    /// Folds what was told of a reception.
    pub(super) fn fold_reception(
        &mut self,
        forward: &Forward,
        fact: &ReceptionFact,
    ) -> Result<Outcome, FoldError> {
        let most = usize::try_from(LINES_PER_ENTRY).unwrap_or(usize::MAX);
        if fact.lines.len() <= most {
            return self.fold_piece(forward, fact);
        }
        let key = (self.client_id()?, forward.connector.clone(), fact.reception.clone());
        let skus_here = self.skus_here(&key, fact)?;
        let mut pieces = in_pieces(fact.clone(), skus_here, most).into_iter();
        let Some(first) = pieces.next() else { return Ok(Outcome::unchanged("")) };
        let mut outcome = self.fold_piece(forward, &first)?;
        if pieces.len() > 0 {
            self.fold_later(forward, pieces)?;
            outcome.note.push_str("; more of its lines follow");
        }
        Ok(outcome)
    }

    fn fold_piece(
        &mut self,
        forward: &Forward,
        fact: &ReceptionFact,
    ) -> Result<Outcome, FoldError> {
        let key = (self.client_id()?, forward.connector.clone(), fact.reception.clone());
        let of_another = self.store.look(&key, |known: &Reception| {
            (known.connection != forward.connection).then(|| known.connection.clone())
        })?;
        if let Some(other) = of_another.flatten() {
            return Ok(self.refuse_of_another(forward, fact, &other.to_string()));
        }
        // First, since what is the same item may make lines of this reception one.
        let resolved = self.resolve(&key, fact)?;
        let known: Option<Reception> = self.store.get(&key)?;
        let mut reception = match known.clone() {
            Some(reception) => reception,
            None => self.new_reception(forward, &key)?,
        };
        reception.told.merge(&ReceptionTold::of(fact));
        let mut news = News::default();
        let told = self.tell_lines((known.as_ref(), &mut reception), resolved, &mut news)?;
        if fact.has_all_lines && reception.totals.lines > told {
            self.drop_lines(&mut reception, (forward, fact), &mut news)?;
        }
        if reception.totals.parked > 0 && !fact.lines.is_empty() {
            self.hand_unsettled(forward, fact)?;
        }
        self.end_telling(known.as_ref(), reception, &news)
    }

    fn new_reception(
        &mut self,
        forward: &Forward,
        (client, source, source_id): &ReceptionKey,
    ) -> Result<Reception, FoldError> {
        let destination = forward.destination.clone();
        let pool = match destination.pool {
            Some(pool) => pool,
            None => self.client()?.incoming,
        };
        Ok(Reception {
            client: client.clone(),
            source: source.clone(),
            source_id: source_id.clone(),
            connection: forward.connection.clone(),
            merchant: forward.merchant.clone(),
            told: ReceptionTold::default(),
            destination,
            pool,
            totals: Totals::default(),
            made_by: self.number,
            made_at: self.at,
            changed_at: self.at,
        })
    }

    /// Two accounts at a partner's may have the same ids: what is one's must not become the other's.
    fn refuse_of_another(
        &mut self,
        forward: &Forward,
        fact: &ReceptionFact,
        other: &str,
    ) -> Outcome {
        let why = format!(
            "reception {} came by connection `{other}` before: what `{}` says of it is not taken",
            fact.reception, forward.connection
        );
        let body = json!({
            "source": forward.connector, "reception": fact.reception, "merchant": forward.merchant, "why": why,
        });
        self.announce("reception.disputed", Some(&forward.connection), body);
        Outcome::illegal(why)
    }

    /// Entries of their own go on with what is left of a telling.
    fn fold_later(
        &mut self,
        forward: &Forward,
        pieces: impl Iterator<Item = ReceptionFact>,
    ) -> Result<(), FoldError> {
        for (index, piece) in (0..).zip(pieces) {
            self.hand_back(forward, Fact::Reception(piece), index)?;
        }
        Ok(())
    }

    /// Hands something on to this very lane: it is folded after whatever waits now.
    fn hand_back(&mut self, forward: &Forward, fact: Fact, index: u32) -> Result<(), FoldError> {
        if self.forwarding == Forwarding::Known {
            return Ok(());
        }
        let rest = Forward { facts: vec![fact], ..forward.clone() };
        let body = serde_json::to_vec(&rest).map_err(|e| FoldError::Entry(e.to_string()))?;
        let told_by = format!("{}/{}", self.lane, self.number);
        let key = seen_key("forward", &format!("{told_by}/rest/{index}"));
        self.store.forward(Arrival {
            id: key,
            lane: self.lane.clone(),
            kind: EntryKind::Forward,
            source: Some(forward.connection.clone()),
            topic: "reception".to_owned(),
            delivery_id: None,
            event_id: Some(told_by),
            seen_key: Some(key),
            received_at: self.at,
            packed: Packed::new(b"{}", &body),
        });
        Ok(())
    }

    /// Puts a reception down after a telling, books what follows, and says what came of it.
    pub(super) fn end_telling(
        &mut self,
        before: Option<&Reception>,
        mut reception: Reception,
        news: &News,
    ) -> Result<Outcome, FoldError> {
        let is_told = before.is_none_or(|b| !b.told.says_the_same(&reception.told));
        let is_news = is_told || news.lines > 0;
        if is_news {
            reception.changed_at = self.at;
        }
        self.announce_reception(before, &reception, news);
        let is_new = before.is_none();
        // Said to people, and kept nowhere but beside the entry: so in words, not as tables spell it.
        let status = reception.status().word().replace('_', " ");
        self.store.put(reception);
        for item in &news.items {
            self.renew_item(*item, None)?;
        }
        if !is_news {
            return Ok(Outcome::unchanged(""));
        }
        let made = if is_new { "made" } else { "changed" };
        let mut words = vec![format!("reception {made}: {status}")];
        if news.received != 0 {
            words.push(format!("{:+} received", news.received));
        }
        if news.unsellable != 0 {
            words.push(format!("{:+} unsellable", news.unsellable));
        }
        if news.parked > 0 {
            words.push(format!("{} lines need a person", news.parked));
        }
        Ok(Outcome::applied(words.join(", ")))
    }

    fn announce_reception(
        &mut self,
        before: Option<&Reception>,
        reception: &Reception,
        news: &News,
    ) {
        let connection = Some(&reception.connection);
        let (status, shelved) = (reception.status(), reception.shelved());
        let named = json!({
            "client": reception.client, "source": reception.source, "reception": reception.source_id,
            "merchant": reception.merchant, "name": reception.told.name.get(),
        });
        let with = |more: Value| {
            let mut body = named.clone();
            if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
                body.extend(more);
            }
            body
        };
        let raw_status = reception.told.raw_status();
        match before {
            None => {
                let body = with(json!({
                    "status": status, "raw_status": raw_status, "shelved": shelved,
                    "country": reception.country(), "pool": reception.pool,
                    "lines": reception.totals.lines, "requested": reception.totals.requested,
                }));
                self.announce("reception.created", connection, body);
            }
            Some(before) if (before.status(), before.shelved()) != (status, shelved) => {
                let body = with(json!({
                    "previous": before.status(), "new": status, "raw_status": raw_status,
                    "previous_shelved": before.shelved(), "shelved": shelved,
                }));
                self.announce("reception.status_changed", connection, body);
            }
            Some(_) => {}
        }
        if !news.booked.is_empty() {
            let body = with(json!({
                "pool": reception.pool, "received": news.received, "unsellable": news.unsellable,
                "lines": news.booked,
            }));
            self.announce("reception.checked_in", connection, body);
        }
    }
}
