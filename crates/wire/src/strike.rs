//! Strikes secrets out of what a partner sends back. Some partners repeat a bad credential in their error page, and
//! answers are recorded.

use bytes::Bytes;
use zeroize::Zeroizing;

/// What stands where a secret stood.
pub(crate) const STRUCK: &str = "(kept in the vault)";

/// Shorter ones are found by chance in innocent text, and protect nothing.
const SECRET_BYTES_MIN: usize = 8;

/// Secrets in every shape in which a partner might repeat them.
#[derive(Default)]
pub(crate) struct Strikes(Vec<Zeroizing<String>>);

impl Strikes {
    /// Adds a secret: as it is, without its scheme (`Bearer …`), as in a form, and as in JSON that escapes slashes.
    pub(crate) fn add(&mut self, secret: &str) {
        let bare = secret.split_whitespace().last().unwrap_or_default();
        let mut form = Zeroizing::new(String::with_capacity(3 * bare.len()));
        form_encode(bare, &mut form);
        let escaped = Zeroizing::new(bare.replace('/', "\\/"));
        for shape in [secret, bare, &form, &escaped] {
            let known = self.0.iter().any(|other| other.as_str() == shape);
            if shape.len() >= SECRET_BYTES_MIN && !known {
                self.0.push(Zeroizing::new(shape.to_owned()));
            }
        }
    }

    /// The same bytes without the secrets; not copied if there are none in it.
    pub(crate) fn strike(&self, bytes: Bytes) -> Bytes {
        self.0.iter().fold(bytes, |bytes, secret| replace(bytes, secret))
    }
}

fn replace(bytes: Bytes, secret: &str) -> Bytes {
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains(secret) => Bytes::from(text.replace(secret, STRUCK)),
        Ok(_) => bytes,
        Err(_) => replace_in_binary(bytes, secret.as_bytes()),
    }
}

fn replace_in_binary(bytes: Bytes, secret: &[u8]) -> Bytes {
    let find = |bytes: &[u8]| bytes.windows(secret.len()).position(|window| window == secret);
    let mut clean = Vec::new();
    let mut rest = bytes;
    while let Some(found) = find(&rest) {
        clean.extend_from_slice(&rest.split_to(found));
        clean.extend_from_slice(STRUCK.as_bytes());
        rest = rest.split_off(secret.len());
    }
    if clean.is_empty() {
        return rest;
    }
    clean.extend_from_slice(&rest);
    Bytes::from(clean)
}

/// Encodes one value of a form.
pub(crate) fn form_encode(text: &str, out: &mut String) {
    let digit =
        |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0').to_ascii_uppercase();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(secret: &str, text: &'static str) -> String {
        let mut strikes = Strikes::default();
        strikes.add(secret);
        String::from_utf8(strikes.strike(Bytes::from_static(text.as_bytes())).to_vec()).unwrap()
    }

    #[test]
    fn a_repeated_secret_is_struck_out_wherever_it_stands() {
        assert_eq!(
            struck("canary-1", "canary-1, not canary-2: canary-1"),
            "(kept in the vault), not canary-2: (kept in the vault)"
        );
    }

    #[test]
    fn it_is_known_in_other_shapes_too() {
        assert_eq!(
            struck("Bearer canary/1", "bad token canary/1"),
            "bad token (kept in the vault)"
        );
        assert_eq!(struck("canary/1+", "secret=canary%2F1%2B"), "secret=(kept in the vault)");
        assert_eq!(struck("canary/1", r#""canary\/1""#), r#""(kept in the vault)""#);
    }

    #[test]
    fn bytes_that_are_no_text_hide_no_secret() {
        let mut strikes = Strikes::default();
        strikes.add("canary-1");
        let strike = |bytes: &'static [u8]| strikes.strike(Bytes::from_static(bytes));
        assert_eq!(
            strike(b"\xffcanary-1canary-1\xfe"),
            b"\xff(kept in the vault)(kept in the vault)\xfe".as_slice()
        );
        assert_eq!(strike(b"canary-1\xfe"), b"(kept in the vault)\xfe".as_slice());
        assert_eq!(strike(b"\xffcanary-2"), b"\xffcanary-2".as_slice());
    }

    #[test]
    fn a_short_secret_does_not_mangle_innocent_text() {
        assert_eq!(struck("1", "1 of 11"), "1 of 11");
    }

    #[test]
    fn text_without_secrets_is_not_copied() {
        let mut strikes = Strikes::default();
        strikes.add("canary-1");
        let text = Bytes::from_static(b"nothing to see");
        assert_eq!(strikes.strike(text.clone()).as_ptr(), text.as_ptr());
    }
}
