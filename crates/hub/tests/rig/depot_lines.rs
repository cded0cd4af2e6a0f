//! Items that are put into the depot's receptions, and what else is done with those.

use crossdock_domain::RemoteId;
use crossdock_domain::call::{Call, ReceptionAct};
use crossdock_domain::fact::ReceptionLineFact;
use crossdock_domain::reception::{ReceptionStatus, Tracking};

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

    /// What is there is changed.
    pub(super) fn change(&mut self, act: &ReceptionAct) {
        if let ReceptionAct::PutLine { reception, remote_item, quantity, .. } = act {
            self.put_line(reception, remote_item, *quantity);
        }
        if let ReceptionAct::Submit { reception, tracking_numbers, .. } = act {
            self.submit(reception, tracking_numbers);
        }
        if let ReceptionAct::Update { reception, name, notes } = act {
            let whole = self.receptions.get_mut(reception).unwrap();
            whole.name = name.clone().or(whole.name.take());
            whole.notes = notes.clone().or(whole.notes.take());
        }
    }

    /// It leaves, once: who says so again says nothing new.
    fn submit(&mut self, reception: &RemoteId, numbers: &[String]) {
        let Some(whole) = self.receptions.get_mut(reception) else { return };
        if whole.status >= Some(ReceptionStatus::Shipped) {
            return;
        }
        let parcel =
            |number: &String| Tracking { number: number.clone(), carrier: None, status: None };
        whole.status = Some(ReceptionStatus::Shipped);
        whole.tracking = Some(numbers.iter().map(parcel).collect());
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
