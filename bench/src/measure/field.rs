//! The field of one run: a private folder, the bodies, and the targets, all alive from start to end so
//! that rounds can alternate between them.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::{LARGE_BYTES, QUIET_SHARE, SMALL_BYTES, median, millis};
use crate::folder::{self, Folder};
use crate::load::body::Bodies;
use crate::load::feed::SECRET;
use crate::load::generator::Load;
use crate::load::pace::Pace;
use crate::machine::{self, Neighbours};
use crate::many;
use crate::options::{RunOptions, TargetName};
use crate::report::Machine;
use crate::target::hub::Hub;
use crate::target::{Ground, Target, bare, node};

const SETTLE: Duration = Duration::from_millis(300);
const QUIET_PROBE: Duration = Duration::from_secs(2);
const FLUSHES: u32 = 200;
const PAGE: [u8; 4096] = [0x5A; 4096];

pub(crate) struct Field<'a> {
    pub(crate) options: &'a RunOptions,
    pub(crate) small: Rc<Bodies>,
    pub(crate) large: Rc<Bodies>,
    pub(crate) hub: Option<Hub>,
    pub(crate) bare: Option<Target>,
    pub(crate) node: Option<Target>,
    pub(crate) careful: Option<Target>,
    /// The database server, where it runs on this machine.
    server: Option<u32>,
    pub(crate) ground: Ground,
    /// Last, so that it goes when its users are gone.
    folder: Folder,
}

impl<'a> Field<'a> {
    pub(crate) fn prepare(options: &'a RunOptions) -> Result<Self> {
        let folder = Folder::create(options.data.clone(), options.keep)?;
        let beside = folder::beside_this_program()?;
        let ground = Ground {
            folder: folder.path.clone(),
            hub: options.hub.clone().unwrap_or_else(|| beside.join("crossdock")),
            peer: options.peer(),
            postgres: options.postgres.clone(),
            items: options.items,
        };
        Ok(Self {
            options,
            small: Rc::new(Bodies::prepare(SMALL_BYTES, SECRET)?),
            large: Rc::new(Bodies::prepare(LARGE_BYTES, SECRET)?),
            hub: None,
            bare: None,
            node: None,
            careful: None,
            server: options.postgres.as_deref().and_then(many::process),
            ground,
            folder,
        })
    }

    pub(crate) async fn start_targets(&mut self) -> Result<()> {
        if self.options.includes(TargetName::Hub) {
            let hub = &self.ground.hub;
            ensure!(hub.exists(), "{} is not built: see bench/run", hub.display());
            let hub = self.hub.insert(Hub::start(&self.ground).await.context("starting the hub")?);
            hub.link_items(self.options.items).await?;
        }
        if self.options.includes(TargetName::Bare) {
            self.bare = Some(bare::start(&self.ground).await?);
        }
        if self.options.includes(TargetName::Node) {
            self.node = Some(node::start(&self.ground).await?);
        }
        if self.options.includes(TargetName::Careful) {
            self.careful = Some(node::start_careful(&self.ground).await?);
        }
        Ok(())
    }

    /// Begins to send small deliveries to the hub, as fast as it answers.
    pub(crate) async fn flat_out(&self, hub: &Hub) -> Result<Load> {
        let (port, feed) = (hub.target.port, &hub.target.feed);
        Load::start(port, self.options.connections, feed, &self.small, Pace::flat_out).await
    }

    fn targets(&self) -> impl Iterator<Item = &Target> {
        let hub = self.hub.as_ref().map(|hub| &hub.target);
        let others = [&self.bare, &self.node, &self.careful];
        hub.into_iter().chain(others.into_iter().flatten())
    }

    /// Every process of this run but itself.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.targets().map(|target| target.child.pid()).chain(self.server).collect()
    }

    /// The end of each target's log, for the message about a failure.
    pub(crate) fn last_words(&self) -> String {
        let words = self.targets().map(|target| {
            format!("--- {}'s log ends:\n{}\n", target.name, target.child.last_words())
        });
        words.collect()
    }

    /// Before every round. What earlier ones have written reaches the disk now, so that this one does
    /// not pay for it; and where the caller has the time, others get to finish what they are at.
    pub(crate) async fn settle(&self, ours: &[u32]) -> Result<()> {
        // Where there is no `sync`, the pause alone must do.
        let _ = Command::new("sync").status();
        tokio::time::sleep(SETTLE).await;
        let since = Instant::now();
        while since.elapsed() < self.options.wait_for_quiet() {
            let neighbours = Neighbours::watch(ours)?;
            tokio::time::sleep(QUIET_PROBE).await;
            if neighbours.share()? < QUIET_SHARE {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn describe_machine(&self) -> Result<Machine> {
        Ok(Machine {
            processor: machine::processor(),
            cores: machine::cores(),
            kernel: machine::kernel(),
            file_system: machine::file_system(&self.folder.path),
            flush_ms: flush_ms(&self.folder.path).context("timing a flush")?,
        })
    }
}

/// The median of a 4 KiB overwrite with `fdatasync`: the floor under every durable answer.
fn flush_ms(folder: &Path) -> Result<f64> {
    let path = folder.join("flush");
    let mut file = File::create(&path)?;
    let mut taken = Vec::new();
    for _ in 0..FLUSHES {
        let since = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&PAGE)?;
        file.sync_data()?;
        taken.push(millis(since.elapsed()));
    }
    drop(file);
    fs::remove_file(path)?;
    Ok(median(taken).unwrap_or_default())
}
