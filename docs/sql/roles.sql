-- Two roles instead of one that may do everything. Run by an administrator in the hub's database, after the tables were
-- made (`crossdock database migrate`); may be run again at any time, also while hubs work.
--
--   crossdock_owner  owns the tables and may change them: for `crossdock database migrate` alone
--   crossdock_hub    what `crossdock serve` runs as: reads and writes rows, nothing else
--
-- Neither is a superuser, makes databases or roles, or passes by the policies. Give each a password of its own
-- (`\password crossdock_hub` in psql, which sends it hashed), and the hub an address with its role.
BEGIN;

DO $$
DECLARE
  part record;
BEGIN
  IF to_regprocedure('protect_rows()') IS NULL THEN
    RAISE EXCEPTION 'the tables are not there yet: run "crossdock database migrate" first';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'crossdock_owner') THEN
    CREATE ROLE crossdock_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'crossdock_hub') THEN
    CREATE ROLE crossdock_hub LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  -- Whoever hands things over has to belong to the one who gets them.
  EXECUTE format('GRANT crossdock_owner TO %I', current_user);

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO crossdock_owner, crossdock_hub', current_database());
  EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', current_schema());
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO crossdock_owner', current_schema());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO crossdock_hub', current_schema());

  FOR part IN
    SELECT format('ALTER %s %I OWNER TO crossdock_owner',
      CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname) AS hand_over
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
      AND relowner <> 'crossdock_owner'::regrole
    UNION ALL
    SELECT format('ALTER ROUTINE %s OWNER TO crossdock_owner', oid::regprocedure)
    FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proowner <> 'crossdock_owner'::regrole
  LOOP
    EXECUTE part.hand_over;
  END LOOP;
END $$;

SET LOCAL ROLE crossdock_owner;
INSERT INTO database_roles (role, client) VALUES ('crossdock_hub', '*') ON CONFLICT DO NOTHING;
CALL protect_rows();
COMMIT;
