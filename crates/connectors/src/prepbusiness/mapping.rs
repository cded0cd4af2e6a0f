//! The partner's inbound shipments, and those that people write by hand, as facts about receptions. One reader for both: where
//! they name the same thing differently, both names are read.

use crossdock_domain::fact::{ReceptionFact, ReceptionLineFact};
use crossdock_domain::reception::{ReceptionStatus, Shelved, Tracking};
use crossdock_domain::{Number, RemoteId};
use serde_json::value::RawValue;

use super::shapes;
use super::wire::{Field, Object, brief};

/// Older samples and real traffic say `team_id`, newer documents `merchant_id`.
pub(super) const MERCHANT: [&str; 4] = ["merchant_id", "team_id", "merchantId", "teamId"];

pub(super) const RECEPTION: [&str; 5] =
    ["id", "inbound_id", "inboundId", "source_id", "shipment_id"];

const AT: [&str; 3] = ["updated_at", "updatedAt", "at"];
const LINES: [&str; 3] = ["lines", "items", "line_items"];
const COUNTRY: [&str; 3] = ["country", "destination_country", "country_code"];
pub(super) const TRACKING: [&str; 4] =
    ["tracking_numbers", "tracking", "trackings", "tracking_number"];

pub(super) const SKU: [&str; 3] = ["sku", "merchant_sku", "msku"];
const TITLE: [&str; 3] = ["title", "name", "product_name"];
const REQUESTED: [&str; 7] = [
    "qty",
    "quantity",
    "expected",
    "requested",
    "requested_qty",
    "requested_quantity",
    "expected_quantity",
];
const RECEIVED: [&str; 4] = ["actual", "received_qty", "received", "actual_quantity"];
const UNSELLABLE: [&str; 3] = ["unsellable", "unsellable_qty", "unsellable_quantity"];
/// The partner counts the unsellable in here.
const RECEIVED_IN_ALL: &str = "received_quantity";

/// Whether a line is read under this name, as the headings of a table are written.
pub(super) fn is_of_line(name: &str) -> bool {
    let figures = [&REQUESTED[..], &RECEIVED, &UNSELLABLE].concat();
    let others = ["asin", "item_id", "notes", RECEIVED_IN_ALL];
    [&SKU[..], &TITLE, &figures, &others].concat().contains(&name)
}

/// Figures and names of all lines together, in a list. The last are those that its items are called by.
const SUMS: [&str; 6] = [
    "expected_quantity",
    "actual_quantity",
    "unsellable_quantity",
    "received_quantity",
    "sku_count",
    "searchable_identifiers",
];

/// A country is a code or a name.
const COUNTRY_CHARS_MAX: usize = 60;

/// A reception as far as it could be read, with what could not.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) fact: ReceptionFact,
    /// In words, for a person.
    pub(super) odd: Vec<String>,
}

/// The fact that an object tells. The error is why it tells none.
pub(super) fn reception(object: &Object<'_>) -> Result<Read, String> {
    if let Some(why) = shapes::shape(object).objection() {
        return Err(why.to_owned());
    }
    let reception = object.any(&RECEPTION).id("id")?.ok_or("it has no id")?;
    let mut odd = Vec::new();
    let at = object.any(&AT).instant("updated_at").unwrap_or_else(|why| {
        odd.push(why);
        None
    });
    let lines = lines(object)?;
    let raw_status = object.get("status").text();
    let fact = ReceptionFact {
        merchant: merchant(object)?,
        reception,
        name: object.get("name").text(),
        notes: object.get("notes").text(),
        status: status(raw_status.as_deref(), object),
        shelved: shelved(raw_status.as_deref(), object),
        raw_status,
        country: country(object),
        tracking: tracking(object),
        has_all_lines: lines.is_some() && object.get("has_all_lines").is_true(),
        lines: lines.unwrap_or_default(),
        sums: None,
        at,
        reading: Number(0),
    };
    Ok(Read { fact, odd })
}

/// What a row of a list shows of all the lines together, as it stands there: it is only compared.
pub(super) fn sums(object: &Object<'_>) -> Option<String> {
    let said = SUMS.iter().filter_map(|name| Some(format!("{name}={}", object.get(name).text()?)));
    let said: Vec<_> = said.collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// Whose it is. One that does not read is no fact: nobody may guess whose goods these are.
pub(super) fn merchant(object: &Object<'_>) -> Result<Option<RemoteId>, String> {
    object.any(&MERCHANT).id("merchant_id")
}

/// The partner's word, where it is one that we know; else what its instants say.
fn status(word: Option<&str>, object: &Object<'_>) -> Option<ReceptionStatus> {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("open" | "draft") => Some(ReceptionStatus::Submitted),
        // Put away is another matter, and tells nothing of what came.
        Some("archived" | "cancelled" | "canceled") => None,
        Some(word) => ReceptionStatus::from_word(word),
        None if object.get("received_at").is_said() => Some(ReceptionStatus::Received),
        None if object.get("shipped_at").is_said() => Some(ReceptionStatus::Shipped),
        None => None,
    }
}

