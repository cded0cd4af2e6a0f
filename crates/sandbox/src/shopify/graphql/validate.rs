//! What a document dies of before it runs: unknown fields, missing arguments, wrong variables.
//!
//! Answers of this kind have no data and no cost.

use super::document::{Field, Kind, Operation, Selection, Variable};
use super::inputs::{self, Fault};
use super::schema::{self, Shape};
use super::values::Problem;
use crate::json::Json;

/// Every problem of an operation under a version.
pub(crate) fn problems(operation: &Operation, version: &str) -> Vec<Problem> {
    let (root, word) = match operation.kind {
        Kind::Query => ("QueryRoot", "query"),
        Kind::Mutation => ("Mutation", "mutation"),
    };
    let start = operation.name.as_ref().map_or(word.to_owned(), |name| format!("{word} {name}"));
    let mut found = Vec::new();
    check_selections(root, &operation.selections, &[start], version, &mut found);
    if !found.is_empty() {
        return found;
    }
    operation.variables.iter().filter_map(|variable| variable_problem(variable, version)).collect()
}

fn check_selections(
    type_name: &str,
    selections: &[Selection],
    path: &[String],
    version: &str,
    found: &mut Vec<Problem>,
) {
    for selection in selections {
        match selection {
            Selection::On { type_name: on, selections } => {
                let inner = on.as_deref().unwrap_or(type_name);
                if schema::knows(inner) {
                    check_selections(inner, selections, path, version, found);
                } else {
                    let message =
                        format!("No such type {inner}, so it can't be a fragment condition");
                    found.push(Problem::new(&message, "undefinedType").under(path));
                }
            }
            Selection::Field(field) => check_field(type_name, field, path, version, found),
        }
    }
}

fn check_field(
    type_name: &str,
    field: &Field,
    path: &[String],
    version: &str,
    found: &mut Vec<Problem>,
) {
    let path: Vec<String> = path.iter().cloned().chain([field.name.clone()]).collect();
    let Some(shape) = schema::shape(type_name, &field.name) else {
        let message = format!("Field '{}' doesn't exist on type '{type_name}'", field.name);
        let problem = Problem::new(&message, "undefinedField").at(field.position).under(&path);
        let problem = problem.with("typeName", type_name.into());
        found.push(problem.with("fieldName", field.name.as_str().into()));
        return;
    };
    if type_name == "Mutation" {
        check_arguments(field, &path, version, found);
    }
    let of = match shape {
        Shape::Scalar => None,
        Shape::Object(of) | Shape::Value(of) | Shape::List(of) => Some(of),
        Shape::Connection(of) => return check_connection(of, field, &path, version, found),
    };
    match of {
        None if !field.children.is_empty() => {
            let message = format!("Selections can't be made on scalars (field '{}')", field.name);
            found.push(Problem::new(&message, "selectionMismatch").at(field.position).under(&path));
        }
        Some(of) if field.children.is_empty() => {
            let message = format!(
                "Field must have selections (field '{0}' returns {of} but has no selections. Did you mean '{0} {{ ... }}'?)",
                field.name
            );
            found.push(Problem::new(&message, "selectionMismatch").at(field.position).under(&path));
        }
        Some(of) => check_selections(of, &field.children, &path, version, found),
        None => {}
    }
}

fn check_connection(
    of: &str,
    field: &Field,
    path: &[String],
    version: &str,
    found: &mut Vec<Problem>,
) {
    for child in connection_children(&field.children) {
        let path: Vec<String> = path.iter().cloned().chain([child.name.clone()]).collect();
        match child.name.as_str() {
            "nodes" => check_selections(of, &child.children, &path, version, found),
            "pageInfo" => check_selections("PageInfo", &child.children, &path, version, found),
            "edges" => {
                for inner in connection_children(&child.children) {
                    match inner.name.as_str() {
                        "node" => check_selections(of, &inner.children, &path, version, found),
                        "cursor" | "__typename" => {}
                        other => found.push(undefined(other, &format!("{of}Edge"), inner, &path)),
                    }
                }
            }
            "__typename" => {}
            other => found.push(undefined(other, &format!("{of}Connection"), child, &path)),
        }
    }
}

