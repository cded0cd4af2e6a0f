//! `…/pools`, `…/items/{item}/pools`, `…/terms`, and an item's own terms.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, told};

const CLIENT: &str = "/api/v1/clients/main";

/// Just before the house's clock.
const YESTERDAY: &str = "2027-01-14T00:00:00Z";

fn count(quantity: i64, version: u64) -> Value {
    json!({ "quantity": quantity, "version": version, "taken_at": YESTERDAY })
}

fn line(item: &str, quantity: i64) -> Value {
    json!({ "item": item, "quantity": quantity, "version": 1, "taken_at": YESTERDAY })
}

async fn put(house: &House, path: &str, body: &Value) -> (u16, Value) {
    told(house.admin(Method::PUT, &format!("{CLIENT}/{path}")).json(body)).await
}

#[tokio::test]
async fn a_pool_is_set_to_its_owners_count_and_an_older_one_is_stale() {
    let house = House::furnished(Says(None)).await;
    let (status, first) = put(&house, "items/A/pools/b2b", &count(7, 2)).await;
    assert_eq!(
        (status, &first["outcome"], &first["difference"]),
        (200, &"applied".into(), &7.into())
    );
    let (status, again) = put(&house, "items/prod_A/pools/b2b", &count(7, 2)).await;
    assert_eq!((status, &again["outcome"]), (200, &"unchanged".into()));
    let (status, older) = put(&house, "items/A/pools/b2b", &count(9, 1)).await;
    assert_eq!((status, &older["outcome"]), (200, &"stale".into()));
    assert_eq!(older["known"], json!({ "version": 2, "quantity": 7 }));
    let item = house.read(&format!("{CLIENT}/items/A")).await;
    assert_eq!((&item["b2b"], &item["accounts"]["count"]), (&7.into(), &(-7).into()));
    assert_eq!(
        (&item["counts"][0]["version"], &item["counts"][0]["pool"]),
        (&2.into(), &"b2b".into())
    );
}

#[tokio::test]
async fn a_count_that_cannot_be_is_refused() {
    let house = House::furnished(Says(None)).await;
    let of = |path: &'static str, body: Value| {
        let house = &house;
        async move { put(house, path, &body).await.0 }
    };
    assert_eq!(of("items/A/pools/b2b", count(-1, 1)).await, 422);
    assert_eq!(of("items/Z/pools/b2b", count(1, 1)).await, 404);
    assert_eq!(of("items/A/pools/b3b", count(1, 1)).await, 404);
    let future = json!({ "quantity": 1, "version": 1, "taken_at": "2099-01-01T00:00:00Z" });
    assert_eq!(of("items/A/pools/b2b", future).await, 422);
    for wrong in [
        json!({ "quantity": "7", "version": 1, "taken_at": YESTERDAY }),
        json!({ "quantity": 7, "version": -1, "taken_at": YESTERDAY }),
        json!({ "quantity": 7, "version": 1, "taken_at": "yesterday" }),
        json!({ "quantity": 7, "version": 1 }),
        json!({ "quantity": 7.5, "version": 1, "taken_at": YESTERDAY }),
        json!({ "quantity": 7, "version": 1, "taken_at": YESTERDAY, "colour": "red" }),
    ] {
        assert_eq!(of("items/A/pools/b2b", wrong.clone()).await, 400, "{wrong}");
    }
    assert_eq!(house.read(&format!("{CLIENT}/items/A")).await["b2b"], 0);
}

#[tokio::test]
async fn of_many_counts_each_line_has_its_own_outcome() {
    let house = House::furnished(Says(None)).await;
    let lines = json!([
        line("A", 5), line("NO-SUCH", 1), "gibberish", { "item": "B", "quantity": "many" }, line("B", 6), line("A", 4),
    ]);
    let (status, told) = put(&house, "pools/b2b/counts", &lines).await;
    assert_eq!(status, 200, "{told}");
    let outcomes: Vec<_> =
        told["lines"].as_array().unwrap().iter().map(|l| &l["outcome"]).collect();
    assert_eq!(
        json!(outcomes),
        json!(["applied", "unknown_entity", "illegal", "illegal", "applied", "stale"])
    );
    assert_eq!(
        told["counts"],
        json!({ "applied": 2, "stale": 1, "illegal": 2, "unknown_entity": 1 })
    );
    let wrong = &told["lines"][3];
    assert_eq!(wrong["item"], "B");
    assert!(wrong["note"].as_str().unwrap().contains("`quantity`"), "{wrong}");
    assert_eq!(
        (&told["lines"][2]["line"], told["lines"][2]["note"].is_string()),
        (&3.into(), true)
    );
    for (item, b2b) in [("A", 5), ("B", 6)] {
        assert_eq!(house.read(&format!("{CLIENT}/items/{item}")).await["b2b"], b2b);
    }
}

