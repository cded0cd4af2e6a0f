//! What every connector promises, checked for every one in the registry. A new connector adds one genuine
//! delivery to the table in `conformance/genuine.rs`; the rest follows.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets what it did not expect has failed"
)]

#[path = "conformance/genuine.rs"]
mod genuine;

use std::collections::BTreeSet;

use crossdock_connectors::{
    Connector, Delivery, Given, Headers, Keys, Payload, Refusal, Response, all, find,
};
use crossdock_domain::call::{
    Call, CallKind, Departure, ReadRow, ReceptionAct, ReceptionPart, SetRow,
};
use crossdock_domain::connection::{CallSettings, Connection, ConnectionStatus};
use crossdock_domain::schedule::Schedule;
use crossdock_domain::{ClientId, ConnectionId, Instant, ItemId, LaneId, RemoteId, TaskId};
use genuine::Genuine;
use proptest::prelude::*;
use secrecy::SecretString;

/// Nothing that a connector hands out may contain this.
const SECRET: &str = "s3cr3t-that-must-not-show";

struct Ring(Vec<SecretString>);

impl Keys for Ring {
    fn all(&self, _: &str) -> &[SecretString] {
        &self.0
    }
}

fn ring() -> Ring {
    Ring(vec![SecretString::from("an older one"), SecretString::from(SECRET)])
}

fn each(check: impl Fn(&dyn Connector, &Genuine, &Connection)) {
    for connector in all() {
        let genuine = genuine::of(connector.offers().name, SECRET);
        check(*connector, &genuine, &connection(*connector, &genuine));
    }
}

fn connection(connector: &dyn Connector, genuine: &Genuine) -> Connection {
    let settings = genuine.settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let settings = settings.collect();
    let slots: Vec<_> =
        connector.offers().secrets.iter().map(|spec| spec.slot.to_owned()).collect();
    let given = Given { settings: &settings, secret_slots: &slots, sandbox: false };
    let configured = connector.configure(&given).unwrap();
    Connection {
        lane: LaneId::Client(ClientId::new("main").unwrap()),
        id: ConnectionId::new("partner").unwrap(),
        connector: connector.offers().name.to_owned(),
        base_url: configured.base_url,
        sandbox: false,
        status: ConnectionStatus::Active,
        location: configured.location,
        settings: configured.settings,
        calls: CallSettings::default(),
        warnings: configured.warnings,
        stage: crossdock_domain::connection::Stage::Observing,
        stock: crossdock_domain::stock::StockTerms::default(),
        roles_since: std::collections::BTreeMap::new(),
        token: None,
    }
}

/// A call of every kind, with one row where the kind has rows.
fn call(kind: CallKind) -> Call {
    let (task, item) = (TaskId(1), ItemId(1));
    let (remote_item, location) = (RemoteId::new("501").unwrap(), RemoteId::new("7").unwrap());
    match kind {
        CallKind::SetLevels => Call::SetLevels {
            rows: vec![SetRow { task, item, remote_item, location, from: 0, to: 5 }],
        },
        CallKind::AdjustLevel => {
            Call::AdjustLevel { row: SetRow { task, item, remote_item, location, from: 5, to: 3 } }
        }
        CallKind::ReadLevels => Call::ReadLevels {
            rows: vec![ReadRow { task, item, remote_item, location, epoch: 0, bookings: 0 }],
        },
        CallKind::ReadItems => Call::ReadItems { sku: None, cursor: None, task },
        CallKind::ReadPage => Call::ReadPage { location, since: None, cursor: None, task },
        CallKind::ReadMerchants => Call::ReadMerchants { cursor: None, task },
        CallKind::ReadReceptions => {
            Call::ReadReceptions { merchant: location, archived: false, cursor: None, task }
        }
        CallKind::ReadReception => Call::ReadReception {
            merchant: location,
            reception: remote_item,
            part: ReceptionPart::Head,
            task,
        },
        CallKind::PutReception => Call::PutReception {
            merchant: location,
            act: ReceptionAct::Archive { reception: remote_item },
            task,
        },
        CallKind::ReadCounters => Call::ReadCounters { merchant: location, cursor: None, task },
        CallKind::ReadOrder => Call::ReadOrder { merchant: location, order: remote_item, task },
        CallKind::ShipOrder => Call::ShipOrder {
            merchant: location,
            order: remote_item,
            departure: Departure {
                carrier: "ups".to_owned(),
                tracking_number: Some("1Z".to_owned()),
            },
            task,
        },
        CallKind::Own => panic!("it asks nobody"),
        CallKind::RenewToken => Call::RenewToken { task },
        CallKind::Test => Call::Test { task },
    }
}

