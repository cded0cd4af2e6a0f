//! Trouble of other merchant accounts: who looks at one of them shall not miss it.

use std::collections::BTreeSet;

use crossdock_domain::client::Client;
use crossdock_domain::task::TaskState;
use crossdock_domain::{ConnectionId, LaneId};
use crossdock_store::{Reader, StoreError};

use super::{Trouble, unexplained};
use crate::page::frame::Frame;
use crate::page::words::Tone;

/// Other merchant accounts that are looked at.
const OTHERS_MAX: usize = 100;

pub(super) fn told(reader: &Reader, frame: &Frame) -> Result<Vec<Trouble>, StoreError> {
    let others = frame.clients.iter().filter(|client| client.id != frame.client.id);
    let stuck = frame.open.iter().filter(|line| line.state == TaskState::Stuck);
    let stuck: BTreeSet<_> = stuck.map(|line| &line.connection).collect();
    let mut found = Vec::new();
    for client in others.take(OTHERS_MAX) {
        if needs_a_person(reader, client, &stuck)? {
            found.push(
                Trouble::new(Tone::Warn, format!("{} needs you", client.name))
                    .affects("Another merchant account: a paused connection, a stuck call, activity that was set aside or units that no order explains.")
                    .link(frame.overview_of(&client.id), "Look there"),
            );
        }
    }
    Ok(found)
}

fn needs_a_person(
    reader: &Reader,
    client: &Client,
    stuck: &BTreeSet<&ConnectionId>,
) -> Result<bool, StoreError> {
    let lane = LaneId::Client(client.id.clone());
    let connections = reader.connections(Some(&lane))?;
    let troubled =
        |c: &crossdock_domain::connection::Connection| !c.status.sends() || stuck.contains(&c.id);
    Ok(connections.iter().any(troubled)
        || !reader.trouble_counts(&lane)?.is_empty()
        || unexplained::is_any(reader, &client.id, &connections)?)
}
