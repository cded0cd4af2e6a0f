//! What PrepBusiness's responses mean. An answer that does not fit what was asked is never taken for data, and rows of another
//! account than the one asked for are never handed on.

use crossdock_domain::answer::{Answer, Failure, Receipt};
use crossdock_domain::call::{Call, ReceptionAct, ReceptionPart};
use crossdock_domain::connection::Connection;
use crossdock_domain::fact::ReceptionFact;
use crossdock_domain::reception::Shelved;
use crossdock_domain::{Number, RemoteId};
use serde_json::value::RawValue;

use super::counters;
use super::failures::{self, refused, unreadable};
use super::mapping;
use super::orders;
use super::pages::{self, Page};
use super::shapes::{self, Shape};
use super::wire::{Object, brief};
use crate::Response;

/// Accounts that a test of the connection names to a person.
const NAMED_MAX: usize = 10;

pub(super) fn interpret(call: &Call, response: &Response<'_>, connection: &Connection) -> Answer {
    if let Some(failure) = failures::by_status(call, response) {
        return Answer::failed(failure);
    }
    // Half an answer, or a page in HTML with a lying status: what was asked may be done all the same.
    let Some(object) = Object::of_bytes(response.body) else {
        let why = format!("HTTP {} with a body that is not JSON", response.status);
        return Answer::failed(failures::unsure(call, response.retry_after, why));
    };
    let mut warnings = Vec::new();
    let result = match call {
        Call::Test { .. } => tested(&object, connection),
        Call::ReadMerchants { cursor, .. } => merchants(&object, cursor.as_deref(), &mut warnings),
        Call::ReadReceptions { merchant, archived, cursor, .. } => {
            let asked = Asked { merchant, archived: *archived };
            receptions(&asked, &object, cursor.as_deref(), &mut warnings)
        }
        Call::ReadReception { merchant, reception, part, .. } => match part {
            ReceptionPart::Head => head(&object, merchant, reception, &mut warnings),
            ReceptionPart::Lines { .. } => lines(&object, merchant, reception, part),
        },
        Call::PutReception { act, .. } => put(act, &object),
        Call::ReadOrder { merchant, order, .. } => orders::order(&object, merchant, order),
        Call::ShipOrder { .. } => done(&object).map(|()| Receipt::OrderShipped),
        Call::ReadCounters { merchant, cursor, .. } => {
            counters::read(&object, merchant, cursor.as_deref(), &mut warnings)
        }
        Call::SetLevels { .. }
        | Call::AdjustLevel { .. }
        | Call::ReadLevels { .. }
        | Call::ReadItems { .. }
        | Call::ReadPage { .. }
        | Call::RenewToken { .. } => {
            Err(Failure::Unknown { why: "PrepBusiness was never asked for that".to_owned() })
        }
    };
    Answer { result, budget: None, warnings }
}

fn tested(object: &Object<'_>, connection: &Connection) -> Result<Receipt, Failure> {
    let page = pages::page(object, &["data"], None).map_err(unreadable)?;
    let mut named: Vec<String> = page.rows.iter().filter_map(|raw| named_account(raw)).collect();
    let found = named.len();
    let more = if page.next.is_some() { " on the first page" } else { "" };
    let accounts = if found == 1 { "account" } else { "accounts" };
    named.truncate(NAMED_MAX);
    let named = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
    Ok(Receipt::Tested {
        lines: vec![
            format!("Connected to {}.", connection.base_url),
            format!("The api_token shows {found} merchant {accounts}{more}: {named}."),
        ],
    })
}

fn named_account(raw: &RawValue) -> Option<String> {
    let (id, name) = account(raw).ok()?;
    Some(name.map_or_else(|| id.to_string(), |name| format!("{} ({id})", brief(&name))))
}

fn account(raw: &RawValue) -> Result<(RemoteId, Option<String>), String> {
    let object = Object::read(raw.get()).ok_or("it is not an object")?;
    let id = object.get("id").id("id")?.ok_or("it has no id")?;
    Ok((id, object.get("name").text()))
}

fn merchants(
    object: &Object<'_>,
    cursor: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Receipt, Failure> {
    let page = pages::page(object, &["data"], cursor).map_err(unreadable)?;
    let rows = readable(&page, warnings, account)?;
    Ok(Receipt::Merchants { rows, next: page.next })
}

/// What a page of receptions was asked for.
struct Asked<'a> {
    merchant: &'a RemoteId,
    archived: bool,
}

