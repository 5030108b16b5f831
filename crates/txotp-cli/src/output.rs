//! Where results go: standard output, as text or as JSON; notes and warnings go to standard error.
//!
//! Text is written with ANSI styles always. `anstream` takes them out where standard output is no
//! terminal, or `NO_COLOR`, `CLICOLOR_FORCE` or `--color` say so.

use std::io::{self, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use crate::error::Error;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
const CAUTION: Style = AnsiColor::Yellow.on_default().bold();

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    // On a terminal, unless `NO_COLOR` is set; everywhere if `CLICOLOR_FORCE` is.
    Auto,
    Always,
    Never,
}

/// How this run writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    terminal: bool,
}

impl Output {
    pub(crate) fn new(json: bool, color: Color) -> Self {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
        Self {
            json,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether JSON was asked for.
    pub(crate) fn json(self) -> bool {
        self.json
    }

    /// Whether a person looks at standard output.
    pub(crate) fn terminal(self) -> bool {
        self.terminal
    }

    /// Whether standard output gets colours.
    pub(crate) fn coloured(self) -> bool {
        AutoStream::choice(&io::stdout()) != ColorChoice::Never
    }

    /// Writes text with styles, which are left out where they are not wanted.
    pub(crate) fn text(self, styled: &str) -> Result<(), Error> {
        let mut out = anstream::stdout().lock();
        written(out.write_all(styled.as_bytes()).and_then(|()| out.flush()))
    }

    /// Writes bytes as they are.
    pub(crate) fn raw(self, bytes: &[u8]) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        written(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// Writes a line as it is.
    pub(crate) fn line(self, line: &str) -> Result<(), Error> {
        self.raw(format!("{line}\n").as_bytes())
    }

    /// Writes a value as JSON: indented on a terminal, else one line.
    pub(crate) fn value(self, value: &impl Serialize) -> Result<(), Error> {
        let text = if self.terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.line(&text.expect("results are texts, numbers and maps keyed by text"))
    }

    pub(crate) fn warn(self, text: impl std::fmt::Display) {
        say(&format!("{CAUTION}warning:{CAUTION:#} {text}"));
    }

    pub(crate) fn note(self, text: impl std::fmt::Display) {
        say(&format!("{DIM}note: {text}{DIM:#}"));
    }

    /// Tells of an error, on standard error.
    pub(crate) fn error(self, error: &Error) {
        if self.json {
            let text = serde_json::to_string(error);
            say(&text.expect("an error is texts and a number"));
        } else {
            say(&error.styled());
        }
    }

    /// Two columns: aligned for a person, divided by a tab for a program.
    pub(crate) fn table<K: AsRef<str>, V: AsRef<str>>(self, rows: &[(K, V)]) -> String {
        if self.terminal {
            return aligned(rows);
        }
        rows.iter()
            .map(|(name, value)| format!("{}\t{}\n", name.as_ref(), value.as_ref()))
            .collect()
    }
}

/// Two columns, the second one below itself.
pub(crate) fn aligned<K: AsRef<str>, V: AsRef<str>>(rows: &[(K, V)]) -> String {
    let names = rows.iter().map(|(name, _)| name.as_ref().chars().count());
    let width = names.max().unwrap_or_default();
    rows.iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()))
        .map(|(name, value)| format!("  {DIM}{name:width$}{DIM:#}  {value}\n"))
        .collect()
}

fn say(styled: &str) {
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(anstream::stderr().lock(), "{styled}");
}

/// A reader that has gone away (`txotp … | head -1`) has what it wanted.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::new(
            format!("standard output cannot be written: {}", error.kind()),
            "free some space, or send the output elsewhere",
        )),
        _ => Ok(()),
    }
}
