//! Access: static tokens, and tokens that are fetched and die.

use crossdock_domain::Span;
use crossdock_domain::call::CallKind;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::task::TaskState;
use crossdock_sandbox::shopify::{Setup, Tokens};

use crate::rig::{Mood, Rig, Terms};
use crate::stock::sends;

fn rig() -> Rig {
    let mut rig = Rig::empty();
    rig.add_shop_with_client("shop", Setup { items: 4, opening: 10..=10, ..Setup::default() });
    rig
}

#[test]
fn a_token_is_fetched_before_anything_else_is_sent() {
    let mut rig = rig();
    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    assert_eq!(rig.b2c("DEMO-001"), 10);
    let journal = rig.journal();
    let place = |kind, topic| journal.iter().position(|e| e.kind == kind && e.topic == topic);
    let fetched = place(EntryKind::Answer, "renew_token").unwrap();
    assert!(place(EntryKind::Send, "read_levels").unwrap() > fetched);
    assert_eq!(sends(&mut rig, CallKind::RenewToken).len(), 1);
}

#[test]
fn a_token_is_renewed_at_nine_tenths_of_its_life() {
    let mut rig = rig();
    rig.settle();
    let life = connection(&mut rig).token.unwrap();
    rig.run(Span::from_s(86_399 * 9 / 10 - 600));
    assert_eq!(sends(&mut rig, CallKind::RenewToken).len(), 1);
    rig.run(Span::from_s(700));
    assert_eq!(sends(&mut rig, CallKind::RenewToken).len(), 2);
    assert!(connection(&mut rig).token.unwrap().since > life.since);
}

#[test]
fn a_token_that_dies_early_is_fetched_anew() {
    let mut rig = rig().linked(&["DEMO-001"]);
    rig.shop().shop.expire_tokens(Tokens::Granted);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    assert_eq!(rig.available("DEMO-001"), 6);
    assert_eq!(sends(&mut rig, CallKind::RenewToken).len(), 2);
    assert!(connection(&mut rig).status.sends());
}

#[test]
fn many_calls_that_find_the_token_dead_fetch_it_once() {
    let mut rig = rig().linked(&["DEMO-001", "DEMO-002"]);
    rig.shop().shop.expire_tokens(Tokens::Granted);
    for _ in 0..4 {
        let connection = "shop".parse().unwrap();
        rig.obey(&crossdock_domain::command::Command::TestConnection { connection });
    }
    rig.settle();
    assert_eq!(sends(&mut rig, CallKind::RenewToken).len(), 2);
    let open = rig.open_tasks();
    assert_eq!(open.len(), 1, "the next renewal: {open:?}");
    assert_eq!(open[0].state, TaskState::Waiting);
}

#[test]
fn a_token_whose_answer_was_lost_is_fetched_again() {
    let mut rig = Rig::empty();
    rig.add_shop_with_client("shop", Setup { items: 1, ..Setup::default() });
    rig.shop().moods([Mood::LostAfter]);
    // Another shop's settings: the token is fetched for them.
    rig.settle();
    assert!(connection(&mut rig).token.is_some());
}

#[test]
fn refused_client_credentials_pause_the_connection() {
    let mut rig = Rig::empty();
    let setup = Setup { items: 1, opening: 10..=10, ..Setup::default() };
    rig.add_shop_with_client("shop", setup);
    rig.settle();
    rig.shop().vault.keep("client_secret", "wrong");
    rig.shop().shop.expire_tokens(Tokens::Granted);
    rig.link("shop", "DEMO-001", Terms::default());
    rig.settle();
    assert!(!connection(&mut rig).status.sends());
    rig.shop().vault.keep("client_secret", "shpss_sandbox_secret");
    rig.resume("shop");
    rig.run(Span::from_s(600));
    assert_eq!(rig.b2c("DEMO-001"), 10);
}

#[test]
fn no_secret_is_ever_in_the_journal() {
    let mut rig = rig().linked(&["DEMO-001"]);
    rig.order("PO-1", &[("DEMO-001", 4)]);
    rig.settle();
    let token = {
        let held = rig.shop().vault.0["fetched_token"].first().unwrap().clone();
        secrecy::ExposeSecret::expose_secret(&held).to_owned()
    };
    for entry in rig.journal() {
        let bytes = crossdock_store::Unpacked::new(&entry.packed).unwrap();
        let text = [bytes.head(), bytes.body()].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(
            !text.contains(&token) && !text.contains("shpss_sandbox_secret"),
            "entry {}",
            entry.number
        );
    }
}

fn connection(rig: &mut Rig) -> Connection {
    let lane = rig.lane.clone();
    rig.hub().connection(&lane, &"shop".parse().unwrap()).unwrap().unwrap()
}
