//! Names to addresses. Every address of a name is checked, and the checked ones are those that are connected to: what
//! the name means a moment later makes no difference.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::Reach;

/// More addresses of one name than this are not tried.
const ADDRESSES_MAX: usize = 16;

pub(crate) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Asks for a name's addresses.
pub(crate) type Lookup = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// As the machine is set up: hosts file, then its name servers.
pub(crate) fn by_the_system() -> Lookup {
    Arc::new(|host| {
        Box::pin(async move {
            // Port 0 stands for the one that the address names.
            Ok(tokio::net::lookup_host((host, 0)).await?.collect())
        })
    })
}

/// A resolver that gives out checked addresses only.
pub(crate) struct Checked {
    pub(crate) lookup: Lookup,
    pub(crate) reach: Reach,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let asked = (self.lookup)(name.as_str().to_owned());
        let reach = self.reach;
        Box::pin(async move {
            let found = asked.await?;
            if found.is_empty() {
                return Err(io::Error::other("the name has no address").into());
            }
            // One bad address condemns the name: nobody mixes them by honest mistake.
            for address in &found {
                reach.check(address.ip())?;
            }
            Ok(Box::new(found.into_iter().take(ADDRESSES_MAX)) as Addrs)
        })
    }
}
