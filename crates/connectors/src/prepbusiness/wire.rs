//! PrepBusiness's JSON as it stands on the wire, and that of those who write it by hand.
//!
//! Tolerant: the same thing goes by several names in it, ids and counts are numbers or text, times have four forms, and
//! whatever is not asked for is passed over. So an object is its keys with what was written under them, and a field is read
//! only where it is known what it has to be.

use std::borrow::Cow;
use std::fmt;

use crossdock_domain::{Instant, RemoteId};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Longest text that is kept: notes are for people.
const TEXT_CHARS_MAX: usize = 2_000;

/// Longest piece of a partner's text that is quoted to a person.
const QUOTE_CHARS_MAX: usize = 200;

/// What was written under one key; nothing where the key is absent or says `null`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a>(Option<&'a str>);

/// Keys with what was written under them. Of a key that stands twice, the last counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A webhook's body, in whichever envelope it came.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// The event, where the body names it.
    pub(super) topic: Option<String>,
    /// What stands beside the list, and counts for everything in it.
    pub(super) around: Object<'a>,
    /// What it is about.
    pub(super) objects: Vec<Object<'a>>,
}

impl<'a> Object<'a> {
    /// Reads one; `None` if it is none.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Reads one from bytes.
    pub(super) fn of_bytes(bytes: &'a [u8]) -> Option<Self> {
        Self::read(std::str::from_utf8(bytes).ok()?)
    }

    /// What was written under a key.
    pub(super) fn get(&self, name: &str) -> Field<'a> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map_or(Field(None), |(_, raw)| Field::of(raw))
    }

    /// What was written under the first of these keys that says something.
    pub(super) fn any(&self, names: &[&str]) -> Field<'a> {
        let said = names.iter().map(|name| self.get(name)).find(|field| field.0.is_some());
        said.unwrap_or(Field(None))
    }

    /// All keys, in their order.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, Field<'a>)> {
        self.0.iter().map(|(key, raw)| (key.as_ref(), Field::of(raw)))
    }

    /// Whether the key is there, even if it says `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::new();
                while let Some((Key(key), raw)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    pairs.push((key, raw));
                }
                Ok(Object(pairs))
            }
        }
        input.deserialize_map(Reader)
    }
}

