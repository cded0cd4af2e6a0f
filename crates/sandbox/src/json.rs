//! JSON that is written by hand: ordered objects, and the two spellings the partners use.
//!
//! Not a parser, and shared with no connector: if hub and sandbox used the same types, both would
//! err alike.

use std::fmt::Write as _;

/// A JSON value that keeps the order in which its fields were written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, kept as its text so that no digit is lost.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object in the order of writing.
    Object(Vec<(String, Json)>),
}

/// How text is spelt on the wire.
#[derive(Clone, Copy, PartialEq)]
enum Spelling {
    Plain,
    Escaped,
}

impl Json {
    /// An object from its fields.
    pub(crate) fn object<const N: usize>(fields: [(&str, Json); N]) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// This object with one more field at its end.
    pub(crate) fn with(mut self, key: &str, value: Json) -> Self {
        if let Self::Object(fields) = &mut self {
            fields.push((key.to_owned(), value));
        }
        self
    }

    /// A list of texts.
    pub(crate) fn texts<T: AsRef<str>>(texts: &[T]) -> Self {
        Self::List(texts.iter().map(|text| Self::Text(text.as_ref().to_owned())).collect())
    }

    /// The value under `key`, if this is an object that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Compact JSON as API answers have it.
    pub(crate) fn plain(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Spelling::Plain);
        out
    }

    /// Compact JSON as webhook bodies have it: `/`, `<`, `>` and `&` escaped, the rest as UTF-8.
    pub(crate) fn escaped(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Spelling::Escaped);
        out
    }

    fn write(&self, out: &mut String, spelling: Spelling) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(text, out, spelling),
            Self::List(values) => {
                out.push('[');
                for (position, value) in values.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    value.write(out, spelling);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (position, (key, value)) in fields.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    write_text(key, out, spelling);
                    out.push(':');
                    value.write(out, spelling);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String, spelling: Spelling) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if spelling == Spelling::Escaped => out.push_str("\\/"),
            '<' | '>' | '&' if spelling == Spelling::Escaped => push_code(letter, out),
            control if u32::from(control) < 0x20 => push_code(control, out),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn push_code(letter: char, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\u{:04x}", u32::from(letter));
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        Self::Number(number.to_string())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<Vec<Json>> for Json {
    fn from(values: Vec<Json>) -> Self {
        Self::List(values)
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(values) => Self::List(values.iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => Self::Object(
                fields.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhook_spelling_escapes_slashes_and_angle_brackets_and_leaves_other_scripts_alone() {
        let body = Json::object([("a/b", "<p>Ä & 測試</p>".into()), ("n", Json::Null)]);
        assert_eq!(
            body.escaped(),
            r#"{"a\/b":"\u003cp\u003eÄ \u0026 測試\u003c\/p\u003e","n":null}"#
        );
        assert_eq!(body.plain(), r#"{"a/b":"<p>Ä & 測試</p>","n":null}"#);
    }
}
