//! Execution: walks what was selected, asks for each field what it holds, and writes it down.

use jiff::Timestamp;

use super::document::{Field, Selection};
use super::price;
use super::values::{More, Node, Page, Problem, Resolved};
use super::{goods, places, roots, sales};
use crate::json::Json;
use crate::shopify::shop::Shop;

/// One execution under way: what it has cost, what went wrong, what it warned of.
pub(crate) struct Projection {
    /// Changes after this have not reached the search index yet.
    pub(crate) indexed_until: Timestamp,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Json>,
    path: Vec<String>,
    spent: u32,
    /// An object whose point was paid with the mutation's ten.
    prepaid: u32,
}

impl Projection {
    pub(crate) fn new(indexed_until: Timestamp) -> Self {
        Self {
            indexed_until,
            problems: Vec::new(),
            warnings: Vec::new(),
            path: Vec::new(),
            spent: 0,
            prepaid: 0,
        }
    }

    pub(crate) fn spent(&self) -> u32 {
        self.spent.max(1)
    }

    pub(crate) fn spend(&mut self, points: u32) {
        self.spent += points;
    }

    /// The payload and the object directly in it were paid for already.
    pub(crate) fn prepay(&mut self) {
        self.prepaid = 2;
    }

    pub(crate) fn path(&self) -> &[String] {
        &self.path
    }

    pub(crate) fn root(&mut self, shop: &Shop, field: &Field) -> Result<Resolved, Problem> {
        self.path = vec![field.key().to_owned()];
        roots::resolve(shop, field, self)
    }

    /// The value of a field that was resolved, or null and its problem.
    pub(crate) fn settle(
        &mut self,
        shop: &Shop,
        field: &Field,
        resolved: Result<Resolved, Problem>,
    ) -> Json {
        if self.path.is_empty() || self.path.last().map(String::as_str) != Some(field.key()) {
            self.path = vec![field.key().to_owned()];
        }
        match resolved {
            Ok(resolved) => self.write(shop, field, resolved),
            Err(problem) => {
                self.problems.push(problem.at(field.position).under(&self.path));
                Json::Null
            }
        }
    }

    fn write(&mut self, shop: &Shop, field: &Field, resolved: Resolved) -> Json {
        match resolved {
            Resolved::Value(value) => value,
            Resolved::Node(node) => {
                if !costs_nothing(node.type_name()) {
                    self.pay();
                }
                self.object(shop, &node, &field.children)
            }
            Resolved::Nodes(nodes) => self.list(shop, field, nodes),
            Resolved::Page(page) => self.page(shop, field, &page),
        }
    }

    fn pay(&mut self) {
        if self.prepaid > 0 {
            self.prepaid -= 1;
        } else {
            self.spent += 1;
        }
    }

    fn list(&mut self, shop: &Shop, field: &Field, nodes: Vec<Option<Node>>) -> Json {
        let mut values = Vec::new();
        let mut paid = false;
        for node in nodes {
            let Some(node) = node else {
                values.push(Json::Null);
                continue;
            };
            let before = self.spent;
            if !costs_nothing(node.type_name()) {
                self.pay();
            }
            values.push(self.object(shop, &node, &field.children));
            // The first element pays for the list; that is what the recorded costs say.
            if paid {
                self.spent = before;
            }
            paid = true;
        }
        Json::List(values)
    }

    fn page(&mut self, shop: &Shop, field: &Field, page: &Page) -> Json {
        self.spent += price::CONNECTION;
        let mut fields = Vec::new();
        for child in collected(&field.children, "") {
            let value = match child.name.as_str() {
                "nodes" => {
                    self.rows(page, |this, _, node| this.object(shop, node, &child.children))
                }
                "edges" => self.rows(page, |this, cursor, node| {
                    this.edge(shop, cursor, node, &child.children)
                }),
                "pageInfo" => page_info(page, &child),
                _ => Json::from("Connection"),
            };
            fields.push((child.key().to_owned(), value));
        }
        Json::Object(fields)
    }

