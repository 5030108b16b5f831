//! What a database must do: the least that SQLite and the PostgreSQL protocol have in common.

use crate::StoreError;
use crate::error::Damage;

/// A value that is bound to a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// A value that was stored.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row of an answer, taken from the left.
#[derive(Debug)]
pub(crate) struct Record(std::vec::IntoIter<Value>);

impl Record {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(number),
            _ => Err(StoreError::Damaged(Damage::Row)),
        }
    }

    /// A number that is never negative.
    pub(crate) fn number(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.int()?).map_err(|_| StoreError::Damaged(Damage::Row))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?
            .ok_or(StoreError::Damaged(Damage::Row))
    }

    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(StoreError::Damaged(Damage::Row)),
        }
    }

    pub(crate) fn optional_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(Some(number)),
            Some(Value::Null) => Ok(None),
            _ => Err(StoreError::Damaged(Damage::Row)),
        }
    }

    pub(crate) fn optional_number(&mut self) -> Result<Option<u64>, StoreError> {
        let number = self.optional_int()?.map(u64::try_from).transpose();
        number.map_err(|_| StoreError::Damaged(Damage::Row))
    }

    pub(crate) fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.0.next() {
            Some(Value::Blob(bytes)) => Ok(bytes),
            _ => Err(StoreError::Damaged(Damage::Row)),
        }
    }
}

/// Why an operation did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Another operation came between: nothing was done, begin anew.
    Conflict,
    #[cfg_attr(
        not(any(feature = "postgres", test)),
        expect(dead_code, reason = "a file's connection is not lost")
    )]
    /// The connection was lost before the commit: nothing was done, begin anew on another.
    Lost,
    /// The error to answer.
    Store(StoreError),
}

impl<E: Into<StoreError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// How a transaction is begun.
///
/// They are in the order of what each asks for: jobs that share a transaction have the last of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// What is committed when each statement begins: the cheapest, for a job that asks little.
    Look,
    /// A view of one moment, which nothing holds up.
    Read,
    /// Every row that is written was seen as it is, by its version.
    Write,
    /// As if there were no other operation: for what depends on rows that are not written.
    Alone,
}

/// The statements of an open transaction. They are portable: `$1` and so on stand for the arguments, in the
/// order of their first place; types are BIGINT, TEXT and bytes.
pub(crate) trait Database {
    fn query(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<Vec<Record>, Failure>;

    /// The number of rows that were changed.
    fn execute(&mut self, sql: &'static str, args: &[Arg<'_>]) -> Result<u64, Failure>;
}

/// A connection, of one thread.
pub(crate) trait Connection: Database + Send {
    fn begin(&mut self, mode: Mode) -> Result<(), Failure>;

    /// Returns when the transaction is durable.
    ///
    /// # Errors
    /// `Conflict` where it is known that nothing was done. Otherwise it is not known.
    fn commit(&mut self) -> Result<(), Failure>;

    /// Undoes what was not committed, as far as the connection still stands.
    fn rollback(&mut self);

    /// Connects anew after a loss.
    fn reconnect(&mut self) -> Result<(), Failure>;
}
