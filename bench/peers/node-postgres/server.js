// The peer to compare with: a webhook receiver as a careful Node team would write it on PostgreSQL. It verifies, stores and
// books each delivery in one durable transaction before it answers. A pool, prepared statements, nothing left out.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseArgs } from 'node:util';
import express from 'express';
import pg from 'pg';

const { values: settings } = parseArgs({
  options: {
    port: { type: 'string' },
    database: { type: 'string' },
    secret: { type: 'string' },
  },
});

const pool = new pg.Pool({ connectionString: settings.database, max: 10 });
await pool.query(`
  CREATE TABLE IF NOT EXISTS deliveries (
    webhook_id text PRIMARY KEY,
    shop text NOT NULL,
    topic text NOT NULL,
    received_at timestamptz NOT NULL,
    body bytea NOT NULL
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
const insertDelivery = {
  name: 'insert-delivery',
  text: `INSERT INTO deliveries (webhook_id, shop, topic, received_at, body) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING`,
};
const upsertStock = {
  name: 'upsert-stock',
  text: `INSERT INTO stock (inventory_item_id, location_id, available, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (inventory_item_id, location_id)
    DO UPDATE SET available = excluded.available, updated_at = excluded.updated_at
    WHERE excluded.updated_at > stock.updated_at`,
};
const insertLog = {
  name: 'insert-log',
  text: `INSERT INTO sync_log (webhook_id, inventory_item_id, available, outcome, logged_at)
    VALUES ($1, $2, $3, $4, $5)`,
};

async function book(delivery, level) {
  const { webhookId, shop, topic, receivedAt, body } = delivery;
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const stored = await client.query({
      ...insertDelivery,
      values: [webhookId, shop, topic, receivedAt, body],
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
  async (request, response) => {
    if (!isGenuine(request.body, request.get('x-shopify-hmac-sha256'))) {
      response.sendStatus(401);
      return;
    }
    const delivery = {
      webhookId: request.get('x-shopify-webhook-id'),
      shop: request.get('x-shopify-shop-domain'),
      topic: request.get('x-shopify-topic'),
      receivedAt: new Date(),
      body: request.body,
    };
    await book(delivery, JSON.parse(request.body));
    response.sendStatus(200);
  },
);

app.listen(Number(settings.port), '127.0.0.1');
