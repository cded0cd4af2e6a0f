//! The one header that matters of a webhook: its signature over the raw bytes. No delivery id, no time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::setup::Setup;
use crate::weather::SigningKey;

/// The secret that signs now; a wrong one when the knob says so.
pub(crate) fn secret(setup: &Setup, key: SigningKey, wrong: bool) -> String {
    if wrong {
        return "not the secret".to_owned();
    }
    let old = setup.old_webhook_secret.as_ref().filter(|_| key == SigningKey::Old);
    old.unwrap_or(&setup.webhook_secret).clone()
}

/// All headers of one attempt.
pub(crate) fn headers(body: &[u8], secret: &str) -> Vec<(String, String)> {
    let headers =
        [("Content-Type", "application/json".to_owned()), ("Signature", signature(secret, body))];
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `HMAC-SHA256(secret, body)` in lower-case hex.
fn signature(secret: &str, body: &[u8]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_lower_case_hex_over_the_raw_bytes() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
