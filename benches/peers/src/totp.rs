//! Plain TOTP, as each library offers it. What one needs before the first code is made when its value is.

use std::time::{SystemTime, UNIX_EPOCH};

use libreauth::hash::HashFunction;
use libreauth::oath::{TOTP as LibreTotp, TOTPBuilder as LibreBuilder};
use slauth::oath::HashesAlgorithm;
use slauth::oath::totp::TOTPContext;
use txotp_core::{Algorithm, Code, Digits, Period, Seed, TotpKey, Window};

use crate::{NOW, SEED, TIME};

/// A hash, and a number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SHA-1, six digits, a seed of 20 bytes.
    Sha1Six,
    /// SHA-256, eight digits, a seed of 32 bytes.
    Sha256Eight,
}

impl Kind {
    /// The seed.
    #[must_use]
    pub fn seed(self) -> &'static [u8] {
        match self {
            Self::Sha1Six => &SEED[..20],
            Self::Sha256Eight => SEED,
        }
    }

    /// The number of digits.
    #[must_use]
    pub fn digits(self) -> u8 {
        match self {
            Self::Sha1Six => 6,
            Self::Sha256Eight => 8,
        }
    }
}

/// TOTP with steps of 30 seconds, at [`NOW`].
pub trait Totp {
    /// What the table calls it.
    const NAME: &'static str;
    /// What it gives as a code.
    type Code;

    /// The code of now.
    fn generate(&self) -> Self::Code;
    /// A code as text.
    fn text(&self, code: &Self::Code) -> String;
    /// Whether the code is that of now, the step before or the step after.
    fn verify(&mut self, typed: &str) -> bool;
}

/// Ours.
#[derive(Debug)]
pub struct Ours {
    key: TotpKey,
    digits: Digits,
}

impl Ours {
    /// A key that absorbs the seed once.
    ///
    /// # Panics
    /// Never: both seeds are seeds.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let (algorithm, digits) = match kind {
            Kind::Sha1Six => (Algorithm::Sha1, Digits::Six),
            Kind::Sha256Eight => (Algorithm::Sha256, Digits::Eight),
        };
        let seed = Seed::from_bytes(kind.seed()).expect("20 and 32 bytes are seeds");
        let key = TotpKey::new(algorithm, digits, Period::DEFAULT, &seed);
        Self { key, digits }
    }
}

impl Totp for Ours {
    const NAME: &'static str = "txotp, key kept";
    type Code = Code;

    fn generate(&self) -> Code {
        self.key.code(TIME)
    }

    fn text(&self, code: &Code) -> String {
        code.reveal().to_owned()
    }

    fn verify(&mut self, typed: &str) -> bool {
        let steps = Window::DEFAULT.around(TIME.step(self.key.period()));
        Code::parse(typed, self.digits)
            .is_ok_and(|typed| !self.key.search(steps, &typed).is_empty())
    }
}

/// Ours, absorbing the seed each time, as all the others do.
#[derive(Debug)]
pub struct OursFromSeed(pub Kind);

impl Totp for OursFromSeed {
    const NAME: &'static str = "txotp, from the seed";
    type Code = Code;

    fn generate(&self) -> Code {
        Ours::new(self.0).generate()
    }

    fn text(&self, code: &Code) -> String {
        code.reveal().to_owned()
    }

    fn verify(&mut self, typed: &str) -> bool {
        Ours::new(self.0).verify(typed)
    }
}

/// `totp-rs`. It stops at the first step that matches, the earliest first.
#[derive(Debug)]
pub struct TotpRs(totp_rs::Totp);

impl TotpRs {
    /// A value with its seed.
    ///
    /// # Panics
    /// Never: its parameters are allowed.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let algorithm = match kind {
            Kind::Sha1Six => totp_rs::Algorithm::SHA1,
            Kind::Sha256Eight => totp_rs::Algorithm::SHA256,
        };
        let builder = totp_rs::Builder::new()
            .with_algorithm(algorithm)
            .with_digits(kind.digits())
            .with_skew(1)
            .with_step_duration(30)
            .with_secret(kind.seed().to_vec());
        Self(builder.build().expect("allowed parameters"))
    }
}

impl Totp for TotpRs {
    const NAME: &'static str = "totp-rs";
    type Code = totp_rs::Token;

    fn generate(&self) -> Self::Code {
        self.0.generate(NOW)
    }

    fn text(&self, code: &Self::Code) -> String {
        code.to_string()
    }

    fn verify(&mut self, typed: &str) -> bool {
        self.0.check(typed, NOW).is_some()
    }
}

/// `totp-rfc`. It tries every step, as ours does.
#[derive(Debug)]
pub struct TotpRfc {
    totp: totp_rfc::Totp,
    kind: Kind,
}

impl TotpRfc {
    /// The parameters.
    ///
    /// # Panics
    /// Never: its parameters are allowed.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let (algorithm, digits) = match kind {
            Kind::Sha1Six => (totp_rfc::Algorithm::Sha1, totp_rfc::Digits::SIX),
            Kind::Sha256Eight => (totp_rfc::Algorithm::Sha256, totp_rfc::Digits::EIGHT),
        };
        let totp = totp_rfc::Totp::new(algorithm, digits, 30, 0).expect("allowed parameters");
        Self { totp, kind }
    }

    fn secret(&self) -> totp_rfc::Secret<'static> {
        totp_rfc::Secret::new(self.kind.seed()).expect("long enough")
    }
}

