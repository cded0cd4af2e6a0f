//! Why a call came to nothing, sorted by what happens next: HTTP status, then `errors[]`, then `userErrors[]`.
//!
//! Shopify answers most failures with HTTP 200, so each of the three is looked at, in this order.

use crossdock_domain::Span;
use crossdock_domain::answer::Failure;
use crossdock_domain::call::{Call, CallKind};
use crossdock_domain::connection::Connection;
use serde_json::value::RawValue;

use super::graph::{Cost, Envelope, GraphError, UserError};
use super::{settings, wire};
use crate::Response;

/// A full bucket comes back in 20 s on every plan; a longer wait would be an answer that lies.
const THROTTLED_MAX: Span = Span::from_s(60);

/// A failure for which nobody can say whether the call was carried out.
pub(super) fn unsure(call: &Call, after: Option<Span>, why: String) -> Failure {
    if call.kind().is_harmless() { Failure::Retry { after, why } } else { Failure::Unknown { why } }
}

/// What the HTTP status says; `None` if the body has to be asked.
pub(super) fn by_status(
    call: &Call,
    response: &Response<'_>,
    connection: &Connection,
) -> Option<Failure> {
    let status = response.status;
    let said = said_in(response.body);
    let refused = |what: &str| refused(format!("HTTP {status}: {what}{said}"));
    let unusable = |what: &str| Failure::Unusable { why: format!("HTTP {status}: {what}{said}") };
    Some(match status {
        200..=299 => return None,
        401 => Failure::Unauthorised {
            renew: settings::fetches_token(connection),
            why: format!("HTTP 401: Shopify does not accept the access token{said}"),
        },
        402 => unusable("the shop is frozen until its owner settles the bill with Shopify"),
        403 => unusable(&format!("the app may not do this; {}", scope_advice(call.kind()))),
        404 => unusable("Shopify knows no such shop or address: check shop_domain and api_version"),
        423 => unusable("the shop is locked: its owner must clear that with Shopify"),
        // No slow-down, for which there is 429: whoever goes on is taken for an attacker all the more.
        430 => unusable("Shopify's protection against attacks stopped the call: ask its support"),
        429 => Failure::Retry {
            after: response.retry_after,
            why: format!("HTTP 429: too many calls{said}"),
        },
        300..=399 => refused("the shop moved to another address: check shop_domain"),
        408 | 425 => unsure(call, response.retry_after, format!("HTTP {status}{said}")),
        400..=499 => refused("Shopify does not take the request"),
        _ => unsure(call, response.retry_after, format!("HTTP {status}{said}")),
    })
}

/// What `errors[]` says.
pub(super) fn by_errors(call: &Call, errors: &RawValue, cost: Option<&Cost<'_>>) -> Failure {
    let Ok(errors) = serde_json::from_str::<Vec<GraphError<'_>>>(errors.get()) else {
        return unsure(call, None, format!("errors: {}", wire::brief(errors.get())));
    };
    let mut verdicts = errors.iter().map(|error| error_verdict(call, error, cost));
    let first = verdicts.next();
    // One doubt outweighs any number of certainties: "not done" must never be said of what may be done.
    let doubt = verdicts.find(|failure| matches!(failure, Failure::Unknown { .. }));
    doubt.or(first).unwrap_or_else(|| unsure(call, None, "errors without any error".to_owned()))
}

fn error_verdict(call: &Call, error: &GraphError<'_>, cost: Option<&Cost<'_>>) -> Failure {
    let message = wire::brief(error.message.as_deref().unwrap_or("no message"));
    let extensions = error.extensions.as_ref();
    let code = extensions.and_then(|extensions| extensions.code.as_deref()).unwrap_or_default();
    let why = with_advice(code, &message);
    match code {
        "THROTTLED" => Failure::Retry { after: Some(throttled_for(cost)), why },
        "ACCESS_DENIED" => {
            let named = extensions.and_then(|extensions| extensions.required_access.as_deref());
            let advice = match named {
                Some(access) => format!("it takes {}", wire::brief(access)),
                None => scope_advice(call.kind()),
            };
            denied(call, format!("{why}; {advice}"))
        }
        "SHOP_INACTIVE" => Failure::Unusable { why },
        "MAX_COST_EXCEEDED" => refused(why),
        "BAD_REQUEST" | "INVALID_VARIABLE" | "INVALID_FIELD_ARGUMENTS" => {
            Failure::Refused { rows: problem_rows(call, error), why }
        }
        // Codes in lower case come from the check before the call is run: nothing was done.
        _ if code.starts_with(|first: char| first.is_ascii_lowercase()) => refused(why),
        _ => {
            let verdict = verdict(code, &message);
            if verdict == Verdict::Other {
                return unsure(call, None, why);
            }
            failure(call, verdict, Vec::new(), why)
        }
    }
}

