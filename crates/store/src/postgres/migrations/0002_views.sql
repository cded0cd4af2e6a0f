-- Views for reporting, under the names and columns of the documents that asked for them; see docs/reporting.md. What
-- they show is what SQLite's show. Whoever looks through them needs the right to see the tables below, so that rules
-- about rows hold for him.
--
-- Times are ISO-8601 text in UTC, always with six digits behind the second: then the order of text is that of time.
-- Each index over such a text repeats the view's expression word for word, else it would not be used.

-- The server takes to_char() for something that depends on settings; with this pattern it does not.
CREATE FUNCTION iso_time(at bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_char(timestamp '1970-01-01' + at * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE INDEX movements_by_time ON movements ((iso_time(at) COLLATE "C"));
CREATE INDEX deliveries_by_time ON arrivals ((iso_time(received_at) COLLATE "C")) WHERE kind = 'delivery';
CREATE INDEX entry_of_delivery ON entries (lane, arrival) WHERE kind = 'delivery';
CREATE INDEX items_by_product ON items ((coalesce(reference, 'itm_' || id::text)));
CREATE INDEX items_by_sku_alone ON items (sku);

-- Where an item's stock is published: the connection's own location, unless its terms give this role to others; and
-- wherever something is wrong.
CREATE VIEW published_levels WITH (security_invoker = true) AS
SELECT l.*, c.connector, c.stage::json ->> 'stage' AS stage
FROM levels l
JOIN connections c ON c.lane IN ('client:' || l.client, 'connection:' || l.connection) AND c.id = l.connection
WHERE l.error IS NOT NULL OR 'publishes' = coalesce(
  c.stock::json -> 'roles' -> l.location ->> 'role',
  CASE WHEN l.location = c.location THEN 'publishes' END);

-- Stock and linking: a line for every item and every place where it is published; one line, without a place, for an
-- item that is published nowhere.
CREATE VIEW product_inventory WITH (security_invoker = true) AS
SELECT
  coalesce(i.reference, 'itm_' || i.id::text) AS product_id,
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
    WHEN i.sync_enabled <> 0 AND l.stage = 'live' THEN 'synced'
    ELSE 'observed'
  END AS sync_status,
  l.error AS sync_error,
  iso_time(l.synced_at) COLLATE "C" AS last_synced_at,
  iso_time(l.seen_at) COLLATE "C" AS last_seen_at,
  l.connection AS connection,
  l.location AS location_id,
  l.observed AS shop_stock,
  CASE WHEN l.connector = 'shopify' THEN v.remote END AS shopify_variant_id,
  CASE WHEN l.connector = 'shopify' THEN k.remote END AS shopify_inventory_item_id
FROM published_levels l
JOIN items i ON i.client = l.client AND i.id = l.item
LEFT JOIN links k ON k.client = l.client AND k.item = l.item AND k.connection = l.connection AND k.kind = 'counter'
LEFT JOIN links v ON v.client = l.client AND v.item = l.item AND v.connection = l.connection AND v.kind = 'variant'
LEFT JOIN balances b2b ON b2b.client = i.client AND b2b.item = i.id AND b2b.account = 'pool:b2b'
LEFT JOIN balances b2c ON b2c.client = i.client AND b2c.item = i.id AND b2c.account = 'pool:b2c'
UNION ALL
SELECT
  coalesce(i.reference, 'itm_' || i.id::text), i.sku, i.title, i.client, coalesce(b2b.quantity, 0),
  coalesce(b2c.quantity, 0), i.sync_enabled, 'not_linked', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM items i
LEFT JOIN balances b2b ON b2b.client = i.client AND b2b.item = i.id AND b2b.account = 'pool:b2b'
LEFT JOIN balances b2c ON b2c.client = i.client AND b2c.item = i.id AND b2c.account = 'pool:b2c'
WHERE NOT EXISTS (SELECT 1 FROM published_levels l WHERE l.client = i.client AND l.item = i.id);

-- The audit trail: a line for every pool that a movement touched. Nothing here is ever changed or removed.
CREATE VIEW inventory_sync_log WITH (security_invoker = true) AS
SELECT
  m.client || '.' || m.number::text || '.' || m."index"::text || '.' || p.pool AS id,
  coalesce(i.reference, 'itm_' || i.id::text) AS product_id,
  i.sku AS sku,
  m.client AS client_id,
  p.pool AS pool,
  CASE WHEN m."to" = p.account THEN m.to_after - m.quantity ELSE m.from_after + m.quantity END AS old_quantity,
  CASE WHEN m."to" = p.account THEN m.to_after ELSE m.from_after END AS new_quantity,
  CASE WHEN m."to" = p.account THEN m.quantity ELSE -m.quantity END AS change,
  m."from" AS from_account,
  m."to" AS to_account,
  m.reason AS reason,
  CASE e.kind WHEN 'delivery' THEN 'webhook' WHEN 'answer' THEN 'response' ELSE e.kind END AS source,
  a.topic AS topic,
  a.source AS connection,
  a.delivery_id AS webhook_id,
  m.number AS entry,
  iso_time(m.at) COLLATE "C" AS created_at
FROM movements m
JOIN items i ON i.client = m.client AND i.id = m.item
JOIN (VALUES ('b2b', 'pool:b2b'), ('b2c', 'pool:b2c')) p (pool, account) ON p.account IN (m."from", m."to")
LEFT JOIN entries e ON e.lane = 'client:' || m.client AND e.number = m.number
LEFT JOIN arrivals a ON a.lane = e.lane AND a.seq = e.arrival;

-- Webhooks as they came, each once: repeats are counted, not kept.
CREATE VIEW webhook_events WITH (security_invoker = true) AS
SELECT
  a.seq AS id,
  a.delivery_id AS webhook_id,
  a.event_id AS event_id,
  a.topic AS topic,
  a.source AS connection,
  c.settings::json ->> 'shop_domain' AS shop_domain,
  CASE WHEN a.lane LIKE 'client:%' THEN substr(a.lane, 8) END AS client_id,
  CASE
    WHEN e.number IS NULL THEN 'pending'
    WHEN coalesce(r.outcome, e.outcome) IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed')
      THEN 'failed'
    ELSE 'processed'
  END AS status,
  coalesce(r.outcome, e.outcome) AS outcome,
  CASE WHEN coalesce(r.outcome, e.outcome) IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed')
    THEN coalesce(r.note, e.note) END AS error,
  e.number AS entry,
  a.size AS body_bytes,
  iso_time(a.received_at) COLLATE "C" AS received_at,
  iso_time(coalesce(r.at, e.at)) COLLATE "C" AS processed_at
FROM arrivals a
LEFT JOIN connections c ON c.lane = a.lane AND c.id = a.source
LEFT JOIN entries e ON e.lane = a.lane AND e.arrival = a.seq AND e.kind = 'delivery'
LEFT JOIN entries r ON r.lane = e.lane AND r.number = e.retried_by
WHERE a.kind = 'delivery';
