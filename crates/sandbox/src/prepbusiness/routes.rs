//! All addresses on one screen. What is not here is answered 404, as is a path that the vendor does not document.

use jiff::Timestamp;

use super::calls::Call;
use super::centre::Centre;
use super::problem::Problem;
use crate::json::Json;

/// What a call is answered.
pub(crate) type Reply = Result<Json, Problem>;

pub(crate) fn answer(centre: &mut Centre, call: &Call, now: Timestamp) -> Reply {
    let segments = call.segments();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["merchants"]) => Ok(centre.merchant_list(call)),
        ("POST", ["merchants"]) => centre.make_merchant(call),
        ("GET", ["merchants", id]) => centre.merchant(call, number(id)?),
        ("GET", ["warehouses"]) => Ok(centre.warehouse_list()),
        ("GET", ["services"]) => Ok(Json::object([("services", Json::List(Vec::new()))])),
        ("GET", ["inventory"]) => centre.goods_list(call),
        ("POST", ["inventory"]) => centre.make_goods(call, now),
        ("POST", ["inventory", "search"]) => centre.search_goods(call),
        ("GET", ["inventory", id]) => centre.one_goods(call, number(id)?),
        ("PUT", ["inventory", id]) => centre.change_goods(call, number(id)?, now),
        ("POST", ["inventory", id, "identifier"]) => centre.name_goods(call, number(id)?, now),
        ("POST", ["adjustment" | "adjustments"]) => centre.adjust_goods(call, now),
        ("GET", ["shipments", "outbound"]) => Ok(centre.outbound_list(call)),
        ("GET", ["orders"]) => Ok(centre.order_list(call)),
        ("POST", ["orders", "upload"]) => centre.upload_orders(call, now),
        ("GET", ["orders", id]) => centre.one_order(call, number(id)?),
        ("POST", ["orders", id, "markAsShipped"]) => centre.mark_shipped(call, number(id)?, now),
        (_, ["shipments", "inbound", below @ ..]) => inbound(centre, call, below, now),
        (_, ["webhooks", below @ ..]) => webhooks(centre, call, None, below, now),
        (_, ["merchants", id, "webhooks", below @ ..]) => {
            webhooks(centre, call, Some(number(id)?), below, now)
        }
        _ => Err(Problem::no_route(&call.path)),
    }
}

fn inbound(centre: &mut Centre, call: &Call, below: &[&str], now: Timestamp) -> Reply {
    match (call.method.as_str(), below) {
        ("GET", []) => Ok(centre.inbound_list(call)),
        ("GET", ["archived"]) => Ok(centre.archived_list(call)),
        ("POST", []) => centre.make_inbound(call, now),
        ("POST", ["batch", "archive"]) => centre.archive_inbounds(call, now),
        ("GET", [id]) => centre.one_inbound(call, number(id)?),
        ("PUT", [id]) => centre.reword_inbound(call, number(id)?, now),
        ("GET", [id, "items"]) => centre.inbound_lines(call, number(id)?),
        ("POST", [id, "submit"]) => centre.submit_inbound(call, number(id)?, now),
        ("POST", [id, "receive"]) => centre.receive_inbound(call, number(id)?, now),
        ("POST", [id, "add-item"]) => centre.add_line(call, number(id)?, now),
        ("POST", [id, "update-item"]) => centre.update_line(call, number(id)?, now),
        ("POST", [id, "remove-item"]) => centre.remove_line(call, number(id)?, now),
        _ => Err(Problem::no_route(&call.path)),
    }
}

fn webhooks(
    centre: &mut Centre,
    call: &Call,
    merchant: Option<u64>,
    below: &[&str],
    now: Timestamp,
) -> Reply {
    match (call.method.as_str(), below) {
        ("GET", []) => centre.webhook_list(call, merchant),
        ("POST", []) => centre.make_webhook(call, merchant, now),
        ("PUT", [id]) => centre.change_webhook(call, merchant, number(id)?, now),
        ("DELETE", [id]) => centre.remove_webhook(call, merchant, number(id)?),
        _ => Err(Problem::no_route(&call.path)),
    }
}

/// An id in a path.
fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::not_found(text))
}
