//! Merchant accounts of a prep centre, and inbounds: what waits is loud, what is missing is shown, and buttons mend it.

use crossdock_connectors::Connector;

use super::super::{accounts, inbound, inbounds};
use super::depot::Depot;
use super::*;

fn find(name: &str) -> Option<&'static dyn Connector> {
    all().iter().copied().find(|connector| connector.offers().name == name)
}

fn all() -> &'static [&'static dyn Connector] {
    &[&Depot]
}

/// One reception with a line of which four of ten came, and one that names nothing.
fn told(account: &str, id: &str) -> Value {
    let lines = json!([{ "sku": "RED", "title": SCRIPT, "requested": 10, "received": 4 },
        { "title": "a box", "requested": 3 }]);
    json!({ "do": "tell_receptions", "connection": "prep", "receptions": [{ "reception": {
        "merchant": account, "reception": id, "name": SCRIPT, "status": "shipped", "notes": SCRIPT,
        "tracking": [{ "number": "1Z9", "carrier": SCRIPT }], "at": "2026-11-20T10:00:00Z",
        "lines": lines } }] })
}

/// Two merchant accounts and a prep centre that serves both, unsigned.
async fn prepared() -> Hall {
    let hall = Hall::speaking(find, all(), |_| {});
    for client in ["main", "other"] {
        let put = json!({ "do": "put_client", "name": client });
        hall.obey_in(&format!("client:{client}"), put).await;
    }
    let put = json!({ "do": "put_connection", "connection": "prep", "connector": "depot" });
    hall.obey_in("connection:prep", put).await;
    hall
}

/// The same, and something was told of its account 101, which is nobody's.
async fn hall() -> Hall {
    let hall = prepared().await;
    hall.obey_in("connection:prep", told("101", "22/a")).await;
    hall
}

/// The same, but the account is `main`'s.
async fn arrived() -> Hall {
    let hall = prepared().await;
    map(&hall, "whose=main&country=DE&pool=b2b").await;
    hall.obey_in("connection:prep", told("101", "22/a")).await;
    inbound_page(&hall).await;
    hall
}

async fn map(hall: &Hall, more: &str) -> Response<Body> {
    let form = format!("connection=prep&account=101&back=/connections/prep&{more}");
    hall.send("map-account", form).await
}

/// Until what was handed on has arrived.
async fn inbound_page(hall: &Hall) -> String {
    for _ in 0..500 {
        let (status, page) = hall.get("/inbounds/one?source=depot&id=22%2Fa").await;
        if status == StatusCode::OK {
            return page;
        }
        hall.app.engine.commits().changed().await.unwrap();
    }
    panic!("it never arrived");
}

#[tokio::test]
async fn what_waits_for_a_mapping_is_loud_on_every_merchant_accounts_overview() {
    let hall = hall().await;
    for client in ["main", "other"] {
        let page = hall.get(&format!("/?client={client}")).await.1;
        assert!(page.contains("prep: 1 update waits for 1 account"), "{page}");
        assert!(page.contains("/connections/prep"));
    }
    let page = hall.get("/connections/prep").await.1;
    assert!(page.contains("1 update waits for you") && page.contains("Whose is it?"), "{page}");
}

#[tokio::test]
async fn a_form_says_whose_an_account_is_and_what_waited_is_handed_on() {
    let hall = hall().await;
    let response = map(&hall, "whose=main&country=DE&pool=b2b").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let back = response.headers()[header::LOCATION].to_str().unwrap();
    let page = hall.get(back).await.1;
    assert!(page.contains("Mapping:") && page.contains("belongs to"), "{page}");
    assert!(page.contains("1 that waited") && page.contains("being handed on"), "{page}");
    assert!(page.contains("<strong>main</strong>"), "{page}");
    assert!(!hall.get("/?client=other").await.1.contains("update waits"));
    assert!(hall.get("/inbounds?client=other").await.1.contains("No inbounds yet"));
}

#[tokio::test]
async fn an_account_with_a_history_is_moved_only_with_a_tick_in_the_box() {
    let hall = arrived().await;
    let whose = async || {
        let id = "prep".parse().unwrap();
        let found = hall.app.look.at(move |reader| reader.merchants(Some(&id))).await.unwrap();
        found[0].client.as_ref().map(ToString::to_string)
    };
    map(&hall, "whose=other").await;
    assert_eq!(whose().await.as_deref(), Some("main"));
    map(&hall, "whose=other&accept_history=1").await;
    assert_eq!(whose().await.as_deref(), Some("other"));
    map(&hall, "whose=").await;
    assert_eq!(whose().await, None);
}

#[tokio::test]
async fn a_form_of_made_up_names_changes_nothing() {
    let hall = hall().await;
    assert_eq!(map(&hall, "whose=nobody").await.status(), StatusCode::BAD_REQUEST);
    let elsewhere = "connection=nowhere&account=101&back=/&whose=main".to_owned();
    assert_eq!(hall.send("map-account", elsewhere).await.status(), StatusCode::NOT_FOUND);
    let lane: LaneId = "connection:nowhere".parse().unwrap();
    let length = hall.app.look.at(move |reader| reader.lane_length(&lane)).await.unwrap();
    assert_eq!(length.0, 0, "no lane was made");
}

