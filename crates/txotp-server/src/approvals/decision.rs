//! The answer to a request, and the transaction that a code for it is computed over.

use serde::{Deserialize, Serialize};
use txotp_core::TransactionError;
use txotp_uri::OwnedTransaction;

use super::Status;

/// The hidden detail that holds the decision: `approve` or `deny`.
pub const DECISION_KEY: &str = "txotp-decision";
/// The hidden detail that holds the id of the request.
pub const REQUEST_KEY: &str = "txotp-request";
/// What no key of a request begins with, in capitals or not.
const RESERVED: &[u8] = b"txotp-";
/// How many pairs a decision adds.
pub(super) const PAIRS: usize = 2;

/// What a device answers to a request.
///
/// A code for it is one over an ordinary transaction: the message, details and hidden details of the request, and two
/// hidden details more, [`DECISION_KEY`] and [`REQUEST_KEY`]. So a code that approves denies nothing, and one for a request
/// is none for another that says the same.
///
/// ```
/// use txotp_server::Decision;
/// use txotp_uri::{Limit, OwnedTransaction};
///
/// let shown = OwnedTransaction::read(b"txotp://totp?message=Log+in&details[From]=Oslo", Limit::MAX)?;
/// let bound = Decision::Deny.bind(&shown, "5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11")?;
/// assert_eq!(
///     txotp_uri::to_string(&bound.as_transaction(), Limit::MAX)?,
///     "txotp://totp?message=Log+in&details[From]=Oslo&hidden_details[txotp-decision]=deny\
///      &hidden_details[txotp-request]=5f2c1d0e-3f1b-4a61-9d58-0a7c3c3e7a11",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The user agrees.
    Approve,
    /// The user does not.
    Deny,
}

impl Decision {
    /// The name, as it is bound.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
        }
    }

    /// The transaction that a code for this decision is computed over.
    ///
    /// # Errors
    /// [`TransactionError`], for no request that the service took.
    pub fn bind(
        self,
        shown: &OwnedTransaction,
        request: &str,
    ) -> Result<OwnedTransaction, TransactionError> {
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let added = [(DECISION_KEY, self.name()), (REQUEST_KEY, request)];
        OwnedTransaction::from_parts(
            shown.message(),
            shown.details().map(owned),
            shown.hidden_details().chain(added).map(owned),
        )
    }

    pub(crate) const fn outcome(self) -> Status {
        match self {
            Self::Approve => Status::Approved,
            Self::Deny => Status::Denied,
        }
    }
}

/// Whether a key is kept for what decisions add. No other transaction has one: its code would be that of a decision.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.as_bytes()
        .get(..RESERVED.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(RESERVED))
}
