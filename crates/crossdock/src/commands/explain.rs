//! Explaining a figure: first what matters, then what makes it. All of it comes from the hub; here it is only set.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::{ExplainArgs, ExplainVerb};
use crate::client::{Client, list, part};
use crate::commands::Place;
use crate::print::{self, Table, cell};

/// Shop orders that are printed; --json has more.
const SHOP_ORDERS: usize = 12;
/// Movements of so many entries are asked for at once where all are wanted.
const PAGE_ENTRIES: u32 = 500;

pub(super) async fn run(place: &Place, verb: ExplainVerb) -> Result<ExitCode> {
    let ExplainVerb::Stock(args) = verb;
    let hub = Client::open(place).await?;
    let base = format!("/api/v1/clients/{}", part(&hub.client(place).await?));
    let found = explained(&hub, &base, &args).await;
    hub.close().await?;
    let found = found?;
    if place.json {
        print::json(&found)?;
    } else {
        show(&found);
    }
    // Books that do not add up are no answer like any other: a script must notice.
    let is_wrong = found["check"]["adds_up"] == json!(false);
    Ok(if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The explanation; with all pages of movements as one, where all are wanted.
async fn explained(hub: &Client, base: &str, args: &ExplainArgs) -> Result<Value> {
    let limit = if args.all { PAGE_ENTRIES } else { args.limit };
    let mut query = format!("?limit={limit}");
    if args.all {
        query.push_str("&check=all");
    }
    if let Some(account) = &args.account {
        query.push_str(&format!("&account={}", part(account)));
    }
    let path = format!("{base}/items/{}/explain{query}", part(&args.item));
    let mut whole = hub.get(&path).await?;
    while let Some(before) = whole["next"].as_u64().filter(|_| args.all) {
        let page = hub.get(&format!("{path}&before={before}")).await?;
        join(&mut whole, page);
    }
    Ok(whole)
}

/// Puts an earlier page below what is there already.
fn join(whole: &mut Value, mut earlier: Value) {
    for key in ["/movements", "/orders/shop"] {
        let more = earlier.pointer_mut(key).map(Value::take).unwrap_or_default();
        if let (Some(Value::Array(lines)), Value::Array(more)) = (whole.pointer_mut(key), more) {
            lines.extend(more);
        }
    }
    whole["next"] = earlier["next"].take();
    for account in whole["accounts"].as_array_mut().into_iter().flatten() {
        let same = list(&earlier, "accounts").find(|sum| sum["account"] == account["account"]);
        let (Some(same), Some(shown)) = (same, account["shown"].as_i64()) else { continue };
        account["opening"] = same["opening"].clone();
        account["shown"] = json!(shown + same["shown"].as_i64().unwrap_or_default());
    }
}

fn show(found: &Value) {
    for sentence in list(found, "says") {
        print::line(&cell(sentence));
    }
    movements(found);
    sums(found);
    for level in list(found, "levels") {
        place(level);
    }
    orders(&found["orders"]);
}

fn movements(found: &Value) {
    print::line("\nMOVEMENTS, the newest first (`crossdock entries N` shows the bytes behind one)");
    let mut table = Table::new(&[
        "ENTRY",
        "WHEN (UTC)",
        "UNITS",
        "FROM",
        "LEFT",
        "TO",
        "THEN",
        "TOLD BY",
        "WHY",
    ]);
    for line in list(found, "movements") {
        let [entry, at, from, left, to, then, why] =
            ["entry", "at", "from_name", "from_after", "to_name", "to_after", "why"]
                .map(|key| cell(&line[key]));
        let cause = cell(&line["cause"]["says"]);
        table.row(&[entry, second(&at), units(line), from, left, to, then, cause, why]);
    }
    table.print("nothing has moved yet");
    handed_on(found);
    if !found["next"].is_null() {
        print::line("… there are earlier ones: --all shows them");
    }
}

/// How to see what a shared connection was told: its entries have numbers of their own.
fn handed_on(found: &Value) {
    let by = |line: &Value| line["cause"]["handed_on"]["connection"].as_str().map(str::to_owned);
    let connections: BTreeSet<_> = list(found, "movements").filter_map(by).collect();
    for id in connections {
        print::line(&format!(
            "what {id} told: `crossdock entries NO --shared {id}` shows its bytes"
        ));
    }
}

/// Units with the sign of what it means for what can be sold.
fn units(line: &Value) -> String {
    let quantity = cell(&line["quantity"]);
    match line["change"].as_i64() {
        Some(change) if change < 0 => format!("-{quantity}"),
        _ => quantity,
    }
}

fn sums(found: &Value) {
    print::line("\nHOW THEY ADD UP");
    let mut table = Table::new(&["ACCOUNT", "BEFORE", "THESE", "HOLDS"]);
    for account in list(found, "accounts") {
        let figures = ["opening", "shown", "balance"].map(|key| account[key].as_i64());
        let is_pool = cell(&account["account"]).starts_with("pool:");
        if is_pool || figures.iter().any(|figure| *figure != Some(0)) {
            let [before, these, holds] =
                ["opening", "shown", "balance"].map(|key| cell(&account[key]));
            table.row(&[cell(&account["name"]), before, these, holds]);
        }
    }
    if let Some(taken) = found["committed"].as_i64().filter(|taken| *taken != 0) {
        let [before, these] = ["–", "–"].map(str::to_owned);
        table.row(&["taken for B2B orders".to_owned(), before, these, taken.to_string()]);
    }
    table.print("no account holds any of it");
    print::line(&cell(&found["check"]["says"]));
}

fn place(level: &Value) {
    let [connection, location, state] =
        ["/connection", "/location", "/state/word"].map(|key| cell(at(level, key)));
    print::line(&format!("\nAT {connection}, location {location}: {state}"));
    print::line(&format!("  {}", cell(&level["why"])));
    let shows = [cell(&level["observed"]), cell(&level["observed_by"]["says"])];
    let entry = cell(&level["observed_by"]["entry"]);
    let seen = second(&cell(&level["seen_at"]));
    let [observed, told_by] = shows;
    print::line(&format!("  shows       {observed}, told by {told_by} (entry {entry}), {seen}"));
    let steps = list(level, "arithmetic");
    let steps: Vec<_> = steps.map(|s| format!("{}: {}", cell(&s["says"]), s["gives"])).collect();
    let target = cell(&level["target"]);
    let steps = if steps.is_empty() { String::new() } else { format!(" ({})", steps.join("; ")) };
    print::line(&format!("  should show {target}{steps}"));
    if let Some(owed) = level["owed"].as_i64().filter(|owed| *owed != 0) {
        print::line(&format!("  owed        {owed:+}"));
    }
    flight(&level["in_flight"]);
    for why in list(level, "held_back") {
        print::line(&format!("  held back   {}", cell(why)));
    }
    print::line(&format!("  next        {}", cell(&level["next"]["says"])));
}

fn flight(flight: &Value) {
    if flight.is_null() {
        return;
    }
    let [send, from, to] = ["send", "from", "to"].map(|key| cell(&flight[key]));
    let [since, deadline] = ["since", "deadline"].map(|key| second(&cell(&flight[key])));
    let digest = cell(&flight["digest"]);
    print::line(&format!(
        "  on its way  request {send}: {from} -> {to}, since {since}, until {deadline}"
    ));
    print::line(&format!("              its bytes: {} ({digest})", cell(&flight["bytes"])));
}

fn orders(orders: &Value) {
    let mut table = Table::new(&["ORDER", "OF", "UNITS", "STATUS", "ENTRY"]);
    for order in list(orders, "holding") {
        let [name, units, status, entry] =
            ["order", "units", "status", "entry"].map(|key| cell(&order[key]));
        table.row(&[name, "B2B".to_owned(), units, status, entry]);
    }
    for order in list(orders, "shop").take(SHOP_ORDERS) {
        let [name, of, units, status, entry] =
            ["name", "connection", "units", "status", "entry"].map(|key| cell(&order[key]));
        table.row(&[name, of, units, status, entry]);
    }
    print::line("\nORDERS THAT EXPLAIN");
    table.print("none: no B2B order holds any, and no shop order was told of meanwhile");
    let more = list(orders, "shop").count().saturating_sub(SHOP_ORDERS);
    if more > 0 {
        print::line(&format!("… and {more} more shop orders: --json shows them"));
    }
    if let Some(more) = orders["holding_more"].as_u64().filter(|more| *more > 0) {
        print::line(&format!("… and {more} more B2B orders that hold units"));
    }
}

fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A time to the second.
fn second(at: &str) -> String {
    match (at.get(..10), at.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => at.to_owned(),
    }
}
