//! The judge: once everything is at rest, the books of every client are what the centre's own log adds up to, every
//! inbound stands as it stands there, nobody has anything of another, and nothing is left over.

use std::collections::BTreeMap;

use crossdock_domain::merchant::Fetching;
use crossdock_domain::reception::{Reception, ReceptionLine, ReceptionStatus, Shelved};
use crossdock_domain::stock::Account;
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{ClientId, ConnectionId, ItemId, RemoteId};
use crossdock_store::Reader;
use crossdock_store::reader::items::ItemStock;

use super::scene::ACCOUNTS;
use super::stage::{Stage, bad, centre, client_of};
use crate::audit::{Audit, audit};
use crate::finding::{Finding, Found};
use crate::partner;
use crate::partner::centre::{CONNECTOR, InboundTruth, LineTruth, Status};

/// The account under which lies what names none.
const NAMELESS: &str = "?";

/// Units that can be sold, and units that cannot.
type Units = (i64, i64);

/// An inbound as it is, and as its client has it.
struct Kept {
    truth: InboundTruth,
    reception: Reception,
    lines: Vec<ReceptionLine>,
}

impl Kept {
    /// It has come under another account since it was handed on: what is told of it there is taken by nobody.
    fn is_disputed(&self) -> bool {
        self.reception.merchant.as_str() != self.truth.merchant_id.to_string()
    }

    /// What came of it, by item.
    fn came(&self, stocks: &[ItemStock]) -> Result<Vec<(ItemId, Units)>, String> {
        if self.is_disputed() {
            let booked =
                |line: &ReceptionLine| Some((line.item?, (line.booked, line.booked_unsellable)));
            return Ok(self.lines.iter().filter_map(booked).collect());
        }
        let mut came = Vec::new();
        for line in &self.truth.lines {
            let units = (line.actual, line.unsellable);
            let Some(name) = Names::of(line.sku.as_ref(), line.asin.as_ref()) else { continue };
            match stocks.iter().find(|stock| name.are_of(stock)) {
                Some(stock) => came.push((stock.item.id, units)),
                None if units == (0, 0) => {}
                None => {
                    return Err(format!("{units:?} came of {name:?}, and we have no such item"));
                }
            }
        }
        Ok(came)
    }

    /// It stands as it is at the centre; or, where it is disputed, a person was told.
    fn is_true(&self, reader: &Reader, names: &BTreeMap<ItemId, ItemStock>) -> Found<()> {
        let off = |what: String| Finding::Reception {
            client: self.reception.client.to_string(),
            reception: self.truth.id,
            what,
        };
        if self.is_disputed() {
            let account = self.truth.merchant_id.to_string().parse().map_err(bad)?;
            let known = reader.merchant(&centre()?, &account)?;
            let errors = known.map(|known| known.tally.errors).unwrap_or_default();
            let what = format!("it is of account {account} now, and nobody was told");
            return if errors > 0 { Ok(()) } else { Err(off(what)) };
        }
        compare_whole(&self.truth, &self.reception).map_err(off)?;
        compare_lines(&self.truth, &self.lines, names).map_err(off)
    }
}

impl Stage {
    pub(super) fn judge(&mut self) -> Found<()> {
        let reader = self.world.reader()?;
        self.every_delivery_has_one_entry()?;
        let kept = self.look_who_has_what(&reader)?;
        self.nothing_has_strayed(&kept)?;
        self.the_centre_did_nothing_twice()?;
        self.nothing_is_left_over(&reader)?;
        self.the_centre_did_what_counts_as_done()?;
        let kept = self.with_lines(kept, &reader)?;
        for known in &ACCOUNTS {
            let client = client_of(known.id)?;
            let stocks = reader.items(&client, None, "", u32::MAX)?;
            let own: Vec<&Kept> =
                kept.iter().filter(|one| one.reception.client == client).collect();
            self.the_books_are_true(&client, &own, &stocks)?;
            let names = stocks.into_iter().map(|stock| (stock.item.id, stock)).collect();
            for one in own {
                one.is_true(&reader, &names)?;
            }
        }
        let what = Audit {
            rebuilds: vec![self.rebuild_by],
            is_truthful: false,
            find: partner::find,
            plant: self.plant,
        };
        audit(&mut self.world, &what)
    }

