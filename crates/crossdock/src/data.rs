//! The data folder: the store, the master key, the admin token, and who holds it at the moment.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crossdock_store::Place;
use crossdock_store::vault::{KEY_BYTES, MasterKey};
use serde::{Deserialize, Serialize};

use crate::config::environment;

/// The store's file in the data folder.
const STORE: &str = "crossdock.db";

/// A data folder.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    path: PathBuf,
}

/// The lock on a data folder: held as long as this lives.
#[derive(Debug)]
pub(crate) struct Held {
    _lock: File,
    announcement: PathBuf,
}

impl Drop for Held {
    fn drop(&mut self) {
        // A stale announcement is harmless: whoever reads it also looks at the lock.
        let _ = fs::remove_file(&self.announcement);
    }
}

/// Where the process that holds the folder can be reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Announcement {
    pub(crate) public: Option<SocketAddr>,
    pub(crate) admin: SocketAddr,
    pub(crate) pid: u32,
}

impl DataDir {
    /// Takes a folder; makes it, readable by its owner alone, if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let say = || format!("cannot make the data folder {}", path.display());
        if !path.exists() {
            fs::create_dir_all(path).with_context(say)?;
            fs::set_permissions(path, Permissions::from_mode(0o700)).with_context(say)?;
        }
        Ok(Self { path: path.to_owned() })
    }

    /// The store's file.
    pub(crate) fn store(&self) -> PathBuf {
        Self::store_in(&self.path)
    }

    /// The store's file in a folder.
    pub(crate) fn store_in(folder: &Path) -> PathBuf {
        folder.join(STORE)
    }

    /// Takes the lock; `None` if another process holds it.
    pub(crate) fn hold(&self) -> Result<Option<Held>> {
        let path = self.path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Held { _lock: lock, announcement: self.announcement_path() })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Says where the holder can be reached.
    pub(crate) fn announce(&self, announcement: &Announcement) -> Result<()> {
        write_private(&self.announcement_path(), &serde_json::to_vec(announcement)?)
    }

    /// Where the holder can be reached, if there is one.
    pub(crate) fn announced(&self) -> Option<Announcement> {
        let bytes = fs::read(self.announcement_path()).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn announcement_path(&self) -> PathBuf {
        self.path.join("running.json")
    }

    /// The token for the admin listener, made on first use.
    pub(crate) fn admin_token(&self) -> Result<String> {
        let path = self.path.join("admin.token");
        if let Ok(text) = fs::read_to_string(&path) {
            return Ok(text.trim().to_owned());
        }
        let token = format!("cda_{}", URL_SAFE_NO_PAD.encode(random::<32>()?));
        write_private(&path, token.as_bytes())?;
        Ok(token)
    }

    /// The master key: from the settings, or from a file beside the store that is made on first use.
    pub(crate) fn master_key(&self, given: Option<&str>) -> Result<MasterKey> {
        let path = self.path.join("master.key");
        let text = match given {
            Some(text) => text.to_owned(),
            None => match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(_) if self.store().exists() => bail!(
                    "{} is missing, and the store was sealed with it: bring it back, or set CROSSDOCK_MASTER_KEY",
                    path.display()
                ),
                Err(_) => {
                    let text = STANDARD.encode(random::<KEY_BYTES>()?);
                    write_private(&path, text.as_bytes())?;
                    text
                }
            },
        };
        let bytes = STANDARD.decode(text.trim()).context("a master key is base64 of 32 bytes")?;
        MasterKey::new(bytes).context("a master key is base64 of 32 bytes")
    }
}

/// The server that keeps the store, where one does.
pub(crate) fn database_url() -> Option<String> {
    environment("CROSSDOCK_DATABASE_URL")
}

/// Where the store is: on the server that `CROSSDOCK_DATABASE_URL` names, else a file in the data folder.
pub(crate) fn store_place(data: &Path) -> Result<Place> {
    match database_url() {
        Some(url) => Ok(Place::server(&url).context("CROSSDOCK_DATABASE_URL")?),
        None => Ok(Place::File(data.join(STORE))),
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context("the operating system gives no random bytes")?;
    Ok(bytes)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let say = || format!("cannot write {}", path.display());
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(say)?;
    file.write_all(bytes).with_context(say)?;
    file.sync_all().with_context(say)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_process_at_a_time() {
        let temp = tempfile::tempdir().unwrap();
        let data = DataDir::open(&temp.path().join("data")).unwrap();
        let held = data.hold().unwrap();
        assert!(held.is_some());
        assert!(data.hold().unwrap().is_none());
        drop(held);
        assert!(data.hold().unwrap().is_some());
    }

    #[test]
    fn keys_and_tokens_are_made_once_and_are_their_owners_alone() {
        let temp = tempfile::tempdir().unwrap();
        let data = DataDir::open(&temp.path().join("data")).unwrap();
        assert_eq!(data.admin_token().unwrap(), data.admin_token().unwrap());
        assert_eq!(data.master_key(None).unwrap().id(), data.master_key(None).unwrap().id());
        for name in ["admin.token", "master.key"] {
            let mode = fs::metadata(temp.path().join("data").join(name)).unwrap().permissions();
            assert_eq!(mode.mode() & 0o077, 0, "{name}");
        }
    }

    #[test]
    fn a_store_without_its_master_key_is_not_given_a_new_one() {
        let temp = tempfile::tempdir().unwrap();
        let data = DataDir::open(temp.path()).unwrap();
        fs::write(data.store(), b"x").unwrap();
        assert!(data.master_key(None).is_err());
    }
}
