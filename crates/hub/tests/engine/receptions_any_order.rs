//! Whatever is told of receptions, by whatever road, in whatever order and however often: the books are the same, and they say
//! what was told last.

use std::collections::{BTreeMap, BTreeSet};

use crossdock_domain::Number;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::reception::{ReceptionStatus, Shelved};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::receptions::{forward, reception};
use crate::rig::Rig;

const THINGS: usize = 3;
const RECEPTIONS: usize = 2;

/// What a partner says of one thing of a reception.
#[derive(Debug, Clone, Copy)]
struct Figures {
    requested: i64,
    received: i64,
    unsellable: i64,
}

impl Figures {
    const fn and(self, other: Self) -> Self {
        Self {
            requested: self.requested + other.requested,
            received: self.received + other.received,
            unsellable: self.unsellable + other.unsellable,
        }
    }
}

/// A minute, if it is known, and which of our readings.
type When = (Option<i64>, u64);

/// By what a thing is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called {
    Sku,
    Asin,
    Both,
}

/// Something that is told, at a minute of the partner's clock.
#[derive(Debug, Clone)]
enum Telling {
    /// A webhook, or a check-in: some lines, with some of their figures.
    Some(usize, i64, Vec<(usize, Called, Figures)>),
    /// A row of a list: no lines.
    Head(usize, i64, ReceptionStatus, Shelved),
    /// All its lines: as it was told, or as it was read by one of our readings. A reading may have two lines of one thing.
    Whole(usize, (i64, u64), Vec<(usize, Called, Figures)>),
    /// By hand: nobody knows of when it is.
    Manual(usize, Vec<(usize, Called, Figures)>),
    /// A figure that cannot be.
    Wrong(usize, i64, usize),
}

fn sku(thing: usize) -> String {
    format!("SKU-{thing}")
}

fn asin(thing: usize) -> String {
    format!("B00000000{thing}")
}

fn row(thing: usize, called: Called, figures: Figures) -> Value {
    let Figures { requested, received, unsellable } = figures;
    let mut row = json!({ "requested": requested, "received": received, "unsellable": unsellable });
    if called != Called::Asin {
        row["sku"] = json!(sku(thing));
    }
    if called != Called::Sku {
        row["asin"] = json!(asin(thing));
    }
    row
}

impl Telling {
    fn reception(&self) -> usize {
        match self {
            Self::Some(reception, ..)
            | Self::Head(reception, ..)
            | Self::Whole(reception, ..)
            | Self::Manual(reception, _)
            | Self::Wrong(reception, ..) => *reception,
        }
    }

    fn fact(&self) -> ReceptionFact {
        let id = format!("INB-{}", self.reception());
        let rows = |lines: &[(usize, Called, Figures)]| -> Value {
            lines.iter().map(|(thing, called, figures)| row(*thing, *called, *figures)).collect()
        };
        match self {
            Self::Some(_, minute, lines) => reception(&id, Some(*minute), &rows(lines)),
            Self::Manual(_, lines) => reception(&id, None, &rows(lines)),
            Self::Head(_, minute, status, shelved) => ReceptionFact {
                status: Some(*status),
                shelved: Some(*shelved),
                ..reception(&id, Some(*minute), &json!([]))
            },
            Self::Whole(_, (minute, nth), lines) => {
                let fact = reception(&id, Some(*minute), &rows(lines));
                ReceptionFact { has_all_lines: true, reading: Number(*nth), ..fact }
            }
            Self::Wrong(_, minute, thing) => {
                let line = json!([{ "sku": sku(*thing), "received": -1 }]);
                reception(&id, Some(*minute), &line)
            }
        }
    }

    /// When, as far as is known, by which reading, and what of which things.
    fn lines(&self) -> (When, Vec<(usize, Option<Figures>)>) {
        let some = |lines: &[(usize, Called, Figures)]| {
            lines.iter().map(|(thing, _, figures)| (*thing, Some(*figures))).collect()
        };
        match self {
            Self::Some(_, minute, lines) => ((Some(*minute), 0), some(lines)),
            Self::Manual(_, lines) => ((None, 0), some(lines)),
            Self::Head(_, minute, ..) => ((Some(*minute), 0), Vec::new()),
            Self::Whole(_, (minute, nth), lines) => {
                let mut sums: BTreeMap<usize, Figures> = BTreeMap::new();
                for (thing, _, figures) in lines {
                    sums.entry(*thing)
                        .and_modify(|sum| *sum = sum.and(*figures))
                        .or_insert(*figures);
                }
                let told = sums.into_iter().map(|(thing, sum)| (thing, Some(sum)));
                ((Some(*minute), *nth), told.collect())
            }
            Self::Wrong(_, minute, thing) => ((Some(*minute), 0), vec![(*thing, None)]),
        }
    }
}

