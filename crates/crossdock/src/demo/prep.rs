//! The prep centre that joins the demo: two accounts there, of two clients; what is checked in for the first is sold in
//! the shop, and what the shop sells of it lies there.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context, Result};
use crossdock_domain::command::{Command, PutMerchant};
use crossdock_domain::connection::CallSettings;
use crossdock_domain::{ClientId, ConnectionId, LaneId, RemoteId};
use crossdock_sandbox::prepbusiness::{
    Centre, EVENTS, Impossible, ItemSetup, MerchantSetup, Setup, Units, Work,
};
use crossdock_sandbox::shopify::{ItemTruth, Shop};
use crossdock_sandbox::{Running, Shared};

use super::Demo;
use super::shelf::Shelf;
use crate::config::{ConnectionConfig, SecretSource, Setting};
use crate::{print, settle};

/// The connector that speaks to it.
pub(super) const CONNECTOR: &str = "prepbusiness";
/// Its account whose goods the shop sells.
const SELLS: u64 = 2;
/// Its account of somebody else.
const SOMEBODY_ELSE: u64 = 3;
/// Kinds of goods of an account: the last that the shop has, so that the first move by trade alone.
const GOODS: usize = 10;
/// Units that come in first, before anybody trades.
const FIRST_UNITS: i64 = 7;
/// What is done there while the demo runs. Few units at a time: the brake of the shop is not for an ordinary day.
const WORK: Work = Work {
    steps_per_second: 2.0,
    under_way_max: 4,
    max_quantity: 4,
    unsellable_share: 0.15,
    unlisted_share: 0.05,
    short_share: 0.15,
    correction_share: 0.4,
};

/// The prep centre, and whose its accounts are.
pub(crate) struct Prep {
    pub(crate) running: Running<Centre>,
    pub(crate) connection: ConnectionId,
    pub(crate) owners: BTreeMap<u64, ClientId>,
    /// What comes in first, before anybody trades.
    first: String,
}

impl Prep {
    /// Opens it: of the goods that it keeps for the shop, all that the shop opened with lies there. Nobody's accounts are
    /// known to us yet.
    pub(super) async fn open(seed: u64, sold: &[ItemTruth], sells: &ClientId) -> Result<Self> {
        let items = sold.len();
        let goods: Vec<ItemSetup> = (items.saturating_sub(GOODS) + 1..=items)
            .map(|number| ItemSetup::numbered("DEMO", number))
            .map(|goods| ItemSetup { opening: opening_of(&goods, sold), ..goods })
            .collect();
        let first = goods.first().and_then(|goods| goods.sku.clone());
        let first = first.context("the demo needs at least one item")?;
        let merchants = vec![
            MerchantSetup {
                items: goods,
                ..MerchantSetup::numbered(SELLS, "Demo merchant", "", 0)
            },
            MerchantSetup::numbered(SOMEBODY_ELSE, "Neighbour", "NEXT", GOODS),
        ];
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let setup = Setup { seed, merchants, ..Setup::default() };
        let running = crossdock_sandbox::start(setup, any).await?;
        let owners =
            BTreeMap::from([(SELLS, sells.clone()), (SOMEBODY_ELSE, "neighbour".parse()?)]);
        Ok(Self { running, connection: "prep".parse()?, owners, first })
    }

    /// The connection with it, as a configuration has it.
    pub(super) fn config(&self) -> ConnectionConfig {
        let (token, secret) = self.running.partner.with(|centre, _| {
            (centre.setup().token.clone(), centre.setup().webhook_secret.clone())
        });
        let secret_of = |text: &str| SecretSource::Value(text.into());
        let address = Setting::Text(format!("{}/api", self.running.url()));
        ConnectionConfig {
            client: None,
            connector: CONNECTOR.to_owned(),
            sandbox: true,
            live: false,
            paused: None,
            stock: None,
            settings: BTreeMap::from([("api_base_url".to_owned(), address)]),
            secrets: BTreeMap::from([
                ("api_token".to_owned(), secret_of(&token)),
                ("webhook_secret".to_owned(), secret_of(&secret)),
            ]),
            // The real one publishes no limits, so we are careful; this one has none.
            calls: Some(CallSettings { rate_per_s: 100, burst: 100, ..CallSettings::default() }),
        }
    }

    pub(super) fn subscribe(&self, public: SocketAddr) -> Result<()> {
        let address = format!("http://{public}/webhooks/{}", self.connection);
        let made =
            self.running.partner.with(|centre, now| centre.subscribe(&EVENTS, &address, now));
        made.map(|_| ()).map_err(anyhow::Error::msg).context("cannot subscribe to the prep centre")
    }

