-- What was announced at partners, by its reference: so that it is never announced twice.
CREATE INDEX tasks_announced ON tasks (connection, subject, id) WHERE kind = 'put_reception' AND state = 'done';
-- What came of orders that were to be marked as shipped, by order.
CREATE INDEX tasks_marked ON tasks (connection, subject, id) WHERE kind = 'ship_order';