fn figures() -> impl Strategy<Value = Figures> {
    (0_i64..9, 0_i64..9, 0_i64..3).prop_map(|(requested, received, unsellable)| Figures {
        requested,
        received,
        unsellable,
    })
}

fn called() -> impl Strategy<Value = Called> {
    prop_oneof![Just(Called::Sku), Just(Called::Asin), Just(Called::Both)]
}

/// Each thing at most once in one telling: of what was merely told nobody knows whether two lines of one thing came together
/// that turn out to be one only later.
fn some_lines() -> impl Strategy<Value = Vec<(usize, Called, Figures)>> {
    let line = proptest::option::of((called(), figures()));
    proptest::collection::vec(line, THINGS).prop_map(|lines| {
        let told = lines.into_iter().enumerate();
        told.filter_map(|(thing, line)| line.map(|(called, figures)| (thing, called, figures)))
            .collect()
    })
}

/// A thing, by its names or in a line for each of them.
fn in_lines(thing: usize) -> impl Strategy<Value = Vec<(usize, Called, Figures)>> {
    let apart = (figures(), figures()).prop_map(move |(by_sku, by_asin)| {
        vec![(thing, Called::Sku, by_sku), (thing, Called::Asin, by_asin)]
    });
    let line =
        (called(), figures()).prop_map(move |(called, figures)| vec![(thing, called, figures)]);
    prop_oneof![Just(Vec::new()), line, apart]
}

fn telling() -> impl Strategy<Value = Telling> {
    let read = (0..THINGS).map(in_lines).collect::<Vec<_>>();
    let read = (1_u64..4, read).prop_map(|(nth, lines)| (nth, lines.concat()));
    let whole = prop_oneof![3 => read, 1 => some_lines().prop_map(|lines| (0, lines))];
    let status = proptest::sample::select(ReceptionStatus::ALL.to_vec());
    let shelved = proptest::sample::select(Shelved::ALL.to_vec());
    let reception = 0..RECEPTIONS;
    let minute = 0_i64..6;
    prop_oneof![
        4 => (reception.clone(), minute.clone(), some_lines())
            .prop_map(|(reception, minute, lines)| Telling::Some(reception, minute, lines)),
        2 => (reception.clone(), minute.clone(), status, shelved)
            .prop_map(|(reception, minute, s, shelved)| Telling::Head(reception, minute, s, shelved)),
        4 => (reception.clone(), minute.clone(), whole)
            .prop_map(|(reception, minute, (nth, lines))| {
                Telling::Whole(reception, (minute, nth), lines)
            }),
        2 => (reception.clone(), some_lines())
            .prop_map(|(reception, lines)| Telling::Manual(reception, lines)),
        1 => (reception, minute, 0..THINGS)
            .prop_map(|(reception, minute, thing)| Telling::Wrong(reception, minute, thing)),
    ]
}

/// Once with each thing's names together, somewhere: then everybody knows in the end which thing is which.
fn introduction() -> Telling {
    let none = Figures { requested: 0, received: 0, unsellable: 0 };
    let lines = (0..THINGS).map(|thing| (thing, Called::Both, none)).collect();
    Telling::Some(RECEPTIONS, 0, lines)
}

/// What the books say, by the names that people know.
#[derive(Debug, PartialEq, Eq)]
struct Books {
    balances: BTreeMap<(String, String), i64>,
    receptions: BTreeMap<String, Value>,
    lines: BTreeMap<(String, String), Value>,
}

fn books(rig: &mut Rig) -> Books {
    let (client, reader) = (rig.client(), rig.reader());
    let items = reader.items(&client, None, "", 99).unwrap();
    let sku_of: BTreeMap<_, _> =
        items.iter().map(|stock| (stock.item.id, stock.item.sku.clone())).collect();
    let balances = items
        .iter()
        .flat_map(|stock| stock.balances.iter())
        .filter(|balance| balance.quantity != 0)
        .map(|b| ((sku_of[&b.item].clone(), b.account.to_string()), b.quantity))
        .collect();
    let mut found = Books { balances, receptions: BTreeMap::new(), lines: BTreeMap::new() };
    for reception in 0..=RECEPTIONS {
        let id = format!("INB-{reception}");
        let Some((reception, lines)) =
            reader.reception(&client, "acme", &id.parse().unwrap()).unwrap()
        else {
            continue;
        };
        let shown = json!({
            "status": reception.status(), "shelved": reception.shelved(), "told": reception.told,
            "totals": reception.totals,
        });
        found.receptions.insert(id.clone(), shown);
        for line in lines {
            let name = line.item.map_or(line.line.clone(), |item| sku_of[&item].clone());
            let shown = json!({
                "told": line.told, "gone": line.gone, "booked": line.booked, "problem": line.problem,
                "unsellable": line.booked_unsellable,
            });
            let before = found.lines.insert((id.clone(), name.clone()), shown);
            assert!(before.is_none(), "{name} is there twice in {id}");
        }
    }
    found
}

