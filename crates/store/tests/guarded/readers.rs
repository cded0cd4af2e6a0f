//! What the readers of one client see of a database that holds another's rows as well.

use crate::has_no_server;
use crate::roles::Roles;

/// Every row of `main` once more as one of `other`, and a row of each in tables that have none: so that no table can
/// pass by being empty.
const TWO_CLIENTS: &str = r"
DO $$
DECLARE
  t record;
  has_rows boolean;
BEGIN
  FOR t IN
    SELECT c.table_name AS name,
      string_agg(quote_ident(c.column_name), ', ' ORDER BY c.ordinal_position) AS columns,
      string_agg(CASE
        WHEN c.column_name = 'client' OR c.table_name = 'clients' AND c.column_name = 'id' THEN '''%1$s'''
        WHEN c.column_name = 'lane' OR c.table_name = 'lanes' AND c.column_name IN ('no', 'name') THEN '''client:%1$s'''
        WHEN c.table_name = 'tokens' AND c.column_name = 'digest' THEN '''%1$s''::bytea'
        WHEN c.table_name IN ('merchants', 'routes') AND c.column_name = 'remote' THEN '''%1$s'''
        ELSE quote_ident(c.column_name) END, ', ' ORDER BY c.ordinal_position) AS copied,
      string_agg(CASE
        WHEN c.column_name = 'client' OR c.table_name = 'clients' AND c.column_name = 'id' THEN '''main'''
        WHEN c.column_name = 'lane' OR c.table_name = 'lanes' AND c.column_name IN ('no', 'name') THEN '''client:main'''
        WHEN c.data_type = 'bigint' THEN '1'
        WHEN c.data_type = 'bytea' THEN '''\x01''::bytea'
        ELSE '''{}''' END, ', ' ORDER BY c.ordinal_position) AS made
    FROM information_schema.columns c JOIN pg_tables p ON p.tablename = c.table_name AND p.schemaname = 'public'
    WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND c.table_name NOT IN ('migrations', 'database_roles')
    GROUP BY c.table_name
    HAVING bool_or(c.column_name IN ('client', 'lane')) OR c.table_name IN ('clients', 'lanes')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', t.name) INTO has_rows;
    IF NOT has_rows THEN
      EXECUTE format('INSERT INTO %I (%s) VALUES (%s)', t.name, t.columns, t.made);
    END IF;
    EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM %I', t.name, t.columns, format(t.copied, 'other'), t.name);
  END LOOP;
END $$";

/// Every table and view whose rows tell whose they are, with the column that does and the word for `main` there.
const WHOSE: &str = "SELECT c.table_name || '|' || c.column_name || '|' || \
    CASE WHEN c.column_name IN ('lane', 'name') THEN 'client:main' ELSE 'main' END \
    FROM information_schema.columns c WHERE c.table_schema = 'public' AND (c.column_name IN ('client', 'lane', 'client_id') \
    OR c.table_name = 'clients' AND c.column_name = 'id' OR c.table_name = 'lanes' AND c.column_name = 'name') \
    ORDER BY 1";
/// What says how we work: for no reader.
const OURS: &[&str] = &[
    "careful",
    "installation",
    "migrations",
    "pending",
    "rates",
    "seen",
    "tallies",
    "tokens",
    "vault",
];

#[test]
fn a_reader_sees_its_clients_rows_in_every_table_and_view_and_no_others() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    roles.say(TWO_CLIENTS);
    let mut found = 0;
    for line in roles.say(WHOSE).lines() {
        let [name, column, main] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        if OURS.contains(&name) || name == "database_roles" {
            continue;
        }
        let all = roles.say(&format!("SELECT count(DISTINCT {column}) FROM {name}"));
        assert!(all.parse::<u32>().unwrap() > 1, "{name} holds rows of both clients");
        let mine = roles.say(&format!("SELECT count(*) FROM {name} WHERE {column} = '{main}'"));
        let sees =
            format!("SELECT count(*) || ' of ' || min({column}) || max({column}) FROM {name}");
        assert_eq!(
            roles.ask("report_main", &sees).unwrap(),
            format!("{mine} of {main}{main}"),
            "{name}"
        );
        found += 1;
    }
    assert!(found > 25, "only {found} tables and views tell whose their rows are");
}

#[test]
fn secrets_tokens_and_the_bytes_of_webhooks_are_for_no_reader() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    for table in OURS {
        let why = roles.ask("report_main", &format!("SELECT count(*) FROM {table}")).unwrap_err();
        assert!(why.contains("permission denied"), "{table}: {why}");
    }
    let bytes = roles.ask("report_main", "SELECT packed FROM arrivals").unwrap_err();
    assert!(bytes.contains("permission denied"), "{bytes}");
}

/// Fails where a table could be written to.
const NO_TABLE: &str = "DO $$ DECLARE t text; sql text; BEGIN \
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP \
      FOREACH sql IN ARRAY ARRAY['DELETE FROM %I', 'INSERT INTO %I DEFAULT VALUES'] LOOP \
        BEGIN \
          EXECUTE format(sql, t); \
          RAISE EXCEPTION '% was allowed', format(sql, t); \
        EXCEPTION WHEN insufficient_privilege THEN NULL; \
        END; \
      END LOOP; \
    END LOOP; END $$";

#[test]
fn a_reader_changes_nothing() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    roles.ask("report_main", NO_TABLE).unwrap();
    for sql in [
        "UPDATE items SET sku = 'mine'",
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CALL protect_rows()",
        "SET ROLE crossdock_owner",
        "SELECT nextval('arrival_seq')",
    ] {
        let why = roles.ask("report_main", &roles.renamed(sql)).unwrap_err();
        assert!(why.contains("permission denied"), "{sql}: {why}");
    }
}

#[test]
fn who_was_let_in_by_mistake_finds_every_table_empty() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    let stranger = roles.name("stranger");
    roles.say(&format!(
        "CREATE ROLE {stranger} LOGIN; GRANT USAGE ON SCHEMA public TO {stranger}; \
         GRANT CONNECT ON DATABASE {} TO {stranger}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {stranger}",
        roles.name("").trim_start_matches('_')
    ));
    let things = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace \
        AND relkind IN ('r', 'p', 'v')";
    for name in roles.say(things).lines() {
        let sees = roles.ask("stranger", &format!("SELECT count(*) FROM {name}"));
        assert_eq!(sees.as_deref(), Ok("0"), "{name}");
    }
}

#[test]
fn a_table_of_a_later_version_is_open_to_the_hub_and_to_its_clients_readers() {
    if has_no_server() {
        return;
    }
    let roles = Roles::new();
    let later = "CREATE TABLE parcels (client text, id bigint, PRIMARY KEY (client, id)); \
        CREATE VIEW all_parcels AS SELECT * FROM parcels; CALL protect_rows()";
    roles.ask("crossdock_owner", later).unwrap();
    let write = "INSERT INTO parcels VALUES ('main', 1), ('other', 2)";
    roles.ask("crossdock_hub", write).unwrap();
    assert_eq!(roles.ask("crossdock_hub", "SELECT count(*) FROM parcels").unwrap(), "2");
    assert_eq!(roles.ask("report_main", "SELECT id FROM parcels").unwrap(), "1");
    assert_eq!(roles.ask("report_main", "SELECT id FROM all_parcels").unwrap(), "1");
}
