//! The judge: once everything is at rest, the books of every client are what the centre's own log adds up to, every
//! inbound stands as it stands there, nobody has anything of another, and nothing is left over.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::merchant::Fetching;
use crossdock_domain::reception::{Reception, ReceptionLine, ReceptionStatus, Shelved};
use crossdock_domain::stock::Account;
use crossdock_domain::task::{TaskState, Work};
use crossdock_domain::{ClientId, ConnectionId, ItemId, RemoteId};
use crossdock_store::Reader;
use crossdock_store::reader::items::ItemStock;
use crossdock_store::reader::receptions::ReceptionFilter;

use super::scene::ACCOUNTS;
use super::stage::{Stage, bad, centre, client_of};
use crate::audit::{Audit, audit};
use crate::finding::{Finding, Found};
use crate::partner;
use crate::partner::centre::{CONNECTOR, GoodsTruth, InboundTruth, LineTruth, Status};

/// The account under which lies what names none.
const NAMELESS: &str = "?";

impl Stage {
    pub(super) fn judge(&mut self) -> Found<()> {
        let reader = self.world.reader()?;
        self.every_delivery_has_one_entry()?;
        self.nothing_is_left_over(&reader)?;
        for account in 0..self.scene.accounts {
            self.the_books_are_true(account, &reader)?;
        }
        let what = Audit {
            rebuilds: vec![self.rebuild_by],
            is_truthful: false,
            find: partner::find,
            plant: self.plant,
        };
        audit(&mut self.world, &what)
    }

    fn the_books_are_true(&self, account: usize, reader: &Reader) -> Found<()> {
        let Some(known) = ACCOUNTS.get(account) else { return Ok(()) };
        let client = client_of(known.id)?;
        let stocks = reader.items(&client, None, "", u32::MAX)?;
        let mut ours = BTreeSet::new();
        for goods in self.goods_of(account) {
            let stock = stocks.iter().find(|stock| is_of(stock, &goods));
            ours.extend(stock.map(|stock| stock.item.id));
            compare_goods(&client, &goods, stock)?;
        }
        if let Some(stock) = stocks.iter().find(|stock| !ours.contains(&stock.item.id)) {
            let what = "no such goods are at the centre".to_owned();
            let (client, goods) = (client.to_string(), stock.item.sku.clone());
            return Err(Finding::Received { client, goods, what });
        }
        let names = stocks.into_iter().map(|stock| (stock.item.id, stock)).collect();
        self.the_receptions_are_true(known.id, &client, (reader, &names))
    }

    fn the_receptions_are_true(
        &self,
        account: u64,
        client: &ClientId,
        (reader, names): (&Reader, &BTreeMap<ItemId, ItemStock>),
    ) -> Found<()> {
        let mut truths = self.side.with(|centre| centre.inbounds_truth());
        truths.retain(|one| one.merchant_id == account);
        for truth in &truths {
            let id: RemoteId = truth.id.to_string().parse().map_err(bad)?;
            let off = |what: String| Finding::Reception {
                client: client.to_string(),
                reception: truth.id,
                what,
            };
            let found = reader.reception(client, CONNECTOR, &id)?;
            let (reception, lines) = found.ok_or_else(|| off("we do not have it".to_owned()))?;
            compare_whole(truth, &reception).map_err(off)?;
            compare_lines(truth, &lines, names).map_err(off)?;
        }
        let all = ReceptionFilter { limit: u32::MAX, ..ReceptionFilter::default() };
        let has = reader.receptions(client, &all)?.len();
        if has != truths.len() {
            let (client, reception) = (client.to_string(), 0);
            let what = format!("it has {has} receptions, {} are its own", truths.len());
            return Err(Finding::Reception { client, reception, what });
        }
        Ok(())
    }

    fn nothing_is_left_over(&mut self, reader: &Reader) -> Found<()> {
        let left = |what: String| Err(Finding::LeftOver { what });
        let connection = centre()?;
        for task in self.world.open_tasks()? {
            let is_planned =
                task.state == TaskState::Waiting && matches!(task.work, Work::BeginPoll { .. });
            if !is_planned {
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

/// Goods are found by their SKU, else by their ASIN.
fn is_of(stock: &ItemStock, goods: &GoodsTruth) -> bool {
    match (blank_is_none(goods.sku.as_ref()), blank_is_none(goods.asin.as_ref())) {
        (Some(sku), _) => stock.item.sku == sku,
        (None, Some(asin)) => stock.item.asin.as_deref() == Some(asin),
        (None, None) => false,
    }
}

fn compare_goods(client: &ClientId, goods: &GoodsTruth, stock: Option<&ItemStock>) -> Found<()> {
    let (sku, asin) = (blank_is_none(goods.sku.as_ref()), blank_is_none(goods.asin.as_ref()));
    let Some(name) = sku.or(asin) else { return Ok(()) };
    let held = |is_it: fn(&Account) -> bool| -> i64 {
        let balances = stock.iter().flat_map(|stock| &stock.balances);
        balances.filter(|one| is_it(&one.account)).map(|one| one.quantity).sum()
    };
    let ours = (
        held(|account| matches!(account, Account::Pool(_))),
        held(|account| matches!(account, Account::Unsellable)),
        held(|account| matches!(account, Account::Supplier)),
    );
    let came = goods.received + goods.unsellable;
    let truth = (goods.received, goods.unsellable, -came);
    if ours == truth {
        return Ok(());
    }
    let what = format!(
        "we hold {} and {} that cannot be sold, by the supplier {}; in truth {}, {} and {}",
        ours.0, ours.1, ours.2, truth.0, truth.1, truth.2
    );
    Err(Finding::Received { client: client.to_string(), goods: name.to_owned(), what })
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
    if there.len() != truth.lines.len() {
        return Err(format!(
            "it has {} lines with us, in truth {}",
            there.len(),
            truth.lines.len()
        ));
    }
    for line in &truth.lines {
        let is_it = |one: &&&ReceptionLine| is_line(one, line, names);
        let Some(found) = there.iter().find(is_it) else {
            return Err(format!("we do not have its line of {:?} {:?}", line.sku, line.asin));
        };
        let ours = (found.requested(), found.received(), found.unsellable());
        let theirs = (line.expected, line.actual, line.unsellable);
        if ours != theirs {
            return Err(format!("line {} is {ours:?} with us, in truth {theirs:?}", found.line));
        }
        let is_named = blank_is_none(line.sku.as_ref().or(line.asin.as_ref())).is_some();
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

fn is_line(ours: &ReceptionLine, truth: &LineTruth, names: &BTreeMap<ItemId, ItemStock>) -> bool {
    let Some(stock) = ours.item.and_then(|item| names.get(&item)) else {
        return truth.sku.is_none() && blank_is_none(truth.asin.as_ref()).is_none();
    };
    match (blank_is_none(truth.sku.as_ref()), blank_is_none(truth.asin.as_ref())) {
        (Some(sku), _) => stock.item.sku == sku,
        (None, Some(asin)) => stock.item.asin.as_deref() == Some(asin),
        (None, None) => false,
    }
}
