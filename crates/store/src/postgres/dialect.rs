//! A statement of ours in PostgreSQL's words: numbered parameters, no hints for the planner, and the few functions that
//! are called otherwise. What is between quotes stays as it is.

/// What is written otherwise, outside of quotes.
const WORDS: &[(&str, &str)] = &[
    (" LIKE ", " ILIKE "),
    ("instr(", "strpos("),
    ("INSERT OR REPLACE ", "INSERT "),
    // A row is changed in place only where no column changes that an index has, in its key or its condition. So what an index
    // asks of a figure that always changes is a column of its own, which hardly ever does.
    (" AND quantity > 0", " AND sign = 1"),
    ("b.quantity > 0", "b.sign = 1"),
    (" AND quantity < 0", " AND sign = -1"),
    ("l.observed <> l.target", "l.is_apart = 1"),
    ("observed <> target", "is_apart = 1"),
];

/// Translates one statement. Where a parameter is nothing, `NULL` stands in its place: the server could not tell of what
/// type it is.
pub(super) fn translate(sql: &str, is_null: &[bool]) -> String {
    let places = Places::of(is_null);
    let mut out = String::with_capacity(sql.len() + 16);
    let mut rest = sql;
    let mut next = 1;
    while let Some(first) = rest.chars().next() {
        if first == '\'' || first == '"' {
            let end =
                rest.get(1..).and_then(|tail| tail.find(first)).map_or(rest.len(), |at| at + 2);
            let (quoted, tail) = rest.split_at(end);
            out.push_str(quoted);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('?') {
            let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, tail) = tail.split_at(digits);
            if number.is_empty() {
                out.push_str(&places.of_parameter(next));
                next += 1;
            } else {
                out.push_str(&places.of_parameter(number.parse().unwrap_or_default()));
            }
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("INDEXED BY ") {
            rest = tail.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        } else if let Some(tail) = rest.strip_prefix("SELECT value FROM json_each(") {
            let (list, tail) = tail.split_once(')').unwrap_or((tail, ""));
            let list =
                places.of_parameter(list.trim_start_matches('?').parse().unwrap_or_default());
            out.push_str(&format!(
                "SELECT value::bigint FROM json_array_elements_text(({list})::json)"
            ));
            rest = tail;
        } else if let Some((theirs, tail)) = WORDS
            .iter()
            .find_map(|(ours, theirs)| rest.strip_prefix(ours).map(|tail| (theirs, tail)))
        {
            out.push_str(theirs);
            rest = tail;
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// What each parameter is called once those that are nothing are left out.
struct Places(Vec<Option<usize>>);

impl Places {
    fn of(is_null: &[bool]) -> Self {
        let mut last = 0;
        let place = |is_null: &bool| {
            (!is_null).then(|| {
                last += 1;
                last
            })
        };
        Self(is_null.iter().map(place).collect())
    }

    fn of_parameter(&self, number: usize) -> String {
        let place = number.checked_sub(1).and_then(|at| self.0.get(at)).copied().flatten();
        place.map_or_else(|| "NULL".to_owned(), |place| format!("${place}"))
    }
}

#[cfg(test)]
mod tests {
    fn translate(sql: &str) -> String {
        super::translate(sql, &[false; 3])
    }

    #[test]
    fn what_is_nothing_is_written_out() {
        assert_eq!(
            super::translate("?1 IS NULL OR a = ?1 AND b = ?2", &[true, false]),
            "NULL IS NULL OR a = NULL AND b = $1"
        );
    }

    #[test]
    fn parameters_get_numbers_and_quoted_text_stays_as_it_is() {
        assert_eq!(translate("a = ? AND b = '?' AND c = ?"), "a = $1 AND b = '?' AND c = $2");
        assert_eq!(translate("a = ?2 OR b = ?1"), "a = $2 OR b = $1");
    }

    #[test]
    fn hints_for_the_planner_go() {
        assert_eq!(
            translate("SELECT 1 FROM links INDEXED BY links_of_item WHERE x = ?"),
            "SELECT 1 FROM links  WHERE x = $1"
        );
    }

    #[test]
    fn what_an_index_asks_of_a_figure_is_asked_of_its_own_column() {
        assert_eq!(
            translate("a = ? AND quantity > 0 ORDER BY a"),
            "a = $1 AND sign = 1 ORDER BY a"
        );
        assert_eq!(
            translate("target IS NOT NULL AND observed <> target"),
            "target IS NOT NULL AND is_apart = 1"
        );
    }

    #[test]
    fn lists_of_numbers_are_read_from_json() {
        assert_eq!(
            translate("n IN (SELECT value FROM json_each(?3)) AND t LIKE ?1"),
            "n IN (SELECT value::bigint FROM json_array_elements_text(($3)::json)) AND t ILIKE $1"
        );
    }
}