fn told_in(tellings: &[Telling]) -> Books {
    let mut rig = Rig::empty();
    rig.rebuilds = vec![7];
    for telling in tellings {
        rig.hears(&forward(telling.fact()));
    }
    books(&mut rig)
}

/// What is in the books of a thing, if the latest telling of each of its figures holds.
fn latest(tellings: &[Telling], reception: usize, thing: usize) -> (i64, i64) {
    let (mut received, mut unsellable) = (None, None);
    let (mut there, mut whole) = (None, None);
    for telling in tellings.iter().filter(|telling| telling.reception() == reception) {
        let (moment, lines) = telling.lines();
        if matches!(telling, Telling::Whole(..)) {
            whole = whole.max(Some(moment));
        }
        for (_, figures) in lines.iter().filter(|(other, _)| *other == thing) {
            there = there.max(Some(moment));
            if let Some(figures) = figures {
                received = received.max(Some((moment, figures.received)));
                unsellable = unsellable.max(Some((moment, figures.unsellable)));
            }
        }
    }
    if whole > there {
        return (0, 0);
    }
    let units = |latest: Option<(When, i64)>| latest.map_or(0, |(_, units)| units);
    (units(received), units(unsellable))
}

/// Of one instant a partner tells one thing, however often: the first that says something of it. Each reading of the same
/// instant may show another.
fn consistent(tellings: Vec<Telling>) -> Vec<Telling> {
    let mut heard = BTreeSet::new();
    let is_first = |telling: &Telling| match telling {
        Telling::Manual(..) => true,
        Telling::Some(reception, minute, _) | Telling::Wrong(reception, minute, _) => {
            heard.insert((*reception, *minute, 0, 0))
        }
        Telling::Whole(reception, (minute, nth), _) => heard.insert((*reception, *minute, 0, *nth)),
        Telling::Head(reception, minute, ..) => heard.insert((*reception, *minute, 1, 0)),
    };
    let mut is_first = is_first;
    tellings.into_iter().filter(|telling| is_first(telling)).collect()
}

fn orders() -> impl Strategy<Value = (Vec<Telling>, Vec<Telling>, Vec<Telling>)> {
    proptest::collection::vec(telling(), 1..10)
        .prop_map(consistent)
        .prop_flat_map(|tellings| {
            let twice: Vec<_> = tellings.iter().chain(&tellings).cloned().collect();
            (Just(tellings), Just(twice).prop_shuffle())
        })
        .prop_flat_map(|(tellings, twice)| {
            let once = tellings.clone();
            (Just(tellings), Just(once).prop_shuffle(), Just(twice))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_repetition_of_tellings_ends_in_the_same_books(
        (tellings, others, twice) in orders(),
        introduced_at in 0.0_f64..1.0,
    ) {
        let with = |tellings: &[Telling], at: f64| -> Vec<Telling> {
            let mut all = tellings.to_vec();
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a share of a short list")]
            all.insert((at * all.len() as f64) as usize, introduction());
            all
        };
        let first = told_in(&with(&tellings, 0.0));
        prop_assert_eq!(&told_in(&with(&others, introduced_at)), &first);
        prop_assert_eq!(&told_in(&with(&twice, 1.0)), &first);
        for thing in 0..THINGS {
            let (mut pool, mut unsellable) = (0, 0);
            for reception in 0..RECEPTIONS {
                let (more, more_unsellable) = latest(&tellings, reception, thing);
                pool += more;
                unsellable += more_unsellable;
            }
            let held = |account: &str| {
                first.balances.get(&(sku(thing), account.to_owned())).copied().unwrap_or_default()
            };
            prop_assert_eq!((held("pool:b2c"), held("unsellable")), (pool, unsellable));
        }
    }

    #[test]
    fn even_where_nobody_ever_says_which_names_are_of_the_same_thing((tellings, others, twice) in orders()) {
        let first = told_in(&tellings);
        prop_assert_eq!(&told_in(&others), &first);
        prop_assert_eq!(&told_in(&twice), &first);
    }
}
