-- The same procedure in statements of their own instead of one. There each body went through a list of rows, a sort and a
-- join on its way to the table; here it goes there from the list that it came in.
--
-- The plans are made once, whatever the lists hold: made for one call, a plan has a copy of all bodies in it.
CREATE OR REPLACE FUNCTION receive_arrivals(
  keys bytea[], lanes text[], ids bytea[], kinds text[], sources text[], topics text[], delivery_ids text[],
  event_ids text[], times bigint[], sizes bigint[], digests bytea[], bodies bytea[]
) RETURNS TABLE (place bigint, number bigint) LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  seqs bigint[] := ARRAY(SELECT nextval('arrival_seq') FROM generate_series(1, cardinality(lanes)));
  taken bigint;
BEGIN
  -- In the order of the keys, so that two who receive the same ones wait for each other in one direction only.
  INSERT INTO seen (key, seq)
  SELECT k.key, k.seq FROM (SELECT unnest(keys) AS key, unnest(seqs) AS seq) k WHERE k.key IS NOT NULL ORDER BY k.key
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken = cardinality(array_remove(keys, NULL)) THEN
    INSERT INTO arrivals
      (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed)
    SELECT unnest(seqs), unnest(lanes), unnest(ids), unnest(kinds), unnest(sources), unnest(topics),
      unnest(delivery_ids), unnest(event_ids), unnest(times), unnest(sizes), unnest(digests), unnest(bodies);
  ELSE
    -- A repeat keeps its place in the lists, and has no number.
    seqs := ARRAY(
      SELECT CASE WHEN k.key IS NULL OR k.seq = (SELECT s.seq FROM seen s WHERE s.key = k.key) THEN k.seq END
      FROM (SELECT unnest(keys) AS key, unnest(seqs) AS seq, generate_subscripts(seqs, 1) AS at) k ORDER BY k.at
    );
    INSERT INTO arrivals
      (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed)
    SELECT * FROM (
      SELECT unnest(seqs) AS seq, unnest(lanes), unnest(ids), unnest(kinds), unnest(sources), unnest(topics),
        unnest(delivery_ids), unnest(event_ids), unnest(times), unnest(sizes), unnest(digests), unnest(bodies)
    ) c WHERE c.seq IS NOT NULL;
  END IF;
  INSERT INTO pending (lane, seq)
  SELECT c.lane, c.seq FROM (SELECT unnest(lanes) AS lane, unnest(seqs) AS seq) c WHERE c.seq IS NOT NULL;
  RETURN QUERY
  SELECT c.at, c.seq FROM (SELECT generate_subscripts(seqs, 1)::bigint AS at, unnest(seqs) AS seq) c
  WHERE c.seq IS NOT NULL;
END
$$;
