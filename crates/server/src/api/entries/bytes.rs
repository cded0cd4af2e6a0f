//! The bytes of an entry as people may see them: what could open a door elsewhere is struck out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossdock_store::Unpacked;
use serde_json::{Value, json};

use crate::problem::Problem;

const STRUCK: &str = "(not shown)";
/// A header with one of these in its name vouches for somebody.
const VOUCHING: [&str; 8] =
    ["authorization", "cookie", "token", "secret", "signature", "hmac", "api-key", "password"];

/// Head and body, as members of an entry.
pub(in crate::api) fn shown(packed: &[u8]) -> Result<Value, Problem> {
    let bytes = Unpacked::new(packed).map_err(|error| Problem::ours(error.to_string()))?;
    let mut head = serde_json::from_slice(bytes.head()).unwrap_or(Value::Null);
    strike(&mut head);
    Ok(match std::str::from_utf8(bytes.body()) {
        Ok(text) => json!({ "head": head, "body": text }),
        Err(_) => json!({ "head": head, "body_base64": STANDARD.encode(bytes.body()) }),
    })
}

/// The request that a send recorded.
pub(in crate::api) fn request(packed: &[u8]) -> Result<Value, Problem> {
    let bytes = Unpacked::new(packed).map_err(|error| Problem::ours(error.to_string()))?;
    let mut record: Value = serde_json::from_slice(bytes.body()).unwrap_or(Value::Null);
    let mut request = record.get_mut("request").map(Value::take).unwrap_or_default();
    strike(&mut request);
    Ok(request)
}

/// Headers are lists of pairs, wherever in a head they stand.
fn strike(value: &mut Value) {
    match value {
        Value::Array(values) => {
            if let [Value::String(name), text @ Value::String(_)] = values.as_mut_slice()
                && vouches(name)
            {
                *text = STRUCK.into();
                return;
            }
            values.iter_mut().for_each(strike);
        }
        Value::Object(members) => members.values_mut().for_each(strike),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn vouches(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    VOUCHING.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossdock_store::Packed;

    #[test]
    fn a_header_that_vouches_is_struck_out_and_others_are_shown() {
        let head = r#"{"request":{"headers":[["x-shop-hmac-sha256","canary"],["x-topic","a"]]}}"#;
        let shown = shown(&Packed::new(head.as_bytes(), b"{}").bytes).unwrap();
        let text = shown.to_string();
        assert!(!text.contains("canary"), "{text}");
        assert!(text.contains(r#"["x-topic","a"]"#), "{text}");
    }

    #[test]
    fn a_body_that_is_no_text_is_shown_as_base64() {
        let shown = shown(&Packed::new(b"{}", &[0xff, 0xfe]).bytes).unwrap();
        assert_eq!(shown["body_base64"], "//4=");
    }
}