impl Totp for TotpRfc {
    const NAME: &'static str = "totp-rfc";
    type Code = totp_rfc::Code;

    fn generate(&self) -> Self::Code {
        self.totp
            .generate(&self.secret(), NOW)
            .expect("a time after 1970")
    }

    fn text(&self, code: &Self::Code) -> String {
        code.to_string()
    }

    fn verify(&mut self, typed: &str) -> bool {
        let window = totp_rfc::ValidationWindow::new(1, 1);
        let verdict = self.totp.verify_window(&self.secret(), NOW, window, typed);
        verdict.is_ok_and(|found| found.is_some())
    }
}

/// `totp-lite`. It has no verification: its user compares three codes.
#[derive(Debug)]
pub struct TotpLite(pub Kind);

impl TotpLite {
    fn at(&self, time: u64) -> String {
        let digits = self.0.digits().into();
        match self.0 {
            Kind::Sha1Six => {
                totp_lite::totp_custom::<totp_lite::Sha1>(30, digits, self.0.seed(), time)
            }
            Kind::Sha256Eight => {
                totp_lite::totp_custom::<totp_lite::Sha256>(30, digits, self.0.seed(), time)
            }
        }
    }
}

impl Totp for TotpLite {
    const NAME: &'static str = "totp-lite";
    type Code = String;

    fn generate(&self) -> String {
        self.at(NOW)
    }

    fn text(&self, code: &String) -> String {
        code.clone()
    }

    fn verify(&mut self, typed: &str) -> bool {
        [NOW - 30, NOW, NOW + 30]
            .iter()
            .any(|time| self.at(*time) == typed)
    }
}

/// `slauth`. It knows no time but the clock's, so the clock's beginning is moved; and its window of one step to
/// either side has two steps, since its end is left out.
#[allow(missing_debug_implementations)]
pub struct Slauth(TOTPContext);

impl Slauth {
    /// A value that is right for the next 30 seconds.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let algorithm = match kind {
            Kind::Sha1Six => HashesAlgorithm::SHA1,
            Kind::Sha256Eight => HashesAlgorithm::SHA256,
        };
        let builder = TOTPContext::builder()
            .algorithm(algorithm)
            .digits(kind.digits().into())
            .period(30)
            .re_sync_parameter(1, 1)
            .initial_time(clock() - NOW)
            .secret(kind.seed());
        Self(builder.build())
    }
}

impl Totp for Slauth {
    const NAME: &'static str = "slauth";
    type Code = String;

    fn generate(&self) -> String {
        self.0.r#gen()
    }

    fn text(&self, code: &String) -> String {
        code.clone()
    }

    fn verify(&mut self, typed: &str) -> bool {
        self.0.verify(typed)
    }
}

/// `libreauth`. It compares by computing two more HMACs, and stops at the first step that matches.
#[allow(missing_debug_implementations)]
pub struct LibreAuth(LibreTotp);

impl LibreAuth {
    /// A value that is right for the next 30 seconds.
    ///
    /// # Panics
    /// Never: its parameters are allowed.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let hash = match kind {
            Kind::Sha1Six => HashFunction::Sha1,
            Kind::Sha256Eight => HashFunction::Sha256,
        };
        let totp = LibreBuilder::new()
            .key(kind.seed())
            .hash_function(hash)
            .output_len(kind.digits().into())
            .timestamp(NOW.cast_signed())
            .tolerance(1)
            .finalize();
        Self(totp.expect("allowed parameters"))
    }
}

impl Totp for LibreAuth {
    const NAME: &'static str = "libreauth";
    type Code = String;

    fn generate(&self) -> String {
        self.0.generate()
    }

    fn text(&self, code: &String) -> String {
        code.clone()
    }

    fn verify(&mut self, typed: &str) -> bool {
        self.0.is_valid(typed)
    }
}

/// `oath`. Its codes are numbers, and it has no verification: its user compares three codes.
#[derive(Debug)]
pub struct Oath(pub Kind);

impl Oath {
    fn at(&self, time: u64) -> u64 {
        let hash = match self.0 {
            Kind::Sha1Six => oath::HashType::SHA1,
            Kind::Sha256Eight => oath::HashType::SHA256,
        };
        oath::totp_raw_custom_time(self.0.seed(), self.0.digits().into(), 0, 30, time, &hash)
    }
}

impl Totp for Oath {
    const NAME: &'static str = "oath";
    type Code = u64;

    fn generate(&self) -> u64 {
        self.at(NOW)
    }

    fn text(&self, code: &u64) -> String {
        format!("{code:0width$}", width = self.0.digits().into())
    }

    fn verify(&mut self, typed: &str) -> bool {
        let typed = typed.parse();
        [NOW - 30, NOW, NOW + 30]
            .iter()
            .any(|time| typed == Ok(self.at(*time)))
    }
}

fn clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock after 1970").as_secs()
}
