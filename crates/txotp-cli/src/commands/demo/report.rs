//! What the demo tells: numbered steps in plain language, and a mark for whatever was checked.

use serde_json::{Map, Value, json};

use crate::output::{BAD, BOLD, DIM, GOOD};

/// The story so far, and whether all went as it must.
#[derive(Default)]
pub(crate) struct Report {
    text: String,
    chapters: u32,
    checks: Vec<Check>,
    values: Map<String, Value>,
}

/// Something that had to come out in one way.
struct Check {
    name: &'static str,
    told: String,
    ok: bool,
}

impl Report {
    /// Begins a numbered step.
    pub(crate) fn chapter(&mut self, title: &str) {
        self.chapters = self.chapters.saturating_add(1);
        let gap = if self.chapters == 1 { "" } else { "\n" };
        let number = self.chapters;
        self.text += &format!("{gap}{BOLD}{number:>2}  {title}{BOLD:#}\n");
    }

    /// Tells something in one or several lines.
    pub(crate) fn tell(&mut self, lines: &str) {
        for line in lines.lines() {
            self.text += format!("    {line}").trim_end();
            self.text.push('\n');
        }
    }

    /// Tells something beside the story.
    pub(crate) fn aside(&mut self, lines: &str) {
        for line in lines.lines() {
            self.text += &format!("    {DIM}{line}{DIM:#}\n");
        }
    }

    /// Gives a string whole on one line, however long, to be copied from here.
    pub(crate) fn line(&mut self, string: &str) {
        self.text += &format!("{DIM}{string}{DIM:#}\n");
    }

    /// Shows a picture, which has its own margins.
    pub(crate) fn show(&mut self, picture: &str) {
        self.text += picture;
    }

    /// Marks something that had to come out in one way.
    pub(crate) fn check(&mut self, name: &'static str, ok: bool, told: impl Into<String>) {
        let told = told.into();
        let mark = if ok {
            format!("{GOOD}✓{GOOD:#}")
        } else {
            format!("{BAD}✗{BAD:#}")
        };
        self.text += &format!("  {mark} {told}\n");
        self.checks.push(Check { name, told, ok });
    }

    /// Keeps a value for the JSON form.
    pub(crate) fn value(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Whether every check came out as it must, and there were any.
    pub(crate) fn all_well(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.ok)
    }

    pub(crate) fn text(&self) -> String {
        let count = self.checks.len();
        let bad = self.checks.iter().filter(|check| !check.ok).count();
        let end = if self.all_well() {
            format!("{GOOD}All {count} checks went as they must.{GOOD:#}\n")
        } else {
            format!("{BAD}{bad} of {count} checks did not go as they must.{BAD:#}\n")
        };
        format!("{}\n{end}", self.text)
    }

    pub(crate) fn json(&self) -> Value {
        let checks: Vec<_> = self
            .checks
            .iter()
            .map(|check| json!({ "check": check.name, "ok": check.ok, "told": check.told }))
            .collect();
        let mut all = Map::new();
        all.insert("ok".to_owned(), self.all_well().into());
        all.extend(self.values.clone());
        all.insert("checks".to_owned(), checks.into());
        all.into()
    }
}