/// A key, borrowed where no escape stands in the way.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Field<'a> {
    /// What stands there by itself, under no key.
    pub(super) fn of(raw: &'a RawValue) -> Self {
        Self(Some(raw.get()).filter(|text| *text != "null"))
    }

    /// Whether anything was written.
    pub(super) const fn is_said(self) -> bool {
        self.0.is_some()
    }

    /// Text, or a number as it was written; on one line, without blanks around it; `None` if nothing is left.
    pub(super) fn text(self) -> Option<String> {
        let text = self.written()?;
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = text.trim().chars().take(TEXT_CHARS_MAX).map(plain).collect();
        (!text.is_empty()).then_some(text)
    }

    /// What was written, of text or a number.
    fn written(self) -> Option<Cow<'a, str>> {
        let raw = self.0?;
        match raw.as_bytes().first()? {
            b'"' => serde_json::from_str::<Key<'a>>(raw).ok().map(|Key(text)| text),
            b'-' | b'0'..=b'9' => Some(Cow::Borrowed(raw)),
            _ => None,
        }
    }

    /// A partner's id, which may be a number or text.
    pub(super) fn id(self, name: &str) -> Result<Option<RemoteId>, String> {
        let Some(raw) = self.0 else { return Ok(None) };
        let odd = || format!("{name}: `{}` is not an id", brief(raw));
        let written = self.written().ok_or_else(odd)?;
        let text = written.trim();
        let is_number = !raw.starts_with('"');
        if text.is_empty() {
            return Ok(None);
        }
        if is_number && !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(odd());
        }
        RemoteId::new(text).map(Some).map_err(|_| odd())
    }

    /// A number of units: a number, text, or an object that holds it as its `quantity`.
    pub(super) fn units(self, name: &str) -> Result<Option<i64>, String> {
        let Some(raw) = self.0 else { return Ok(None) };
        if let Some(object) = self.object() {
            return object.get("quantity").units(name);
        }
        let odd = || format!("{name}: `{}` is not a whole number of units", brief(raw));
        let written = self.written().ok_or_else(odd)?;
        let text = written.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_whole = !fraction.is_empty() && fraction.bytes().all(|b| b == b'0');
        whole.parse().ok().filter(|_| is_whole).map(Some).ok_or_else(odd)
    }

    /// An instant, in any of the partner's four forms. One without a zone is in UTC.
    pub(super) fn instant(self, name: &str) -> Result<Option<Instant>, String> {
        let Some(raw) = self.0 else { return Ok(None) };
        let text = self.text().unwrap_or_default();
        if text.is_empty() && raw.starts_with('"') {
            return Ok(None);
        }
        let forms = [text.clone(), format!("{text}Z"), format!("{text}T00:00:00Z")];
        let read = forms.iter().find_map(|form| form.parse().ok());
        read.map(Some).ok_or_else(|| format!("{name}: `{}` is not a time", brief(raw)))
    }

    /// Whether `true` was written, in a spreadsheet's spelling too.
    pub(super) fn is_true(self) -> bool {
        let word = self.0.map(|text| text.trim_matches('"').trim());
        word.is_some_and(|word| word == "1" || word.eq_ignore_ascii_case("true"))
    }

    /// The object that was written.
    pub(super) fn object(self) -> Option<Object<'a>> {
        Object::read(self.0.filter(|text| text.starts_with('{'))?)
    }

    /// The list that was written, each part as it stands.
    pub(super) fn list(self) -> Option<Vec<&'a RawValue>> {
        serde_json::from_str(self.0.filter(|text| text.starts_with('['))?).ok()
    }

    /// The list that was written, if all its parts are objects: read at once, where [`Self::list`] would go through each of
    /// them twice.
    pub(super) fn objects(self) -> Option<Vec<Object<'a>>> {
        serde_json::from_str(self.0.filter(|text| text.starts_with('['))?).ok()
    }

    /// The rows of a page: a list, one object alone, or objects under numbers as a list that lost some of its rows
    /// becomes.
    pub(super) fn rows(self) -> Option<Vec<&'a RawValue>> {
        let Some(object) = self.object() else { return self.list() };
        if object.has("id") {
            return Some(vec![serde_json::from_str(self.0?).ok()?]);
        }
        let is_number = |key: &str| key.bytes().all(|b| b.is_ascii_digit());
        let are_rows = !object.0.is_empty() && object.0.iter().all(|(key, _)| is_number(key));
        are_rows.then(|| object.0.iter().map(|(_, raw)| *raw).collect())
    }
}

impl<'a> Envelope<'a> {
    /// Opens a body: the object itself, one under `data` with or without `type`, or a list.
    pub(super) fn open(body: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "the body is not text".to_owned())?;
        let text = text.trim_start_matches('\u{feff}').trim_ascii();
        if text.starts_with('[') {
            let objects = objects(text).map_err(|why| not_json(text, why))?;
            return Ok(Self { topic: None, around: Object::default(), objects });
        }
        let object = serde_json::from_str::<Object<'a>>(text)
            .map_err(|_| not_json(text, "the body is neither an object nor a list"))?;
        let topic = object.get("type").text().filter(|text| text.contains('.'));
        for name in ["data", "inbounds", "inbound", "shipment", "order"] {
            let inner = object.get(name);
            if let Some(list) = inner.0.filter(|text| text.starts_with('[')) {
                let objects = objects(list)?;
                return Ok(Self { topic, around: object, objects });
            }
            if let Some(inner) = inner.object() {
                return Ok(Self { topic, around: object, objects: vec![inner] });
            }
        }
        Ok(Self { topic, around: Object::default(), objects: vec![object] })
    }
}

fn objects(list: &str) -> Result<Vec<Object<'_>>, &'static str> {
    serde_json::from_str(list).map_err(|_| "the list holds something else than objects")
}

/// What is wrong with a body: that it is not JSON, where that is so.
fn not_json(text: &str, otherwise: &str) -> String {
    match serde_json::from_str::<&RawValue>(text) {
        Err(error) => format!("the body is not JSON: {}", brief(&error.to_string())),
        Ok(_) => otherwise.to_owned(),
    }
}

/// A partner's text, cut to a length that a person reads, on one line.
pub(super) fn brief(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(QUOTE_CHARS_MAX).map(plain).collect()
}
