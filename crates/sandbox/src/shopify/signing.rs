//! The headers of a webhook, above all its signature over the raw bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::deliveries::Delivery;
use super::faults::SigningKey;
use super::setup::Setup;

/// The secret that signs now; a wrong one when the knob says so.
pub(crate) fn secret(setup: &Setup, key: SigningKey, wrong: bool) -> String {
    if wrong {
        return "not the secret".to_owned();
    }
    let old = setup.old_webhook_secret.as_ref().filter(|_| key == SigningKey::Old);
    old.unwrap_or(&setup.webhook_secret).clone()
}

/// All headers of one attempt.
pub(crate) fn headers(delivery: &Delivery, domain: &str, secret: &str) -> Vec<(String, String)> {
    let mut headers = vec![
        ("User-Agent", "Shopify-Captain-Hook".to_owned()),
        ("Accept", "*/*".to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("X-Shopify-Topic", delivery.topic.to_owned()),
        ("X-Shopify-Hmac-Sha256", signature(secret, &delivery.body)),
        ("X-Shopify-Shop-Domain", domain.to_owned()),
        ("X-Shopify-API-Version", delivery.api_version.clone()),
        ("X-Shopify-Webhook-Id", delivery.webhook_id.clone()),
        ("X-Shopify-Event-Id", delivery.event_id.clone()),
        ("X-Shopify-Triggered-At", format!("{:.9}", delivery.triggered_at)),
    ];
    if let Some((header, id)) = delivery.resource {
        headers.push((header, id.to_string()));
    }
    if delivery.topic.starts_with("orders/") {
        headers.push(("X-Shopify-Test", "false".to_owned()));
    }
    if let Some(name) = &delivery.name {
        headers.push(("X-Shopify-Name", name.clone()));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `base64(HMAC-SHA256(secret, body))`.
fn signature(secret: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_equal_the_published_vectors() {
        let vectors = [
            (
                "test_secret_key",
                r#"{"foo": "bar"}"#,
                "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=",
            ),
            ("secret", "foo=anything", "yCGX/RrK4fcuNtr3ztk5tQGsOBjcAzHpGLdMUrbV8yI="),
            ("some-secret", "Bf", "3X6clrsy+C8mmzR/MeTh6b/EcLr46WLZaU+24GrPXOM="),
        ];
        for (secret, body, digest) in vectors {
            assert_eq!(signature(secret, body.as_bytes()), digest);
        }
    }
}
