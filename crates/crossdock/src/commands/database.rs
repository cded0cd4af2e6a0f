//! `database`: the tables on PostgreSQL, and who may use them.

use std::process::ExitCode;

use anyhow::{Result, bail};
use crossdock_store::{Place as StorePlace, Store};

use crate::cli::{DatabaseVerb, ReaderOf};
use crate::commands::Place;
use crate::data::store_place;
use crate::print;

const ROLES: &str = include_str!("../../../../docs/sql/roles.sql");
/// The script for a reader called `report_main` of the client `main`.
const READER: &str = include_str!("../../../../docs/sql/reader.sql");

pub(super) fn run(place: &Place, verb: &DatabaseVerb) -> Result<ExitCode> {
    match verb {
        DatabaseVerb::Migrate => migrate(place),
        DatabaseVerb::Roles { readers } => {
            print::line(ROLES);
            for reader in readers {
                print::line(&script(reader));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn migrate(place: &Place) -> Result<ExitCode> {
    let at = store_place(&place.data)?;
    let StorePlace::Server(server) = &at else {
        bail!(
            "a file of SQLite's is brought up to date when it is opened: set CROSSDOCK_DATABASE_URL"
        );
    };
    Store::connect(server)?;
    print::line(&format!("{at}: the tables are there, and up to date"));
    Ok(ExitCode::SUCCESS)
}

fn script(reader: &ReaderOf) -> String {
    READER.replace("report_main", &reader.role).replace("'main'", &format!("'{}'", reader.client))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_for_a_reader_names_the_role_and_the_client() {
        let reader: ReaderOf = "north_reports=north-1".parse().unwrap();
        let script = script(&reader);
        assert!(script.contains("VALUES ('north_reports', 'north-1')"), "{script}");
        assert!(script.contains("CREATE ROLE \"north_reports\""), "{script}");
        assert!(!script.contains("main"), "{script}");
    }

    #[test]
    fn a_role_whose_name_would_say_something_else_in_sql_is_refused() {
        for bad in
            ["a b=main", "a\";DROP TABLE items;--=main", "Upper=main", "=main", "report", "r=Main'"]
        {
            assert!(bad.parse::<ReaderOf>().is_err(), "{bad}");
        }
    }
}
