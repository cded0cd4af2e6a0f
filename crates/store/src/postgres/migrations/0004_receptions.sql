-- Shared connections, whose accounts belong to several clients, and receptions: goods announced to a prep centre.

ALTER TABLE items ADD COLUMN asin text COLLATE "C";
ALTER TABLE items ADD COLUMN is_stub bigint NOT NULL DEFAULT 0;
CREATE INDEX items_by_asin ON items (client, asin, id) WHERE asin IS NOT NULL;
ALTER TABLE clients ADD COLUMN incoming text COLLATE "C" NOT NULL DEFAULT 'b2c';

-- A shared connection's own counters.
CREATE TABLE shared_connections (
  connection text COLLATE "C" NOT NULL PRIMARY KEY, tasks bigint NOT NULL, next_poll bigint
);

-- Whose each account of a shared connection is.
CREATE TABLE merchants (
  connection text COLLATE "C" NOT NULL, remote text COLLATE "C" NOT NULL, client text COLLATE "C", name text COLLATE "C", destination text COLLATE "C" NOT NULL,
  last_sync_at bigint, watermark bigint, tally text COLLATE "C" NOT NULL, trouble text COLLATE "C",
  PRIMARY KEY (connection, remote)
);
CREATE INDEX merchants_mapped ON merchants (connection, remote) WHERE client IS NOT NULL;

-- To whom each reception was handed.
CREATE TABLE routes (
  connection text COLLATE "C" NOT NULL, remote text COLLATE "C" NOT NULL, merchant text COLLATE "C" NOT NULL, client text COLLATE "C" NOT NULL,
  read_at bigint, unsure bigint NOT NULL, digests text COLLATE "C" NOT NULL,
  PRIMARY KEY (connection, remote)
);
CREATE INDEX routes_of_merchant ON routes (connection, merchant, client);

-- Receptions that are being read.
CREATE TABLE fetching (
  connection text COLLATE "C" NOT NULL, remote text COLLATE "C" NOT NULL, task bigint NOT NULL, told_at bigint,
  again bigint NOT NULL,
  PRIMARY KEY (connection, remote)
);

-- What waits until a person says whose it is.
CREATE TABLE unrouted (
  connection text COLLATE "C" NOT NULL, merchant text COLLATE "C" NOT NULL, number bigint NOT NULL, "index" bigint NOT NULL, fact text COLLATE "C" NOT NULL,
  PRIMARY KEY (connection, merchant, number, "index")
);

CREATE TABLE receptions (
  client text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, source_id text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL,
  merchant text COLLATE "C" NOT NULL, name text COLLATE "C", status text COLLATE "C" NOT NULL, raw_status text COLLATE "C", shelved text COLLATE "C" NOT NULL, country text COLLATE "C",
  lines bigint NOT NULL, requested bigint NOT NULL, received bigint NOT NULL, unsellable bigint NOT NULL, missing bigint NOT NULL, parked bigint NOT NULL,
  told text COLLATE "C" NOT NULL, destination text COLLATE "C" NOT NULL, pool text COLLATE "C" NOT NULL, made_by bigint NOT NULL, made_at bigint NOT NULL, changed_at bigint NOT NULL,
  PRIMARY KEY (client, source, source_id)
);
CREATE INDEX receptions_by_change ON receptions (client, changed_at, source, source_id);

CREATE TABLE reception_lines (
  client text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, source_id text COLLATE "C" NOT NULL, line text COLLATE "C" NOT NULL, item bigint, problem text COLLATE "C",
  sku text COLLATE "C", asin text COLLATE "C", remote_item text COLLATE "C", title text COLLATE "C",
  requested bigint NOT NULL, received bigint NOT NULL, unsellable bigint NOT NULL, missing bigint NOT NULL, told text COLLATE "C" NOT NULL, told_at bigint, reading bigint NOT NULL,
  gone bigint NOT NULL, booked bigint NOT NULL, booked_unsellable bigint NOT NULL, told_by bigint NOT NULL,
  PRIMARY KEY (client, source, source_id, line)
);
CREATE INDEX reception_lines_of_item ON reception_lines (client, item, source, source_id) WHERE item IS NOT NULL;
CREATE INDEX reception_lines_in_trouble ON reception_lines (client, line, source, source_id) WHERE problem IS NOT NULL;
CREATE INDEX reception_lines_by_asin ON reception_lines (client, asin, source, source_id)
  WHERE problem IS NOT NULL AND octet_length(asin) <= 190;

-- Under the names of the document that asked for them; see docs/reporting.md.
CREATE VIEW prep_merchants WITH (security_invoker = true) AS
SELECT
  m.remote AS merchant_id,
  m.client AS client_id,
  m.name AS name,
  m.connection AS integration_id,
  m.destination::json ->> 'country' AS destination_country,
  m.destination::json ->> 'pool' AS destination_pool,
  iso_time(m.last_sync_at) COLLATE "C" AS last_sync_at,
  coalesce((m.tally::json ->> 'imported')::bigint, 0) AS imported,
  coalesce((m.tally::json ->> 'repeated')::bigint, 0) AS duplicates_prevented,
  coalesce((m.tally::json ->> 'errors')::bigint, 0) AS errors,
  coalesce((m.tally::json ->> 'waiting')::bigint, 0) AS waiting,
  m.trouble AS last_error
FROM merchants m;

CREATE VIEW prep_business_integrations WITH (security_invoker = true) AS
SELECT
  c.id AS id,
  c.connector AS source,
  c.base_url AS base_url,
  c.settings::json ->> 'sync_mode' AS sync_mode,
  c.status::json ->> 'status' AS status,
  c.status::json ->> 'why' AS status_reason,
  (SELECT count(*) FROM merchants m WHERE m.connection = c.id) AS merchants,
  (SELECT count(*) FROM merchants m WHERE m.connection = c.id AND m.client IS NOT NULL) AS merchants_mapped,
  (SELECT iso_time(max(m.last_sync_at)) FROM merchants m WHERE m.connection = c.id) COLLATE "C" AS last_sync_at
FROM connections c
WHERE c.lane = 'connection:' || c.id;

CREATE VIEW prep_business_imports WITH (security_invoker = true) AS
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
  (SELECT string_agg(t ->> 'number', ' ') FROM json_array_elements(r.told::json -> 'tracking' -> 1) t)
    AS tracking_numbers,
  r.lines AS lines,
  r.requested AS requested_qty,
  r.received AS received_qty,
  r.unsellable AS unsellable_qty,
  r.missing AS missing_qty,
  r.parked AS lines_in_error,
  (SELECT min(l.problem) FROM reception_lines l WHERE l.client = r.client AND l.source = r.source
    AND l.source_id = r.source_id AND l.problem IS NOT NULL) AS error,
  iso_time(r.made_at) COLLATE "C" AS imported_at,
  iso_time(r.changed_at) COLLATE "C" AS updated_at
FROM receptions r;
