//! Tables as spreadsheets write them: a line of headings, fields between commas, semicolons or tabs, quotes around fields that
//! hold one of those. Cells are text, and nothing here knows what they mean.

/// More columns than these have no meaning.
const COLUMNS_MAX: usize = 200;

/// A row, by its headings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it begins in the file: lines count from 1.
    pub(super) line: usize,
    /// Heading and cell, in the order of the headings, without blank cells; or why the row does not read.
    pub(super) cells: Result<Vec<(String, String)>, String>,
}

/// The rows below the headings.
pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "the table is not in UTF-8: save it as CSV in UTF-8".to_owned())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut records = records(text, separator(text))?.into_iter();
    let (_, headings) = records.next().ok_or("the table is empty")?;
    let headings: Vec<String> = headings.iter().map(|text| heading(text)).collect();
    if headings.len() > COLUMNS_MAX {
        return Err(format!("the table has more than {COLUMNS_MAX} columns"));
    }
    Ok(records.map(|(line, cells)| Row { line, cells: row(&headings, cells) }).collect())
}

fn row(headings: &[String], cells: Vec<String>) -> Result<Vec<(String, String)>, String> {
    let (wanted, found) = (headings.len(), cells.len());
    if found > wanted {
        return Err(format!("it has {found} fields, and the table has {wanted} columns"));
    }
    let cells = cells.into_iter().map(|cell| cell.trim().to_owned());
    let named = headings.iter().cloned().zip(cells);
    Ok(named.filter(|(_, cell)| !cell.is_empty()).collect())
}

/// `Merchant ID` and `merchant-id` are `merchant_id`.
fn heading(text: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    text.trim().chars().map(word).collect()
}

/// Whichever of the three stands most often in the headings.
fn separator(text: &str) -> char {
    let headings = text.lines().next().unwrap_or_default();
    let count = |separator: char| headings.matches(separator).count();
    [';', '\t']
        .into_iter()
        .fold(',', |best, other| if count(other) > count(best) { other } else { best })
}

/// Records with the line on which each begins; blank lines are none.
fn records(text: &str, separator: char) -> Result<Vec<(usize, Vec<String>)>, String> {
    let mut records = Vec::new();
    let mut record = Record::at(1);
    let mut line = 1;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        line += usize::from(c == '\n');
        match c {
            '"' if record.is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                record.cell.push('"');
            }
            '"' if record.is_quoted => record.is_quoted = false,
            '"' if record.cell.trim().is_empty() => {
                record.cell.clear();
                record.is_quoted = true;
            }
            '\n' if !record.is_quoted => {
                records.extend(std::mem::replace(&mut record, Record::at(line)).finished());
            }
            c if c == separator && !record.is_quoted => record.end_cell(),
            c => record.cell.push(c),
        }
    }
    if record.is_quoted {
        return Err(format!("a quote that opens on line {} is never closed", record.line));
    }
    records.extend(record.finished());
    Ok(records)
}

/// A record that is being read.
struct Record {
    line: usize,
    cells: Vec<String>,
    cell: String,
    is_quoted: bool,
}

impl Record {
    const fn at(line: usize) -> Self {
        Self { line, cells: Vec::new(), cell: String::new(), is_quoted: false }
    }

    fn end_cell(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell));
    }

    fn finished(mut self) -> Option<(usize, Vec<String>)> {
        self.end_cell();
        let is_blank = self.cells.iter().all(|cell| cell.trim().is_empty());
        (!is_blank).then_some((self.line, self.cells))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<(String, String)>> {
        rows(text.as_bytes()).unwrap().into_iter().map(|row| row.cells.unwrap()).collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect()
    }

    #[test]
    fn commas_semicolons_and_tabs_part_fields_and_headings_are_plain_words() {
        for separator in [",", ";", "\t"] {
            let text = "\u{feff}Merchant ID|SKU|qty\r\n7|\"A|1\"|3\r\n\r\n7||5\r\n";
            let read = cells(&text.replace('|', separator));
            let sku = format!("A{separator}1");
            let first = pairs(&[("merchant_id", "7"), ("sku", &sku), ("qty", "3")]);
            assert_eq!(read, [first, pairs(&[("merchant_id", "7"), ("qty", "5")])]);
        }
    }

    #[test]
    fn quotes_hold_line_breaks_and_quotes() {
        let read = rows(b"a,b\n\"x\ny\",\"say \"\"hi\"\"\"\nz,1\n").unwrap();
        assert_eq!(read[0].cells, Ok(pairs(&[("a", "x\ny"), ("b", "say \"hi\"")])));
        assert_eq!((read[0].line, read[1].line), (2, 4));
    }

    #[test]
    fn a_row_with_too_many_fields_is_refused_and_the_others_stay() {
        let read = rows(b"a,b\n1,2,3\n4\n").unwrap();
        assert!(read[0].cells.is_err());
        assert_eq!(read[1].cells, Ok(pairs(&[("a", "4")])));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_no_table() {
        assert!(rows(b"a,b\n\"1,2\n3,4\n").is_err());
        assert!(rows(b"").is_err());
        assert!(rows(b"a\n\xff\n").is_err());
    }
}
