//! A parsed document in our own words: variables put in, fragments resolved, conditions decided.
//!
//! Knows GraphQL's grammar through `graphql-parser` and nothing of the shop.

use std::collections::BTreeMap;

use graphql_parser::Pos;
use graphql_parser::query::{
    self, Definition, Directive, OperationDefinition, Type, TypeCondition, VariableDefinition,
};
use serde_json::Value;

use super::values::Problem;

type Text = String;
type Fragments<'d> = BTreeMap<&'d str, &'d query::FragmentDefinition<'static, Text>>;

/// How deep fragments and selections may nest.
const DEPTH_MAX: usize = 32;

/// The one operation of a document.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) kind: Kind,
    pub(crate) name: Option<String>,
    pub(crate) selections: Vec<Selection>,
    pub(crate) variables: Vec<Variable>,
}

/// Reading or writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Query,
    Mutation,
}

/// A declared variable and what was sent for it.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) type_text: String,
    pub(crate) value: Option<Value>,
    pub(crate) position: (usize, usize),
}

/// A field, or fields for things of one type.
#[derive(Debug, Clone)]
pub(crate) enum Selection {
    Field(Field),
    On { type_name: Option<String>, selections: Vec<Selection> },
}

/// A selected field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) alias: Option<String>,
    pub(crate) arguments: BTreeMap<String, Argument>,
    directives: BTreeMap<String, BTreeMap<String, Argument>>,
    pub(crate) children: Vec<Selection>,
    pub(crate) position: (usize, usize),
}

/// A value and the variable it came from, if any.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    pub(crate) value: Value,
    pub(crate) variable: Option<Variable>,
}

impl Field {
    /// The key in the answer.
    pub(crate) fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name).map(|argument| &argument.value).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.value(name).and_then(Value::as_i64)
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The key of `@idempotent`, if the directive is there.
    pub(crate) fn idempotency_key(&self) -> Option<String> {
        let directive = self.directives.get("idempotent")?;
        let key = directive.get("key").and_then(|argument| argument.value.as_str());
        Some(key.unwrap_or_default().to_owned())
    }
}

impl Operation {
    pub(crate) fn root_fields(&self) -> impl Iterator<Item = &Field> {
        self.selections.iter().filter_map(|selection| match selection {
            Selection::Field(field) => Some(field),
            Selection::On { .. } => None,
        })
    }
}

/// Parses a document and puts the variables in.
pub(crate) fn lower(text: &str, variables: &Value) -> Result<Operation, Problem> {
    let document = graphql_parser::parse_query::<Text>(text)
        .map_err(|error| Problem::new(&format!("syntax error, {error}"), "GRAPHQL_PARSE_FAILED"))?
        .into_static();
    let mut fragments = Fragments::new();
    let mut operations = Vec::new();
    for definition in &document.definitions {
        match definition {
            Definition::Fragment(fragment) => {
                fragments.insert(fragment.name.as_str(), fragment);
            }
            Definition::Operation(operation) => operations.push(operation),
        }
    }
    let [operation] = operations.as_slice() else {
        return Err(Problem::new("An operation name is required", "BAD_REQUEST"));
    };
    let (kind, name, declared, selections) = match operation {
        OperationDefinition::SelectionSet(set) => (Kind::Query, None, &[][..], set),
        OperationDefinition::Query(query) => {
            (Kind::Query, query.name.clone(), &query.variable_definitions[..], &query.selection_set)
        }
        OperationDefinition::Mutation(mutation) => {
            let declared = &mutation.variable_definitions[..];
            (Kind::Mutation, mutation.name.clone(), declared, &mutation.selection_set)
        }
        OperationDefinition::Subscription(_) => {
            return Err(Problem::new("Subscriptions are not supported", "BAD_REQUEST"));
        }
    };
    let variables: Vec<_> = declared.iter().map(|declared| declare(declared, variables)).collect();
    let lowering = Lowering { fragments, variables: &variables };
    let selections = lowering.selections(selections, 0)?;
    Ok(Operation { kind, name, selections, variables })
}

fn declare(declared: &VariableDefinition<'static, Text>, sent: &Value) -> Variable {
    let none = Lowering { fragments: Fragments::new(), variables: &[] };
    let default = declared.default_value.as_ref().and_then(|value| none.value(value));
    Variable {
        name: declared.name.clone(),
        type_text: type_text(&declared.var_type),
        value: sent.get(&declared.name).cloned().or(default),
        position: position(declared.position),
    }
}

