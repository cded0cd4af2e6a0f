//! One line of a reception: one item, or something that cannot be told to be an item yet.

use serde::{Deserialize, Serialize};

use super::{Moment, ReceptionTold, Told};
use crate::fact::ReceptionLineFact;
use crate::stock::ledger::QUANTITY_MAX;
use crate::{ClientId, ItemId, Number, RemoteId};

/// Longest part of a text that names a line, in bytes: rows are found by it.
const NAME_BYTES_MAX: usize = 190;

/// A line as we know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceptionLine {
    /// Whose.
    pub client: ClientId,
    /// Where its reception came from.
    pub source: String,
    /// The partner's id of its reception.
    pub source_id: RemoteId,
    /// What names it in its reception: our item (`itm_7`) once it is known which, else what its goods are called, see
    /// [`LineTold::name`].
    pub line: String,
    /// The item, once it is known which.
    pub item: Option<ItemId>,
    /// Why what was told last is not booked: a person has to look. What was booked before stays.
    pub problem: Option<String>,
    /// The latest of each thing that was told of it.
    pub told: LineTold,
    /// When its reception was last told to have these lines and no others, if that is later than its own telling.
    pub gone: bool,
    /// Units in the pool for it.
    pub booked: i64,
    /// Units in the account of what cannot be sold for it.
    pub booked_unsellable: i64,
    /// The entry that changed it last.
    pub told_by: Number,
}

/// What a partner told of one line: each with the instant of its telling.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LineTold {
    /// That it is there.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub is_there: Told<()>,
    /// The ASIN.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub asin: Told<String>,
    /// The SKU.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub sku: Told<String>,
    /// The partner's id of the item.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub remote_item: Told<String>,
    /// What people call it.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub title: Told<String>,
    /// Notes.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub notes: Told<String>,
    /// Units announced, as far as they can be.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub requested: Told<i64>,
    /// Units checked in that can be sold, in all, as far as they can be.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub received: Told<i64>,
    /// Units checked in that cannot be sold, in all, as far as they can be.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub unsellable: Told<i64>,
    /// Figures that cannot be: kept apart, so that they never move stock.
    #[serde(skip_serializing_if = "Doubted::is_empty")]
    pub doubted: Doubted,
    /// Why it could not be read, or that it could.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub unreadable: Told<Option<String>>,
}

/// Figures that cannot be: less than nothing, or more than any warehouse holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Doubted {
    /// Units announced.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub requested: Told<i64>,
    /// Units checked in that can be sold.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub received: Told<i64>,
    /// Units checked in that cannot be sold.
    #[serde(skip_serializing_if = "Told::is_untold")]
    pub unsellable: Told<i64>,
}

impl Doubted {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl LineTold {
    /// What a fact tells of a line, at the moment of its reception's telling.
    #[must_use]
    pub fn of(line: &ReceptionLineFact, at: Moment) -> Self {
        let text = |told: &Option<String>| {
            let told = told.as_ref().map(|text| text.trim().to_owned());
            Told::maybe(at, told.filter(|text| !text.is_empty()))
        };
        let remote = line.remote_item.as_ref().map(ToString::to_string);
        // Figures beside something that could not be read are no more than a guess.
        let told = |units: Option<i64>| units.filter(|_| line.unreadable.is_none());
        let sound = |units| Told::maybe(at, told(units).filter(|units| can_be(*units)));
        let doubted = |units| Told::maybe(at, told(units).filter(|units| !can_be(*units)));
        Self {
            is_there: Told::at(at, ()),
            asin: text(&line.asin),
            sku: text(&line.sku),
            remote_item: text(&remote),
            title: text(&line.title),
            notes: text(&line.notes),
            requested: sound(line.requested),
            received: sound(line.received),
            unsellable: sound(line.unsellable),
            doubted: Doubted {
                requested: doubted(line.requested),
                received: doubted(line.received),
                unsellable: doubted(line.unsellable),
            },
            unreadable: Told::at(at, line.unreadable.clone()),
        }
    }

    /// Adds another line of the same telling that is about the same item.
    pub fn add(&mut self, other: &Self) {
        let (mine, theirs) = (self.clone(), other);
        self.merge(other);
        // What could not be read may have said anything of the item.
        self.unreadable = mine.unreadable.clone();
        self.unreadable.merge(&theirs.unreadable);
        let is_readable = self.unreadable.get().is_none_or(Option::is_none);
        let sum = |mine: &Told<i64>, theirs: &Told<i64>, doubted: &mut Told<i64>| {
            if !is_readable || !doubted.is_untold() {
                return Told::default();
            }
            let sum = mine.plus(theirs);
            if sum.get().is_none_or(|units| can_be(*units)) {
                return sum;
            }
            *doubted = sum;
            Told::default()
        };
        let doubted = &mut self.doubted;
        self.requested = sum(&mine.requested, &theirs.requested, &mut doubted.requested);
        self.received = sum(&mine.received, &theirs.received, &mut doubted.received);
        self.unsellable = sum(&mine.unsellable, &theirs.unsellable, &mut doubted.unsellable);
    }

