//! What must hold of every allocation, and examples of each.

use proptest::prelude::*;

use super::*;

const SHARE_60: Allocation = Allocation::Share { b2c_percent: 60, hold: Hold::Soft };
const SHARE_60_HARD: Allocation = Allocation::Share { b2c_percent: 60, hold: Hold::Hard };

fn after(held: Held, shift: Option<Shift>) -> Held {
    let Some(Shift { from, to, quantity }) = shift else { return held };
    assert!(quantity > 0 && from != to);
    let by = if to == Pool::B2c { quantity } else { -quantity };
    Held { b2b: held.b2b - by, b2c: held.b2c + by }
}

fn floors(b2b: i64, public: i64, hold: Hold) -> Allocation {
    Allocation::SharedWithFloor { b2b_floor: b2b, b2c_floor: public, hold }
}

fn holds() -> impl Strategy<Value = Hold> {
    prop_oneof![Just(Hold::Soft), Just(Hold::Hard)]
}

fn allocations() -> impl Strategy<Value = Allocation> {
    prop_oneof![
        Just(Allocation::Fixed),
        Just(Allocation::Shared),
        (0..=100_u8, holds())
            .prop_map(|(b2c_percent, hold)| Allocation::Share { b2c_percent, hold }),
        (0..100_i64, 0..100_i64, holds()).prop_map(|(b2b, b2c, hold)| floors(b2b, b2c, hold)),
    ]
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![-200..200_i64, -QUANTITY_MAX..QUANTITY_MAX]
}

proptest! {
    #[test]
    fn whatever_is_shifted_the_pools_hold_the_same_together(
        allocation in allocations(), b2b in amounts(), b2c in amounts(), came in 1..QUANTITY_MAX, to_b2b: bool,
    ) {
        let pool = if to_b2b { Pool::B2b } else { Pool::B2c };
        for arrived in [None, Some(Arrived { pool, quantity: came })] {
            let held = Held { b2b, b2c };
            let then = after(held, allocation.shift(held, arrived));
            prop_assert_eq!(then.b2b + then.b2c, b2b + b2c);
        }
    }

    #[test]
    fn what_was_shifted_once_is_not_shifted_again(
        allocation in allocations(), b2b in amounts(), b2c in amounts(),
    ) {
        let held = Held { b2b, b2c };
        let then = after(held, allocation.shift(held, None));
        prop_assert_eq!(allocation.shift(then, None), None);
    }

    #[test]
    fn no_shift_takes_a_pool_below_nothing(
        allocation in allocations(), b2b in amounts(), b2c in amounts(),
    ) {
        let held = Held { b2b, b2c };
        let then = after(held, allocation.shift(held, None));
        for pool in [Pool::B2b, Pool::B2c] {
            prop_assert!(then.of(pool) >= held.of(pool).min(0));
        }
    }

    #[test]
    fn a_soft_share_never_takes_back(
        percent in 0..=100_u8, b2b in 0..200_i64, b2c in 0..200_i64, came in 1..50_i64, to_b2b: bool,
    ) {
        let share = Allocation::Share { b2c_percent: percent, hold: Hold::Soft };
        let before = Held { b2b, b2c };
        prop_assert_eq!(share.shift(before, None), None);
        let pool = if to_b2b { Pool::B2b } else { Pool::B2c };
        let by = if to_b2b { (came, 0) } else { (0, came) };
        let held = Held { b2b: b2b + by.0, b2c: b2c + by.1 };
        let then = after(held, share.shift(held, Some(Arrived { pool, quantity: came })));
        prop_assert!(then.b2b >= b2b && then.b2c >= b2c);
    }

    #[test]
    fn single_units_add_up_to_the_share_in_the_end(percent in 0..=100_u8, to_b2b: bool) {
        let share = Allocation::Share { b2c_percent: percent, hold: Hold::Soft };
        let pool = if to_b2b { Pool::B2b } else { Pool::B2c };
        let mut held = Held::default();
        for _ in 0..100 {
            if to_b2b { held.b2b += 1 } else { held.b2c += 1 }
            held = after(held, share.shift(held, Some(Arrived { pool, quantity: 1 })));
        }
        prop_assert_eq!(held.b2c, i64::from(percent));
    }
}

