//! The list of what exists: types, their fields, and the arguments of mutations.
//!
//! The one list that validation, pricing and execution go by. Signs: `>` an object, `~` a value
//! object that costs nothing, `[]` a list of objects, `*` a connection; nothing: a scalar.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Scalar,
    Object(&'static str),
    Value(&'static str),
    List(&'static str),
    Connection(&'static str),
}

const TYPES: &str = "
QueryRoot shop>Shop location>Location locations*Location inventoryItem>InventoryItem inventoryItems*InventoryItem inventoryLevel>InventoryLevel node>Node nodes[]Node productVariant>ProductVariant productVariants*ProductVariant product>Product products*Product order>Order orders*Order webhookSubscription>WebhookSubscription webhookSubscriptions*WebhookSubscription webhookSubscriptionsCount~Count publicApiVersions[]ApiVersion currentAppInstallation>AppInstallation
Mutation inventorySetQuantities>InventorySetQuantitiesPayload inventoryAdjustQuantities>InventoryAdjustQuantitiesPayload inventorySetOnHandQuantities>InventorySetOnHandQuantitiesPayload inventoryMoveQuantities>InventoryMoveQuantitiesPayload inventoryActivate>InventoryActivatePayload inventoryDeactivate>InventoryDeactivatePayload inventoryItemUpdate>InventoryItemUpdatePayload webhookSubscriptionCreate>WebhookSubscriptionCreatePayload webhookSubscriptionUpdate>WebhookSubscriptionUpdatePayload webhookSubscriptionDelete>WebhookSubscriptionDeletePayload
Node id
Shop id name email contactEmail myshopifyDomain url currencyCode ianaTimezone timezoneOffset timezoneOffsetMinutes createdAt updatedAt primaryDomain>Domain plan~ShopPlan
Domain id host url
ShopPlan displayName publicDisplayName partnerDevelopment shopifyPlus
AppInstallation id accessScopes[]AccessScope
AccessScope handle description
ApiVersion handle displayName supported
Count count precision
Location id legacyResourceId name isActive isPrimary fulfillsOnlineOrders hasActiveInventory shipsInventory createdAt updatedAt address~LocationAddress inventoryLevel>InventoryLevel inventoryLevels*InventoryLevel
LocationAddress address1 city country countryCode zip
InventoryItem id legacyResourceId sku tracked duplicateSkuCount requiresShipping createdAt updatedAt countryCodeOfOrigin harmonizedSystemCode unitCost~MoneyV2 measurement~InventoryItemMeasurement locationsCount~Count inventoryLevel>InventoryLevel inventoryLevels*InventoryLevel variant>ProductVariant variants*ProductVariant
InventoryItemMeasurement id weight~Weight
Weight unit value
MoneyV2 amount currencyCode
MoneyBag shopMoney~MoneyV2 presentmentMoney~MoneyV2
InventoryLevel id isActive createdAt updatedAt canDeactivate deactivationAlert item>InventoryItem location>Location quantities[]InventoryQuantity
InventoryQuantity id name quantity updatedAt
ProductVariant id legacyResourceId title displayName sku barcode price compareAtPrice position inventoryQuantity inventoryPolicy availableForSale taxable createdAt updatedAt selectedOptions~SelectedOption inventoryItem>InventoryItem product>Product
SelectedOption name value
Product id legacyResourceId title handle vendor productType status tags totalInventory tracksInventory hasOnlyDefaultVariant createdAt updatedAt publishedAt variantsCount~Count variants*ProductVariant
Order id legacyResourceId name number email note tags test sourceName sourceIdentifier currencyCode displayFinancialStatus displayFulfillmentStatus createdAt updatedAt processedAt cancelledAt cancelReason closed closedAt totalPriceSet~MoneyBag currentTotalPriceSet~MoneyBag subtotalPriceSet~MoneyBag lineItems*LineItem
LineItem id sku title name quantity currentQuantity unfulfilledQuantity requiresShipping originalUnitPriceSet~MoneyBag variant>ProductVariant product>Product
WebhookSubscription id legacyResourceId topic uri callbackUrl format filter includeFields metafieldNamespaces name createdAt updatedAt apiVersion~ApiVersion endpoint~WebhookSubscriptionEndpoint
WebhookSubscriptionEndpoint
WebhookHttpEndpoint callbackUrl
WebhookEventBridgeEndpoint arn
WebhookPubSubEndpoint pubSubProject pubSubTopic
InventoryAdjustmentGroup id createdAt reason referenceDocumentUri changes[]InventoryChange
InventoryChange name delta quantityAfterChange ledgerDocumentUri item>InventoryItem location>Location
CodedError field message code
UserError field message
InventorySetQuantitiesPayload inventoryAdjustmentGroup>InventoryAdjustmentGroup userErrors[]CodedError
InventoryAdjustQuantitiesPayload inventoryAdjustmentGroup>InventoryAdjustmentGroup userErrors[]CodedError
InventorySetOnHandQuantitiesPayload inventoryAdjustmentGroup>InventoryAdjustmentGroup userErrors[]CodedError
InventoryMoveQuantitiesPayload inventoryAdjustmentGroup>InventoryAdjustmentGroup userErrors[]CodedError
InventoryActivatePayload inventoryLevel>InventoryLevel userErrors[]UserError
InventoryDeactivatePayload userErrors[]UserError
InventoryItemUpdatePayload inventoryItem>InventoryItem userErrors[]UserError
WebhookSubscriptionCreatePayload webhookSubscription>WebhookSubscription userErrors[]UserError
WebhookSubscriptionUpdatePayload webhookSubscription>WebhookSubscription userErrors[]UserError
WebhookSubscriptionDeletePayload deletedWebhookSubscriptionId userErrors[]UserError
PageInfo hasNextPage hasPreviousPage startCursor endCursor
";

const MUTATION_ARGUMENTS: &str = "
inventorySetQuantities input:InventorySetQuantitiesInput!
inventoryAdjustQuantities input:InventoryAdjustQuantitiesInput!
inventorySetOnHandQuantities input:InventorySetOnHandQuantitiesInput!
inventoryMoveQuantities input:InventoryMoveQuantitiesInput!
inventoryActivate inventoryItemId:ID! locationId:ID! available:Int onHand:Int stockAtLegacyLocation:Boolean
inventoryDeactivate inventoryLevelId:ID!
inventoryItemUpdate id:ID! input:InventoryItemInput!
webhookSubscriptionCreate topic:WebhookSubscriptionTopic! webhookSubscription:WebhookSubscriptionInput!
webhookSubscriptionUpdate id:ID! webhookSubscription:WebhookSubscriptionInput!
webhookSubscriptionDelete id:ID!
";

type Table = BTreeMap<&'static str, BTreeMap<&'static str, Shape>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let lines = TYPES.lines().filter_map(|line| line.split_once(' ').or(Some((line, ""))));
    lines.map(|(name, fields)| (name, fields.split_whitespace().map(shaped).collect())).collect()
});

fn shaped(word: &'static str) -> (&'static str, Shape) {
    let cut = |sign| word.split_once(sign);
    if let Some((name, of)) = cut("[]") {
        (name, Shape::List(of))
    } else if let Some((name, of)) = cut("*") {
        (name, Shape::Connection(of))
    } else if let Some((name, of)) = cut(">") {
        (name, Shape::Object(of))
    } else if let Some((name, of)) = cut("~") {
        (name, Shape::Value(of))
    } else {
        (word, Shape::Scalar)
    }
}

/// The shape of a field, if the type has it.
pub(crate) fn shape(type_name: &str, field: &str) -> Option<Shape> {
    if field == "__typename" {
        return Some(Shape::Scalar);
    }
    TABLE.get(type_name)?.get(field).copied()
}

/// Whether the sandbox knows the type at all.
pub(crate) fn knows(type_name: &str) -> bool {
    TABLE.contains_key(type_name)
}

/// The arguments of a mutation with their types.
pub(crate) fn mutation_arguments(mutation: &str) -> Vec<(&'static str, &'static str)> {
    let mut lines = MUTATION_ARGUMENTS.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(name, _)| *name == mutation);
    let arguments = found.map_or("", |(_, arguments)| arguments);
    arguments.split_whitespace().filter_map(|argument| argument.split_once(':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use graphql_parser::schema::{Definition, TypeDefinition};

    /// The partner's own schema, from outside the product.
    const SCHEMA: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/shopify/admin-2026-07.graphql");
    /// A name of ours for all the error types that have a `code`; no fields of their own are known.
    const OURS: [&str; 1] = ["CodedError"];

    fn real_fields(text: &str) -> BTreeMap<String, Vec<String>> {
        let document = graphql_parser::parse_schema::<String>(text).unwrap();
        let mut found = BTreeMap::new();
        for definition in document.definitions {
            let Definition::TypeDefinition(definition) = definition else { continue };
            let (name, fields) = match definition {
                TypeDefinition::Object(object) => (object.name, object.fields),
                TypeDefinition::Interface(interface) => (interface.name, interface.fields),
                TypeDefinition::Union(union) => (union.name, Vec::new()),
                TypeDefinition::Scalar(_)
                | TypeDefinition::Enum(_)
                | TypeDefinition::InputObject(_) => continue,
            };
            found.insert(name, fields.into_iter().map(|field| field.name).collect());
        }
        found
    }

    #[test]
    fn nothing_is_listed_that_the_real_schema_does_not_have() {
        let Ok(text) = std::fs::read_to_string(SCHEMA) else {
            eprintln!("skipped: no schema at {SCHEMA}");
            return;
        };
        let real = real_fields(&text);
        for (name, fields) in TABLE.iter().filter(|(name, _)| !name.is_empty()) {
            if OURS.contains(name) {
                continue;
            }
            let known = real.get(*name).unwrap_or_else(|| panic!("no type {name}"));
            for field in fields.keys() {
                assert!(known.iter().any(|real| real == field), "no field {name}.{field}");
            }
        }
    }
}
