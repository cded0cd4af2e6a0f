//! A real connector and a simulated prep centre, which serves two clients: what was checked in there is in their books.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crossdock_domain::call::{Departure, ReceptionAct};
use crossdock_domain::command::{Command, MarkShipped, PutConnection, PutMerchant};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::task::{Task, TaskState};
use crossdock_domain::{Instant, LaneId, TaskId};
use crossdock_hub::command_arrival;
use crossdock_sandbox::exchange::{HttpAnswer, HttpRequest};
use crossdock_sandbox::prepbusiness::{Centre, MerchantSetup, Setup, Units};
use crossdock_simulation::{Mood, Partner};

use crate::rig::depot_side::lane_of;
use crate::rig::{Rig, stamp};

const PREP: &str = "prep";
const ACCOUNTS: [(u64, &str, &str); 2] = [(7, "main", "NORTH"), (8, "other", "SOUTH")];

#[derive(Debug, Clone)]
struct Side(Rc<RefCell<(Centre, VecDeque<Mood>)>>);

impl Side {
    fn with<T>(&self, act: impl FnOnce(&mut Centre) -> T) -> T {
        act(&mut self.0.borrow_mut().0)
    }
}

impl Partner for Side {
    fn mood(&mut self) -> Mood {
        self.0.borrow_mut().1.pop_front().unwrap_or(Mood::Fair)
    }

    fn answer(&mut self, request: &HttpRequest, at: Instant) -> HttpAnswer {
        self.with(|centre| {
            let mut request = request.clone();
            let bearer = format!("Bearer {}", centre.setup().token);
            request.headers.push(("authorization".to_owned(), bearer));
            request.path = format!("/api{}", request.path);
            centre.answer(&request, stamp(at))
        })
    }
}

fn lane() -> LaneId {
    LaneId::Connection(PREP.parse().unwrap())
}

fn ask(rig: &mut Rig, command: &Command) -> Outcome {
    let (id, now) = (rig.id(), rig.now);
    rig.arrive(command_arrival(id, lane(), command, "test", None, now));
    let before = rig.folded().len();
    rig.turn();
    let fresh = &rig.folded()[before..];
    let mine = fresh.iter().find(|folded| folded.lane == lane());
    mine.unwrap().outcome.clone()
}

/// A rig with a centre whose two accounts are mapped.
fn opened() -> (Rig, Side) {
    let mut rig = Rig::empty();
    let merchants = ACCOUNTS.map(|(id, name, prefix)| MerchantSetup::numbered(id, name, prefix, 5));
    let setup = Setup { merchants: merchants.to_vec(), ..Setup::default() };
    let api_base_url = format!("https://{}/api", setup.domain);
    let side = Side(Rc::new(RefCell::new((Centre::new(setup, stamp(rig.now)), VecDeque::new()))));
    rig.partners.insert(PREP.to_owned(), Box::new(side.clone()));
    rig.beside = vec![lane(), lane_of("other")];
    let outcome = ask(
        &mut rig,
        &Command::PutConnection(PutConnection {
            connection: PREP.parse().unwrap(),
            connector: "prepbusiness".to_owned(),
            sandbox: false,
            settings: BTreeMap::from([("api_base_url".to_owned(), api_base_url)]),
            secret_slots: vec!["api_token".to_owned(), "webhook_secret".to_owned()],
            calls: None,
            paused: None,
            stock: None,
            live: true,
        }),
    );
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    for (account, client, _) in ACCOUNTS {
        let outcome = ask(
            &mut rig,
            &Command::PutMerchant(PutMerchant {
                connection: PREP.parse().unwrap(),
                merchant: account.to_string().parse().unwrap(),
                client: client.parse().unwrap(),
                destination: None,
                accept_history: false,
            }),
        );
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    }
    rig.settle();
    (rig, side)
}

fn read(rig: &mut Rig) {
    let connection = PREP.parse().unwrap();
    let outcome = ask(rig, &Command::Poll { connection, all: true });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.run(crossdock_domain::Span::from_s(900));
}

