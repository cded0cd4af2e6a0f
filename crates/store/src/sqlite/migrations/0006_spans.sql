-- An item's movements are looked for span by span. With one index over all of them each movement changed another page of
-- it, which made up most of what a fold writes; within a span, which is all that is written to, a few pages hold them.
--
-- A span is 2,048 entries of a client: `number >> 11`, everywhere word for word, else the index would not be used.

CREATE TABLE movement_spans (
  client TEXT NOT NULL, span INTEGER NOT NULL,
  began INTEGER NOT NULL, -- when its first movement was booked
  PRIMARY KEY (client, span)
) STRICT, WITHOUT ROWID;
INSERT INTO movement_spans SELECT client, number >> 11, min(at) FROM movements GROUP BY 1, 2;
CREATE TRIGGER movement_begins_span AFTER INSERT ON movements BEGIN
  INSERT INTO movement_spans VALUES (new.client, new.number >> 11, new.at) ON CONFLICT DO NOTHING;
END;

DROP INDEX movements_of_item;
-- Holds all that running sums need, so that adding an item's whole history up reads nothing else.
CREATE INDEX movements_of_item ON movements (client, number >> 11, item, number, "index", "from", "to", quantity);

-- For whoever wants the movements of one item: by span, number and index they come unsorted.
CREATE VIEW item_movements AS
SELECT
  m.client, m.number, m."index", m.item, m."from", m."to", m.quantity, m.from_after, m.to_after, m.reason, m.at, s.span
FROM movement_spans s
CROSS JOIN movements m INDEXED BY movements_of_item ON m.client = s.client AND m.number >> 11 = +s.span;

-- As it was, but that an item's lines are found span by span. Each `+` and the condition that is there twice keep the planner
-- from walking through all that a client has, where an item is given.
DROP VIEW inventory_sync_log;
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
JOIN items i ON i.client = +m.client AND likelihood(i.id = m.item, 0.000001)
JOIN movement_spans s ON s.client = +i.client AND m.client = +s.client
  AND m.number >> 11 = +s.span AND s.span = +(m.number >> 11)
CROSS JOIN (SELECT 'b2b' AS pool, 'pool:b2b' AS account UNION ALL SELECT 'b2c', 'pool:b2c') p
  ON p.account IN (m."from", m."to")
LEFT JOIN lanes n ON n.name = 'client:' || m.client
LEFT JOIN entries e ON e.lane = n.no AND e.number = m.number
LEFT JOIN arrivals a ON a.seq = e.arrival;
