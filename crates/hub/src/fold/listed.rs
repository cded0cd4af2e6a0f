//! What a list of receptions shows: which of them are to be read by themselves, and which were put away.

use crossdock_domain::Number;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::OutcomeKind;
use crossdock_domain::fact::{Fact, ReceptionFact};
use crossdock_domain::merchant::Merchant;
use crossdock_domain::reception::Shelved;
use crossdock_domain::sweep::Scope;

use super::digests::Digest;
use super::{Fold, FoldError};

/// A list of which a page is read.
pub(super) struct List<'a> {
    /// Whose.
    pub(super) account: &'a Merchant,
    pub(super) scope: Scope,
    /// It shows those that were put away.
    pub(super) archived: bool,
    /// The send that asked for the page.
    pub(super) reading: Option<Number>,
}

impl Fold<'_> {
    /// Has read by itself what a page shows as changed. What that was, in words.
    pub(super) fn read_what_changed(
        &mut self,
        connection: &Connection,
        list: &List<'_>,
        rows: &[ReceptionFact],
    ) -> Result<String, FoldError> {
        let merchant = &list.account.remote;
        let (mut changed, mut put_away, mut others) = (0, 0, 0);
        for row in rows {
            // A list that shows what others have is not believed to be this account's.
            if row.merchant.as_ref().is_some_and(|of| of != merchant) {
                others += 1;
            } else if self.is_news(list.account, row, list.scope)? {
                self.fetch_listed(connection, merchant, row)?;
                changed += 1;
            } else if list.archived && self.is_put_away(connection, list, row)? {
                put_away += 1;
            }
        }
        let mut note = format!("{} receptions, {changed} to be read", rows.len());
        if put_away > 0 {
            note = format!("{note}, {put_away} found put away");
        }
        if others > 0 {
            note = format!("{note}, {others} of other accounts left out");
        }
        Ok(note)
    }

    /// Whether a list shows a reception in a state that was not read yet. One that the list does not date is read by the
    /// readings of everything; and so is one that the list shows otherwise than before under the same date, and one with lines
    /// that wait: what is corrected at an item, and what was checked in without a word, need not move its date.
    fn is_news(
        &mut self,
        account: &Merchant,
        row: &ReceptionFact,
        scope: Scope,
    ) -> Result<bool, FoldError> {
        let route = self.route(&account.connection, &row.reception)?;
        Ok(match route {
            // Another account's, by what we know: whether that is so is for its own telling to show, once, and once again
            // in each reading of everything.
            Some(route) if route.merchant != account.remote => {
                scope == Scope::All || row.at > account.watermark
            }
            Some(route) if row.at.is_none() => scope == Scope::All || route.digests.said.is_empty(),
            Some(route) if row.at > route.read_at => true,
            Some(route) if scope == Scope::All => {
                let known = &route.digests;
                known.unsettled || route.unsure || known.listed != Some(Digest::of_row(row)?)
            }
            Some(route) => route.unsure && row.at == route.read_at,
            None => true,
        })
    }

    /// Hands on that a reception stands among those that were put away, unless it was handed on before: putting one away need not
    /// change its date. Whether it was news.
    fn is_put_away(
        &mut self,
        connection: &Connection,
        list: &List<'_>,
        row: &ReceptionFact,
    ) -> Result<bool, FoldError> {
        let told = ReceptionFact {
            merchant: Some(list.account.remote.clone()),
            shelved: row.shelved.max(Some(Shelved::Archived)),
            at: row.at,
            reading: list.reading.unwrap_or_default(),
            ..ReceptionFact::about(row.reception.clone())
        };
        let route = self.route(&connection.id, &row.reception)?;
        let digest = Digest::of(&told)?;
        if route.is_none_or(|route| digest.is_known(&route.digests.said)) {
            return Ok(false);
        }
        let outcome = self.tell(connection, &Fact::Reception(told))?;
        Ok(outcome.kind == OutcomeKind::Applied)
    }
}