fn undefined(name: &str, type_name: &str, field: &Field, path: &[String]) -> Problem {
    let message = format!("Field '{name}' doesn't exist on type '{type_name}'");
    Problem::new(&message, "undefinedField").at(field.position).under(path)
}

/// The fields of a connection or edge, also from inside fragments.
pub(crate) fn connection_children(selections: &[Selection]) -> Vec<&Field> {
    let mut fields = Vec::new();
    for selection in selections {
        match selection {
            Selection::Field(field) => fields.push(field),
            Selection::On { selections, .. } => fields.extend(connection_children(selections)),
        }
    }
    fields
}

fn check_arguments(field: &Field, path: &[String], version: &str, found: &mut Vec<Problem>) {
    let expected = schema::mutation_arguments(&field.name);
    let missing: Vec<&str> = expected
        .iter()
        .filter(|(name, type_text)| {
            type_text.ends_with('!') && !field.arguments.contains_key(*name)
        })
        .map(|(name, _)| *name)
        .collect();
    if !missing.is_empty() {
        let listed = missing.join(", ");
        let message = format!("Field '{}' is missing required arguments: {listed}", field.name);
        let problem = Problem::new(&message, "missingRequiredArguments").at(field.position);
        let problem = problem.under(path).with("className", "Field".into());
        let problem = problem.with("name", field.name.as_str().into());
        found.push(problem.with("arguments", listed.into()));
    }
    for (name, argument) in &field.arguments {
        let argument_path: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
        let Some((_, type_text)) = expected.iter().find(|(known, _)| known == name) else {
            let message = format!("Field '{}' doesn't accept argument '{name}'", field.name);
            let problem = Problem::new(&message, "argumentNotAccepted").at(field.position);
            found.push(problem.under(&argument_path));
            continue;
        };
        // What came through a variable is judged by the variable's own type.
        if argument.variable.is_some() {
            continue;
        }
        let faults = inputs::faults(type_text, Some(&argument.value), version);
        if let Some(fault) = faults.first() {
            found.push(literal_problem(field, name, type_text, fault).under(&argument_path));
        }
    }
}

fn literal_problem(field: &Field, name: &str, type_text: &str, fault: &Fault) -> Problem {
    if let Some(undefined) = fault.explanation.strip_prefix("Field is not defined on ") {
        let key = fault.path.last().cloned().unwrap_or_default();
        let message = format!("InputObject '{undefined}' doesn't accept argument '{key}'");
        let problem = Problem::new(&message, "argumentNotAccepted").at(field.position);
        return problem.with("name", undefined.into()).with("typeName", "InputObject".into());
    }
    let value = field.arguments.get(name).map(|argument| &argument.value);
    let told = value.map_or("null".to_owned(), |value| {
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    });
    let message = format!(
        "Argument '{name}' on Field '{}' has an invalid value ({told}). Expected type '{type_text}'.",
        field.name
    );
    let problem = Problem::new(&message, "argumentLiteralsIncompatible").at(field.position);
    problem.with("typeName", "Field".into()).with("argumentName", name.into())
}

fn variable_problem(variable: &Variable, version: &str) -> Option<Problem> {
    let faults = inputs::faults(&variable.type_text, variable.value.as_ref(), version);
    let first = faults.first()?;
    let start = format!(
        "Variable ${} of type {} was provided invalid value",
        variable.name, variable.type_text
    );
    let message = if first.path.is_empty() {
        start
    } else {
        let told =
            faults.iter().map(|fault| format!("{} ({})", fault.path.join("."), fault.explanation));
        format!("{start} for {}", told.collect::<Vec<_>>().join(", "))
    };
    let problems = faults.iter().map(|fault| {
        Json::object([
            ("path", Json::texts(&fault.path)),
            ("explanation", fault.explanation.as_str().into()),
        ])
    });
    let value = variable.value.as_ref().map(Json::from);
    let problem = Problem::new(&message, "INVALID_VARIABLE").at(variable.position);
    Some(problem.with("value", value.into()).with("problems", Json::List(problems.collect())))
}
