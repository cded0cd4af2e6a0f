//! Telling: a person tells an inbound by hand, as JSON or as a table; and the story of the play in words.

use crossdock_connectors::Payload;
use crossdock_domain::command::Command;
use crossdock_domain::entry::{EntryKind, OutcomeKind};
use crossdock_hub::Folded;
use serde_json::{Value, json};

use super::stage::{Stage, bad, centre, shared};
use crate::finding::{Finding, Found};
use crate::partner;
use crate::partner::centre::CONNECTOR;
use crate::world::Happened;

/// Bytes of a delivery that a story shows.
const SHOWN_MAX: usize = 140;
const HEADINGS: &str = "merchant_id;inbound_id;status;updated_at;archived_at;item_id;sku;asin;title;qty;received_qty;unsellable_qty";

impl Stage {
    /// A person tells an inbound as it stands at the centre now.
    pub(super) fn tell(&mut self, at: usize, is_table: bool) -> Found<()> {
        let Some(inbound) = self.inbound(at) else { return Ok(()) };
        let shown = self.side.shown(inbound.id, self.world.now);
        // A table has a row for each line, so it cannot tell of an inbound without any.
        let is_table = is_table && !inbound.lines.is_empty();
        let (lane, connection) = (shared()?, centre()?);
        let known = self.world.hub().connection(&lane, &connection)?;
        let connector = partner::find(CONNECTOR);
        let (Some(known), Some(connector)) = (known, connector) else {
            return Err(Finding::Play("nothing is connected".to_owned()));
        };
        let text =
            if is_table { table(&shown) } else { json!({ "inbounds": [shown] }).to_string() };
        let payload =
            if is_table { Payload::Csv(text.as_bytes()) } else { Payload::Json(text.as_bytes()) };
        let receptions = connector.tell(&payload, &known).map_err(bad)?;
        self.give(&Command::TellReceptions { connection, receptions }).map(|_| ())
    }

    /// What has happened, in words.
    pub(super) fn narrate(&mut self, heard: &[Happened], folded: &[Folded]) {
        let now = self.world.now;
        for happened in heard {
            self.story.tell(now, || match happened {
                Happened::Acknowledged { attempt, .. } => {
                    let body = String::from_utf8_lossy(&attempt.body);
                    let topic = attempt.url.rsplit('/').next().unwrap_or_default();
                    let body: String = body.chars().take(SHOWN_MAX).collect();
                    format!("  we are told at {topic}: {body}")
                }
                Happened::Died(_) => "  the hub dies and starts again".to_owned(),
                Happened::Called { kind, came, attempt, .. } => {
                    format!("  {} is sent (attempt {attempt}): {came:?}", kind.word())
                }
            });
        }
        for one in folded.iter().filter(|one| is_news(one)) {
            let (kind, note) = (one.outcome.kind.word(), &one.outcome.note);
            self.story.tell(now, || {
                format!("    {} {}: {:?} {kind} {note}", one.lane, one.number, one.kind)
            });
        }
    }
}

/// That nothing came of a delivery is no news.
fn is_news(folded: &Folded) -> bool {
    folded.kind != EntryKind::Delivery || folded.outcome.kind != OutcomeKind::Unchanged
}

/// The same as a spreadsheet would write it.
fn table(shown: &Value) -> String {
    let mut rows = vec![HEADINGS.to_owned()];
    let merchant = shown.get("merchant_id").or_else(|| shown.get("team_id"));
    let head = [merchant, shown.get("id"), shown.get("status"), shown.get("updated_at")];
    let head = head.into_iter().chain([shown.get("archived_at")]).map(cell);
    let head: Vec<String> = head.collect();
    for line in shown.get("items").and_then(Value::as_array).into_iter().flatten() {
        let goods = |name: &str| line.pointer(&format!("/item/{name}"));
        let figure = |name: &str| line.pointer(&format!("/{name}/quantity"));
        let cells = [
            line.get("item_id"),
            goods("merchant_sku"),
            goods("asin"),
            goods("title"),
            figure("expected"),
            figure("actual"),
            figure("unsellable"),
        ];
        let cells = head.iter().cloned().chain(cells.into_iter().map(cell));
        rows.push(cells.collect::<Vec<_>>().join(";"));
    }
    rows.join("\n")
}

fn cell(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    format!("\"{}\"", text.replace('"', "\"\""))
}
