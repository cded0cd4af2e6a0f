//! Settings of a PrepBusiness connection: checked, written in their one form, completed. Secrets are only known by slot here.

use std::collections::BTreeMap;

use crossdock_domain::connection::Connection;

use super::offers;
use crate::{BadSetting, Configured, Given};

pub(super) const API_BASE_URL: &str = "api_base_url";
pub(super) const SYNC_MODE: &str = "sync_mode";
pub(super) const INBOUNDS_PATH: &str = "inbounds_path";

pub(super) const API_TOKEN: &str = "api_token";
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";

/// The two values of [`SYNC_MODE`].
const API: &str = "api";
const MANUAL: &str = "manual";

const DEFAULT_PATH: &str = "/shipments/inbound";
const TEXT_BYTES_MAX: usize = 190;

/// What a webhook is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is a hint: what it is about is read.
    Api,
    /// What is sent counts, and nothing is read.
    Manual,
}

/// Checks and completes what was given.
pub(super) fn configure(given: &Given<'_>) -> Result<Configured, BadSetting> {
    refuse_unknown(given.settings)?;
    let mode = wanted_mode(given)?;
    let base_url = base_url(given)?;
    let path = inbounds_path(value(given.settings, INBOUNDS_PATH))?;
    if mode == Mode::Api && base_url.is_empty() {
        let why = "write the API's address, such as https://your-company.prepbusiness.com/api; only \
                   sync_mode manual does without";
        return Err(bad(API_BASE_URL, why));
    }

    let mut settings = BTreeMap::new();
    let mut keep = |name: &str, text: &str| settings.insert(name.to_owned(), text.to_owned());
    keep(SYNC_MODE, if mode == Mode::Api { API } else { MANUAL });
    keep(INBOUNDS_PATH, &path);
    if !base_url.is_empty() {
        keep(API_BASE_URL, &base_url);
    }
    let warnings = missing(given, mode);
    Ok(Configured { base_url, location: None, settings, warnings, fetches_token: false })
}

/// What the connection's webhooks are worth.
pub(super) fn mode(connection: &Connection) -> Mode {
    if value(&connection.settings, SYNC_MODE) == Some(API) { Mode::Api } else { Mode::Manual }
}

/// Where inbound shipments are, below the API's address.
pub(super) fn path(connection: &Connection) -> &str {
    value(&connection.settings, INBOUNDS_PATH).unwrap_or(DEFAULT_PATH)
}

/// A setting's text; a blank one counts as absent, as an environment variable that is set to nothing does.
fn value<'a>(settings: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    settings.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn bad(name: &str, why: impl Into<String>) -> BadSetting {
    BadSetting { name: name.to_owned(), why: why.into() }
}

/// A misspelt name would otherwise look like a setting that has no effect.
fn refuse_unknown(settings: &BTreeMap<String, String>) -> Result<(), BadSetting> {
    let known = |name: &str| offers::SETTINGS.iter().any(|spec| spec.name == name);
    match settings.keys().find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => {
            let names: Vec<_> = offers::SETTINGS.iter().map(|spec| spec.name).collect();
            Err(bad(name, format!("is not a PrepBusiness setting; there are {}", names.join(", "))))
        }
    }
}

fn wanted_mode(given: &Given<'_>) -> Result<Mode, BadSetting> {
    match value(given.settings, SYNC_MODE).map(str::to_ascii_lowercase).as_deref() {
        None if has(given, API_TOKEN) => Ok(Mode::Api),
        None | Some(MANUAL) => Ok(Mode::Manual),
        Some(API) => Ok(Mode::Api),
        Some(_) => Err(bad(SYNC_MODE, "write api or manual, or leave it out")),
    }
}

/// Scheme, host and path; empty where none is given. A bare host is completed with `/api`, where the partner has it.
fn base_url(given: &Given<'_>) -> Result<String, BadSetting> {
    let Some(text) = value(given.settings, API_BASE_URL) else { return Ok(String::new()) };
    let wanted = "write scheme, host and path, such as https://your-company.prepbusiness.com/api";
    let url = text.trim_end_matches('/');
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if given.sandbox => rest,
        (None, Some(_)) => {
            let why = "only https is sent to, unless the connection is marked as sandbox";
            return Err(bad(API_BASE_URL, why));
        }
        (None, None) => return Err(bad(API_BASE_URL, wanted)),
    };
    let (host, path) = rest.split_once('/').map_or((rest, "api"), |(host, path)| (host, path));
    let is_host = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    if text.len() > TEXT_BYTES_MAX || !is_host || !path.split('/').all(is_segment) {
        return Err(bad(API_BASE_URL, wanted));
    }
    let scheme = url.split("://").next().unwrap_or_default();
    Ok(format!("{scheme}://{host}/{path}"))
}

/// A path of goods that go out is refused: an order must never become a reception.
fn inbounds_path(given: Option<&str>) -> Result<String, BadSetting> {
    let path = given.unwrap_or(DEFAULT_PATH).trim_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    if path.len() > TEXT_BYTES_MAX || !segments.iter().all(|segment| is_segment(segment)) {
        let why = "write a path below the API's address, such as /shipments/inbound";
        return Err(bad(INBOUNDS_PATH, why));
    }
    let goes_out = |segment: &str| {
        let word = segment.to_ascii_lowercase();
        ["order", "outbound", "fba"].iter().any(|out| word.starts_with(out))
    };
    if let Some(segment) = segments.iter().find(|segment| goes_out(segment)) {
        let why = format!(
            "`{segment}` are goods going out, and receptions are goods coming in: write the path of \
             inbound shipments, /shipments/inbound"
        );
        return Err(bad(INBOUNDS_PATH, why));
    }
    Ok(format!("/{path}"))
}

fn is_segment(text: &str) -> bool {
    !text.is_empty()
        && !text.bytes().all(|b| b == b'.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn has(given: &Given<'_>, slot: &str) -> bool {
    given.secret_slots.iter().any(|held| held == slot)
}

/// What will not work, so that a person learns it now and not from silence.
fn missing(given: &Given<'_>, mode: Mode) -> Vec<String> {
    let mut warnings = Vec::new();
    if mode == Mode::Api && !has(given, API_TOKEN) {
        warnings.push("no api_token is set: nothing can be read from PrepBusiness");
    }
    if !has(given, WEBHOOK_SECRET) {
        warnings.push(match mode {
            Mode::Api => {
                "no webhook_secret is set: anybody can send webhooks, so each is only a doorbell that \
                 brings the next reading forward"
            }
            Mode::Manual => {
                "no webhook_secret is set: webhooks are refused unless they come with a crossdock token"
            }
        });
    }
    warnings.into_iter().map(str::to_owned).collect()
}
