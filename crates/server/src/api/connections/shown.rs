//! Connections as the API shows them: which secrets there are, never what they are.

use crossdock_domain::LaneId;
use crossdock_domain::connection::{ConnectionStatus, Stage};
use crossdock_store::reader::overview::TallyLine;
use serde_json::{Value, json};

use crate::engine::Known;

pub(super) fn connection(known: &Known) -> Value {
    let connection = &known.connection;
    let (status, paused) = match &connection.status {
        ConnectionStatus::Active => ("active", None),
        ConnectionStatus::Paused { since, why } => {
            ("paused", Some(json!({ "since": since, "why": why })))
        }
    };
    let live_since = match &connection.stage {
        Stage::Observing => None,
        Stage::Live { since } => Some(since),
    };
    json!({
        "connection": connection.id,
        "connector": connection.connector,
        "shared": matches!(connection.lane, LaneId::Connection(_)),
        "status": status,
        "paused": paused,
        "stage": crate::api::live::stage(&connection.stage),
        "live_since": live_since,
        "stock": connection.stock,
        "sandbox": connection.sandbox,
        "base_url": connection.base_url,
        "location": connection.location,
        "settings": connection.settings,
        "secret_slots": known.secrets.slots(),
        "calls": connection.calls,
        "warnings": connection.warnings,
        "token": connection.token,
        "webhook_path": format!("/webhooks/{}", connection.id),
    })
}

/// What was refused, or came twice.
pub(super) fn tally(line: &TallyLine) -> Value {
    json!({
        "what": line.what,
        "why": line.detail,
        "count": line.count,
        "first_at": line.first_at,
        "last_at": line.last_at,
        "topic": line.topic,
    })
}