fn assert_books_are_true(rig: &mut Rig, side: &Side) {
    for truth in side.with(|centre| centre.truth()) {
        let client = ACCOUNTS.iter().find(|(id, ..)| *id == truth.merchant_id).unwrap().1;
        let sku = truth.sku.clone().unwrap();
        let stock = rig.reader().item(&client.parse().unwrap(), &sku).unwrap();
        let held = |account: &str| {
            let account = account.parse().unwrap();
            let balances = stock.iter().flat_map(|stock| &stock.balances);
            balances.filter(|b| b.account == account).map(|b| b.quantity).sum::<i64>()
        };
        assert_eq!((held("b2c"), held("unsellable")), (truth.received, truth.unsellable), "{sku}");
    }
}

#[test]
fn what_was_checked_in_at_a_prep_centre_is_in_the_books_of_its_client() {
    let (mut rig, side) = opened();
    let now = stamp(rig.now);
    side.with(|centre| {
        for (account, _, prefix) in ACCOUNTS {
            for n in 1..=23_i64 {
                let sku = format!("{prefix}-00{}", 1 + n % 5);
                let id = centre.announce(account, "goods", &[Units::of(&sku, n)], now).unwrap();
                if n % 2 == 0 {
                    centre.check_in(id, &[Units::of(&sku, n - 1)], now).unwrap();
                }
                if n % 7 == 0 {
                    centre.find_unsellable(id, &[Units::of(&sku, 1)], now).unwrap();
                }
            }
        }
    });
    read(&mut rig);
    assert_books_are_true(&mut rig, &side);
    let (now, ids) = (stamp(rig.now), side.with(|centre| centre.inbounds_truth()));
    side.with(|centre| {
        let more = Units::of("NORTH-001", 3);
        centre.check_in(ids[0].id, &[more], now).unwrap();
        centre.archive(ids[1].id, now).unwrap();
    });
    read(&mut rig);
    assert_books_are_true(&mut rig, &side);
    let open = rig.open_tasks();
    assert!(open.iter().all(|task| task.state == TaskState::Waiting), "{open:?}");
}

#[test]
fn a_centres_own_counters_agree_with_the_books_until_goods_are_lost_there() {
    let (mut rig, side) = opened();
    let now = stamp(rig.now);
    side.with(|centre| {
        let goods = [Units::of("NORTH-001", 10), Units::of("NORTH-002", 4)];
        let id = centre.announce(7, "goods", &goods, now).unwrap();
        centre.check_in(id, &goods, now).unwrap();
        centre.find_unsellable(id, &[Units::of("NORTH-001", 2)], now).unwrap();
    });
    read(&mut rig);
    assert_books_are_true(&mut rig, &side);
    let counted = |rig: &Rig, sku: &str| {
        let item = rig.stock(sku).item.id;
        let rows = rig.reader().witnessed(&rig.client(), item).unwrap();
        rows.first().map(|row| (row.counted, row.drift))
    };
    assert_eq!(counted(&rig, "NORTH-001"), Some((Some(10), 0)), "without what cannot be sold");
    assert_eq!(counted(&rig, "NORTH-002"), Some((Some(4), 0)));
    assert!(rig.events("stock.drift").is_empty());

    let now = stamp(rig.now);
    side.with(|centre| centre.adjust(7, &Units::of("NORTH-002", -3), now)).unwrap();
    read(&mut rig);
    assert_eq!(counted(&rig, "NORTH-002"), Some((Some(1), -3)));
    assert_eq!(counted(&rig, "NORTH-001"), Some((Some(10), 0)));
    assert_eq!(
        (rig.events("stock.drift").len(), rig.b2c("NORTH-002")),
        (1, 4),
        "nothing is booked"
    );
}

fn put(rig: &mut Rig, what: ReceptionAct) -> Task {
    let (connection, merchant) = (PREP.parse().unwrap(), "7".parse().unwrap());
    let outcome = ask(rig, &Command::PutReception { connection, merchant, what });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.settle();
    let id: TaskId = outcome.result.unwrap()["task"].as_str().unwrap().parse().unwrap();
    rig.get(&(lane(), id))
}

