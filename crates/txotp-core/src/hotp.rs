//! HOTP (RFC 4226) and TOTP (RFC 6238): codes that are bound to no transaction.

use crate::mac::Keyed;
use crate::{
    Algorithm, Candidates, Code, Counter, Counters, Digits, Mac, Matches, Period, Seed, Step,
    Steps, UnixTime,
};

/// A seed made ready to compute HOTP codes: both pads of the HMAC are hashed once.
///
/// ```
/// use txotp_core::{Algorithm, Counter, Digits, HotpKey, Seed};
///
/// // RFC 4226 appendix D.
/// # #[cfg(feature = "sha1")] {
/// let seed = Seed::from_bytes(b"12345678901234567890")?;
/// let key = HotpKey::new(Algorithm::Sha1, Digits::Six, &seed);
/// assert_eq!(key.code(Counter::new(0)).reveal(), "755224");
/// # }
/// # Ok::<(), txotp_core::SeedError>(())
/// ```
#[derive(Clone)]
pub struct HotpKey {
    keyed: Keyed,
    digits: Digits,
}

impl HotpKey {
    /// Absorbs a seed.
    #[must_use]
    pub fn new(algorithm: Algorithm, digits: Digits, seed: &Seed) -> Self {
        Self {
            keyed: Keyed::new(algorithm, seed),
            digits,
        }
    }

    /// The code of a counter (RFC 4226 section 5.3).
    #[inline]
    #[must_use]
    pub fn code(&self, counter: Counter) -> Code {
        code(&self.keyed, counter.get(), self.digits)
    }

    /// The full MAC of a counter, for auditors.
    #[must_use]
    pub fn mac(&self, counter: Counter) -> Mac {
        self.keyed.mac(&counter.get().to_be_bytes())
    }

    /// Which of the counters have the code that was typed, all of them being tried.
    #[must_use]
    pub fn search(&self, counters: Counters, typed: &Code) -> Matches {
        search(
            &self.keyed,
            self.digits,
            Candidates::counters(counters),
            typed,
        )
    }
}

/// A seed made ready to compute TOTP codes.
///
/// ```
/// use txotp_core::{Algorithm, Digits, Period, Seed, TotpKey, UnixTime, Window};
///
/// // RFC 6238 appendix B.
/// let seed = Seed::from_bytes(b"12345678901234567890123456789012")?;
/// let key = TotpKey::new(Algorithm::Sha256, Digits::Eight, Period::DEFAULT, &seed);
/// let now = UnixTime::from_seconds(1_111_111_109);
/// let code = key.code(now);
/// assert_eq!(code.reveal(), "68084774");
///
/// let steps = Window::DEFAULT.around(now.step(key.period()));
/// assert!(!key.search(steps, &code).is_empty());
/// # Ok::<(), txotp_core::SeedError>(())
/// ```
#[derive(Clone)]
pub struct TotpKey {
    keyed: Keyed,
    digits: Digits,
    period: Period,
}

impl TotpKey {
    /// Absorbs a seed.
    #[must_use]
    pub fn new(algorithm: Algorithm, digits: Digits, period: Period, seed: &Seed) -> Self {
        Self {
            keyed: Keyed::new(algorithm, seed),
            digits,
            period,
        }
    }

    /// The length of a step.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// The code of a time (RFC 6238 section 4.2).
    #[inline]
    #[must_use]
    pub fn code(&self, time: UnixTime) -> Code {
        self.code_of_step(time.step(self.period))
    }

    /// The code of a step.
    #[inline]
    #[must_use]
    pub fn code_of_step(&self, step: Step) -> Code {
        code(&self.keyed, step.get(), self.digits)
    }

    /// Which of the steps have the code that was typed, all of them being tried.
    #[must_use]
    pub fn search(&self, steps: Steps, typed: &Code) -> Matches {
        search(&self.keyed, self.digits, Candidates::steps(steps), typed)
    }
}

/// The code of a moving factor: eight bytes, the high-order byte first (RFC 4226 section 5.2).
#[inline]
pub(crate) fn code(keyed: &Keyed, factor: u64, digits: Digits) -> Code {
    keyed.code(&factor.to_be_bytes(), digits.into())
}

/// Searches counters or steps; a login code has only one of the two.
#[inline]
pub(crate) fn search(
    keyed: &Keyed,
    digits: Digits,
    candidates: Candidates,
    typed: &Code,
) -> Matches {
    candidates.search(
        typed,
        digits,
        |counter| counter,
        |counter, step| {
            let factor = counter
                .map(Counter::get)
                .or(step.map(Step::get))
                .unwrap_or_default();
            keyed.truncated(&factor.to_be_bytes())
        },
    )
}

impl core::fmt::Debug for HotpKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HotpKey(redacted)")
    }
}

impl core::fmt::Debug for TotpKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TotpKey(redacted)")
    }
}
