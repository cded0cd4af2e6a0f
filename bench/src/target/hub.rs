//! The hub under test: `crossdock serve` with one paused shop, its items linked, driven and watched
//! over its own two listeners.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::child::{Child, command};
use super::metrics::Counters;
use super::{Ground, Target, control, free_port};
use crate::load::body::LOCATION;
use crate::load::feed::{ITEM_FIRST, SECRET, SHOP};
use crate::machine;
use crate::many;

const STOP_WITHIN: Duration = Duration::from_secs(30);
const DRAIN_WITHIN: Duration = Duration::from_mins(5);
const DRAIN_POLL: Duration = Duration::from_millis(20);
const BUSY_PAUSE: Duration = Duration::from_millis(100);
const BUSY_TRIES: u32 = 100;

pub(crate) struct Hub {
    pub(crate) target: Target,
    program: PathBuf,
    folder: PathBuf,
    database: Option<String>,
    admin_port: u16,
    token: String,
}

impl Hub {
    pub(crate) async fn start(ground: &Ground) -> Result<Self> {
        let folder = ground.folder.join("hub");
        fs::create_dir_all(&folder)?;
        let (port, admin_port) = (free_port().await?, free_port().await?);
        fs::write(config(&folder), settings(&folder, port, admin_port))?;
        let server = ground.postgres.as_ref();
        let database = server.map(|server| many::database(server, "bench_hub")).transpose()?;
        let child = spawn(&ground.hub, &folder, database.as_deref())?;
        let target = Target::start(child, port, ground.items).await?;
        ensure!(target.child.owns(admin_port)?, "the hub does not listen on its admin port");
        let token = folder.join("data/admin.token");
        let token = fs::read_to_string(&token)
            .with_context(|| format!("reading {}", token.display()))?
            .trim()
            .to_owned();
        Ok(Self { target, program: ground.hub.clone(), folder, database, admin_port, token })
    }

    pub(crate) async fn link_items(&self, count: u64) -> Result<()> {
        for number in 0..count {
            self.link_item(number).await?;
        }
        self.drain().await?;
        Ok(())
    }

    async fn link_item(&self, number: u64) -> Result<()> {
        let path = item_path(number);
        let item = json!({
            "links": [{
                "connection": "shop",
                "inventory_item": (ITEM_FIRST + number).to_string(),
                "adopt": true,
            }],
            "sync": true,
        });
        for _ in 0..BUSY_TRIES {
            let reply =
                control::put_as(self.admin_port, &path, &self.token, item.to_string()).await?;
            match reply.status {
                200..=299 => return Ok(()),
                429 | 503 => tokio::time::sleep(BUSY_PAUSE).await,
                status => bail!("linking {path}: {status} {}", reply.body),
            }
        }
        bail!("linking {path}: still busy after {BUSY_TRIES} tries")
    }

    pub(crate) async fn counters(&self) -> Result<Counters> {
        let reply = control::get_as(self.admin_port, "/metrics", &self.token).await?;
        ensure!(reply.status == 200, "/metrics answered {}: {}", reply.status, reply.body);
        Counters::parse(&reply.body)
    }

    /// What was answered with 200 has been stored, folded and booked: otherwise its rate means nothing.
    /// For when nothing is pending; `sent` and `before` are of the same span.
    pub(crate) async fn check_kept(&self, sent: u64, before: Counters) -> Result<()> {
        let after = self.counters().await?;
        let stored = after.arrivals.saturating_sub(before.arrivals);
        let folded = after.folded.saturating_sub(before.folded);
        ensure!(stored >= sent, "the hub answered 200 to {sent} deliveries but stored {stored}");
        ensure!(folded >= sent, "the hub answered 200 to {sent} deliveries but folded {folded}");
        let reply = control::get_as(self.admin_port, &item_path(0), &self.token).await?;
        let item: Value = serde_json::from_str(&reply.body).context("reading an item")?;
        let booked = item.pointer("/levels/0/observed").and_then(Value::as_u64);
        let told = self.target.feed.borrow().last_of_first_item();
        ensure!(booked == told, "the shop told {told:?}, the hub says {booked:?}: {}", reply.body);
        Ok(())
    }

    /// Waits until nothing is left to fold, and says how long that took.
    pub(crate) async fn drain(&self) -> Result<Duration> {
        let since = Instant::now();
        while since.elapsed() < DRAIN_WITHIN {
            if self.counters().await?.pending == 0 {
                return Ok(since.elapsed());
            }
            tokio::time::sleep(DRAIN_POLL).await;
        }
        bail!("the hub still had arrivals to fold after {DRAIN_WITHIN:?}")
    }

    pub(crate) fn resident_mb(&self) -> Result<f64> {
        machine::resident_mb(self.target.child.pid())
    }

    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        machine::cpu_seconds(self.target.child.pid())
    }

    /// Stops it and starts it again on the same store: from spawn to ready.
    pub(crate) async fn restart(&mut self) -> Result<Duration> {
        self.target.child.stop(STOP_WITHIN).await?;
        let since = Instant::now();
        self.target.child = spawn(&self.program, &self.folder, self.database.as_deref())?;
        self.target.await_ready().await?;
        Ok(since.elapsed())
    }

    /// Megabytes of its database on disk.
    pub(crate) fn stored_mb(&self) -> Result<f64> {
        if let Some(database) = &self.database {
            return many::size_mb(database);
        }
        let mut bytes = 0;
        for entry in fs::read_dir(self.folder.join("data"))? {
            bytes += entry?.metadata()?.len();
        }
        let kib = u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
        Ok(f64::from(kib) / 1024.0)
    }
}

fn item_path(number: u64) -> String {
    format!("/api/v1/clients/main/items/BENCH-{number:04}")
}

fn config(folder: &Path) -> PathBuf {
    folder.join("crossdock.toml")
}

fn spawn(program: &Path, folder: &Path, database: Option<&str>) -> Result<Child> {
    let mut command = command(program);
    // It takes connections from the environment too: only those of the file are wanted here.
    command.env_clear().args(["serve", "--config"]).arg(config(folder));
    command.envs(database.map(|address| ("CROSSDOCK_DATABASE_URL", address)));
    Child::spawn("hub", command, folder.join("hub.log"))
}

fn settings(folder: &Path, port: u16, admin_port: u16) -> String {
    let data = folder.join("data");
    let data = data.display();
    format!(
        r#"data = "{data}"
[listen]
public = "127.0.0.1:{port}"
admin = "127.0.0.1:{admin_port}"
[clients.main]
name = "Bench"
[connections.shop]
client = "main"
connector = "shopify"
sandbox = true
live = true
# Receives and folds, sends nothing.
paused = true
# The load sells by thousands, which the brake would hold.
stock.brake = {{ zero_percent = 100, change_percent = 100 }}
[connections.shop.settings]
shop_domain = "{SHOP}"
base_url = "http://127.0.0.1:9"
location_id = "{LOCATION}"
[connections.shop.secrets]
access_token = "bench-token"
webhook_secret = "{SECRET}"
"#
    )
}
