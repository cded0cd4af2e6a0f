-- Views for reporting, under the names and columns of the documents that asked for them; see docs/reporting.md.
--
-- Times are ISO-8601 text in UTC, always with six digits behind the second: then the order of text is that of time.
-- Each index over such a text repeats the view's expression word for word, else it would not be used.

CREATE INDEX movements_by_time ON movements (
  strftime('%Y-%m-%dT%H:%M:%S', at / 1000000, 'unixepoch') || printf('.%06dZ', at % 1000000)
);
CREATE INDEX deliveries_by_time ON arrivals (
  strftime('%Y-%m-%dT%H:%M:%S', received_at / 1000000, 'unixepoch') || printf('.%06dZ', received_at % 1000000)
) WHERE kind = 'delivery';
CREATE INDEX entry_of_delivery ON entries (arrival) WHERE kind = 'delivery';
CREATE INDEX items_by_product ON items (coalesce(reference, 'itm_' || id));
CREATE INDEX items_by_sku_alone ON items (sku);

-- Where an item's stock is published: the connection's own location, unless its terms give this role to others; and
-- wherever something is wrong.
CREATE VIEW published_levels AS
SELECT l.*, c.connector, c.stage ->> 'stage' AS stage
FROM levels l
JOIN connections c ON c.lane IN ('client:' || l.client, 'connection:' || l.connection) AND c.id = l.connection
WHERE l.error IS NOT NULL OR 'publishes' = coalesce(
  (SELECT r.value ->> 'role' FROM json_each(c.stock, '$.roles') r WHERE r.key = l.location),
  iif(l.location = c.location, 'publishes', NULL));

-- Stock and linking: a line for every item and every place where it is published; one line, without a place, for an
-- item that is published nowhere.
CREATE VIEW product_inventory AS
SELECT
  coalesce(i.reference, 'itm_' || i.id) AS product_id,
  i.sku AS sku,
  i.title AS title,
  i.client AS client_id,
  coalesce(b2b.quantity, 0) AS b2b_stock,
  coalesce(b2c.quantity, 0) AS b2c_stock,
  i.sync_enabled AS sync_enabled,
  CASE
    WHEN l.error IS NOT NULL THEN 'failed'
    WHEN l.standing = 'suspended' THEN 'not_tracked'
    WHEN l.standing = 'doubtful' THEN 'unknown'
    WHEN l.standing <> 'settled' OR l.write_task IS NOT NULL OR l.flight_send IS NOT NULL THEN 'pending'
    WHEN i.sync_enabled AND l.stage = 'live' THEN 'synced'
    ELSE 'observed'
  END AS sync_status,
  l.error AS sync_error,
  strftime('%Y-%m-%dT%H:%M:%S', l.synced_at / 1000000, 'unixepoch') || printf('.%06dZ', l.synced_at % 1000000)
    AS last_synced_at,
  strftime('%Y-%m-%dT%H:%M:%S', l.seen_at / 1000000, 'unixepoch') || printf('.%06dZ', l.seen_at % 1000000)
    AS last_seen_at,
  l.connection AS connection,
  l.location AS location_id,
  l.observed AS shop_stock,
  iif(l.connector = 'shopify', v.remote, NULL) AS shopify_variant_id,
  iif(l.connector = 'shopify', k.remote, NULL) AS shopify_inventory_item_id
FROM published_levels l
JOIN items i ON i.client = l.client AND likelihood(i.id = l.item, 0.000001)
LEFT JOIN links k ON k.client = l.client AND k.item = l.item AND k.connection = l.connection AND k.kind = 'counter'
LEFT JOIN links v ON v.client = l.client AND v.item = l.item AND v.connection = l.connection AND v.kind = 'variant'
LEFT JOIN balances b2b ON b2b.client = i.client AND b2b.item = i.id AND b2b.account = 'pool:b2b'
LEFT JOIN balances b2c ON b2c.client = i.client AND b2c.item = i.id AND b2c.account = 'pool:b2c'
UNION ALL
SELECT
  coalesce(i.reference, 'itm_' || i.id), i.sku, i.title, i.client, coalesce(b2b.quantity, 0), coalesce(b2c.quantity, 0),
  i.sync_enabled, 'not_linked', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM items i