    fn rows(&mut self, page: &Page, mut write: impl FnMut(&mut Self, &str, &Node) -> Json) -> Json {
        let mut values = Vec::new();
        for (position, (cursor, node)) in page.rows.iter().enumerate() {
            let before = self.spent + 1;
            self.spent += 1;
            values.push(write(self, cursor, node));
            if position > 0 {
                self.spent = before;
            }
        }
        Json::List(values)
    }

    fn edge(&mut self, shop: &Shop, cursor: &str, node: &Node, selections: &[Selection]) -> Json {
        let mut fields = Vec::new();
        for child in collected(selections, "") {
            let value = match child.name.as_str() {
                "cursor" => cursor.into(),
                "node" => self.object(shop, node, &child.children),
                _ => Json::from("Edge"),
            };
            fields.push((child.key().to_owned(), value));
        }
        Json::Object(fields)
    }

    fn object(&mut self, shop: &Shop, node: &Node, selections: &[Selection]) -> Json {
        let mut fields = Vec::new();
        for child in collected(selections, node.type_name()) {
            self.path.push(child.key().to_owned());
            let resolved = self.resolve(shop, node, &child);
            let value = self.settle(shop, &child, resolved);
            self.path.pop();
            fields.push((child.key().to_owned(), value));
        }
        Json::Object(fields)
    }

    fn resolve(&mut self, shop: &Shop, node: &Node, field: &Field) -> Result<Resolved, Problem> {
        if field.name == "__typename" {
            let name = node.type_name();
            return Ok(if name == "CodedError" { "UserError" } else { name }.into());
        }
        match node {
            Node::Shop => Ok(roots::shop_field(shop, field)),
            Node::Item(at) => goods::item_field(shop, *at, field, self),
            Node::Variant(at) => Ok(goods::variant_field(shop, *at, field)),
            Node::Product(at) => goods::product_field(shop, *at, field, self),
            Node::Level(item, location) => Ok(places::level_field(shop, (*item, *location), field)),
            Node::Location(at) => places::location_field(shop, *at, field, self),
            Node::Order(at) => sales::order_field(shop, *at, field, self),
            Node::Line(order, line) => Ok(sales::line_field(shop, *order, *line, field)),
            Node::Record(record) => Ok(record.field(&field.name)),
        }
    }
}

fn costs_nothing(type_name: &str) -> bool {
    let free = [
        "UserError",
        "Count",
        "ShopPlan",
        "LocationAddress",
        "InventoryItemMeasurement",
        "Weight",
        "MoneyV2",
        "MoneyBag",
        "SelectedOption",
        "ApiVersion",
        "WebhookHttpEndpoint",
        "WebhookEventBridgeEndpoint",
        "WebhookPubSubEndpoint",
    ];
    free.contains(&type_name)
}

/// The fields that apply to a type, in order, with double mentions merged.
fn collected(selections: &[Selection], type_name: &str) -> Vec<Field> {
    let mut found: Vec<Field> = Vec::new();
    gather(selections, type_name, &mut found);
    found
}

fn gather(selections: &[Selection], type_name: &str, found: &mut Vec<Field>) {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                let same = found.iter_mut().find(|known| known.key() == field.key());
                match same {
                    Some(known) => known.children.extend(field.children.iter().cloned()),
                    None => found.push(field.clone()),
                }
            }
            Selection::On { type_name: on, selections } => {
                let on = on.as_deref().unwrap_or(type_name);
                // A connection's own fragments need no check; `Node` is every thing with an id.
                if type_name.is_empty() || on == type_name || on == "Node" {
                    gather(selections, type_name, found);
                }
            }
        }
    }
}

fn page_info(page: &Page, field: &Field) -> Json {
    let mut fields = Vec::new();
    for child in collected(&field.children, "") {
        let value: Json = match child.name.as_str() {
            "hasNextPage" => (page.after == More::Yes).into(),
            "hasPreviousPage" => (page.before == More::Yes).into(),
            "startCursor" => page.rows.first().map(|(cursor, _)| cursor.as_str()).into(),
            "endCursor" => page.rows.last().map(|(cursor, _)| cursor.as_str()).into(),
            _ => "PageInfo".into(),
        };
        fields.push((child.key().to_owned(), value));
    }
    Json::Object(fields)
}