fn shown(thing: &impl std::fmt::Debug) -> String {
    format!("{thing:?}")
}

#[test]
fn every_connector_is_found_by_its_name_and_no_two_share_one() {
    let names: BTreeSet<_> = all().iter().map(|connector| connector.offers().name).collect();
    assert_eq!(names.len(), all().len());
    for name in names {
        assert_eq!(find(name).unwrap().offers().name, name);
    }
    assert!(find("nobody").is_none());
}

#[test]
fn what_is_offered_is_offered_once() {
    each(|connector, _, _| {
        let offers = connector.offers();
        let kinds: BTreeSet<_> = offers.calls.iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), offers.calls.len(), "{}", offers.name);
        assert!(offers.calls.iter().all(|(_, rows)| *rows > 0), "{}", offers.name);
        let settings: BTreeSet<_> = offers.settings.iter().map(|spec| spec.name).collect();
        assert_eq!(settings.len(), offers.settings.len(), "{}", offers.name);
        let slots: BTreeSet<_> = offers.secrets.iter().map(|spec| spec.slot).collect();
        assert_eq!(slots.len(), offers.secrets.len(), "{}", offers.name);
    });
}

#[test]
fn the_schedules_that_a_connector_suggests_can_be_kept() {
    each(|connector, _, _| {
        let suggested = connector.offers().schedules;
        for text in [suggested.changes, suggested.all] {
            assert!(text.parse::<Schedule>().is_ok(), "{}: {text}", connector.offers().name);
        }
    });
}

#[test]
fn no_two_connectors_claim_the_same_address_to_be_told_at() {
    let told: Vec<_> = all().iter().flat_map(|connector| connector.offers().sync_routes).collect();
    let routes = all().iter().flat_map(|connector| connector.offers().routes);
    let routes: BTreeSet<_> = routes.map(|route| route.path).collect();
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len());
    for path in told {
        assert!(path.starts_with('/') && !routes.contains(path), "{path}");
    }
}

#[test]
fn completed_settings_are_accepted_again_unchanged() {
    each(|connector, _, connection| {
        let slots: Vec<_> =
            connector.offers().secrets.iter().map(|spec| spec.slot.to_owned()).collect();
        let given = Given { settings: &connection.settings, secret_slots: &slots, sandbox: false };
        assert_eq!(connector.configure(&given).unwrap().settings, connection.settings);
    });
}

#[test]
fn no_connector_works_without_its_required_settings() {
    each(|connector, _, connection| {
        for spec in connector.offers().settings.iter().filter(|spec| spec.required) {
            let mut settings = connection.settings.clone();
            settings.remove(spec.name);
            let given = Given { settings: &settings, secret_slots: &[], sandbox: false };
            assert_eq!(connector.configure(&given).unwrap_err().name, spec.name);
        }
    });
}

#[test]
fn a_genuine_delivery_is_admitted_and_readable() {
    each(|connector, genuine, connection| {
        let admission = connector.admit(&genuine.delivery(), connection, &ring()).unwrap();
        assert_eq!(admission.topic, genuine.topic);
        let reading = connector.read(&admission.topic, &genuine.delivery(), connection).unwrap();
        assert!(!reading.facts.is_empty(), "{}", connector.offers().name);
    });
}

#[test]
fn admitting_or_reading_twice_gives_the_same() {
    each(|connector, genuine, connection| {
        let admit = || connector.admit(&genuine.delivery(), connection, &ring()).unwrap();
        assert_eq!(admit(), admit());
        let read = || connector.read(genuine.topic, &genuine.delivery(), connection).unwrap();
        assert_eq!(read(), read());
    });
}

#[test]
fn any_changed_byte_of_a_body_is_refused() {
    each(|connector, genuine, connection| {
        let refused = |body: &[u8]| {
            let delivery = Delivery { body, ..genuine.delivery() };
            let refusal = connector.admit(&delivery, connection, &ring()).unwrap_err();
            assert_eq!(refusal, Refusal::BadSignature);
        };
        for index in 0..genuine.body.len() {
            for flip in [0x01, 0x20, 0x80] {
                let mut body = genuine.body.clone();
                *body.get_mut(index).unwrap() ^= flip;
                refused(&body);
            }
            refused(genuine.body.get(..index).unwrap());
        }
        refused(&[genuine.body.as_slice(), b"\n"].concat());
    });
}

