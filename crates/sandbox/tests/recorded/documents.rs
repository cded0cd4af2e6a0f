//! Documents for the recordings that kept only variables and answers, rebuilt from what came back.

pub(crate) const SET: &str = "
  mutation InventoryQuantityContractSet($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {
    inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id createdAt reason referenceDocumentUri
        changes { name delta quantityAfterChange item { id } location { id name } } }
      userErrors { field message code } } }";

pub(crate) const SET_BRIEF: &str = "
  mutation Set($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {
    inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id
        changes { name delta quantityAfterChange item { id } location { id name } } }
      userErrors { field message code } } }";

pub(crate) const SHORT_SET: &str = "
  mutation Set($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {
    inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id } userErrors { field message code } } }";

pub(crate) const ADJUST: &str = "
  mutation Adjust($input: InventoryAdjustQuantitiesInput!, $idempotencyKey: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id createdAt reason referenceDocumentUri
        changes { name delta quantityAfterChange item { id } location { id name } } }
      userErrors { field message code } } }";

pub(crate) const ADJUST_BRIEF: &str = "
  mutation Adjust($input: InventoryAdjustQuantitiesInput!, $idempotencyKey: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { reason referenceDocumentUri
        changes { name delta quantityAfterChange item { id } location { id } } }
      userErrors { field message code } } }";

pub(crate) const SHORT_ADJUST: &str = "
  mutation Adjust($input: InventoryAdjustQuantitiesInput!, $idempotencyKey: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id } userErrors { field message code } } }";

/// For the one recording without a variable for the key.
pub(crate) const ADJUST_WITH_LITERAL_KEY: &str = "
  mutation Adjust($input: InventoryAdjustQuantitiesInput!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: \"a-key-of-its-own\") {
      inventoryAdjustmentGroup { id } userErrors { field message code } } }";

pub(crate) const SET_ON_HAND: &str = "
  mutation SetOnHand($input: InventorySetOnHandQuantitiesInput!, $idempotencyKey: String!) {
    inventorySetOnHandQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id createdAt reason referenceDocumentUri
        changes { name delta quantityAfterChange item { id } location { id name } } }
      userErrors { field message code } } }";

pub(crate) const SHORT_SET_ON_HAND: &str = "
  mutation SetOnHand($input: InventorySetOnHandQuantitiesInput!, $idempotencyKey: String!) {
    inventorySetOnHandQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id } userErrors { field message code } } }";

pub(crate) const MOVE: &str = "
  mutation Move($input: InventoryMoveQuantitiesInput!, $idempotencyKey: String!) {
    inventoryMoveQuantities(input: $input) @idempotent(key: $idempotencyKey) {
      inventoryAdjustmentGroup { id } userErrors { field message code } } }";

