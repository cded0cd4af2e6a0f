//! What a person or a program tells by hand: the documents' `inbounds[]`, or a table with one line of a reception in each row.
//! A table is first written down as the same JSON, so that there is one reader.

use std::collections::BTreeMap;

use crossdock_domain::RemoteId;
use crossdock_domain::command::ToldReception;
use serde_json::{Map, Value, json};

use super::mapping::{self, RECEPTION};
use super::table;
use super::wire::{Envelope, Object};
use crate::{Payload, Unreadable};

/// Headings that a table has for the reception as a whole, each with what the JSON calls it.
const OF_RECEPTION: [(&str, &str); 22] = [
    ("merchant_id", "merchant_id"),
    ("merchant", "merchant_id"),
    ("team_id", "merchant_id"),
    ("id", "id"),
    ("inbound_id", "id"),
    ("inbound", "id"),
    ("source_id", "id"),
    ("shipment_id", "id"),
    ("order_id", "order_id"),
    ("inbound_name", "name"),
    ("shipment_name", "name"),
    ("inbound_notes", "notes"),
    ("shipment_notes", "notes"),
    ("status", "status"),
    ("country", "country"),
    ("country_code", "country"),
    ("destination", "destination"),
    ("destination_country", "country"),
    ("carrier", "carrier"),
    ("updated_at", "updated_at"),
    ("archived_at", "archived_at"),
    ("has_all_lines", "has_all_lines"),
];

/// Where the JSON has all parcels of a reception; a table has one or several of them in a cell.
const PARCELS: &str = "tracking_numbers";

pub(super) fn told(payload: &Payload<'_>) -> Result<Vec<ToldReception>, Unreadable> {
    match payload {
        Payload::Json(bytes) => of_json(bytes),
        Payload::Csv(bytes) => of_table(bytes),
    }
    .map_err(|why| Unreadable { why })
}

fn of_json(bytes: &[u8]) -> Result<Vec<ToldReception>, String> {
    let envelope = Envelope::open(bytes)?;
    if envelope.objects.is_empty() {
        return Err("it tells of no reception: `inbounds` is empty".to_owned());
    }
    let merchant = mapping::merchant(&envelope.around)?;
    Ok(envelope.objects.iter().map(|object| one(object, merchant.as_ref())).collect())
}

/// One reception, whose account is the one around it where it names none. Whoever writes by hand learns of all that does not
/// read, and nothing of it counts until he has set it right.
fn one(object: &Object<'_>, merchant: Option<&RemoteId>) -> ToldReception {
    let odd = match mapping::reception(object) {
        Ok(read) if read.odd.is_empty() => {
            let mut fact = read.fact;
            fact.merchant = fact.merchant.or_else(|| merchant.cloned());
            return ToldReception::Reception(Box::new(fact));
        }
        Ok(read) => read.odd.join("; "),
        Err(why) => why,
    };
    ToldReception::Unreadable { reception: object.any(&RECEPTION).text(), why: odd }
}

fn of_table(bytes: &[u8]) -> Result<Vec<ToldReception>, String> {
    let rows = table::rows(bytes)?;
    if rows.is_empty() {
        return Err("the table has headings and no rows".to_owned());
    }
    let mut told: Vec<Result<Gathered, ToldReception>> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in rows {
        let parts = match row.cells {
            Ok(cells) => parted(cells),
            Err(why) => {
                told.push(Err(unreadable(None, row.line, &why)));
                continue;
            }
        };
        let (merchant, id) = (parts.said("merchant_id"), parts.said("id"));
        if id.is_empty() {
            let why = if parts.head.contains_key("order_id") {
                "it is an order: goods going out"
            } else {
                "it names no reception: there has to be a column `inbound_id`"
            };
            told.push(Err(unreadable(None, row.line, why)));
            continue;
        }
        let place = *places.entry((merchant, id)).or_insert(told.len());
        match told.get_mut(place) {
            Some(Ok(gathered)) => gathered.add(parts),
            _ => told.push(Ok(parts)),
        }
    }
    Ok(told.into_iter().map(|told| told.map_or_else(|odd| odd, Gathered::told)).collect())
}

fn unreadable(reception: Option<String>, line: usize, why: &str) -> ToldReception {
    ToldReception::Unreadable { reception, why: format!("line {line}: {why}") }
}

/// The cells of the reception as a whole, its parcels, and its line, if the row has one. A cell under a heading that nobody
/// knows is passed over, as in the JSON: it makes no line.
fn parted(cells: Vec<(String, String)>) -> Gathered {
    let (mut head, mut line, mut numbers) = (Map::new(), Map::new(), Vec::new());
    for (heading, cell) in cells {
        let of_reception = OF_RECEPTION.iter().find(|(name, _)| *name == heading);
        if let Some((_, name)) = of_reception {
            head.insert((*name).to_owned(), Value::String(cell));
        } else if heading == "tracking_number" {
            numbers.push(cell);
        } else if mapping::TRACKING.contains(&heading.as_str()) {
            numbers.extend(cell.split([',', ';', '|', '\n']).map(str::to_owned));
        } else if mapping::is_of_line(&heading) {
            line.insert(heading, Value::String(cell));
        }
    }
    let carrier = head.get("carrier").cloned().unwrap_or_default();
    let parcel = |number: String| json!({ "number": number, "carrier": carrier });
    let parcels = numbers.into_iter().map(parcel).collect();
    let lines = if line.is_empty() { Vec::new() } else { vec![Value::Object(line)] };
    Gathered { head, parcels, lines }
}

/// The rows of one reception.
struct Gathered {
    head: Map<String, Value>,
    /// Each with the carrier of its row: a reception may come in several, by several.
    parcels: Vec<Value>,
    lines: Vec<Value>,
}

impl Gathered {
    fn said(&self, name: &str) -> String {
        self.head.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// What an earlier row says of the reception stands; its parcels and lines are those of all rows.
    fn add(&mut self, row: Self) {
        for (name, value) in row.head {
            self.head.entry(name).or_insert(value);
        }
        self.parcels.extend(row.parcels);
        self.lines.extend(row.lines);
    }

    fn told(self) -> ToldReception {
        let mut whole = self.head;
        for (name, list) in [(PARCELS, self.parcels), ("lines", self.lines)] {
            if !list.is_empty() {
                whole.insert(name.to_owned(), Value::Array(list));
            }
        }
        let text = Value::Object(whole).to_string();
        match Object::read(&text) {
            Some(object) => one(&object, None),
            None => unreadable(None, 1, "it could not be read again"),
        }
    }
}
