//! Who may do what: scopes, clients, sign-in, and pages of others.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::house::{ADMIN_TOKEN, House, Says, eventually, told};

/// Every address of one client, and the narrowest scope that opens it.
const ADDRESSES: &[(&str, &str, &str)] = &[
    ("GET", "items", "read"),
    ("GET", "items/A", "read"),
    ("PUT", "items/A", "write"),
    ("GET", "items/A/movements", "read"),
    ("GET", "items/A/explain", "read"),
    ("POST", "items/A/link", "write"),
    ("PUT", "items/A/sync", "write"),
    ("POST", "items/A/allocate", "write"),
    ("GET", "orders", "read"),
    ("POST", "orders", "write"),
    ("GET", "orders/PO-1", "read"),
    ("POST", "orders/PO-1/cancel", "write"),
    ("GET", "entries", "read"),
    ("GET", "entries/1", "read"),
    ("POST", "entries/1/retry", "write"),
    ("GET", "tasks", "read"),
    ("GET", "tasks/tsk_1", "read"),
    ("POST", "tasks/tsk_1/retry", "write"),
    ("GET", "sends", "read"),
    ("GET", "sends/1", "read"),
    ("GET", "syncs/1", "sync"),
    ("GET", "commands/1", "write"),
    ("GET", "connections", "read"),
    ("GET", "connections/shop", "read"),
    ("PUT", "connections/shop", "admin"),
    ("POST", "connections/shop/test", "write"),
    ("POST", "connections/shop/pause", "write"),
    ("POST", "connections/shop/resume", "write"),
    ("POST", "connections/shop/link", "write"),
];

const SCOPES: [&str; 4] = ["read", "sync", "write", "admin"];

fn covers(scope: &str, wanted: &str) -> bool {
    scope == wanted || scope == "admin" || (scope == "write" && wanted != "admin")
}

