//! Stock: our figures, and the shops' beside them.

use askama::Template;
use crossdock_domain::Instant;
use crossdock_domain::stock::Account;
use crossdock_store::reader::items::ItemStock;
use crossdock_store::{Reader, StoreError};
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece, cut};
use super::standing::{self, Judged};
use super::words::Chip;

const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "stock.html", blocks = ["badge", "said", "rows"])]
pub(super) struct Stock {
    frame: Frame,
    asked: Asked,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Asked {
    search: Option<String>,
    after: Option<String>,
    show: Option<Show>,
}

/// Which items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Show {
    #[serde(alias = "")]
    All,
    /// Those that are not in step.
    Trouble,
}

/// One item.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) href: String,
    pub(super) sku: String,
    pub(super) title: String,
    pub(super) b2b: Option<i64>,
    pub(super) b2c: Option<i64>,
    pub(super) places: Vec<PlaceRow>,
    pub(super) chip: Chip,
    pub(super) why: String,
}

/// What one shop shows of it.
#[derive(Debug)]
pub(super) struct PlaceRow {
    pub(super) key: String,
    pub(super) connection: String,
    pub(super) target: Option<i64>,
    pub(super) observed: Option<i64>,
    pub(super) seen_at: Option<Instant>,
}

impl Row {
    pub(super) fn new(frame: &Frame, stock: &ItemStock) -> Self {
        let judged = standing::judge_all(frame, stock);
        let chip = standing::of_item(stock.item.sync_enabled, judged.iter().map(|j| j.chip));
        let loudest = judged.iter().find(|j| j.chip == chip);
        Self {
            key: stock.item.id.to_string(),
            href: frame.to(&format!("/stock/{}", stock.item.id)),
            sku: stock.item.sku.clone(),
            title: stock.item.title.clone().unwrap_or_default(),
            b2b: standing::held(&stock.balances, &Account::B2B),
            b2c: standing::held(&stock.balances, &Account::B2C),
            why: loudest.map_or_else(String::new, |judged| judged.why.clone()),
            chip,
            places: judged.iter().map(PlaceRow::new).collect(),
        }
    }
}

impl PlaceRow {
    fn new(judged: &Judged) -> Self {
        let key = &judged.level.key;
        Self {
            key: format!("{}.{}.{}", key.item, key.connection, key.location),
            connection: key.connection.to_string(),
            target: judged.target,
            observed: judged.level.observed,
            seen_at: judged.level.seen_at,
        }
    }
}

impl Page for Stock {
    type Named = ();
    type Asked = Asked;
    const SECTION: Section = Section::Stock;

    fn read(reader: &Reader, frame: Frame, (): &(), asked: &Asked) -> Opened<Self> {
        let mut found = if asked.show == Some(Show::Trouble) {
            out_of_step(reader, &frame)?
        } else {
            let search = asked.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let after = asked.after.as_deref().unwrap_or_default();
            reader.items(&frame.client.id, search, after, ROWS + 1)?
        };
        let next = cut(&mut found, ROWS).map(|stock| frame.to(&asked.after(&stock.item.sku)));
        let rows = found.iter().map(|stock| Row::new(&frame, stock)).collect();
        Ok(Some(Self { rows, next, asked: asked.clone(), frame }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("rows", self.as_rows().render()?),
        ])
    }
}

fn out_of_step(reader: &Reader, frame: &Frame) -> Result<Vec<ItemStock>, StoreError> {
    let mut found = Vec::new();
    for id in reader.items_out_of_step(&frame.client.id, ROWS)? {
        found.extend(reader.item(&frame.client.id, &id.to_string())?);
    }
    Ok(found)
}

impl Asked {
    fn search(&self) -> &str {
        self.search.as_deref().unwrap_or_default()
    }

    fn only_trouble(&self) -> bool {
        self.show == Some(Show::Trouble)
    }

    fn is_first(&self) -> bool {
        self.after.is_none()
    }

    /// The address of the page that begins after a SKU.
    fn after(&self, sku: &str) -> String {
        let pairs = [("search", self.search()), ("after", sku)];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        super::shown::address("/stock", given)
    }
}
