-- Receiving is a procedure of the server's: so it is planned once for each of the server's processes, also behind a pooler,
-- where no statement of ours can be prepared. To plan it anew took as long as to do it for a dozen arrivals.
--
-- The lists are as long as each other, and keys go in in their order, so that two who receive the same ones wait for each
-- other in one direction only; who waits sees them as duplicates once the other has committed. An arrival without a key is
-- always kept. Of each that was kept it says where it stands in the lists, from one on, and its number.
CREATE FUNCTION receive_arrivals(
  keys bytea[], lanes text[], ids bytea[], kinds text[], sources text[], topics text[], delivery_ids text[],
  event_ids text[], times bigint[], sizes bigint[], digests bytea[], bodies bytea[]
) RETURNS TABLE (place bigint, number bigint) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH came AS MATERIALIZED (
    SELECT nextval('arrival_seq') AS seq, i.* FROM (
      SELECT * FROM unnest(
        keys, lanes, ids, kinds, sources, topics, delivery_ids, event_ids, times, sizes, digests, bodies
      ) WITH ORDINALITY AS u (
        key, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed, at
      ) ORDER BY at
    ) i
  ), fresh AS (
    INSERT INTO seen AS s (key, seq) SELECT c.key, c.seq FROM came c WHERE c.key IS NOT NULL ORDER BY c.key
    ON CONFLICT DO NOTHING RETURNING s.seq
  ), kept AS (
    INSERT INTO arrivals AS a
      (seq, lane, id, kind, source, topic, delivery_id, event_id, received_at, size, digest, packed)
    SELECT c.seq, c.lane, c.id, c.kind, c.source, c.topic, c.delivery_id, c.event_id, c.received_at, c.size, c.digest,
      c.packed
    FROM came c WHERE c.key IS NULL OR c.seq IN (SELECT f.seq FROM fresh f) RETURNING a.seq, a.lane
  ), waits AS (
    INSERT INTO pending (lane, seq) SELECT k.lane, k.seq FROM kept k
  )
  SELECT c.at, k.seq FROM came c JOIN kept k ON k.seq = c.seq;
END
$$;

-- The same text as before. Where it makes an index's entry the server would set up a function in SQL anew for each row.
CREATE OR REPLACE FUNCTION iso_time(at bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN to_char(timestamp '1970-01-01' + at * interval '1 microsecond', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END
$$;
