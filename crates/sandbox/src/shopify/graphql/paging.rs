//! Connections: search, order, and the window that `first`, `last`, `after`, `before` cut out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::document::Field;
use super::project::Projection;
use super::values::{More, Node, Page, Problem, Resolved};
use crate::json::Json;
use crate::shopify::search::{Held, Search};

/// A window may not be wider.
const ROWS_MAX: i64 = 250;

/// A row of a connection before it is searched and cut.
pub(crate) struct Row {
    /// Orders the rows, and is what a cursor remembers.
    pub(crate) id: u64,
    pub(crate) updated_at: Timestamp,
    pub(crate) node: Node,
}

/// Rows by id, searched by `query:` and cut to the window that the field asks for.
pub(crate) fn connection(
    mut rows: Vec<Row>,
    field: &Field,
    execution: &mut Projection,
    held: impl Fn(&Row, &str) -> Held,
) -> Result<Resolved, Problem> {
    if let Some(query) = field.text("query").filter(|query| !query.trim().is_empty()) {
        let search = Search::parse(query);
        if let Some(first) = rows.first() {
            warn(&search, query, execution, |name| held(first, name));
        }
        let indexed = |row: &Row| row.updated_at <= execution.indexed_until;
        rows.retain(|row| indexed(row) && search.accepts(|name| held(row, name)));
    }
    if field.text("sortKey") == Some("UPDATED_AT") {
        rows.sort_by_key(|row| (row.updated_at, row.id));
    } else {
        rows.sort_by_key(|row| row.id);
    }
    if field.is_set("reverse") {
        rows.reverse();
    }
    window(rows, field)
}

/// Rows in the order they are given, cut to the window.
pub(crate) fn window(rows: Vec<Row>, field: &Field) -> Result<Resolved, Problem> {
    let (first, last) = (field.integer("first"), field.integer("last"));
    let Some(wanted) = first.or(last) else {
        return Err(Problem::new("you must provide one of first or last", "BAD_REQUEST"));
    };
    if !(0..=ROWS_MAX).contains(&wanted) {
        let message = format!("The page size must be between 0 and {ROWS_MAX}, {wanted} given");
        return Err(Problem::new(&message, "BAD_REQUEST"));
    }
    let wanted = usize::try_from(wanted).unwrap_or_default();
    let total = rows.len();
    let start = match field.text("after") {
        Some(cursor) => position_of(&rows, cursor)?.map_or(0, |position| position + 1),
        None => 0,
    };
    let end = match field.text("before") {
        Some(cursor) => position_of(&rows, cursor)?.unwrap_or(total),
        None => total,
    };
    let end = end.max(start);
    let (from, to) = if first.is_some() {
        (start, end.min(start + wanted))
    } else {
        (start.max(end.saturating_sub(wanted)), end)
    };
    let told = |more: bool| if more { More::Yes } else { More::No };
    let rows = rows.into_iter().skip(from).take(to - from);
    let rows = rows.map(|row| (cursor(row.id), row.node)).collect();
    Ok(Resolved::Page(Page { rows, before: told(from > 0), after: told(to < total) }))
}

fn cursor(id: u64) -> String {
    STANDARD.encode(format!("{{\"last_id\":{id},\"last_value\":\"{id}\"}}"))
}

/// Where the cursor's row is, or was: a row that is gone leaves its place.
fn position_of(rows: &[Row], cursor: &str) -> Result<Option<usize>, Problem> {
    let invalid = || Problem::new(&format!("Invalid cursor: {cursor}"), "BAD_REQUEST");
    let bytes = STANDARD.decode(cursor).map_err(|_| invalid())?;
    let parsed: serde_json::Value = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    let id = parsed.get("last_id").and_then(serde_json::Value::as_u64).ok_or_else(invalid)?;
    let exact = rows.iter().position(|row| row.id == id);
    let before = || rows.iter().rposition(|row| row.id < id);
    Ok(exact.or_else(before))
}

/// Warns of fields that this connection cannot be searched by: they match everything.
fn warn(search: &Search, query: &str, execution: &mut Projection, held: impl Fn(&str) -> Held) {
    let mut parsed = Vec::new();
    let mut warnings = Vec::new();
    for term in search.terms() {
        let Some(name) = &term.field else { continue };
        parsed.push(Json::object([
            ("field", name.as_str().into()),
            ("match_all", term.value.as_str().into()),
        ]));
        if held(name) == Held::UnknownField {
            warnings.push(Json::object([
                ("field", name.as_str().into()),
                ("message", "Invalid search field for this query.".into()),
                ("code", "invalid_field".into()),
            ]));
        }
    }
    if warnings.is_empty() {
        return;
    }
    let parsed = match parsed.as_slice() {
        [single] => single.clone(),
        _ => Json::object([("and", Json::List(parsed))]),
    };
    execution.warnings.push(Json::object([
        ("path", Json::texts(execution.path())),
        ("query", query.into()),
        ("parsed", parsed),
        ("warnings", Json::List(warnings)),
    ]));
}
