//! A child process that cannot outlive this one, with its output in a file.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::machine;

const LAST_LINES: usize = 20;

pub(crate) struct Child {
    pub(crate) name: &'static str,
    process: std::process::Child,
    log: PathBuf,
}

impl Child {
    pub(crate) fn spawn(name: &'static str, mut command: Command, log: PathBuf) -> Result<Self> {
        let output = File::options().create(true).append(true).open(&log)?;
        let process = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {name} through setsid and setpriv of util-linux"))?;
        Ok(Self { name, process, log })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn still_running(&mut self) -> Result<()> {
        if let Some(status) = self.process.try_wait()? {
            bail!("{} ended ({status}):\n{}", self.name, self.last_words());
        }
        Ok(())
    }

    pub(crate) fn owns(&self, port: u16) -> Result<bool> {
        machine::owns_port(self.pid(), port)
    }

    /// Asks it to end, as an operator would, and waits for that.
    pub(crate) async fn stop(&mut self, within: Duration) -> Result<()> {
        let asked = Command::new("kill").arg(self.pid().to_string()).status()?;
        if !asked.success() {
            bail!("could not signal {}", self.name);
        }
        let since = Instant::now();
        while since.elapsed() < within {
            if self.process.try_wait()?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("{} did not end within {within:?}:\n{}", self.name, self.last_words())
    }

    pub(crate) fn last_words(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines = text.lines().collect::<Vec<_>>();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command for `spawn`, still without arguments.
///
/// `setsid`: each child is a scheduling group of its own, as services and their neighbours are on a
/// host. In one group with us a busy loop would give way at once, and cost nobody a flush.
/// `setpriv`: dropping kills on errors, panics and Ctrl-C; this also covers our own end by SIGKILL.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setsid");
    command.args(["setpriv", "--pdeathsig", "KILL", "--"]).arg(program);
    command
}
