//! Where a store is.

use core::fmt;
use core::str::FromStr;
use std::path::PathBuf;

use crate::StoreError;

/// Where a store is: a file, or a PostgreSQL server.
///
/// ```
/// use txotp_store::Location;
///
/// let file: Location = "/var/lib/txotp/store.db".parse()?;
/// # #[cfg(feature = "postgres")] {
/// let server: Location = "postgres://txotp:password@db.example/txotp".parse()?;
/// assert_eq!(format!("{server:?}"), "Postgres(redacted)");
/// # }
/// # Ok::<(), txotp_store::StoreError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// The path of an SQLite file: as it stands, or after `sqlite:`.
    Sqlite(PathBuf),
    /// A connection string, which begins with `postgres://` or `postgresql://`. It may hold a password.
    #[cfg(feature = "postgres")]
    Postgres(String),
}

impl FromStr for Location {
    type Err = StoreError;

    /// # Errors
    /// [`StoreError::Location`] for the empty text and for a scheme that this build does not know.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        match path.split_once("://") {
            None if path.is_empty() => Err(StoreError::Location),
            None => Ok(Self::Sqlite(PathBuf::from(path))),
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(_) => Err(StoreError::Location),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => f.write_str("Postgres(redacted)"),
        }
    }
}