/// How long until the bucket holds what the call costs.
fn throttled_for(cost: Option<&Cost<'_>>) -> Span {
    let deficit = || {
        let cost = cost?;
        let throttle = cost.throttle_status.as_ref()?;
        let wanted = points(cost.requested_query_cost?)?;
        let missing = wanted.checked_sub(points(throttle.currently_available)?)?;
        let rate = points(throttle.restore_rate).filter(|rate| *rate > 0)?;
        (missing > 0).then(|| Span::from_ms((u64::from(missing) * 1_000).div_ceil(u64::from(rate))))
    };
    deficit().unwrap_or(Span::from_s(1)).min(THROTTLED_MAX)
}

/// Points are whole, though some answers write them as `1000.0`.
pub(super) fn points(raw: &RawValue) -> Option<u32> {
    raw.get().split('.').next()?.parse().ok()
}

/// What `userErrors[]` says of a write.
pub(super) fn by_user_errors(call: &Call, errors: &[UserError<'_>]) -> Option<Failure> {
    let worst = errors.iter().map(|error| {
        verdict(
            error.code.as_deref().unwrap_or_default(),
            error.message.as_deref().unwrap_or_default(),
        )
    });
    let worst = worst.max()?;
    let mut rows = Vec::new();
    let mut said = Vec::new();
    for error in errors {
        let code = error.code.as_deref().unwrap_or_default();
        let message = error.message.as_deref().unwrap_or("no message");
        if verdict(code, message) != worst {
            continue;
        }
        let why = with_advice(code, message);
        if let Some(row) = error.field.as_deref().and_then(|path| row_of(path, call)) {
            rows.push((row, why.clone()));
        }
        if !said.contains(&why) {
            said.push(why);
        }
    }
    Some(failure(call, worst, rows, said.join("; ")))
}

/// What a code means for what happens next. The greatest one of several decides: first whether anything is
/// under way, then what no repeat will cure, then what a fresh look will.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The compare value no longer matches.
    Stale,
    /// An earlier attempt under this key failed; a new key is needed.
    KeySpent,
    /// Everything else that Shopify will not do.
    Other,
    /// The key was used for something else.
    KeyMisused,
    /// The first attempt under this key is still running.
    UnderWay,
}

/// The message decides where the code is missing: Shopify's codes come and go with versions.
fn verdict(code: &str, message: &str) -> Verdict {
    const CODES: [(&str, Verdict); 6] = [
        ("CHANGE_FROM_QUANTITY_STALE", Verdict::Stale),
        ("COMPARE_QUANTITY_STALE", Verdict::Stale),
        ("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", Verdict::KeySpent),
        ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", Verdict::KeyMisused),
        ("IDEMPOTENCY_CONCURRENT_REQUEST", Verdict::UnderWay),
        ("SERVICE_UNAVAILABLE", Verdict::UnderWay),
    ];
    const MESSAGES: [(&str, Verdict); 3] = [
        ("no longer matches the persisted quantity", Verdict::Stale),
        ("cannot be used with different operation parameters", Verdict::KeyMisused),
        ("is currently inprogress", Verdict::UnderWay),
    ];
    let by_code = CODES.iter().find(|(known, _)| *known == code);
    let by_message = MESSAGES.iter().find(|(known, _)| message.contains(known));
    by_code.or(by_message).map_or(Verdict::Other, |(_, verdict)| *verdict)
}

