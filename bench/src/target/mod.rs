//! What is measured: the hub, the bare handler and the Node peer, each a process of its own.

pub(crate) mod bare;
pub(crate) mod busy;
pub(crate) mod child;
pub(crate) mod control;
pub(crate) mod hub;
pub(crate) mod metrics;
pub(crate) mod node;

use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;

use crate::load::feed::Feed;
use child::Child;

const READY_WITHIN: Duration = Duration::from_mins(1);
const READY_POLL: Duration = Duration::from_millis(2);
const READY: &str = "/health/ready";

/// Where the children of this run live.
pub(crate) struct Ground {
    pub(crate) folder: PathBuf,
    pub(crate) hub: PathBuf,
    pub(crate) peer: PathBuf,
    /// The server on which hub and peer keep everything, if not in files.
    pub(crate) postgres: Option<String>,
    pub(crate) items: u64,
}

/// A process that takes webhooks, and the deliveries meant for it.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) child: Child,
    pub(crate) port: u16,
    pub(crate) feed: Rc<RefCell<Feed>>,
}

impl Target {
    async fn start(child: Child, port: u16, items: u64) -> Result<Self> {
        let name = child.name;
        let feed = Feed::new(port, items, random(), now());
        let mut target = Self { name, child, port, feed: Rc::new(RefCell::new(feed)) };
        target.await_ready().await?;
        Ok(target)
    }

    /// How long it took until it said that it was ready; and that it was really this process.
    async fn await_ready(&mut self) -> Result<Duration> {
        let since = Instant::now();
        while since.elapsed() < READY_WITHIN {
            self.child.still_running()?;
            if control::get(self.port, READY).await.is_ok_and(|reply| reply.status == 200) {
                let taken = since.elapsed();
                ensure!(
                    self.child.owns(self.port)?,
                    "something else than {} answers on port {}",
                    self.name,
                    self.port
                );
                return Ok(taken);
            }
            tokio::time::sleep(READY_POLL).await;
        }
        bail!("{} not ready after {READY_WITHIN:?}:\n{}", self.name, self.child.last_words())
    }
}

/// A loopback port that nothing listens on.
async fn free_port() -> Result<u16> {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let answered = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok();
    ensure!(!answered, "something answers on port {port}, which should be free");
    Ok(port)
}

fn own_program() -> Result<PathBuf> {
    std::env::current_exe().context("this program's own path")
}

#[expect(clippy::disallowed_methods, reason = "payloads carry times near to the present")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The standard library seeds its hash maps at random.
fn random() -> u32 {
    u32::try_from(RandomState::new().build_hasher().finish() & 0xFFFF_FFFF).unwrap_or(0)
}
