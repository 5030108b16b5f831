//! What a challenge is for.

use core::fmt::Write as _;

use txotp_core::{Purpose, TextProfile};
use txotp_uri::OwnedTransaction;
use zeroize::Zeroizing;

/// The most characters of a purpose.
pub(crate) const MAX_PURPOSE: usize = 200;
/// The most characters of a text: it is refused rather than cut, because what is not shown is not agreed to. Gateways
/// send long texts in parts, at most ten here.
pub(crate) const MAX_TEXT: usize = 640;

/// What a challenge is for: the same where it is issued, answered, and its token used.
pub(crate) enum Action {
    /// To step up, for nothing in particular.
    Nothing,
    /// What the bank says, and the text shows.
    Purpose(String),
    /// A payment, by its digest; the text shows its message and its details.
    Payment(OwnedTransaction),
}

/// Why there is no action. The caller's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionError {
    /// The purpose is not 1 to 200 characters that can be seen.
    Purpose,
    /// The text would be longer than a text is.
    TooLong,
}

impl Action {
    /// Checks that it can be shown whole in a text by this issuer.
    pub(crate) fn check(&self, issuer: &str) -> Result<(), ActionError> {
        if let Self::Purpose(purpose) = self {
            let is_seen = TextProfile::Standard.first_forbidden(purpose).is_none();
            let len = purpose.chars().count();
            if !is_seen || !(1..=MAX_PURPOSE).contains(&len) {
                return Err(ActionError::Purpose);
            }
        }
        let longest = self.message(issuer, "0123456789");
        if longest.chars().count() > MAX_TEXT {
            return Err(ActionError::TooLong);
        }
        Ok(())
    }

    /// What codes and tokens are bound to.
    pub(super) fn bound(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Purpose(purpose) => Some(format!("purpose {purpose}")),
            Self::Payment(payment) => {
                let digest = payment.as_transaction().digest();
                let digest = base16ct::lower::encode_string(digest.as_bytes());
                Some(format!("transaction {digest}"))
            }
        }
    }

    /// As the evidence has it: who steps up for no payment has a login that may do more.
    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Self::Nothing | Self::Purpose(_) => Purpose::Login,
            Self::Payment(payment) => Purpose::Transaction(payment.as_transaction().digest()),
        }
    }

    pub(crate) fn is_payment(&self) -> bool {
        matches!(self, Self::Payment(_))
    }

    /// The text. The code comes first, and each detail has its line: no value holds a line's end, so that none can pass
    /// for another line.
    pub(super) fn message(&self, issuer: &str, code: &str) -> Zeroizing<String> {
        // Of the greatest length, so that no copy is left behind where the text grew.
        let mut text = Zeroizing::new(String::with_capacity(self.room(issuer, code)));
        let written = match self {
            Self::Nothing => write!(text, "{code} is your {issuer} code."),
            Self::Purpose(purpose) => write!(text, "{code} is your {issuer} code for:\n{purpose}"),
            Self::Payment(payment) => {
                let begun = write!(
                    text,
                    "{code} is your {issuer} code for:\n{}",
                    payment.message()
                );
                payment.details().fold(begun, |written, (key, value)| {
                    written.and_then(|()| write!(text, "\n{key}: {value}"))
                })
            }
        };
        written.expect("a text in memory takes what is written");
        text
    }

    fn room(&self, issuer: &str, code: &str) -> usize {
        const BETWEEN: usize = 32;
        let shown = match self {
            Self::Nothing => 0,
            Self::Purpose(purpose) => purpose.len(),
            Self::Payment(payment) => {
                payment
                    .details()
                    .fold(payment.message().len(), |len, (key, value)| {
                        len.saturating_add(key.len())
                            .saturating_add(value.len())
                            .saturating_add(3)
                    })
            }
        };
        shown
            .saturating_add(issuer.len())
            .saturating_add(code.len())
            .saturating_add(BETWEEN)
    }
}
