//! What a webhook says. In `api` mode it says at most what is to be read: the fetched object counts, whatever the delivery
//! claims. In `manual` mode there is nothing to fetch, so what an inbound shipment's delivery says is so.

use crossdock_domain::connection::Connection;
use crossdock_domain::fact::Fact;

use super::admission::DOORBELL;
use super::mapping::{self, RECEPTION};
use super::settings::{self, Mode};
use super::shapes::{self, Shape};
use super::wire::{Envelope, Object, brief};
use crate::{Delivery, Reading, Unreadable};

pub(super) fn reading(
    topic: &str,
    delivery: &Delivery<'_>,
    connection: &Connection,
) -> Result<Reading, Unreadable> {
    if topic == DOORBELL {
        let note = "nobody vouches for it, since no webhook_secret is set: it only brings the next \
                    reading forward";
        return Ok(Reading { facts: vec![Fact::SomethingChanged], note: Some(note.to_owned()) });
    }
    let envelope = Envelope::open(delivery.body).map_err(|why| Unreadable { why })?;
    let mode = settings::mode(connection);
    let mut told = Told::default();
    match entity(topic) {
        shapes::INBOUND | shapes::UNKNOWN => match disagreement(topic, &envelope) {
            Some(note) => told.left_out(note),
            None => told.take_all(topic, &envelope, mode),
        },
        "order" => told.notes.push("orders are goods going out: no reception comes of one".into()),
        "transportation_tracking" => {
            told.left_out("a parcel's progress does not say of which inbound shipment".into());
        }
        _ => told.notes.push(format!("nothing follows here from `{}`", brief(topic))),
    }
    Ok(told.finished(mode))
}

/// The part of a topic that says what it is about: `inbound_shipment` of `inbound_shipment.received`.
fn entity(topic: &str) -> &str {
    topic.split_once('.').map_or(topic, |(entity, _)| entity)
}

/// Why address and body cannot both be right.
fn disagreement(topic: &str, envelope: &Envelope<'_>) -> Option<String> {
    let said = envelope.topic.as_deref()?;
    let differs = entity(said) != entity(topic) && entity(topic) != shapes::UNKNOWN;
    differs.then(|| {
        format!("it came to an address for `{}` and calls itself `{}`", brief(topic), brief(said))
    })
}

/// What was read so far.
#[derive(Default)]
struct Told {
    facts: Vec<Fact>,
    notes: Vec<String>,
    /// Something may have changed that no fact names.
    has_left_out: bool,
}

impl Told {
    fn left_out(&mut self, why: String) {
        self.notes.push(why);
        self.has_left_out = true;
    }

    fn take_all(&mut self, topic: &str, envelope: &Envelope<'_>, mode: Mode) {
        if envelope.objects.is_empty() {
            self.left_out("it is about nothing".to_owned());
        }
        for object in &envelope.objects {
            let read = is_inbound(object, topic).and_then(|()| match mode {
                Mode::Api => hint(object, envelope),
                Mode::Manual => self.whole(object, envelope),
            });
            match read {
                Ok(fact) => self.facts.push(fact),
                Err(why) => self.left_out(why),
            }
        }
    }

    fn whole(&mut self, object: &Object<'_>, envelope: &Envelope<'_>) -> Result<Fact, String> {
        let mut read = mapping::reception(object)?;
        self.notes.append(&mut read.odd);
        if read.fact.merchant.is_none() {
            read.fact.merchant = mapping::merchant(&envelope.around)?;
        }
        Ok(Fact::Reception(read.fact))
    }

    fn finished(mut self, mode: Mode) -> Reading {
        if self.has_left_out && mode == Mode::Api {
            self.facts.push(Fact::SomethingChanged);
        }
        let note = (!self.notes.is_empty()).then(|| self.notes.join("; "));
        Reading { facts: self.facts, note }
    }
}

/// Which inbound shipment is to be read.
fn hint(object: &Object<'_>, envelope: &Envelope<'_>) -> Result<Fact, String> {
    // A line names its shipment, and its own id is another's.
    let is_line = object.get("item_id").is_said();
    let id = if is_line { object.get("shipment_id") } else { object.any(&RECEPTION) };
    let reception = id.id("id")?.ok_or("it does not say which inbound shipment it is about")?;
    let merchant = match mapping::merchant(object)? {
        None => mapping::merchant(&envelope.around)?,
        some => some,
    };
    Ok(Fact::ReceptionChanged { merchant, reception })
}

fn is_inbound(object: &Object<'_>, topic: &str) -> Result<(), String> {
    let shape = shapes::shape_sent(object);
    match shape.objection() {
        Some(why) => Err(format!("{why}, so no reception comes of it")),
        None if shape == Shape::Unclear && entity(topic) != shapes::INBOUND => Err(
            "nothing tells what it is about: have each event sent to an address of its own, such as \
             /webhooks/{connection}/inbound_shipment.received"
                .to_owned(),
        ),
        None => Ok(()),
    }
}
