-- For whoever wants the movements of one item: by span, number and index they come unsorted. Here all of them are one
-- span; SQLite's index, which every commit writes whole pages of, has many.
CREATE VIEW item_movements WITH (security_invoker = true) AS
SELECT
  client, number, "index", item, "from", "to", quantity, from_after, to_after, reason, at, 0::bigint AS span
FROM movements;
