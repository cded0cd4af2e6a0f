//! What a person or a program tells by hand: the documents' `inbounds[]`, or a table with one line of a reception in each row.
//! A table is first written down as the same JSON, so that there is one reader.

use std::collections::BTreeMap;

use crossdock_domain::RemoteId;
use crossdock_domain::command::ToldReception;
use serde_json::{Map, Value};

use super::mapping::{self, RECEPTION};
use super::table;
use super::wire::{Envelope, Object};
use crate::{Payload, Unreadable};

/// Headings that a table has for the reception as a whole, each with what the JSON calls it. All others are its line's.
const OF_RECEPTION: [(&str, &str); 23] = [
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
    ("tracking_number", "tracking_number"),
    ("carrier", "carrier"),
    ("updated_at", "updated_at"),
    ("archived_at", "archived_at"),
    ("has_all_lines", "has_all_lines"),
];

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
        let (head, line) = match row.cells {
            Ok(cells) => parted(cells),
            Err(why) => {
                told.push(Err(unreadable(None, row.line, &why)));
                continue;
            }
        };
        let said =
            |name: &str| head.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (merchant, id) = (said("merchant_id"), said("id"));
        if id.is_empty() {
            let why = if head.contains_key("order_id") {
                "it is an order: goods going out"
            } else {
                "it names no reception: there has to be a column `inbound_id`"
            };
            told.push(Err(unreadable(None, row.line, why)));
            continue;
        }
        let place = *places.entry((merchant, id)).or_insert(told.len());
        match told.get_mut(place) {
            Some(Ok(gathered)) => gathered.add(head, line),
            _ => told.push(Ok(Gathered { head, lines: line.into_iter().collect() })),
        }
    }
    Ok(told.into_iter().map(|told| told.map_or_else(|odd| odd, Gathered::told)).collect())
}

fn unreadable(reception: Option<String>, line: usize, why: &str) -> ToldReception {
    ToldReception::Unreadable { reception, why: format!("line {line}: {why}") }
}

/// The cells of the reception as a whole, and its line, if the row has one.
fn parted(cells: Vec<(String, String)>) -> (Map<String, Value>, Option<Value>) {
    let (mut head, mut line) = (Map::new(), Map::new());
    for (heading, cell) in cells {
        match OF_RECEPTION.iter().find(|(name, _)| *name == heading) {
            Some((_, name)) => head.insert((*name).to_owned(), Value::String(cell)),
            None => line.insert(heading, Value::String(cell)),
        };
    }
    (head, (!line.is_empty()).then_some(Value::Object(line)))
}

/// The rows of one reception.
struct Gathered {
    head: Map<String, Value>,
    lines: Vec<Value>,
}

impl Gathered {
    /// What an earlier row says of the reception stands.
    fn add(&mut self, head: Map<String, Value>, line: Option<Value>) {
        for (name, value) in head {
            self.head.entry(name).or_insert(value);
        }
        self.lines.extend(line);
    }

    fn told(self) -> ToldReception {
        let mut whole = self.head;
        if !self.lines.is_empty() {
            whole.insert("lines".to_owned(), Value::Array(self.lines));
        }
        let text = Value::Object(whole).to_string();
        match Object::read(&text) {
            Some(object) => one(&object, None),
            None => unreadable(None, 1, "it could not be read again"),
        }
    }
}
