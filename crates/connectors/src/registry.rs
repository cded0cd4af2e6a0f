//! The one list of connectors. Routes, settings, docs and metrics labels are derived from it.

use crate::Connector;
use crate::prepbusiness::PrepBusiness;
use crate::shopify::Shopify;

/// Every connector of this build, in the order in which pages list them.
#[must_use]
pub fn all() -> &'static [&'static dyn Connector] {
    &[&Shopify, &PrepBusiness]
}

/// The connector with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Connector> {
    all().iter().copied().find(|connector| connector.offers().name == name)
}