LEFT JOIN balances b2b ON b2b.client = i.client AND b2b.item = i.id AND b2b.account = 'pool:b2b'
LEFT JOIN balances b2c ON b2c.client = i.client AND b2c.item = i.id AND b2c.account = 'pool:b2c'
WHERE NOT EXISTS (SELECT 1 FROM published_levels l WHERE l.client = i.client AND l.item = i.id);

-- The audit trail: a line for every pool that a movement touched. Nothing here is ever changed or removed.
CREATE VIEW inventory_sync_log AS
SELECT
  m.client || '.' || m.number || '.' || m."index" || '.' || p.pool AS id,
  coalesce(i.reference, 'itm_' || i.id) AS product_id,
  i.sku AS sku,
  m.client AS client_id,
  p.pool AS pool,
  iif(m."to" = p.account, m.to_after - m.quantity, m.from_after + m.quantity) AS old_quantity,
  iif(m."to" = p.account, m.to_after, m.from_after) AS new_quantity,
  iif(m."to" = p.account, m.quantity, -m.quantity) AS change,
  m."from" AS from_account,
  m."to" AS to_account,
  m.reason AS reason,
  CASE e.kind WHEN 'delivery' THEN 'webhook' WHEN 'answer' THEN 'response' ELSE e.kind END AS source,
  a.topic AS topic,
  a.source AS connection,
  a.delivery_id AS webhook_id,
  m.number AS entry,
  strftime('%Y-%m-%dT%H:%M:%S', m.at / 1000000, 'unixepoch') || printf('.%06dZ', m.at % 1000000) AS created_at
FROM movements m
JOIN items i ON i.client = m.client AND likelihood(i.id = m.item, 0.000001)
CROSS JOIN (SELECT 'b2b' AS pool, 'pool:b2b' AS account UNION ALL SELECT 'b2c', 'pool:b2c') p
  ON p.account IN (m."from", m."to")
LEFT JOIN lanes n ON n.name = 'client:' || m.client
LEFT JOIN entries e ON e.lane = n.no AND e.number = m.number
LEFT JOIN arrivals a ON a.seq = e.arrival;

-- Webhooks as they came, each once: repeats are counted, not kept.
CREATE VIEW webhook_events AS
SELECT
  a.seq AS id,
  a.delivery_id AS webhook_id,
  a.event_id AS event_id,
  a.topic AS topic,
  a.source AS connection,
  c.settings ->> 'shop_domain' AS shop_domain,
  iif(n.name LIKE 'client:%', substr(n.name, 8), NULL) AS client_id,
  CASE
    WHEN e.number IS NULL THEN 'pending'
    WHEN coalesce(r.outcome, e.outcome) IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed')
      THEN 'failed'
    ELSE 'processed'
  END AS status,
  coalesce(r.outcome, e.outcome) AS outcome,
  iif(coalesce(r.outcome, e.outcome) IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed'),
    coalesce(r.note, e.note), NULL) AS error,
  e.number AS entry,
  a.size AS body_bytes,
  strftime('%Y-%m-%dT%H:%M:%S', a.received_at / 1000000, 'unixepoch') || printf('.%06dZ', a.received_at % 1000000)
    AS received_at,
  strftime('%Y-%m-%dT%H:%M:%S', coalesce(r.at, e.at) / 1000000, 'unixepoch')
    || printf('.%06dZ', coalesce(r.at, e.at) % 1000000) AS processed_at
FROM arrivals a
JOIN lanes n ON n.no = a.lane
LEFT JOIN connections c ON c.lane = n.name AND c.id = a.source
LEFT JOIN entries e ON e.arrival = a.seq AND e.kind = 'delivery'
LEFT JOIN entries r ON r.lane = e.lane AND r.number = e.retried_by
WHERE a.kind = 'delivery';
