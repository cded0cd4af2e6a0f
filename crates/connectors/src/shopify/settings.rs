//! Settings of a Shopify connection: checked, written in their one form, completed. Secrets are only known
//! by slot here.

use std::collections::BTreeMap;

use crossdock_domain::RemoteId;
use crossdock_domain::connection::Connection;

use super::{mapping, offers, versions};
use crate::{BadSetting, Configured, Given};

pub(super) const SHOP_DOMAIN: &str = "shop_domain";
pub(super) const API_VERSION: &str = "api_version";
pub(super) const LOCATION_ID: &str = "location_id";
pub(super) const CLIENT_ID: &str = "client_id";
pub(super) const CREDENTIALS: &str = "credentials";
pub(super) const BASE_URL: &str = "base_url";

pub(super) const ACCESS_TOKEN: &str = "access_token";
/// Where fetched tokens are kept: apart from one that a person gave, which it must never be taken for.
const FETCHED_TOKEN: &str = "fetched_token";
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";
pub(super) const CLIENT_SECRET: &str = "client_secret";

/// The two values of [`CREDENTIALS`].
const STATIC_TOKEN: &str = "access_token";
const CLIENT_CREDENTIALS: &str = "client_credentials";

const SHOP_SUFFIX: &str = ".myshopify.com";
const TEXT_BYTES_MAX: usize = 190;

/// Checks and completes what was given.
pub(super) fn configure(given: &Given<'_>) -> Result<Configured, BadSetting> {
    refuse_unknown(given.settings)?;
    let shop = shop_domain(value(given.settings, SHOP_DOMAIN))?;
    let (version, raised) = versions::settle(value(given.settings, API_VERSION))
        .map_err(|why| bad(API_VERSION, why))?;
    let location = location(value(given.settings, LOCATION_ID))?;
    let client_id = client_id(value(given.settings, CLIENT_ID))?;
    let fetches_token = fetches(given, client_id)?;
    let base_url = base_url(given, &shop)?;

    let mut warnings = Vec::from_iter(raised);
    warnings.extend(missing(given, location.is_some(), fetches_token));

    let credentials = if fetches_token { CLIENT_CREDENTIALS } else { STATIC_TOKEN };
    let mut settings = BTreeMap::new();
    let mut keep = |name: &str, text: &str| settings.insert(name.to_owned(), text.to_owned());
    keep(SHOP_DOMAIN, &shop);
    keep(API_VERSION, &version.to_string());
    keep(CREDENTIALS, credentials);
    if let Some(location) = &location {
        keep(LOCATION_ID, location.as_str());
    }
    if let Some(client_id) = client_id {
        keep(CLIENT_ID, client_id);
    }
    if value(given.settings, BASE_URL).is_some() {
        keep(BASE_URL, &base_url);
    }
    Ok(Configured { base_url, location, settings, warnings, fetches_token })
}

/// Whether this connection's token comes from client id and secret, and so can be fetched anew.
pub(super) fn fetches_token(connection: &Connection) -> bool {
    value(&connection.settings, CREDENTIALS) == Some(CLIENT_CREDENTIALS)
}

/// The vault's slot of the token that calls carry.
pub(super) fn token_slot(connection: &Connection) -> &'static str {
    if fetches_token(connection) { FETCHED_TOKEN } else { ACCESS_TOKEN }
}

/// A setting's text; a blank one counts as absent, as an environment variable that is set to nothing does.
pub(super) fn value<'a>(settings: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
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
            Err(bad(name, format!("is not a Shopify setting; there are {}", names.join(", "))))
        }
    }
}

/// `https://X.myshopify.com/admin`, `x` and the address of the admin pages all name `x.myshopify.com`.
fn shop_domain(given: Option<&str>) -> Result<String, BadSetting> {
    let wanted = "write the shop's permanent address, such as my-shop.myshopify.com";
    let given = given.ok_or_else(|| bad(SHOP_DOMAIN, wanted))?.to_ascii_lowercase();
    let address = given.split_once("://").map_or(given.as_str(), |(_, rest)| rest);
    let address = address.strip_prefix("admin.shopify.com/store/").unwrap_or(address);
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    let shop = host.strip_suffix(SHOP_SUFFIX).unwrap_or(host);
    let is_label = (1..=63).contains(&shop.len())
        && !shop.starts_with('-')
        && !shop.ends_with('-')
        && shop.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_label { Ok(format!("{shop}{SHOP_SUFFIX}")) } else { Err(bad(SHOP_DOMAIN, wanted)) }
}

fn location(given: Option<&str>) -> Result<Option<RemoteId>, BadSetting> {
    let wanted = "write the location's number, or its gid://shopify/Location/…";
    let read =
        |text| mapping::bare_id(text, mapping::LOCATION).ok_or_else(|| bad(LOCATION_ID, wanted));
    given.map(read).transpose()
}

fn client_id(given: Option<&str>) -> Result<Option<&str>, BadSetting> {
    let is_plain =
        |text: &str| text.len() <= TEXT_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic());
    match given {
        Some(text) if !is_plain(text) => {
            Err(bad(CLIENT_ID, "copy the client id from the app's settings in the Dev Dashboard"))
        }
        other => Ok(other),
    }
}

/// A token that a person gave goes before fetching one, unless the settings say which is meant.
fn fetches(given: &Given<'_>, client_id: Option<&str>) -> Result<bool, BadSetting> {
    match value(given.settings, CREDENTIALS) {
        None => Ok(client_id.is_some() && has(given, CLIENT_SECRET) && !has(given, ACCESS_TOKEN)),
        Some(STATIC_TOKEN) => Ok(false),
        Some(CLIENT_CREDENTIALS) if client_id.is_some() => Ok(true),
        Some(CLIENT_CREDENTIALS) => {
            Err(bad(CREDENTIALS, "client_credentials needs the setting client_id"))
        }
        Some(_) => {
            Err(bad(CREDENTIALS, "write access_token or client_credentials, or leave it out"))
        }
    }
}

fn base_url(given: &Given<'_>, shop: &str) -> Result<String, BadSetting> {
    let Some(text) = value(given.settings, BASE_URL) else { return Ok(format!("https://{shop}")) };
    if !given.sandbox {
        return Err(bad(BASE_URL, "only a connection marked as sandbox may call another address"));
    }
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let is_host = |host: &str| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
    };
    match host {
        Some(host) if is_host(host) => Ok(url.to_owned()),
        _ => Err(bad(BASE_URL, "write scheme, host and port, such as http://127.0.0.1:9101")),
    }
}

fn has(given: &Given<'_>, slot: &str) -> bool {
    given.secret_slots.iter().any(|held| held == slot)
}

/// What will not work yet, so that a person learns it now and not from silence.
fn missing(given: &Given<'_>, has_location: bool, fetches_token: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if !has_location {
        warnings.push("no location_id is set: stock is observed everywhere and published nowhere");
    }
    if fetches_token && !has(given, CLIENT_SECRET) {
        warnings
            .push("no client_secret is set: no access token can be fetched, nothing can be sent");
    }
    if !fetches_token && !has(given, ACCESS_TOKEN) {
        warnings.push(
            "no access_token is set, nor client_id with client_secret: nothing can be sent to Shopify",
        );
    }
    if !has(given, WEBHOOK_SECRET) && !has(given, CLIENT_SECRET) {
        warnings.push("no webhook_secret is set: every webhook is refused until there is one");
    }
    warnings.into_iter().map(str::to_owned).collect()
}
