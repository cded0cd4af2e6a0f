-- How the tables lie on Citus: run once by the owner, on an installation that is made and has no rows yet (`crossdock
-- database migrate`, then this, then roles.sql). Read docs/scaling.md first: with these tables alone the hub does NOT run on
-- Citus yet, and it says what is missing. Not run on a Citus server by us; a test holds it against the schema.
--
-- Two groups: what belongs to a lane lies by the lane's name, what belongs to a client by the client's id. Within a group all
-- rows of one owner lie in one shard.
BEGIN;

SELECT create_distributed_table('lanes', 'no', colocate_with => 'none');
SELECT create_distributed_table('arrivals', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('careful', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('connections', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('entries', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('events', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('pending', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('sends', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('tasks', 'lane', colocate_with => 'lanes');
SELECT create_distributed_table('timers', 'lane', colocate_with => 'lanes');

SELECT create_distributed_table('clients', 'id', colocate_with => 'none');
SELECT create_distributed_table('backing_uses', 'client', colocate_with => 'clients');
SELECT create_distributed_table('balances', 'client', colocate_with => 'clients');
SELECT create_distributed_table('braked', 'client', colocate_with => 'clients');
SELECT create_distributed_table('brakes', 'client', colocate_with => 'clients');
SELECT create_distributed_table('count_brakes', 'client', colocate_with => 'clients');
SELECT create_distributed_table('findings', 'client', colocate_with => 'clients');
SELECT create_distributed_table('held_counts', 'client', colocate_with => 'clients');
SELECT create_distributed_table('item_names', 'client', colocate_with => 'clients');
SELECT create_distributed_table('items', 'client', colocate_with => 'clients');
SELECT create_distributed_table('levels', 'client', colocate_with => 'clients');
SELECT create_distributed_table('links', 'client', colocate_with => 'clients');
SELECT create_distributed_table('mirrors', 'client', colocate_with => 'clients');
SELECT create_distributed_table('movements', 'client', colocate_with => 'clients');
SELECT create_distributed_table('orders', 'client', colocate_with => 'clients');
SELECT create_distributed_table('plans', 'client', colocate_with => 'clients');
SELECT create_distributed_table('pool_counts', 'client', colocate_with => 'clients');
SELECT create_distributed_table('reception_lines', 'client', colocate_with => 'clients');
SELECT create_distributed_table('receptions', 'client', colocate_with => 'clients');
SELECT create_distributed_table('witnessed', 'client', colocate_with => 'clients');
SELECT create_distributed_table('seen_orders', 'client', colocate_with => 'clients');
SELECT create_distributed_table('sold_lines', 'client', colocate_with => 'clients');
SELECT create_distributed_table('sweep_marks', 'client', colocate_with => 'clients');
SELECT create_distributed_table('sweeps', 'client', colocate_with => 'clients');
SELECT create_distributed_table('sync_results', 'client', colocate_with => 'clients');

-- What belongs to a connection that serves several clients lies by the connection.
SELECT create_distributed_table('shared_connections', 'connection', colocate_with => 'none');
SELECT create_distributed_table('fetching', 'connection', colocate_with => 'shared_connections');
SELECT create_distributed_table('merchants', 'connection', colocate_with => 'shared_connections');
SELECT create_distributed_table('routes', 'connection', colocate_with => 'shared_connections');
SELECT create_distributed_table('unrouted', 'connection', colocate_with => 'shared_connections');

-- What was seen already has no owner in its key: it lies by itself.
SELECT create_distributed_table('seen', 'key', colocate_with => 'none');
SELECT create_distributed_table('rates', 'connection', colocate_with => 'none');
SELECT create_distributed_table('tallies', 'connection', colocate_with => 'rates');

-- Few rows, read everywhere, seldom written.
SELECT create_reference_table('database_roles');
SELECT create_reference_table('installation');
SELECT create_reference_table('tokens');
SELECT create_reference_table('vault');

COMMIT;
