//! What becomes of lines when it turns out which item they are: a stub is made one with the item whose SKU was told, and lines
//! that waited for a person are booked.

use crossdock_domain::ItemId;
use crossdock_domain::item::{Item, ItemName, NameKind, is_asin, is_sku};
use crossdock_domain::reception::{Reception, ReceptionLine, line_name};
use crossdock_domain::stock::{Account, Pool};

use super::super::identity::{Identity, Names};
use super::super::{Fold, FoldError};
use super::lines::line_key;
use super::resolve::names_of;
use super::{LINES_PER_ENTRY, News};

impl Fold<'_> {
    /// Whether nothing ever happened to a stub but that it was announced and received, a few times: then it can become one
    /// with another item.
    pub(in super::super) fn is_only_received(&mut self, stub: &Item) -> Result<bool, FoldError> {
        let has_terms = stub.reference.is_some() || stub.sync_enabled || stub.backing.is_some();
        if has_terms || !stub.places.is_empty() {
            return Ok(false);
        }
        let client = stub.client.clone();
        if !self.store.links_of(&client, stub.id)?.is_empty() {
            return Ok(false);
        }
        let lines = self.store.lines_of_item(&client, stub.id, LINES_PER_ENTRY + 1)?;
        if lines.len() > LINES_PER_ENTRY as usize {
            return Ok(false);
        }
        let (mut b2b, mut b2c, mut unsellable) = (0, 0, 0);
        for line in &lines {
            let pool = self.store.look(&of_line(line), |reception: &Reception| reception.pool)?;
            match pool.unwrap_or(Pool::B2c) {
                Pool::B2b => b2b += line.booked,
                Pool::B2c => b2c += line.booked,
            }
            unsellable += line.booked_unsellable;
        }
        let whole = -(b2b + b2c + unsellable);
        for (account, units) in [
            (Account::B2B, b2b),
            (Account::B2C, b2c),
            (Account::Unsellable, unsellable),
            (Account::Supplier, whole),
        ] {
            if self.balance(stub.id, &account)?.unwrap_or_default() != units {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes a stub one with an item: its lines become the item's, what is booked for them is booked there, and the stub is no
    /// more.
    pub(in super::super) fn join_stub(
        &mut self,
        item: ItemId,
        stub: ItemId,
    ) -> Result<(), FoldError> {
        let client = self.client_id()?;
        for line in self.store.lines_of_item(&client, stub, LINES_PER_ENTRY)? {
            self.make_line_of(&line, item)?;
        }
        self.forget_counted(stub)?;
        if let Some(stub) = self.item(stub)? {
            let key = (client.clone(), NameKind::Sku, stub.sku);
            self.store.remove::<ItemName>(key);
            self.store.remove::<Item>((client, stub.id));
        }
        Ok(())
    }

    /// Makes a line the line of an item, beside whatever its reception says of that item already.
    fn make_line_of(&mut self, line: &ReceptionLine, item: ItemId) -> Result<(), FoldError> {
        let Some(before) = self.store.get::<Reception>(&of_line(line))? else { return Ok(()) };
        let (mut reception, mut news) = (before.clone(), News::default());
        let mut left = ReceptionLine { gone: true, ..line.clone() };
        self.book_line(&reception, &mut left, &mut news)?;
        reception.totals.replace(Some(line), None);
        self.store.remove::<ReceptionLine>(line_key(&reception, &line.line));
        let name = item.to_string();
        let known: Option<ReceptionLine> = self.store.get(&line_key(&reception, &name))?;
        let mut joined = known.clone().unwrap_or_else(|| self.new_line(&reception, &name));
        joined.item = Some(item);
        joined.told.join(&line.told);
        joined.problem = None;
        self.keep_line(&mut reception, known.as_ref(), joined, &mut news)?;
        self.end_telling(Some(&before), reception, &news)?;
        Ok(())
    }

    /// Books lines that waited for a person under these names, as far as it can be told now which item they are. How many.
    pub(in super::super) fn settle_parked(&mut self, names: Names<'_>) -> Result<u32, FoldError> {
        let mut settled = 0;
        for line in self.parked(names)? {
            let names = names_of(&line.told);
            let identity = self.identify(names)?;
            // Of what did not read, or is no name, nothing is made: it waits for its next telling.
            let is_sound = names.sku.is_none_or(is_sku) && names.asin.is_none_or(is_asin);
            let is_read = !matches!(line.told.unreadable.get(), Some(Some(_)));
            let is_ours = matches!(identity, Identity::Known(_) | Identity::Enriched(_));
            if (is_ours || is_sound && is_read)
                && let Some(item) = self.take_item(names, &identity, None)?
            {
                self.make_line_of(&line, item)?;
                settled += 1;
            }
        }
        Ok(settled)
    }

    fn parked(&mut self, names: Names<'_>) -> Result<Vec<ReceptionLine>, FoldError> {
        let client = self.client_id()?;
        let mut found = Vec::new();
        if let Some(sku) = names.sku {
            let name = line_name("sku", sku);
            found = self.store.lines_in_trouble_called(&client, &name, LINES_PER_ENTRY)?;
        }
        if let Some(asin) = names.asin {
            let also = self.store.lines_in_trouble_of_asin(&client, asin, LINES_PER_ENTRY)?;
            let also: Vec<_> = also.into_iter().filter(|line| !found.contains(line)).collect();
            found.extend(also);
        }
        found.retain(|line| line.item.is_none());
        Ok(found)
    }
}

fn of_line(line: &ReceptionLine) -> super::ReceptionKey {
    (line.client.clone(), line.source.clone(), line.source_id.clone())
}
