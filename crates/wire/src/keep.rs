//! Takes a secret out of an answer that holds one, such as a new token, before anything else sees the body.
//!
//! What is left is safe to record in every case: the asked-for secret is struck out, and so is every other text whose
//! name says that it is a secret. JSON is written anew for that (members sorted, large numbers rounded: nobody
//! computes with a token's answer). A body that is not JSON is left out whole, since nobody can say where in it the
//! secret is.

use bytes::Bytes;
use crossdock_connectors::Keep;
use secrecy::SecretString;
use serde_json::Value;

use crate::order::Kept;
use crate::strike::{STRUCK, Strikes};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Splits a body into what may be recorded and the secret, if there is one. Only an answer that says that all went
/// well can give one.
pub(crate) fn keep(body: &Bytes, keep: &Keep, status: u16) -> (Bytes, Option<Kept>) {
    if body.is_empty() {
        return (Bytes::new(), None);
    }
    let text = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let Ok(mut json) = serde_json::from_slice::<Value>(text) else {
        let words = format!(
            "({} bytes that are not JSON, left out because a secret may be among them)",
            body.len()
        );
        return (Bytes::from(words), None);
    };
    let held = json.pointer_mut(&keep.pointer).map(taken);
    strike_named(&mut json);
    let left = Bytes::from(json.to_string());
    let Some(Value::String(secret)) = held else { return (left, None) };
    let mut strikes = Strikes::default();
    strikes.add(&secret);
    let left = strikes.strike(left);
    let kept = ((200..300).contains(&status) && !secret.is_empty())
        .then(|| Kept { slot: keep.slot.clone(), secret: SecretString::from(secret) });
    (left, kept)
}

fn taken(place: &mut Value) -> Value {
    std::mem::replace(place, Value::String(STRUCK.to_owned()))
}

/// Strikes what has the name of a secret: a refresh token comes beside the access token, unasked. The parser limits
/// how deep this can go.
fn strike_named(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                if value.is_string() && is_secret(name) {
                    taken(value);
                } else {
                    strike_named(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(strike_named),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Ends in `token`, since `token_type` says only `bearer`.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("token") || name.contains("secret") || name.contains("password")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[track_caller]
    fn check(status: u16, body: &'static str, left: &str, kept: Option<&str>) {
        let token = Keep { pointer: "/access_token".to_owned(), slot: "token".to_owned() };
        let (rest, found) = keep(&Bytes::from_static(body.as_bytes()), &token, status);
        assert_eq!(rest, left);
        assert_eq!(found.as_ref().map(|kept| kept.secret.expose_secret()), kept);
        assert!(found.is_none_or(|kept| kept.slot == "token"));
    }

    #[test]
    fn a_token_goes_to_the_vault_and_not_into_the_record() {
        check(
            200,
            r#"{"access_token":"canary-1","expires_in":86399,"token_type":"bearer"}"#,
            r#"{"access_token":"(kept in the vault)","expires_in":86399,"token_type":"bearer"}"#,
            Some("canary-1"),
        );
    }

    #[test]
    fn a_byte_order_mark_does_not_hide_it() {
        check(
            200,
            "\u{feff}{\"access_token\":\"canary-1\"}",
            r#"{"access_token":"(kept in the vault)"}"#,
            Some("canary-1"),
        );
    }

    #[test]
    fn no_second_copy_and_no_other_token_is_recorded() {
        check(
            200,
            r#"{"access_token":"canary-1","again":["so canary-1"],"x":{"refresh_token":"canary-2"}}"#,
            concat!(
                r#"{"access_token":"(kept in the vault)","again":["so (kept in the vault)"],"#,
                r#""x":{"refresh_token":"(kept in the vault)"}}"#,
            ),
            Some("canary-1"),
        );
    }

    #[test]
    fn of_two_tokens_of_one_name_none_is_recorded() {
        check(
            200,
            r#"{"access_token":"canary-1","access_token":"canary-2"}"#,
            r#"{"access_token":"(kept in the vault)"}"#,
            Some("canary-2"),
        );
    }

    #[test]
    fn a_failure_gives_no_token() {
        check(
            400,
            r#"{"access_token":"canary-1"}"#,
            r#"{"access_token":"(kept in the vault)"}"#,
            None,
        );
        check(400, r#"{"error":"invalid_client"}"#, r#"{"error":"invalid_client"}"#, None);
    }

    #[test]
    fn what_is_no_text_is_no_token() {
        check(200, r#"{"access_token":12}"#, r#"{"access_token":"(kept in the vault)"}"#, None);
        check(200, r#"{"access_token":""}"#, r#"{"access_token":"(kept in the vault)"}"#, None);
    }

    #[test]
    fn what_is_not_json_is_left_out() {
        for body in ["access_token=canary-1", r#"{"access_token":"canary-1"#, "<html>canary-1"] {
            let words = format!(
                "({} bytes that are not JSON, left out because a secret may be among them)",
                body.len()
            );
            check(200, body, &words, None);
        }
        check(200, "", "", None);
    }
}
