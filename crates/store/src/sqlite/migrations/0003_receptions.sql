-- Shared connections, whose accounts belong to several clients, and receptions: goods announced to a prep centre.

ALTER TABLE items ADD COLUMN asin TEXT;
ALTER TABLE items ADD COLUMN is_stub INTEGER NOT NULL DEFAULT 0;
CREATE INDEX items_by_asin ON items (client, asin, id) WHERE asin IS NOT NULL;
ALTER TABLE clients ADD COLUMN incoming TEXT NOT NULL DEFAULT 'b2c';

-- A shared connection's own counters.
CREATE TABLE shared_connections (
  connection TEXT NOT NULL PRIMARY KEY, tasks INTEGER NOT NULL, next_poll INTEGER
) STRICT, WITHOUT ROWID;

-- Whose each account of a shared connection is.
CREATE TABLE merchants (
  connection TEXT NOT NULL, remote TEXT NOT NULL, client TEXT, name TEXT, destination TEXT NOT NULL,
  last_sync_at INTEGER, watermark INTEGER, tally TEXT NOT NULL, trouble TEXT,
  PRIMARY KEY (connection, remote)
) STRICT, WITHOUT ROWID;
CREATE INDEX merchants_mapped ON merchants (connection, remote) WHERE client IS NOT NULL;

-- To whom each reception was handed.
CREATE TABLE routes (
  connection TEXT NOT NULL, remote TEXT NOT NULL, merchant TEXT NOT NULL, client TEXT NOT NULL,
  read_at INTEGER, unsure INTEGER NOT NULL, digests TEXT NOT NULL,
  PRIMARY KEY (connection, remote)
) STRICT, WITHOUT ROWID;
CREATE INDEX routes_of_merchant ON routes (connection, merchant, client);

-- Receptions that are being read.
CREATE TABLE fetching (
  connection TEXT NOT NULL, remote TEXT NOT NULL, task INTEGER NOT NULL, told_at INTEGER,
  again INTEGER NOT NULL,
  PRIMARY KEY (connection, remote)
) STRICT, WITHOUT ROWID;

-- What waits until a person says whose it is.
CREATE TABLE unrouted (
  connection TEXT NOT NULL, merchant TEXT NOT NULL, number INTEGER NOT NULL, "index" INTEGER NOT NULL, fact TEXT NOT NULL,
  PRIMARY KEY (connection, merchant, number, "index")
) STRICT, WITHOUT ROWID;

CREATE TABLE receptions (
  client TEXT NOT NULL, source TEXT NOT NULL, source_id TEXT NOT NULL, connection TEXT NOT NULL,
  merchant TEXT NOT NULL, name TEXT, status TEXT NOT NULL, raw_status TEXT, shelved TEXT NOT NULL, country TEXT,
  lines INTEGER NOT NULL, requested INTEGER NOT NULL, received INTEGER NOT NULL, unsellable INTEGER NOT NULL, missing INTEGER NOT NULL, parked INTEGER NOT NULL,
  told TEXT NOT NULL, destination TEXT NOT NULL, pool TEXT NOT NULL, made_by INTEGER NOT NULL, made_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  PRIMARY KEY (client, source, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX receptions_by_change ON receptions (client, changed_at, source, source_id);

CREATE TABLE reception_lines (
  client TEXT NOT NULL, source TEXT NOT NULL, source_id TEXT NOT NULL, line TEXT NOT NULL, item INTEGER, problem TEXT,
  sku TEXT, asin TEXT, remote_item TEXT, title TEXT,
  requested INTEGER NOT NULL, received INTEGER NOT NULL, unsellable INTEGER NOT NULL, missing INTEGER NOT NULL, told TEXT NOT NULL, told_at INTEGER, reading INTEGER NOT NULL,
  gone INTEGER NOT NULL, booked INTEGER NOT NULL, booked_unsellable INTEGER NOT NULL, told_by INTEGER NOT NULL,
  PRIMARY KEY (client, source, source_id, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX reception_lines_of_item ON reception_lines (client, item, source, source_id) WHERE item IS NOT NULL;
CREATE INDEX reception_lines_in_trouble ON reception_lines (client, line, source, source_id) WHERE problem IS NOT NULL;
CREATE INDEX reception_lines_by_asin ON reception_lines (client, asin, source, source_id)
  WHERE problem IS NOT NULL AND octet_length(asin) <= 190;

-- Under the names of the document that asked for them; see docs/reporting.md.
CREATE VIEW prep_merchants AS
SELECT
  m.remote AS merchant_id,
  m.client AS client_id,
  m.name AS name,
  m.connection AS integration_id,
  m.destination ->> '$.country' AS destination_country,
  m.destination ->> '$.pool' AS destination_pool,
  strftime('%Y-%m-%dT%H:%M:%S', m.last_sync_at / 1000000, 'unixepoch') || printf('.%06dZ', m.last_sync_at % 1000000)
    AS last_sync_at,
  coalesce(m.tally ->> '$.imported', 0) AS imported,
  coalesce(m.tally ->> '$.repeated', 0) AS duplicates_prevented,
  coalesce(m.tally ->> '$.errors', 0) AS errors,
  coalesce(m.tally ->> '$.waiting', 0) AS waiting,
  m.trouble AS last_error
FROM merchants m;

CREATE VIEW prep_business_integrations AS
SELECT
  c.id AS id,
  c.connector AS source,
  c.base_url AS base_url,
  c.settings ->> 'sync_mode' AS sync_mode,
  c.status ->> 'status' AS status,
  c.status ->> 'why' AS status_reason,
  (SELECT count(*) FROM merchants m WHERE m.connection = c.id) AS merchants,
  (SELECT count(*) FROM merchants m WHERE m.connection = c.id AND m.client IS NOT NULL) AS merchants_mapped,
  (SELECT strftime('%Y-%m-%dT%H:%M:%S', max(m.last_sync_at) / 1000000, 'unixepoch')
      || printf('.%06dZ', max(m.last_sync_at) % 1000000)
    FROM merchants m WHERE m.connection = c.id) AS last_sync_at
FROM connections c
WHERE c.lane = 'connection:' || c.id;

CREATE VIEW prep_business_imports AS
SELECT
  r.client || '.' || r.source || '.' || r.source_id AS id,
  r.source AS source,
  r.source_id AS source_id,
  r.client AS client_id,
  r.merchant AS merchant_id,
  r.connection AS integration_id,
  r.name AS name,
  r.status AS status,
  r.raw_status AS raw_status,
  nullif(r.shelved, 'no') AS shelved,
  r.country AS destination_country,
  r.pool AS destination_pool,
  (SELECT group_concat(t.value ->> '$.number', ' ') FROM json_each(r.told, '$.tracking[1]') t) AS tracking_numbers,
  r.lines AS lines,
  r.requested AS requested_qty,
  r.received AS received_qty,
  r.unsellable AS unsellable_qty,
  r.missing AS missing_qty,
  r.parked AS lines_in_error,
  (SELECT min(l.problem) FROM reception_lines l WHERE l.client = r.client AND l.source = r.source
    AND l.source_id = r.source_id AND l.problem IS NOT NULL) AS error,
  strftime('%Y-%m-%dT%H:%M:%S', r.made_at / 1000000, 'unixepoch') || printf('.%06dZ', r.made_at % 1000000)
    AS imported_at,
  strftime('%Y-%m-%dT%H:%M:%S', r.changed_at / 1000000, 'unixepoch') || printf('.%06dZ', r.changed_at % 1000000)
    AS updated_at
FROM receptions r;
