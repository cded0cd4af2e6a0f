//! `stock policy` and `stock terms`: how an item's stock is shared, and what is published of it.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::told;
use crate::cli::{PolicyArgs, TermsArgs};
use crate::client::{Client, part};
use crate::print;

/// The allocation that was asked for, as the API takes it.
pub(super) fn allocation(args: &PolicyArgs) -> Result<Value> {
    let hold = if args.hard { "hard" } else { "soft" };
    let floors = args.b2b_floor.is_some() || args.b2c_floor.is_some();
    let (b2b, b2c) = (args.b2b_floor.unwrap_or_default(), args.b2c_floor.unwrap_or_default());
    Ok(match (args.allocation.as_str(), args.b2c_percent) {
        ("fixed" | "shared", None) if !floors && !args.hard => json!({ "mode": args.allocation }),
        ("share", Some(percent)) if !floors => {
            json!({ "mode": "share", "b2c_percent": percent, "hold": hold })
        }
        ("share", None) => bail!("say what b2c gets of it with --b2c-percent"),
        ("shared-with-floor", None) => json!({
            "mode": "shared_with_floor", "b2b_floor": b2b, "b2c_floor": b2c, "hold": hold
        }),
        ("fixed" | "shared" | "share" | "shared-with-floor", _) => {
            bail!("these options do not go with `{}`", args.allocation)
        }
        (other, _) => bail!("`{other}` is none of fixed, shared, share, shared-with-floor"),
    })
}

/// Sets terms, or shows them where none are given.
pub(super) async fn put(
    hub: &Client,
    client: &str,
    args: &TermsArgs,
    as_json: bool,
) -> Result<ExitCode> {
    let path = match &args.sku {
        Some(sku) => format!("/api/v1/clients/{client}/items/{}", part(sku)),
        None => format!("/api/v1/clients/{client}/terms"),
    };
    let known = hub.get(&path).await?;
    let is_item = args.sku.is_some();
    if args.buffer.is_none() && args.cap.is_none() && args.backing.is_none() {
        return shown(&known, is_item, as_json);
    }
    let mut body = Map::new();
    if args.buffer.is_some() || args.cap.is_some() {
        let before = if is_item { &known["publishing"]["own"] } else { &known["publishing"] };
        let mut terms = before.as_object().cloned().unwrap_or_default();
        change(&mut terms, "buffer", args.buffer.as_deref(), is_item)?;
        change(&mut terms, "cap", args.cap.as_deref(), is_item)?;
        body.insert("publishing".to_owned(), Value::Object(terms));
    }
    if let Some(wish) = &args.backing {
        body.insert("backing".to_owned(), backing(wish, args)?);
    }
    told(hub.put(&path, Value::Object(body)).await, as_json)
}

/// One term as it is from now on; what is not given stays.
fn change(
    terms: &mut Map<String, Value>,
    name: &str,
    wanted: Option<&str>,
    is_item: bool,
) -> Result<()> {
    let value = match (wanted, name) {
        (None, _) => return Ok(()),
        (Some("default"), _) => {
            terms.remove(name);
            return Ok(());
        }
        (Some("none"), "cap") if is_item => json!("none"),
        (Some("none"), "cap") => Value::Null,
        (Some(units), _) => {
            let units: i64 =
                units.parse().with_context(|| format!("--{name} is a number of units"))?;
            json!(units)
        }
    };
    terms.insert(name.to_owned(), value);
    Ok(())
}

fn backing(wish: &str, args: &TermsArgs) -> Result<Value> {
    if wish == "none" {
        return Ok(json!("none"));
    }
    let (connection, location) =
        wish.split_once('/').context("a backing is written CONNECTION/LOCATION")?;
    Ok(json!({
        "pool": args.backs, "connection": connection, "location": location,
        "age_max_s": args.age_max_s, "cap": args.backing_cap,
    }))
}

fn shown(known: &Value, is_item: bool, as_json: bool) -> Result<ExitCode> {
    if as_json {
        let backing = known.get("backing").unwrap_or(&Value::Null);
        print::json(&json!({ "publishing": known["publishing"], "backing": backing }))?;
    } else if is_item {
        print(known);
    } else {
        print::line(&format!(
            "items without terms of their own: {}",
            in_words(&known["publishing"])
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// An item's terms, in words.
pub(super) fn print(item: &Value) {
    print::line(&format!("shares its stock: {}", sharing(&item["allocation"])));
    let own = item["publishing"]["own"].as_object().is_some_and(|own| !own.is_empty());
    let whose = if own { "its own terms" } else { "the terms of all items" };
    print::line(&format!("publishes with {} ({whose})", in_words(&item["publishing"]["holds"])));
    let backing = &item["backing"];
    if let Some(connection) = backing["connection"].as_str() {
        let cap = backing["cap"].as_i64().map(|cap| format!(", {cap} at the most"));
        print::line(&format!(
            "{} is backed by {connection}/{} (for {} s after it was seen{}): {} now",
            backing["pool"].as_str().unwrap_or_default(),
            backing["location"].as_str().unwrap_or_default(),
            backing["age_max_s"],
            cap.unwrap_or_default(),
            backing["stands_for"],
        ));
    }
}

fn in_words(publishing: &Value) -> String {
    let cap = publishing["cap"].as_i64();
    let cap = cap.map_or_else(|| "no cap".to_owned(), |cap| format!("cap {cap}"));
    format!("buffer {}, {cap}", publishing["buffer"])
}

fn sharing(allocation: &Value) -> String {
    let hold = allocation["hold"].as_str().unwrap_or_default();
    match allocation["mode"].as_str().unwrap_or_default() {
        "fixed" => "by hand".to_owned(),
        "shared" => "by hand; B2B orders draw on b2b, then on b2c".to_owned(),
        "share" => format!("{} % for b2c, {hold}", allocation["b2c_percent"]),
        _ => format!(
            "both sell from the whole; floors: b2b {}, b2c {}, {hold}",
            allocation["b2b_floor"], allocation["b2c_floor"]
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(word: &str) -> PolicyArgs {
        PolicyArgs {
            sku: "A".to_owned(),
            allocation: word.to_owned(),
            b2c_percent: None,
            b2b_floor: None,
            b2c_floor: None,
            hard: false,
        }
    }

    #[test]
    fn an_option_that_does_not_go_with_the_policy_is_refused() {
        assert!(allocation(&policy("fixed")).is_ok());
        assert!(allocation(&policy("share")).is_err());
        assert!(allocation(&PolicyArgs { hard: true, ..policy("fixed") }).is_err());
        assert!(allocation(&PolicyArgs { b2b_floor: Some(1), ..policy("shared") }).is_err());
        assert!(allocation(&policy("halves")).is_err());
        let floors = PolicyArgs { b2b_floor: Some(3), ..policy("shared-with-floor") };
        assert_eq!(allocation(&floors).unwrap()["b2b_floor"], 3);
    }

    #[test]
    fn a_term_that_is_not_given_stays() {
        let mut terms = json!({ "buffer": 2, "cap": 9 }).as_object().unwrap().clone();
        change(&mut terms, "buffer", None, true).unwrap();
        change(&mut terms, "cap", Some("none"), true).unwrap();
        assert_eq!(Value::Object(terms.clone()), json!({ "buffer": 2, "cap": "none" }));
        change(&mut terms, "buffer", Some("default"), true).unwrap();
        assert_eq!(Value::Object(terms.clone()), json!({ "cap": "none" }));
        assert!(change(&mut terms, "buffer", Some("many"), true).is_err());
    }
}
