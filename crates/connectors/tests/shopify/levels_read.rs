//! What a read of levels means, row by row, and which answers are not taken for data.

use crossdock_domain::answer::{Failure, LevelReading, Receipt};
use crossdock_domain::call::Call;

use crate::shop::{self, LOCATION, answer};

fn result(call: &Call, data: &str) -> Result<Vec<LevelReading>, Failure> {
    match answer(call, 200, &format!(r#"{{"data":{data}}}"#)).result {
        Ok(Receipt::LevelsRead { rows }) => Ok(rows),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    }
}

fn node(item: &str, available: &str) -> String {
    let level = format!(
        r#"{{"id":"gid://shopify/InventoryLevel/9?inventory_item_id={item}","updatedAt":"2026-06-25T01:33:56Z","quantities":[{{"name":"available","quantity":{available}}}]}}"#
    );
    counted(item, "true", &level)
}

fn counted(item: &str, tracked: &str, level: &str) -> String {
    format!(
        r#"{{"id":"gid://shopify/InventoryItem/{item}","tracked":{tracked},"inventoryLevel":{level}}}"#
    )
}

fn stands(available: i64) -> LevelReading {
    LevelReading::Stands { available, at: Some("2026-06-25T01:33:56Z".parse().unwrap()) }
}

#[test]
fn readings_come_in_the_order_of_the_rows() {
    let call = shop::read_levels(&[("7", LOCATION), ("5", LOCATION), ("6", LOCATION)]);
    let data = format!(r#"{{"at0":[{},{},{}]}}"#, node("7", "70"), node("5", "-5"), node("6", "0"));
    assert_eq!(result(&call, &data).unwrap(), [stands(70), stands(-5), stands(0)]);
}

#[test]
fn rows_at_several_locations_find_their_own_answers() {
    let call = shop::read_levels(&[("7", "1"), ("7", "2"), ("6", "1")]);
    let data = format!(
        r#"{{"at0":[{},{}],"at1":[{}],"at2":[]}}"#,
        node("7", "71"),
        node("6", "61"),
        node("7", "72")
    );
    assert_eq!(result(&call, &data).unwrap(), [stands(71), stands(72), stands(61)]);
}

#[test]
fn an_item_may_be_unknown_untracked_or_not_stocked_there() {
    let call = shop::read_levels(&[("1", LOCATION), ("2", LOCATION), ("3", LOCATION)]);
    let data = format!(
        r#"{{"at0":[null,{},{}]}}"#,
        counted("2", "false", "null"),
        counted("3", "true", "null")
    );
    let rows = result(&call, &data).unwrap();
    assert_eq!(rows[0], LevelReading::Missing);
    let why = |row: &LevelReading| match row {
        LevelReading::NotCounted { why } => why.clone(),
        other => panic!("{other:?}"),
    };
    assert!(why(&rows[1]).contains("track"));
    assert!(why(&rows[2]).contains(LOCATION));
}

#[test]
fn an_answer_that_does_not_fit_the_question_is_never_taken_for_data() {
    let call = shop::read_levels(&[("7", LOCATION), ("5", LOCATION)]);
    let (seven, five) = (node("7", "1"), node("5", "1"));
    let other_level = five.replace("inventory_item_id=5", "inventory_item_id=8");
    let no_level_key = r#"{"id":"gid://shopify/InventoryItem/5","tracked":true}"#;
    let lies = [
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"at0":null}"#.to_owned(),
        format!(r#"{{"at1":[{seven},{five}]}}"#),
        format!(r#"{{"at0":[{seven}]}}"#),
        format!(r#"{{"at0":[{seven},{five},{five}]}}"#),
        format!(r#"{{"at0":[{five},{seven}]}}"#),
        format!(r#"{{"at0":[{seven},{{}}]}}"#),
        format!(r#"{{"at0":[{seven},{no_level_key}]}}"#),
        format!(r#"{{"at0":[{seven},{other_level}]}}"#),
        format!(r#"{{"at0":[{seven},{}]}}"#, node("5", "null")),
        format!(r#"{{"at0":[{seven},{}]}}"#, node("5", "1.5")),
        format!(r#"{{"at0":[{seven},{}]}}"#, five.replace("available", "on_hand")),
        format!(r#"{{"at0":[{seven},{}]}}"#, five.replace("2026-06-25", "yesterday")),
        format!(r#"{{"at0":[{seven},{}]}}"#, counted("5", "null", "null")),
    ];
    for lie in lies {
        let failure = result(&call, &lie).unwrap_err();
        assert_eq!(failure.class(), "unreadable", "{lie}");
    }
    assert!(result(&call, &format!(r#"{{"at0":[{seven},{five}]}}"#)).is_ok());
}
