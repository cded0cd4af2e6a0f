//! Stock, B2B orders and sync.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

mod count;
mod drift;
mod held;
mod terms;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::cli::{MarkArgs, MarkedArgs, OrderVerb, StockVerb};
use crate::client::{Client, Problem, list, nothing, part};
use crate::commands::Place;
use crate::print::{self, Table, cell};

pub(super) async fn run(place: &Place, verb: StockVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let base = format!("/api/v1/clients/{}/items", part(&hub.client(place).await?));
    let code = match verb {
        StockVerb::Show { item } => show(&hub, &base, item.as_deref(), place.json).await?,
        StockVerb::Allocate { item, quantity, from, to } => {
            let body = json!({ "quantity": quantity, "from": from, "to": to });
            let path = format!("{base}/{}/allocate", part(&item));
            told(hub.post(&path, body).await, place.json)?
        }
        StockVerb::Policy(args) => {
            let body = json!({ "allocation": terms::allocation(&args)? });
            told(hub.put(&format!("{base}/{}", part(&args.sku)), body).await, place.json)?
        }
        StockVerb::Terms(args) => {
            let client = part(&hub.client(place).await?);
            terms::put(&hub, &client, &args, place.json).await?
        }
        StockVerb::Count { file, pool } => {
            let client = part(&hub.client(place).await?);
            count::run(&hub, &client, &file, &pool, place.json).await?
        }
        StockVerb::Held { pool, approve, reject } => {
            let client = part(&hub.client(place).await?);
            let word = held::Word::said(approve, reject);
            held::run(&hub, &client, (&pool, word), place.json).await?
        }
        StockVerb::Drift => {
            let client = part(&hub.client(place).await?);
            drift::run(&hub, &client, place.json).await?
        }
        StockVerb::Unexplained { item, connection, accept, restore: _ } => {
            let body = json!({ "connection": connection, "accept": accept });
            let path = format!("{base}/{}/unexplained", part(&item));
            told(hub.post(&path, body).await, place.json)?
        }
        StockVerb::Sync { item, switch } => {
            let enabled = match switch.as_str() {
                "on" => true,
                "off" => false,
                other => bail!("`{other}` is neither on nor off"),
            };
            let path = format!("{base}/{}/sync", part(&item));
            told(hub.put(&path, json!({ "enabled": enabled })).await, place.json)?
        }
    };
    hub.close().await?;
    Ok(code)
}

async fn show(hub: &Client, base: &str, search: Option<&str>, as_json: bool) -> Result<ExitCode> {
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let search = search.map(|text| format!("&search={}", part(text))).unwrap_or_default();
        let path = format!("{base}?limit=500&after={}{search}", part(&after));
        let page = hub.get(&path).await?;
        let rows: Vec<Value> = list(&page, "items").cloned().collect();
        let Some(last) = rows.last().and_then(|item| item["sku"].as_str()) else { break };
        last.clone_into(&mut after);
        let is_last = rows.len() < 500;
        items.extend(rows);
        if is_last {
            break;
        }
    }
    if as_json {
        print::json(&Value::Array(items))?;
        return Ok(ExitCode::SUCCESS);
    }
    let heading = ["SKU", "B2B", "B2C", "SHOP", "WHERE", "STATE", "SEEN", "PUBLISHED", "WHY"];
    let mut table = Table::new(&heading);
    for item in &items {
        let stock = [cell(&item["sku"]), cell(&item["b2b"]), cell(&item["b2c"])];
        let levels: Vec<_> = list(item, "levels").collect();
        if levels.is_empty() {
            let rest = ["–", "not linked", "–", "–", "–", ""].map(str::to_owned);
            table.row(&[stock.as_slice(), rest.as_slice()].concat());
        }
        for level in levels {
            let rest = [
                cell(&level["observed"]),
                cell(&level["connection"]),
                state(item, level),
                cell(&level["seen_at"]),
                cell(&level["publishes"]["figure"]),
                level["publishes"]["why"].as_str().unwrap_or_default().to_owned(),
            ];
            table.row(&[stock.as_slice(), rest.as_slice()].concat());
        }
    }
    table.print("no items; `crossdock link` takes those of a shop");
    if let [only] = items.as_slice() {
        terms::print(only);
    }
    Ok(ExitCode::SUCCESS)
}