fn failure(call: &Call, verdict: Verdict, rows: Vec<(usize, String)>, why: String) -> Failure {
    match verdict {
        Verdict::Stale => {
            Failure::Stale { rows: rows.into_iter().map(|(row, _)| row).collect(), why }
        }
        // The failed attempt was not carried out, but the key is dead: read, and decide under another.
        Verdict::KeySpent => Failure::Stale { rows: Vec::new(), why },
        Verdict::Other | Verdict::KeyMisused => Failure::Refused { rows, why },
        Verdict::UnderWay => unsure(call, None, why),
    }
}

/// What a person can do about a code.
fn with_advice(code: &str, message: &str) -> String {
    let advice = match code {
        "INVALID_INVENTORY_ITEM" => "the item is gone from the shop: link it again",
        "INVALID_LOCATION" => "the location is gone from the shop: set location_id again",
        "ITEM_NOT_STOCKED_AT_LOCATION" => "stock the item at the location in the shop's admin",
        "NON_MUTABLE_INVENTORY_ITEM" => "a bundle's stock follows its parts: unlink it",
        "INVALID_QUANTITY_TOO_HIGH" | "INVALID_QUANTITY_TOO_LOW" | "INVALID_QUANTITY_NEGATIVE" => {
            "correct the quantity"
        }
        "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR" => "two of our items are linked to it",
        "SHOP_INACTIVE" => "the shop is closed",
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH" | "MAX_COST_EXCEEDED" => {
            "this is a fault of crossdock: report it"
        }
        _ => "",
    };
    let (code, message) = (wire::brief(code), wire::brief(message));
    match (code.as_str(), advice) {
        ("", _) => message,
        (_, "") => format!("{code}: {message}"),
        _ => format!("{code}: {message} ({advice})"),
    }
}

/// The row that a path such as `["input", "quantities", "3", "locationId"]` points at.
fn row_of(path: &[&RawValue], call: &Call) -> Option<usize> {
    let list = if matches!(call, Call::AdjustLevel { .. }) { "changes" } else { "quantities" };
    let rows = call.writes().len();
    let mut parts = path.iter().skip_while(|part| wire::written(part) != list).skip(1);
    let row = wire::written(parts.next()?).parse().ok()?;
    (row < rows).then_some(row)
}

fn problem_rows(call: &Call, error: &GraphError<'_>) -> Vec<(usize, String)> {
    let problems = error.extensions.as_ref().and_then(|extensions| extensions.problems.as_deref());
    let blamed = problems.unwrap_or_default().iter().filter_map(|problem| {
        let row = row_of(problem.path.as_deref()?, call)?;
        Some((row, wire::brief(problem.explanation.as_deref().unwrap_or("not accepted"))))
    });
    blamed.collect()
}

fn scope_advice(kind: CallKind) -> String {
    let scope = match kind {
        CallKind::SetLevels | CallKind::AdjustLevel => "write_inventory",
        CallKind::ReadLevels | CallKind::ReadPage => "read_inventory",
        CallKind::ReadItems => "read_products",
        CallKind::ReadMerchants
        | CallKind::ReadReceptions
        | CallKind::ReadReception
        | CallKind::ReadCounters
        | CallKind::PutReception
        | CallKind::ReadOrder
        | CallKind::ShipOrder
        | CallKind::RenewToken
        | CallKind::Test
        | CallKind::Own => {
            return "install the app in this shop, with all its scopes".to_owned();
        }
    };
    format!("give the app the scope {scope} and install it again")
}

/// The error that the body of a refused call names, if it is JSON.
fn said_in(body: &[u8]) -> String {
    let errors = serde_json::from_slice::<Envelope<'_>>(body).ok().and_then(|body| body.errors);
    errors.map_or_else(String::new, |errors| format!(" ({})", wire::brief(errors.get())))
}

/// A right that the app lacks. Without that to write, the connection does not do what it is for; one of those to read may
/// be missing on purpose, and the rest works.
fn denied(call: &Call, why: String) -> Failure {
    if call.kind().is_harmless() { refused(why) } else { Failure::Unusable { why } }
}

fn refused(why: String) -> Failure {
    Failure::Refused { rows: Vec::new(), why }
}
