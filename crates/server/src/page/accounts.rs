//! A connection that serves several merchant accounts: whose each of its accounts is, what was done for it, what waits.

use askama::Template;
use crossdock_domain::client::Client;
use crossdock_domain::connection::Connection;
use crossdock_domain::merchant::Merchant;
use crossdock_domain::stock::Pool;
use crossdock_domain::{ClientId, Instant};
use crossdock_store::{Reader, StoreError};

use super::connections::switch;
use super::frame::{Frame, Section};
use super::overview::Nothing;
use super::shown::{Opened, Page, Piece};
use super::words::{self, Chip, Tone, thousands};
use super::wrong::Press;

#[derive(Template)]
#[template(path = "accounts.html", blocks = ["badge", "said", "head", "accounts"])]
pub(super) struct Accounts {
    frame: Frame,
    id: String,
    kind: String,
    chip: Chip,
    paused: Option<(Instant, String)>,
    warnings: Vec<String>,
    presses: Vec<Press>,
    rows: Vec<Row>,
    /// Tellings that wait for somebody to say whose they are.
    waiting: u64,
}

/// One account, and the form that says whose it is.
struct Row {
    account: Merchant,
    /// Whose it is, as people call it.
    whose: Option<String>,
    chip: Chip,
    country: String,
    /// Items of which something else is counted there than our books say.
    differing: u64,
}

impl Page for Accounts {
    type Named = String;
    type Asked = Nothing;
    const SECTION: Section = Section::Connections;

    fn read(reader: &Reader, frame: Frame, named: &String, _: &Nothing) -> Opened<Self> {
        let Some(connection) = frame.shared.iter().find(|c| c.id.as_str() == named).cloned() else {
            return Ok(None);
        };
        let mut accounts = reader.merchants(Some(&connection.id))?;
        // What needs a person stands first.
        accounts.sort_by_key(|account| {
            (account.client.is_some(), account.trouble.is_none(), account.remote.clone())
        });
        let rows = accounts.into_iter().map(|account| Row::new(reader, &frame, account));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let unmapped = rows.iter().filter(|row| row.account.client.is_none());
        Ok(Some(Self {
            id: connection.id.to_string(),
            kind: frame.title_of(&connection),
            chip: words::connection(&connection),
            paused: words::paused(&connection),
            warnings: connection.warnings.clone(),
            presses: presses(&connection, frame.is_read(&connection)),
            waiting: unmapped.map(|row| row.account.tally.waiting).sum(),
            rows,
            frame,
        }))
    }

    fn pieces(&self) -> askama::Result<Vec<Piece>> {
        Ok(vec![
            Piece("badge", self.as_badge().render()?),
            Piece("said", self.as_said().render()?),
            Piece("head", self.as_head().render()?),
            Piece("accounts", self.as_accounts().render()?),
        ])
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
#[expect(clippy::unused_self, reason = "templates call methods of values")]
impl Accounts {
    fn spaced(&self, number: &u64) -> String {
        thousands(*number)
    }

    fn clients(&self) -> &[Client] {
        &self.frame.clients
    }

    fn pools(&self) -> [(&'static str, &'static str); 3] {
        [("", "as the merchant account says"), (Pool::B2b.word(), "B2B"), (Pool::B2c.word(), "B2C")]
    }

    fn journal(&self, path: &str) -> String {
        self.frame.to(&format!("{path}?shared={}", self.id))
    }
}

impl Row {
    fn new(reader: &Reader, frame: &Frame, account: Merchant) -> Result<Self, StoreError> {
        let client = account.client.as_ref();
        let known = client.and_then(|id| frame.clients.iter().find(|client| client.id == *id));
        let differing = match client {
            Some(id) => reader.drifts_of_account(id, &account.connection, &account.remote)?,
            None => 0,
        };
        Ok(Self {
            whose: client.map(|id| known.map_or_else(|| id.to_string(), |c| c.name.clone())),
            chip: chip(&account),
            country: account.destination.country.clone().unwrap_or_default(),
            differing,
            account,
        })
    }

    fn differs(&self) -> String {
        let items = words::count(self.differing, "item");
        format!("{items} counted there otherwise than in our books: see each item's page")
    }

    fn is_whose(&self, client: &ClientId) -> bool {
        self.account.client.as_ref() == Some(client)
    }

    fn goes_to(&self, pool: &str) -> bool {
        self.account.destination.pool.map_or("", Pool::word) == pool
    }

    /// A partner's webhooks need not say whose they are.
    fn is_nameless(&self) -> bool {
        self.account.remote.as_str() == "?"
    }
}

fn chip(account: &Merchant) -> Chip {
    match (&account.client, &account.trouble, account.tally.waiting) {
        (None, _, waiting) if waiting > 0 => Chip { tone: Tone::Bad, word: "waits for you" },
        (None, _, _) => Chip { tone: Tone::Warn, word: "nobody's yet" },
        (Some(_), Some(_), _) => Chip { tone: Tone::Bad, word: "trouble" },
        (Some(_), None, waiting) if waiting > 0 => {
            Chip { tone: Tone::Busy, word: "being handed on" }
        }
        (Some(_), None, _) => Chip { tone: Tone::Good, word: "mapped" },
    }
}

/// What is only told by hand cannot be read, and is not offered to be.
fn presses(connection: &Connection, is_read: bool) -> Vec<Press> {
    let press =
        |verb, label: &str| Press::new(verb, &connection.id, label).in_lane(&connection.lane);
    let readings = [("poll-changes", "Read what changed"), ("poll-all", "Read everything")];
    let readings = readings.into_iter().filter(|_| is_read);
    let mut presses: Vec<_> = readings.map(|(verb, label)| press(verb, label)).collect();
    presses.extend([
        press("test-connection", "Test connection"),
        if connection.is_live() {
            press("observe", "Announce nothing, only read")
        } else {
            press("go-live", "Go live: announce and change inbounds there")
        },
        switch(connection),
    ]);
    presses
}