/// How a level is, in a few words.
fn state(item: &Value, level: &Value) -> String {
    if let Some(error) = level["error"].as_str() {
        return format!("needs you: {error}");
    }
    match level["standing"].as_str().unwrap_or_default() {
        "suspended" => "not counted there",
        _ if !level["in_flight"].is_null() => "being written",
        _ if level["owes_read"] == true => "being read",
        _ if level["owes_write"] == true => "owed",
        _ if item["sync_enabled"] == false => "only observed",
        _ => "in step",
    }
    .to_owned()
}

pub(super) async fn order(place: &Place, verb: OrderVerb) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let client = format!("/api/v1/clients/{}", part(&hub.client(place).await?));
    let base = format!("{client}/orders");
    let answer = match verb {
        OrderVerb::MarkShipped(args) => mark_shipped(&hub, place, &client, &args).await?,
        OrderVerb::Marked(args) => marked(&hub, &client, &args).await,
        OrderVerb::Place { order, lines } => {
            let lines = lines.iter().map(|line| read_line(line)).collect::<Result<Vec<_>>>()?;
            hub.post(&base, json!({ "order": order, "lines": lines })).await
        }
        OrderVerb::Ship { order, lines, shipment } => {
            let path = format!("{base}/{}/shipments", part(&order));
            hub.post(&path, shipped(&lines, shipment.as_deref())?).await
        }
        OrderVerb::Cancel { order } => {
            hub.post(&format!("{base}/{}/cancel", part(&order)), nothing()).await
        }
    };
    let code = told(answer, place.json)?;
    hub.close().await?;
    Ok(code)
}

/// Owes the call; what came of it is asked for by `order marked`.
async fn mark_shipped(
    hub: &Client,
    place: &Place,
    client: &str,
    args: &MarkArgs,
) -> Result<Result<Value>> {
    let connection = hub.shared(args.connection.as_deref()).await?;
    let order = part(&args.order);
    let path = format!("{client}/connections/{}/orders/{order}/shipped", part(&connection));
    let body = json!({ "carrier": args.carrier, "tracking_number": args.tracking,
        "merchant": args.account });
    let answer = hub.post(&path, body).await;
    if answer.is_ok() && !place.json {
        let marked = format!("{} --connection {connection}", args.order);
        print::line(&format!("what comes of it: `crossdock order marked {marked}`"));
        if !hub.is_running() {
            print::line("note: no hub is running; it is marked when one does (`crossdock serve`)");
        }
    }
    Ok(answer)
}

async fn marked(hub: &Client, client: &str, args: &MarkedArgs) -> Result<Value> {
    let connection = hub.shared(args.connection.as_deref()).await?;
    let order = part(&args.order);
    let path = format!("{client}/connections/{}/orders/{order}/shipped", part(&connection));
    let account = args.account.as_deref().map(|account| format!("?merchant={}", part(account)));
    hub.get(&format!("{path}{}", account.unwrap_or_default())).await
}

/// What was shipped: nothing but what was said, since nothing said means all that is left.
fn shipped(lines: &[String], shipment: Option<&str>) -> Result<Value> {
    let mut body = serde_json::Map::new();
    if !lines.is_empty() {
        let lines = lines.iter().map(|line| read_shipped(line)).collect::<Result<Vec<_>>>()?;
        body.insert("lines".to_owned(), lines.into());
    }
    if let Some(shipment) = shipment {
        body.insert("shipment".to_owned(), shipment.into());
    }
    Ok(Value::Object(body))
}

fn read_shipped(line: &str) -> Result<Value> {
    let (item, quantity) = line.rsplit_once('=').context("a line is written ITEM=QUANTITY")?;
    let quantity: i64 = quantity.parse().context("a line's quantity is a whole number")?;
    Ok(json!({ "item": item, "quantity": quantity }))
}

