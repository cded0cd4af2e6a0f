//! Answers that say no, sorted by what happens next.

use crossdock_domain::Span;
use crossdock_domain::answer::Failure;
use crossdock_domain::call::{Call, ReceptionAct};

use super::wire::{Field, Object, brief};
use crate::Response;

/// What an answer's status alone decides; `None` where its body has to be read.
pub(super) fn by_status(call: &Call, response: &Response<'_>) -> Option<Failure> {
    let status = response.status;
    let why = |what: &str| format!("{what} (HTTP {status}){}", said(response.body));
    Some(match status {
        200..=299 => return None,
        300..=399 => redirected(response),
        401 => Failure::Unauthorised {
            renew: false,
            why: why(
                "PrepBusiness does not accept the api_token: is it this company's, and not revoked?",
            ),
        },
        402 => Failure::Unusable { why: why("PrepBusiness wants to be paid first") },
        403 => refused(why("PrepBusiness does not let this api_token do that")),
        404 => refused(why(
            "PrepBusiness does not know that: is the account, the id or inbounds_path wrong?",
        )),
        408 | 425 | 500..=599 => {
            unsure(call, response.retry_after, why("PrepBusiness could not answer"))
        }
        429 => Failure::Retry {
            after: response.retry_after,
            why: why("PrepBusiness asks us to slow down"),
        },
        // The words for it are not documented, so whether the item is there already, or the goods have left already, shows
        // where it is read.
        409 | 422 if may_be_done_already(call) => {
            Failure::Stale { rows: Vec::new(), why: why("PrepBusiness refuses that") }
        }
        _ => refused(why("PrepBusiness refuses that")),
    })
}

const fn may_be_done_already(call: &Call) -> bool {
    matches!(
        call,
        Call::PutReception { act: ReceptionAct::PutLine { .. } | ReceptionAct::Submit { .. }, .. }
    )
}

/// It may have been done. Where that does no harm, it is simply done again.
pub(super) fn unsure(call: &Call, after: Option<Span>, why: String) -> Failure {
    if call.kind().is_harmless() { Failure::Retry { after, why } } else { Failure::Unknown { why } }
}

/// What was read makes no sense; its bytes are kept.
pub(super) const fn unreadable(why: String) -> Failure {
    Failure::Unreadable { why }
}

pub(super) const fn refused(why: String) -> Failure {
    Failure::Refused { rows: Vec::new(), why }
}

/// The partner sends whom it does not know to its login page.
fn redirected(response: &Response<'_>) -> Failure {
    let to = response.headers.only("location").unwrap_or("nowhere");
    let why = format!("PrepBusiness sends us on to {} (HTTP {})", brief(to), response.status);
    if to.contains("login") {
        Failure::Unauthorised {
            renew: false,
            why: format!("{why}: it does not accept the api_token"),
        }
    } else {
        refused(format!("{why}: is api_base_url right?"))
    }
}

/// The partner's own words: a message, and what is wrong with which field.
fn said(body: &[u8]) -> String {
    let Some(object) = Object::of_bytes(body) else { return String::new() };
    let mut words: Vec<String> = object.get("message").text().into_iter().collect();
    if let Some(errors) = object.get("errors").object() {
        words.extend(errors.fields().flat_map(|(name, field)| of_field(name, field)));
    }
    if words.is_empty() { String::new() } else { format!(": {}", brief(&words.join("; "))) }
}

fn of_field(name: &str, field: Field<'_>) -> Vec<String> {
    let texts = match field.list() {
        Some(list) => list.into_iter().filter_map(|raw| Field::of(raw).text()).collect(),
        None => Vec::from_iter(field.text()),
    };
    texts.into_iter().map(|text| format!("{name}: {text}")).collect()
}