#[tokio::test]
async fn ten_thousand_counts_are_taken_at_once_and_one_more_is_not() {
    let house = House::furnished(Says(None)).await;
    let mut lines: Vec<_> = (0..9_998).map(|n| line(&format!("NO-SUCH-{n:0>60}"), n)).collect();
    lines.extend([line("A", 5), line("B", 6)]);
    let all = house.admin(Method::PUT, &format!("{CLIENT}/pools/b2b/counts"));
    let put_all = told(all.header("prefer", "wait=30").json(&lines)).await;
    assert_eq!((put_all.0, &put_all.1["counts"]["applied"]), (200, &2.into()));
    assert_eq!(put_all.1["lines"].as_array().unwrap().len(), 10_000);
    lines.push(line("A", 7));
    let (status, problem) = put(&house, "pools/b2b/counts", &json!(lines)).await;
    assert_eq!((status, &problem["limit"]), (422, &10_000.into()));
    assert_eq!(put(&house, "pools/b2b/counts", &json!([])).await.0, 422);
    assert_eq!(put(&house, "pools/b2b/counts", &json!({ "lines": [] })).await.0, 400);
    let much = house.admin(Method::PUT, &format!("{CLIENT}/pools/b2b/counts"));
    assert_eq!(told(much.body(" ".repeat((4 << 20) + 1))).await.0, 413);
}

#[tokio::test]
async fn who_may_only_read_counts_nothing_and_nobody_counts_for_another_client() {
    let house = House::furnished(Says(None)).await;
    let reader = house.token(&["read"], Some("main")).await;
    let stranger = house.token(&["read", "write"], Some("other")).await;
    for (token, refused) in [(reader, 403), (stranger, 404)] {
        let ask = |path: &str, body: Value| {
            let request = house.public(Method::PUT, &format!("{CLIENT}/{path}"));
            told(request.bearer_auth(&token).json(&body))
        };
        assert_eq!(ask("items/A/pools/b2b", count(7, 1)).await.0, refused);
        assert_eq!(ask("pools/b2b/counts", json!([line("A", 7)])).await.0, refused);
        assert_eq!(ask("terms", json!({ "publishing": { "buffer": 1 } })).await.0, refused);
    }
    assert_eq!(house.read(&format!("{CLIENT}/items/A")).await["b2b"], 0);
}

#[tokio::test]
async fn an_item_has_its_own_terms_or_those_of_all() {
    let house = House::furnished(Says(None)).await;
    let (status, _) =
        put(&house, "terms", &json!({ "publishing": { "buffer": 2, "cap": 50 } })).await;
    assert_eq!(status, 200);
    let terms = house.read(&format!("{CLIENT}/terms")).await;
    assert_eq!(terms["publishing"], json!({ "buffer": 2, "cap": 50 }));
    let own = json!({ "publishing": { "cap": "none" }, "sync": true });
    assert_eq!(put(&house, "items/A", &own).await.0, 200);
    let shown = house.read(&format!("{CLIENT}/items/A")).await;
    assert_eq!(shown["publishing"]["own"], json!({ "cap": "none" }));
    assert_eq!(shown["publishing"]["holds"], json!({ "buffer": 2, "cap": null }));
    let holds = |item: &Value| item["publishing"]["holds"].clone();
    assert_eq!(
        holds(&house.read(&format!("{CLIENT}/items/B")).await),
        json!({ "buffer": 2, "cap": 50 })
    );
    assert_eq!(put(&house, "items/A", &json!({ "publishing": {} })).await.0, 200);
    assert_eq!(
        holds(&house.read(&format!("{CLIENT}/items/A")).await),
        json!({ "buffer": 2, "cap": 50 })
    );
    for (wrong, status) in [
        (json!({ "publishing": { "buffer": -1 } }), 422),
        (json!({ "publishing": { "cap": "many" } }), 400),
        (json!({ "allocation": { "mode": "share", "b2c_percent": 101 } }), 422),
        (json!({ "allocation": { "mode": "share" } }), 400),
        (json!({ "allocation": "halves" }), 400),
        (json!({ "backing": { "pool": "b2b" } }), 400),
    ] {
        assert_eq!(put(&house, "items/A", &wrong).await.0, status, "{wrong}");
    }
}

#[tokio::test]
async fn an_allocation_is_shown_as_an_object_and_may_be_given_as_a_word() {
    let house = House::furnished(Says(None)).await;
    let allocation = |wanted: Value| {
        let house = &house;
        async move {
            let (status, told) = put(house, "items/A", &json!({ "allocation": wanted })).await;
            assert_eq!(status, 200, "{told}");
            house.read(&format!("{CLIENT}/items/A")).await["allocation"].clone()
        }
    };
    assert_eq!(allocation(json!("shared")).await, json!({ "mode": "shared" }));
    let share = json!({ "mode": "share", "b2c_percent": 60, "hold": "soft" });
    assert_eq!(allocation(json!({ "mode": "share", "b2c_percent": 60 })).await, share);
    let floors =
        json!({ "mode": "shared_with_floor", "b2b_floor": 1, "b2c_floor": 2, "hold": "hard" });
    assert_eq!(allocation(floors.clone()).await, floors);
}

#[tokio::test]
async fn why_a_shop_shows_another_figure_than_the_pool_stands_with_the_level() {
    let house = House::furnished(Says(Some((200, "10")))).await;
    let terms = json!({ "publishing": { "buffer": 3 }, "sync": true });
    assert_eq!(put(&house, "items/A", &terms).await.0, 200);
    assert_eq!(put(&house, "items/A/pools/b2c", &count(10, 1)).await.0, 200);
    let item = house.read(&format!("{CLIENT}/items/A")).await;
    let publishes = &item["levels"][0]["publishes"];
    assert_eq!(
        (&publishes["pool"], &publishes["balance"], &publishes["figure"]),
        (&"b2c".into(), &10.into(), &7.into())
    );
    assert_eq!(publishes["why"], "−3 buffer");
}