    /// Lets work go on there, or stops it.
    pub(super) fn work(&self, goes_on: bool) {
        self.running.partner.trade(goes_on.then_some(WORK));
    }

    /// The shelf of the goods that the shop sells, which follows what happens in the shop.
    pub(super) fn shelf(&self, shop: Shared<Shop>) -> Shelf {
        Shelf::new(shop, self.running.partner.clone(), SELLS)
    }

    pub(super) fn undelivered(&self) -> usize {
        self.running.partner.with(|centre, _| centre.undelivered())
    }

    pub(super) fn lane(&self) -> LaneId {
        LaneId::Connection(self.connection.clone())
    }

    pub(super) fn invite(&self) {
        let url = self.running.url();
        print::line(&format!("  prep centre     {url}"));
    }

    pub(super) fn what_to_try(&self) {
        let (url, sku) = (self.running.url(), &self.first);
        print::line(&format!(
            "  curl {url}/_sandbox/check-in -H 'content-type: application/json' \\\n       \
             -d '{{\"inbound_id\":1,\"lines\":[{{\"sku\":\"{sku}\",\"quantity\":5}}]}}'"
        ));
    }

    /// An inbound is announced, shipped and checked in.
    fn take_in_first(&self) -> Result<(), Impossible> {
        let units = [Units::of(&self.first, FIRST_UNITS)];
        self.running.partner.with(|centre, now| {
            let id = centre.announce(SELLS, "The first inbound", &units, now)?;
            centre.ship(id, "ups", &["1Z999AA10123456784".to_owned()], now)?;
            centre.check_in(id, &units, now)?;
            centre.receive(id, now)
        })
    }
}

impl Demo {
    /// The prep centre joins: a person says whose its accounts are, and what is checked in there is sold in the shop.
    pub(super) async fn join_prep(&self) -> Result<()> {
        for (account, client) in &self.prep.owners {
            let remote: RemoteId = account.to_string().parse()?;
            let put = PutMerchant {
                connection: self.prep.connection.clone(),
                merchant: remote,
                client: client.clone(),
                destination: None,
                accept_history: false,
            };
            let command = Command::PutMerchant(put);
            settle::give(&self.house.engine, self.prep.lane(), &command).await?;
        }
        self.wait_until("the prep centre's accounts to be read", |_, open| open == 0).await?;
        let shows = |demo: &Self| {
            demo.shop.partner.with(|shop, _| {
                let truth = shop.truth();
                truth
                    .iter()
                    .find(|item| item.sku.as_deref() == Some(demo.prep.first.as_str()))
                    .map(|item| item.available)
            })
        };
        let before = shows(self);
        self.prep.take_in_first()?;
        let wanted = before.map(|before| before + FIRST_UNITS);
        self.wait_until("what was checked in to be on sale", |_, open| {
            open == 0 && shows(self) == wanted
        })
        .await?;
        print::line(&format!(
            "A prep centre has joined: its account {SELLS} is `{}`, {SOMEBODY_ELSE} is `{}`. {FIRST_UNITS} of {} \
             were announced, shipped and checked in there, and the shop shows {} instead of {}.\n",
            self.prep.owner(SELLS),
            self.prep.owner(SOMEBODY_ELSE),
            self.prep.first,
            wanted.unwrap_or_default(),
            before.unwrap_or_default(),
        ));
        Ok(())
    }

    /// What nobody tells by webhook (an inbound that was put away) is found by reading all of it once more.
    pub(super) async fn read_prep_once_more(&self) -> Result<()> {
        let poll = Command::Poll { connection: self.prep.connection.clone(), all: true };
        let asked = settle::give(&self.house.engine, self.prep.lane(), &poll).await;
        if asked.is_err() {
            // A planned reading has begun just now, and a second one is refused until it is over.
            self.wait_until("the planned reading", |_, open| open == 0).await?;
            settle::give(&self.house.engine, self.prep.lane(), &poll).await?;
        }
        self.wait_until("the prep centre's last reading", |_, open| open == 0).await
    }
}

/// Units of it that the shop opened with.
fn opening_of(goods: &ItemSetup, sold: &[ItemTruth]) -> i64 {
    sold.iter().find(|item| item.sku == goods.sku).map_or(0, |item| item.opening)
}

impl Prep {
    fn owner(&self, account: u64) -> &str {
        self.owners.get(&account).map_or("nobody", ClientId::as_str)
    }
}
