//! What comes in, made ready to be kept. Runs on the threads that accept requests: packing and hashing cost the one
//! writer nothing.

use crossdock_connectors::{Admission, Headers};
use crossdock_domain::command::Command;
use crossdock_domain::connection::Connection;
use crossdock_domain::entry::EntryKind;
use crossdock_domain::send::Send;
use crossdock_domain::{Instant, LaneId};
use crossdock_store::{Arrival, Packed, seen_key};

use crate::head::{self, AnswerHead, CommandHead, DeliveryHead, WireResult};

/// An admitted delivery.
#[must_use]
pub fn delivery_arrival(
    id: [u8; 16],
    connection: &Connection,
    admission: Admission,
    headers: Headers,
    body: &[u8],
    at: Instant,
) -> Arrival {
    Arrival {
        id,
        lane: connection.lane.clone(),
        kind: EntryKind::Delivery,
        source: Some(connection.id.clone()),
        seen_key: Some(seen_key(connection.id.as_str(), &admission.dedupe_key)),
        topic: admission.topic,
        delivery_id: Some(admission.dedupe_key),
        event_id: admission.event_id,
        received_at: at,
        packed: Packed::new(&head::write(&DeliveryHead { headers }), body),
    }
}

/// A command. With an idempotency key, a repeat is the same command.
#[must_use]
pub fn command_arrival(
    id: [u8; 16],
    lane: LaneId,
    command: &Command,
    by: &str,
    idempotency_key: Option<&str>,
    at: Instant,
) -> Arrival {
    let body = serde_json::to_vec(command).unwrap_or_default();
    Arrival {
        id,
        kind: EntryKind::Command,
        source: None,
        topic: topic_of(&body),
        delivery_id: None,
        event_id: None,
        seen_key: idempotency_key.map(|key| seen_key(&format!("command:{lane}"), key)),
        received_at: at,
        packed: Packed::new(&head::write(&CommandHead { by: by.to_owned() }), &body),
        lane,
    }
}

/// What came of a send. An attempt has one answer: a second is a duplicate.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "each is one thing that an arrival is made of")]
pub fn answer_arrival(
    id: [u8; 16],
    lane: LaneId,
    source: crossdock_domain::ConnectionId,
    topic: &str,
    head: &AnswerHead,
    body: &[u8],
    at: Instant,
) -> Arrival {
    let attempt = format!("{}:{}", head.send, head.attempt);
    Arrival {
        id,
        kind: EntryKind::Answer,
        source: Some(source),
        topic: topic.to_owned(),
        delivery_id: None,
        event_id: None,
        seen_key: Some(seen_key(&format!("answer:{lane}"), &attempt)),
        received_at: at,
        packed: Packed::new(&head::write(head), body),
        lane,
    }
}

/// "No answer came" as the answer of a send that will get none. Given up once, however often that is noticed; and not
/// under the attempt's own key: should the answer come after all, it is kept, and judged.
#[must_use]
pub fn lost_arrival(send: Send, why: &str, at: Instant) -> Arrival {
    let head = AnswerHead {
        send: send.number,
        attempt: send.attempt,
        took_ms: at.since(send.sent_at).as_ms(),
        result: WireResult::Lost { why: why.to_owned() },
    };
    let key =
        seen_key(&format!("lost:{}", send.lane), &format!("{}:{}", send.number, send.attempt));
    let topic = send.call.kind().word();
    let arrival = answer_arrival([0; 16], send.lane, send.connection, topic, &head, &[], at);
    Arrival { seen_key: Some(key), ..arrival }
}

/// A command's topic is the word by which it is tagged.
fn topic_of(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Tag {
        r#do: String,
    }
    serde_json::from_slice(body).map_or_else(|_| "unreadable".to_owned(), |tag: Tag| tag.r#do)
}
