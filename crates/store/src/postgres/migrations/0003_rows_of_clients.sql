-- Who may see which rows. The owner of the tables sees all of them, and whoever is not named here sees none, whatever
-- was granted by mistake.

-- Roles of the server that may look: each at its clients' rows, a line for every client; the hub's own role at all.
CREATE TABLE database_roles (
  role   text COLLATE "C" NOT NULL,
  client text COLLATE "C" NOT NULL, -- `*`: the hub itself
  PRIMARY KEY (role, client)
);

-- Makes rights and policies what `database_roles` says, for every table and view that there is now. Runs after every
-- migration, so that a new table is neither open to readers nor closed to the hub. Locks no table where it has nothing
-- to change: a reader can be added while hubs work.
CREATE PROCEDURE protect_rows() LANGUAGE plpgsql AS $$
DECLARE
  here      text := current_schema();
  thing     record;
  person    record;
  mine      text;
  hubs      text := (SELECT string_agg(DISTINCT quote_ident(role), ', ') FROM database_roles WHERE client = '*');
  hubs_oids oid[] := ARRAY(SELECT DISTINCT r.oid FROM pg_roles r JOIN database_roles d ON d.role = r.rolname
                           WHERE d.client = '*' ORDER BY r.oid);
BEGIN
  FOR thing IN
    SELECT c.oid, c.relname AS name, c.relkind <> 'v' AS is_table, c.relrowsecurity AS is_guarded,
      (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
        AND (a.attname IN ('client', 'lane') OR c.relname = 'clients' AND a.attname = 'id'
          OR c.relname = 'lanes' AND a.attname = 'name')
        ORDER BY a.attnum LIMIT 1) AS key,
      -- All but the bytes of partners' messages: they hold people's names, and nothing that SQL could use.
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'packed') AS columns,
      (SELECT ARRAY(SELECT unnest(p.polroles) ORDER BY 1) FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = 'hub') AS hubs_now,
      EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'reading') AS is_read,
      coalesce('security_invoker=true' = ANY (c.reloptions), false) AS is_invoker
    FROM pg_class c
    WHERE c.relnamespace = here::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    ORDER BY c.relname
  LOOP
    mine := CASE
      WHEN NOT thing.is_table THEN 'what lies beneath says it'
      WHEN thing.name = 'database_roles' THEN 'role = current_user::text'
      -- How we work, not what is so.
      WHEN thing.key IS NULL OR thing.name IN ('tokens', 'careful', 'pending') THEN NULL
      WHEN thing.key IN ('lane', 'name') THEN format('%I = ANY (ARRAY('
        'SELECT ''client:'' || r.client FROM database_roles r WHERE r.role = current_user::text))', thing.key)
      ELSE format('%I = ANY (ARRAY('
        'SELECT r.client FROM database_roles r WHERE r.role = current_user::text))', thing.key)
    END;
    IF thing.is_table THEN
      IF NOT thing.is_guarded THEN
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', thing.name);
      END IF;
      IF mine IS NOT NULL AND NOT thing.is_read THEN
        EXECUTE format('CREATE POLICY reading ON %I FOR SELECT USING (%s)', thing.name, mine);
      END IF;
      IF thing.hubs_now IS NOT NULL AND hubs IS NULL THEN
        EXECUTE format('DROP POLICY hub ON %I', thing.name);
      ELSIF thing.hubs_now IS NULL AND hubs IS NOT NULL THEN
        EXECUTE format('CREATE POLICY hub ON %I TO %s USING (true) WITH CHECK (true)', thing.name, hubs);
      ELSIF thing.hubs_now <> hubs_oids THEN
        EXECUTE format('ALTER POLICY hub ON %I TO %s', thing.name, hubs);
      END IF;
    ELSIF NOT thing.is_invoker THEN
      EXECUTE format('ALTER VIEW %I SET (security_invoker = true)', thing.name);
    END IF;
    FOR person IN SELECT role, bool_or(client = '*') AS is_hub FROM database_roles GROUP BY role ORDER BY role LOOP
      IF person.is_hub THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', thing.name, person.role);
      ELSIF mine IS NOT NULL THEN
        EXECUTE format('GRANT SELECT (%s) ON %I TO %I', thing.columns, thing.name, person.role);
      END IF;
    END LOOP;
  END LOOP;
  FOR person IN SELECT DISTINCT role FROM database_roles WHERE client = '*' ORDER BY role LOOP
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', here, person.role);
  END LOOP;
END $$;

REVOKE EXECUTE ON PROCEDURE protect_rows() FROM PUBLIC;
