//! Lines of a reception: what was told of them is merged, and what differs from what is booked is booked.

use std::collections::BTreeMap;

use crossdock_domain::ItemId;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::merchant::Forward;
use crossdock_domain::reception::{LineTold, Reception, ReceptionLine};
use crossdock_domain::stock::ledger::against;
use crossdock_domain::stock::{Account, Reason};
use crossdock_store::Row;
use serde_json::json;

use super::super::identity::Identity;
use super::super::stock::Transfer;
use super::super::{Fold, FoldError};
use super::resolve::{Resolved, names_of};
use super::{LINES_PER_ENTRY, News};
use crate::plant;

impl Fold<'_> {
    /// Takes up what a telling says of lines, and says how many of them are not gone. `before` is their reception as it was.
    pub(super) fn tell_lines(
        &mut self,
        (before, reception): (Option<&Reception>, &mut Reception),
        resolved: BTreeMap<String, Resolved>,
        news: &mut News,
    ) -> Result<i64, FoldError> {
        let mut there = 0;
        // Nearly all that is ever told is told first of a reception without lines: each would be looked for in vain.
        let may_be_known = before.is_some_and(Reception::may_have_lines);
        for (name, told) in resolved {
            let known: Option<ReceptionLine> =
                if may_be_known { self.store.get(&line_key(reception, &name))? } else { None };
            if told.only_there && known.is_none() {
                continue;
            }
            let mut line = known.clone().unwrap_or_else(|| self.new_line(reception, &name));
            line.item = told.item;
            // First, since this telling may say again what it was that waited: only the books before it are added up.
            if line.item.is_some() && reception.totals.parked > 0 {
                self.absorb_parked(reception, &mut line, &told.told)?;
            }
            line.told.merge(&told.told);
            line.problem = told.why;
            there += i64::from(self.keep_line(reception, known.as_ref(), line, news)?);
        }
        Ok(there)
    }

    pub(super) fn new_line(&self, reception: &Reception, name: &str) -> ReceptionLine {
        ReceptionLine {
            client: reception.client.clone(),
            source: reception.source.clone(),
            source_id: reception.source_id.clone(),
            line: name.to_owned(),
            item: None,
            problem: None,
            told: LineTold::default(),
            gone: false,
            booked: 0,
            booked_unsellable: 0,
            told_by: self.number,
        }
    }

    /// Lines of this reception that waited under a name of this one, and are this one now, with what is told of it.
    fn absorb_parked(
        &mut self,
        reception: &mut Reception,
        line: &mut ReceptionLine,
        told: &LineTold,
    ) -> Result<(), FoldError> {
        let mut whole = line.told.clone();
        whole.merge(told);
        for name in whole.names() {
            let key = line_key(reception, &name);
            let Some(parked) = self.store.get::<ReceptionLine>(&key)? else { continue };
            if !self.is_now(&parked, (line.item, &whole))? {
                continue;
            }
            line.told.join(&parked.told);
            reception.totals.replace(Some(&parked), None);
            self.store.remove::<ReceptionLine>(key);
        }
        Ok(())
    }

    /// Whether what waited is certainly the same as a line whose item is known.
    fn is_now(
        &mut self,
        parked: &ReceptionLine,
        (item, told): (Option<ItemId>, &LineTold),
    ) -> Result<bool, FoldError> {
        let names = names_of(&parked.told);
        if parked.item.is_some() {
            return Ok(false);
        }
        if names.sku.is_none() && names.asin.is_none() {
            let remote = parked.told.remote_item.get();
            return Ok(remote.is_some() && remote == told.remote_item.get());
        }
        Ok(matches!(self.identify(names)?, Identity::Known(known) if Some(known) == item))
    }

    /// Puts a line down, and books what it says against what is booked for it. `problem` says why nobody can tell which item
    /// it is, if so. Whether it is there.
    pub(super) fn keep_line(
        &mut self,
        reception: &mut Reception,
        before: Option<&ReceptionLine>,
        mut line: ReceptionLine,
        news: &mut News,
    ) -> Result<bool, FoldError> {
        line.gone = line.is_gone(&reception.told);
        line.problem =
            if line.gone { None } else { line.problem.take().or_else(|| line.told.trouble()) };
        let is_booked = self.book_line(reception, &mut line, news)?;
        if is_booked || before.is_none_or(|before| !before.says_the_same(&line)) {
            line.told_by = self.number;
            news.lines += 1;
        }
        let was_parked = before.is_some_and(|before| before.problem.is_some());
        news.parked += u32::from(line.problem.is_some() && !was_parked);
        let is_there = !line.gone;
        reception.totals.replace(before, Some(&line));
        self.store.put(line);
        Ok(is_there)
    }

    /// Books the difference between what a line says and what is booked for it. Whether there was one.
    pub(super) fn book_line(
        &mut self,
        reception: &Reception,
        line: &mut ReceptionLine,
        news: &mut News,
    ) -> Result<bool, FoldError> {
        let (received, unsellable) = line.due();
        let difference = (received - line.booked, unsellable - line.booked_unsellable);
        let (more, more_unsellable) =
            plant::bend_check_in(self.plant, difference, (received, unsellable));
        let Some(item) = line.item.filter(|_| (more, more_unsellable) != (0, 0)) else {
            return Ok(false);
        };
        let pool = Account::Pool(reception.pool);
        for (account, difference) in [(pool.clone(), more), (Account::Unsellable, more_unsellable)]
        {
            if let Some((from, to, quantity)) = against(account, Account::Supplier, difference) {
                self.transfer(Transfer { item, from, to, quantity, reason: Reason::Received })?;
            }
        }
        (line.booked, line.booked_unsellable) = (received, unsellable);
        news.received += more;
        news.unsellable += more_unsellable;
        news.items.insert(item);
        news.booked.push(json!({
            "item": item, "sku": line.told.sku.get(), "asin": line.told.asin.get(),
            "received": more, "unsellable": more_unsellable,
        }));
        let left = self.balance(item, &pool)?.unwrap_or_default();
        if more < 0 && left < 0 {
            let body = json!({
                "item": item, "pool": reception.pool, "entry": self.number, "reception": reception.source_id,
                "taken_back": -more, "left": left,
            });
            self.announce("stock.oversold", Some(&reception.connection), body);
        }
        Ok(true)
    }

    /// Lines that a telling of the whole reception no longer has are gone: what is booked for them is taken back.
    pub(super) fn drop_lines(
        &mut self,
        reception: &mut Reception,
        (forward, fact): (&Forward, &ReceptionFact),
        news: &mut News,
    ) -> Result<(), FoldError> {
        let Some(since) = reception.told.lines.since() else { return Ok(()) };
        let old = self.store.lines_told_before(&reception.key(), since, LINES_PER_ENTRY)?;
        if old.len() == LINES_PER_ENTRY as usize {
            let rest = ReceptionFact { lines: Vec::new(), ..fact.clone() };
            self.fold_later(forward, std::iter::once(rest))?;
        }
        for line in old {
            self.keep_line(reception, Some(&line), line.clone(), news)?;
        }
        Ok(())
    }
}

/// What names a line of a reception.
pub(super) fn line_key(reception: &Reception, name: &str) -> <ReceptionLine as Row>::Key {
    let (client, source, source_id) = reception.key();
    (client, source, source_id, name.to_owned())
}
