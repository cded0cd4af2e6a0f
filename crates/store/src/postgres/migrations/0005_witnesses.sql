-- What prep centres count of what lies with them, beside what our books said then.
CREATE TABLE witnessed (
  client text COLLATE "C" NOT NULL, item bigint NOT NULL, connection text COLLATE "C" NOT NULL, merchant text COLLATE "C" NOT NULL,
  pool text COLLATE "C", counted bigint, held bigint NOT NULL, committed bigint NOT NULL, drift bigint NOT NULL, since bigint,
  problem text COLLATE "C", asked_at bigint NOT NULL, told_by bigint NOT NULL,
  PRIMARY KEY (client, item, connection, merchant)
);
CREATE INDEX witnessed_apart ON witnessed (client, item, connection, merchant) WHERE since IS NOT NULL OR problem IS NOT NULL;
