//! `stock count`: a CSV file of what the system that owns an allocation has counted.

#![expect(clippy::indexing_slicing, reason = "JSON answers null for what is not there")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client::{Client, list, part};
use crate::print::{self, cell};

/// Lines that are sent at once.
const LINES_MAX: usize = 10_000;
const COLUMNS: [&str; 4] = ["sku", "quantity", "version", "taken_at"];

/// Sends a file's counts and prints what is not as it should be. Exit code 2 where any line was not taken.
pub(super) async fn run(
    hub: &Client,
    client: &str,
    file: &Path,
    pool: &str,
    as_json: bool,
) -> Result<ExitCode> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let counts = read(&text)?;
    let path = format!("/api/v1/clients/{client}/pools/{}/counts", part(pool));
    let mut report = Report::default();
    for (chunk, lines) in counts.chunks(LINES_MAX).enumerate() {
        let answer = hub.put(&path, Value::Array(lines.iter().map(|(_, l)| l.clone()).collect()));
        let answer = answer.await?;
        if answer["outcome"].is_null() {
            bail!(
                "part {} is kept and waits to be folded; what came of it stands at {}",
                chunk + 1,
                cell(&answer["location"])
            );
        }
        for (told, (at, _)) in list(&answer, "lines").zip(lines) {
            report.add(*at, told);
        }
    }
    report.print(as_json)?;
    if !as_json && report.counts.contains_key(HELD) {
        print::line(&format!("see what waits, and why: crossdock stock held --pool {pool}"));
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// What came of a line that waits for a person.
const HELD: &str = "held";

/// What came of the lines.
#[derive(Default)]
struct Report {
    counts: BTreeMap<String, usize>,
    /// Those that were not taken, with their line in the file.
    troubles: Vec<Value>,
}

impl Report {
    fn add(&mut self, at: usize, told: &Value) {
        let outcome = match told["outcome"].as_str().unwrap_or_default() {
            _ if told["held"] == true => HELD,
            outcome => outcome,
        };
        *self.counts.entry(outcome.to_owned()).or_default() += 1;
        if !matches!(outcome, "applied" | "unchanged" | HELD) {
            let mut trouble = told.clone();
            trouble["line"] = json!(at);
            self.troubles.push(trouble);
        }
    }

    fn is_clean(&self) -> bool {
        self.troubles.is_empty() && !self.counts.contains_key(HELD)
    }

    fn print(&self, as_json: bool) -> Result<()> {
        if as_json {
            return print::json(&json!({ "counts": self.counts, "troubles": self.troubles }));
        }
        let words = self.counts.iter().map(|(outcome, count)| format!("{count} {}", word(outcome)));
        print::line(&words.collect::<Vec<_>>().join(", "));
        for trouble in &self.troubles {
            let why = trouble["note"].as_str().unwrap_or_default();
            let outcome = word(trouble["outcome"].as_str().unwrap_or_default());
            let line = &trouble["line"];
            print::line(&format!("  line {line}, {}: {outcome}: {why}", cell(&trouble["item"])));
        }
        Ok(())
    }
}

/// What came of a line, in a plainer word.
fn word(outcome: &str) -> &str {
    match outcome {
        "applied" => "taken",
        HELD => "held by the brake",
        "unchanged" => "as before",
        "stale" => "older than what is known",
        "unknown_entity" => "unknown item",
        "illegal" => "refused",
        other => other,
    }
}

/// The counts of a file, each with its line. A field that is no number goes along as it is: the hub says of that line
/// what is wrong with it, and takes the others.
fn read(text: &str) -> Result<Vec<(usize, Value)>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().enumerate();
    let (_, heading) = lines.next().context("the file is empty")?;
    let heading = fields(heading);
    let place = |name: &str| {
        let found = heading.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        found.with_context(|| format!("the first line names no column `{name}`"))
    };
    let places = COLUMNS.map(place);
    let [sku, quantity, version, taken_at] = places;
    let (sku, quantity, version, taken_at) = (sku?, quantity?, version?, taken_at?);
    let mut counts = Vec::new();
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let fields = fields(line);
        let field = |place: usize| fields.get(place).map_or("", |field| field.trim());
        counts.push((
            index + 1,
            json!({
                "item": field(sku), "quantity": number(field(quantity)),
                "version": number(field(version)), "taken_at": field(taken_at),
            }),
        ));
    }
    if counts.is_empty() {
        bail!("the file has no lines below its first");
    }
    Ok(counts)
}

fn number(field: &str) -> Value {
    field.parse::<i64>().map_or_else(|_| json!(field), |number| json!(number))
}

/// The fields of a line, by commas; one in quotes may hold commas, and a doubled quote stands for one.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut fields, '"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            other => push(&mut fields, other),
        }
    }
    fields
}

fn push(fields: &mut [String], char: char) {
    if let Some(last) = fields.last_mut() {
        last.push(char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names_in_any_order() {
        let text = "\u{feff}Version,SKU,quantity,taken_at,note\r\n7,\"A, \"\"big\"\"\",3,2026-11-20T10:00:00Z,x\r\n";
        let counts = read(text).unwrap();
        let wanted = json!({
            "item": "A, \"big\"", "quantity": 3, "version": 7, "taken_at": "2026-11-20T10:00:00Z",
        });
        assert_eq!(counts, vec![(2, wanted)]);
    }

    #[test]
    fn a_field_that_is_no_number_goes_along_and_spoils_no_other_line() {
        let counts = read("sku,quantity,version,taken_at\nA,many,1,now\n\nB,2,1,now\n").unwrap();
        assert_eq!((counts[0].0, &counts[0].1["quantity"]), (2, &json!("many")));
        assert_eq!((counts[1].0, &counts[1].1["item"]), (4, &json!("B")));
    }

    #[test]
    fn a_file_without_a_column_or_without_lines_is_refused_in_words() {
        let why = |text: &str| read(text).unwrap_err().to_string();
        assert!(why("sku,quantity,version\nA,1,1\n").contains("taken_at"));
        assert!(why("sku,quantity,version,taken_at\n").contains("no lines"));
        assert!(why("").contains("empty"));
    }
}
