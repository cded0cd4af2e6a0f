//! Units that came in at a shop and that no order explains: they wait for a person's word.

use crossdock_domain::connection::Connection;
use crossdock_domain::stock::Account;
use crossdock_domain::stock::terms::{Role, Unexplained};
use crossdock_domain::{ClientId, ConnectionId, RemoteId};
use crossdock_store::{Reader, StoreError};

use super::{LINES_MAX, Line, Trouble};
use crate::page::frame::Frame;
use crate::page::words::{Tone, count};

/// Whether anything waits for a person at some connections of a merchant account.
pub(super) fn is_any(
    reader: &Reader,
    client: &ClientId,
    connections: &[Connection],
) -> Result<bool, StoreError> {
    let asking: Vec<_> = connections.iter().filter_map(asks).collect();
    Ok(!asking.is_empty() && !reader.unexplained(client, &asking, 1)?.is_empty())
}

pub(super) fn waiting(reader: &Reader, frame: &Frame) -> Result<Option<Trouble>, StoreError> {
    let client = &frame.client.id;
    let asking: Vec<_> = frame.connections.iter().filter_map(asks).collect();
    if asking.is_empty() {
        return Ok(None);
    }
    let found = reader.unexplained(client, &asking, LINES_MAX)?;
    let Some(first) = found.first() else { return Ok(None) };
    let mut since = None;
    let mut lines = Vec::with_capacity(found.len());
    for waiting in &found {
        let account = Account::Unexplained(waiting.connection.clone());
        let begun = reader.held_since(client, waiting.item, &account)?;
        since = since.into_iter().chain(begun).min();
        let item = reader.item_alone(client, waiting.item)?;
        let sku = item.map_or_else(|| waiting.item.to_string(), |item| item.sku);
        lines.push(Line {
            what: format!("{sku} at {}", waiting.connection),
            href: frame.to(&format!("/stock/{}", waiting.item)),
            note: count(waiting.units.unsigned_abs(), "unit"),
            press: None,
        });
    }
    let names_all = first.of <= u64::from(LINES_MAX);
    let remedy = if names_all {
        "Open the item, then accept the units or have the shop's counter set back."
    } else {
        "Open the item, then accept the units or have the shop's counter set back. The next ones follow here."
    };
    let verb = if first.of == 1 { "has" } else { "have" };
    let title = format!("{} {verb} units that no order explains", count(first.of, "item"));
    let mut trouble = Trouble::new(Tone::Warn, title)
        .since(since.filter(|_| names_all))
        .affects("These units are not sold, and nothing is written for these items there.")
        .remedy(remedy);
    trouble.lines = lines;
    Ok(Some(trouble))
}

/// Where a person is asked: the location whose counter we write, or the source's. What came in before the terms believed
/// such units, or before the location became a source, still waits for him.
fn asks(connection: &Connection) -> Option<(ConnectionId, RemoteId)> {
    let parts = connection.parts();
    let place = |role| parts.iter().find(|(_, part)| part.role == role).map(|(place, _)| place);
    let location = match place(Role::Publishes) {
        Some(_) if connection.stock.unexplained == Unexplained::Restore => return None,
        Some(published) => published,
        None => place(Role::Owns)?,
    };
    Some((connection.id.clone(), location.clone()))
}
