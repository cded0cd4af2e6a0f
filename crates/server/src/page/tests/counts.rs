//! The overview where counts wait for a person.

use super::*;

/// Twelve items, counted at five, and then at nothing.
async fn emptied() -> Hall {
    let hall = Hall::filled().await;
    for (quantity, version) in [(5, 1), (0, 2)] {
        let mut lines = Vec::new();
        for n in 1..=12 {
            hall.obey(json!({ "do": "put_item", "sku": format!("N-{n}") })).await;
            let taken_at = Still.now();
            let count = json!({ "quantity": quantity, "version": version, "taken_at": taken_at });
            lines.push(json!({ "count": { "item": format!("N-{n}"), "count": count } }));
        }
        hall.obey(json!({ "do": "count_pools", "pool": "b2b", "lines": lines })).await;
    }
    hall
}

#[tokio::test]
async fn counts_that_wait_are_trouble_until_somebody_presses_a_button() {
    for verb in ["approve-counts", "reject-counts"] {
        let hall = emptied().await;
        let page = hall.get("/?client=main").await.1;
        assert!(page.contains("12 counts of B2B held back"), "{page}");
        assert!(page.contains("12 of 12 counted items") && page.contains("5 → 0"), "{page}");
        assert!(page.contains(verb));
        hall.press(verb, "b2b", "/").await;
        assert!(!hall.get("/?client=main").await.1.contains("held back"), "{verb}");
    }
}
