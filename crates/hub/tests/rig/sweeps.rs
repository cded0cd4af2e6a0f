//! Reconciliations of the rig's shop: how they are asked for and looked at, and what they are to find.

use crossdock_domain::Number;
use crossdock_domain::Span;
use crossdock_domain::command::Command;
use crossdock_domain::entry::{Outcome, OutcomeKind};
use crossdock_domain::sweep::{Finding, Sweep};
use crossdock_sandbox::shopify::Setup;
use crossdock_store::reader::sweeps::SweepFilter;

use super::Rig;

/// A shop of so many items with ten units each.
pub(crate) fn shop_of(items: usize) -> Setup {
    Setup { items, opening: 10..=10, ..Setup::default() }
}

pub(crate) fn sku(n: usize) -> String {
    format!("DEMO-{n:03}")
}

impl Rig {
    /// An engine with one shop of so many items with ten units each, all of them linked.
    pub(crate) fn stocked(items: usize) -> Self {
        let mut rig = Self::with(shop_of(items));
        rig.link_all("shop");
        rig
    }

    pub(crate) fn reconcile(&mut self, all: bool) -> Outcome {
        self.obey(&Command::Reconcile { connection: "shop".parse().unwrap(), all })
    }

    /// A whole run of everything, or of what has changed, from its command to its end.
    pub(crate) fn swept(&mut self, all: bool) -> (Sweep, Vec<Finding>) {
        let number = self.begin(all);
        self.settle();
        self.report(number)
    }

    pub(crate) fn begin(&mut self, all: bool) -> Number {
        let command = Command::Reconcile { connection: "shop".parse().unwrap(), all };
        let folded = self.command(&command);
        assert_eq!(folded.outcome.kind, OutcomeKind::Applied, "{:?}", folded.outcome);
        folded.number
    }

    pub(crate) fn report(&self, number: Number) -> (Sweep, Vec<Finding>) {
        let (reader, client) = (self.reader(), self.client());
        let sweep = reader.sweep(&client, Some(number)).unwrap().unwrap();
        (sweep, reader.findings(&client, number, (0, 1_000)).unwrap())
    }

    pub(crate) fn sweeps(&self) -> Vec<Sweep> {
        let filter = SweepFilter { limit: 100, ..SweepFilter::default() };
        self.reader().sweeps(&self.client(), &filter).unwrap()
    }

    /// What is told of levels is lost from now on; what is told of orders is not.
    pub(crate) fn lose_levels(&mut self) {
        let lost = "inventory_levels/update".to_owned();
        self.shop().weather(|faults| faults.webhooks.drop_topics = vec![lost]);
    }

    /// Sets items to a figure at the shop. Nobody tells us, and a minute later it is no longer to be expected.
    pub(crate) fn edit_unheard(&mut self, skus: impl IntoIterator<Item: AsRef<str>>, to: i64) {
        self.lose_levels();
        for sku in skus {
            self.edit(sku.as_ref(), to);
        }
        self.run(Span::from_s(60));
    }
}