fn read_line(line: &str) -> Result<Value> {
    let (item, rest) = line.rsplit_once('=').context("a line is written ITEM=QUANTITY")?;
    let (quantity, source) = match rest.split_once('@') {
        Some((quantity, connection)) => (quantity, json!({ "connection": connection })),
        None => (rest, json!("pool")),
    };
    let quantity: i64 = quantity.parse().context("a line's quantity is a whole number")?;
    Ok(json!({ "item": item, "quantity": quantity, "source": source }))
}

pub(super) async fn sync(place: &Place, item: Option<&str>) -> Result<ExitCode> {
    let hub = Client::open(place).await?;
    let client = part(&hub.client(place).await?);
    let path = match item {
        Some(item) => format!("/sync/{}?client={client}", part(item)),
        None => format!("/sync/all?client={client}"),
    };
    let answer = hub.post(&path, nothing()).await;
    if !hub.is_running() {
        print::line(
            "note: no hub is running; it is read and written when one does (`crossdock serve`)",
        );
    }
    let code = match answer {
        Ok(found) if !place.json => {
            let keys = ["sku", "connection", "location", "found", "written", "result", "error"];
            let heading = ["SKU", "CONNECTION", "LOCATION", "FOUND", "WRITTEN", "RESULT", "ERROR"];
            let mut table = Table::new(&heading);
            for row in list(&found, "items") {
                table.row(&keys.map(|key| cell(&row[key])));
            }
            table.print("nothing to show yet: it goes on in the background");
            ExitCode::SUCCESS
        }
        answer => told(answer, place.json)?,
    };
    hub.close().await?;
    Ok(code)
}

/// Prints what came of a command. A refusal is an answer, not a failure of ours: exit code 2.
pub(super) fn told(answer: Result<Value>, as_json: bool) -> Result<ExitCode> {
    match answer {
        Ok(body) if as_json => {
            print::json(&body)?;
            Ok(ExitCode::SUCCESS)
        }
        Ok(body) => {
            print::line(&in_words(&body));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => match error.downcast_ref::<Problem>() {
            Some(problem) if as_json => {
                print::json(&problem.body)?;
                Ok(ExitCode::from(2))
            }
            Some(problem) => {
                print::line(&format!("refused: {problem}"));
                for line in list(&problem.body, "lines") {
                    print::line(&shortage(line));
                }
                Ok(ExitCode::from(2))
            }
            None => Err(error),
        },
    }
}

/// Why a line of an order cannot be had, with the figures.
fn shortage(line: &Value) -> String {
    let (sku, wanted, available) = (cell(&line["sku"]), &line["wanted"], &line["available"]);
    let why = line["why"].as_str().filter(|why| !why.is_empty());
    let why = why.map(|why| format!("; {why}")).unwrap_or_default();
    if let Some(partner) = line["source"]["connection"].as_str() {
        return format!(
            "  {sku}: wanted {wanted} from {partner}, {available} can be had there{why}"
        );
    }
    if let Some(order) = line["source"]["order"].as_str() {
        return format!("  {sku}: wanted {wanted}, {order} holds {available}{why}");
    }
    let pools = format!("{} b2b, {} b2c", line["b2b"], line["b2c"]);
    let backing = match line["backing"]["connection"].as_str() {
        Some(partner) => {
            let there = &line["backing"]["available"];
            format!("; {there} more stand at {partner}: order them with @{partner}")
        }
        None => String::new(),
    };
    format!("  {sku}: wanted {wanted}, there are {available} ({pools}){why}{backing}")
}

/// An answer's members, one after the other.
fn in_words(body: &Value) -> String {
    let Some(members) = body.as_object() else { return body.to_string() };
    let simple = members.iter().filter(|(_, value)| !value.is_object() && !value.is_array());
    let words: Vec<_> = simple.map(|(name, value)| format!("{name}: {}", cell(value))).collect();
    if words.is_empty() { "done".to_owned() } else { words.join(", ") }
}
