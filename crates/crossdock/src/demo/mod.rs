//! `demo`: the hub, a simulated shop and a simulated prep centre side by side, with live trade at all ends, and at the end
//! the proof that the books agree with what really happened.

mod buyers;
mod prep;
mod prep_verdict;
mod shelf;
mod verdict;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crossdock_domain::command::{Command, LinkHow, PutItem};
use crossdock_domain::item::Allocation;
use crossdock_domain::stock::Account;
use crossdock_domain::stock::level::Standing;
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ClientId, ConnectionId, LaneId};
use crossdock_sandbox::shopify::{Setup, Shop, Trade};
use crossdock_server::engine::Engine;
use crossdock_simulation::partner::TOPICS;
use crossdock_store::StoreError;
use crossdock_store::reader::items::ItemStock;
use crossdock_store::reader::tasks::TaskFilter;
use tokio::time::Instant;

use self::prep::Prep;
use self::shelf::Followed;
use crate::cli::DemoArgs;
use crate::config::{ClientConfig, Config, ConnectionConfig, SecretSource, Setting};
use crate::house::{House, Plan};
use crate::{print, settle};

/// Units of each item that are set aside for businesses at the start.
const ASIDE_FOR_B2B: i64 = 5;
/// How long setting up, and calming down at the end, may take.
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The demo's sides.
pub(crate) struct Demo {
    pub(crate) house: House,
    pub(crate) shop: crossdock_sandbox::Running<Shop>,
    pub(crate) prep: Prep,
    pub(crate) client: ClientId,
    pub(crate) connection: ConnectionId,
}