    /// Every inbound there is, as its client has it.
    fn with_lines(&self, mut kept: BTreeMap<u64, Reception>, reader: &Reader) -> Found<Vec<Kept>> {
        let mut all = Vec::new();
        for truth in self.side.with(|centre| centre.inbounds_truth()) {
            let Some(reception) = kept.remove(&truth.id) else {
                let (client, reception) = (self.owner(truth.merchant_id)?.to_string(), truth.id);
                let what = "nobody has it".to_owned();
                return Err(Finding::Reception { client, reception, what });
            };
            let found = reader.reception(&reception.client, CONNECTOR, &reception.source_id)?;
            let lines = found.map(|(_, lines)| lines).unwrap_or_default();
            all.push(Kept { truth, reception, lines });
        }
        match kept.pop_first() {
            Some((reception, extra)) => {
                let what = "the centre has no such inbound".to_owned();
                Err(Finding::Reception { client: extra.client.to_string(), reception, what })
            }
            None => Ok(all),
        }
    }

    fn the_books_are_true(
        &self,
        client: &ClientId,
        kept: &[&Kept],
        stocks: &[ItemStock],
    ) -> Found<()> {
        no_goods_are_there_twice(client, stocks)?;
        let goods = self.side.with(|centre| centre.truth());
        let off = |goods: &str, what: String| {
            let (client, goods) = (client.to_string(), goods.to_owned());
            Finding::Received { client, goods, what }
        };
        let is_known = |stock: &&ItemStock| {
            let mut names =
                goods.iter().filter_map(|one| Names::of(one.sku.as_ref(), one.asin.as_ref()));
            names.any(|names| names.are_of(stock))
        };
        if let Some(stock) = stocks.iter().find(|stock| !is_known(stock)) {
            return Err(off(&stock.item.sku, "no such goods are at the centre".to_owned()));
        }
        let mut came: BTreeMap<ItemId, Units> = BTreeMap::new();
        for one in kept {
            let units = one.came(stocks).map_err(|what| off("goods", what))?;
            for (item, (received, unsellable)) in units {
                let sum = came.entry(item).or_default();
                *sum = (sum.0 + received, sum.1 + unsellable);
            }
        }
        for stock in stocks {
            let came = came.remove(&stock.item.id).unwrap_or_default();
            compare_goods(stock, came).map_err(|what| off(&stock.item.sku, what))?;
        }
        Ok(())
    }

    fn nothing_is_left_over(&mut self, reader: &Reader) -> Found<()> {
        let left = |what: String| Err(Finding::LeftOver { what });
        let connection = centre()?;
        for task in self.world.open_tasks()? {
            let is_planned =
                task.state == TaskState::Waiting && matches!(task.work, Work::BeginPoll { .. });
            if !is_planned && !self.is_impossible(&task) {
                return left(format!("{:?}, {}", task.work, task.state.word()));
            }
        }
        self.nothing_waits(&connection, reader)?;
        for truth in self.side.with(|centre| centre.inbounds_truth()) {
            let key = (connection.clone(), truth.id.to_string().parse().map_err(bad)?);
            let reading: Option<Fetching> = self.world.store().get(&key)?;
            if reading.is_some() {
                return left(format!("inbound {} counts as being read", truth.id));
            }
        }
        Ok(())
    }

    fn nothing_waits(&self, connection: &ConnectionId, reader: &Reader) -> Found<()> {
        let ids = ACCOUNTS.iter().take(self.scene.accounts).map(|one| one.id.to_string());
        for id in ids.chain([NAMELESS.to_owned()]) {
            let id: RemoteId = id.parse().map_err(bad)?;
            let waiting = reader.unrouted(connection, &id, 1)?.len();
            let tally = reader.merchant(connection, &id)?.map(|one| one.tally);
            let counted = tally.unwrap_or_default().waiting;
            if waiting > 0 || counted > 0 {
                let what =
                    format!("account {id}: {counted} count as waiting, {waiting} or more do");
                return Err(Finding::LeftOver { what });
            }
        }
        Ok(())
    }
}

