// The peer to compare with: a webhook receiver on PostgreSQL as it is usually written. Express parses, the signature is
// checked over the bytes as they came, and each delivery is stored and booked in one durable transaction, on a pool, before
// it is answered. Nothing is left out.
//
// --careful: the same by a team that has measured. The body is parsed once and kept as bytes, so the server neither parses
// nor rewrites it, and each statement is prepared once on each connection.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseArgs } from 'node:util';
import express from 'express';
import pg from 'pg';

const { values: settings } = parseArgs({
  options: {
    port: { type: 'string' },
    database: { type: 'string' },
    secret: { type: 'string' },
    careful: { type: 'boolean', default: false },
  },
});

const pool = new pg.Pool({ connectionString: settings.database, max: 10 });
await pool.query(`
  CREATE TABLE IF NOT EXISTS deliveries (
    webhook_id text PRIMARY KEY,
    shop text NOT NULL,
    topic text NOT NULL,
    received_at timestamptz NOT NULL,
    body ${settings.careful ? 'bytea' : 'jsonb'} NOT NULL
  );
  CREATE TABLE IF NOT EXISTS stock (
    inventory_item_id bigint NOT NULL,
    location_id bigint NOT NULL,
    available bigint,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (inventory_item_id, location_id)
  ) WITH (fillfactor = 70);
  CREATE TABLE IF NOT EXISTS sync_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id text NOT NULL,
    inventory_item_id bigint NOT NULL,
    available bigint,
    outcome text NOT NULL,
    logged_at timestamptz NOT NULL
  );
`);

// A statement with a name is prepared once on each connection.
const named = (name) => (settings.careful ? { name } : {});
const insertDelivery = {
  ...named('insert-delivery'),
  text: `INSERT INTO deliveries (webhook_id, shop, topic, received_at, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING`,
};
const upsertStock = {
  ...named('upsert-stock'),
  text: `INSERT INTO stock (inventory_item_id, location_id, available, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (inventory_item_id, location_id)
    DO UPDATE SET available = excluded.available, updated_at = excluded.updated_at
    WHERE excluded.updated_at > stock.updated_at`,
};
const insertLog = {
  ...named('insert-log'),
  text: `INSERT INTO sync_log (webhook_id, inventory_item_id, available, outcome, logged_at)
    VALUES ($1, $2, $3, $4, $5)`,
};

async function book(delivery, level) {
  const { webhookId, shop, topic, receivedAt, bytes } = delivery;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const stored = await client.query({
      ...insertDelivery,
      values: [webhookId, shop, topic, receivedAt, settings.careful ? bytes : level],
    });
    if (stored.rowCount === 1) {
      const { inventory_item_id: item, location_id: location, available } = level;
      const booked = await client.query({
        ...upsertStock,
        values: [item, location, available, new Date(level.updated_at)],
      });
      const outcome = booked.rowCount === 0 ? 'stale' : 'applied';
      await client.query({ ...insertLog, values: [webhookId, item, available, outcome, receivedAt] });
    }
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    client.release(error);
    throw error;
  }
}

function isGenuine(bytes, signature) {
  if (!Buffer.isBuffer(bytes) || !signature) {
    return false;
  }
  const expected = createHmac('sha256', settings.secret).update(bytes).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const app = express();
app.disable('x-powered-by');
app.disable('etag');

app.get('/health/ready', (request, response) => {
  response.sendStatus(200);
});

const limit = '5mb';
const keepBytes = (request, response, bytes) => {
  request.bytes = bytes;
};
const read = settings.careful
  ? express.raw({ type: 'application/json', limit, verify: keepBytes })
  : express.json({ limit, verify: keepBytes });

app.post('/webhooks/shop', read, async (request, response) => {
  const { bytes } = request;
  if (!isGenuine(bytes, request.get('x-shopify-hmac-sha256'))) {
    response.sendStatus(401);
    return;
  }
  const delivery = {
    webhookId: request.get('x-shopify-webhook-id'),
    shop: request.get('x-shopify-shop-domain'),
    topic: request.get('x-shopify-topic'),
    receivedAt: new Date(),
    bytes,
  };
  await book(delivery, settings.careful ? JSON.parse(bytes) : request.body);
  response.sendStatus(200);
});

app.listen(Number(settings.port), '127.0.0.1');
