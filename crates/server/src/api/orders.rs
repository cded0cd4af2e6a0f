//! B2B orders: their stock taken whole or refused with the figures, and shipped or given back once.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use crossdock_domain::command::{Command, OrderLine, ShipLine};
use crossdock_domain::order::Order;
use crossdock_domain::{Number, OrderRef, ShipmentRef};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::submit::{Manners, submit_and_answer};
use super::terms::Terms;
use super::{last_of_full, page_limit};
use crate::access::{Desk, ToRead, ToWrite};
use crate::app::App;
use crate::body;
use crate::problem::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// Only those that were placed by entries before this one.
    before: Option<u64>,
    limit: Option<u32>,
}

/// `GET …/orders`: newest first.
pub(crate) async fn list(
    State(app): State<App>,
    desk: Desk<ToRead>,
    body::Query(filter): body::Query<Filter>,
) -> Result<Json<Value>, Problem> {
    let (client, limit) = (desk.client.clone(), page_limit(filter.limit));
    let before = filter.before.map(Number);
    let orders = app.look.at(move |reader| reader.orders_before(&client, before, limit)).await?;
    if orders.is_empty() {
        desk.must_exist(&app).await?;
    }
    let next = last_of_full(&orders, limit).map(|order| order.placed_by);
    let orders: Vec<_> = orders.iter().map(shown).collect();
    Ok(Json(json!({ "orders": orders, "next": next })))
}

/// `GET …/orders/{order}`.
pub(crate) async fn show(
    State(app): State<App>,
    desk: Desk<ToRead>,
) -> Result<Json<Value>, Problem> {
    let (client, order): (_, OrderRef) = (desk.client.clone(), desk.id("order")?);
    let name = order.clone();
    let found = app.look.at(move |reader| reader.order(&client, &name)).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("There is no order `{order}`.")))?;
    Ok(Json(shown(&found)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    order: OrderRef,
    lines: Vec<OrderLine>,
}

/// `POST …/orders`: 201 when its stock was taken, 200 when it had been before, 409 with the figures otherwise.
pub(crate) async fn place(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let command = Command::PlaceOrder { order: wanted.order, lines: wanted.lines };
    submit_and_answer(&app, &desk, &command, (terms, Manners::MAKE)).await
}

/// `POST …/orders/{order}/cancel`.
pub(crate) async fn cancel(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
) -> Result<Response, Problem> {
    let command = Command::CancelOrder { order: desk.id("order")? };
    submit_and_answer(&app, &desk, &command, (terms, Manners::ACT)).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Shipment {
    /// The caller's name for it; the order's own, where there is only one.
    shipment: Option<ShipmentRef>,
    /// What left; all that the order still holds, if not given.
    lines: Option<Vec<ShipLine>>,
}

/// `POST …/orders/{order}/shipments`: 201 when it was booked, 200 when it had been before, 409 when the order does not hold it.
pub(crate) async fn ship(
    State(app): State<App>,
    desk: Desk<ToWrite>,
    terms: Terms,
    body::MaybeJson(wanted): body::MaybeJson<Shipment>,
) -> Result<Response, Problem> {
    let Shipment { shipment, lines } = wanted;
    let command = Command::ShipOrder { order: desk.id("order")?, shipment, lines };
    let manners = Manners { applied: StatusCode::CREATED, ..Manners::ACT };
    submit_and_answer(&app, &desk, &command, (terms, manners)).await
}

fn shown(order: &Order) -> Value {
    let line = |line: &crossdock_domain::order::Taken| {
        json!({
            "item": line.item,
            "quantity": line.quantity(),
            "from_b2b": line.from_b2b,
            "from_b2c": line.from_b2c,
            "from_partners": line.from_partners,
            "shipped": order.shipped_of(line.item).quantity(),
        })
    };
    json!({
        "order": order.reference,
        "status": order.status,
        "lines": order.lines.iter().map(line).collect::<Value>(),
        "placed_at": order.placed_at,
        "entry": order.placed_by,
        "cancelled_at": order.cancelled_at,
        "shipments": order.shipments.iter().map(shipment_shown).collect::<Value>(),
    })
}

fn shipment_shown(shipment: &crossdock_domain::order::Shipment) -> Value {
    let line = |line: &crossdock_domain::order::Shipped| json!({ "item": line.item, "quantity": line.quantity() });
    json!({
        "shipment": shipment.reference,
        "lines": shipment.lines.iter().map(line).collect::<Value>(),
        "at": shipment.at,
        "entry": shipment.told_by,
    })
}