#[test]
fn a_soft_share_distributes_what_comes_in_and_nothing_else() {
    let held = Held { b2b: 0, b2c: 110 };
    let came = Some(Arrived { pool: Pool::B2c, quantity: 10 });
    let then = after(held, SHARE_60.shift(held, came));
    assert_eq!(then, Held { b2b: 4, b2c: 106 });
}

#[test]
fn a_hard_share_is_allocated_anew_at_every_change() {
    let held = Held { b2b: 40, b2c: 50 };
    let then = after(held, SHARE_60_HARD.shift(held, None));
    assert_eq!(then, Held { b2b: 36, b2c: 54 });
}

#[test]
fn a_pool_that_sold_more_than_it_had_is_covered_down_to_the_others_floor() {
    let covered = |held| after(held, floors(5, 3, Hold::Soft).shift(held, None));
    assert_eq!(covered(Held { b2b: 10, b2c: -4 }), Held { b2b: 6, b2c: 0 });
    assert_eq!(covered(Held { b2b: 10, b2c: -7 }), Held { b2b: 5, b2c: -2 });
    assert_eq!(covered(Held { b2b: -1, b2c: 10 }), Held { b2b: 0, b2c: 9 });
    assert_eq!(covered(Held { b2b: 0, b2c: 10 }), Held { b2b: 0, b2c: 10 }, "soft fills nothing");
}

#[test]
fn a_hard_floor_is_filled_up_from_what_the_other_has_above_its_own() {
    let filled = |held| after(held, floors(5, 3, Hold::Hard).shift(held, None));
    assert_eq!(filled(Held { b2b: 0, b2c: 10 }), Held { b2b: 5, b2c: 5 });
    assert_eq!(filled(Held { b2b: 0, b2c: 5 }), Held { b2b: 2, b2c: 3 });
    assert_eq!(
        filled(Held { b2b: 4, b2c: 2 }),
        Held { b2b: 4, b2c: 2 },
        "neither has any to spare"
    );
}

#[test]
fn only_goods_booked_in_from_outside_are_new() {
    let by = |from: &str, reason| Arrived::by(&from.parse().unwrap(), &Account::B2C, 3, reason);
    assert_eq!(by("supplier", Reason::Allocated), Some(Arrived { pool: Pool::B2c, quantity: 3 }));
    assert_eq!(by("b2b", Reason::Allocated), None);
    assert_eq!(by("acme:shop", Reason::Observed), None);
    assert_eq!(by("committed:PO-1", Reason::Cancelled), None);
    assert_eq!(by("count", Reason::Opening), None);
}

#[test]
fn an_allocation_is_written_as_an_object_and_a_word_is_read_too() {
    let read = |text: &str| serde_json::from_str::<Allocation>(text);
    assert_eq!(read("\"shared\"").unwrap(), Allocation::Shared);
    assert_eq!(read("{\"mode\": \"share\", \"b2c_percent\": 60}").unwrap(), SHARE_60);
    for allocation in
        [Allocation::Fixed, Allocation::Shared, SHARE_60_HARD, floors(1, 2, Hold::Soft)]
    {
        let text = serde_json::to_string(&allocation).unwrap();
        assert!(text.contains(&format!("\"mode\":\"{}\"", allocation.word())), "{text}");
        assert_eq!(read(&text).unwrap(), allocation);
    }
    for bad in ["\"half\"", "{\"mode\": \"share\"}", "{\"mode\": \"fixed\", \"floor\": 1}", "7"] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn terms_that_cannot_be_are_objected_to() {
    assert!(Allocation::Share { b2c_percent: 101, hold: Hold::Soft }.objection().is_some());
    assert!(floors(-1, 0, Hold::Soft).objection().is_some());
    assert_eq!(SHARE_60.objection(), None);
}
