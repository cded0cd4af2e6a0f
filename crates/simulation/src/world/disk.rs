//! Where a world's store is: in a folder, which outlives a crash as files do, or in memory, where a crash is what a
//! transaction forgets when it is given up.

use std::path::{Path, PathBuf};

use crossdock_hub::Hub;
use crossdock_store::{Place, Reader, Server, Store};

use crate::finding::{Finding, Found};

/// Where the store is.
#[derive(Debug, Clone)]
pub enum Disk {
    /// In this folder, opened anew after a crash.
    Folder(PathBuf),
    /// On a server, where a crash is a connection that is cut.
    Server(Server),
    /// In memory: a crash gives the open transaction up, and forgets everything that was kept beside it.
    Memory,
}

impl Disk {
    /// A fresh folder in memory where there is such a thing: a world commits thousands of times.
    pub fn fresh_folder() -> Found<Self> {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let made = made.map_err(|error| Finding::Play(format!("no folder: {error}")))?;
        Ok(Self::Folder(made.keep()))
    }

    /// The store's file, if it has one.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Folder(folder) => Some(folder.join("store.db")),
            Self::Server(_) | Self::Memory => None,
        }
    }

    /// Where others can look at the store, if anywhere.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Folder(folder) => Some(Place::File(folder.join("store.db"))),
            Self::Server(server) => Some(Place::Server(server.clone())),
            Self::Memory => None,
        }
    }

    /// Opens the store, as the first of its processes does.
    pub(super) fn open(&self) -> Found<Store> {
        Ok(match self.place() {
            Some(place) => Store::at(&place)?,
            None => Store::in_memory()?,
        })
    }

    /// Opens the store after its process has died.
    pub(super) fn again(&self, died: Option<Hub>) -> Found<Store> {
        match (self, died) {
            (Self::Folder(_) | Self::Server(_), died) => {
                drop(died);
                self.open()
            }
            (Self::Memory, Some(died)) => {
                let mut store = died.into_store();
                store.roll_back()?;
                Ok(store)
            }
            (Self::Memory, None) => Err(Finding::Play("the hub died twice at once".to_owned())),
        }
    }

    /// A read-only view; of a store in memory, it is of a copy.
    pub(super) fn reader(&self, store: &Store) -> Found<Reader> {
        if let Some(place) = self.place() {
            return Ok(Reader::at(&place)?);
        }
        let Self::Folder(folder) = Self::fresh_folder()? else {
            return Err(Finding::Play("a fresh folder is no folder".to_owned()));
        };
        let file = folder.join("copy.db");
        store.write_copy(&file)?;
        let reader = Reader::open(&file);
        // The reader keeps the file open; nobody else will look for it.
        let _ = std::fs::remove_dir_all(&folder);
        Ok(reader?)
    }
}
