//! Items that are put into the depot's receptions.

use crossdock_domain::RemoteId;
use crossdock_domain::call::{Call, ReceptionAct};
use crossdock_domain::fact::ReceptionLineFact;

use super::depot_side::Stores;

impl Stores {
    /// An item that is among the lines is not added once more, and one that is not cannot be changed.
    pub(super) fn is_there_already(&self, call: &Call) -> bool {
        let Call::PutReception {
            act: ReceptionAct::PutLine { reception, remote_item, stands, .. },
            ..
        } = call
        else {
            return false;
        };
        let lines = self.receptions.get(reception).map_or(&[][..], |whole| &whole.lines);
        let is_there = lines.iter().any(|line| line.remote_item.as_ref() == Some(remote_item));
        is_there != stands.is_some() || self.is_stubborn
    }

    pub(super) fn add_meanwhile(&mut self, call: &Call) {
        if let Call::PutReception { act: ReceptionAct::PutLine { reception, .. }, .. } = call
            && let Some((item, quantity)) = self.added_meanwhile.take()
        {
            self.put_line(reception, &item, quantity);
        }
    }

    pub(crate) fn put_line(&mut self, reception: &RemoteId, item: &RemoteId, quantity: i64) {
        let lines = &mut self.receptions.get_mut(reception).unwrap().lines;
        lines.retain(|line| line.remote_item.as_ref() != Some(item));
        lines.push(ReceptionLineFact {
            remote_item: Some(item.clone()),
            requested: Some(quantity),
            ..ReceptionLineFact::default()
        });
    }
}
