//! A transaction as JSON, read by [`txotp_uri::json`], in the words of a command.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use txotp_core::{Section, Transaction};
use txotp_uri::json::{JsonError, JsonErrorKind};

use crate::error::Error;

impl From<JsonError> for Error {
    fn from(error: JsonError) -> Self {
        match error.kind() {
            JsonErrorKind::Refused(part) => Self::new(
                format!("{} is refused: {part}", error.place()),
                "see `txotp encode --help` for what a transaction may hold",
            )
            .because(part.kind().name())
            .at(part.offset()),
            _ => Self::new(
                format!("the JSON is refused: {error}"),
                r#"write {"message": "…", "details": {"Key": "value"}, "hidden_details": {"Key": "value"}}"#,
            )
            .because("bad-json"),
        }
    }
}

/// One section of a transaction, written as an object in its order.
pub(crate) struct SectionJson<'t, 'a>(pub(crate) &'t Transaction<'a>, pub(crate) Section);

impl Serialize for SectionJson<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.section(self.1);
        let mut map = serializer.serialize_map(Some(pairs.clone().count()))?;
        for pair in pairs {
            map.serialize_entry(pair.key, pair.value)?;
        }
        map.end()
    }
}
