//! Commands: one line each, to the file where it is decided.

use crossdock_domain::command::Command;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::sweep::Scope;
use crossdock_store::Unpacked;

use super::{Fold, FoldError};

impl Fold<'_> {
    pub(super) fn fold_command(&mut self, bytes: &Unpacked) -> Result<Outcome, FoldError> {
        match serde_json::from_slice(bytes.body()) {
            Ok(command) => match self.objection_to_place(&command) {
                Some(why) => Ok(Outcome::illegal(why)),
                None => self.obey(command),
            },
            Err(error) => Ok(Outcome::new(OutcomeKind::Unreadable, error.to_string())),
        }
    }

    fn obey(&mut self, command: Command) -> Result<Outcome, FoldError> {
        match command {
            Command::PutClient { name } => self.put_client(name),
            Command::PutClientTerms { publishing, brake, incoming } => {
                self.put_client_terms(publishing, brake, incoming)
            }
            Command::PutConnection(wanted) => self.put_connection(wanted),
            Command::PauseConnection { connection, why } => {
                self.pause_connection(&connection, &why)
            }
            Command::ResumeConnection { connection } => self.resume_connection(&connection),
            Command::GoLive { connection, accept } => self.go_live(&connection, accept),
            Command::Observe { connection } => self.observe(&connection),
            Command::ApproveBrake { connection } => self.approve_brake(&connection),
            Command::RejectBrake { connection } => self.reject_brake(&connection),
            Command::TestConnection { connection } => self.test_connection(&connection),
            Command::PutMerchant(wanted) => self.put_merchant(wanted),
            Command::RemoveMerchant { connection, merchant } => {
                self.remove_merchant(&connection, &merchant)
            }
            Command::Poll { connection, all } => self.poll(&connection, scope_of(all)),
            Command::TellReceptions { connection, receptions } => {
                self.tell_receptions(&connection, &receptions)
            }
            Command::PutReception { connection, merchant, what } => {
                self.put_reception(&connection, &merchant, what)
            }
            Command::MarkShipped(wanted) => self.mark_shipped(wanted),
            Command::PutItem(wanted) => self.put_item(wanted),
            Command::LinkAll { connection, how, create } => self.link_all(&connection, how, create),
            Command::LinkItem { item, connection, how } => {
                self.link_by_sku(&item, &connection, how)
            }
            Command::SetSync { item, enabled } => self.set_sync(&item, enabled),
            Command::Allocate { item, quantity, from, to } => {
                self.allocate(&item, quantity, from, to)
            }
            Command::CountPool { item, pool, count } => self.count_pool(&item, pool, &count),
            Command::CountPools { pool, lines } => self.count_pools(pool, &lines),
            Command::ApproveCounts { pool } => self.approve_counts(pool),
            Command::RejectCounts { pool } => self.reject_counts(pool),
            Command::PlaceOrder { order, lines } => self.place_order(&order, &lines),
            Command::CancelOrder { order } => self.cancel_order(&order),
            Command::ShipOrder { order, shipment, lines } => {
                self.ship_order(&order, shipment, lines.as_deref())
            }
            Command::Sync { item } => self.sync(item.as_deref()),
            Command::DecideUnexplained { item, connection, accept } => {
                self.decide_unexplained(&item, &connection, accept)
            }
            Command::Reconcile { connection, all } => self.reconcile(&connection, scope_of(all)),
            Command::ApplyFindings { sweep, findings } => {
                self.apply_findings(sweep, findings.as_deref())
            }
            Command::DismissFindings { sweep, findings } => {
                self.dismiss_findings(sweep, findings.as_deref())
            }
            Command::RetryEntry { entry } => self.retry_entry(entry),
            Command::RetryTask { task } => self.retry_task(task),
        }
    }
}

const fn scope_of(all: bool) -> Scope {
    if all { Scope::All } else { Scope::Changes }
}
