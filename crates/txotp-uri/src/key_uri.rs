//! The Key URI, `otpauth://`: how a seed and what belongs to it reach a device.
//!
//! It contains the seed. It is shown once, over a channel that is authenticated and confidential, and
//! it is neither stored nor logged. One URI enrols a device for login and for transactions.

mod error;
mod read;

#[cfg(feature = "alloc")]
use alloc::string::String;
use core::fmt;

pub use error::{KeyUriError, KeyUriErrorKind};

use txotp_core::{Algorithm, Counter, Digits, Period, Seed, TextProfile, TransactionSuite};
use zeroize::Zeroizing;

use crate::{base32, form};

/// What moves a device's codes on: its clock or its counter. A Key URI has no room for both, nor for
/// a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Factor {
    /// `totp`: a step of this period.
    Time(Period),
    /// `hotp`: a counter, which starts here.
    Counter(Counter),
}

impl Factor {
    const fn kind(self) -> &'static str {
        match self {
            Self::Time(_) => "totp",
            Self::Counter(_) => "hotp",
        }
    }
}

/// A Key URI, taken apart. It holds the seed, which is wiped when it is dropped; `Debug` shows
/// neither seed nor account.
///
/// ```
/// use txotp_core::Digits;
/// use txotp_uri::{Limit, key_uri::KeyUri};
///
/// let uri = b"otpauth://totp/ACME:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA256&digits=8";
/// let mut buffer = [0; 600];
/// let device = KeyUri::read(uri, Limit::DEFAULT, &mut buffer)?;
/// assert_eq!((device.issuer(), device.account()), (Some("ACME"), "alice"));
/// assert_eq!(device.digits(), Digits::Eight);
///
/// let suite = device.transaction_suite().map(|suite| suite.to_string());
/// assert_eq!(suite.as_deref(), Some("OCRA-1:HOTP-SHA256-8:QH64-T30S"));
/// # Ok::<(), txotp_uri::key_uri::KeyUriError>(())
/// ```
#[derive(Clone)]
pub struct KeyUri<'a> {
    issuer: Option<&'a str>,
    account: &'a str,
    seed: Seed,
    algorithm: Algorithm,
    digits: Digits,
    factor: Factor,
}

impl<'a> KeyUri<'a> {
    /// Makes the URI of a device that is to be enrolled.
    ///
    /// # Errors
    /// [`KeyUriErrorKind`] where the account is empty, or issuer or account could not be read back as
    /// they are: forbidden text, a colon, an empty issuer, a blank before the account.
    pub fn new(
        issuer: Option<&'a str>,
        account: &'a str,
        seed: Seed,
        algorithm: Algorithm,
        digits: Digits,
        factor: Factor,
    ) -> Result<Self, KeyUriErrorKind> {
        if account.is_empty() {
            return Err(KeyUriErrorKind::MissingAccount);
        }
        let prefixed = issuer.is_some();
        if issuer == Some("") || (prefixed && account.starts_with(' ')) {
            return Err(KeyUriErrorKind::BadLabel);
        }
        for text in issuer.into_iter().chain([account]) {
            if text.contains(':') {
                return Err(KeyUriErrorKind::BadLabel);
            }
            if TextProfile::Standard.first_forbidden(text).is_some() {
                return Err(KeyUriErrorKind::ForbiddenText);
            }
        }
        Ok(Self {
            issuer,
            account,
            seed,
            algorithm,
            digits,
            factor,
        })
    }

    /// Who issued the seed.
    #[must_use]
    pub const fn issuer(&self) -> Option<&'a str> {
        self.issuer
    }

    /// Whose device it is.
    #[must_use]
    pub const fn account(&self) -> &'a str {
        self.account
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The hash function.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The number of digits.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// What moves the codes on.
    #[must_use]
    pub const fn factor(&self) -> Factor {
        self.factor
    }

    /// The suite of the same device's transaction codes. Nothing for a period of 61 to 119 seconds,
    /// which OCRA cannot spell: such a device can only log in.
    #[must_use]
    pub fn transaction_suite(&self) -> Option<TransactionSuite> {
        match self.factor {
            Factor::Time(period) => {
                TransactionSuite::with_time(self.algorithm, self.digits, period)
            }
            Factor::Counter(_) => Some(TransactionSuite::with_counter(self.algorithm, self.digits)),
        }
    }

    /// Writes the URI, with every parameter, and so the seed: `out` is the caller's to wipe.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        write!(out, "otpauth://{}/", self.factor.kind())?;
        if let Some(issuer) = self.issuer {
            form::write_uri(issuer, out)?;
            out.write_char(':')?;
        }
        form::write_uri(self.account, out)?;
        let mut secret = Zeroizing::new([0; base32::MAX_LEN]);
        out.write_str("?secret=")?;
        out.write_str(base32::encode(&self.seed, &mut secret))?;
        if let Some(issuer) = self.issuer {
            out.write_str("&issuer=")?;
            form::write_uri(issuer, out)?;
        }
        write!(
            out,
            "&algorithm={}&digits={}&",
            self.algorithm,
            self.digits.get()
        )?;
        match self.factor {
            Factor::Time(period) => write!(out, "period={}", period.seconds()),
            Factor::Counter(counter) => write!(out, "counter={counter}"),
        }
    }

    /// The length in bytes of what [`KeyUri::write`] writes.
    #[must_use]
    pub fn written_len(&self) -> usize {
        let mut length = form::Length(0);
        match self.write(&mut length) {
            Ok(()) => length.0,
            // Counting does not fail.
            Err(fmt::Error) => usize::MAX,
        }
    }

    /// The URI as text that is wiped when it is dropped, for the one QR symbol that shows it.
    #[cfg(feature = "alloc")]
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "a string takes all that is written to it"
    )]
    pub fn reveal(&self) -> Zeroizing<String> {
        // A string that grew would leave the seed behind where it was.
        let mut uri = Zeroizing::new(String::with_capacity(self.written_len()));
        self.write(&mut *uri)
            .expect("writing to a string does not fail");
        uri
    }
}

impl fmt::Debug for KeyUri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyUri")
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("factor", &self.factor)
            .finish_non_exhaustive()
    }
}
