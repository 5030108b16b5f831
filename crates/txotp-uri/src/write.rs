//! Writing the `txotp://` string: one spelling for each order of a transaction's pairs.

#[cfg(feature = "alloc")]
use alloc::string::String;
use core::fmt;

use txotp_core::{Section, Transaction};

use crate::Limit;
use crate::form::{self, Length};

/// Writes the string of a transaction: the message, the details in display order, the hidden details
/// in the order given.
///
/// ```
/// use txotp_core::Transaction;
/// use txotp_uri::Limit;
///
/// let mut builder = Transaction::builder();
/// builder.message("Pay")?.detail("To", "Müller & Co")?;
/// let mut string = String::new();
/// txotp_uri::write(&builder.build()?, Limit::DEFAULT, &mut string)?;
/// assert_eq!(string, "txotp://totp?message=Pay&details[To]=M%C3%BCller+%26+Co");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # Errors
/// [`WriteError::TooLong`] where the string is over the limit; nothing has been written then.
/// [`WriteError::Output`] where `out` fails.
pub fn write(
    transaction: &Transaction<'_>,
    limit: Limit,
    out: &mut impl fmt::Write,
) -> Result<(), WriteError> {
    if written_len(transaction) > limit.get() {
        return Err(WriteError::TooLong);
    }
    spell(transaction, out).map_err(|_| WriteError::Output)
}

/// The length in bytes of the string that [`write()`] would write.
#[must_use]
pub fn written_len(transaction: &Transaction<'_>) -> usize {
    let mut length = Length(0);
    match spell(transaction, &mut length) {
        Ok(()) => length.0,
        // Counting does not fail.
        Err(fmt::Error) => usize::MAX,
    }
}

/// The string of a transaction; see [`write()`].
///
/// # Errors
/// [`WriteError::TooLong`] where it is over the limit.
#[cfg(feature = "alloc")]
pub fn to_string(transaction: &Transaction<'_>, limit: Limit) -> Result<String, WriteError> {
    // At the most what the limit lets through: the string is never grown.
    let mut string = String::with_capacity(written_len(transaction).min(limit.get()));
    write(transaction, limit, &mut string)?;
    Ok(string)
}

fn spell(transaction: &Transaction<'_>, out: &mut impl fmt::Write) -> fmt::Result {
    out.write_str("txotp://totp?message=")?;
    form::write_form(transaction.message(), out)?;
    for (section, name) in [
        (Section::Details, "&details["),
        (Section::HiddenDetails, "&hidden_details["),
    ] {
        for pair in transaction.section(section) {
            out.write_str(name)?;
            form::write_form(pair.key, out)?;
            out.write_str("]=")?;
            form::write_form(pair.value, out)?;
        }
    }
    Ok(())
}

/// Why a string was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteError {
    /// It is longer than the limit: the sender is to shorten the transaction, or to raise the limit
    /// knowingly. Nothing was written.
    TooLong,
    /// The output failed, after an unknown part of the string: discard what is there.
    Output,
}

impl WriteError {
    /// The stable name of the reason.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::Output => "output",
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the string would be longer than the limit",
            Self::Output => "the output of the string failed",
        })
    }
}

impl core::error::Error for WriteError {}
