//! Facts: whatever road they came by, they are folded here.

use crossdock_domain::connection::{Connection, ConnectionStatus};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::fact::{Fact, ItemFact, LevelFact};
use crossdock_domain::link::{Link, LinkKind, Mirror};
use crossdock_domain::stock::{Level, LevelKey, Seen, Verdict};
use crossdock_domain::{ConnectionId, Instant, RemoteId};
use serde_json::json;

use super::{Fold, FoldError};
use crate::plant;

/// The note of an item's record that was kept.
const KEPT: &str = "partner's record kept";

/// By which road a partner's record of an item came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Road {
    /// By a webhook, which may be late, or come again.
    Told,
    /// As the answer to our question: nothing that was told before is later.
    Read,
}

impl Fold<'_> {
    /// Folds facts in order. The outcome is the weightiest: a delivery that changed anything was applied.
    pub(super) fn fold_facts(
        &mut self,
        connection: &Connection,
        facts: &[Fact],
    ) -> Result<Outcome, FoldError> {
        if self.is_shared() {
            return self.tell_all(connection, facts);
        }
        let mut whole = Outcome::unchanged("");
        for fact in facts {
            let outcome = self.fold_fact(connection, fact)?;
            if weight(outcome.kind) > weight(whole.kind) {
                whole = outcome;
            }
        }
        Ok(whole)
    }

    fn fold_fact(&mut self, connection: &Connection, fact: &Fact) -> Result<Outcome, FoldError> {
        match fact {
            Fact::Level(level) => self.fold_level_fact(connection, level),
            Fact::LevelGone { item, location, at } => {
                self.fold_level_gone(connection, item, location, *at)
            }
            Fact::Item(item) => self.fold_item_fact(connection, item, Road::Told),
            Fact::ItemGone { item } => self.fold_item_gone(connection, item),
            Fact::Order(order) => self.fold_order_fact(connection, order),
            Fact::Reception(_)
            | Fact::ReceptionChanged { .. }
            | Fact::Merchant { .. }
            | Fact::Counters(_)
            | Fact::SomethingChanged => {
                Ok(Outcome::unknown_entity("nothing is announced by a connection of one client"))
            }
            Fact::AccessRevoked => self.fold_access_revoked(connection),
        }
    }

    fn fold_level_fact(
        &mut self,
        connection: &Connection,
        fact: &LevelFact,
    ) -> Result<Outcome, FoldError> {
        let Some(link) = self.link(connection, LinkKind::Counter, &fact.item)? else {
            return Ok(Outcome::unknown_entity(format!("no item is linked with {}", fact.item)));
        };
        let mut level = self.level_at(connection, &link, &fact.location)?;
        let at = self.dated_after(&level, self.believed(fact.at));
        let seen = Seen { available: fact.available, at };
        let Some(seen) = plant::bend(self.plant, &mut level, seen) else {
            return Ok(Outcome::unchanged(""));
        };
        let known = level.bookings;
        let verdict = level.deliver(seen);
        // What we knew, told again by something that is no newer, says nothing of now.
        let is_repeat = verdict == Verdict::Unchanged && level.bookings == known;
        level.see(verdict.is_figure() && !is_repeat, self.at);
        self.follow(connection, level, verdict)
    }

    fn fold_level_gone(
        &mut self,
        connection: &Connection,
        item: &RemoteId,
        location: &RemoteId,
        at: Option<Instant>,
    ) -> Result<Outcome, FoldError> {
        let Some(link) = self.link(connection, LinkKind::Counter, item)? else {
            return Ok(Outcome::unknown_entity(format!("no item is linked with {item}")));
        };
        let mut level = self.level_at(connection, &link, location)?;
        let at = self.dated_after(&level, self.believed(at));
        let verdict = level.gone(at);
        level.seen_at = Some(self.at);
        self.follow(connection, level, verdict)
    }

    /// What follows from a verdict on a delivery's figure.
    fn follow(
        &mut self,
        connection: &Connection,
        level: Level,
        verdict: Verdict,
    ) -> Result<Outcome, FoldError> {
        let (level, verdict) = self.under_the_brake(connection, level, verdict)?;
        let outcome = match verdict {
            Verdict::Hint if level.held => Outcome::applied("held by the brake: not booked"),
            Verdict::Baseline { .. } => Outcome::applied("first figure: a baseline"),
            Verdict::Booked { difference } => Outcome::applied(format!("booked {difference:+}")),
            Verdict::Stale => Outcome::new(OutcomeKind::Stale, "something newer is known"),
            Verdict::Hint => Outcome::applied("cannot be dated: a read is owed"),
            Verdict::Suspended => Outcome::applied("no longer counted there"),
            // Only a read is raced or disputed.
            Verdict::Unchanged | Verdict::Raced | Verdict::Disputed => Outcome::unchanged(""),
        };
        self.settle_level(connection, level, verdict)?;
        Ok(outcome)
    }

    /// The level of a linked item at a location; one that is new is made, and the item remembers the place.
    pub(super) fn level_at(
        &mut self,
        connection: &Connection,
        link: &Link,
        location: &RemoteId,
    ) -> Result<Level, FoldError> {
        let key = LevelKey {
            client: link.client.clone(),
            item: link.item,
            connection: connection.id.clone(),
            location: location.clone(),
        };
        if let Some(level) = self.store.get(&key)? {
            return Ok(level);
        }
        self.add_place(&key)?;
        Ok(Level::unseen(key))
    }

    pub(super) fn link(
        &mut self,
        connection: &Connection,
        kind: LinkKind,
        remote: &RemoteId,
    ) -> Result<Option<Link>, FoldError> {
        let client = self.client_id()?;
        Ok(self.store.get(&(client, connection.id.clone(), kind, remote.clone()))?)
    }

    pub(super) fn fold_item_fact(
        &mut self,
        connection: &Connection,
        fact: &ItemFact,
        road: Road,
    ) -> Result<Outcome, FoldError> {
        let Some(remote) = &fact.item else {
            return Ok(Outcome::new(OutcomeKind::Unreadable, "an item without an id"));
        };
        let client = self.client_id()?;
        let key = (client.clone(), connection.id.clone(), remote.clone());
        let known: Option<Mirror> = self.store.get(&key)?;
        let at = self.believed(fact.at);
        if at.is_some() && known.as_ref().is_some_and(|mirror| mirror.at > at) {
            return Ok(Outcome::new(OutcomeKind::Stale, "something newer is known"));
        }
        // Two states of one second that came by webhook: which is the later one, only a read of the levels tells (rule 2).
        // The names are as they were told last: they book nothing, and are read anew before anything is linked by them.
        let ties = road == Road::Told
            && at.is_some()
            && known.as_ref().is_some_and(|known| {
                known.at == at && fact.tracked.is_some_and(|told| known.tracked != Some(told))
            });
        let tracked = fact.tracked.or_else(|| known.as_ref()?.tracked).filter(|_| !ties);
        let mirror = Mirror {
            client,
            connection: connection.id.clone(),
            remote: remote.clone(),
            variant: fact.variant.clone().or_else(|| known.as_ref()?.variant.clone()),
            sku: fact.sku.clone(),
            title: fact.title.clone().or_else(|| known.as_ref()?.title.clone()),
            tracked,
            gone: false,
            at: at.or_else(|| known.as_ref()?.at),
        };
        if known.as_ref() == Some(&mirror) {
            return Ok(Outcome::unchanged(""));
        }
        // What we were never told is taken as counted.
        let counted = is_counted(&mirror);
        let changed = known.map_or(!counted, |old| old.gone || old.tracked != mirror.tracked);
        self.store.put(mirror);
        if changed || ties {
            self.counting_changed(connection, remote, counted, at)?;
        }
        let note = if ties { "of the same second as what is known: a read is owed" } else { KEPT };
        Ok(Outcome::applied(note))
    }

    fn fold_item_gone(
        &mut self,
        connection: &Connection,
        remote: &RemoteId,
    ) -> Result<Outcome, FoldError> {
        let client = self.client_id()?;
        let key = (client, connection.id.clone(), remote.clone());
        let known: Option<Mirror> = self.store.get(&key)?;
        let linked = self.link(connection, LinkKind::Counter, remote)?.is_some();
        let Some(mut mirror) = known else {
            if linked {
                self.counting_changed(connection, remote, false, None)?;
                return Ok(Outcome::applied("deleted at the partner: nothing is owed"));
            }
            return Ok(Outcome::unknown_entity(format!("{remote} was not known")));
        };
        if mirror.gone {
            return Ok(Outcome::unchanged(""));
        }
        mirror.gone = true;
        self.store.put(mirror);
        self.counting_changed(connection, remote, false, None)?;
        Ok(Outcome::applied("deleted at the partner: nothing is owed"))
    }

    /// The partner has begun or ended counting an item, by its own clock: its levels are suspended, or read anew.
    fn counting_changed(
        &mut self,
        connection: &Connection,
        remote: &RemoteId,
        counted: bool,
        at: Option<Instant>,
    ) -> Result<(), FoldError> {
        let Some(link) = self.link(connection, LinkKind::Counter, remote)? else { return Ok(()) };
        for mut level in self.levels_of(link.item)? {
            if level.key.connection != connection.id {
                continue;
            }
            let verdict = if counted {
                level.look_again();
                Verdict::Hint
            } else {
                level.suspend()
            };
            level.begins_at(at);
            self.settle_level(connection, level, verdict)?;
        }
        Ok(())
    }

    pub(super) fn fold_access_revoked(
        &mut self,
        connection: &Connection,
    ) -> Result<Outcome, FoldError> {
        let why = "the partner has taken our access away: connect again, then resume";
        self.pause(&connection.id, why)?;
        Ok(Outcome::applied("connection paused"))
    }

    /// Stops a connection's sending, loudly.
    pub(super) fn pause(&mut self, id: &ConnectionId, why: &str) -> Result<(), FoldError> {
        let Some(mut connection) = self.connection(id)? else { return Ok(()) };
        // Calls that were under way together are refused together: the first one says why.
        if connection.status.sends() {
            let why = why.to_owned();
            self.announce("connection.paused", Some(id), json!({ "why": why }));
            connection.status = ConnectionStatus::Paused { since: self.at, why };
            self.store.put(connection);
        }
        Ok(())
    }
}

/// Whether a partner keeps a counter for its record, as far as it told us.
fn is_counted(mirror: &Mirror) -> bool {
    !mirror.gone && mirror.tracked != Some(false)
}

/// Which outcome of several facts stands for the whole delivery.
pub(super) const fn weight(kind: OutcomeKind) -> u8 {
    match kind {
        OutcomeKind::Unchanged => 0,
        OutcomeKind::Stale => 1,
        OutcomeKind::UnknownEntity => 2,
        OutcomeKind::UnknownStatus | OutcomeKind::Unroutable | OutcomeKind::Illegal => 3,
        OutcomeKind::Applied => 4,
        OutcomeKind::Unreadable => 5,
        OutcomeKind::Failed => 6,
    }
}
