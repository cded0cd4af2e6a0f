//! Answers to our calls, which nobody repeats: they wait for the store.

use crossdock_domain::Instant;
use crossdock_store::{Arrival, Packed, Received};

use crate::fresh::is_not_for_a_server;
use crate::house::{House, Says, eventually};

#[tokio::test]
async fn an_answer_waits_for_room_on_the_disk_instead_of_being_lost() {
    if is_not_for_a_server("a server's disk is not ours to fill") {
        return;
    }
    let house = House::furnished(Says(None)).await;
    let engine = house.app.engine.clone();
    engine.operate(|store| store.limit_growth(Some(0))).await.unwrap();
    let keeper = engine.clone();
    let kept = tokio::spawn(async move { keeper.keep_for_sure(large()).await });
    eventually(async || engine.gauges().health().disk_full_since).await;
    assert!(!kept.is_finished());
    engine.operate_for_sure(|store| store.limit_growth(None)).await.unwrap();
    assert!(matches!(kept.await.unwrap(), Ok(Received::Kept(_))));
}

/// An answer of a few hundred kilobytes that do not compress.
fn large() -> Arrival {
    let mut bits = 7_u64;
    let mut byte = || {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        bits.to_le_bytes()[0]
    };
    let body: Vec<u8> = (0..400_000).map(|_| byte()).collect();
    Arrival {
        id: [3; 16],
        lane: "client:main".parse().unwrap(),
        kind: crossdock_domain::entry::EntryKind::Answer,
        source: Some("shop".parse().unwrap()),
        topic: "test".to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: Some([3; 16]),
        received_at: Instant(1),
        packed: Packed::new(b"{}", &body),
    }
}