fn shelved(word: Option<&str>, object: &Object<'_>) -> Option<Shelved> {
    let word = word.map(str::to_ascii_lowercase);
    if word.as_deref().is_some_and(|word| matches!(word, "cancelled" | "canceled"))
        || object.get("deleted_at").is_said()
    {
        Some(Shelved::Cancelled)
    } else if word.as_deref() == Some("archived") || object.get("archived_at").is_said() {
        Some(Shelved::Archived)
    } else {
        object.has("archived_at").then_some(Shelved::No)
    }
}

fn country(object: &Object<'_>) -> Option<String> {
    let destination = object.get("destination");
    let of_destination = || match destination.object() {
        Some(place) => place.any(&COUNTRY).text(),
        None => destination.text(),
    };
    let country = object.any(&COUNTRY).text().or_else(of_destination)?;
    Some(country.chars().take(COUNTRY_CHARS_MAX).collect())
}

/// All parcels, in one order, each once; `None` where nothing is said of parcels.
fn tracking(object: &Object<'_>) -> Option<Vec<Tracking>> {
    let field = object.any(&TRACKING);
    if !field.is_said() {
        return None;
    }
    let carrier = object.get("carrier").text();
    let plain = |number| Tracking { number, carrier: carrier.clone(), status: None };
    let mut parcels: Vec<Tracking> = match field.list() {
        Some(list) => list.into_iter().filter_map(|raw| parcel(raw, &plain)).collect(),
        None => field.text().map(plain).into_iter().collect(),
    };
    parcels.sort();
    parcels.dedup();
    Some(parcels)
}

fn parcel(raw: &RawValue, plain: &impl Fn(String) -> Tracking) -> Option<Tracking> {
    let field = Field::of(raw);
    let Some(object) = field.object() else { return field.text().map(plain) };
    let number = object.any(&["number", "tracking_number"]).text()?;
    let without = plain(number);
    let carrier = object.get("carrier").text().or_else(|| without.carrier.clone());
    Some(Tracking { carrier, status: object.get("status").text(), ..without })
}

/// The lines; `None` where nothing is said of lines.
fn lines(object: &Object<'_>) -> Result<Option<Vec<ReceptionLineFact>>, String> {
    let field = object.any(&LINES);
    if !field.is_said() {
        return Ok(None);
    }
    if let Some(objects) = field.objects() {
        return Ok(Some(objects.iter().map(line_of).collect()));
    }
    let list = field.list().ok_or("its lines are not a list")?;
    Ok(Some(list.into_iter().map(line).collect()))
}

/// One line, as it stands in a list.
fn line(raw: &RawValue) -> ReceptionLineFact {
    Field::of(raw).object().map_or_else(|| no_line(raw), |object| line_of(&object))
}

/// What stands among the lines and is none: kept, so that the reception goes on without it.
pub(super) fn no_line(raw: &RawValue) -> ReceptionLineFact {
    let unreadable = Some(format!("`{}` is not a line", brief(raw.get())));
    ReceptionLineFact { unreadable, ..ReceptionLineFact::default() }
}

/// What of a line does not read is said, and the line kept.
pub(super) fn line_of(object: &Object<'_>) -> ReceptionLineFact {
    let item = object.get("item").object().unwrap_or_default();
    let mut odd = Vec::new();
    let mut take = |read: Result<Option<i64>, String>| {
        read.unwrap_or_else(|why| {
            odd.push(why);
            None
        })
    };
    let requested = take(object.any(&REQUESTED).units("quantity"));
    let unsellable = take(object.any(&UNSELLABLE).units("unsellable quantity"));
    let in_all = take(object.get(RECEIVED_IN_ALL).units("received quantity"));
    let received = take(object.any(&RECEIVED).units("received quantity"));
    let of_all = in_all.map(|all| all.saturating_sub(unsellable.unwrap_or_default()));
    let remote_item = object.get("item_id").id("item_id").and_then(|id| match id {
        None => item.get("id").id("item.id"),
        some => Ok(some),
    });
    let remote_item = remote_item.unwrap_or_else(|why| {
        odd.push(why);
        None
    });
    ReceptionLineFact {
        asin: asin(object).or_else(|| asin(&item)),
        sku: object.any(&SKU).text().or_else(|| item.any(&SKU).text()),
        remote_item,
        title: object.any(&TITLE).text().or_else(|| item.any(&TITLE).text()),
        notes: object.get("notes").text(),
        requested,
        received: received.or(of_all),
        unsellable,
        unreadable: (!odd.is_empty()).then(|| odd.join("; ")),
    }
}

/// The ASIN, which is written in capitals, from its own field or from among the identifiers.
pub(super) fn asin(object: &Object<'_>) -> Option<String> {
    let of_identifiers = || {
        let identifiers = object.get("identifiers").list()?;
        identifiers.into_iter().find_map(|raw| {
            let identifier = Field::of(raw).object()?;
            let is_asin = identifier.get("identifier_type").text()? == "ASIN";
            identifier.get("identifier").text().filter(|_| is_asin)
        })
    };
    let asin = object.get("asin").text().or_else(of_identifiers)?;
    Some(asin.to_ascii_uppercase())
}
