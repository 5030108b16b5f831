//! What the user is told when a command cannot do its work.

use std::borrow::Cow;
use std::fmt;

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

/// An error of a command: unusable input, exit code 2.
///
/// It carries no seed, no code and no part of a transaction, since errors are what ends up in logs.
#[derive(Debug, Serialize)]
pub(crate) struct Error {
    #[serde(rename = "error")]
    message: String,
    /// The stable name of a refusal, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The byte at fault, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    /// What to do about it, in one line.
    advice: Cow<'static, str>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>, advice: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
            reason: None,
            offset: None,
            advice: advice.into(),
        }
    }

    pub(crate) fn because(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    pub(crate) fn at(self, offset: usize) -> Self {
        Self {
            offset: Some(offset),
            ..self
        }
    }

    /// The same error, after what it means to a greater undertaking.
    pub(crate) fn within(self, undertaking: &str) -> Self {
        Self {
            message: format!("{undertaking}: {}", self.message),
            ..self
        }
    }

    /// The same error with another advice.
    pub(crate) fn advise(self, advice: &'static str) -> Self {
        Self {
            advice: advice.into(),
            ..self
        }
    }

    /// The same error with more advice.
    pub(crate) fn advise_too(self, more: &str) -> Self {
        Self {
            advice: format!("{}; {more}", self.advice).into(),
            ..self
        }
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> &str {
        &self.advice
    }

    /// The two lines for standard error: what is wrong, and what to do.
    pub(crate) fn styled(&self) -> String {
        let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
        let cyan = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
        format!(
            "{red}error:{red:#} {self}\n{cyan}advice:{cyan:#} {}",
            self.advice
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(reason) = self.reason {
            write!(f, " ({reason})")?;
        }
        Ok(())
    }
}