#[test]
fn an_item_is_added_to_an_inbound_and_set_anew_and_what_came_of_it_stays() {
    let (mut rig, side) = opened();
    let now = stamp(rig.now);
    let goods = [Units::of("NORTH-001", 2)];
    let id = side.with(|centre| centre.announce(7, "goods", &goods, now)).unwrap();
    side.with(|centre| centre.check_in(id, &goods, now)).unwrap();
    let lines = |side: &Side| -> Vec<(i64, i64)> {
        let inbounds = side.with(|centre| centre.inbounds_truth());
        let lines = inbounds.iter().flat_map(|inbound| &inbound.lines);
        lines.map(|line| (line.expected, line.actual)).collect()
    };
    let other = side.with(|centre| {
        let truth = centre.truth();
        truth.iter().find(|one| one.sku.as_deref() == Some("NORTH-002")).unwrap().item_id
    });
    let first = side.with(|centre| {
        let truth = centre.truth();
        truth.iter().find(|one| one.sku.as_deref() == Some("NORTH-001")).unwrap().item_id
    });
    let line = |item: u64, quantity| ReceptionAct::PutLine {
        reception: id.to_string().parse().unwrap(),
        remote_item: item.to_string().parse().unwrap(),
        quantity,
        stands: None,
    };
    for (item, quantity, wanted) in [
        (other, 4, [(2, 2), (4, 0)]),
        (other, 6, [(2, 2), (6, 0)]),
        (first, 9, [(9, 2), (6, 0)]),
        (first, 9, [(9, 2), (6, 0)]),
    ] {
        let task = put(&mut rig, line(item, quantity));
        assert_eq!((task.state, lines(&side)), (TaskState::Done, wanted.to_vec()), "{task:?}");
    }
    side.0.borrow_mut().1.extend([Mood::Fair, Mood::LostAfter]);
    let task = put(&mut rig, line(other, 7));
    assert_eq!((task.state, lines(&side)), (TaskState::Done, vec![(9, 2), (7, 0)]), "{task:?}");
    let task = put(&mut rig, line(999_999, 1));
    assert_eq!(task.state, TaskState::Stuck);
    assert!(task.note.contains("item_id") && task.note.contains("not among"), "{}", task.note);
}

#[test]
fn an_announcement_to_a_prep_centre_whose_answer_was_lost_is_found_there() {
    let (mut rig, side) = opened();
    side.0.borrow_mut().1.push_back(Mood::LostAfter);
    let what = ReceptionAct::Create {
        reference: "PO-1".to_owned(),
        name: "spring goods".to_owned(),
        notes: None,
        warehouse: Some("1".parse().unwrap()),
    };
    let merchant = "7".parse().unwrap();
    let connection = PREP.parse().unwrap();
    let outcome = ask(&mut rig, &Command::PutReception { connection, merchant, what });
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.settle();
    let id: TaskId = outcome.result.unwrap()["task"].as_str().unwrap().parse().unwrap();
    let task: Task = rig.get(&(lane(), id));
    assert_eq!(task.state, TaskState::Done, "{task:?}");
    assert_eq!(side.with(|centre| centre.inbounds_truth()).len(), 1);
}

/// Has an order of the account `7` marked as shipped.
fn mark(rig: &mut Rig, order: u64) -> Task {
    let command = Command::MarkShipped(MarkShipped {
        connection: PREP.parse().unwrap(),
        merchant: "7".parse().unwrap(),
        client: "main".parse().unwrap(),
        order: order.to_string().parse().unwrap(),
        departure: Departure {
            carrier: "ontrac".to_owned(),
            tracking_number: Some("C10001".to_owned()),
        },
    });
    let outcome = ask(rig, &command);
    assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    rig.settle();
    let id: TaskId = outcome.result.unwrap()["task"].as_str().unwrap().parse().unwrap();
    rig.get(&(lane(), id))
}

#[test]
fn an_order_at_a_prep_centre_leaves_once_and_that_of_another_account_stays() {
    let (mut rig, side) = opened();
    let now = stamp(rig.now);
    let order = |side: &Side, account, sku: &str| {
        let goods = [Units::of(sku, 2)];
        side.with(|centre| centre.order(account, "WEB-1", &goods, now)).unwrap()
    };
    let (ours, others) = (order(&side, 7, "NORTH-001"), order(&side, 8, "SOUTH-001"));
    let left = |side: &Side| -> i64 {
        side.with(|centre| centre.truth()).iter().map(|item| item.shipped_out).sum()
    };
    side.0.borrow_mut().1.extend([Mood::Fair, Mood::LostAfter]);
    let task = mark(&mut rig, ours);
    assert_eq!((task.state, left(&side)), (TaskState::Done, 2), "{task:?}");
    assert!(task.note.contains("shipped there already"), "{}", task.note);
    let task = mark(&mut rig, others);
    assert_eq!((task.state, left(&side)), (TaskState::Stuck, 2), "{task:?}");
}
