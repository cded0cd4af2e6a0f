//! Reconciliations over the API: begun, looked at, decided upon. The partner's pages say one unit less than its single
//! counters do.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, SECRET, Says, eventually, told};

const MAIN: &str = "/api/v1/clients/main";

/// Two items that stand at four, and terms that leave findings to a person.
async fn asking() -> House {
    let house = House::furnished(Says(Some((200, "4")))).await;
    let wanted = json!({
        "connector": "acme", "settings": { "account": "acme-1" }, "secrets": { "secret": SECRET },
        "stock": { "reconcile_changes": "never", "reconcile_all": "never", "repair": "ask" },
    });
    let put = house.admin(Method::PUT, &format!("{MAIN}/connections/shop")).json(&wanted);
    assert_eq!(told(put).await.0, 200);
    assert_eq!(told(house.admin(Method::POST, "/sync/all")).await.0, 200);
    house
}

async fn reconciled(house: &House) -> Value {
    let path = format!("{MAIN}/connections/shop/reconcile");
    let (status, begun) = house.post(&path, json!({ "all": true })).await;
    assert_eq!(status, 200, "{begun}");
    let report = format!("{MAIN}/sweeps/{}", begun["sweep"]);
    eventually(async || {
        let report = house.read(&report).await;
        (report["over"] == true).then_some(report)
    })
    .await
}

#[tokio::test]
async fn a_report_lists_what_differs_with_its_evidence_and_repair_and_waits_to_be_applied() {
    let house = asking().await;
    let report = reconciled(&house).await;
    assert_eq!((&report["state"], &report["rows"]), (&"asking".into(), &2.into()), "{report}");
    assert_eq!(
        report["counts"],
        json!([{ "evidence": "unexplained", "state": "open", "count": 2 }])
    );
    let first = &report["list"][0];
    assert_eq!((&first["ours"], &first["theirs"]), (&4.into(), &3.into()));
    assert_eq!(first["repair"]["words"], "1 unit from pool:b2c to acme:shop");
    assert!(!first["entries"].as_array().unwrap().is_empty());

    let sweep = format!("{MAIN}/sweeps/{}", report["sweep"]);
    let (status, applied) = house.post(&format!("{sweep}/apply"), json!({ "findings": [1] })).await;
    assert_eq!((status, &applied["applied"]), (200, &1.into()), "{applied}");
    let (status, problem) = house.post(&format!("{sweep}/apply"), json!({ "findings": [1] })).await;
    assert_eq!((status, &problem["type"]), (409, &"/problems/conflict".into()), "{problem}");
    let (status, _) = house.post(&format!("{sweep}/dismiss"), json!({})).await;
    assert_eq!(status, 200);
    let report = house.read(&sweep).await;
    let ends: Vec<_> =
        report["list"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(
        (&report["state"], ends),
        (&"done".into(), vec!["applied".into(), "dismissed".into()])
    );
    assert_eq!(house.read(&format!("{MAIN}/sweeps/last")).await["sweep"], report["sweep"]);
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_findings_part_by_part() {
    let house = asking().await;
    let first = reconciled(&house).await;
    let second = reconciled(&house).await;
    assert_eq!((&second["state"], &second["known"]), (&"done".into(), &2.into()), "{second}");
    let list = house.read(&format!("{MAIN}/sweeps?connection=shop")).await;
    let numbers: Vec<_> =
        list["sweeps"].as_array().unwrap().iter().map(|sweep| sweep["sweep"].clone()).collect();
    assert_eq!(numbers, [second["sweep"].clone(), first["sweep"].clone()]);
    let path = format!("{MAIN}/sweeps/{}?limit=1", first["sweep"]);
    let part = house.read(&path).await;
    assert_eq!((part["list"].as_array().unwrap().len(), &part["next"]), (1, &1.into()));
    let rest = house.read(&format!("{path}&after=1")).await;
    assert_eq!(rest["list"][0]["finding"], 2);
}

#[tokio::test]
async fn what_is_not_there_or_cannot_be_is_refused_as_a_problem() {
    let house = asking().await;
    for (path, status) in [
        ("/sweeps/77", 404),
        ("/sweeps/last", 404),
        ("/sweeps/x", 404),
        ("/sweeps?connection=A%2FB", 400),
    ] {
        let (got, problem) = told(house.admin(Method::GET, &format!("{MAIN}{path}"))).await;
        assert_eq!(got, status, "{path}: {problem}");
    }
    let nobody = house.post(&format!("{MAIN}/connections/nobody/reconcile"), json!({})).await;
    assert_eq!(nobody.0, 404);
    let none = house.post(&format!("{MAIN}/sweeps/77/apply"), json!({})).await;
    assert_eq!(none.0, 404);
    let odd = house.post(&format!("{MAIN}/sweeps/77/apply"), json!({ "everything": true })).await;
    assert!(odd.0 == 400 || odd.0 == 422, "{odd:?}");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_is_refused_with_the_connection() {
    let house = asking().await;
    let wanted = json!({
        "connector": "acme", "settings": { "account": "acme-1" },
        "stock": { "reconcile_changes": "now and then" },
    });
    let put = house.admin(Method::PUT, &format!("{MAIN}/connections/shop")).json(&wanted);
    let (status, problem) = told(put).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("now and then"), "{problem}");
}
