//! The private folder of one run, on a real disk.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const FOLDER: &str = "run-";

/// Removed with everything in it when the run ends, however it ends.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    keep: bool,
}

impl Folder {
    /// In this folder of data, or in `target/bench-data`.
    pub(crate) fn create(data: Option<PathBuf>, keep: bool) -> Result<Self> {
        let parent = match data {
            Some(data) => data,
            None => beside_this_program()?.join("../bench-data"),
        };
        fs::create_dir_all(&parent)?;
        remove_leftovers(&parent)?;
        let path = parent.canonicalize()?.join(format!("{FOLDER}{}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("creating {}", path.display()))?;
        Ok(Self { path, keep })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            // A leftover is in target/ and does no harm.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Where the release binaries are.
pub(crate) fn beside_this_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().context("this program lies in no folder")?.to_owned())
}

/// Of runs that were killed, or told to keep them: they may be gigabytes.
fn remove_leftovers(parent: &Path) -> Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix(FOLDER)) else { continue };
        if !Path::new("/proc").join(pid).exists() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
