//! The partner's pages: `data` with the page's number, in several variants. Where the next page is comes from our own count
//! and not from the addresses that it writes down.

use serde_json::value::RawValue;

use super::requests::PAGES_MAX;
use super::wire::Object;

/// One page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) rows: Vec<&'a RawValue>,
    /// The cursor of the next; `None` after the last.
    pub(super) next: Option<String>,
    /// It says itself that it is the one that was asked for.
    pub(super) is_certain: bool,
}

/// The rows under the first of these keys that holds some, and where the next page begins. The error is why this is not
/// the page that was asked for.
pub(super) fn page<'a>(
    object: &Object<'a>,
    keys: &[&str],
    cursor: Option<&str>,
) -> Result<Page<'a>, String> {
    let asked: u32 = cursor.map_or(Some(1), |text| text.parse().ok()).unwrap_or(1);
    let rows = keys.iter().find_map(|key| object.get(key).rows());
    let rows =
        rows.ok_or_else(|| format!("the answer holds no list under `{}`", keys.join("`, `")))?;
    let count = |name: &str| object.get(name).units(name);
    let answered = count("current_page")?;
    if let Some(answered) = answered.filter(|answered| *answered != i64::from(asked)) {
        return Err(format!("page {asked} was asked for, page {answered} answered"));
    }
    let is_certain = answered.is_some();
    let has_more = match count("last_page")? {
        Some(last) => i64::from(asked) < last,
        None => object.get("next_page_url").is_said(),
    };
    if !has_more || rows.is_empty() {
        return Ok(Page { rows, next: None, is_certain });
    }
    if asked >= PAGES_MAX {
        return Err(format!("the list does not end after {PAGES_MAX} pages"));
    }
    Ok(Page { rows, next: Some((asked + 1).to_string()), is_certain })
}
