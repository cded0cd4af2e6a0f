//! What the tests share: a caller without sockets, and the documents of the partner's reference.

#![allow(dead_code, reason = "each test file uses its own part")]

use crossdock_sandbox::exchange::{HttpAnswer, HttpRequest};
use crossdock_sandbox::shopify::{Setup, Shop};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(crate) const SET: &str = "mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id createdAt reason referenceDocumentUri
      changes { name delta quantityAfterChange item { id } location { id name } } }
    userErrors { field message code } } }";

pub(crate) const LEVELS: &str = "query Levels($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on InventoryItem { sku tracked inventoryLevels(first: 5) { nodes { id isActive updatedAt
    location { id } quantities(names: [\"available\", \"on_hand\", \"committed\"]) { name quantity } } } } } }";

/// A shop with its own virtual time.
pub(crate) struct Counter {
    pub(crate) shop: Shop,
    pub(crate) now: Timestamp,
    pub(crate) version: String,
}

impl Counter {
    pub(crate) fn open(setup: Setup) -> Self {
        let now = "2026-11-20T10:00:00.123456789Z".parse().unwrap();
        Self { shop: Shop::new(setup, now), now, version: "2026-07".to_owned() }
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn send(&mut self, query: &str, variables: &Value) -> HttpAnswer {
        let token = self.shop.setup().access_token.clone();
        self.send_as(&token, query, variables)
    }

    pub(crate) fn send_as(&mut self, token: &str, query: &str, variables: &Value) -> HttpAnswer {
        let body = json!({ "query": query, "variables": variables });
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: format!("/admin/api/{}/graphql.json", self.version),
            headers: vec![("X-Shopify-Access-Token".to_owned(), token.to_owned())],
            body: body.to_string().into_bytes(),
        };
        self.shop.answer(&request, self.now)
    }

    pub(crate) fn ask(&mut self, query: &str, variables: &Value) -> Value {
        let answer = self.send(query, variables);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The ids of an item and of the first location, as gids.
    pub(crate) fn ids(&self, sku: &str) -> (String, String) {
        let summary = self.shop.summary(self.now);
        let items = summary["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["sku"] == sku).unwrap();
        let gid = item["inventory_item_gid"].as_str().unwrap().to_owned();
        (gid, summary["location_gid"].as_str().unwrap().to_owned())
    }

    pub(crate) fn available(&self, sku: &str) -> i64 {
        let truth = self.shop.truth();
        truth.iter().find(|item| item.sku.as_deref() == Some(sku)).unwrap().available
    }

    /// Sets `available` by compare-and-set; the payload.
    pub(crate) fn set(&mut self, sku: &str, from: i64, to: i64, key: &str) -> Value {
        let (item, location) = self.ids(sku);
        let row = json!({ "inventoryItemId": item, "locationId": location,
            "quantity": to, "changeFromQuantity": from });
        let input = json!({ "name": "available", "reason": "correction", "quantities": [row] });
        let answer = self.ask(SET, &json!({ "input": input, "key": key }));
        answer["data"]["inventorySetQuantities"].clone()
    }
}

pub(crate) fn codes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}
