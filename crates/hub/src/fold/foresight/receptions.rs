//! What receptions that were handed on will look at.

use crossdock_domain::fact::Fact;
use crossdock_domain::item::{ItemName, NameKind};
use crossdock_domain::merchant::Forward;
use crossdock_domain::reception::{Reception, ReceptionLine};
use crossdock_domain::stock::Account;
use crossdock_store::{Pending, StoreError, Unpacked};

use super::super::identity::name_of_ours;
use super::sight::Sight;
use crate::Hub;

impl Hub {
    /// Reads what was handed on, as the fold will. What does not read is the fold's to judge.
    pub(super) fn receptions_ahead(&mut self, sight: &mut Sight, next: &Pending) {
        let Ok(bytes) = Unpacked::to_be_folded(&next.packed) else { return };
        let Ok(forward) = serde_json::from_slice::<Forward>(bytes.body()) else { return };
        sight.accounts.extend([Account::Supplier, Account::Unsellable]);
        for fact in forward.facts {
            if let Fact::Counters(told) = &fact {
                let skus = told.rows.iter().filter_map(|row| row.sku.clone());
                sight.names.extend(skus);
            }
            let Fact::Reception(fact) = fact else { continue };
            let key = (sight.client.clone(), forward.connector.clone(), fact.reception);
            self.store.want::<Reception>(key.clone());
            for line in fact.lines {
                if let Some(asin) = line.asin {
                    sight.names.insert(name_of_ours(asin.trim(), 1));
                }
                if let Some(sku) = line.sku.map(|sku| sku.trim().to_owned()) {
                    sight.names.insert(sku.clone());
                    sight.lines.push((key.clone(), sku));
                }
            }
        }
    }

    /// The lines of receptions, now that it is known which items they are about.
    pub(super) fn want_lines(&mut self, sight: &mut Sight) -> Result<(), StoreError> {
        for ((client, source, source_id), sku) in std::mem::take(&mut sight.lines) {
            let name = (client.clone(), NameKind::Sku, sku);
            if let Some(name) = self.seen::<ItemName>(&name)? {
                let line = name.item.to_string();
                self.store.want::<ReceptionLine>((client, source, source_id, line));
            }
        }
        Ok(())
    }
}
