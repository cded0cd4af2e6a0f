//! A database on PostgreSQL in which the hub works as its own role, with the rights that `docs/sql/roles.sql` gives it and
//! no others; and a trip-wire in it that breaks off whatever touches rows of two clients at once.

use std::process::Command;

use crossdock_simulation::Disk;
use crossdock_store::{Server, Store};

use super::server;

const ROLES: &str = include_str!("../../../../docs/sql/roles.sql");

/// Replaces the policies that let the hub see every row by such that watch each row which a statement comes upon: the
/// first is as good as any, a second one of another client ends the statement, unless it is on the list. Which of the
/// list were needed is counted, by sequences, since these stay when a transaction is given up.
const TRIP_WIRE: &str = r"
CREATE TABLE crossings (place bigint PRIMARY KEY, pattern text NOT NULL);
CREATE FUNCTION one_client(whose text) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$
DECLARE
  at   text := statement_timestamp()::text;
  last text := current_setting('trip.wire', true);
  that bigint;
BEGIN
  IF last IS NULL OR split_part(last, '|', 1) <> at THEN
    PERFORM set_config('trip.wire', at || '|' || whose, false);
  ELSIF split_part(last, '|', 2) <> whose THEN
    SELECT place INTO that FROM crossings WHERE current_query() LIKE pattern LIMIT 1;
    IF that IS NULL THEN
      RAISE EXCEPTION 'rows of % and of % in one statement: %', split_part(last, '|', 2), whose, current_query();
    END IF;
    IF NOT current_setting('transaction_read_only')::boolean THEN
      PERFORM nextval('crossing_' || that);
    END IF;
  END IF;
  RETURN true;
END $$;
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT c.table_name AS name, min(CASE
      WHEN c.table_name = 'clients' AND c.column_name = 'id' OR c.column_name = 'client' THEN c.column_name
      WHEN c.table_name = 'lanes' AND c.column_name = 'name' OR c.column_name = 'lane'
        THEN format('replace(%I, ''client:'', '''')', c.column_name) END) AS whose
    FROM information_schema.columns c JOIN pg_tables p ON p.tablename = c.table_name AND p.schemaname = 'public'
    WHERE c.table_schema = 'public' AND c.table_name NOT IN ('tokens', 'database_roles', 'crossings',
      -- Rows of a connection that serves several clients: of its lane, whoever they name.
      'merchants', 'routes')
    GROUP BY c.table_name
  LOOP
    IF t.whose IS NOT NULL THEN
      EXECUTE format('ALTER POLICY hub ON %I USING (one_client(%s)) WITH CHECK (one_client(%s))', t.name, t.whose, t.whose);
    END IF;
  END LOOP;
END $$;
-- Tables of a few rows are read from end to end, whatever keys a statement names; large ones are not.
ALTER ROLE crossdock_hub SET enable_seqscan = off;
ALTER ROLE crossdock_hub SET enable_hashjoin = off;
ALTER ROLE crossdock_hub SET enable_mergejoin = off;
ALTER ROLE crossdock_hub SET enable_bitmapscan = off;
";
const TAKEN_DOWN: &str = "DO $$ DECLARE t text; BEGIN \
    FOR t IN SELECT tablename FROM pg_policies WHERE policyname = 'hub' LOOP \
      EXECUTE format('ALTER POLICY hub ON %I USING (true) WITH CHECK (true)', t); \
    END LOOP; END $$";

/// The database and its roles; gone when dropped, after every rig that works there.
pub(crate) struct HubRole {
    admin: Disk,
    hub: Disk,
    suffix: String,
}

impl HubRole {
    /// None where there is no server to have roles; says so.
    pub(crate) fn new() -> Option<Self> {
        if server::is_not_on_a_server("roles are a server's") {
            return None;
        }
        let admin = server::fresh();
        let Disk::Server(place) = &admin else { return None };
        drop(Store::connect(place).unwrap());
        let address = server::address(place);
        let (start, suffix) = address.rsplit_once('/').unwrap();
        let (_, host) = start.split_once('@').unwrap();
        let hub = format!("postgres://crossdock_hub_{suffix}@{host}/{suffix}");
        let hub = Disk::Server(Server::parse(&hub).unwrap());
        let role = Self { hub, suffix: suffix.to_owned(), admin: admin.clone() };
        role.say(ROLES);
        Some(role)
    }

    /// Where the hub finds its store.
    pub(crate) fn disk(&self) -> Disk {
        self.hub.clone()
    }

    /// From here on no statement may touch rows of two clients, but for those like one of these.
    pub(crate) fn set_trip_wire(&self, crossings: &[&str]) {
        self.say(TRIP_WIRE);
        for (place, pattern) in crossings.iter().enumerate() {
            let pattern = pattern.replace('\'', "''");
            self.say(&format!(
                "INSERT INTO crossings VALUES ({place}, '{pattern}'); CREATE SEQUENCE crossing_{place}"
            ));
        }
    }

    /// Takes it down, and says which of the list were not needed.
    pub(crate) fn take_down(&self) -> Vec<String> {
        self.say(TAKEN_DOWN);
        let unused = "SELECT pattern FROM crossings \
            WHERE pg_sequence_last_value(('crossing_' || place)::regclass) IS NULL ORDER BY place";
        self.say(unused).lines().map(str::to_owned).collect()
    }

    fn say(&self, sql: &str) -> String {
        let Disk::Server(place) = &self.admin else { return String::new() };
        let sql =
            ["crossdock_owner", "crossdock_hub"].into_iter().fold(sql.to_owned(), |sql, role| {
                sql.replace(role, &format!("{role}_{}", self.suffix))
            });
        psql(&server::address(place), &sql)
    }
}

impl Drop for HubRole {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        server::remove(&self.admin);
        for role in ["crossdock_hub", "crossdock_owner"] {
            psql(&server::named(), &format!("DROP ROLE {role}_{}", self.suffix));
        }
    }
}

fn psql(address: &str, sql: &str) -> String {
    let args = [address, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql];
    let said = Command::new("psql").args(args).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}