fn type_text(of: &Type<'static, Text>) -> String {
    match of {
        Type::NamedType(name) => name.clone(),
        Type::ListType(inner) => format!("[{}]", type_text(inner)),
        Type::NonNullType(inner) => format!("{}!", type_text(inner)),
    }
}

fn position(at: Pos) -> (usize, usize) {
    (at.line, at.column)
}

struct Lowering<'d> {
    fragments: Fragments<'d>,
    variables: &'d [Variable],
}

impl Lowering<'_> {
    fn selections(
        &self,
        set: &query::SelectionSet<'static, Text>,
        depth: usize,
    ) -> Result<Vec<Selection>, Problem> {
        if depth > DEPTH_MAX {
            return Err(Problem::new("The document nests too deeply", "BAD_REQUEST"));
        }
        let mut selections = Vec::new();
        for item in &set.items {
            selections.extend(self.selection(item, depth)?);
        }
        Ok(selections)
    }

    fn selection(
        &self,
        item: &query::Selection<'static, Text>,
        depth: usize,
    ) -> Result<Option<Selection>, Problem> {
        match item {
            query::Selection::Field(field) => {
                if !self.included(&field.directives) {
                    return Ok(None);
                }
                let directives = field.directives.iter().map(|directive| {
                    (directive.name.clone(), self.arguments(&directive.arguments))
                });
                Ok(Some(Selection::Field(Field {
                    name: field.name.clone(),
                    alias: field.alias.clone(),
                    arguments: self.arguments(&field.arguments),
                    directives: directives.collect(),
                    children: self.selections(&field.selection_set, depth + 1)?,
                    position: position(field.position),
                })))
            }
            query::Selection::FragmentSpread(spread) => {
                let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) else {
                    let message =
                        format!("Fragment {} was used, but not defined", spread.fragment_name);
                    return Err(Problem::new(&message, "useAndDefineFragment"));
                };
                if !self.included(&spread.directives) {
                    return Ok(None);
                }
                let TypeCondition::On(type_name) = &fragment.type_condition;
                let selections = self.selections(&fragment.selection_set, depth + 1)?;
                Ok(Some(Selection::On { type_name: Some(type_name.clone()), selections }))
            }
            query::Selection::InlineFragment(inline) => {
                if !self.included(&inline.directives) {
                    return Ok(None);
                }
                let type_name = inline.type_condition.as_ref().map(|condition| {
                    let TypeCondition::On(name) = condition;
                    name.clone()
                });
                let selections = self.selections(&inline.selection_set, depth + 1)?;
                Ok(Some(Selection::On { type_name, selections }))
            }
        }
    }

    /// Whether `@include` and `@skip` let a selection stand.
    fn included(&self, directives: &[Directive<'static, Text>]) -> bool {
        directives.iter().all(|directive| {
            let arguments = self.arguments(&directive.arguments);
            let condition = arguments.get("if").and_then(|argument| argument.value.as_bool());
            match directive.name.as_str() {
                "include" => condition != Some(false),
                "skip" => condition != Some(true),
                _ => true,
            }
        })
    }

    fn arguments(
        &self,
        arguments: &[(Text, query::Value<'static, Text>)],
    ) -> BTreeMap<String, Argument> {
        let filled = arguments.iter().map(|(name, value)| {
            let variable = if let query::Value::Variable(variable) = value {
                self.variable(variable).cloned()
            } else {
                None
            };
            // A variable that was not sent counts as null here; its own type says if it may.
            (name.clone(), Argument { value: self.value(value).unwrap_or_default(), variable })
        });
        filled.collect()
    }

    fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The value, or nothing where a variable was not sent: then the argument is absent.
    fn value(&self, value: &query::Value<'static, Text>) -> Option<Value> {
        Some(match value {
            query::Value::Variable(name) => self.variable(name)?.value.clone()?,
            query::Value::Int(number) => number.as_i64()?.into(),
            query::Value::Float(number) => serde_json::Number::from_f64(*number)?.into(),
            query::Value::String(text) | query::Value::Enum(text) => Value::String(text.clone()),
            query::Value::Boolean(flag) => Value::Bool(*flag),
            query::Value::Null => Value::Null,
            query::Value::List(values) => {
                Value::Array(values.iter().filter_map(|value| self.value(value)).collect())
            }
            query::Value::Object(fields) => {
                let filled = fields
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), self.value(value)?)));
                Value::Object(filled.collect())
            }
        })
    }
}
