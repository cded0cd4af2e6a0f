//! Bytes for the eye: what came and what was sent, as text. Nothing is interpreted, and everything is escaped where it
//! is shown.

use serde_json::Value;

/// Bytes of a body that a page shows.
const SHOWN_BYTES_MAX: usize = 64 << 10;

/// A body as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// As it came.
    pub(super) raw: String,
    /// Laid out, where it is JSON that fits.
    pub(super) laid_out: Option<String>,
    /// What is missing, in words.
    pub(super) remark: Option<String>,
}

impl Text {
    /// Makes bytes readable.
    pub(super) fn of(body: &[u8]) -> Self {
        let shown = body.get(..SHOWN_BYTES_MAX).unwrap_or(body);
        let mut remarks = Vec::new();
        if shown.len() < body.len() {
            remarks.push(format!(
                "only the first {SHOWN_BYTES_MAX} of {} bytes are shown",
                body.len()
            ));
        }
        if std::str::from_utf8(body).is_err() {
            remarks.push("not all of it is text".to_owned());
        }
        let fits = shown.len() == body.len();
        let json = fits.then(|| serde_json::from_slice::<Value>(body).ok()).flatten();
        Self {
            raw: String::from_utf8_lossy(shown).into_owned(),
            laid_out: json.and_then(|json| serde_json::to_string_pretty(&json).ok()),
            remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
        }
    }
}

/// Names and values of a JSON object's top level, for a table; values that are no plain text stay JSON.
pub(super) fn pairs(head: &[u8]) -> Vec<(String, String)> {
    match serde_json::from_slice(head) {
        Ok(Value::Object(fields)) => {
            fields.into_iter().flat_map(|(name, value)| flat(name, value)).collect()
        }
        Ok(_) | Err(_) => Vec::new(),
    }
}

fn flat(name: String, value: Value) -> Vec<(String, String)> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![(name, text)],
        Value::Array(list) if name == "headers" => list.into_iter().filter_map(header).collect(),
        Value::Object(fields) => {
            fields.into_iter().flat_map(|(name, value)| flat(name, value)).collect()
        }
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => vec![(name, value.to_string())],
    }
}

fn header(pair: Value) -> Option<(String, String)> {
    let Value::Array(pair) = pair else { return None };
    match pair.as_slice() {
        [Value::String(name), Value::String(value)] => Some((name.clone(), value.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_rows_of_their_own() {
        let rows = pairs(br#"{"attempt":1,"headers":[["x-topic","orders/create"]]}"#);
        let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(rows, [row("attempt", "1"), row("x-topic", "orders/create")]);
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_far_as_they_are() {
        let text = Text::of(&[b'a', 0xff]);
        assert_eq!(text.raw, "a\u{fffd}");
        assert!(text.laid_out.is_none() && text.remark.is_some());
    }
}