#[test]
fn without_secrets_nobody_gets_in() {
    each(|connector, genuine, connection| {
        let refusal = connector.admit(&genuine.delivery(), connection, &Ring(Vec::new()));
        assert_eq!(refusal, Err(Refusal::NoSecret));
        let blank = Ring(vec![SecretString::from("")]);
        assert!(connector.admit(&genuine.delivery(), connection, &blank).is_err());
    });
}

#[test]
fn a_request_exists_exactly_for_each_call_that_is_offered() {
    each(|connector, _, connection| {
        for kind in asked() {
            let request = connector.request(&call(kind), "key-1", connection);
            let offered = connector.offers().gathers(kind).is_some();
            assert_eq!(request.is_ok(), offered, "{} {kind:?}", connector.offers().name);
            let Ok(request) = request else { continue };
            assert!(
                request.path.starts_with('/') && !request.path.starts_with("//"),
                "{request:?}"
            );
            assert_eq!(Ok(request), connector.request(&call(kind), "key-1", connection));
        }
    });
}

#[test]
fn every_credential_that_a_request_names_is_one_that_a_person_gives_or_an_answer_brings() {
    each(|connector, _, connection| {
        let offers = connector.offers();
        let given = |slot: &str| offers.secrets.iter().any(|spec| spec.slot == slot);
        let requests: Vec<_> = offers
            .calls
            .iter()
            .map(|(kind, _)| connector.request(&call(*kind), "key-1", connection).unwrap())
            .collect();
        let kept: Vec<_> = requests.iter().filter_map(|r| r.keep.as_ref()).collect();
        let brought = |slot: &str| kept.iter().any(|keep| keep.slot == slot);
        for request in &requests {
            assert!(
                request.fills.iter().all(|f| given(&f.slot) || brought(&f.slot)),
                "{request:?}"
            );
        }
        // A fetched secret in a slot of a person's would be taken for his.
        assert!(kept.iter().all(|keep| !given(&keep.slot)), "{kept:?}");
    });
}

