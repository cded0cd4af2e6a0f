//! Whose the accounts are, by what people said; and who has what was told of them: one client each, for good, and one whose
//! the account was.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::command::{Command, PutMerchant};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::merchant::Merchant;
use crossdock_domain::reception::Reception;
use crossdock_domain::{ClientId, Instant, RemoteId};
use crossdock_store::Reader;
use crossdock_store::reader::receptions::ReceptionFilter;

use super::performing::ANNOUNCED;
use super::scene::ACCOUNTS;
use super::stage::{Stage, bad, centre, client_of};
use crate::finding::{Finding, Found};
use crate::partner::centre::Happening;
use crate::world::stamp;

/// Since when each account belongs to whom, in order.
#[derive(Debug, Default)]
pub(super) struct Owners(BTreeMap<u64, Vec<(Instant, ClientId)>>);

impl Owners {
    fn now(&self, account: u64) -> Option<&ClientId> {
        Some(&self.0.get(&account)?.last()?.1)
    }

    /// Whose an account was at an instant, and at any later one.
    fn since(&self, account: u64, at: Instant) -> impl Iterator<Item = &ClientId> {
        let given = self.0.get(&account).map(Vec::as_slice).unwrap_or_default();
        let later = given.partition_point(|(since, _)| *since <= at);
        given.iter().skip(later.saturating_sub(1)).map(|(_, client)| client)
    }
}

/// A person says whose an account is.
struct Giving<'a> {
    account: u64,
    to: &'a ClientId,
    accepts: bool,
    /// Whose it was before, as far as anybody had said.
    before: Option<ClientId>,
}

impl Stage {
    /// The client of an account; as long as nobody has said so, the one whom it is meant for.
    pub(super) fn owner(&self, account: u64) -> Found<ClientId> {
        match self.owners.now(account) {
            Some(client) => Ok(client.clone()),
            None => client_of(account),
        }
    }

    /// A person says whose an account is, and changes nothing where that is known.
    pub(super) fn map(&mut self, account: usize) -> Found<()> {
        let Some(known) = ACCOUNTS.get(account) else { return Ok(()) };
        let to = self.owner(known.id)?;
        self.give_account(known.id, &to, false)
    }

    pub(super) fn remap(&mut self, account: usize, client: usize, accepts: bool) -> Found<()> {
        let (Some(known), Some(to)) = (ACCOUNTS.get(account), ACCOUNTS.get(client)) else {
            return Ok(());
        };
        self.give_account(known.id, &client_of(to.id)?, accepts)
    }

    fn give_account(&mut self, account: u64, to: &ClientId, accepts: bool) -> Found<()> {
        let merchant: RemoteId = account.to_string().parse().map_err(bad)?;
        let giving = Giving { account, to, accepts, before: self.owners.now(account).cloned() };
        let ended = self.give(&Command::PutMerchant(PutMerchant {
            connection: centre()?,
            merchant: merchant.clone(),
            client: to.clone(),
            destination: None,
            accept_history: accepts,
        }))?;
        let known: Option<Merchant> = self.world.store().get(&(centre()?, merchant))?;
        let has = known.and_then(|merchant| merchant.client);
        if let Some(client) = has.filter(|client| Some(client) != giving.before.as_ref()) {
            let given = self.owners.0.entry(account).or_default();
            given.push((self.world.now, client));
        }
        match ended {
            Some(outcome) => self.was_rightly_given(&giving, &outcome),
            None => Ok(()),
        }
    }

    /// Where others have what was told of an account, nobody gets it who has not been told so; and anybody else does.
    fn was_rightly_given(&mut self, giving: &Giving<'_>, outcome: &Outcome) -> Found<()> {
        let reader = self.world.reader()?;
        let kept = self.look_who_has_what(&reader)?;
        let is_history = |one: &&Reception| {
            one.merchant.as_str() == giving.account.to_string() && one.client != *giving.to
        };
        let history = kept.values().filter(is_history).count();
        let is_new = giving.before.as_ref() != Some(giving.to);
        let is_to_be_asked = is_new && !giving.accepts && history > 0;
        let is_refused = outcome.kind == OutcomeKind::Illegal;
        let is_given = matches!(outcome.kind, OutcomeKind::Applied | OutcomeKind::Unchanged);
        if is_refused == is_to_be_asked && is_given != is_refused {
            return Ok(());
        }
        let (account, to, kind) = (giving.account, giving.to, outcome.kind.word());
        let what =
            format!("others have {history} of its inbounds, and giving it to `{to}` was {kind}");
        Err(Finding::Unasked { account, what })
    }

    /// It comes under another account at the centre. What we announced stays where it is.
    pub(super) fn reassign(&mut self, inbound: usize, account: usize) -> Found<()> {
        let (Some(inbound), Some(to)) = (self.inbound(inbound), ACCOUNTS.get(account)) else {
            return Ok(());
        };
        if inbound.merchant_id == to.id || inbound.name != ANNOUNCED {
            return Ok(());
        }
        let now = stamp(self.world.now);
        self.side.with(|centre| centre.reassign(inbound.id, to.id, now)).map_err(bad)?;
        self.moved.entry(inbound.id).or_default().insert(inbound.merchant_id);
        Ok(())
    }

    /// Who has each inbound now. Nobody may have what another had.
    pub(super) fn look_who_has_what(&mut self, reader: &Reader) -> Found<BTreeMap<u64, Reception>> {
        let mut kept = BTreeMap::new();
        for one in &ACCOUNTS {
            let client = client_of(one.id)?;
            let all = ReceptionFilter { limit: u32::MAX, ..ReceptionFilter::default() };
            for reception in reader.receptions(&client, &all)? {
                let id: u64 = reception.source_id.as_str().parse().map_err(bad)?;
                let keeper = self.keepers.entry(id).or_insert_with(|| client.clone());
                if *keeper != client {
                    let what = format!("`{keeper}` had it before");
                    let client = client.to_string();
                    return Err(Finding::Strayed { client, reception: id, what });
                }
                kept.insert(id, reception);
            }
        }
        Ok(kept)
    }

    /// Each inbound is with a client whose its account was, since it was opened.
    pub(super) fn nothing_has_strayed(&self, kept: &BTreeMap<u64, Reception>) -> Found<()> {
        let opened = self.opened();
        for truth in self.side.with(|centre| centre.inbounds_truth()) {
            let Some(reception) = kept.get(&truth.id) else { continue };
            let at = opened.get(&truth.id).copied().unwrap_or(self.world.now);
            let mut accounts = self.moved.get(&truth.id).cloned().unwrap_or_default();
            accounts.insert(truth.merchant_id);
            let owners = accounts.iter().flat_map(|account| self.owners.since(*account, at));
            let owners: BTreeSet<&ClientId> = owners.collect();
            if !owners.contains(&reception.client) {
                let owners: Vec<_> = owners.into_iter().map(ToString::to_string).collect();
                let owners =
                    if owners.is_empty() { "nobody".to_owned() } else { owners.join(", ") };
                let what = format!("it is of account {}, given to {owners}", truth.merchant_id);
                let client = reception.client.to_string();
                return Err(Finding::Strayed { client, reception: truth.id, what });
            }
        }
        Ok(())
    }

    /// When each inbound was opened.
    fn opened(&self) -> BTreeMap<u64, Instant> {
        self.side.with(|centre| {
            let log = centre.log(0).iter();
            let opened = log.filter_map(|entry| {
                let Happening::Opened { inbound_id, .. } = &entry.happening else { return None };
                Some((*inbound_id, Instant(entry.at.as_microsecond())))
            });
            opened.collect()
        })
    }
}