    /// Takes up what was told of another line that turns out to be the same item's. What one reading says of both is added up, as
    /// it would have been had that been known; else the newer holds, since nobody knows whether it was told together.
    pub fn join(&mut self, other: &Self) {
        let mine = self.clone();
        self.merge(other);
        let add_up =
            |mine: &Told<i64>, theirs: &Told<i64>, here: (&mut Told<i64>, &mut Told<i64>)| {
                if !mine.is_of_one_reading_with(theirs) {
                    return;
                }
                let (sum, (sound, doubted)) = (mine.plus(theirs), here);
                if sum.get().is_some_and(|units| can_be(*units)) {
                    *sound = sum;
                } else {
                    doubted.merge(&sum);
                }
            };
        let doubted = &mut self.doubted;
        let here = (&mut self.requested, &mut doubted.requested);
        add_up(&mine.requested, &other.requested, here);
        let here = (&mut self.received, &mut doubted.received);
        add_up(&mine.received, &other.received, here);
        let here = (&mut self.unsellable, &mut doubted.unsellable);
        add_up(&mine.unsellable, &other.unsellable, here);
    }

    /// Takes up what is newer in another telling.
    pub fn merge(&mut self, other: &Self) {
        self.is_there.merge(&other.is_there);
        self.asin.merge(&other.asin);
        self.sku.merge(&other.sku);
        self.remote_item.merge(&other.remote_item);
        self.title.merge(&other.title);
        self.notes.merge(&other.notes);
        self.requested.merge(&other.requested);
        self.received.merge(&other.received);
        self.unsellable.merge(&other.unsellable);
        self.doubted.requested.merge(&other.doubted.requested);
        self.doubted.received.merge(&other.doubted.received);
        self.doubted.unsellable.merge(&other.doubted.unsellable);
        merge_readable(&mut self.unreadable, &other.unreadable);
    }

    /// Whether another says the same, whenever it was told.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.asin.get() == other.asin.get()
            && self.sku.get() == other.sku.get()
            && self.remote_item.get() == other.remote_item.get()
            && self.title.get() == other.title.get()
            && self.notes.get() == other.notes.get()
            && self.requested.get() == other.requested.get()
            && self.received.get() == other.received.get()
            && self.unsellable.get() == other.unsellable.get()
    }

    /// Why what was told last of it cannot be booked, if it cannot.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        if let Some(Some(why)) = self.unreadable.get() {
            return Some(format!("it could not be read: {why}"));
        }
        let doubts = [
            ("requested", &self.doubted.requested, &self.requested),
            ("received", &self.doubted.received, &self.received),
            ("unsellable", &self.doubted.unsellable, &self.unsellable),
        ];
        let doubt = |(word, doubted, sound): (&str, &Told<i64>, &Told<i64>)| {
            // Of one moment, what was merely told may be a typo and its correction; a reading has both only of two lines.
            let is_open = sound.is_older_than(doubted) || sound.is_of_one_reading_with(doubted);
            let units = doubted.get().filter(|_| is_open)?;
            Some(format!(
                "{units} units {word} cannot be: correct it where it was entered; until then what was told before stands"
            ))
        };
        doubts.into_iter().find_map(doubt)
    }

    /// What it may be found under while nobody can tell which item it is, the best first: its SKU, its ASIN, the partner's id of
    /// the item, its title. None where nothing names it.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let named = [
            ("sku", &self.sku),
            ("asin", &self.asin),
            ("item", &self.remote_item),
            ("title", &self.title),
        ];
        named.into_iter().filter_map(|(kind, told)| Some(line_name(kind, told.get()?))).collect()
    }
}

/// Of what was merely told as of one moment, what could be read holds: whoever puts a typo right need not date it.
fn merge_readable(mine: &mut Told<Option<String>>, theirs: &Told<Option<String>>) {
    let is_moot = mine.since() == theirs.since() && !mine.is_of_one_reading_with(theirs);
    match (mine.get(), theirs.get()) {
        (Some(None), _) if is_moot => {}
        (_, Some(None)) if is_moot => mine.clone_from(theirs),
        _ => {
            mine.merge(theirs);
        }
    }
}

/// What a line is found under that is called so: `sku:DEMO-1`. As much of it as fits.
#[must_use]
pub fn line_name(kind: &str, text: &str) -> String {
    let end = (0..=text.len().min(NAME_BYTES_MAX)).rev().find(|end| text.is_char_boundary(*end));
    let start = end.and_then(|end| text.get(..end)).unwrap_or_default();
    format!("{kind}:{}", start.replace(char::is_control, ""))
}

const fn can_be(units: i64) -> bool {
    0 <= units && units <= QUANTITY_MAX
}

impl ReceptionLine {
    /// Whether a later telling of the whole reception no longer has it.
    #[must_use]
    pub fn is_gone(&self, reception: &ReceptionTold) -> bool {
        self.told.is_there.is_older_than(&reception.lines)
    }

    /// Units announced.
    #[must_use]
    pub fn requested(&self) -> i64 {
        self.units(&self.told.requested)
    }

    /// Units checked in that can be sold.
    #[must_use]
    pub fn received(&self) -> i64 {
        self.units(&self.told.received)
    }

    /// Units checked in that cannot be sold.
    #[must_use]
    pub fn unsellable(&self) -> i64 {
        self.units(&self.told.unsellable)
    }

    fn units(&self, told: &Told<i64>) -> i64 {
        if self.gone { 0 } else { told.get().copied().unwrap_or_default() }
    }

    /// Units announced that have not come.
    #[must_use]
    pub fn missing(&self) -> i64 {
        (self.requested() - self.received() - self.unsellable()).max(0)
    }

    /// What should be in the books for it: units that can be sold, and units that cannot. Nothing before it is known which item
    /// it is.
    #[must_use]
    pub fn due(&self) -> (i64, i64) {
        if self.item.is_some() { (self.received(), self.unsellable()) } else { (0, 0) }
    }

    /// Whether another says the same of it, whenever it was told.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.item == other.item
            && self.problem == other.problem
            && self.gone == other.gone
            && self.told.says_the_same(&other.told)
    }
}
