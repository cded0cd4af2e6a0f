-- The first schema. Times are microseconds since 1970, ids of partners are text, nested values are JSON text.

-- Lanes and their journal --------------------------------------------------------------------------------------

CREATE TABLE lanes (
  no          INTEGER PRIMARY KEY,
  name        TEXT    NOT NULL UNIQUE,
  last_number INTEGER NOT NULL,
  last_at     INTEGER NOT NULL,
  folded      INTEGER NOT NULL              -- arrivals up to this seq have their entry
) STRICT;

-- Everything that happened, as it arrived; and every send, as it was recorded.
CREATE TABLE arrivals (
  seq         INTEGER PRIMARY KEY,
  lane        INTEGER NOT NULL,
  id          BLOB    NOT NULL,
  kind        TEXT    NOT NULL,
  source      TEXT,
  topic       TEXT    NOT NULL,
  delivery_id TEXT,                         -- the partner's id of the delivery
  event_id    TEXT,
  received_at INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  digest      BLOB    NOT NULL,
  packed      BLOB    NOT NULL
) STRICT;
CREATE INDEX arrivals_of_lane ON arrivals (lane, seq);

-- What was seen already. Outlives the bodies.
CREATE TABLE seen (
  key         BLOB    NOT NULL PRIMARY KEY,
  seq         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that are not in `seen` yet, in the order in which they came: one line a commit, of 16 bytes of key and 8 of
-- sequence number each. `seq` is the last of them.
CREATE TABLE seen_log (
  seq         INTEGER PRIMARY KEY,
  keys        BLOB    NOT NULL
) STRICT;

CREATE TABLE entries (
  lane        INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  arrival     INTEGER NOT NULL,
  kind        TEXT    NOT NULL,
  at          INTEGER NOT NULL,
  outcome     TEXT    NOT NULL,
  note        TEXT    NOT NULL,
  result      TEXT,
  retried_by  INTEGER,
  version     INTEGER NOT NULL,
  PRIMARY KEY (lane, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_of_command ON entries (arrival) WHERE kind = 'command';
CREATE INDEX entries_in_trouble ON entries (lane, number, outcome)
  WHERE outcome IN ('unknown_status', 'unknown_entity', 'unroutable', 'unreadable', 'failed') AND retried_by IS NULL;

-- State: what the entries add up to ----------------------------------------------------------------------------

CREATE TABLE clients (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, items INTEGER NOT NULL, tasks INTEGER NOT NULL,
  publishing TEXT NOT NULL, brake TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connections (
  lane TEXT NOT NULL, id TEXT NOT NULL, connector TEXT NOT NULL, base_url TEXT NOT NULL, sandbox INTEGER NOT NULL,
  status TEXT NOT NULL, stage TEXT NOT NULL, location TEXT, stock TEXT NOT NULL, settings TEXT NOT NULL, calls TEXT NOT NULL, warnings TEXT NOT NULL, roles_since TEXT NOT NULL, token TEXT,
  PRIMARY KEY (lane, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  client TEXT NOT NULL, id INTEGER NOT NULL, sku TEXT NOT NULL, reference TEXT, title TEXT,
  sync_enabled INTEGER NOT NULL, allocation TEXT NOT NULL, publishing TEXT NOT NULL, backing TEXT, places TEXT NOT NULL,
  PRIMARY KEY (client, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX items_by_sku ON items (client, sku);
CREATE INDEX items_by_backing ON items (client, backing ->> 'connection', backing ->> 'location', id)
  WHERE backing IS NOT NULL;

CREATE TABLE item_names (
  client TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, item INTEGER NOT NULL,
  PRIMARY KEY (client, kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE balances (
  client TEXT NOT NULL, item INTEGER NOT NULL, account TEXT NOT NULL, quantity INTEGER NOT NULL,
  PRIMARY KEY (client, item, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX balances_oversold ON balances (client, item)
  WHERE account IN ('pool:b2b', 'pool:b2c') AND quantity < 0;
CREATE INDEX balances_committed ON balances (client, item, account, quantity)
  WHERE account >= 'committed:' AND account < 'committed;' AND quantity > 0;
CREATE INDEX balances_unexplained ON balances (client, item, account, quantity)
  WHERE account >= 'unexplained:' AND account < 'unexplained;' AND quantity > 0;

CREATE TABLE movements (
  client TEXT NOT NULL, number INTEGER NOT NULL, "index" INTEGER NOT NULL, item INTEGER NOT NULL,
  "from" TEXT NOT NULL, "to" TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0),
  from_after INTEGER NOT NULL, to_after INTEGER NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (client, number, "index")
) STRICT, WITHOUT ROWID;
-- Holds all that running sums need, so that adding an item's whole history up reads nothing else.
CREATE INDEX movements_of_item ON movements (client, item, number, "index", "from", "to", quantity);

CREATE TABLE levels (
  client TEXT NOT NULL, item INTEGER NOT NULL, connection TEXT NOT NULL, location TEXT NOT NULL,
  observed INTEGER, observed_at INTEGER, observed_by_write INTEGER NOT NULL, epoch INTEGER NOT NULL,
  bookings INTEGER NOT NULL, standing TEXT NOT NULL,
  flight_send INTEGER, flight_from INTEGER, flight_to INTEGER, flight_since INTEGER, flight_relative INTEGER,
  hint_low INTEGER, hinted_anew INTEGER NOT NULL, adopt INTEGER NOT NULL, stales INTEGER NOT NULL, apart INTEGER NOT NULL,
  touched INTEGER NOT NULL, returned INTEGER NOT NULL, restoring INTEGER NOT NULL, restored INTEGER NOT NULL,
  wrote_from INTEGER, wrote_to INTEGER, wrote_since INTEGER, fights INTEGER NOT NULL, drift INTEGER NOT NULL,
  held INTEGER NOT NULL, began INTEGER NOT NULL, write_task INTEGER, read_task INTEGER,
  run INTEGER, error TEXT, synced_at INTEGER, seen_at INTEGER, confirmed_at INTEGER, told_by INTEGER, target INTEGER,
  PRIMARY KEY (client, item, connection, location)
) STRICT, WITHOUT ROWID;
-- The few that are looked at again and again, out of all that are as they should be.
CREATE INDEX levels_in_error ON levels (client, item, seen_at) WHERE error IS NOT NULL;
CREATE INDEX levels_unread ON levels (client, standing, item, seen_at)
  WHERE error IS NULL AND standing IN ('hinted', 'confirming', 'doubtful');
CREATE INDEX levels_unwritten ON levels (client, item)
  WHERE error IS NULL AND (flight_send IS NOT NULL OR write_task IS NOT NULL);
CREATE INDEX levels_apart ON levels (client, connection, item)
  WHERE target IS NOT NULL AND observed IS NOT NULL AND observed <> target;
-- What is done to all levels of a connection is done in this order, piece by piece.
CREATE INDEX levels_of_connection ON levels (client, connection, item, location);
CREATE INDEX levels_held ON levels (client, connection, item, location) WHERE held = 1;

-- The last count of each pool, by the system that owns it.
CREATE TABLE pool_counts (
  client TEXT NOT NULL, item INTEGER NOT NULL, pool TEXT NOT NULL, quantity INTEGER NOT NULL, version INTEGER NOT NULL,
  taken_at INTEGER NOT NULL, told_by INTEGER NOT NULL, braked TEXT,
  PRIMARY KEY (client, item, pool)
) STRICT, WITHOUT ROWID;

-- What counts have changed of a pool lately, and the counts that wait for a person.
CREATE TABLE count_brakes (
  client TEXT NOT NULL, pool TEXT NOT NULL, began INTEGER NOT NULL, items INTEGER NOT NULL, extent TEXT NOT NULL,
  engaged TEXT,
  PRIMARY KEY (client, pool)
) STRICT, WITHOUT ROWID;
CREATE TABLE held_counts (
  client TEXT NOT NULL, pool TEXT NOT NULL, item INTEGER NOT NULL, quantity INTEGER NOT NULL, version INTEGER NOT NULL,
  taken_at INTEGER NOT NULL, "from" INTEGER NOT NULL, "to" INTEGER NOT NULL, told_by INTEGER NOT NULL,
  PRIMARY KEY (client, pool, item)
) STRICT, WITHOUT ROWID;

-- Units that orders took from a supplier's figure since it was last confirmed (`seen_at`).
CREATE TABLE backing_uses (
  client TEXT NOT NULL, item INTEGER NOT NULL, seen_at INTEGER NOT NULL, taken INTEGER NOT NULL,
  PRIMARY KEY (client, item)
) STRICT, WITHOUT ROWID;

-- When something about an item changes by itself.
CREATE TABLE timers (
  lane TEXT NOT NULL, item INTEGER NOT NULL, due INTEGER NOT NULL,
  PRIMARY KEY (lane, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_by_due ON timers (due, lane, item);

CREATE TABLE links (
  client TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL, item INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (client, connection, kind, remote)
) STRICT, WITHOUT ROWID;
-- Covering, or the planner would rather walk through all links of the client.
CREATE INDEX links_of_item ON links (client, item, connection, kind, remote, since);

CREATE TABLE mirrors (
  client TEXT NOT NULL, connection TEXT NOT NULL, remote TEXT NOT NULL, variant TEXT, sku TEXT, title TEXT,
  tracked INTEGER, gone INTEGER NOT NULL, at INTEGER,
  PRIMARY KEY (client, connection, remote)
) STRICT, WITHOUT ROWID;

CREATE INDEX mirrors_by_sku ON mirrors (client, connection, sku);

CREATE TABLE orders (
  client TEXT NOT NULL, reference TEXT NOT NULL, status TEXT NOT NULL, lines TEXT NOT NULL, placed_at INTEGER NOT NULL,
  placed_by INTEGER NOT NULL, cancelled_at INTEGER, shipments TEXT NOT NULL,
  PRIMARY KEY (client, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_placing ON orders (client, placed_by);

CREATE TABLE seen_orders (
  client TEXT NOT NULL, connection TEXT NOT NULL, remote TEXT NOT NULL, name TEXT NOT NULL, raw_status TEXT NOT NULL,
  cancelled INTEGER NOT NULL, placed_at INTEGER, at INTEGER, units TEXT NOT NULL, returned TEXT NOT NULL,
  told_by INTEGER NOT NULL,
  PRIMARY KEY (client, connection, remote)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_orders_by_change ON seen_orders (client, connection, at);
CREATE INDEX seen_orders_by_placing ON seen_orders (client, connection, placed_at);
-- The same by item, in the order in which they came or changed.
CREATE TABLE sold_lines (
  client TEXT NOT NULL, connection TEXT NOT NULL, item INTEGER NOT NULL, at INTEGER NOT NULL, remote TEXT NOT NULL,
  placed_at INTEGER, gone INTEGER NOT NULL, told_by INTEGER NOT NULL,
  PRIMARY KEY (client, connection, item, at, remote)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_orders_by_telling ON seen_orders (client, told_by);

CREATE TABLE tasks (
  lane TEXT NOT NULL, id INTEGER NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  work TEXT NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL, cause INTEGER NOT NULL,
  send INTEGER, note TEXT NOT NULL, made_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  PRIMARY KEY (lane, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_waiting ON tasks (connection, kind, due, id) WHERE state = 'waiting';
CREATE INDEX tasks_sent_or_stuck ON tasks (connection, kind, id) WHERE state = 'sent' OR state = 'stuck';
-- With OR, since SQLite does not see that one state is among those of an IN.
CREATE INDEX tasks_open ON tasks (state, due, connection, made_at) WHERE state = 'waiting' OR state = 'sent' OR state = 'stuck';
CREATE INDEX tasks_put_off ON tasks (lane, connection, made_at, due) WHERE state = 'waiting' AND attempts > 0;

CREATE TABLE sends (
  lane TEXT NOT NULL, number INTEGER NOT NULL, connection TEXT NOT NULL, "call" TEXT NOT NULL, "key" TEXT NOT NULL,
  attempt INTEGER NOT NULL, state TEXT NOT NULL, first_at INTEGER NOT NULL, sent_at INTEGER NOT NULL,
  deadline INTEGER NOT NULL, key_dies INTEGER, again_at INTEGER, status INTEGER, took_ms INTEGER, note TEXT NOT NULL,
  PRIMARY KEY (lane, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX sends_open ON sends (connection, number) WHERE state <> 'settled';

CREATE TABLE sync_results (
  client TEXT NOT NULL, run INTEGER NOT NULL, item INTEGER NOT NULL, connection TEXT NOT NULL, location TEXT NOT NULL,
  stage TEXT NOT NULL, found INTEGER, written INTEGER, error TEXT, at INTEGER NOT NULL,
  PRIMARY KEY (client, run, item, connection, location)
) STRICT, WITHOUT ROWID;

-- Reconciliations: runs, what they found, and which items a run has met so far.
CREATE TABLE sweeps (
  client TEXT NOT NULL, number INTEGER NOT NULL, connection TEXT NOT NULL, scope TEXT NOT NULL, state TEXT NOT NULL,
  since INTEGER, locations TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, pages INTEGER NOT NULL,
  rows INTEGER NOT NULL, findings INTEGER NOT NULL, known INTEGER NOT NULL, raced INTEGER NOT NULL,
  unlinked INTEGER NOT NULL, is_approved INTEGER NOT NULL, extent TEXT NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (client, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX sweeps_of_connection ON sweeps (client, connection, number);
CREATE INDEX sweeps_going_on ON sweeps (client, connection, number) WHERE state IN ('reading', 'applying');
CREATE INDEX sweeps_compared ON sweeps (client, connection, scope, number, ended_at)
  WHERE state IN ('applying', 'asking', 'done');
CREATE INDEX sweeps_failed ON sweeps (client, connection, number) WHERE state = 'failed';
CREATE INDEX sweeps_asking ON sweeps (client, number) WHERE state = 'asking';

CREATE TABLE findings (
  client TEXT NOT NULL, sweep INTEGER NOT NULL, id INTEGER NOT NULL, item INTEGER NOT NULL, connection TEXT NOT NULL,
  location TEXT NOT NULL, found TEXT NOT NULL, ours INTEGER, theirs INTEGER, theirs_at INTEGER, difference INTEGER,
  evidence TEXT NOT NULL, rests_on TEXT NOT NULL, repair TEXT, state TEXT NOT NULL, epoch INTEGER NOT NULL,
  bookings INTEGER NOT NULL, touched INTEGER NOT NULL, found_at INTEGER NOT NULL, ended_by INTEGER,
  PRIMARY KEY (client, sweep, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_of_level ON findings (client, connection, item, location, sweep);
CREATE INDEX findings_open ON findings (client, sweep, id) WHERE state = 'open';

CREATE TABLE sweep_marks (
  client TEXT NOT NULL, sweep INTEGER NOT NULL, place INTEGER NOT NULL, block INTEGER NOT NULL, bits BLOB NOT NULL,
  PRIMARY KEY (client, sweep, place, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  lane TEXT NOT NULL, number INTEGER NOT NULL, "index" INTEGER NOT NULL, name TEXT NOT NULL, connection TEXT,
  at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (lane, number, "index")
) STRICT, WITHOUT ROWID;

-- The brake: how much each side of a connection has changed within its window …
CREATE TABLE brakes (
  client TEXT NOT NULL, connection TEXT NOT NULL, side TEXT NOT NULL, began INTEGER NOT NULL, linked INTEGER NOT NULL,
  extent TEXT NOT NULL, is_ruled INTEGER NOT NULL, engaged TEXT, word TEXT,
  PRIMARY KEY (client, connection, side)
) STRICT, WITHOUT ROWID;

-- … and each change that counts, the last one of each figure.
CREATE TABLE braked (
  client TEXT NOT NULL, connection TEXT NOT NULL, side TEXT NOT NULL, item INTEGER NOT NULL, location TEXT NOT NULL,
  window INTEGER NOT NULL, "from" INTEGER NOT NULL, "to" INTEGER NOT NULL, ruling TEXT NOT NULL, sweep INTEGER,
  PRIMARY KEY (client, connection, side, item, location)
) STRICT, WITHOUT ROWID;

CREATE INDEX braked_by_ruling ON braked (client, connection, side, ruling, window, item, location);

-- What each connection would write, and what is linked there, counted.
CREATE TABLE plans (
  client TEXT NOT NULL, connection TEXT NOT NULL, linked INTEGER NOT NULL, writes INTEGER NOT NULL, extent TEXT NOT NULL,
  PRIMARY KEY (client, connection)
) STRICT, WITHOUT ROWID;

-- Operations: how we work. No part of the state, not rebuilt. ---------------------------------------------------

CREATE TABLE installation (
  name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vault (
  slot TEXT NOT NULL, version INTEGER NOT NULL, key_id TEXT NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,
  stored_at INTEGER NOT NULL,
  PRIMARY KEY (slot, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  digest BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, client TEXT, made_at INTEGER NOT NULL,
  used_at INTEGER, revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
  connection TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL, count INTEGER NOT NULL, first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL, topic TEXT NOT NULL,
  PRIMARY KEY (connection, what, detail)
) STRICT, WITHOUT ROWID;

CREATE TABLE rates (
  connection TEXT NOT NULL PRIMARY KEY, calls INTEGER NOT NULL, calls_at INTEGER NOT NULL,
  points INTEGER, points_max INTEGER, points_per_s INTEGER, points_at INTEGER
) STRICT, WITHOUT ROWID;

-- The arrival that was being folded on its own after a crash, and how often that ended in another.
CREATE TABLE careful (
  lane INTEGER NOT NULL PRIMARY KEY, seq INTEGER NOT NULL, tries INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
