-- The first schema: the tables of SQLite's, with the same columns. Times are microseconds since 1970, ids of partners are
-- text that compares by its bytes, nested values are JSON text. What is updated again and again leaves room on its
-- pages for it.

-- Lanes and their journal --------------------------------------------------------------------------------------

-- `no` is what other tables call a lane by: here its name, so that everything of a client can lie in one place.
CREATE TABLE lanes (
  no          text COLLATE "C" NOT NULL PRIMARY KEY,
  name        text COLLATE "C" NOT NULL,
  last_number bigint NOT NULL,
  last_at     bigint NOT NULL,
  -- Who left it as it is: with this a commit is looked up whose answer was lost.
  mark        text COLLATE "C",
  -- Arrivals up to this one are folded alone: one of them may have ended a process.
  suspects    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE SEQUENCE arrival_seq;

-- Everything that happened, as it arrived; and every send, as it was recorded.
CREATE TABLE arrivals (
  seq         bigint NOT NULL,
  lane        text COLLATE "C" NOT NULL,
  id          bytea  NOT NULL,
  kind        text COLLATE "C" NOT NULL,
  source      text COLLATE "C",
  topic       text COLLATE "C" NOT NULL,
  delivery_id text COLLATE "C",
  event_id    text COLLATE "C",
  received_at bigint NOT NULL,
  size        bigint NOT NULL,
  digest      bytea  NOT NULL,
  packed      bytea  NOT NULL,
  PRIMARY KEY (lane, seq)
);
-- It is packed already.
ALTER TABLE arrivals ALTER COLUMN packed SET STORAGE EXTERNAL;
CREATE INDEX arrivals_by_seq ON arrivals (seq);

-- Arrivals that wait to be folded. Short-lived rows, so it is cleaned often.
CREATE TABLE pending (
  lane text COLLATE "C" NOT NULL,
  seq  bigint NOT NULL,
  PRIMARY KEY (lane, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- What was seen already. Outlives the bodies, and is not cut into parts by time.
CREATE TABLE seen (
  key bytea  NOT NULL PRIMARY KEY,
  seq bigint NOT NULL
);

CREATE TABLE entries (
  lane        text COLLATE "C" NOT NULL,
  number      bigint NOT NULL,
  arrival     bigint NOT NULL,
  kind        text COLLATE "C" NOT NULL,
  at          bigint NOT NULL,
  outcome     text COLLATE "C" NOT NULL,
  note        text COLLATE "C" NOT NULL,
  result      text COLLATE "C",
  retried_by  bigint,
  version     bigint NOT NULL,
  PRIMARY KEY (lane, number)
);
CREATE INDEX entry_of_command ON entries (arrival) WHERE kind = 'command';
CREATE INDEX entries_in_trouble ON entries (lane, number, outcome)
  WHERE outcome IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed') AND retried_by IS NULL;

-- State: what the entries add up to ----------------------------------------------------------------------------

CREATE TABLE clients (
  id text COLLATE "C" NOT NULL PRIMARY KEY, name text COLLATE "C" NOT NULL, items bigint NOT NULL, tasks bigint NOT NULL,
  publishing text COLLATE "C" NOT NULL, brake text COLLATE "C" NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE connections (
  lane text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, connector text COLLATE "C" NOT NULL, base_url text COLLATE "C" NOT NULL, sandbox bigint NOT NULL,
  status text COLLATE "C" NOT NULL, stage text COLLATE "C" NOT NULL, location text COLLATE "C", stock text COLLATE "C" NOT NULL, settings text COLLATE "C" NOT NULL, calls text COLLATE "C" NOT NULL, warnings text COLLATE "C" NOT NULL, roles_since text COLLATE "C" NOT NULL, token text COLLATE "C",
  PRIMARY KEY (lane, id)
) WITH (fillfactor = 70);

CREATE TABLE items (
  client text COLLATE "C" NOT NULL, id bigint NOT NULL, sku text COLLATE "C" NOT NULL, reference text COLLATE "C", title text COLLATE "C",
  sync_enabled bigint NOT NULL, allocation text COLLATE "C" NOT NULL, publishing text COLLATE "C" NOT NULL, backing text COLLATE "C", places text COLLATE "C" NOT NULL,
  PRIMARY KEY (client, id)
);

CREATE INDEX items_by_sku ON items (client, sku);
CREATE INDEX items_by_backing ON items (client, id)
  WHERE backing IS NOT NULL;

CREATE TABLE item_names (
  client text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, item bigint NOT NULL,
  PRIMARY KEY (client, kind, name)
);

CREATE TABLE balances (
  client text COLLATE "C" NOT NULL, item bigint NOT NULL, account text COLLATE "C" NOT NULL, quantity bigint NOT NULL,
  sign bigint NOT NULL GENERATED ALWAYS AS (CASE WHEN quantity > 0 THEN 1 WHEN quantity < 0 THEN -1 ELSE 0 END) STORED,
  PRIMARY KEY (client, item, account)
) WITH (fillfactor = 70);
-- No index has the quantity itself, in its key or its condition: a row that only changes its quantity is changed in place.
CREATE INDEX balances_oversold ON balances (client, item)
  WHERE account IN ('pool:b2b', 'pool:b2c') AND sign = -1;
CREATE INDEX balances_committed ON balances (client, item, account)
  WHERE account >= 'committed:' AND account < 'committed;' AND sign = 1;
CREATE INDEX balances_unexplained ON balances (client, item, account)
  WHERE account >= 'unexplained:' AND account < 'unexplained;' AND sign = 1;

CREATE TABLE movements (
  client text COLLATE "C" NOT NULL, number bigint NOT NULL, "index" bigint NOT NULL, item bigint NOT NULL,
  "from" text COLLATE "C" NOT NULL, "to" text COLLATE "C" NOT NULL, quantity bigint NOT NULL CHECK (quantity > 0),
  from_after bigint NOT NULL, to_after bigint NOT NULL, reason text COLLATE "C" NOT NULL, at bigint NOT NULL,
  PRIMARY KEY (client, number, "index")
);
-- Holds all that running sums need, so that adding an item's whole history up reads nothing else.
CREATE INDEX movements_of_item ON movements (client, item, number, "index", "from", "to", quantity);

CREATE TABLE levels (
  client text COLLATE "C" NOT NULL, item bigint NOT NULL, connection text COLLATE "C" NOT NULL, location text COLLATE "C" NOT NULL,
  observed bigint, observed_at bigint, observed_by_write bigint NOT NULL, epoch bigint NOT NULL,
  bookings bigint NOT NULL, standing text COLLATE "C" NOT NULL,
  flight_send bigint, flight_from bigint, flight_to bigint, flight_since bigint, flight_relative bigint,
  hint_low bigint, hinted_anew bigint NOT NULL, adopt bigint NOT NULL, stales bigint NOT NULL, apart bigint NOT NULL,
  touched bigint NOT NULL, returned bigint NOT NULL, restoring bigint NOT NULL, restored bigint NOT NULL,
  wrote_from bigint, wrote_to bigint, wrote_since bigint, fights bigint NOT NULL, drift bigint NOT NULL,
  held bigint NOT NULL, began bigint NOT NULL, write_task bigint, read_task bigint,
  run bigint, error text COLLATE "C", synced_at bigint, seen_at bigint, confirmed_at bigint, told_by bigint, target bigint,
  is_apart bigint NOT NULL GENERATED ALWAYS AS (CASE WHEN observed <> target THEN 1 ELSE 0 END) STORED,
  PRIMARY KEY (client, item, connection, location)
) WITH (fillfactor = 70);
-- The few that are looked at again and again, out of all that are as they should be. None has a figure or a time of
-- observation, in its key or its condition: a level that was only observed is changed in place.
CREATE INDEX levels_in_error ON levels (client, item) WHERE error IS NOT NULL;
CREATE INDEX levels_unread ON levels (client, standing, item)
  WHERE error IS NULL AND standing IN ('hinted', 'confirming', 'doubtful');
CREATE INDEX levels_unwritten ON levels (client, item)
  WHERE error IS NULL AND (flight_send IS NOT NULL OR write_task IS NOT NULL);
CREATE INDEX levels_apart ON levels (client, connection, item)
  WHERE is_apart = 1;
-- What is done to all levels of a connection is done in this order, piece by piece.
CREATE INDEX levels_of_connection ON levels (client, connection, item, location);
CREATE INDEX levels_held ON levels (client, connection, item, location) WHERE held = 1;

-- The last count of each pool, by the system that owns it.
CREATE TABLE pool_counts (
  client text COLLATE "C" NOT NULL, item bigint NOT NULL, pool text COLLATE "C" NOT NULL, quantity bigint NOT NULL, version bigint NOT NULL,
  taken_at bigint NOT NULL, told_by bigint NOT NULL, braked text COLLATE "C",
  PRIMARY KEY (client, item, pool)
);

-- What counts have changed of a pool lately, and the counts that wait for a person.
CREATE TABLE count_brakes (
  client text COLLATE "C" NOT NULL, pool text COLLATE "C" NOT NULL, began bigint NOT NULL, items bigint NOT NULL, extent text COLLATE "C" NOT NULL,
  engaged text COLLATE "C",
  PRIMARY KEY (client, pool)
) WITH (fillfactor = 70);
CREATE TABLE held_counts (
  client text COLLATE "C" NOT NULL, pool text COLLATE "C" NOT NULL, item bigint NOT NULL, quantity bigint NOT NULL, version bigint NOT NULL,
  taken_at bigint NOT NULL, "from" bigint NOT NULL, "to" bigint NOT NULL, told_by bigint NOT NULL,
  PRIMARY KEY (client, pool, item)
);

-- Units that orders took from a supplier's figure since it was last confirmed (`seen_at`).
CREATE TABLE backing_uses (
  client text COLLATE "C" NOT NULL, item bigint NOT NULL, seen_at bigint NOT NULL, taken bigint NOT NULL,
  PRIMARY KEY (client, item)
);

-- When something about an item changes by itself.
CREATE TABLE timers (
  lane text COLLATE "C" NOT NULL, item bigint NOT NULL, due bigint NOT NULL,
  PRIMARY KEY (lane, item)
) WITH (fillfactor = 70);
CREATE INDEX timers_by_due ON timers (due, lane, item);

CREATE TABLE links (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, remote text COLLATE "C" NOT NULL, item bigint NOT NULL,
  since bigint NOT NULL,
  PRIMARY KEY (client, connection, kind, remote)
);
CREATE INDEX links_of_item ON links (client, item, connection, kind, remote, since);

CREATE TABLE mirrors (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, remote text COLLATE "C" NOT NULL, variant text COLLATE "C", sku text COLLATE "C", title text COLLATE "C",
  tracked bigint, gone bigint NOT NULL, at bigint,
  PRIMARY KEY (client, connection, remote)
);

-- What a partner calls a SKU may be longer than an index takes; an item's is not.
CREATE INDEX mirrors_by_sku ON mirrors (client, connection, sku) WHERE octet_length(sku) <= 190;

CREATE TABLE orders (
  client text COLLATE "C" NOT NULL, reference text COLLATE "C" NOT NULL, status text COLLATE "C" NOT NULL, lines text COLLATE "C" NOT NULL, placed_at bigint NOT NULL,
  placed_by bigint NOT NULL, cancelled_at bigint, shipments text COLLATE "C" NOT NULL,
  PRIMARY KEY (client, reference)
);
CREATE INDEX orders_by_placing ON orders (client, placed_by);

CREATE TABLE seen_orders (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, remote text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, raw_status text COLLATE "C" NOT NULL,
  cancelled bigint NOT NULL, placed_at bigint, at bigint, units text COLLATE "C" NOT NULL, returned text COLLATE "C" NOT NULL,
  told_by bigint NOT NULL,
  PRIMARY KEY (client, connection, remote)
);
CREATE INDEX seen_orders_by_change ON seen_orders (client, connection, at);
CREATE INDEX seen_orders_by_placing ON seen_orders (client, connection, placed_at);
-- The same by item, in the order in which they came or changed.
CREATE TABLE sold_lines (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, item bigint NOT NULL, at bigint NOT NULL, remote text COLLATE "C" NOT NULL,
  placed_at bigint, gone bigint NOT NULL, told_by bigint NOT NULL,
  PRIMARY KEY (client, connection, item, at, remote)
);
CREATE INDEX seen_orders_by_telling ON seen_orders (client, told_by);

CREATE TABLE tasks (
  lane text COLLATE "C" NOT NULL, id bigint NOT NULL, connection text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL,
  work text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL, due bigint NOT NULL, attempts bigint NOT NULL, cause bigint NOT NULL,
  send bigint, note text COLLATE "C" NOT NULL, made_at bigint NOT NULL, changed_at bigint NOT NULL,
  PRIMARY KEY (lane, id)
) WITH (fillfactor = 70);
CREATE INDEX tasks_waiting ON tasks (connection, kind, due, id) WHERE state = 'waiting';
CREATE INDEX tasks_sent_or_stuck ON tasks (connection, kind, id) WHERE state = 'sent' OR state = 'stuck';
CREATE INDEX tasks_due ON tasks (lane, due, connection, kind) WHERE state = 'waiting';
CREATE INDEX tasks_open ON tasks (state, due, connection, made_at) WHERE state = 'waiting' OR state = 'sent' OR state = 'stuck';
CREATE INDEX tasks_put_off ON tasks (lane, connection, made_at, due) WHERE state = 'waiting' AND attempts > 0;

CREATE TABLE sends (
  lane text COLLATE "C" NOT NULL, number bigint NOT NULL, connection text COLLATE "C" NOT NULL, "call" text COLLATE "C" NOT NULL, "key" text COLLATE "C" NOT NULL,
  attempt bigint NOT NULL, state text COLLATE "C" NOT NULL, first_at bigint NOT NULL, sent_at bigint NOT NULL,
  deadline bigint NOT NULL, key_dies bigint, again_at bigint, status bigint, took_ms bigint, note text COLLATE "C" NOT NULL,
  PRIMARY KEY (lane, number)
) WITH (fillfactor = 70);
CREATE INDEX sends_open ON sends (connection, number) WHERE state <> 'settled';
CREATE INDEX sends_of_lane ON sends (lane, connection) WHERE state <> 'settled';

CREATE TABLE sync_results (
  client text COLLATE "C" NOT NULL, run bigint NOT NULL, item bigint NOT NULL, connection text COLLATE "C" NOT NULL, location text COLLATE "C" NOT NULL,
  stage text COLLATE "C" NOT NULL, found bigint, written bigint, error text COLLATE "C", at bigint NOT NULL,
  PRIMARY KEY (client, run, item, connection, location)
);

-- Reconciliations: runs, what they found, and which items a run has met so far.
CREATE TABLE sweeps (
  client text COLLATE "C" NOT NULL, number bigint NOT NULL, connection text COLLATE "C" NOT NULL, scope text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL,
  since bigint, locations text COLLATE "C" NOT NULL, started_at bigint NOT NULL, ended_at bigint, pages bigint NOT NULL,
  rows bigint NOT NULL, findings bigint NOT NULL, known bigint NOT NULL, raced bigint NOT NULL,
  unlinked bigint NOT NULL, is_approved bigint NOT NULL, extent text COLLATE "C" NOT NULL, note text COLLATE "C" NOT NULL,
  PRIMARY KEY (client, number)
);
CREATE INDEX sweeps_of_connection ON sweeps (client, connection, number);
CREATE INDEX sweeps_going_on ON sweeps (client, connection, number) WHERE state IN ('reading', 'applying');
CREATE INDEX sweeps_compared ON sweeps (client, connection, scope, number, ended_at)
  WHERE state IN ('applying', 'asking', 'done');
CREATE INDEX sweeps_failed ON sweeps (client, connection, number) WHERE state = 'failed';
CREATE INDEX sweeps_asking ON sweeps (client, number) WHERE state = 'asking';

CREATE TABLE findings (
  client text COLLATE "C" NOT NULL, sweep bigint NOT NULL, id bigint NOT NULL, item bigint NOT NULL, connection text COLLATE "C" NOT NULL,
  location text COLLATE "C" NOT NULL, found text COLLATE "C" NOT NULL, ours bigint, theirs bigint, theirs_at bigint, difference bigint,
  evidence text COLLATE "C" NOT NULL, rests_on text COLLATE "C" NOT NULL, repair text COLLATE "C", state text COLLATE "C" NOT NULL, epoch bigint NOT NULL,
  bookings bigint NOT NULL, touched bigint NOT NULL, found_at bigint NOT NULL, ended_by bigint,
  PRIMARY KEY (client, sweep, id)
);
CREATE INDEX findings_of_level ON findings (client, connection, item, location, sweep);
CREATE INDEX findings_open ON findings (client, sweep, id) WHERE state = 'open';

CREATE TABLE sweep_marks (
  client text COLLATE "C" NOT NULL, sweep bigint NOT NULL, place bigint NOT NULL, block bigint NOT NULL, bits bytea NOT NULL,
  PRIMARY KEY (client, sweep, place, block)
);

CREATE TABLE events (
  lane text COLLATE "C" NOT NULL, number bigint NOT NULL, "index" bigint NOT NULL, name text COLLATE "C" NOT NULL, connection text COLLATE "C",
  at bigint NOT NULL, body text COLLATE "C" NOT NULL,
  PRIMARY KEY (lane, number, "index")
);

-- The brake: how much each side of a connection has changed within its window …
CREATE TABLE brakes (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, side text COLLATE "C" NOT NULL, began bigint NOT NULL, linked bigint NOT NULL,
  extent text COLLATE "C" NOT NULL, is_ruled bigint NOT NULL, engaged text COLLATE "C", word text COLLATE "C",
  PRIMARY KEY (client, connection, side)
) WITH (fillfactor = 70);

-- … and each change that counts, the last one of each figure.
CREATE TABLE braked (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, side text COLLATE "C" NOT NULL, item bigint NOT NULL, location text COLLATE "C" NOT NULL,
  "window" bigint NOT NULL, "from" bigint NOT NULL, "to" bigint NOT NULL, ruling text COLLATE "C" NOT NULL, sweep bigint,
  PRIMARY KEY (client, connection, side, item, location)
) WITH (fillfactor = 70);

CREATE INDEX braked_by_ruling ON braked (client, connection, side, ruling, "window", item, location);

-- What each connection would write, and what is linked there, counted.
CREATE TABLE plans (
  client text COLLATE "C" NOT NULL, connection text COLLATE "C" NOT NULL, linked bigint NOT NULL, writes bigint NOT NULL, extent text COLLATE "C" NOT NULL,
  PRIMARY KEY (client, connection)
) WITH (fillfactor = 70);

-- Operations: how we work. No part of the state, not rebuilt. ---------------------------------------------------

CREATE TABLE installation (
  name text COLLATE "C" NOT NULL PRIMARY KEY, value bytea NOT NULL
);

CREATE TABLE vault (
  slot text COLLATE "C" NOT NULL, version bigint NOT NULL, key_id text COLLATE "C" NOT NULL, nonce bytea NOT NULL, sealed bytea NOT NULL,
  stored_at bigint NOT NULL,
  PRIMARY KEY (slot, version)
);

CREATE TABLE tokens (
  digest bytea NOT NULL PRIMARY KEY, name text COLLATE "C" NOT NULL, scopes text COLLATE "C" NOT NULL, client text COLLATE "C", made_at bigint NOT NULL,
  used_at bigint, revoked_at bigint
);

CREATE TABLE tallies (
  connection text COLLATE "C" NOT NULL, what text COLLATE "C" NOT NULL, detail text COLLATE "C" NOT NULL, count bigint NOT NULL, first_at bigint NOT NULL,
  last_at bigint NOT NULL, topic text COLLATE "C" NOT NULL,
  PRIMARY KEY (connection, what, detail)
) WITH (fillfactor = 70);

CREATE TABLE rates (
  connection text COLLATE "C" NOT NULL PRIMARY KEY, calls bigint NOT NULL, calls_at bigint NOT NULL,
  points bigint, points_max bigint, points_per_s bigint, points_at bigint
) WITH (fillfactor = 70);

-- The arrival that was being folded on its own after a crash, and how often that ended in another.
CREATE TABLE careful (
  lane text COLLATE "C" NOT NULL PRIMARY KEY, seq bigint NOT NULL, tries bigint NOT NULL
);