fn receptions(
    asked: &Asked<'_>,
    object: &Object<'_>,
    cursor: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Receipt, Failure> {
    if object.has("orders") {
        return Err(refused(ORDERS.to_owned()));
    }
    let page = pages::page(object, &["data"], cursor).map_err(unreadable)?;
    let are_out = |raw: &&RawValue| {
        let shape = Object::read(raw.get()).map(|row| shapes::shape(&row));
        matches!(shape, Some(Shape::Order | Shape::Outbound))
    };
    if page.rows.iter().any(are_out) {
        return Err(refused(ORDERS.to_owned()));
    }
    let mut undated = None;
    let mut rows = readable(&page, warnings, |raw| {
        let object = Object::read(raw.get()).ok_or("it is not an object")?;
        let read = mapping::reception(&object)?;
        let odd = || format!("inbound {}: {}", read.fact.reception, read.odd.join("; "));
        undated = undated.take().or_else(|| (!read.odd.is_empty()).then(odd));
        Ok(ReceptionFact { sums: mapping::sums(&object), ..read.fact })
    })?;
    warnings.extend(undated);
    let before = rows.len();
    rows.retain(|fact| fact.merchant.as_ref().is_none_or(|of| of == asked.merchant));
    if rows.len() < before {
        warnings.push(format!(
            "asked for the inbounds of account {}, PrepBusiness shows those of other accounts among \
             them: they are left out",
            asked.merchant
        ));
    }
    for fact in &mut rows {
        fact.merchant = Some(asked.merchant.clone());
        if asked.archived {
            fact.shelved = fact.shelved.max(Some(Shelved::Archived));
        }
    }
    Ok(Receipt::Receptions { rows, next: page.next })
}

const ORDERS: &str = "the address that inbounds_path names lists orders or outbound shipments, goods \
                      going out: set it to the path of inbound shipments, /shipments/inbound";

/// The rows that read. One bad row does not lose the page; nothing but bad rows is a page only where it says itself that it is
/// the one that was asked for: else what the account has besides would never be read. Warnings stand on the connection until
/// its settings are saved, so one tells of all rows, and by its reason only.
fn readable<T>(
    page: &Page<'_>,
    warnings: &mut Vec<String>,
    mut read: impl FnMut(&RawValue) -> Result<T, String>,
) -> Result<Vec<T>, Failure> {
    let mut rows = Vec::with_capacity(page.rows.len());
    let mut odd = None;
    for raw in &page.rows {
        match read(raw) {
            Ok(row) => rows.push(row),
            Err(why) => odd = odd.or(Some(why)),
        }
    }
    match odd {
        Some(why) if rows.is_empty() && !page.is_certain => {
            Err(unreadable(format!("no row of the list reads: {why}")))
        }
        odd => {
            let told = |why| format!("rows of a list do not read and are left out: {why}");
            warnings.extend(odd.map(told));
            Ok(rows)
        }
    }
}

fn head(
    object: &Object<'_>,
    merchant: &RemoteId,
    reception: &RemoteId,
    warnings: &mut Vec<String>,
) -> Result<Receipt, Failure> {
    if object.has("order") {
        return Err(refused(ORDERS.to_owned()));
    }
    let inner = object.any(&["shipment", "data", "inbound"]).object();
    let shipment = inner.as_ref().unwrap_or(object);
    if matches!(shapes::shape(shipment), Shape::Order | Shape::Outbound) {
        return Err(refused(ORDERS.to_owned()));
    }
    let read = mapping::reception(shipment).map_err(unreadable)?;
    let mut fact = read.fact;
    if fact.reception != *reception {
        let why = format!("asked for inbound {reception}, got {}", fact.reception);
        return Err(unreadable(why));
    }
    if let Some(other) = fact.merchant.as_ref().filter(|of| *of != merchant) {
        let why =
            format!("inbound {reception} was asked for as account {merchant}'s, and is {other}'s");
        return Err(refused(why));
    }
    warnings.extend(read.odd.iter().map(|why| format!("inbound {reception}: {why}")));
    fact.merchant = Some(merchant.clone());
    // Lines are read by themselves, since only there they are complete.
    fact.lines = Vec::new();
    fact.has_all_lines = false;
    Ok(Receipt::Reception { fact: Box::new(fact), next: None })
}

fn lines(
    object: &Object<'_>,
    merchant: &RemoteId,
    reception: &RemoteId,
    part: &ReceptionPart,
) -> Result<Receipt, Failure> {
    let ReceptionPart::Lines { at, cursor } = part else {
        return Err(unreadable("no lines were asked for".to_owned()));
    };
    let page = pages::page(object, &["items", "data"], cursor.as_deref()).map_err(unreadable)?;
    let mut lines = Vec::with_capacity(page.rows.len());
    for raw in &page.rows {
        let Some(line) = Object::read(raw.get()) else {
            lines.push(mapping::no_line(raw));
            continue;
        };
        let of = line.get("shipment_id").id("shipment_id").ok().flatten();
        if let Some(of) = of.filter(|of| of != reception) {
            return Err(unreadable(format!("asked for lines of inbound {reception}, got {of}'s")));
        }
        lines.push(mapping::line_of(&line));
    }
    let fact = ReceptionFact {
        merchant: Some(merchant.clone()),
        reception: reception.clone(),
        name: None,
        notes: None,
        raw_status: None,
        status: None,
        shelved: None,
        country: None,
        tracking: None,
        lines,
        // With the last page all have been told.
        has_all_lines: page.next.is_none(),
        sums: None,
        at: *at,
        reading: Number(0),
    };
    Ok(Receipt::Reception { fact: Box::new(fact), next: page.next })
}

/// Every write is answered with a message, a create with the new id as well. Anything else may have been carried out.
fn put(act: &ReceptionAct, object: &Object<'_>) -> Result<Receipt, Failure> {
    done(object)?;
    let reception = match act {
        ReceptionAct::Create { .. } => {
            let id = object.get("shipment_id").id("shipment_id").ok().flatten();
            id.ok_or_else(|| unknown("the answer does not name the new inbound"))?
        }
        ReceptionAct::Update { reception, .. }
        | ReceptionAct::PutLine { reception, .. }
        | ReceptionAct::Submit { reception, .. }
        | ReceptionAct::Archive { reception } => reception.clone(),
    };
    Ok(Receipt::ReceptionPut { reception: Some(reception) })
}

fn done(object: &Object<'_>) -> Result<(), Failure> {
    if object.get("message").is_said() {
        return Ok(());
    }
    Err(unknown("the answer does not say that it was done"))
}

fn unknown(why: &str) -> Failure {
    Failure::Unknown { why: why.to_owned() }
}
