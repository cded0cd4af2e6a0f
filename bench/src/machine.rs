//! What the kernel says: CPU time and memory of a process, who owns a port, how quiet the machine is.
//! Reads `/proc` only.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// `USER_HZ`, which is 100 on every Linux that this runs on.
const TICKS_PER_SECOND: f64 = 100.0;
const LISTENING: &str = "0A";

/// CPU seconds that a process has used, of its own and the kernel's for it.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    Ok(seconds(Usage::of(pid)?.own))
}

/// Megabytes of a process in memory, as `top` shows them.
pub(crate) fn resident_mb(pid: u32) -> Result<f64> {
    status_mb(pid, "VmRSS:")
}

/// The part of it that is not a mapped file: the database's mapping counts in `resident_mb`.
pub(crate) fn anonymous_mb(pid: u32) -> Result<f64> {
    status_mb(pid, "RssAnon:")
}

/// The most that this process has had in memory, since it began or since `forget_peak`.
pub(crate) fn peak_mb() -> Result<f64> {
    status_mb(std::process::id(), "VmHWM:")
}

/// From now on the peak is counted anew.
pub(crate) fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("the system does not forget a peak of memory")
}

/// Time that this thread has had on a processor: on a busy machine the clock says little.
pub(crate) fn thread_cpu() -> Result<Duration> {
    let told = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = told.split_whitespace().next().and_then(|text| text.parse().ok());
    Ok(Duration::from_nanos(nanos.context("/proc/thread-self/schedstat not understood")?))
}

fn status_mb(pid: u32, field: &str) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<f64>().ok())
        .with_context(|| format!("no {field} for process {pid}"))?;
    Ok(kib / 1024.0)
}

/// Of one process, in ticks, and who its parent is.
struct Usage {
    parent: u32,
    own: u64,
    /// Of the children that it has waited for.
    reaped: u64,
}

impl Usage {
    fn of(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))
            .with_context(|| format!("process {pid} is gone"))?;
        // The command's name is in parentheses and may hold spaces: count the fields behind it.
        let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
        let fields = fields.split_whitespace().collect::<Vec<_>>();
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
        let sum = |one, other| Some(number(one)? + number(other)?);
        let usage = || {
            Some(Self {
                parent: u32::try_from(number(1)?).ok()?,
                own: sum(11, 12)?,
                reaped: sum(13, 14)?,
            })
        };
        usage().with_context(|| format!("/proc/{pid}/stat not understood"))
    }
}

#[expect(clippy::cast_precision_loss, reason = "ticks of a run, far below 2^52")]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND
}

/// Whether this process holds the socket that listens on a loopback port.
pub(crate) fn owns_port(pid: u32, port: u16) -> Result<bool> {
    let Some(inode) = listening_inode(port)? else { return Ok(false) };
    holds(pid, &inode)
}

/// Which process holds it, as far as this one may look.
pub(crate) fn who_listens(port: u16) -> Option<u32> {
    let inode = listening_inode(port).ok()??;
    processes().ok()?.into_iter().find(|pid| holds(*pid, &inode).unwrap_or(false))
}

fn holds(pid: u32, inode: &str) -> Result<bool> {
    let socket = format!("socket:[{inode}]");
    for entry in fs::read_dir(format!("/proc/{pid}/fd"))? {
        let Ok(link) = fs::read_link(entry?.path()) else { continue };
        if link == Path::new(&socket) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn processes() -> Result<Vec<u32>> {
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc")? {
        pids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    Ok(pids)
}

fn listening_inode(port: u16) -> Result<Option<String>> {
    let local = format!("0100007F:{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp")?;
    Ok(table.lines().find_map(|line| {
        let fields = line.split_whitespace().collect::<Vec<_>>();
        let listens = fields.get(1) == Some(&local.as_str()) && fields.get(3) == Some(&LISTENING);
        listens.then(|| fields.get(9).map(ToString::to_string)).flatten()
    }))
}

/// Watches, for as long as a round takes, how much CPU went to programs that are not ours.
pub(crate) struct Neighbours {
    since: Instant,
    ours: Vec<u32>,
    seconds_before: f64,
}

impl Neighbours {
    pub(crate) fn watch(children: &[u32]) -> Result<Self> {
        let mut ours = children.to_vec();
        ours.push(std::process::id());
        let seconds_before = seconds_of_others(&ours)?;
        Ok(Self { since: Instant::now(), ours, seconds_before })
    }

    /// The share of all cores that the others had since then, 0 to 1.
    pub(crate) fn share(&self) -> Result<f64> {
        let used = seconds_of_others(&self.ours)? - self.seconds_before;
        let available = self.since.elapsed().as_secs_f64() * f64::from(cores());
        Ok((used / available).clamp(0.0, 1.0))
    }
}

/// A process that ends moves its time to its parent's children, so the sum never falls. Whatever ours have started is ours: a
/// database server has a process for each connection. The kernel's own threads are left out: they work for our writes.
fn seconds_of_others(ours: &[u32]) -> Result<f64> {
    const KERNEL_THREADS: u32 = 2;
    let mut ticks = 0;
    for pid in processes()? {
        // It may have ended since it was listed.
        let Ok(usage) = Usage::of(pid) else { continue };
        let is_ours = ours.contains(&pid) || ours.contains(&usage.parent);
        if !is_ours && usage.parent != KERNEL_THREADS {
            ticks += usage.own + usage.reaped;
        }
    }
    Ok(seconds(ticks))
}

pub(crate) fn cores() -> u32 {
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(count).unwrap_or(1)
}

pub(crate) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    text.lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split_once(": "))
        .map_or_else(|| "unknown processor".into(), |(_, name)| name.to_owned())
}

pub(crate) fn kernel() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    text.trim().to_owned()
}

/// The kind of file system that holds a path: on `tmpfs` a flush costs nothing and proves nothing.
pub(crate) fn file_system(path: &Path) -> String {
    let text = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mut holders = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .filter(|(mount, _)| path.starts_with(mount))
        .collect::<Vec<_>>();
    holders.sort_by_key(|(mount, _)| mount.len());
    holders.last().map_or_else(|| "unknown".into(), |(_, kind)| (*kind).to_owned())
}