pub(crate) const ACTIVATE: &str = "
  mutation Activate($inventoryItemId: ID!, $locationId: ID!, $available: Int, $idempotencyKey: String!) {
    inventoryActivate(inventoryItemId: $inventoryItemId, locationId: $locationId, available: $available)
      @idempotent(key: $idempotencyKey) {
      inventoryLevel { id isActive location { id name }
        quantities(names: [\"available\", \"on_hand\", \"incoming\"]) { name quantity updatedAt }
        item { id tracked variant { id inventoryQuantity
          product { id totalInventory tracksInventory } } } }
      userErrors { field message } } }";

pub(crate) const DEACTIVATE: &str = "
  mutation Deactivate($inventoryLevelId: ID!, $idempotencyKey: String!) {
    inventoryDeactivate(inventoryLevelId: $inventoryLevelId) @idempotent(key: $idempotencyKey) {
      userErrors { field message } } }";

pub(crate) const LIFECYCLE_READ: &str = "
  fragment Level on InventoryLevel { id isActive location { id name }
    quantities(names: [\"available\", \"on_hand\", \"incoming\"]) { name quantity } }
  query Read($inventoryItemId: ID!, $inventoryLevelId: ID!, $inactiveLocationId: ID!) {
    inventoryItem(id: $inventoryItemId) { id tracked
      variant { id inventoryQuantity product { id totalInventory tracksInventory } }
      inventoryLevels(first: 5, includeInactive: true) { nodes { ...Level } }
      inactiveLevel: inventoryLevel(locationId: $inactiveLocationId, includeInactive: true) { ...Level } }
    inventoryLevel(id: $inventoryLevelId) { ...Level item { id tracked } } }";

pub(crate) const CATALOG: &str = "
  query Catalog($first: Int!, $missingQuery: String!, $unknownId: ID!) {
    webhookSubscriptions(first: $first) { nodes { id topic } edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
    webhookSubscriptionsCount { count precision }
    filteredCount: webhookSubscriptionsCount(query: $missingQuery) { count precision }
    unknown: webhookSubscription(id: $unknownId) { id } }";

pub(crate) const SUBSCRIBE: &str = "
  mutation Create($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
      webhookSubscription { id topic format includeFields metafieldNamespaces filter createdAt updatedAt
        endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } }
      userErrors { field message } } }";

pub(crate) const UPDATE_SUBSCRIPTION: &str = "
  mutation Update($id: ID!, $webhookSubscription: WebhookSubscriptionInput!) {
    webhookSubscriptionUpdate(id: $id, webhookSubscription: $webhookSubscription) {
      webhookSubscription { id topic format includeFields metafieldNamespaces filter createdAt updatedAt
        endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } }
      userErrors { field message } } }";

pub(crate) const UNSUBSCRIBE: &str = "
  mutation Delete($id: ID!) {
    webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } } }";

pub(crate) const SUBSCRIPTION: &str = "
  query Detail($id: ID!) {
    webhookSubscription(id: $id) { id topic format includeFields metafieldNamespaces filter createdAt
      updatedAt endpoint { __typename ... on WebhookHttpEndpoint { callbackUrl } } } }";

pub(crate) const WEBHOOK_VALIDATION: &str = "
  mutation Validation($unknownId: ID!, $unknownUpdateInput: WebhookSubscriptionInput!) {
    updateUnknown: webhookSubscriptionUpdate(id: $unknownId, webhookSubscription: $unknownUpdateInput) {
      webhookSubscription { id } userErrors { field message } }
    deleteUnknown: webhookSubscriptionDelete(id: $unknownId) {
      deletedWebhookSubscriptionId userErrors { field message } }
    createMissingUri: webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: { format: JSON }) {
      webhookSubscription { id } userErrors { field message } } }";

pub(crate) const MISSING_TOPIC: &str = "mutation MissingCreateWebhookTopic {
  webhookSubscriptionCreate(webhookSubscription: { uri: \"https://example.com/hook\" }) {
    webhookSubscription { id } userErrors { field message } } }";

pub(crate) const NULL_INPUT: &str = "mutation NullUpdateWebhookInput {
  webhookSubscriptionUpdate(id: \"gid://shopify/WebhookSubscription/1\", webhookSubscription: null) {
    webhookSubscription { id } userErrors { field message } } }";

pub(crate) const URI_VALIDATION: &str = "
  mutation Primary($baselineTopic: WebhookSubscriptionTopic!, $baselineWebhookSubscription: WebhookSubscriptionInput!) {
    createHttpUriRejected: webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: { uri: \"http://example.com/hook\" }) {
      webhookSubscription { id } userErrors { field message } }
    createInternalDomainRejected: webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: { uri: \"https://localhost/hook\" }) {
      webhookSubscription { id } userErrors { field message } }
    createShopifyDomainRejected: webhookSubscriptionCreate(topic: SHOP_UPDATE, webhookSubscription: { uri: \"https://x.myshopify.com/hook\" }) {
      webhookSubscription { id } userErrors { field message } }
    baselineCreate: webhookSubscriptionCreate(topic: $baselineTopic, webhookSubscription: $baselineWebhookSubscription) {
      webhookSubscription { id } userErrors { field message } } }";
