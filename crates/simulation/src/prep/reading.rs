//! The reading of accounts: how far it counts as done, and whether it is.

use crossdock_domain::call::CallKind;
use crossdock_domain::merchant::Merchant;
use crossdock_domain::task::{Task, Work};
use crossdock_domain::{Instant, RemoteId};

use super::scene::ACCOUNTS;
use super::stage::{Stage, bad, centre};
use crate::finding::{Finding, Found};

/// How far the reading of an account is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    /// Up to this instant of the centre's it counts as read.
    watermark: Option<Instant>,
    /// Lists of it that are being read.
    lists: usize,
}

impl Stage {
    /// An account counts as read farther than before only when a list of it was read to its end.
    pub(super) fn nothing_counts_as_read_too_soon(&mut self) -> Found<()> {
        let connection = centre()?;
        let open = self.world.store().open_tasks(&connection, CallKind::ReadReceptions)?;
        for known in ACCOUNTS.iter().take(self.scene.accounts) {
            let remote: RemoteId = known.id.to_string().parse().map_err(bad)?;
            let is_mine = |task: &&Task| is_list_of(&task.work, &remote);
            let lists = open.iter().filter(is_mine).count();
            let goes_on = open.iter().filter(is_mine).any(|task| is_later_page(&task.work));
            let merchant: Option<Merchant> =
                self.world.store().get(&(connection.clone(), remote))?;
            let watermark = merchant.and_then(|merchant| merchant.watermark);
            let before = self.readings.insert(known.id, Reading { watermark, lists });
            let before = before.unwrap_or_default();
            if let Some(moved) = watermark.filter(|_| watermark > before.watermark)
                && goes_on
                && lists >= before.lists
            {
                return Err(Finding::ReadTooSoon {
                    account: known.id,
                    watermark: moved.to_string(),
                });
            }
        }
        Ok(())
    }
}

fn is_list_of(work: &Work, account: &RemoteId) -> bool {
    matches!(work, Work::ReadReceptions { merchant, .. } if merchant == account)
}

/// Whether other pages of the same list were read before.
const fn is_later_page(work: &Work) -> bool {
    matches!(work, Work::ReadReceptions { archived: true, .. })
        || matches!(work, Work::ReadReceptions { pages, .. } if *pages > 0)
}
