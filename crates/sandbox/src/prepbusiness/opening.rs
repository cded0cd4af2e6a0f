//! The day the centre opens: merchants, their goods, and (if wanted) the odd ones.

use jiff::Timestamp;

use super::centre::Centre;
use super::goods::{Identifier, Item, Merchant};
use super::orders::OrderLine;
use super::setup::{ItemSetup, code};
use super::truth::Tally;
use crate::random::Random;

/// Units of the odd item that customers ordered although it is not there.
const ORDERED_TOO_MANY: i64 = 80;

/// Moves everybody in.
pub(crate) fn move_in(centre: &mut Centre, now: Timestamp) {
    let merchants = centre.setup.merchants.clone();
    for merchant in merchants {
        let (id, name, token) = (merchant.id, merchant.name, merchant.token);
        centre.numbers.pass("merchant", id);
        centre.merchants.insert(id, Merchant { id, name, token });
        for item in &merchant.items {
            centre.shelve(id, item, now);
        }
        if centre.setup.odd {
            odd(centre, id, now);
        }
    }
}

fn odd(centre: &mut Centre, merchant_id: u64, now: Timestamp) {
    let goods = |sku: Option<&str>, asin: Option<&str>, title: &str| ItemSetup {
        sku: sku.map(|sku| format!("{sku}-{merchant_id}")),
        asin: asin.map(str::to_owned),
        title: title.to_owned(),
        opening: 0,
    };
    let found = code("B0", &format!("unnamed {merchant_id}"));
    let odd = [
        goods(Some("ODD-NO-ASIN"), None, "Goods that Amazon does not know"),
        goods(Some("ODD-BLANK-ASIN"), Some(""), "Goods with a blank ASIN"),
        goods(None, Some(&found), "Goods \u{fc}ber all \u{2013} no SKU, 20/25 cm <new>"),
        goods(None, None, "Goods without any name"),
    ];
    for item in &odd {
        centre.shelve(merchant_id, item, now);
    }
    let missing = goods(Some("ODD-NEGATIVE"), None, "Goods sold before they came");
    let item_id = centre.shelve(merchant_id, &missing, now);
    let line =
        OrderLine { id: centre.numbers.next("order line"), item_id, quantity: ORDERED_TOO_MANY };
    centre.take_order(merchant_id, &format!("ODD-{merchant_id}"), vec![line], now);
}

impl Centre {
    /// Keeps an item from now on.
    pub(crate) fn shelve(&mut self, merchant_id: u64, goods: &ItemSetup, now: Timestamp) -> u64 {
        let id = self.numbers.next("item");
        let mut chance = Random::new(self.setup.seed ^ id, "item");
        let named = goods.sku.clone().unwrap_or_else(|| goods.title.clone());
        let asin = goods.asin.as_ref().filter(|asin| !asin.is_empty());
        let ean = format!("{:013}", chance.below(10_000_000_000_000));
        let mut identifiers = Vec::new();
        let codes = [
            ("EAN", Some(ean)),
            ("ASIN", asin.cloned()),
            ("FNSKU", asin.map(|_| code("X0", &format!("{named} {merchant_id}")))),
        ];
        for (kind, text) in codes {
            let text = text.map(|text| (self.numbers.next("identifier"), text));
            identifiers.extend(text.map(|(id, text)| Identifier {
                id,
                text,
                kind: kind.to_owned(),
            }));
        }
        let mut measure = |low, high| chance.between(low, high);
        let measures = [measure(50, 300), measure(50, 300), measure(20, 200), measure(100, 4_000)];
        let item = Item {
            id,
            merchant_id,
            sku: goods.sku.clone(),
            title: goods.title.clone(),
            asin: goods.asin.clone(),
            identifiers,
            measures: Some(measures),
            created_at: now,
            updated_at: now,
            tally: Tally { opening: goods.opening, ..Tally::default() },
        };
        self.items.insert(id, item);
        id
    }
}
