//! Performing: who does what for each act. What is impossible at the centre just then does not happen.

use crossdock_domain::LaneId;
use crossdock_domain::command::{Command, PutItem};

use super::act::PrepAct;
use super::scene::{ACCOUNTS, CENTRE, Road};
use super::stage::{Stage, centre};
use crate::finding::{Finding, Found};
use crate::partner::centre::{Centre, GoodsTruth, InboundTruth, LineTruth, Units, Which};
use crate::world::stamp;

/// What merchants call what they announce.
pub(super) const ANNOUNCED: &str = "goods";

impl Stage {
    #[expect(clippy::wildcard_enum_match_arm, reason = "each player knows his own acts only")]
    pub(super) fn perform(&mut self, act: &PrepAct) -> Found<()> {
        match act {
            PrepAct::Map { account } => self.map(*account),
            PrepAct::Remap { account, client, accepts } => self.remap(*account, *client, *accepts),
            PrepAct::WeAnnounce { account, reference, is_lost } => {
                self.answers_are_lost(*is_lost);
                self.we_announce(*account, *reference)
            }
            PrepAct::WeSubmit { inbound, parcel, is_lost } => {
                self.answers_are_lost(*is_lost);
                self.we_submit(*inbound, *parcel)
            }
            PrepAct::Poll { all } => self.poll(*all),
            PrepAct::Tell { inbound, is_table } => self.tell(*inbound, *is_table),
            PrepAct::Catalogue { account, goods } => self.catalogue(*account, *goods),
            PrepAct::Replay { back } => self.replay(*back),
            PrepAct::Forge { back } => self.forge(*back),
            PrepAct::Pause => {
                let why = "a look".to_owned();
                self.give(&Command::PauseConnection { connection: centre()?, why }).map(|_| ())
            }
            PrepAct::Resume => self.resume(),
            PrepAct::NewToken => {
                self.side.token_is_good(true);
                self.resume()
            }
            PrepAct::Restart => self.world.start_again(),
            PrepAct::LoseToken => {
                self.side.token_is_good(false);
                Ok(())
            }
            PrepAct::Weather(front) => {
                let faults = front.faults();
                self.side.with(|centre| centre.set_faults(faults));
                Ok(())
            }
            PrepAct::Befalls(mood) => {
                self.side.befalls(*mood);
                Ok(())
            }
            PrepAct::Crash(point) => {
                self.world.crash = Some(*point);
                Ok(())
            }
            other => self.at_the_centre(other),
        }
    }

    fn resume(&mut self) -> Found<()> {
        self.give(&Command::ResumeConnection { connection: centre()? }).map(|_| ())
    }

    fn poll(&mut self, all: bool) -> Found<()> {
        if self.scene.road == Road::Told {
            return Ok(());
        }
        self.give(&Command::Poll { connection: centre()?, all }).map(|_| ())
    }

    /// What people do there with a whole inbound.
    #[expect(clippy::wildcard_enum_match_arm, reason = "each player knows his own acts only")]
    fn at_the_centre(&mut self, act: &PrepAct) -> Found<()> {
        let now = stamp(self.world.now);
        match act {
            PrepAct::Announce { account, lines } => return self.announce(*account, lines),
            PrepAct::AnnounceMany { account, count } => {
                for goods in 0..*count {
                    self.announce(*account, &[(goods, 3)])?;
                }
            }
            PrepAct::Ship { inbound, parcels } => self.at_inbound(*inbound, |centre, it| {
                let number = |parcel| format!("1Z{:06}{parcel}", it.id);
                let numbers: Vec<_> = (0..*parcels).map(number).collect();
                centre.ship(it.id, "ups", &numbers, now)
            }),
            PrepAct::Track { inbound } => {
                self.at_inbound(*inbound, |centre, it| centre.track(it.id, now));
            }
            PrepAct::Receive { inbound } => {
                self.at_inbound(*inbound, |centre, it| centre.receive(it.id, now));
            }
            PrepAct::Archive { inbound } => {
                self.at_inbound(*inbound, |centre, it| centre.archive(it.id, now));
            }
            PrepAct::Reassign { inbound, account } => return self.reassign(*inbound, *account),
            other => return self.count(other),
        }
        Ok(())
    }

