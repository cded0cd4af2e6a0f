//! One item: its explanation, as a page. What is said here is what API and command line say.

use askama::Template;
use crossdock_domain::Number;
use crossdock_domain::link::{Link, LinkKind};
use crossdock_domain::stock::{Account, Witnessed};
use crossdock_store::Reader;
use crossdock_store::reader::explain::LedgerAsked;
use serde::Deserialize;

use super::frame::{Frame, Section};
use super::shown::{Opened, Page, Piece};
use super::standing;
use super::words::{self, Chip};
use super::wrong::Press;
use crate::explain::{AccountShown, Explanation, Ground, LevelExplained, Line, Sight};

/// Movements of so many entries.
const ENTRIES: u32 = 30;

#[derive(Template)]
#[template(path = "item.html", blocks = ["badge", "said", "figures", "levels", "movements", "orders"])]
pub(super) struct ItemPage {
    frame: Frame,
    chip: Chip,
    explained: Explanation,
    links: Vec<Link>,
    witnesses: Vec<Witnessed>,
    presses: Vec<Press>,
    next: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Asked {
    before: Option<u64>,
}

impl Page for ItemPage {
    type Named = String;
    type Asked = Asked;
    const SECTION: Section = Section::Stock;

    fn read(reader: &Reader, frame: Frame, named: &String, asked: &Asked) -> Opened<Self> {
        let client = &frame.client.id;
        // Pages are the operator's.
        let (connections, sight) = (&frame.connections, Sight::House);
        let ground = Ground { reader, client, connections, now: frame.now, sight };
        let asked = LedgerAsked {
            before: asked.before.map(Number),
            limit: ENTRIES,
            ..LedgerAsked::default()
        };
        let Some(explained) = Explanation::read(ground, named, &asked)? else { return Ok(None) };
        let chips = explained.levels.iter().map(|level| level.state);
        let next =
            explained.next.map(|before| format!("/stock/{}?before={before}", explained.item));
        Ok(Some(Self {
            chip: standing::of_item(explained.sync_enabled, chips),
            links: reader.links(client, explained.item)?,
            witnesses: reader.witnessed(client, explained.item)?,
            presses: presses(&explained),
            next: next.map(|path| frame.to(&path)),
            explained,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("figures", self.as_figures().render()?),
            Piece("levels", self.as_levels().render()?),
            Piece("movements", self.as_movements().render()?),
            Piece("orders", self.as_orders().render()?),
        ])
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
impl ItemPage {
    fn kind(&self, kind: &LinkKind) -> &'static str {
        let _ = self;
        match kind {
            LinkKind::Counter => "stock counter",
            LinkKind::Variant => "variant",
        }
    }

    /// Whether what can be sold grew or shrank.
    fn sign(&self, line: &Line) -> &'static str {
        let _ = self;
        match line.change {
            0 => "",
            1.. => "+",
            _ => "−",
        }
    }

    /// The two words on units that nothing explains.
    fn words(&self, level: &LevelExplained) -> [Press; 2] {
        let subject = format!("{}/{}", self.explained.item, level.connection);
        [
            Press::new("accept-unexplained", &subject, "Accept: they can be sold"),
            Press::new(
                "set-back-unexplained",
                &subject,
                "Set back: the shop's counter is set back",
            ),
        ]
    }

    /// What a prep centre counts, beside ours, in a sentence.
    fn counted(&self, row: &Witnessed) -> String {
        let _ = self;
        let ours = row.held.saturating_add(row.committed);
        let of_pool = |pool| words::account(&Account::Pool(pool));
        let pool = row.pool.map_or_else(|| "B2B and B2C".to_owned(), of_pool);
        match (row.counted, row.drift) {
            (None, _) => "It has counted nothing yet that can be.".to_owned(),
            (Some(counted), 0) => format!("It counts {counted}, as our books do ({pool})."),
            (Some(counted), drift) => format!(
                "It counts {counted}; by our books it was {ours} ({pool}: {} to be sold, {} taken for orders): {drift:+}.",
                row.held, row.committed
            ),
        }
    }

    fn units(&self, units: &i64) -> String {
        let _ = self;
        words::count(units.unsigned_abs(), "unit")
    }

    /// The pools, and the accounts that hold anything or were moved to or from on this page.
    fn accounts(&self) -> impl Iterator<Item = &AccountShown> {
        let is_shown = |sum: &&AccountShown| {
            let is_pool = matches!(sum.account, Account::Pool(_));
            is_pool || sum.balance != 0 || sum.shown != 0 || sum.opening != 0
        };
        self.explained.accounts.iter().filter(is_shown)
    }
}

fn presses(item: &Explanation) -> Vec<Press> {
    let switch = if item.sync_enabled {
        Press::new("stop-writing", &item.item, "Stop writing stock")
    } else {
        Press::new("start-writing", &item.item, "Write stock to shops")
    };
    vec![Press::new("sync-item", &item.item, "Sync now"), switch]
}
