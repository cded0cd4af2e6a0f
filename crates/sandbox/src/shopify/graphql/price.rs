//! What a document costs before it runs: scalars nothing, objects a point, mutations ten.
//!
//! A connection grows with the logarithm of its size: that is what the recorded costs follow
//! (first 5 → 11, first 10 → 11 … 18, first 50 → 24), near enough and not to the point.

use super::document::{Field, Kind, Operation, Selection};
use super::schema::{self, Shape};
use super::validate::connection_children;

/// The price of any mutation, before what it selects.
pub(crate) const MUTATION: u32 = 10;
/// The price of a connection, before its rows.
pub(crate) const CONNECTION: u32 = 2;
/// Counting is dear.
const COUNT: f64 = 10.0;
/// Points per row and e-fold of the connection's size.
const GROWTH: f64 = 1.87;

/// The requested cost.
pub(crate) fn requested(operation: &Operation) -> u32 {
    let root = match operation.kind {
        Kind::Query => "QueryRoot",
        Kind::Mutation => "Mutation",
    };
    let points: f64 = operation.root_fields().map(|field| field_price(root, field)).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a sum of small prices, never negative"
    )]
    let whole = points.round() as u32;
    whole.max(1)
}

fn field_price(type_name: &str, field: &Field) -> f64 {
    if type_name == "Mutation" {
        return payload_price(field);
    }
    match schema::shape(type_name, &field.name) {
        None | Some(Shape::Scalar | Shape::List("UserError" | "CodedError")) => 0.0,
        Some(Shape::Value("Count")) => COUNT,
        Some(Shape::Value(of)) => children_price(of, &field.children),
        Some(Shape::Object(of)) => 1.0 + children_price(of, &field.children),
        Some(Shape::List(of)) => {
            let rows = field.value("ids").and_then(serde_json::Value::as_array).map_or(1, Vec::len);
            grown(rows, children_price(of, &field.children))
        }
        Some(Shape::Connection(of)) => {
            let asked = field.integer("first").or(field.integer("last")).unwrap_or(1).max(1);
            let rows = usize::try_from(asked).unwrap_or(1);
            let points = grown(rows, row_price(of, field));
            f64::from(CONNECTION) + points.round()
        }
    }
}

/// The objects directly in a payload are part of the mutation's ten points.
fn payload_price(field: &Field) -> f64 {
    let Some(Shape::Object(payload)) = schema::shape("Mutation", &field.name) else { return 0.0 };
    let mut points = f64::from(MUTATION);
    for child in connection_children(&field.children) {
        if let Some(Shape::Object(of)) = schema::shape(payload, &child.name) {
            points += children_price(of, &child.children);
        }
    }
    points
}

fn row_price(of: &'static str, connection: &Field) -> f64 {
    let mut points = 0.0;
    for child in connection_children(&connection.children) {
        if child.name == "nodes" {
            points += children_price(of, &child.children);
        }
        for inner in connection_children(&child.children) {
            if child.name == "edges" && inner.name == "node" {
                points += children_price(of, &inner.children);
            }
        }
    }
    points
}

fn grown(rows: usize, row_price: f64) -> f64 {
    let rows = f64::from(u32::try_from(rows).unwrap_or(u32::MAX));
    (1.0 + row_price) * (GROWTH * rows.ln()).max(1.0)
}

fn children_price(type_name: &str, selections: &[Selection]) -> f64 {
    let priced = selections.iter().map(|selection| match selection {
        Selection::Field(field) => field_price(type_name, field),
        Selection::On { type_name: on, selections } => {
            children_price(on.as_deref().unwrap_or(type_name), selections)
        }
    });
    priced.sum()
}