fn ask(house: &House, client: &str, (method, path, _): (&str, &str, &str)) -> RequestBuilder {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = house.public(method, &format!("/api/v1/clients/{client}/{path}"));
    // What is let in finds its body wanting: the matrix is about being let in.
    request.header("prefer", "wait=0").body("[]")
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_with_a_made_up_one() {
    let house = House::furnished(Says(None)).await;
    for address in ADDRESSES {
        for request in [
            ask(&house, "main", *address),
            ask(&house, "main", *address).bearer_auth("cdk_made_up"),
            ask(&house, "main", *address).bearer_auth(ADMIN_TOKEN),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{address:?}");
            assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        }
    }
}

#[tokio::test]
async fn a_scope_opens_what_it_covers_and_nothing_else() {
    let house = House::furnished(Says(None)).await;
    for scope in SCOPES {
        let token = house.token(&[scope], None).await;
        for address in ADDRESSES {
            let (status, told) = told(ask(&house, "main", *address).bearer_auth(&token)).await;
            assert_eq!(status == 403, !covers(scope, address.2), "{scope} {address:?}: {told}");
        }
    }
}

#[tokio::test]
async fn to_a_token_of_one_client_others_do_not_exist() {
    let house = House::furnished(Says(None)).await;
    let other = house.admin(Method::PUT, "/api/v1/clients/other").json(&json!({ "name": "Other" }));
    assert_eq!(told(other).await.0, 200);
    let token = house.token(&["admin"], Some("other")).await;
    for address in ADDRESSES {
        let (status, told) = told(ask(&house, "main", *address).bearer_auth(&token)).await;
        assert_eq!(status, 404, "{address:?}: {told}");
        assert!(told["detail"].as_str().unwrap().contains("no client"), "{address:?}: {told}");
    }
    let (_, told) = told(house.public(Method::GET, "/api/v1/clients").bearer_auth(&token)).await;
    assert_eq!(told["clients"].as_array().unwrap().len(), 1);
    let tokens = house.public(Method::GET, "/api/v1/tokens").bearer_auth(&token);
    assert_eq!(tokens.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn what_belongs_to_one_client_is_not_found_under_another() {
    let house = House::furnished(Says(None)).await;
    house.put_connection("other", "other-shop", "acme-2").await;
    for path in ["items/A", "connections/shop", "tasks/tsk_1", "entries/3", "sends/4", "orders/1"] {
        let asked = house.admin(Method::GET, &format!("/api/v1/clients/other/{path}"));
        assert_eq!(told(asked).await.0, 404, "{path}");
    }
    let pause = house.admin(Method::POST, "/api/v1/clients/other/connections/shop/pause");
    assert_eq!(told(pause).await.0, 404);
}

#[tokio::test]
async fn a_token_is_shown_once_and_gone_when_revoked() {
    let house = House::furnished(Says(None)).await;
    let token = house.token(&["read"], None).await;
    assert!(token.starts_with("cdk_") && token.len() == 47);
    let listed = house.read("/api/v1/tokens").await;
    assert!(!listed.to_string().contains(&token));
    let digest = listed["tokens"][0]["digest"].as_str().unwrap();
    let items = || house.public(Method::GET, "/api/v1/clients/main/items").bearer_auth(&token);
    assert_eq!(items().send().await.unwrap().status(), 200);
    for short in ["", &digest[..4]] {
        let vague = house.admin(Method::DELETE, &format!("/api/v1/tokens/{short}"));
        assert!([404, 405].contains(&vague.send().await.unwrap().status().as_u16()));
    }
    let revoked = house.admin(Method::DELETE, &format!("/api/v1/tokens/{digest}"));
    assert_eq!(revoked.send().await.unwrap().status(), 204);
    assert_eq!(items().send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_token_is_not_made_for_scopes_that_there_are_not() {
    let house = House::new().await;
    for bad in [json!(["raed"]), json!([])] {
        let wanted = json!({ "name": "x", "scopes": bad });
        assert_eq!(house.post("/api/v1/tokens", wanted).await.0, 422);
    }
}

async fn sign_in(house: &House) -> (Response, String) {
    let (status, link) = house.post("/api/v1/sign-in-links", Value::Null).await;
    assert_eq!(status, 201);
    let path = link["path"].as_str().unwrap().to_owned();
    (house.at_admin(Method::GET, &path).send().await.unwrap(), path)
}

fn cookie(answer: &Response) -> String {
    let set = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_signs_in_once_and_says_how_to_get_another() {
    let house = House::furnished(Says(None)).await;
    let (answer, path) = sign_in(&house).await;
    assert_eq!(answer.status(), 303);
    let session = cookie(&answer);
    let items =
        house.at_admin(Method::GET, "/api/v1/clients/main/items").header("cookie", &session);
    assert_eq!(items.send().await.unwrap().status(), 200);

    let again = house.at_admin(Method::GET, &path).send().await.unwrap();
    assert_eq!(again.status(), 403);
    assert!(again.headers().get("set-cookie").is_none());
    assert!(again.text().await.unwrap().contains("crossdock sign-in"));
}

#[tokio::test]
async fn a_session_ends_by_signing_out_and_by_time() {
    let house = House::furnished(Says(None)).await;
    let items = async |session: &str| {
        let items = house.at_admin(Method::GET, "/api/v1/clients").header("cookie", session);
        items.send().await.unwrap().status().as_u16()
    };
    let first = cookie(&sign_in(&house).await.0);
    let second = cookie(&sign_in(&house).await.0);
    let out = house.at_admin(Method::POST, "/sign-out").header("cookie", &first);
    let out = out.header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(out.status(), 200);
    assert_eq!((items(&first).await, items(&second).await), (401, 200));
    house.clock.put_forward(13 * 60 * 60);
    assert_eq!(items(&second).await, 401);
}

#[tokio::test]
async fn pages_are_for_who_has_signed_in_and_tell_others_how_to() {
    let house = House::furnished(Says(None)).await;
    let page = house.at_admin(Method::GET, "/").send().await.unwrap();
    assert_eq!(page.status(), 401);
    let text = page.text().await.unwrap();
    assert!(text.contains("crossdock sign-in"));
    let style = text.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(house.at_admin(Method::GET, style).send().await.unwrap().status(), 200);
    let act = house.at_admin(Method::POST, "/act/sync-all").send().await.unwrap();
    assert_eq!(act.status(), 401);

    let session = cookie(&sign_in(&house).await.0);
    let page = house.at_admin(Method::GET, "/").header("cookie", &session).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(house.public(Method::GET, "/").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_page_of_somebody_else_cannot_use_the_operators_session() {
    let house = House::furnished(Says(None)).await;
    let session = cookie(&sign_in(&house).await.0);
    let pause = || {
        let path = "/api/v1/clients/main/connections/shop/pause";
        house.at_admin(Method::POST, path).header("cookie", &session)
    };
    let ours = format!("http://{}", house.admin);
    assert_eq!(told(pause()).await.0, 403);
    assert_eq!(told(pause().header("origin", "http://evil.example")).await.0, 403);
    assert_eq!(
        told(pause().header("sec-fetch-site", "cross-site").header("origin", &ours)).await.0,
        403
    );
    assert_eq!(told(pause().header("origin", &ours)).await.0, 200);
}

#[tokio::test]
async fn a_name_that_was_pointed_at_us_is_not_answered() {
    let house = House::furnished(Says(None)).await;
    let called = async |host: &str| {
        let asked = house.admin(Method::GET, "/api/v1/clients").header("host", host);
        asked.send().await.unwrap().status().as_u16()
    };
    assert_eq!(called("evil.example").await, 421);
    assert_eq!(called("localhost.evil.example:80").await, 421);
    assert_eq!(called("10.1.2.3").await, 421);
    assert_eq!(called("hub.example").await, 200);
    assert_eq!(called("localhost:1234").await, 200);
}

#[tokio::test]
async fn whatever_the_admin_listener_answers_a_browser_may_do_little_with() {
    let house = House::new().await;
    for path in ["/health", "/nowhere", "/sign-in"] {
        let answer = house.at_admin(Method::GET, path).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
    }
}

#[tokio::test]
async fn when_a_token_was_last_used_is_kept() {
    let house = House::furnished(Says(None)).await;
    let token = house.token(&["read"], None).await;
    let used = async || house.read("/api/v1/tokens").await["tokens"][0]["used_at"].clone();
    assert!(used().await.is_null());
    let items = house.public(Method::GET, "/api/v1/clients/main/items").bearer_auth(&token);
    assert_eq!(told(items).await.0, 200);
    eventually(async || used().await.as_str().map(str::to_owned)).await;
}