#[test]
fn nothing_that_a_connector_hands_out_shows_a_secret() {
    each(|connector, genuine, connection| {
        let keys = ring();
        let admission = connector.admit(&genuine.delivery(), connection, &keys);
        let reading = connector.read(genuine.topic, &genuine.delivery(), connection);
        assert!(!shown(&admission).contains(SECRET));
        assert!(!shown(&reading).contains(SECRET));
        assert!(!shown(&connector.offers()).contains(SECRET));
        // A partner's answer to a fetch of a token, as if the wire had not struck the token out.
        let token =
            format!(r#"{{"access_token":"{SECRET}","expires_in":60,"token_type":"Bearer"}}"#);
        let broken = format!(r#"{{"access_token":"{SECRET}""#);
        for body in [token, broken] {
            for status in [200, 400, 401, 500] {
                let headers = Headers::default();
                let body = body.as_bytes();
                let response = Response { status, headers: &headers, body, retry_after: None };
                let answer =
                    connector.interpret(&call(CallKind::RenewToken), &response, connection);
                assert!(!shown(&answer).contains(SECRET), "{answer:?}");
            }
        }
    });
}

#[test]
fn a_token_is_never_renewed_after_its_death_nor_before_its_birth() {
    each(|connector, _, connection| {
        for (since, until) in [(0, 100), (100, 100), (100, 0), (i64::MIN, i64::MAX)] {
            let (since, until) = (Instant(since), Instant(until));
            if let Some(at) = connector.renew_at(connection, since, until) {
                assert!(at >= since && at <= until.max(since), "{since} {until}: {at}");
            }
        }
    });
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        r#"[\[\]{}":,0-9a-z_.eE+\\ -]{0,120}"#.prop_map(String::into_bytes),
    ]
}

/// A genuine body with one piece of it replaced: gets further into the readers than noise does.
fn bruised(genuine: &[u8], at: prop::sample::Index, cut: usize, piece: &[u8]) -> Vec<u8> {
    let start = at.index(genuine.len());
    let end = genuine.len().min(start + cut);
    [genuine.get(..start).unwrap(), piece, genuine.get(end..).unwrap()].concat()
}

/// The kinds that ask a partner.
fn asked() -> Vec<CallKind> {
    CallKind::ALL.into_iter().filter(|kind| *kind != CallKind::Own).collect()
}

fn kind() -> impl Strategy<Value = CallKind> {
    prop::sample::select(asked())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_headers_and_bytes_never_panic_and_never_get_in(
        pairs in prop::collection::vec(("[ -~]{0,30}", ".{0,60}"), 0..6),
        body in bytes(),
        route_topic in prop::option::of(".{0,20}"),
    ) {
        each(|connector, _, connection| {
            let headers = Headers(pairs.clone());
            let delivery = Delivery {
                headers: &headers, body: &body, route_topic: route_topic.as_deref(), has_token: false,
            };
            assert!(connector.admit(&delivery, connection, &ring()).is_err());
        });
    }

    #[test]
    fn arbitrary_topics_and_bytes_never_panic(topic in ".{0,40}", body in bytes()) {
        each(|connector, genuine, connection| {
            let delivery = Delivery { body: &body, ..genuine.delivery() };
            let _ = connector.read(&topic, &delivery, connection);
            let routed = connector.offers().routes.iter().map(|route| route.topic);
            for topic in routed.chain([genuine.topic]) {
                let _ = connector.read(topic, &delivery, connection);
            }
        });
    }

    #[test]
    fn arbitrary_payloads_never_panic_and_read_the_same_twice(body in bytes()) {
        each(|connector, _, connection| {
            for payload in [Payload::Json(&body), Payload::Csv(&body)] {
                let tell = || connector.tell(&payload, connection);
                assert_eq!(tell(), tell());
            }
        });
    }

    #[test]
    fn arbitrary_ids_never_lead_a_read_of_a_reception_elsewhere(id in ".{1,40}") {
        let Ok(id) = RemoteId::new(id) else { return Ok(()) };
        each(|connector, _, connection| {
            let (merchant, reception, task) = (id.clone(), id.clone(), TaskId(1));
            let part = ReceptionPart::Head;
            let call = Call::ReadReception { merchant, reception, part, task };
            let Ok(request) = connector.request(&call, "key", connection) else { return };
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_".contains(c);
            assert!(request.path.chars().all(is_plain), "{request:?}");
            for (_, value) in &request.headers.0 {
                assert!(value.chars().all(|c| c.is_ascii_graphic()), "{request:?}");
            }
        });
    }

    #[test]
    fn a_bruised_delivery_is_read_or_refused_and_the_same_both_times(
        at in any::<prop::sample::Index>(), cut in 0..20_usize, piece in bytes(),
    ) {
        each(|connector, genuine, connection| {
            let body = bruised(&genuine.body, at, cut, &piece);
            let delivery = Delivery { body: &body, ..genuine.delivery() };
            let read = || connector.read(genuine.topic, &delivery, connection);
            assert_eq!(read(), read());
        });
    }

    #[test]
    fn arbitrary_answers_never_panic_and_never_pass_for_a_write(
        kind in kind(), status in any::<u16>(), body in bytes(),
    ) {
        each(|connector, _, connection| {
            let headers = Headers::default();
            let response = Response { status, headers: &headers, body: &body, retry_after: None };
            let answer = connector.interpret(&call(kind), &response, connection);
            assert!(answer.result.is_err(), "{answer:?}");
        });
    }

    #[test]
    fn arbitrary_ids_and_keys_never_panic_and_never_change_the_address(
        id in ".{1,40}", location in ".{1,40}", key in ".{0,40}",
    ) {
        let (Ok(remote_item), Ok(location)) = (RemoteId::new(id), RemoteId::new(location)) else {
            return Ok(());
        };
        each(|connector, _, connection| {
            let rows = vec![SetRow {
                task: TaskId(1), item: ItemId(1), from: 0, to: 1,
                remote_item: remote_item.clone(), location: location.clone(),
            }];
            let plain = connector.request(&call(CallKind::SetLevels), "key", connection);
            let odd = connector.request(&Call::SetLevels { rows }, &key, connection);
            if let (Ok(plain), Ok(odd)) = (plain, odd) {
                assert_eq!((plain.path, plain.headers), (odd.path, odd.headers));
            }
        });
    }
}
