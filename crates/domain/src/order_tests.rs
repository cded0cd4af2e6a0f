//! What may be sold to a business, and what is held back.

use proptest::prelude::*;

use super::*;
use crate::stock::allocation::Hold;

const FREE: Publishing = Publishing { buffer: 0, cap: None };
const NOTHING: Held = Held { b2b: 0, b2c: 0 };

fn sellable(b2b: i64, b2c: i64) -> Sellable {
    Sellable { b2b, b2c, held_back: HeldBack::default() }
}

fn with_floor(b2c_floor: i64) -> Allocation {
    Allocation::SharedWithFloor { b2b_floor: 0, b2c_floor, hold: Hold::Soft }
}

#[test]
fn an_order_takes_from_b2b_first_and_then_from_b2c() {
    let taken = sellable(3, 4).take(ItemId(1), 5).unwrap();
    assert_eq!((taken.from_b2b, taken.from_b2c, taken.quantity()), (3, 2, 5));
}

#[test]
fn an_order_for_more_than_there_is_takes_nothing() {
    assert_eq!(sellable(3, 4).take(ItemId(1), 8), None);
}

#[test]
fn a_business_draws_on_b2c_only_where_the_allocation_lets_it() {
    let held = Held { b2b: 2, b2c: 9 };
    let total = |allocation| Sellable::of(held, NOTHING, allocation, FREE).total();
    assert_eq!(total(Allocation::Fixed), 2);
    assert_eq!(total(Allocation::Share { b2c_percent: 50, hold: Hold::Soft }), 2);
    assert_eq!(total(Allocation::Shared), 11);
    assert_eq!(total(with_floor(4)), 7);
}

#[test]
fn what_is_held_back_is_named_with_its_reason() {
    let (held, gone) = (Held { b2b: 2, b2c: 9 }, Held { b2b: 0, b2c: 2 });
    let terms = Publishing { buffer: 5, cap: None };
    let sellable = Sellable::of(held, gone, with_floor(4), terms);
    assert_eq!(sellable.held_back, HeldBack { hints: 2, floor: 4, buffer: 1 });
    assert_eq!((sellable.b2b, sellable.b2c), (2, 2));
    let words = sellable.held_back.in_words();
    assert!(words.contains("4 stay for the public") && words.contains("1 stay as"), "{words}");
}

#[test]
fn what_b2b_owes_already_is_not_sold_a_second_time() {
    let held = Held { b2b: -3, b2c: 5 };
    assert_eq!(Sellable::of(held, NOTHING, Allocation::Shared, FREE).total(), 2);
}

#[test]
fn a_source_is_a_word_or_names_the_connection() {
    let read = |text: &str| serde_json::from_str::<Source>(text);
    assert_eq!(read("\"pool\"").unwrap(), Source::Pool);
    assert_eq!(read("\"connection\"").unwrap(), Source::Partner { connection: None });
    let named = read("{\"connection\": \"supplier-1\"}").unwrap();
    assert_eq!(serde_json::to_string(&named).unwrap(), "{\"connection\":\"supplier-1\"}");
    for bad in ["\"pol\"", "7", "{\"connection\": 1}", "{\"conection\": \"x\"}"] {
        assert!(read(bad).unwrap_err().to_string().contains("a source is"), "{bad}");
    }
}

proptest! {
    #[test]
    fn what_is_sold_and_what_is_held_back_is_never_more_than_there_is(
        b2b in -50..50_i64, b2c in -50..50_i64, gone_b2b in 0..20_i64, gone_b2c in 0..20_i64,
        floor in 0..30_i64, buffer in 0..30_i64,
    ) {
        let (held, gone) = (Held { b2b, b2c }, Held { b2b: gone_b2b, b2c: gone_b2c });
        let terms = Publishing { buffer, cap: None };
        let sellable = Sellable::of(held, gone, with_floor(floor), terms);
        let HeldBack { hints, floor: kept, buffer } = sellable.held_back;
        prop_assert!(sellable.b2b >= 0 && sellable.b2c >= 0);
        prop_assert!(hints >= 0 && kept >= 0 && buffer >= 0);
        prop_assert!(sellable.total() + hints + kept + buffer <= b2b.max(0) + b2c.max(0));
        prop_assert!(sellable.total() <= (b2b + b2c.max(0)).max(0).max(b2b.max(0)));
        prop_assert!(b2c - sellable.b2c >= floor.min(b2c));
    }
}
