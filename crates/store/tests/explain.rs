//! An item's ledger, page by page: every page adds up, and books that do not are told from those that do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod fresh;

use std::ops::ControlFlow;

use crossdock_domain::stock::{Account, Balance, Movement, Reason};
use crossdock_domain::{ClientId, Instant, ItemId, Number};
use crossdock_store::Store;
use crossdock_store::reader::explain::{AccountSum, Ledger, LedgerAsked};
use proptest::prelude::*;

use fresh::Fresh;

const ITEM: ItemId = ItemId(7);

fn client() -> ClientId {
    "main".parse().unwrap()
}

fn movement(
    item: ItemId,
    (number, index): (u64, u32),
    (from, to): (&str, &str),
    (quantity, from_after, to_after): (i64, i64, i64),
) -> Movement {
    Movement {
        client: client(),
        number: Number(number),
        index,
        item,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        quantity,
        from_after,
        to_after,
        reason: Reason::Allocated,
        at: Instant(0),
    }
}

/// How far apart the entries are: far enough for their movements to lie in several of SQLite's spans.
const APART: u64 = 1_500;

/// A store in which these units moved, one entry after the other; and another item's, which must not mix in.
struct Books {
    store: Store,
    place: Fresh,
}

impl Books {
    fn new(moved: &[(&str, &str, i64)]) -> Self {
        let place = Fresh::new();
        let mut books = Self { store: place.store(), place };
        for (place, (from, to, quantity)) in (1..).zip(moved) {
            books.transfer(ITEM, (place * APART, 0), (from, to), *quantity);
            books.transfer(ItemId(8), (place * APART, 1), ("count", "b2c"), 1_000);
        }
        books
    }

    fn transfer(&mut self, item: ItemId, at: (u64, u32), names: (&str, &str), quantity: i64) {
        let (from, to): (Account, Account) = (names.0.parse().unwrap(), names.1.parse().unwrap());
        self.store.begin().unwrap();
        let from_after = self.change(item, &from, -quantity);
        let to_after = self.change(item, &to, quantity);
        self.store.add(movement(item, at, names, (quantity, from_after, to_after)));
        self.store.commit().unwrap();
    }

    fn change(&mut self, item: ItemId, account: &Account, by: i64) -> i64 {
        let known = self.store.get::<Balance>(&(client(), item, account.clone())).unwrap();
        let quantity = known.map_or(0, |balance| balance.quantity) + by;
        self.put(item, account, quantity);
        quantity
    }

    fn put(&mut self, item: ItemId, account: &Account, quantity: i64) {
        self.store.put(Balance { client: client(), item, account: account.clone(), quantity });
    }

    fn look(&self, asked: &LedgerAsked) -> Ledger {
        self.place.reader().ledger(&client(), ITEM, asked).unwrap()
    }

    /// All pages, each with so many entries.
    fn pages(&self, limit: u32, account: Option<&str>) -> Vec<Ledger> {
        let account = account.map(|name| name.parse().unwrap());
        let mut asked = LedgerAsked { account, limit, ..LedgerAsked::default() };
        let mut pages = vec![self.look(&asked)];
        while let Some(before) = pages.last().unwrap().next {
            asked.before = Some(before);
            pages.push(self.look(&asked));
        }
        pages
    }
}

fn of<'l>(ledger: &'l Ledger, account: &str) -> &'l AccountSum {
    let account: Account = account.parse().unwrap();
    ledger.sums.iter().find(|sum| sum.account == account).unwrap()
}

const DAY: [(&str, &str, i64); 6] = [
    ("count", "b2c", 20),
    ("b2c", "b2b", 5),
    ("b2b", "committed:PO-1", 3),
    ("b2c", "acme:shop", 2),
    ("committed:PO-1", "b2b", 3),
    ("b2c", "acme:shop", 1),
];

#[test]
fn every_page_adds_up_to_the_balance() {
    let pages = Books::new(&DAY).pages(2, None);
    assert_eq!(pages.len(), 3);
    for page in &pages {
        assert!(page.broken.is_empty());
        assert_eq!(page.counted, Some(6), "the other item's movements are not counted");
        for sum in &page.sums {
            assert_eq!(sum.opening + sum.shown + sum.later, sum.balance, "{sum:?}");
            assert_eq!(sum.total, Some(sum.balance), "{sum:?}");
        }
    }
    let b2c: Vec<_> = pages.iter().map(|page| of(page, "b2c")).collect();
    assert_eq!(b2c.iter().map(|sum| sum.shown).collect::<Vec<_>>(), [-1, -2, 15]);
    assert_eq!((b2c[0].balance, b2c[0].opening, b2c[0].later), (12, 13, 0));
    assert_eq!((b2c[2].opening, b2c[2].later), (0, -3));
}

#[test]
fn one_account_alone_has_only_its_own_movements_and_still_adds_up() {
    let books = Books::new(&DAY);
    let pages = books.pages(1, Some("b2b"));
    assert_eq!(pages.len(), 3);
    let sum = of(&pages[0], "b2b");
    assert_eq!((sum.balance, sum.opening, sum.shown, sum.total), (5, 2, 3, Some(5)));
    let of_an_order = &books.pages(9, Some("committed:PO-1"))[0];
    assert_eq!(of_an_order.lines.len(), 2);
    assert_eq!(of(of_an_order, "committed:PO-1").total, Some(0));
}

