//! Going live over the API: the plan, the word that it may, and the brake.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Says, eventually, told};

const SHOP: &str = "/api/v1/clients/main/connections/shop";
const THREE_EVERYWHERE: Says = Says(Some((200, "3")));

/// Lets one item publish two units where the partner shows three.
async fn publish(house: &House, sku: &str, units: i64) {
    let path = format!("/api/v1/clients/main/items/{sku}");
    let link = json!([{ "connection": "shop", "inventory_item": format!("remote-{sku}") }]);
    let put = house.admin(Method::PUT, &path).json(&json!({ "sync": true, "links": link }));
    assert_eq!(told(put).await.0, 200);
    let moved = json!({ "quantity": units, "from": "supplier", "to": "b2c" });
    assert_eq!(house.post(&format!("{path}/allocate"), moved).await.0, 200);
}

async fn plan_with(house: &House, writes: u64) -> Value {
    eventually(async || {
        let plan = house.read(&format!("{SHOP}/plan")).await;
        (plan["totals"]["writes"] == writes && plan["totals"]["unread"] == 0).then_some(plan)
    })
    .await
}

async fn written(house: &House) -> usize {
    let tasks = house.read("/api/v1/clients/main/tasks?state=done&limit=500").await;
    let tasks = tasks["tasks"].as_array().unwrap();
    tasks.iter().filter(|task| task["kind"] == "set_levels").count()
}

#[tokio::test]
async fn a_plan_says_what_would_be_written_and_nothing_is_until_somebody_goes_live() {
    let house = House::furnished(THREE_EVERYWHERE).await;
    publish(&house, "A", 2).await;
    let plan = plan_with(&house, 1).await;
    assert_eq!((&plan["stage"], &plan["brake"]["stops"]), (&"observing".into(), &false.into()));
    let line = &plan["plan"][0];
    assert_eq!(line["sku"], "A");
    assert_eq!(
        (&line["observed"], &line["target"], &line["difference"]),
        (&3.into(), &2.into(), &(-1).into())
    );
    assert_eq!(written(&house).await, 0);
    let (status, went) = house.post(&format!("{SHOP}/live"), json!({})).await;
    assert_eq!((status, &went["writes"]), (200, &1.into()), "{went}");
    eventually(async || (written(&house).await > 0).then_some(())).await;
    let shown = house.read(SHOP).await;
    assert_eq!(shown["stage"], "live");
    assert!(shown["live_since"].is_string(), "{shown}");
    assert_eq!(house.post(&format!("{SHOP}/observe"), json!({})).await.0, 200);
    assert_eq!(house.read(SHOP).await["stage"], "observing");
}

#[tokio::test]
async fn going_live_past_the_brake_is_refused_with_the_figures_and_a_sample() {
    let house = House::furnished(THREE_EVERYWHERE).await;
    for n in 0..12 {
        publish(&house, &format!("N-{n:02}"), 1).await;
    }
    plan_with(&house, 12).await;
    let (status, problem) = house.post(&format!("{SHOP}/live"), json!({})).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/brake".into()), "{problem}");
    assert_eq!((&problem["changed"], &problem["may_change"]), (&12.into(), &9.into()));
    assert_eq!(problem["sample"].as_array().unwrap().len(), 12);
    let saw = |changed: u64| json!({ "accept": { "zeroed": 0, "changed": changed } });
    assert_eq!(house.post(&format!("{SHOP}/live"), saw(11)).await.0, 409, "not what there is");
    assert_eq!(house.post(&format!("{SHOP}/live"), saw(12)).await.0, 200);
}

#[tokio::test]
async fn a_plan_comes_page_by_page() {
    let house = House::furnished(THREE_EVERYWHERE).await;
    for sku in ["A", "B", "C.1"] {
        publish(&house, sku, 1).await;
    }
    plan_with(&house, 3).await;
    let (mut after, mut seen) = (String::new(), Vec::new());
    for _ in 0..3 {
        let page = house.read(&format!("{SHOP}/plan?limit=1&after={after}")).await;
        seen.push(page["plan"][0]["sku"].clone());
        page["next"].as_str().unwrap_or_default().clone_into(&mut after);
    }
    assert_eq!(seen, ["A", "B", "C.1"]);
    let page = house.read(&format!("{SHOP}/plan?limit=1&after={after}")).await;
    assert_eq!((&page["plan"], &page["next"]), (&json!([]), &Value::Null));
    let bad = house.admin(Method::GET, &format!("{SHOP}/plan?after=nonsense"));
    assert_eq!(told(bad).await.0, 400);
}

#[tokio::test]
async fn a_brake_that_is_off_says_so_and_has_nothing_to_decide() {
    let house = House::furnished(Says(None)).await;
    let brake = house.read(&format!("{SHOP}/brake")).await;
    assert_eq!((&brake["engaged"], &brake["limits"]["zero_percent"]), (&false.into(), &20.into()));
    let (status, told) = house.post(&format!("{SHOP}/brake/approve"), json!({})).await;
    assert_eq!((status, &told["outcome"]), (200, &"unchanged".into()));
    for path in ["plan", "brake"] {
        let nobody = format!("/api/v1/clients/main/connections/nobody/{path}");
        assert_eq!(told_status(&house, Method::GET, &nobody).await, 404);
    }
    let nobody = "/api/v1/clients/main/connections/nobody/live";
    assert_eq!(told_status(&house, Method::POST, nobody).await, 404);
}

async fn told_status(house: &House, method: Method, path: &str) -> u16 {
    told(house.admin(method, path)).await.0
}

#[tokio::test]
async fn whoever_may_only_write_may_stop_writing_and_not_begin_it() {
    let house = House::furnished(Says(None)).await;
    let token = house.token(&["write"], None).await;
    let ask = async |path: &str| {
        let request = house.public(Method::POST, &format!("{SHOP}/{path}")).bearer_auth(&token);
        told(request).await.0
    };
    assert_eq!(ask("observe").await, 200);
    assert_eq!((ask("live").await, ask("brake/approve").await), (403, 403));
}

#[tokio::test]
async fn only_a_simulated_partner_is_written_from_the_start() {
    let house = House::furnished(Says(None)).await;
    let wanted = |sandbox: bool| {
        json!({ "connector": "acme", "settings": { "account": "2" }, "live": true,
        "sandbox": sandbox, "secrets": { "secret": "s" } })
    };
    let path = "/api/v1/clients/main/connections/other";
    let put = |body: Value| told(house.admin(Method::PUT, path).json(&body));
    let (status, problem) = put(wanted(false)).await;
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("simulated"), "{problem}");
    assert_eq!(put(wanted(true)).await.0, 200);
    assert_eq!(house.read(path).await["stage"], "live");
}
