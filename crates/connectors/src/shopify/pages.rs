//! Pages of counters, to be compared: what has changed at a location, and everything.
//!
//! What has changed is asked of the location's levels by a search. Everything is asked of the items, which come in the
//! order of their ids: at most 25,000 objects can be paged in one query, and only an order lets another query go on.

use crossdock_domain::answer::{Failure, LevelReading, PageRow, Receipt};
use crossdock_domain::connection::Connection;
use crossdock_domain::{Instant, RemoteId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::answers::{figure, is_level_of, read, unreadable};
use super::requests::{graphql, unsendable};
use super::{graph, mapping, wire};
use crate::{Request, Unsendable};

/// Shopify gives at most so many rows of a connection at once.
const ROWS: u32 = 250;

/// Rows after which a query ends, well before Shopify ends it.
const ROWS_PER_QUERY: u32 = 24_000;

const READ_CHANGES: &str = include_str!("graphql/read_changes.graphql");
const READ_ALL: &str = include_str!("graphql/read_all.graphql");

/// Where a page ended, as we keep it for the next one.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    /// Shopify's own cursor; `None` where a query begins.
    after: Option<String>,
    /// The item after which this query's window begins.
    from: Option<u64>,
    /// Rows that this query has given.
    read: u32,
    /// The last item so far; `None` once ids did not rise, so that no window could go on from there.
    last: Option<u64>,
}

impl Place {
    fn of(cursor: Option<&str>) -> Option<Self> {
        match cursor {
            None => Some(Self { last: Some(0), ..Self::default() }),
            Some(text) => serde_json::from_str(text).ok(),
        }
    }
}

pub(super) fn request(
    location: &RemoteId,
    since: Option<Instant>,
    cursor: Option<&str>,
    connection: &Connection,
) -> Result<Request, Unsendable> {
    let location = mapping::gid(location, mapping::LOCATION).ok_or_else(|| {
        unsendable(format!("`{location}` is not a location of Shopify's: set location_id again"))
    })?;
    let place = Place::of(cursor).ok_or_else(|| unsendable("the cursor of the page is damaged"))?;
    let search = match (since, place.from) {
        (Some(since), _) => Some(format!("updated_at:>='{}'", since.to_the_second())),
        (None, Some(from)) => Some(format!("id:>{from}")),
        (None, None) => None,
    };
    let variables = json!({
        "location": location, "first": ROWS, "after": place.after, "search": search,
    });
    let document = if since.is_some() { READ_CHANGES } else { READ_ALL };
    // An item, a level and its quantities are three objects a row.
    graphql(document, &variables, 3 * ROWS + 10, connection)
}

/// A page of what has changed.
pub(super) fn changes(
    location: &RemoteId,
    cursor: Option<&str>,
    data: Option<&RawValue>,
) -> Result<Receipt, Failure> {
    let place = Place::of(cursor).ok_or_else(|| unreadable("the cursor of the page is damaged"))?;
    let found = read::<graph::ChangesRead<'_>>(data)?.location;
    let Some(found) = read::<Option<graph::ChangedAt<'_>>>(Some(found))? else {
        let why = format!("Shopify has no location {location}: set location_id again");
        return Err(Failure::Refused { rows: Vec::new(), why });
    };
    let page = found.inventory_levels;
    let rows = page.nodes.iter().map(changed).collect::<Result<Vec<_>, _>>()?;
    let Some(after) = more(&page.page_info, place.after.as_deref())? else {
        return Ok(Receipt::Page { rows, next: None });
    };
    let read = place.read.saturating_add(count(rows.len()));
    if read >= ROWS_PER_QUERY {
        // Shopify does not order levels by anything that a search could go on from.
        let why = format!("more than {ROWS_PER_QUERY} levels have changed: compare everything");
        return Err(Failure::Refused { rows: Vec::new(), why });
    }
    let next = written(&Place { after: Some(after), read, ..place });
    Ok(Receipt::Page { rows, next: Some(next) })
}

fn changed(level: &graph::ChangedLevel<'_>) -> Result<PageRow, Failure> {
    let item = item(&level.item.id)?;
    is_level_of(&level.id, &item)?;
    let reading = if !level.item.tracked {
        LevelReading::NotCounted { why: "Shopify does not track the item".to_owned() }
    } else if level.is_active {
        figure(&level.quantities, level.updated_at)?
    } else {
        LevelReading::NotCounted { why: "the item is not stocked there any more".to_owned() }
    };
    Ok(PageRow { item, reading })
}

/// A page of everything.
pub(super) fn all(
    location: &RemoteId,
    cursor: Option<&str>,
    data: Option<&RawValue>,
) -> Result<Receipt, Failure> {
    let place = Place::of(cursor).ok_or_else(|| unreadable("the cursor of the page is damaged"))?;
    let page = read::<graph::AllRead<'_>>(data)?.inventory_items;
    let mut rows = Vec::with_capacity(page.nodes.len());
    let mut last = place.last;
    for node in &page.nodes {
        let row = counted(node, location)?;
        let id = row.item.as_str().parse::<u64>().ok();
        last = id.filter(|id| last.is_some_and(|last| last < *id));
        rows.push(row);
    }
    let Some(after) = more(&page.page_info, place.after.as_deref())? else {
        return Ok(Receipt::Page { rows, next: None });
    };
    let read = place.read.saturating_add(count(rows.len()));
    let next = if read < ROWS_PER_QUERY {
        Place { after: Some(after), read, last, from: place.from }
    } else if last.is_some() {
        Place { after: None, read: 0, last, from: last }
    } else {
        let why = format!(
            "Shopify's items did not come in the order of ids, and there are more than {ROWS_PER_QUERY}"
        );
        return Err(Failure::Refused { rows: Vec::new(), why });
    };
    Ok(Receipt::Page { rows, next: Some(written(&next)) })
}

fn counted(node: &graph::ItemNode<'_>, location: &RemoteId) -> Result<PageRow, Failure> {
    let item = item(&node.id)?;
    let reading = super::answers::reading(&item, location, node)?;
    Ok(PageRow { item, reading })
}

fn item(id: &str) -> Result<RemoteId, Failure> {
    mapping::bare_id(id, mapping::ITEM)
        .ok_or_else(|| unreadable(format!("{} is not the id of an item", wire::brief(id))))
}

/// Shopify's cursor to the next page, if there is one. One that leads nowhere else is no cursor.
fn more(info: &graph::PageInfo<'_>, before: Option<&str>) -> Result<Option<String>, Failure> {
    match (info.has_next_page, info.end_cursor.as_deref()) {
        (false, _) => Ok(None),
        (true, Some(end)) if Some(end) != before => Ok(Some(end.to_owned())),
        (true, _) => Err(unreadable("another page is said to follow, but not where")),
    }
}

fn written(place: &Place) -> String {
    // A few numbers and a text: writing them cannot fail.
    serde_json::to_string(place).unwrap_or_default()
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
