//! What a test of the connection tells a person, line by line: what is right, and what is missing.

use crossdock_domain::connection::Connection;
use serde_json::value::RawValue;

use super::graph::{ApiVersion, GraphError, Location, Tested};
use super::{mapping, settings, wire};

/// Permissions that the work takes, each with what fails without it.
const SCOPES: [(&str, &str); 4] = [
    ("read_inventory", "stock cannot be read"),
    ("write_inventory", "stock cannot be published"),
    ("read_products", "items cannot be found by SKU"),
    ("read_orders", "no webhooks for orders arrive, so sales stay unexplained"),
];

/// The lines; `None` when not even the shop's name could be read.
pub(super) fn lines(
    data: &RawValue,
    errors: Option<&RawValue>,
    connection: &Connection,
) -> Option<Vec<String>> {
    let tested: Tested<'_> = serde_json::from_str(data.get()).ok()?;
    let shop = tested.shop?;
    let errors = errors.map(|raw| serde_json::from_str::<Vec<GraphError<'_>>>(raw.get()));
    let errors = errors.and_then(Result::ok).unwrap_or_default();

    let mut lines = vec![shop_line(&shop.name, &shop.myshopify_domain, connection)];
    match &tested.current_app_installation {
        None => lines.push("The app's scopes could not be read.".to_owned()),
        Some(app) => {
            let missing = missing_scopes(app.access_scopes.iter().map(|scope| &*scope.handle));
            if missing.is_empty() {
                lines.push("All scopes that are needed are granted.".to_owned());
            }
            lines.extend(missing);
        }
    }
    let location_denied = errors.iter().any(is_about_location);
    lines.push(location_line(tested.location.as_ref(), location_denied, connection));
    lines.push(version_line(tested.public_api_versions.as_deref(), connection));
    lines.extend(errors.iter().filter_map(|error| {
        let message = error.message.as_deref()?;
        Some(format!("Shopify says: {}", wire::brief(message)))
    }));
    Some(lines)
}

/// One line for each permission that is not among those granted.
pub(super) fn missing_scopes<'a>(granted: impl Iterator<Item = &'a str>) -> Vec<String> {
    let granted: Vec<&str> = granted.map(str::trim).collect();
    let is_granted = |scope: &str| {
        // Who may write may read, and Shopify then lists only the former.
        let writing = scope.replace("read_", "write_");
        granted.iter().any(|handle| *handle == scope || *handle == writing)
    };
    let missing = SCOPES.iter().filter(|(scope, _)| !is_granted(scope));
    missing
        .map(|(scope, loss)| {
            format!("Missing scope {scope}: {loss}. Add it to the app and install it again.")
        })
        .collect()
}

fn shop_line(name: &str, domain: &str, connection: &Connection) -> String {
    let (name, domain) = (wire::brief(name), wire::brief(domain));
    match settings::value(&connection.settings, settings::SHOP_DOMAIN) {
        Some(ours) if !ours.eq_ignore_ascii_case(&domain) => format!(
            "Connected to {name} ({domain}), but shop_domain says {ours}: webhooks of {domain} \
             will be refused."
        ),
        _ => format!("Connected to {name} ({domain})."),
    }
}

fn is_about_location(error: &GraphError<'_>) -> bool {
    let first = error.path.as_deref().and_then(<[_]>::first);
    first.is_some_and(|part| wire::written(part) == "location")
}

fn location_line(found: Option<&Location<'_>>, denied: bool, connection: &Connection) -> String {
    match (&connection.location, found) {
        (_, None) if denied => {
            "The location could not be read: the scope read_locations is missing.".to_owned()
        }
        (Some(set), None) => {
            format!("Location {set} does not exist in this shop: set location_id again.")
        }
        (None, None) => "No location is set, so no stock is published.".to_owned(),
        (None, Some(primary)) => format!(
            "No location is set, so no stock is published. The shop's primary location is {}.",
            location_name(primary)
        ),
        (Some(set), Some(location)) if !is_same(set.as_str(), &location.id) => {
            format!("Asked for location {set}, Shopify named {}.", location_name(location))
        }
        (Some(_), Some(location)) if location.is_active => {
            format!("Stock is published at location {}.", location_name(location))
        }
        (Some(_), Some(location)) => format!(
            "Location {} is deactivated: activate it in the shop, or set another location_id.",
            location_name(location)
        ),
    }
}

fn is_same(set: &str, found: &str) -> bool {
    mapping::bare_id(set, mapping::LOCATION) == mapping::bare_id(found, mapping::LOCATION)
}

fn location_name(location: &Location<'_>) -> String {
    let id = mapping::bare_id(&location.id, mapping::LOCATION);
    let id = id.map_or_else(|| wire::brief(&location.id), |id| id.to_string());
    format!("{} ({id})", wire::brief(&location.name))
}

fn version_line(versions: Option<&[ApiVersion<'_>]>, connection: &Connection) -> String {
    let asked = settings::value(&connection.settings, settings::API_VERSION).unwrap_or("none");
    let Some(versions) = versions else {
        return format!("API version {asked}; which ones are supported could not be read.");
    };
    let supported: Vec<_> = versions
        .iter()
        .filter(|version| version.supported)
        .map(|version| &*version.handle)
        .collect();
    if supported.contains(&asked) {
        format!("API version {asked} is supported.")
    } else {
        format!("API version {asked} is not supported; {} are.", wire::brief(&supported.join(", ")))
    }
}
