-- A role that reads what belongs to one client, in tables and views, and writes nothing. Run by an administrator, after
-- roles.sql. Rows of other clients are not there for it, nor are secrets, tokens and the bytes of webhooks.
-- For a reader of several clients, add a line for each to database_roles.
BEGIN;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'report_main') THEN
    CREATE ROLE "report_main" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO "report_main"', current_database());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO "report_main"', current_schema());
END $$;
-- A report that runs for an hour holds back the cleaning of every table.
ALTER ROLE "report_main" SET statement_timeout = '60s';
ALTER ROLE "report_main" SET idle_in_transaction_session_timeout = '60s';

SET LOCAL ROLE crossdock_owner;
INSERT INTO database_roles (role, client) VALUES ('report_main', 'main') ON CONFLICT DO NOTHING;
CALL protect_rows();
COMMIT;
