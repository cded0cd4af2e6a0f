//! The vendor's own samples: what each says, and that none of them brings the connector down.

use crossdock_connectors::{Delivery, Headers, Payload, Response};
use crossdock_domain::answer::{Failure, Receipt};
use crossdock_domain::call::{Call, ReceptionAct};
use crossdock_domain::fact::{Fact, ReceptionLineFact};
use crossdock_domain::reception::{ReceptionStatus, Shelved, Tracking};

use crate::centre::{self, at, prepbusiness, put, read, receipt, receptions, remote, sample};

#[test]
fn the_list_of_inbounds_is_a_page_with_another_behind_it() {
    let Some(body) = sample("get_inbound_index.json") else { return };
    let Receipt::Receptions { rows, next } = receipt(&receptions(false, None), &body) else {
        panic!()
    };
    assert_eq!(next.as_deref(), Some("2"));
    let [fact] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((&fact.merchant, &fact.reception), (&Some(remote("2")), &remote("39")));
    assert_eq!(fact.name.as_deref(), Some("Crooks, Reilly and Predovic"));
    assert_eq!(fact.at, Some(at("2022-03-28T12:52:00Z")));
    assert_eq!((fact.status, fact.shelved), (Some(ReceptionStatus::Shipped), Some(Shelved::No)));
    assert_eq!((&fact.tracking, fact.lines.len(), fact.has_all_lines), (&None, 0, false));
}

#[test]
fn the_shown_inbound_has_its_parcels() {
    let Some(body) = sample("get_inbound_show.json") else { return };
    let Receipt::Reception { fact, next: None } = receipt(&centre::head("1", "19"), &body) else {
        panic!()
    };
    assert_eq!(fact.status, Some(ReceptionStatus::Shipped));
    assert_eq!(fact.at, Some(at("2024-01-29T07:18:52Z")));
    let parcel = Tracking {
        number: "4D6BRJR59XI1Y1771X0M".to_owned(),
        carrier: Some("shippo".to_owned()),
        status: Some("unknown".to_owned()),
    };
    assert_eq!(fact.tracking, Some(vec![parcel]));
}

#[test]
fn the_inbounds_lines_are_told_by_sku_and_asin() {
    let Some(body) = sample("get_inbound_items.json") else { return };
    let call = centre::lines("1", "629", Some(at("2024-03-01T11:25:57Z")));
    let Receipt::Reception { fact, next: None } = receipt(&call, &body) else { panic!() };
    let line = ReceptionLineFact {
        asin: Some("B03Z7PEHQ4".to_owned()),
        sku: Some("Silicone-223984".to_owned()),
        remote_item: Some(remote("1")),
        title: Some("1 - Silicone Baking Mats".to_owned()),
        requested: Some(10),
        received: Some(10),
        unsellable: Some(0),
        ..ReceptionLineFact::default()
    };
    assert_eq!((fact.lines, fact.has_all_lines), (vec![line], true));
}

#[test]
fn the_documented_list_of_accounts_is_one_object() {
    let Some(body) = sample("get_merchants_index_documented_shape.json") else { return };
    let rows = vec![(remote("1"), Some("Stanton-Koss".to_owned()))];
    assert_eq!(receipt(&centre::merchants(None), &body), Receipt::Merchants { rows, next: None });
}

#[test]
fn what_is_done_is_answered_with_a_message() {
    let reception = || remote("22");
    let submit = ReceptionAct::Submit {
        reception: reception(),
        carrier: "ups".to_owned(),
        tracking_numbers: Vec::new(),
    };
    let update = ReceptionAct::Update { reception: reception(), name: None, notes: None };
    for (file, call) in [
        ("post_inbound_create_response.json", centre::create()),
        ("post_inbound_submit_response.json", put(submit)),
        (
            "post_inbound_batch_archive_response.json",
            put(ReceptionAct::Archive { reception: reception() }),
        ),
        ("put_inbound_update_response.json", put(update)),
    ] {
        let Some(body) = sample(file) else { return };
        let done = Receipt::ReceptionPut { reception: Some(reception()) };
        assert_eq!(receipt(&call, &body), done, "{file}");
    }
}

#[test]
fn lists_of_goods_going_out_are_refused() {
    for file in ["get_orders_index.json", "get_outbound_index.json"] {
        let Some(body) = sample(file) else { return };
        let refused = centre::failure(&receptions(false, None), 200, &body);
        assert!(matches!(refused, Failure::Refused { .. }), "{file}: {refused:?}");
    }
    for (file, id) in [("get_order_show.json", "8"), ("get_outbound_show.json", "6")] {
        let Some(body) = sample(file) else { return };
        let refused = centre::failure(&centre::head("1", id), 200, &body);
        assert!(matches!(refused, Failure::Refused { .. }), "{file}: {refused:?}");
    }
}

#[test]
fn no_webhook_of_the_samples_becomes_a_reception() {
    for (file, topic, facts) in [
        ("webhook_order_created_bare.json", "order.created", 0),
        ("webhook_order_created_bare.json", "inbound_shipment.created", 0),
        ("webhook_order_shipped.json", "order.shipped", 0),
        ("webhook_invoice_created.json", "invoice.created", 0),
        ("webhook_outbound_closed_bare.json", "outbound_shipment.closed", 0),
        ("webhook_outbound_closed_bare.json", "inbound_shipment.received", 0),
        ("webhook_outbound_closed_bare.json", "unknown", 0),
        ("webhook_outbound_closed_enveloped.json", "outbound_shipment.closed", 0),
        (
            "webhook_transportation_tracking_data_updated.json",
            "transportation_tracking.data_updated",
            1,
        ),
    ] {
        let Some(body) = sample(file) else { return };
        let reading = read(&centre::manual(), topic, &body);
        assert_eq!((reading.facts.len(), reading.note.is_some()), (0, true), "{file} as {topic}");
        let hints = read(&centre::reading(), topic, &body).facts;
        assert!(hints.len() >= facts, "{file} as {topic}");
        assert!(hints.iter().all(|fact| *fact == Fact::SomethingChanged), "{file}: {hints:?}");
    }
}

#[test]
fn every_sample_is_survived_in_every_place() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures/prepbusiness");
    let Ok(files) = std::fs::read_dir(folder) else {
        eprintln!("skipped: no {folder}");
        return;
    };
    let calls: [Call; 8] = [
        centre::order("8"),
        centre::ship("ups", Some("1Z")),
        centre::TEST,
        centre::merchants(None),
        receptions(false, None),
        centre::head("1", "19"),
        centre::lines("1", "629", None),
        centre::create(),
    ];
    let headers = Headers::default();
    for path in files.map(|file| file.unwrap().path()) {
        let body = std::fs::read(&path).unwrap();
        for topic in ["inbound_shipment.created", "order.created", "unknown", "doorbell", ""] {
            for connection in [centre::reading(), centre::manual()] {
                let delivery = Delivery::kept(&headers, &body);
                prepbusiness().read(topic, &delivery, &connection).unwrap();
            }
        }
        for call in &calls {
            let response =
                Response { status: 200, headers: &headers, body: &body, retry_after: None };
            let _ = prepbusiness().interpret(call, &response, &centre::reading());
        }
        for payload in [Payload::Json(&body), Payload::Csv(&body)] {
            let _ = prepbusiness().tell(&payload, &centre::manual());
        }
    }
}