#[test]
fn the_movements_of_one_entry_stay_on_one_page() {
    let mut books = Books::new(&DAY[..1]);
    for index in 2..5 {
        books.transfer(ITEM, (9 * APART, index), ("b2c", "b2b"), 1);
    }
    let pages = books.pages(1, None);
    assert_eq!(pages.iter().map(|page| page.lines.len()).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn a_balance_that_its_movements_do_not_come_to_is_told() {
    let mut books = Books::new(&DAY);
    books.store.begin().unwrap();
    books.put(ITEM, &"b2c".parse().unwrap(), 13);
    books.store.commit().unwrap();
    let page = books.look(&LedgerAsked { limit: 50, ..LedgerAsked::default() });
    let sum = of(&page, "b2c");
    assert_eq!((sum.balance, sum.total), (13, Some(12)));
    assert!(!page.broken.is_empty(), "its lines say something else, too");
}

#[test]
fn movements_to_an_account_without_a_balance_are_told() {
    let mut books = Books::new(&DAY[..1]);
    books.store.begin().unwrap();
    books.store.add(movement(ITEM, (9 * APART, 0), ("supplier", "b2c"), (4, -4, 24)));
    books.store.commit().unwrap();
    let page = books.look(&LedgerAsked { limit: 50, ..LedgerAsked::default() });
    let sum = of(&page, "supplier");
    assert_eq!((sum.balance, sum.total), (0, Some(-4)));
}

#[test]
fn an_items_whole_history_is_added_up_from_one_index_and_unsorted() {
    if fresh::is_not_for_a_server("PostgreSQL plans by what there is") {
        return;
    }
    let reader = Books::new(&DAY).place.reader();
    let mut question = reader
        .question(
            "EXPLAIN QUERY PLAN SELECT number, \"from\", \"to\", quantity FROM item_movements \
             WHERE client = 'main' AND item = 7 ORDER BY span DESC, number DESC, \"index\" DESC",
        )
        .unwrap();
    let mut plan = Vec::new();
    question
        .each(|row| {
            plan.push(row[3].as_str().unwrap().to_owned());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(plan.len(), 2, "{plan:#?}");
    assert!(
        plan[1].contains("COVERING INDEX movements_of_item (client=? AND <expr>=? AND item=?)"),
        "{plan:#?}"
    );
}

#[test]
fn what_was_booked_since_an_instant_is_found_in_whatever_span_it_lies() {
    let mut books = Books::new(&[]);
    books.store.begin().unwrap();
    for n in 0..10_u64 {
        let made = movement(ITEM, (n * APART, 0), ("count", "b2c"), (1, 0, 0));
        let at = Instant(i64::try_from(n * 10).unwrap());
        books.store.add(Movement { at, ..made });
    }
    books.store.commit().unwrap();
    for since in -1..=100 {
        let booked =
            books.store.booked_since(&client(), ITEM, &Account::B2C, Instant(since)).unwrap();
        let later = (0..10).filter(|n| n * 10 > since).count();
        assert_eq!(booked, i64::try_from(later).unwrap(), "since {since}");
    }
}

#[test]
fn movements_of_many_items_change_few_pages() {
    if fresh::is_not_for_a_server("its pages are not ours to count") {
        return;
    }
    let mut books = Books::new(&[]);
    let _checkpointer = books.store.take_over_checkpoints().unwrap();
    let step = |books: &mut Books, numbers: std::ops::Range<u64>| {
        books.store.begin().unwrap();
        for number in numbers {
            let item = ItemId(number * 37 % 200);
            books.store.add(movement(item, (number, 0), ("count", "b2c"), (1, 0, 0)));
        }
        books.store.commit().unwrap();
        books.store.log_pages()
    };
    let before = step(&mut books, 0..40_000);
    let pages = step(&mut books, 40_000..40_064) - before;
    assert!(pages < 32, "64 movements of as many items changed {pages} pages");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_moved_and_however_it_is_paged_nothing_is_lost_between_pages(
        moved in prop::collection::vec((0..4_usize, 1..4_usize, 1..50_i64), 1..30), limit in 1..8_u32,
    ) {
        let names = ["b2b", "b2c", "count", "committed:A"];
        let moved: Vec<_> = moved
            .iter()
            .map(|(from, step, quantity)| (names[*from], names[(from + step) % 4], *quantity))
            .collect();
        let pages = Books::new(&moved).pages(limit, None);
        let shown: usize = pages.iter().map(|page| page.lines.len()).sum();
        prop_assert_eq!(shown, moved.len());
        for page in &pages {
            prop_assert!(page.broken.is_empty());
            prop_assert_eq!(page.committed.total, Some(page.committed.balance));
            for sum in &page.sums {
                prop_assert_eq!(sum.total, Some(sum.balance));
                let all: i64 = pages.iter().map(|p| p.sums.iter().find(|s| s.account == sum.account).unwrap().shown).sum();
                prop_assert_eq!(all, sum.balance);
            }
        }
    }
}
