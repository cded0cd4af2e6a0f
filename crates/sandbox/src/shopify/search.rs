//! The search syntax of `query:` arguments and webhook filters: `field:value`, comparisons, AND, OR, NOT.
//!
//! No parentheses and no free-text search: a term without a field matches everything.

use jiff::Timestamp;

use crate::json::Json;

/// A parsed query: any of these groups must hold, and in a group all terms.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Search {
    groups: Vec<Vec<Term>>,
}

/// `field:>=value`, perhaps negated.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    pub(crate) field: Option<String>,
    pub(crate) value: String,
    comparison: Comparison,
    negated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    /// `field:*`
    Present,
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What a row holds in a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Held {
    Text(String),
    Number(i128),
    Time(Timestamp),
    /// The collection cannot be searched by this field: it matches, with a warning.
    UnknownField,
}

impl Search {
    pub(crate) fn parse(query: &str) -> Self {
        let mut groups = vec![Vec::new()];
        let mut negated = false;
        for word in words(query) {
            match word.as_str() {
                "OR" => groups.push(Vec::new()),
                "AND" => {}
                "NOT" => negated = true,
                term => {
                    let parsed = Term::parse(term, negated);
                    if let Some(group) = groups.last_mut() {
                        group.push(parsed);
                    }
                    negated = false;
                }
            }
        }
        Self { groups }
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = &Term> {
        self.groups.iter().flatten()
    }

    pub(crate) fn names_fields_only(&self) -> bool {
        self.terms().count() > 0 && self.terms().all(|term| term.field.is_some())
    }

    /// Whether a row matches; `held` says what it holds in a field.
    pub(crate) fn accepts(&self, held: impl Fn(&str) -> Held) -> bool {
        self.groups.iter().any(|group| {
            group.iter().all(|term| {
                let Some(field) = &term.field else { return true };
                term.holds(&held(field))
            })
        })
    }

    /// Whether a webhook body matches; dots go into objects and lists.
    pub(crate) fn accepts_body(&self, body: &Json) -> bool {
        self.groups.iter().any(|group| {
            group.iter().all(|term| {
                let field = term.field.as_deref().unwrap_or_default();
                let mut found = Vec::new();
                collect(body, field, &mut found);
                if term.negated {
                    found.iter().all(|held| term.holds(held))
                } else {
                    found.iter().any(|held| term.holds(held))
                }
            })
        })
    }
}

impl Term {
    fn parse(word: &str, negated: bool) -> Self {
        let (word, negated) = match word.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => (rest, true),
            _ => (word, negated),
        };
        let Some((field, value)) = word.split_once(':') else {
            let value = unquoted(word);
            return Self { field: None, value, comparison: Comparison::Equal, negated };
        };
        let comparisons = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::Above),
            ("<", Comparison::Below),
        ];
        let found = comparisons
            .into_iter()
            .find_map(|(sign, comparison)| Some((value.strip_prefix(sign)?, comparison)));
        let (value, comparison) = found.unwrap_or((value, Comparison::Equal));
        let comparison = if value == "*" { Comparison::Present } else { comparison };
        let value = unquoted(value);
        Self { field: Some(field.to_owned()), value, comparison, negated }
    }

    fn holds(&self, held: &Held) -> bool {
        let order = match held {
            Held::UnknownField => return true,
            Held::Text(text) => Some(text.to_lowercase().cmp(&self.value.to_lowercase())),
            Held::Number(number) => {
                let wanted = self.value.rsplit('/').next().unwrap_or_default();
                wanted.parse::<i128>().ok().map(|wanted| number.cmp(&wanted))
            }
            Held::Time(time) => parse_time(&self.value).map(|wanted| time.cmp(&wanted)),
        };
        if self.comparison == Comparison::Present {
            return !self.negated;
        }
        let Some(order) = order else { return self.negated };
        let holds = match self.comparison {
            Comparison::Present => true,
            Comparison::Equal => order.is_eq(),
            Comparison::Above => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::Below => order.is_lt(),
            Comparison::AtMost => order.is_le(),
        };
        holds != self.negated
    }
}

/// A time or a day, as people and programs write them.
fn parse_time(text: &str) -> Option<Timestamp> {
    let whole = text.parse::<Timestamp>().ok();
    whole
        .or_else(|| format!("{text}T00:00:00Z").parse().ok())
        .or_else(|| format!("{text}Z").parse().ok())
}

/// A value without its quotes and the backslashes in it.
fn unquoted(value: &str) -> String {
    let inner = ['\'', '"']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)));
    let mut letters = inner.unwrap_or(value).chars();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

/// Splits at spaces outside of quotes; a backslash keeps the next letter from meaning anything.
fn words(query: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut letters = query.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', _) => word.extend(std::iter::once(letter).chain(letters.next())),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.push(letter);
            }
            (closing, Some(open)) if closing == open => {
                quote = None;
                word.push(closing);
            }
            (' ', None) => words.push(std::mem::take(&mut word)),
            (other, _) => word.push(other),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn collect(value: &Json, path: &str, found: &mut Vec<Held>) {
    if let Json::List(values) = value {
        for value in values {
            collect(value, path, found);
        }
        return;
    }
    if path.is_empty() {
        found.extend(leaf(value));
        return;
    }
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(inner) = value.get(key) {
        collect(inner, rest, found);
    }
}

fn leaf(value: &Json) -> Option<Held> {
    match value {
        Json::Null | Json::Object(_) | Json::List(_) => None,
        Json::Bool(value) => Some(Held::Text(value.to_string())),
        Json::Number(digits) => digits.parse().ok().map(Held::Number),
        Json::Text(text) => {
            Some(text.parse().map_or_else(|_| Held::Text(text.clone()), Held::Time))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_compares_times_and_matches_texts_without_case() {
        let search = Search::parse("sku:ab-1 updated_at:>'2026-11-01T00:00:00Z'");
        let row = |sku: &'static str, at: &'static str| {
            move |field: &str| match field {
                "sku" => Held::Text(sku.to_owned()),
                "updated_at" => Held::Time(at.parse().unwrap()),
                _ => Held::UnknownField,
            }
        };
        assert!(search.accepts(row("AB-1", "2026-11-02T00:00:00Z")));
        assert!(!search.accepts(row("AB-1", "2026-11-01T00:00:00Z")));
        assert!(!search.accepts(row("AB-2", "2026-11-02T00:00:00Z")));
        assert!(Search::parse("id:1 OR id:2").accepts(|_| Held::Number(2)));
    }

    #[test]
    fn a_quoted_value_means_its_letters_and_nothing_else() {
        let finds = |query: &str, sku: &'static str| {
            Search::parse(query).accepts(|_| Held::Text(sku.to_owned()))
        };
        assert!(finds(r#"sku:"A \"B\": 5 OR *""#, r#"A "B": 5 OR *"#));
        assert!(finds(r#"sku:">=5""#, ">=5"));
        assert!(!finds(r#"sku:"*""#, "A"));
        assert!(finds("sku:*", "A") && !finds("-sku:*", "A"));
    }

    #[test]
    fn a_webhook_filter_looks_into_the_body() {
        let line = Json::object([("sku", "A".into()), ("quantity", 3i64.into())]);
        let body = Json::object([("id", 7u64.into()), ("lines", vec![line].into())]);
        assert!(Search::parse("id:* AND lines.quantity:>=3").accepts_body(&body));
        assert!(!Search::parse("lines.quantity:>3").accepts_body(&body));
    }
}
