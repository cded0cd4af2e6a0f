-- What prep centres count of what lies with them, beside what our books said then.
CREATE TABLE witnessed (
  client TEXT NOT NULL, item INTEGER NOT NULL, connection TEXT NOT NULL, merchant TEXT NOT NULL, pool TEXT, counted INTEGER,
  held INTEGER NOT NULL, committed INTEGER NOT NULL, drift INTEGER NOT NULL, since INTEGER, problem TEXT,
  asked_at INTEGER NOT NULL, told_by INTEGER NOT NULL,
  PRIMARY KEY (client, item, connection, merchant)
) STRICT, WITHOUT ROWID;
CREATE INDEX witnessed_apart ON witnessed (client, item, connection, merchant) WHERE since IS NOT NULL OR problem IS NOT NULL;
