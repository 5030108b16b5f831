//! Rows of several columns, a page at a time: aligned under names for a person, divided by tabs for a
//! program, or a list within a JSON object.

use serde_json::Value;

use crate::error::Error;
use crate::output::{DIM, Output};

/// A row, for the eyes and as JSON.
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    pub(crate) json: Value,
}

/// A list that is being written. However long it is, only a page of it is in memory.
pub(crate) struct Listing {
    output: Output,
    header: &'static [&'static str],
    is_empty: bool,
}

impl Listing {
    /// Begins a list that has this name in JSON, and these columns elsewhere.
    pub(crate) fn begin(
        output: Output,
        name: &str,
        header: &'static [&'static str],
    ) -> Result<Self, Error> {
        if output.json() {
            output.raw(format!("{{\"{name}\":[").as_bytes())?;
        }
        Ok(Self {
            output,
            header,
            is_empty: true,
        })
    }

    /// Writes a page.
    pub(crate) fn page(&mut self, rows: &[Row]) -> Result<(), Error> {
        let first = self.is_empty;
        self.is_empty = first && rows.is_empty();
        if self.output.json() {
            let texts: Vec<_> = rows.iter().map(|row| row.json.to_string()).collect();
            let comma = if first || rows.is_empty() { "" } else { "," };
            return self
                .output
                .raw(format!("{comma}{}", texts.join(",")).as_bytes());
        }
        if !self.output.terminal() {
            let lines = rows.iter().map(|row| row.cells.join("\t") + "\n");
            return self.output.raw(lines.collect::<String>().as_bytes());
        }
        let header = if first { self.header } else { &[] };
        self.output.text(&aligned(header, rows))
    }

    /// Ends the list.
    pub(crate) fn end(self, nothing: &str) -> Result<(), Error> {
        if self.output.json() {
            self.output.raw(b"]}\n")
        } else {
            if self.is_empty {
                self.output.note(nothing);
            }
            Ok(())
        }
    }
}

fn aligned(header: &[&str], rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
    let cells = || std::iter::once(&header).chain(rows.iter().map(|row| &row.cells));
    let columns = cells().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = cells().filter_map(|cells| cells.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths);
        let padded = padded.map(|(cell, &width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = String::new();
    if !header.is_empty() {
        text += &format!("  {DIM}{}{DIM:#}\n", line(&header));
    }
    for row in rows {
        text += &format!("  {}\n", line(&row.cells));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_their_names() {
        let row = |first: &str, second: &str| Row {
            cells: vec![first.to_owned(), second.to_owned()],
            json: Value::Null,
        };
        let text = aligned(&["a", "b"], &[row("zürich", "1"), row("x", "22")]);
        let plain = text.replace("\u{1b}[2m", "").replace("\u{1b}[0m", "");
        assert_eq!(plain, "  a       b\n  zürich  1\n  x       22\n");
        assert_eq!(aligned(&["a"], &[]), "");
    }
}
