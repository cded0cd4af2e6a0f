-- The same as a procedure, which is called and not asked: what a SELECT is given is first written into its plan, all bodies
-- with it, and a plan made anew each time, since behind a pooler no statement of ours can be prepared.
--
-- Of each arrival, in the lists' order, it says the number; of a repeat, nothing. Nodes of before still ask the function.
CREATE PROCEDURE receive(
  keys bytea[], lanes text[], ids bytea[], kinds text[], sources text[], topics text[], delivery_ids text[],
  event_ids text[], times bigint[], sizes bigint[], digests bytea[], bodies bytea[], OUT numbers bigint[]
) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  taken bigint;
BEGIN
  numbers := ARRAY(SELECT nextval('arrival_seq') FROM generate_series(1, cardinality(lanes)));
  -- In the order of the keys, so that two who receive the same ones wait for each other in one direction only.
  INSERT INTO seen (key, seq)
  SELECT k.key, k.seq FROM (SELECT unnest(keys) AS key, unnest(numbers) AS seq) k WHERE k.key IS NOT NULL ORDER BY k.key
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken = cardinality(array_remove(keys, NULL)) THEN
    INSERT INTO arrivals
      (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed)
    SELECT unnest(numbers), unnest(lanes), unnest(ids), unnest(kinds), unnest(sources), unnest(topics),
      unnest(delivery_ids), unnest(event_ids), unnest(times), unnest(sizes), unnest(digests), unnest(bodies);
    INSERT INTO pending (lane, seq) SELECT unnest(lanes), unnest(numbers);
  ELSE
    numbers := ARRAY(
      SELECT CASE WHEN k.key IS NULL OR k.seq = (SELECT s.seq FROM seen s WHERE s.key = k.key) THEN k.seq END
      FROM (SELECT unnest(keys) AS key, unnest(numbers) AS seq, generate_subscripts(numbers, 1) AS at) k ORDER BY k.at
    );
    INSERT INTO arrivals
      (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed)
    SELECT * FROM (
      SELECT unnest(numbers) AS seq, unnest(lanes), unnest(ids), unnest(kinds), unnest(sources), unnest(topics),
        unnest(delivery_ids), unnest(event_ids), unnest(times), unnest(sizes), unnest(digests), unnest(bodies)
    ) c WHERE c.seq IS NOT NULL;
    INSERT INTO pending (lane, seq)
    SELECT c.lane, c.seq FROM (SELECT unnest(lanes) AS lane, unnest(numbers) AS seq) c WHERE c.seq IS NOT NULL;
  END IF;
END
$$;