pub(crate) async fn run(args: &DemoArgs) -> Result<ExitCode> {
    let temp;
    let dir: &Path = if let Some(dir) = &args.dir {
        if dir.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            bail!("{} is not empty: the demo starts from nothing", dir.display());
        }
        dir
    } else {
        temp = std::env::temp_dir().join(format!("crossdock-demo-{}", std::process::id()));
        &temp
    };
    let demo = Demo::open(args, dir).await?;
    let followed = demo.prep.shelf(demo.shop.partner.clone()).follow();
    demo.stock_up().await?;
    demo.join_prep().await?;
    if !args.headless {
        demo.invite(dir);
    }
    let trade = Trade { orders_per_second: args.rate, ..Trade::default() };
    demo.shop.partner.trade(Some(trade));
    demo.prep.work(true);
    let buyers = tokio::spawn(buyers::run(
        demo.house.engine.clone(),
        demo.client.clone(),
        args.seed,
        args.items,
    ));
    let interrupted = wait_for_the_end(args.seconds).await?;
    demo.shop.partner.trade(None);
    demo.prep.work(false);
    buyers.abort();
    let _ = buyers.await;
    print::line(if interrupted { "\nstopping: letting what is under way arrive" } else { "" });
    let verdict = demo.calm_down(followed).await?.verdict().await?;
    verdict.print();
    let Demo { house, shop, prep, .. } = demo;
    house.close().await?;
    shop.shutdown().await;
    prep.running.shutdown().await;
    if args.dir.is_none() {
        // Only a temporary folder; the system clears it away if we cannot.
        let _ = std::fs::remove_dir_all(dir);
    }
    Ok(if verdict.agrees() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Waits for the time to be up or for ctrl-C. Whether it was ctrl-C.
async fn wait_for_the_end(seconds: Option<u64>) -> Result<bool> {
    let up = async {
        match seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = up => Ok(false),
        interrupt = tokio::signal::ctrl_c() => {
            interrupt.context("cannot listen for signals")?;
            Ok(true)
        }
    }
}

impl Demo {
    async fn open(args: &DemoArgs, dir: &Path) -> Result<Self> {
        let setup = Setup { seed: args.seed, items: args.items, ..Setup::default() };
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (client, connection) = ("main".parse()?, "shop".parse()?);
        let listening = crossdock_sandbox::start(setup.clone(), any).await?;
        let sold = listening.partner.with(|shop, _| shop.truth());
        let prep = Prep::open(args.seed, &sold, &client).await?;
        let mut config = config(&setup, &listening.url(), &client, &connection)?;
        for client in prep.owners.values() {
            config.clients.entry(client.clone()).or_default();
        }
        config.connections.insert(prep.connection.clone(), prep.config());
        let house = House::open(Plan {
            data: dir.to_owned(),
            config,
            public: Some(args.public.unwrap_or(any)),
            admin: args.admin.unwrap_or(any),
            sends: true,
        })
        .await?;
        let public = house.public.context("the demo has a public listener")?;
        let address = format!("http://{public}/webhooks/{connection}");
        let topics: Vec<_> = TOPICS.iter().map(|topic| (*topic).to_owned()).collect();
        let subscribed = listening
            .partner
            .with(|shop, now| shop.subscribe_to(&topics, &address, "2026-07", now));
        subscribed.map_err(anyhow::Error::msg).context("cannot subscribe to the simulated shop")?;
        prep.subscribe(public)?;
        Ok(Self { house, shop: listening, prep, client, connection })
    }

    /// Links everything that the shop has, takes its figures as opening balances, and sets a few units of each aside
    /// for businesses.
    async fn stock_up(&self) -> Result<()> {
        let how = LinkHow { adopt: true, sync: true };
        let connection = self.connection.clone();
        self.give(&Command::LinkAll { connection, how, create: true }).await?;
        let wanted =
            self.shop.partner.with(|shop, _| shop.truth().iter().filter(|i| i.tracked).count());
        self.wait_until("the shop's items to be linked and read", move |items, open| {
            let settled = |item: &ItemStock| {
                item.levels.iter().any(|level| level.standing == Standing::Settled)
            };
            open == 0 && items.len() >= wanted && items.iter().all(settled)
        })
        .await?;
        for item in self.items().await? {
            let sku = item.item.sku;
            let allocation = Some(Allocation::Shared);
            let put = PutItem { sku: sku.clone(), allocation, ..PutItem::default() };
            self.give(&Command::PutItem(put)).await?;
            let (from, to) = (Account::B2C, Account::B2B);
            self.give(&Command::Allocate { item: sku, quantity: ASIDE_FOR_B2B, from, to }).await?;
        }
        self.go_live().await?;
        self.wait_until("the shop to show what is left", |_, open| open == 0).await
    }

    /// Until now the shop was only read. What would be written is looked at, and named where it is more than the brake
    /// lets pass: the person's act that every connection needs.
    async fn go_live(&self) -> Result<()> {
        let (client, id) = (self.client.clone(), self.connection.clone());
        let totals = self.house.app.look.at(move |reader| reader.plan_totals(&client, &id)).await?;
        let writes = self.shop.partner.with(|shop, _| verdict::applied_writes(shop.log(0)).len());
        if writes > 0 {
            bail!("{writes} levels were written to a shop that was only to be observed");
        }
        print::line(&format!(
            "The shop is connected and linked, and nothing is written yet. Going live would write {} of {} items, {} of \
             them to zero, {} by more than half. To look and to go live:\n  crossdock live plan {id}\n  crossdock live \
             start {id}\n",
            totals.writes,
            totals.linked,
            totals.extent.zeroed,
            totals.extent.changed,
            id = self.connection,
        ));
        let connection = self.connection.clone();
        self.give(&Command::GoLive { connection, accept: Some(totals.extent) }).await
    }

    async fn give(&self, command: &Command) -> Result<()> {
        settle::give(&self.house.engine, LaneId::Client(self.client.clone()), command).await
    }

    fn invite(&self, dir: &Path) {
        let link = self.house.sign_in_link();
        print::line(
            "crossdock demo: a simulated shop sells, businesses order, a prep centre takes goods in, stock stays in step.\n",
        );
        print::line(&format!("  page            {link}"));
        print::line(&format!("  simulated shop  {}", self.shop.url()));
        self.prep.invite();
        print::line(&format!("  data            {}\n", dir.display()));
        print::line("What to look at:");
        print::line("  * Overview: sales arrive as webhooks and are booked while you watch");
        print::line("  * Stock: our pools, and the shop's own figure beside them");
        print::line("  * Outgoing calls: each B2B order changes the shop, by compare-and-set");
        print::line(
            "  * Inbounds (receptions): what is announced to the prep centre, and what came of it",
        );
        print::line("Try it:");
        let shop = self.shop.url();
        print::line(&format!(
            "  curl -X POST {shop}/_sandbox/sell -d '{{\"sku\":\"DEMO-001\",\"quantity\":1}}' \\\n       \
             -H 'content-type: application/json'"
        ));
        print::line(&format!(
            "  crossdock --data {} --client main order place PO-1 DEMO-002=3",
            dir.display()
        ));
        self.prep.what_to_try();
        print::line("Stop with ctrl-C.");
    }

    /// Lets everything that is under way arrive, and the last of what was sold leave the shelf; then every level is read
    /// once more, as a reconciliation would.
    async fn calm_down(&self, followed: Followed) -> Result<&Self> {
        self.wait_until("what is under way to arrive", |_, open| open == 0).await?;
        self.give(&Command::Sync { item: None }).await?;
        self.wait_until("the last reading", |_, open| open == 0).await?;
        followed.end().await?;
        self.read_prep_once_more().await?;
        Ok(self)
    }

    /// Waits until no webhook is on its way, nothing waits to be folded, and what is asked for holds of the items and
    /// the number of open calls.
    async fn wait_until(
        &self,
        what: &str,
        holds: impl Fn(&[ItemStock], usize) -> bool,
    ) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            let from_shop = self.shop.partner.with(|shop, _| shop.undelivered());
            let on_their_way = from_shop + self.prep.undelivered();
            let pending = self.engine().gauges().health().pending;
            if on_their_way == 0
                && pending == 0
                && holds(&self.items().await?, self.open_calls().await?)
            {
                return Ok(());
            }
            if Instant::now() > until {
                bail!("waited {} s for {what}, in vain", PATIENCE.as_secs());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    pub(crate) async fn items(&self) -> Result<Vec<ItemStock>, StoreError> {
        self.items_of(&self.client).await
    }

    async fn items_of(&self, client: &ClientId) -> Result<Vec<ItemStock>, StoreError> {
        let client = client.clone();
        self.house.app.look.at(move |reader| reader.items(&client, None, "", u32::MAX)).await
    }

    /// Outgoing calls that are not over, but for reconciliations that are planned for later: there is always a next one.
    async fn open_calls(&self) -> Result<usize, StoreError> {
        let now = self.engine().now();
        let is_planned = move |task: &Task| {
            matches!(task.work, Work::BeginSweep { .. } | Work::BeginPoll { .. })
                && task.state == TaskState::Waiting
                && task.due > now
        };
        let clients = self.prep.owners.values().cloned().map(LaneId::Client);
        let lanes: Vec<LaneId> = clients.chain([self.prep.lane()]).collect();
        let filter = TaskFilter { limit: u32::MAX, ..TaskFilter::default() };
        let look = &self.house.app.look;
        look.at(move |reader| {
            let mut open = 0;
            for lane in &lanes {
                let tasks = reader.tasks(lane, &filter)?;
                open += tasks.iter().filter(|task| !is_planned(task)).count();
            }
            Ok(open)
        })
        .await
    }

    const fn engine(&self) -> &Engine {
        &self.house.engine
    }
}

fn config(
    setup: &Setup,
    url: &str,
    client: &ClientId,
    connection: &ConnectionId,
) -> Result<Config> {
    let location = setup.locations.first().context("the simulated shop has a location")?.id;
    let text = |text: &str| Setting::Text(text.to_owned());
    let secret = |text: &str| SecretSource::Value(text.into());
    let shop = ConnectionConfig {
        client: Some(client.clone()),
        connector: "shopify".to_owned(),
        sandbox: true,
        live: false,
        paused: None,
        stock: None,
        settings: BTreeMap::from([
            ("shop_domain".to_owned(), text(&setup.domain)),
            ("base_url".to_owned(), text(url)),
            ("location_id".to_owned(), text(&location.to_string())),
        ]),
        secrets: BTreeMap::from([
            ("access_token".to_owned(), secret(&setup.access_token)),
            ("webhook_secret".to_owned(), secret(&setup.webhook_secret)),
        ]),
        calls: None,
    };
    let name = Some("Demo merchant".to_owned());
    Ok(Config {
        clients: BTreeMap::from([(client.clone(), ClientConfig { name })]),
        connections: BTreeMap::from([(connection.clone(), shop)]),
        ..Config::default()
    })
}
