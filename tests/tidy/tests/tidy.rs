//! The rules of the house that a compiler does not check.

use std::collections::BTreeMap;

use crossdock_tidy::{files, is_test, shown, text, top};

/// Lines of a source file without its tests.
const FILE_LINES_MAX: usize = 400;

/// Partners, as they might be named in code.
const PARTNERS: [&str; 4] = ["shopify", "prepbusiness", "phonex", "wesell"];

/// Which floors a crate may stand on. Nothing else of ours may be among its dependencies.
const FLOORS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("connectors", &["domain"]),
    ("store", &["domain"]),
    ("hub", &["domain", "connectors", "store"]),
    ("wire", &["domain", "connectors"]),
    ("server", &["domain", "connectors", "store", "hub"]),
    ("sandbox", &[]),
    ("simulation", &["domain", "connectors", "store", "hub", "sandbox"]),
    (
        "crossdock",
        &["domain", "connectors", "store", "hub", "wire", "server", "sandbox", "simulation"],
    ),
];

/// Where partners may be named: their connectors, their simulations, the verbs that start those, and the views whose
/// columns documents name.
const ROOMS: [&str; 7] = [
    "crates/connectors/",
    "crates/sandbox/",
    "crates/simulation/src/partner.rs",
    "crates/crossdock/src/demo/",
    "crates/crossdock/src/commands/sandbox.rs",
    "crates/store/src/sqlite/migrations/0002_views.sql",
    "crates/store/src/postgres/migrations/0002_views.sql",
];

/// Crates in which nothing may be asynchronous, ask the time or the environment, or iterate in random order.
const PURE: [&str; 4] = ["domain", "connectors", "store", "hub"];

/// Where a hash map is looked up by key and never iterated, so that its order cannot show.
const LOOKED_UP_ONLY: [&str; 4] = [
    "crates/store/src/books.rs",
    "crates/store/src/queries/links.rs",
    "crates/store/src/postgres/foresight.rs",
    "crates/store/src/postgres/line.rs",
];

/// The room that waits for the server's answers: asynchronous inside, synchronous to whoever asks. Values that people ask
/// for in SQL may be anything there.
const ASKS_THE_SERVER: &str = "crates/store/src/postgres/";

fn all_of(offences: &[String], rule: &str) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}

fn sources() -> Vec<std::path::PathBuf> {
    let mut all = files("crates", &[".rs"]);
    all.extend(files("bench", &[".rs"]));
    all.extend(files("tests", &[".rs"]));
    all
}

/// A file's text up to its inner tests.
fn without_tests(text: &str) -> &str {
    text.split_once("\n#[cfg(test)]").map_or(text, |(before, _)| before)
}

#[test]
fn every_source_file_says_what_it_is() {
    let silent = sources().into_iter().filter(|path| !text(path).starts_with("//!"));
    all_of(&silent.map(|path| shown(&path)).collect::<Vec<_>>(), "a file opens with `//!`");
}

#[test]
fn no_room_is_too_large_to_live_in() {
    let mut large = Vec::new();
    for path in sources().into_iter().filter(|path| !is_test(path)) {
        let lines = without_tests(&text(&path)).lines().count();
        if lines > FILE_LINES_MAX {
            large.push(format!("{} has {lines} lines", shown(&path)));
        }
    }
    all_of(&large, "a file has at most 400 lines without its tests");
}

#[test]
fn floors_stand_on_lower_floors_only() {
    let mut wrong = Vec::new();
    for (name, allowed) in FLOORS {
        let manifest = text(&top().join("crates").join(name).join("Cargo.toml"));
        let manifest: toml::Table = manifest.parse().expect("a manifest is TOML");
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        for dependency in dependencies.into_iter().flat_map(toml::Table::keys) {
            if let Some(ours) = dependency.strip_prefix("crossdock-")
                && !allowed.contains(&ours)
            {
                wrong.push(format!("{name} depends on {ours}"));
            }
        }
    }
    all_of(&wrong, "a crate may use only those below it");
}

#[test]
fn partners_are_named_in_their_rooms_only() {
    let mut named = Vec::new();
    for path in files("crates", &[".rs", ".sql", ".html", ".css", ".js"]) {
        let place = shown(&path);
        let is_room = ROOMS.iter().any(|room| place.starts_with(room));
        if is_room || is_test(&path) {
            continue;
        }
        let body = text(&path);
        for (number, line) in without_tests(&body).lines().enumerate() {
            if PARTNERS.iter().any(|partner| line.to_lowercase().contains(partner)) {
                named.push(format!("{place}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    all_of(&named, "no file outside connectors/ and sandbox/ names a partner");
}

#[test]
fn the_pure_floors_ask_nobody() {
    let forbidden: BTreeMap<&str, &str> = BTreeMap::from([
        ("async fn", "they are synchronous"),
        (".await", "they are synchronous"),
        ("SystemTime", "time comes in"),
        ("Timestamp::now", "time comes in"),
        ("std::env", "settings come in"),
        ("std::net", "they do no I/O but the store's"),
        ("HashMap", "order must never be random"),
        ("HashSet", "order must never be random"),
        ("f64", "quantities, money and ids are no floats"),
        ("f32", "quantities, money and ids are no floats"),
    ]);
    let mut asked = Vec::new();
    for name in PURE {
        for path in files(&format!("crates/{name}/src"), &[".rs"]) {
            if is_test(&path) {
                continue;
            }
            let body = text(&path);
            for (number, line) in without_tests(&body).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                let is_looked_up = LOOKED_UP_ONLY.contains(&shown(&path).as_str());
                let asks = shown(&path).starts_with(ASKS_THE_SERVER);
                for (word, why) in &forbidden {
                    let is_of_asking =
                        asks && ["async fn", ".await", "f64", "std::net"].contains(word);
                    let may = is_of_asking || (is_looked_up && word.starts_with("Hash"));
                    if code.contains(word) && !may {
                        asked.push(format!("{}:{}: `{word}`: {why}", shown(&path), number + 1));
                    }
                }
            }
        }
    }
    all_of(&asked, "the fold reads no clock, no chance, no environment");
}

#[test]
fn nothing_is_left_undone() {
    let marks = [
        concat!("todo", "!("),
        concat!("unimpl", "emented!("),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
    ];
    let mut left = Vec::new();
    for path in sources() {
        for (number, line) in text(&path).lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                left.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    all_of(&left, "no stub is called done");
}

#[test]
fn links_in_the_docs_lead_somewhere() {
    let mut broken = Vec::new();
    for path in files(".", &[".md"]) {
        let body = text(&path);
        for link in body.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let is_ours =
                !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
            if is_ours && !path.parent().is_some_and(|folder| folder.join(target).exists()) {
                broken.push(format!("{} → {link}", shown(&path)));
            }
        }
    }
    all_of(&broken, "a link in a document leads to a file");
}

#[test]
fn no_room_is_called_after_nothing() {
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "misc"];
    let mut rooms = Vec::new();
    for path in sources() {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if empty.contains(&stem.as_str()) {
            rooms.push(shown(&path));
        }
    }
    all_of(&rooms, "a module is named after what it is about");
}
