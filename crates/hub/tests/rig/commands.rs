//! What is asked of the engine, and what can be looked up in it.

use crossdock_domain::command::{Command, LinkHow, LinkWish, OrderLine, PutItem};
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::item::Allocation;
use crossdock_domain::order::Source;
use crossdock_domain::stock::{Account, Level};
use crossdock_domain::sync::SyncResult;
use crossdock_domain::task::{Task, TaskState, Work};
use crossdock_domain::{ClientId, Number};
use crossdock_hub::{Folded, command_arrival};
use crossdock_store::reader::items::ItemStock;
use crossdock_store::{Kept, Reader};

use super::Rig;

/// How an item is linked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) adopt: bool,
    pub(crate) sync: bool,
    pub(crate) allocation: Allocation,
}

impl Default for Terms {
    fn default() -> Self {
        Self { adopt: true, sync: true, allocation: Allocation::Shared }
    }
}

impl Rig {
    /// Gives a command and returns how it ended.
    pub(crate) fn obey(&mut self, command: &Command) -> Outcome {
        self.command(command).outcome
    }

    /// Gives a command.
    pub(crate) fn command(&mut self, command: &Command) -> Folded {
        let (id, lane, now) = (self.id(), self.lane.clone(), self.now);
        self.fold(command_arrival(id, lane, command, "test", None, now))
    }

    /// Makes an item of every SKU of the shop that is there once, takes its figure over and publishes to it.
    pub(crate) fn link_all(&mut self, connection: &str) {
        let connection = connection.parse().unwrap();
        let how = LinkHow { adopt: true, sync: true };
        let outcome = self.obey(&Command::LinkAll { connection, how, create: true });
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
        self.settle();
    }

    /// Makes an item and links it with the shop's of the same SKU, by id.
    pub(crate) fn link(&mut self, connection: &str, sku: &str, terms: Terms) {
        let truth = self.shops.get(connection).unwrap().truth(sku);
        let wish = LinkWish {
            connection: connection.parse().unwrap(),
            inventory_item: truth.inventory_item_id.to_string().parse().unwrap(),
            variant: Some(truth.variant_id.to_string().parse().unwrap()),
            adopt: terms.adopt,
        };
        let outcome = self.obey(&Command::PutItem(PutItem {
            sku: sku.to_owned(),
            links: vec![wish],
            sync: Some(terms.sync),
            allocation: Some(terms.allocation),
            ..PutItem::default()
        }));
        assert_eq!(outcome.kind, OutcomeKind::Applied, "{outcome:?}");
    }

    /// Links items, each with its opening stock taken over, and waits until all is calm.
    pub(crate) fn linked(mut self, skus: &[&str]) -> Self {
        for sku in skus {
            self.link("shop", sku, Terms::default());
        }
        self.settle();
        self
    }

    pub(crate) fn pause(&mut self, connection: &str) {
        let (connection, why) = (connection.parse().unwrap(), "a test".to_owned());
        self.obey(&Command::PauseConnection { connection, why });
    }

    pub(crate) fn resume(&mut self, connection: &str) {
        self.obey(&Command::ResumeConnection { connection: connection.parse().unwrap() });
    }

    /// Receives the command, and leaves the folding to others.
    pub(crate) fn resume_without_a_turn(&mut self, connection: &str) {
        let command = Command::ResumeConnection { connection: connection.parse().unwrap() };
        let (id, lane, now) = (self.id(), self.lane.clone(), self.now);
        let arrival = command_arrival(id, lane, &command, "test", None, now);
        self.hub().begin().unwrap();
        self.hub().receive(&arrival).unwrap();
        self.hub().commit().unwrap();
    }

    pub(crate) fn order(&mut self, reference: &str, lines: &[(&str, i64)]) -> Outcome {
        let line = |(item, quantity): &(&str, i64)| OrderLine {
            item: (*item).to_owned(),
            quantity: *quantity,
            source: Source::Pool,
        };
        let lines = lines.iter().map(line).collect();
        self.obey(&Command::PlaceOrder { order: reference.parse().unwrap(), lines })
    }

    pub(crate) fn cancel(&mut self, reference: &str) -> Outcome {
        self.obey(&Command::CancelOrder { order: reference.parse().unwrap() })
    }

    pub(crate) fn allocate(&mut self, sku: &str, quantity: i64, from: &str, to: &str) -> Outcome {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        self.obey(&Command::Allocate { item: sku.to_owned(), quantity, from, to })
    }

    /// Asks for everything, or one item, to be in step, and says in which run.
    pub(crate) fn sync(&mut self, item: Option<&str>) -> Number {
        self.command(&Command::Sync { item: item.map(str::to_owned) }).number
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::at(&self.disk().place().unwrap()).unwrap()
    }

    pub(crate) fn client(&self) -> ClientId {
        self.lane.client().unwrap().clone()
    }

    pub(crate) fn stock(&self, sku: &str) -> ItemStock {
        self.reader().item(&self.client(), sku).unwrap().unwrap()
    }

    pub(crate) fn balance(&self, sku: &str, account: &str) -> i64 {
        let account: Account = account.parse().unwrap();
        let balances = self.stock(sku).balances;
        balances.iter().find(|b| b.account == account).map_or(0, |b| b.quantity)
    }

    pub(crate) fn b2c(&self, sku: &str) -> i64 {
        self.balance(sku, "b2c")
    }

    /// The level at the location where the shop's stock is published.
    pub(crate) fn level(&self, sku: &str) -> Level {
        self.level_at("shop", sku)
    }

    pub(crate) fn level_at(&self, connection: &str, sku: &str) -> Level {
        let levels = self.stock(sku).levels;
        let here = levels.into_iter().find(|level| level.key.connection.as_str() == connection);
        here.unwrap()
    }

    pub(crate) fn available(&mut self, sku: &str) -> i64 {
        self.shop().truth(sku).available
    }

    pub(crate) fn runs(&self, run: Number) -> Vec<SyncResult> {
        self.reader().sync_results(&self.client(), run).unwrap()
    }

    /// Every task that is not over.
    pub(crate) fn open_tasks(&mut self) -> Vec<Task> {
        self.world.open_tasks().unwrap()
    }

    /// Reads and writes of single levels that are not over.
    pub(crate) fn level_tasks(&mut self) -> Vec<Task> {
        let is_of_level =
            |task: &Task| matches!(task.work, Work::SetLevel { .. } | Work::ReadLevel { .. });
        self.open_tasks().into_iter().filter(is_of_level).collect()
    }

    pub(crate) fn stuck_tasks(&mut self) -> Vec<Task> {
        self.open_tasks().into_iter().filter(|task| task.state == TaskState::Stuck).collect()
    }

    pub(crate) fn get<R: Kept>(&mut self, key: &R::Key) -> R {
        self.hub().store().get(key).unwrap().unwrap()
    }

    /// Both sides agree on an item, and nothing is owed.
    pub(crate) fn assert_in_step(&mut self, sku: &str) {
        let (level, b2c, theirs) = (self.level(sku), self.b2c(sku), self.available(sku));
        assert_eq!(
            level.observed,
            Some(theirs),
            "{sku}: what we saw is what stands there: {level:?}"
        );
        let reached = theirs == b2c || (b2c <= 0 && theirs <= 0);
        assert!(reached, "{sku}: theirs is {theirs}, ours {b2c}");
    }
}
