//! Addresses that partners' documents name: mounted from what the connectors offer. The connection is found by what the
//! request says of itself, since the address does not name it.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use crossdock_connectors::{Connector, DeliveryRoute, Finder};
use crossdock_domain::ConnectionId;
use http::{HeaderMap, StatusCode};

use super::{Webhook, nobody, receive};
use crate::app::{App, Connectors};
use crate::engine::Directory;
use crate::problem::Problem;
use crate::routes::Routes;

/// Which connectors' webhooks one address takes.
type Takers = Vec<(&'static dyn Connector, &'static DeliveryRoute)>;

/// A route for every address that any connector names.
pub(crate) fn routes(connectors: Connectors) -> Routes {
    let mut by_path: BTreeMap<&'static str, Takers> = BTreeMap::new();
    for connector in connectors {
        for route in connector.offers().routes {
            by_path.entry(route.path).or_default().push((*connector, route));
        }
    }
    by_path.into_iter().fold(Routes::default(), |routes, (path, takers)| {
        let handle = move |State(app): State<App>, request: Request| {
            let takers = takers.clone();
            async move { by_address(&app, &takers, request).await }
        };
        routes.post(path, handle)
    })
}

async fn by_address(app: &App, takers: &Takers, request: Request) -> Result<StatusCode, Problem> {
    let directory = app.engine.directory();
    for (connector, route) in takers {
        let found = find(&directory, connector.offers().name, route, request.headers());
        if matches!(route.finder, Finder::Only) && found.len() > 1 {
            return Err(several(app, request.headers()));
        }
        if !found.is_empty() {
            let webhook = Webhook::read(app, request, Some(route.topic.to_owned()), &found).await?;
            return receive(app, webhook, found).await;
        }
    }
    Err(nobody(app, request.headers(), "no_match"))
}

/// Nobody can say which of several connections is meant, and none is guessed.
fn several(app: &App, headers: &HeaderMap) -> Problem {
    let detail = "Several connections receive here, so this address names none of them: use \
                  /webhooks/{connection}.";
    Problem { detail: detail.to_owned(), ..nobody(app, headers, "several") }
}

/// The connections that the request may be meant for.
fn find(
    directory: &Directory,
    connector: &str,
    route: &DeliveryRoute,
    headers: &HeaderMap,
) -> Vec<ConnectionId> {
    let ours = directory.connections().map(|known| &known.connection);
    let ours = ours.filter(|connection| connection.connector == connector);
    let (header, setting) = match route.finder {
        Finder::HeaderIsSetting { header, setting } => (header, setting),
        Finder::Only => return ours.map(|connection| connection.id.clone()).collect(),
    };
    let Some(said) = headers.get(header).and_then(|value| value.to_str().ok()) else {
        return Vec::new();
    };
    ours.filter(|connection| {
        connection.settings.get(setting).is_some_and(|text| text.eq_ignore_ascii_case(said))
    })
    .map(|connection| connection.id.clone())
    .collect()
}
