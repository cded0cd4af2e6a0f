//! The verdict on the prep centre: our receptions, and the stock that came of them, against its own log; and what it counts
//! of its goods against our books, as the page compares them.

use std::collections::BTreeMap;

use anyhow::Result;
use crossdock_domain::reception::{Reception, ReceptionLine, ReceptionStatus, Shelved};
use crossdock_domain::stock::{Account, Witnessed};
use crossdock_domain::{ClientId, ItemId, RemoteId};
use crossdock_sandbox::prepbusiness::{GoodsTruth, InboundTruth, Status};
use crossdock_store::reader::items::ItemStock;

use super::Demo;
use super::prep::CONNECTOR;

/// What the comparison found.
#[derive(Debug, Default)]
pub(super) struct PrepVerdict {
    pub(super) inbounds: usize,
    pub(super) received: i64,
    pub(super) unsellable: i64,
    /// Items that it counts.
    pub(super) counted: usize,
    /// Of them those that it counts otherwise than our books.
    pub(super) drifting: usize,
    pub(super) disagreements: Vec<String>,
}

impl Demo {
    /// Compares what really came, per account and item and per inbound, with our books.
    pub(super) async fn prep_verdict(&self) -> Result<PrepVerdict> {
        let (goods, inbounds) =
            self.prep.running.partner.with(|centre, _| (centre.truth(), centre.inbounds_truth()));
        let mut verdict = PrepVerdict { inbounds: inbounds.len(), ..PrepVerdict::default() };
        for (account, client) in &self.prep.owners {
            let books = self.items_of(client).await?;
            let books: BTreeMap<_, _> =
                books.into_iter().map(|item| (item.item.sku.clone(), item)).collect();
            for told in goods.iter().filter(|item| item.merchant_id == *account) {
                verdict.received += told.received;
                verdict.unsellable += told.unsellable;
                let ours = told.sku.as_ref().and_then(|sku| books.get(sku));
                verdict.disagreements.extend(goods_differ(client, told, ours));
                let counter = match ours {
                    Some(ours) => self.counter(client, ours.item.id).await?,
                    None => None,
                };
                verdict.counted += usize::from(counter.is_some());
                verdict.disagreements.extend(counter_differs(client, told, counter.as_ref()));
            }
            for row in self.drifts(client).await? {
                verdict.drifting += 1;
                verdict.disagreements.push(drift(client, &row, &books));
            }
            for told in inbounds.iter().filter(|inbound| inbound.merchant_id == *account) {
                let ours = self.reception(client, told.id).await?;
                verdict.disagreements.extend(inbound_differs(told, ours.as_ref()));
            }
        }
        Ok(verdict)
    }

    /// What the centre was last read to count of an item.
    async fn counter(&self, client: &ClientId, item: ItemId) -> Result<Option<Witnessed>> {
        let client = client.clone();
        let rows = self.house.app.look.at(move |reader| reader.witnessed(&client, item)).await?;
        Ok(rows.into_iter().find(|row| row.connection == self.prep.connection))
    }

    /// What the page shows as counted otherwise. A figure that it does not believe is compared with nothing.
    async fn drifts(&self, client: &ClientId) -> Result<Vec<Witnessed>> {
        let client = client.clone();
        let look = &self.house.app.look;
        let mut rows = look.at(move |reader| reader.drifts(&client, None, u32::MAX)).await?;
        rows.retain(|row| row.problem.is_none());
        Ok(rows)
    }

    async fn reception(
        &self,
        client: &ClientId,
        id: u64,
    ) -> Result<Option<(Reception, Vec<ReceptionLine>)>> {
        let (client, id): (ClientId, RemoteId) = (client.clone(), id.to_string().parse()?);
        let look = &self.house.app.look;
        Ok(look.at(move |reader| reader.reception(&client, CONNECTOR, &id)).await?)
    }
}

/// Where our books of an item differ from what came of it.
fn goods_differ(client: &ClientId, told: &GoodsTruth, ours: Option<&ItemStock>) -> Option<String> {
    let held = |account: &Account| {
        let balances = ours.map(|item| item.balances.as_slice()).unwrap_or_default();
        balances.iter().find(|b| b.account == *account).map_or(0, |b| b.quantity)
    };
    let (came, bad) = (-held(&Account::Supplier), held(&Account::Unsellable));
    let really = (told.received + told.unsellable, told.unsellable);
    let sku = told.sku.clone().unwrap_or_default();
    (really != (came, bad)).then(|| {
        format!(
            "{sku} of `{client}`: {came} units came in by our books, {bad} of them unsellable; really {} and {}",
            really.0, really.1
        )
    })
}

/// Where the last reading of a counter is not what lies there: else books that agree could be ones that nobody compared.
/// Rightly not counted is what never came (a counter makes no item of ours), and not believed what the shop has oversold.
fn counter_differs(
    client: &ClientId,
    told: &GoodsTruth,
    row: Option<&Witnessed>,
) -> Option<String> {
    let really = told.in_stock;
    let sku = told.sku.clone().unwrap_or_default();
    let differs = match row {
        Some(row) => really >= 0 && row.counted != Some(really),
        None => really != 0,
    };
    differs.then(|| match row.and_then(|row| row.counted) {
        Some(counted) => format!("{sku} of `{client}`: last counted {counted}, really {really}"),
        None => format!("{sku} of `{client}`: never counted, really {really}"),
    })
}

/// An item that the page shows as counted otherwise than in our books.
fn drift(client: &ClientId, row: &Witnessed, books: &BTreeMap<String, ItemStock>) -> String {
    let named = books.values().find(|item| item.item.id == row.item);
    let sku = named.map_or("an item that is gone", |item| item.item.sku.as_str());
    let counted = row.counted.unwrap_or_default();
    let (held, committed) = (row.held, row.committed);
    format!(
        "{sku} of `{client}`: the prep centre counts {counted}, our books have {held} and {committed} that are taken"
    )
}

/// Where our reception differs from the inbound.
fn inbound_differs(
    told: &InboundTruth,
    ours: Option<&(Reception, Vec<ReceptionLine>)>,
) -> Option<String> {
    let Some((reception, lines)) = ours else {
        return Some(format!("inbound {}: we do not have it", told.id));
    };
    let has_any = told.lines.iter().any(|line| line.actual + line.unsellable > 0);
    let status = match told.status {
        Status::Received => ReceptionStatus::Received,
        Status::Open | Status::Shipped if has_any => ReceptionStatus::PartlyReceived,
        Status::Shipped => ReceptionStatus::Shipped,
        Status::Open => ReceptionStatus::Submitted,
    };
    let shelved = if told.archived { Shelved::Archived } else { Shelved::No };
    let theirs: BTreeMap<_, _> = told
        .lines
        .iter()
        .map(|line| (line.sku.clone(), [line.expected, line.actual, line.unsellable]))
        .collect();
    let booked: BTreeMap<_, _> = lines
        .iter()
        .map(|line| {
            (line.told.sku.get().cloned(), [line.requested(), line.received(), line.unsellable()])
        })
        .collect();
    let really = (status, shelved, &theirs);
    let by_our_books = (reception.status(), reception.shelved(), &booked);
    (really != by_our_books)
        .then(|| format!("inbound {}: by our books {by_our_books:?}, really {really:?}", told.id))
}
