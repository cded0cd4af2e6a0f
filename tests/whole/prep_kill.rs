//! `kill -9` of a hub that reads a prep centre, and of one that goods are checked in at: in the end its books are the centre's,
//! and what the journal adds up to.

use std::time::Duration;

use crossdock_sandbox::prepbusiness::{
    CallFaults, Centre, Faults, Knob, MerchantSetup, PagingFaults, Setup, Units, WebhookFaults,
    Work,
};
use jiff::Timestamp;
use serde_json::json;

use crate::centre::{OWNERS, Prep, Webhooks, map_accounts};
use crate::hub::{Hub, text};
use crate::shop::Shop;

/// Inbounds of each account that are there from the start.
const INBOUNDS: usize = 40;
const GOODS: usize = 12;
const KILLS: u32 = 6;
/// So few that a reading of everything goes on for a while.
const CALLS_PER_S: u32 = 100;
const STORM: Work = Work {
    steps_per_second: 80.0,
    under_way_max: 30,
    max_quantity: 9,
    unsellable_share: 0.2,
    unlisted_share: 0.1,
    short_share: 0.2,
    correction_share: 0.5,
};

fn announce_all(centre: &mut Centre, now: Timestamp) {
    for (account, _) in OWNERS {
        for number in 0..INBOUNDS {
            let sku = |step: usize| format!("{account}-{:03}", 1 + (number + step) % GOODS);
            let lines: Vec<_> = (0..3).map(|step| Units::of(&sku(step), 9)).collect();
            centre.announce(account, &format!("Pallet {number}"), &lines, now).unwrap();
        }
    }
}

/// Calls fail, and webhooks come twice, but all of them come.
fn rough() -> Faults {
    Faults {
        calls: CallFaults {
            bad_gateway: Knob::often(0.02),
            cut_after_work: Knob::often(0.02),
            ..CallFaults::default()
        },
        webhooks: WebhookFaults { duplicate: 0.2, ..WebhookFaults::default() },
        ..Faults::default()
    }
}

/// Webhooks are lost, and rows move while lists are read.
fn foul() -> Faults {
    Faults {
        paging: PagingFaults { repeated_row: Knob::often(0.2), skipped_row: Knob::often(0.2) },
        webhooks: WebhookFaults { drop: 0.5, wrong_signature: 0.1, ..WebhookFaults::default() },
        ..rough()
    }
}

/// Receptions that we have.
async fn known(hub: &Hub) -> usize {
    let mut known = 0;
    for (_, client) in OWNERS {
        let found = hub.get(&format!("/api/v1/clients/{client}/receptions?limit=500")).await;
        known += found["receptions"].as_array().unwrap().len();
    }
    known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_is_killed_while_it_reads_and_while_goods_come_in_ends_with_the_centres_books() {
    let shop = Shop::open(1).await;
    let merchants = OWNERS.map(|(account, client)| {
        MerchantSetup::numbered(account, client, &account.to_string(), GOODS)
    });
    let prep = Prep::open(Setup { merchants: merchants.to_vec(), ..Setup::default() }).await;
    prep.running.partner.with(announce_all);
    let mut hub = Hub::new(&shop);
    prep.configure(&hub, &Webhooks::Signed, CALLS_PER_S);
    hub.start().await;
    map_accounts(&hub);

    // In the middle of the first reading: what was read is kept, and it goes on where it was.
    let all = 2 * INBOUNDS;
    hub.until("some of the inbounds", async || known(&hub).await >= 5).await;
    assert!(known(&hub).await < all, "it was killed too late");
    hub.kill();
    hub.start().await;
    hub.until("all inbounds", async || known(&hub).await == all).await;
    prep.calm(&hub).await;

    // While goods are checked in. What was acknowledged is kept, and what found nobody comes again: by webhooks alone all that
    // came is booked, once.
    prep.subscribe(&hub);
    let (centre, set) = (&prep.running.partner, |faults| {
        prep.running.partner.with(|centre, _| centre.set_faults(faults));
    });
    set(rough());
    centre.trade(Some(STORM));
    let mut dice = 7_u64;
    for _ in 0..KILLS {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(100 + (dice >> 33) % 500)).await;
        hub.kill_and_start().await;
    }
    centre.trade(None);
    prep.arrive(&hub).await;
    let (wrong, came) = prep.compare_goods(&hub).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(came > 100, "only {came} units came: that was no storm");

    // Both at once, in worse weather: the next reading of everything finds what nobody told.
    set(foul());
    centre.trade(Some(STORM));
    let (status, answer) = hub.post("/api/v1/connections/prep/poll", json!({ "all": true })).await;
    assert_eq!(status, 200, "{answer}");
    let more = async || {
        let goods = centre.with(|centre, _| centre.truth());
        goods.iter().map(|goods| goods.received + goods.unsellable).sum::<i64>() > came + 50
    };
    hub.until("more goods to come", more).await;
    hub.kill();
    hub.start().await;
    centre.trade(None);
    set(Faults::default());
    prep.read_all(&hub).await;
    assert_eq!(prep.compare(&hub).await.0, Vec::<String>::new());
    for lane in ["connections/prep", "clients/main", "clients/neighbour"] {
        let trouble = hub.get(&format!("/api/v1/{lane}/entries?trouble=true")).await;
        assert_eq!(trouble["entries"], json!([]), "{lane}");
    }
    hub.kill();
    let rebuilt = hub.run(&["rebuild"]);
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stdout));
}
