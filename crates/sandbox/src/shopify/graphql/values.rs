//! What fields resolve to, and what goes wrong: nodes, records, pages, problems.

use crate::json::Json;
use crate::shopify::catalogue::{ItemAt, LocationAt, ProductAt};
use crate::shopify::orders::OrderAt;

/// A thing with fields.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Shop,
    Item(ItemAt),
    Variant(ItemAt),
    Product(ProductAt),
    Level(ItemAt, LocationAt),
    Location(LocationAt),
    Order(OrderAt),
    Line(OrderAt, usize),
    Record(Record),
}

/// A thing whose fields are all known beforehand.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) type_name: &'static str,
    pub(crate) fields: Vec<(&'static str, Resolved)>,
}

/// What a field holds.
#[derive(Debug, Clone)]
pub(crate) enum Resolved {
    Value(Json),
    Node(Node),
    Nodes(Vec<Option<Node>>),
    Page(Page),
}

/// A window on a connection.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) rows: Vec<(String, Node)>,
    pub(crate) before: More,
    pub(crate) after: More,
}

/// Whether there is more beyond an end of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    Yes,
    No,
}

impl Resolved {
    pub(crate) fn null() -> Self {
        Self::Value(Json::Null)
    }

    pub(crate) fn record(record: Record) -> Self {
        Self::Node(Node::Record(record))
    }

    pub(crate) fn records(records: Vec<Record>) -> Self {
        Self::Nodes(records.into_iter().map(|record| Some(Node::Record(record))).collect())
    }

    pub(crate) fn maybe(node: Option<Node>) -> Self {
        node.map_or_else(Self::null, Self::Node)
    }
}

impl<T: Into<Json>> From<T> for Resolved {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl Record {
    pub(crate) fn new<const N: usize>(
        type_name: &'static str,
        fields: [(&'static str, Resolved); N],
    ) -> Self {
        Self { type_name, fields: fields.into_iter().collect() }
    }

    pub(crate) fn field(&self, name: &str) -> Resolved {
        let found = self.fields.iter().find(|(known, _)| *known == name);
        found.map_or_else(Resolved::null, |(_, value)| value.clone())
    }
}

impl Node {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Shop => "Shop",
            Self::Item(_) => "InventoryItem",
            Self::Variant(_) => "ProductVariant",
            Self::Product(_) => "Product",
            Self::Level(..) => "InventoryLevel",
            Self::Location(_) => "Location",
            Self::Order(_) => "Order",
            Self::Line(..) => "LineItem",
            Self::Record(record) => record.type_name,
        }
    }
}

/// A top-level error of a GraphQL answer.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    message: String,
    locations: Vec<(usize, usize)>,
    path: Vec<String>,
    extensions: Vec<(String, Json)>,
}

impl Problem {
    pub(crate) fn new(message: &str, code: &str) -> Self {
        Self {
            message: message.to_owned(),
            locations: Vec::new(),
            path: Vec::new(),
            extensions: vec![("code".to_owned(), code.into())],
        }
    }

    #[must_use]
    pub(crate) fn at(mut self, location: (usize, usize)) -> Self {
        self.locations.push(location);
        self
    }

    #[must_use]
    pub(crate) fn under(mut self, path: &[String]) -> Self {
        self.path = path.to_vec();
        self
    }

    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: Json) -> Self {
        self.extensions.push((key.to_owned(), value));
        self
    }

    pub(crate) fn told(&self) -> Json {
        let mut fields = vec![("message".to_owned(), Json::from(self.message.as_str()))];
        if !self.locations.is_empty() {
            let locations = self.locations.iter().map(|(line, column)| {
                Json::object([("line", (*line).into()), ("column", (*column).into())])
            });
            fields.push(("locations".to_owned(), Json::List(locations.collect())));
        }
        fields.push(("extensions".to_owned(), Json::Object(self.extensions.clone())));
        if !self.path.is_empty() {
            fields.push(("path".to_owned(), Json::texts(&self.path)));
        }
        Json::Object(fields)
    }
}

/// An error inside a mutation's payload.
#[derive(Debug, Clone)]
pub(crate) struct UserError {
    pub(crate) field: Option<Vec<String>>,
    pub(crate) message: String,
    pub(crate) code: Option<&'static str>,
}

impl UserError {
    pub(crate) fn new(field: &[&str], message: &str, code: Option<&'static str>) -> Self {
        let field = Some(field.iter().map(|part| (*part).to_owned()).collect());
        Self { field, message: message.to_owned(), code }
    }

    pub(crate) fn nowhere(message: &str, code: &'static str) -> Self {
        Self { field: None, message: message.to_owned(), code: Some(code) }
    }

    pub(crate) fn record(&self) -> Record {
        let field = self.field.as_ref().map(|path| Json::texts(path));
        Record::new(
            "UserError",
            [
                ("field", field.into()),
                ("message", self.message.as_str().into()),
                ("code", self.code.into()),
            ],
        )
    }
}

/// A refused mutation: the main field is null and the errors say why.
pub(crate) fn refusal(payload: &'static str, main: &'static str, errors: &[UserError]) -> Record {
    let errors = errors.iter().map(UserError::record).collect();
    Record::new(payload, [(main, Resolved::null()), ("userErrors", Resolved::records(errors))])
}

/// A mutation that was done.
pub(crate) fn done(payload: &'static str, main: &'static str, value: Resolved) -> Record {
    Record::new(payload, [(main, value), ("userErrors", Resolved::Nodes(Vec::new()))])
}
