//! Opening day: makes locations, products, items and their first stock from the setup.

use jiff::Timestamp;

use super::catalogue::{Item, ItemAt, Level, Location, LocationAt, Product, ProductAt, Quantity};
use super::ids::Ids;
use super::setup::{ExactItem, Setup};
use super::shop::Stockroom;
use crate::random::Random;

/// Titles with the characters that break naive signature checks: slash, ampersand, tag, accent.
const TITLES: [&str; 5] =
    ["Café crème mug", "Plate 20/25 cm", "Tea & honey", "Linen <natural> cloth", "測試 lamp"];
const SIZES: [&str; 3] = ["S", "M", "L"];

/// What an odd item is odd in.
struct Odd {
    title: &'static str,
    sku: Option<&'static str>,
    available: i64,
    item_id: Option<u64>,
    oddity: Oddity,
}

#[derive(PartialEq)]
enum Oddity {
    None,
    Untracked,
    Bundle,
}

const ODD_ITEMS: [Odd; 8] = [
    odd("Untracked card", Some("ODD-UNTRACKED"), 0, Oddity::Untracked),
    odd("Twin one", Some("ODD-DUPLICATE"), 7, Oddity::None),
    odd("Twin two", Some("ODD-DUPLICATE"), 11, Oddity::None),
    odd("Blank SKU", Some(""), 5, Oddity::None),
    odd("No SKU", None, 6, Oddity::None),
    odd("Oversold", Some("ODD-NEGATIVE"), -3, Oddity::None),
    Odd {
        item_id: Some(271_878_346_596_884_015),
        ..odd("Beyond 2^53", Some("ODD-BIG-ID"), 9, Oddity::None)
    },
    odd("Bundle", Some("ODD-BUNDLE"), 4, Oddity::Bundle),
];

const fn odd(
    title: &'static str,
    sku: Option<&'static str>,
    available: i64,
    oddity: Oddity,
) -> Odd {
    Odd { title, sku, available, item_id: None, oddity }
}

/// Builds the whole stockroom.
pub(crate) fn stock_up(setup: &Setup, ids: &mut Ids, now: Timestamp) -> Stockroom {
    let mut room = Stockroom::default();
    for location in &setup.locations {
        room.locations.push(Location {
            id: location.id,
            level_number: location.level_number,
            name: location.name.clone(),
            created_at: now,
        });
    }
    let mut chance = Random::new(setup.seed, "opening");
    let mut left = setup.items;
    let mut number = 0;
    while left > 0 {
        let size = if chance.below(3) == 0 { SIZES.len().min(left) } else { 1 };
        let title = TITLES.get(number % TITLES.len()).copied().unwrap_or("Thing");
        let product = add_product(&mut room, ids, None, &format!("{title} {}", number + 1), now);
        for size_at in 0..size {
            let sku = format!("DEMO-{:03}", setup.items - left + 1);
            let mut item = plain_item(ids, product, Some(sku), now);
            item.price_cents = chance.between(199, 9999);
            if size > 1 {
                SIZES.get(size_at).copied().unwrap_or("XL").clone_into(&mut item.option);
            }
            let available = chance.between(*setup.opening.start(), *setup.opening.end());
            add_item(&mut room, ids, item, &[(LocationAt(0), available)], now);
            left -= 1;
        }
        number += 1;
    }
    if setup.odd {
        for odd in ODD_ITEMS {
            add_odd(&mut room, ids, &odd, now);
        }
    }
    for exact in &setup.exact {
        add_exact(&mut room, ids, exact, now);
    }
    room
}

fn add_product(
    room: &mut Stockroom,
    ids: &mut Ids,
    id: Option<u64>,
    title: &str,
    now: Timestamp,
) -> ProductAt {
    let handle: String = title
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    room.products.push(Product {
        id: id.unwrap_or_else(|| ids.product()),
        title: title.to_owned(),
        handle,
        status: "active",
        option_id: ids.other(),
        items: Vec::new(),
        created_at: now,
        updated_at: now,
    });
    ProductAt(room.products.len() - 1)
}

fn plain_item(ids: &mut Ids, product: ProductAt, sku: Option<String>, now: Timestamp) -> Item {
    Item {
        id: ids.item(),
        variant_id: ids.variant(),
        product,
        sku,
        option: "Default Title".to_owned(),
        barcode: None,
        price_cents: 1999,
        tracked: true,
        bundle: false,
        requires_shipping: true,
        created_at: now,
        updated_at: now,
    }
}

fn add_item(
    room: &mut Stockroom,
    ids: &mut Ids,
    item: Item,
    stock: &[(LocationAt, i64)],
    now: Timestamp,
) {
    let at = ItemAt(room.items.len());
    room.product_mut(item.product).items.push(at);
    room.items.push(item);
    let mut opening = 0;
    for (location, available) in stock {
        let mut level = Level::new(ids.level(), now);
        level.shift(Quantity::Available, *available, now);
        opening += available;
        room.levels.insert((at, *location), level);
    }
    room.tallies.push(super::truth::Tally { opening, ..Default::default() });
}

fn add_odd(room: &mut Stockroom, ids: &mut Ids, odd: &Odd, now: Timestamp) {
    let product = add_product(room, ids, None, odd.title, now);
    let mut item = plain_item(ids, product, odd.sku.map(str::to_owned), now);
    item.tracked = odd.oddity != Oddity::Untracked;
    item.bundle = odd.oddity == Oddity::Bundle;
    item.id = odd.item_id.unwrap_or(item.id);
    add_item(room, ids, item, &[(LocationAt(0), odd.available)], now);
}

fn add_exact(room: &mut Stockroom, ids: &mut Ids, exact: &ExactItem, now: Timestamp) {
    let product = add_product(room, ids, Some(exact.product_id), &exact.title, now);
    let mut item = plain_item(ids, product, exact.sku.clone(), now);
    item.id = exact.item_id;
    item.variant_id = exact.variant_id;
    item.tracked = exact.tracked;
    let stock: Vec<_> = exact
        .levels
        .iter()
        .filter_map(|(location_id, available)| {
            Some((room.location_by_id(*location_id)?, *available))
        })
        .collect();
    add_item(room, ids, item, &stock, now);
}