    /// What they do with a line of one.
    #[expect(clippy::wildcard_enum_match_arm, reason = "each player knows his own acts only")]
    fn count(&mut self, act: &PrepAct) -> Found<()> {
        let now = stamp(self.world.now);
        match act {
            PrepAct::CheckIn { inbound, line, units } => {
                self.at_line(*inbound, *line, |centre, it, line| {
                    centre.check_in(it.id, &[of(line.item_id, *units)], now)
                });
            }
            PrepAct::Unsellable { inbound, line, units } => {
                self.at_line(*inbound, *line, |centre, it, line| {
                    centre.find_unsellable(it.id, &[of(line.item_id, *units)], now)
                });
            }
            PrepAct::Recount { inbound, line, sellable, unsellable } => {
                self.at_line(*inbound, *line, |centre, it, line| {
                    let counted = (*sellable, *unsellable);
                    centre.recount(it.id, &Which::Id(line.item_id), counted, now)
                });
            }
            PrepAct::Change { inbound, line, units } => {
                self.at_line(*inbound, *line, |centre, it, line| {
                    centre.change_announced(it.id, &of(line.item_id, *units), now)
                });
            }
            PrepAct::CheckInOther { inbound, goods, units } => {
                let mut all = self.side.with(|centre| centre.truth());
                self.at_inbound(*inbound, |centre, it| {
                    all.retain(|one| one.merchant_id == it.merchant_id);
                    let Some(one) = pick(&all, *goods) else { return Ok(()) };
                    centre.check_in(it.id, &[of(one.item_id, *units)], now)
                });
            }
            other => return Err(Finding::Play(format!("nobody does {other:?}"))),
        }
        Ok(())
    }

    fn announce(&mut self, account: usize, lines: &[(usize, i64)]) -> Found<()> {
        let goods = self.goods_of(account);
        let Some(known) = ACCOUNTS.get(account) else { return Ok(()) };
        let lines = lines.iter().filter_map(|(at, n)| Some(of(pick(&goods, *at)?.item_id, *n)));
        let (lines, now): (Vec<_>, _) = (lines.collect(), stamp(self.world.now));
        let done = self.side.with(|centre| centre.announce(known.id, ANNOUNCED, &lines, now));
        done.map(|_| ()).map_err(super::stage::bad)
    }

    pub(super) fn goods_of(&self, account: usize) -> Vec<GoodsTruth> {
        let id = ACCOUNTS.get(account).map(|one| one.id);
        let mut goods = self.side.with(|centre| centre.truth());
        goods.retain(|one| Some(one.merchant_id) == id);
        goods
    }

    pub(super) fn inbound(&self, at: usize) -> Option<InboundTruth> {
        pick(&self.side.with(|centre| centre.inbounds_truth()), at).cloned()
    }

    /// Something is done to an inbound, if that is possible just then.
    fn at_inbound<E>(
        &mut self,
        at: usize,
        act: impl FnOnce(&mut Centre, &InboundTruth) -> Result<(), E>,
    ) {
        if let Some(inbound) = self.inbound(at) {
            let _impossible_now = self.side.with(|centre| act(centre, &inbound)).is_err();
        }
    }

    fn at_line<E>(
        &mut self,
        at: usize,
        line: usize,
        act: impl FnOnce(&mut Centre, &InboundTruth, &LineTruth) -> Result<(), E>,
    ) {
        self.at_inbound(at, |centre, it| match pick(&it.lines, line) {
            Some(line) => act(centre, it, line),
            None => Ok(()),
        });
    }

    /// A catalogue names goods by SKU and ASIN; such as have no SKU get one.
    fn catalogue(&mut self, account: usize, at: usize) -> Found<()> {
        let goods = self.goods_of(account);
        let Some(one) = pick(&goods, at) else { return Ok(()) };
        let asin = one.asin.clone().filter(|asin| !asin.is_empty());
        let named = || asin.as_ref().map(|_| format!("NAMED-{}", one.merchant_id));
        let Some(sku) = one.sku.clone().or_else(named) else { return Ok(()) };
        let put = PutItem { sku, asin, ..PutItem::default() };
        let lane = LaneId::Client(self.owner(one.merchant_id)?);
        self.give_in(&lane, &Command::PutItem(put)).map(|_| ())
    }

    /// An old delivery comes once more; it is known by its bytes.
    fn replay(&mut self, back: usize) -> Found<()> {
        let known: Vec<_> = self.delivered.iter().cloned().collect();
        let Some(attempt) = pick(&known, back) else { return Ok(()) };
        if let Ok(arrival) = self.world.knock_from(CENTRE, attempt)? {
            self.world.arrive(arrival);
        }
        Ok(())
    }

    /// The signature of one delivery under the words of another is no signature.
    fn forge(&mut self, back: usize) -> Found<()> {
        let known: Vec<_> = self.delivered.iter().cloned().collect();
        let Some(attempt) = pick(&known, back) else { return Ok(()) };
        let mut forged = attempt.clone();
        forged.body.push(b' ');
        let let_in = self.world.knock_from(CENTRE, &forged)?.is_ok();
        let is_judged = self.scene.road != Road::Doorbell;
        if let_in && is_judged { Err(Finding::ForgeryLetIn) } else { Ok(()) }
    }
}

fn of(item: u64, quantity: i64) -> Units {
    Units { which: Which::Id(item), quantity }
}

/// The one that a number means.
pub(super) fn pick<T>(all: &[T], at: usize) -> Option<&T> {
    all.get(at.checked_rem(all.len())?)
}
