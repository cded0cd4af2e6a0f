// The peer to compare with: a webhook receiver as a careful Node team would write it. It verifies, stores and books each
// delivery in one durable transaction before it answers. Not tuned beyond that, and nothing left out.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import express from 'express';

const { values: settings } = parseArgs({
  options: {
    port: { type: 'string' },
    database: { type: 'string' },
    secret: { type: 'string' },
  },
});

const database = new Database(settings.database);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE IF NOT EXISTS deliveries (
    webhook_id TEXT PRIMARY KEY,
    shop TEXT NOT NULL,
    topic TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body BLOB NOT NULL
  );
  CREATE TABLE IF NOT EXISTS stock (
    inventory_item_id INTEGER NOT NULL,
    location_id INTEGER NOT NULL,
    available INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (inventory_item_id, location_id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sync_log (
    id INTEGER PRIMARY KEY,
    webhook_id TEXT NOT NULL,
    inventory_item_id INTEGER NOT NULL,
    available INTEGER,
    outcome TEXT NOT NULL,
    logged_at INTEGER NOT NULL
  );
`);

const insertDelivery = database.prepare(
  'INSERT OR IGNORE INTO deliveries (webhook_id, shop, topic, received_at, body) VALUES (?, ?, ?, ?, ?)',
);
const upsertStock = database.prepare(`
  INSERT INTO stock (inventory_item_id, location_id, available, updated_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (inventory_item_id, location_id)
  DO UPDATE SET available = excluded.available, updated_at = excluded.updated_at
  WHERE excluded.updated_at > stock.updated_at
`);
const insertLog = database.prepare(
  'INSERT INTO sync_log (webhook_id, inventory_item_id, available, outcome, logged_at) VALUES (?, ?, ?, ?, ?)',
);

const book = database.transaction((delivery, level) => {
  const { webhookId, shop, topic, receivedAt, body } = delivery;
  if (insertDelivery.run(webhookId, shop, topic, receivedAt, body).changes === 0) {
    return;
  }
  const updatedAt = Date.parse(level.updated_at);
  const { changes } = upsertStock.run(
    level.inventory_item_id,
    level.location_id,
    level.available,
    updatedAt,
  );
  const outcome = changes === 0 ? 'stale' : 'applied';
  insertLog.run(webhookId, level.inventory_item_id, level.available, outcome, receivedAt);
});

function isGenuine(body, signature) {
  if (!Buffer.isBuffer(body) || !signature) {
    return false;
  }
  const expected = createHmac('sha256', settings.secret).update(body).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');

app.get('/health/ready', (request, response) => {
  response.sendStatus(200);
});

app.post(
  '/webhooks/shop',
  express.raw({ type: 'application/json', limit: '5mb' }),
  (request, response) => {
    if (!isGenuine(request.body, request.get('x-shopify-hmac-sha256'))) {
      response.sendStatus(401);
      return;
    }
    const delivery = {
      webhookId: request.get('x-shopify-webhook-id'),
      shop: request.get('x-shopify-shop-domain'),
      topic: request.get('x-shopify-topic'),
      receivedAt: Date.now(),
      body: request.body,
    };
    book.immediate(delivery, JSON.parse(request.body));
    response.sendStatus(200);
  },
);

app.listen(Number(settings.port), '127.0.0.1');