fn blank_is_none(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// What goods are called, and found by: their SKU, else their ASIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Names<'a> {
    Sku(&'a str),
    Asin(&'a str),
}

impl<'a> Names<'a> {
    fn of(sku: Option<&'a String>, asin: Option<&'a String>) -> Option<Self> {
        let asin = || blank_is_none(asin).map(Self::Asin);
        blank_is_none(sku).map(Self::Sku).or_else(asin)
    }

    fn are_of(self, stock: &ItemStock) -> bool {
        match self {
            Self::Sku(sku) => stock.item.sku == sku,
            Self::Asin(asin) => stock.item.asin.as_deref() == Some(asin),
        }
    }
}

fn no_goods_are_there_twice(client: &ClientId, stocks: &[ItemStock]) -> Found<()> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for stock in stocks {
        *times.entry(&stock.item.sku).or_default() += 1;
    }
    match times.into_iter().find(|(_, times)| *times > 1) {
        Some((goods, times)) => {
            let (client, goods) = (client.to_string(), goods.to_owned());
            Err(Finding::Doubled { client, goods, times })
        }
        None => Ok(()),
    }
}

fn compare_goods(stock: &ItemStock, (received, unsellable): (i64, i64)) -> Result<(), String> {
    let held = |is_it: fn(&Account) -> bool| -> i64 {
        let balances = stock.balances.iter().filter(|one| is_it(&one.account));
        balances.map(|one| one.quantity).sum()
    };
    let ours = (
        held(|account| matches!(account, Account::Pool(_))),
        held(|account| matches!(account, Account::Unsellable)),
        held(|account| matches!(account, Account::Supplier)),
    );
    let truth = (received, unsellable, -(received + unsellable));
    if ours == truth {
        return Ok(());
    }
    Err(format!(
        "we hold {} and {} that cannot be sold, by the supplier {}; in truth {}, {} and {}",
        ours.0, ours.1, ours.2, truth.0, truth.1, truth.2
    ))
}

fn compare_whole(truth: &InboundTruth, ours: &Reception) -> Result<(), String> {
    let status = match truth.status {
        Status::Open => ReceptionStatus::Submitted,
        Status::Shipped => ReceptionStatus::Shipped,
        Status::Received => ReceptionStatus::Received,
    };
    let came = truth.lines.iter().any(|line| line.actual > 0 || line.unsellable > 0);
    let status = if came { status.max(ReceptionStatus::PartlyReceived) } else { status };
    let shelved = if truth.archived { Shelved::Archived } else { Shelved::No };
    if (ours.status(), ours.shelved()) != (status, shelved) {
        let ours = (ours.status(), ours.shelved());
        return Err(format!("it is {ours:?} with us, in truth {:?}", (status, shelved)));
    }
    let parcels = ours.told.tracking.get();
    let numbers = parcels.into_iter().flatten().map(|parcel| parcel.number.clone());
    let (numbers, mut theirs): (Vec<_>, _) = (numbers.collect(), truth.tracking_numbers.clone());
    theirs.sort();
    if numbers != theirs {
        return Err(format!("it has the parcels {numbers:?} with us, in truth {theirs:?}"));
    }
    Ok(())
}

fn compare_lines(
    truth: &InboundTruth,
    ours: &[ReceptionLine],
    names: &BTreeMap<ItemId, ItemStock>,
) -> Result<(), String> {
    let there: Vec<&ReceptionLine> = ours.iter().filter(|line| !line.gone).collect();
    let lines = added_up(&truth.lines);
    if there.len() != lines.len() {
        let (ours, theirs) = (there.len(), lines.len());
        return Err(format!("it has {ours} lines with us, in truth {theirs}"));
    }
    for line in &lines {
        let is_it = |one: &&&ReceptionLine| is_line(one, line, names);
        let Some(found) = there.iter().find(is_it) else {
            return Err(format!("we do not have its line of {:?} {:?}", line.sku, line.asin));
        };
        let ours = (found.requested(), found.received(), found.unsellable());
        let theirs = (line.expected, line.actual, line.unsellable);
        if ours != theirs {
            return Err(format!("line {} is {ours:?} with us, in truth {theirs:?}", found.line));
        }
        let is_named = Names::of(line.sku.as_ref(), line.asin.as_ref()).is_some();
        if is_named != found.problem.is_none() {
            return Err(format!("line {}: {:?}", found.line, found.problem));
        }
        let due = if is_named { (line.actual, line.unsellable) } else { (0, 0) };
        if (found.booked, found.booked_unsellable) != due {
            let booked = (found.booked, found.booked_unsellable);
            return Err(format!("of line {} {booked:?} is booked, due is {due:?}", found.line));
        }
    }
    Ok(())
}

/// Lines as a client has them: what is the same by name is one.
fn added_up(lines: &[LineTruth]) -> Vec<LineTruth> {
    let mut all: Vec<LineTruth> = Vec::new();
    for line in lines {
        let name = Names::of(line.sku.as_ref(), line.asin.as_ref());
        let same = all
            .iter_mut()
            .find(|one| name.is_some() && Names::of(one.sku.as_ref(), one.asin.as_ref()) == name);
        match same {
            Some(same) => {
                same.expected += line.expected;
                same.actual += line.actual;
                same.unsellable += line.unsellable;
            }
            None => all.push(line.clone()),
        }
    }
    all
}

fn is_line(ours: &ReceptionLine, truth: &LineTruth, names: &BTreeMap<ItemId, ItemStock>) -> bool {
    let called = Names::of(truth.sku.as_ref(), truth.asin.as_ref());
    match (ours.item.and_then(|item| names.get(&item)), called) {
        (Some(stock), Some(called)) => called.are_of(stock),
        (None, None) => {
            ours.told.remote_item.get().is_some_and(|id| *id == truth.item_id.to_string())
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}
