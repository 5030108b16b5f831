//! Secrets on their way to the caller.

use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A text that is handed out: in an answer as it is, otherwise nowhere, and wiped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(super) struct HandedOut(Zeroizing<String>);

impl HandedOut {
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for HandedOut {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<Zeroizing<String>> for HandedOut {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl Serialize for HandedOut {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Debug for HandedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandedOut(…)")
    }
}
