//! What Shopify answers: GraphQL responses and tokens, as they stand on the wire.
//!
//! Tolerant as [`super::wire`] is, with one exception: where absence could be taken for good news (no error,
//! nothing stocked), the key must be there.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::wire::Text;

/// Any GraphQL response. Its parts are read one by one, because one of them being odd says nothing about the
/// others.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Envelope<'a> {
    pub(super) data: Option<&'a RawValue>,
    pub(super) errors: Option<&'a RawValue>,
    pub(super) extensions: Option<&'a RawValue>,
}

/// One of `errors[]`.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct GraphError<'a> {
    pub(super) message: Option<Text<'a>>,
    pub(super) path: Option<Vec<&'a RawValue>>,
    pub(super) extensions: Option<ErrorExtensions<'a>>,
}

/// What an error says beyond its message.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ErrorExtensions<'a> {
    pub(super) code: Option<Text<'a>>,
    pub(super) required_access: Option<Text<'a>>,
    pub(super) problems: Option<Vec<Problem<'a>>>,
}

/// Where in a variable a validation error lies.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Problem<'a> {
    pub(super) path: Option<Vec<&'a RawValue>>,
    pub(super) explanation: Option<Text<'a>>,
}

/// `extensions` of a response.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Extensions<'a> {
    pub(super) cost: Option<Cost<'a>>,
    pub(super) search: Option<Vec<Search<'a>>>,
}

/// What the call cost, and what is left.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Cost<'a> {
    pub(super) requested_query_cost: Option<&'a RawValue>,
    pub(super) throttle_status: Option<Throttle<'a>>,
}

/// The bucket.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Throttle<'a> {
    pub(super) maximum_available: &'a RawValue,
    pub(super) currently_available: &'a RawValue,
    pub(super) restore_rate: &'a RawValue,
}

/// How a search was understood.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Search<'a> {
    pub(super) warnings: Option<Vec<SearchWarning<'a>>>,
}

/// What of a search was ignored.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct SearchWarning<'a> {
    pub(super) field: Option<Text<'a>>,
    pub(super) message: Option<Text<'a>>,
}

/// `data` of `set_levels.graphql`.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct LevelsSet<'a> {
    pub(super) inventory_set_quantities: SetPayload<'a>,
}

/// `data` of `adjust_level.graphql`.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct LevelAdjusted<'a> {
    pub(super) inventory_adjust_quantities: SetPayload<'a>,
}

/// The outcome of a write.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct SetPayload<'a> {
    /// Not an option: `null` says that nothing had to change, absence says nothing.
    pub(super) inventory_adjustment_group: &'a RawValue,
    pub(super) user_errors: Vec<UserError<'a>>,
}

/// The record of a write.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct AdjustmentGroup<'a> {
    pub(super) created_at: Option<&'a RawValue>,
}

/// One of `userErrors[]`.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct UserError<'a> {
    pub(super) field: Option<Vec<&'a RawValue>>,
    pub(super) message: Option<Text<'a>>,
    pub(super) code: Option<Text<'a>>,
}

/// `data` of `read_levels*.graphql`: group → items.
pub(super) type LevelsRead<'a> = BTreeMap<&'a str, Vec<Option<ItemNode<'a>>>>;

/// An item with its level at one location.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ItemNode<'a> {
    pub(super) id: Text<'a>,
    pub(super) tracked: bool,
    /// Not an option: `null` says that the item is not stocked there, absence says nothing.
    pub(super) inventory_level: &'a RawValue,
}

/// A level.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct LevelNode<'a> {
    pub(super) id: Text<'a>,
    pub(super) updated_at: Option<&'a RawValue>,
    pub(super) quantities: Vec<Quantity<'a>>,
}

/// One named quantity of a level.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Quantity<'a> {
    pub(super) name: Text<'a>,
    pub(super) quantity: &'a RawValue,
}

/// `data` of `read_items.graphql`.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ItemsRead<'a> {
    pub(super) product_variants: VariantPage<'a>,
}

/// `data` of `read_all.graphql`.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct AllRead<'a> {
    pub(super) inventory_items: ItemPage<'a>,
}

/// A page of items with their levels at one location.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ItemPage<'a> {
    pub(super) nodes: Vec<ItemNode<'a>>,
    pub(super) page_info: PageInfo<'a>,
}

/// `data` of `read_changes.graphql`.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ChangesRead<'a> {
    /// Not an option: `null` says that there is no such location, absence says nothing.
    pub(super) location: &'a RawValue,
}

/// A location with its levels.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ChangedAt<'a> {
    pub(super) inventory_levels: ChangedPage<'a>,
}

/// A page of levels.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ChangedPage<'a> {
    pub(super) nodes: Vec<ChangedLevel<'a>>,
    pub(super) page_info: PageInfo<'a>,
}

/// A level with its item.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ChangedLevel<'a> {
    pub(super) id: Text<'a>,
    pub(super) is_active: bool,
    pub(super) updated_at: Option<&'a RawValue>,
    pub(super) item: TrackedItem<'a>,
    pub(super) quantities: Vec<Quantity<'a>>,
}

/// An item, and whether it is counted.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct TrackedItem<'a> {
    pub(super) id: Text<'a>,
    pub(super) tracked: bool,
}

/// A page of variants.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct VariantPage<'a> {
    pub(super) nodes: Vec<Variant<'a>>,
    pub(super) page_info: PageInfo<'a>,
}

/// Whether and where another page begins.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct PageInfo<'a> {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<Text<'a>>,
}

/// A variant with what is counted for it.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Variant<'a> {
    pub(super) id: Text<'a>,
    pub(super) sku: Option<Text<'a>>,
    pub(super) display_name: Option<Text<'a>>,
    pub(super) inventory_item: CountedItem<'a>,
}

/// What is counted for a variant.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct CountedItem<'a> {
    pub(super) id: Text<'a>,
    pub(super) tracked: Option<bool>,
    pub(super) updated_at: Option<&'a RawValue>,
}

/// `data` of `test.graphql`; any part may be missing for want of a scope.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Tested<'a> {
    pub(super) shop: Option<TestedShop<'a>>,
    pub(super) current_app_installation: Option<Installation<'a>>,
    pub(super) public_api_versions: Option<Vec<ApiVersion<'a>>>,
    pub(super) location: Option<Location<'a>>,
}

/// As whom we are connected.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct TestedShop<'a> {
    pub(super) name: Text<'a>,
    pub(super) myshopify_domain: Text<'a>,
}

/// What we may do.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Installation<'a> {
    pub(super) access_scopes: Vec<Scope<'a>>,
}

/// One permission.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Scope<'a> {
    pub(super) handle: Text<'a>,
}

/// One version of the API.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct ApiVersion<'a> {
    pub(super) handle: Text<'a>,
    pub(super) supported: bool,
}

/// A location.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Location<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) is_active: bool,
}

/// The answer to a request for a token.
#[derive(Debug, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct Token<'a> {
    /// Struck out before it gets here; only whether there was one can be told.
    #[serde(rename = "access_token")]
    pub(super) secret: &'a RawValue,
    pub(super) expires_in: &'a RawValue,
    pub(super) scope: Option<Text<'a>>,
}

/// The answer to a refused request for a token.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct TokenRefused<'a> {
    pub(super) error: Option<Text<'a>>,
    pub(super) error_description: Option<Text<'a>>,
}
