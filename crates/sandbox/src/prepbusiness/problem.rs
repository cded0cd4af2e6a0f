//! What a refused call is answered: a status, a message, and what is wrong with which field.
//!
//! The shape is the framework's, as clients of the partner report it; that 422 stands for validation is assumed.

use crate::exchange::HttpAnswer;
use crate::json::Json;

/// Why a call was refused.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) message: String,
    fields: Vec<(String, String)>,
}

impl Problem {
    fn new(status: u16, message: &str) -> Self {
        Self { status, message: message.to_owned(), fields: Vec::new() }
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(401, "Unauthenticated.")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(403, "This action is unauthorized.")
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, &format!("No query results for model [{what}]."))
    }

    pub(crate) fn no_route(path: &str) -> Self {
        Self::new(404, &format!("The route {} could not be found.", path.trim_start_matches('/')))
    }

    pub(crate) fn invalid(field: &str, message: &str) -> Self {
        let fields = vec![(field.to_owned(), message.to_owned())];
        Self { status: 422, message: message.to_owned(), fields }
    }

    pub(crate) fn answer(&self) -> HttpAnswer {
        let mut body = Json::object([("message", self.message.as_str().into())]);
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(field, message)| {
                (field.clone(), Json::texts(std::slice::from_ref(message)))
            });
            body = body.with("errors", Json::Object(fields.collect()));
        }
        HttpAnswer::json(self.status, body.plain())
    }
}
