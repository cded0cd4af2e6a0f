//! The centre as the hub meets it, and as everybody else does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use crossdock_connectors::Keys;
use crossdock_domain::Instant;
use crossdock_sandbox::exchange::{AttemptOutcome, HttpAnswer, HttpRequest, WebhookAttempt};
use serde_json::Value;

use crate::partner::centre::{Centre, Faults, INBOUNDS};
use crate::world::{Mood, Partner, Vault, stamp};

/// A hold on the centre; all that are cloned hold the same.
#[derive(Debug, Clone)]
pub(super) struct Side {
    inside: Rc<RefCell<Inside>>,
    vault: Rc<Vault>,
}

#[derive(Debug)]
struct Inside {
    centre: Centre,
    moods: VecDeque<Mood>,
    /// Whether the token that we hold opens anything.
    token_is_good: bool,
}

impl Side {
    pub(super) fn new(centre: Centre) -> Self {
        let mut vault = Vault::default();
        vault.keep("webhook_secret", &centre.setup().webhook_secret);
        let inside = Inside { centre, moods: VecDeque::new(), token_is_good: true };
        Self { inside: Rc::new(RefCell::new(inside)), vault: Rc::new(vault) }
    }

    /// Without the secret that tells genuine webhooks.
    pub(super) fn without_secret(self) -> Self {
        Self { vault: Rc::new(Vault::default()), ..self }
    }

    /// Something happens there.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Centre) -> T) -> T {
        act(&mut self.inside.borrow_mut().centre)
    }

    pub(super) fn befalls(&self, mood: Mood) {
        self.inside.borrow_mut().moods.push_back(mood);
    }

    pub(super) fn token_is_good(&self, is_good: bool) {
        self.inside.borrow_mut().token_is_good = is_good;
    }

    /// Nothing more befalls anybody.
    pub(super) fn calm(&self) {
        let mut inside = self.inside.borrow_mut();
        inside.moods.clear();
        inside.token_is_good = true;
        inside.centre.set_faults(Faults::default());
    }

    /// An inbound as the centre shows it to its own people, with its lines, whatever the weather.
    pub(super) fn shown(&self, inbound: u64, now: Instant) -> Value {
        self.with(|centre| {
            let faults = centre.faults().clone();
            centre.set_faults(Faults::default());
            let head = look(centre, &format!("{INBOUNDS}/{inbound}"), now);
            let lines = look(centre, &format!("{INBOUNDS}/{inbound}/items"), now);
            centre.set_faults(faults);
            let mut shown = head.get("shipment").cloned().unwrap_or(head);
            if let Some(fields) = shown.as_object_mut() {
                let lines = lines.get("items").cloned().unwrap_or(lines);
                fields.insert("items".to_owned(), lines);
            }
            shown
        })
    }
}

fn look(centre: &mut Centre, path: &str, now: Instant) -> Value {
    let bearer = format!("Bearer {}", centre.setup().token);
    let request = HttpRequest {
        method: "GET".to_owned(),
        path: path.to_owned(),
        headers: vec![("authorization".to_owned(), bearer)],
        body: Vec::new(),
    };
    let answer = centre.answer(&request, stamp(now));
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

impl Partner for Side {
    fn mood(&mut self) -> Mood {
        self.inside.borrow_mut().moods.pop_front().unwrap_or(Mood::Fair)
    }

    fn answer(&mut self, request: &HttpRequest, at: Instant) -> HttpAnswer {
        let is_good = self.inside.borrow().token_is_good;
        self.with(|centre| {
            let mut request = request.clone();
            let token = if is_good { &centre.setup().token } else { "revoked" };
            request.headers.push(("authorization".to_owned(), format!("Bearer {token}")));
            request.path = format!("/api{}", request.path);
            centre.answer(&request, stamp(at))
        })
    }

    fn next_due(&self) -> Option<Instant> {
        self.with(|centre| centre.next_due()).map(|at| Instant(at.as_microsecond()))
    }

    fn due(&mut self, at: Instant) -> Vec<WebhookAttempt> {
        self.with(|centre| centre.due(stamp(at)))
    }

    fn attempted(&mut self, id: u64, outcome: &AttemptOutcome, at: Instant) {
        self.with(|centre| centre.attempted(id, outcome, stamp(at)));
    }

    fn keys(&self) -> &dyn Keys {
        &*self.vault
    }
}