#[tokio::test]
async fn an_inbound_shows_what_is_missing_and_what_needs_a_person() {
    let hall = arrived().await;
    let page = inbound_page(&hall).await;
    assert!(page.contains("1Z9") && page.contains("B2B"), "{page}");
    assert!(page.contains("partly received"), "{page}");
    assert!(page.contains("data-key=\"missing\" class=\"under\">9<"), "{page}");
    assert!(page.contains("data-key=\"parked\" class=\"under\">1<"), "{page}");
    assert!(page.contains("Read everything of prep again"), "{page}");
    let overview = hall.get("/?client=main").await.1;
    assert!(overview.contains("1 line of inbounds needs you"), "{overview}");
    let list = hall.get("/inbounds?trouble=1&search=red").await.1;
    assert!(list.contains("id=22%2Fa"), "{list}");
    assert!(hall.get("/inbounds?status=received").await.1.contains("Nothing fits this filter"));
}

#[tokio::test]
async fn an_unsigned_doorbell_is_a_standing_warning() {
    let hall = hall().await;
    for address in ["/connections", "/connections/prep", "/?client=main"] {
        let page = hall.get(address).await.1;
        assert!(page.contains("Webhooks are not signed"), "{address}");
    }
    let cards = hall.get("/connections").await.1;
    assert!(
        cards.contains("It serves several merchant accounts") && !cards.contains("only observes")
    );
}

#[tokio::test]
async fn a_shared_connection_has_its_own_activity_and_its_buttons_act_there() {
    let hall = hall().await;
    let activity = hall.get("/activity?shared=prep").await.1;
    assert!(activity.contains("prep, shared by merchant accounts"), "{activity}");
    assert!(
        activity.contains("tell receptions")
            && activity.contains("/activity/2?client=main&#38;shared=prep"),
        "{activity}"
    );
    assert!(hall.get("/activity/2?shared=prep").await.1.contains("22/a"));
    assert!(!hall.get("/activity").await.1.contains("tell receptions"));
    let form = "subject=prep&client=main&shared=prep&back=/connections/prep".to_owned();
    let response = hall.send("poll-changes", form).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let back = response.headers()[header::LOCATION].to_str().unwrap();
    assert!(hall.get(back).await.1.contains("shared=prep"), "the message leads to its journal");
    let calls = hall.get("/calls?over=1&shared=prep").await.1;
    assert!(calls.contains("Read merchant accounts"), "{calls}");
}

/// What stands between the first of these and the next of those.
fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let rest = page.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after)).map(|(found, _)| found);
    found.unwrap_or_else(|| panic!("no {before} … {after} in {page}"))
}

#[tokio::test]
async fn an_items_movement_links_to_what_the_prep_centre_told_and_so_does_its_activity() {
    let hall = arrived().await;
    let page = hall.get("/stock/RED?client=main").await.1;
    let told = format!("/activity/{}?shared=prep", between(&page, ">prep, no. ", ":"));
    assert!(page.contains(&format!("href=\"{told}&#38;client=main\"")), "{told}: {page}");
    assert!(hall.get(&told).await.1.contains("22/a"), "{told}");
    let own = between(&page, "data-key=\"m", ".");
    let activity = hall.get(&format!("/activity/{own}?client=main")).await.1;
    assert!(activity.contains("Told by") && activity.contains(&told), "{activity}");
}

#[tokio::test]
async fn what_is_only_told_by_hand_is_not_offered_to_be_read() {
    let hall = arrived().await;
    let addresses = ["/connections/prep", "/inbounds/one?source=depot&id=22%2Fa"];
    for address in addresses {
        assert!(hall.get(address).await.1.contains("Read everything"), "{address}");
    }
    let settings = json!({ "by_hand": "yes" });
    let put = json!({ "do": "put_connection", "connection": "prep", "connector": "depot",
        "settings": settings });
    hall.obey_in("connection:prep", put).await;
    for address in addresses {
        let page = hall.get(address).await.1;
        assert!(!page.contains("Read everything") && !page.contains("Read what"), "{address}");
    }
    assert!(hall.get("/connections/prep").await.1.contains("Test connection"));
}

#[tokio::test]
async fn pages_of_inbounds_are_live_and_what_others_wrote_stays_text() {
    let hall = arrived().await;
    hall.check::<accounts::Accounts>("prep".to_owned(), json!({})).await;
    hall.check::<inbounds::Inbounds>((), json!({})).await;
    hall.check::<inbound::InboundPage>((), json!({ "source": "depot", "id": "22/a" })).await;
    for address in [
        "/",
        "/connections",
        "/connections/prep",
        "/inbounds",
        "/inbounds/one?source=depot&id=22%2Fa",
        "/activity?shared=prep",
    ] {
        let (status, page) = hall.get(address).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        assert!(!page.contains(SCRIPT), "{address} lets a script through");
        assert!(!page.contains(" style="), "{address} has inline style");
    }
    for address in ["/inbounds/one", "/inbounds/one?source=depot&id=99", "/connections/nowhere"] {
        assert_eq!(hall.get(address).await.0, StatusCode::NOT_FOUND, "{address}");
    }
}
