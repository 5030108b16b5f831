//! A transaction that owns its text, for where no buffer can be lent: servers, commands, queues.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use txotp_core::{Pair, Transaction, TransactionError};

use crate::{Limit, ReadError, read};

/// Pairs in display order. The hash is fast and not keyed: a map of at most 32 pairs leaves nobody
/// anything to attack.
type Pairs = IndexMap<String, String, FxBuildHasher>;

/// A transaction that owns its text. What is displayed keeps its order; equality does not see it.
///
/// ```
/// use txotp_uri::{Limit, OwnedTransaction};
///
/// let a = OwnedTransaction::read(b"txotp://totp?message=Pay&details[To]=ACME&details[No]=7", Limit::DEFAULT)?;
/// let b = OwnedTransaction::read(b"txotp://totp?details[No]=7&details[To]=ACME&message=Pay", Limit::DEFAULT)?;
/// assert_eq!(a, b);
/// assert_eq!(a.as_transaction().digest(), b.as_transaction().digest());
/// assert_eq!(b.details().next(), Some(("No", "7")));
/// # Ok::<(), txotp_uri::ReadError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedTransaction {
    message: String,
    details: Pairs,
    hidden_details: Pairs,
}

impl OwnedTransaction {
    /// Reads a string; see [`read`](crate::read()).
    ///
    /// # Errors
    /// As [`read`](crate::read()); the buffer is always large enough.
    pub fn read(input: &[u8], limit: Limit) -> Result<Self, ReadError> {
        // What is over the limit is refused unread, so it needs no room.
        let mut buffer = vec![0; input.len().min(limit.get())];
        read(input, limit, &mut buffer).map(|transaction| Self::from(&transaction))
    }

    /// Makes a transaction of its parts, the pairs in display order.
    ///
    /// # Errors
    /// [`TransactionError`] where a text is not allowed, a key has two values, or there are more than
    /// 32 pairs: as [`TransactionBuilder`](txotp_core::TransactionBuilder).
    pub fn from_parts(
        message: impl AsRef<str>,
        details: impl IntoIterator<Item = (String, String)>,
        hidden_details: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, TransactionError> {
        let details: Vec<_> = details.into_iter().collect();
        let hidden_details: Vec<_> = hidden_details.into_iter().collect();
        let transaction = build(
            message.as_ref(),
            details
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
            hidden_details
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        )?;
        Ok(Self::from(&transaction))
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The details, in the order in which they are to be displayed.
    #[must_use]
    pub fn details(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.details
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The hidden details, in the order given.
    #[must_use]
    pub fn hidden_details(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.hidden_details
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The transaction, borrowing from this one.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "every way to make an owned transaction copies a checked one"
    )]
    pub fn as_transaction(&self) -> Transaction<'_> {
        build(&self.message, self.details(), self.hidden_details())
            .expect("the parts of a transaction make a transaction")
    }
}

fn build<'a>(
    message: &'a str,
    details: impl Iterator<Item = (&'a str, &'a str)>,
    hidden_details: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Transaction<'a>, TransactionError> {
    let mut builder = Transaction::builder();
    builder.message(message)?;
    for (key, value) in details {
        builder.detail(key, value)?;
    }
    for (key, value) in hidden_details {
        builder.hidden_detail(key, value)?;
    }
    builder.build()
}

impl From<&Transaction<'_>> for OwnedTransaction {
    fn from(transaction: &Transaction<'_>) -> Self {
        let own = |pair: Pair<'_>| (String::from(pair.key), String::from(pair.value));
        Self {
            message: String::from(transaction.message()),
            details: transaction.details().map(own).collect(),
            hidden_details: transaction.hidden_details().map(own).collect(),
        }
    }
}

impl fmt::Debug for OwnedTransaction {
    /// Counts only: a hidden detail must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedTransaction")
            .field("details", &self.details.len())
            .field("hidden_details", &self.hidden_details.len())
            .finish_non_exhaustive()
    }
}
