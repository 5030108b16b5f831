//! The two sides of the demo. What the bank keeps of a device is here; so is the phone.

use txotp_core::{Code, DeviceKey, Digits, Purpose, Seed, Transaction, TransactionSuite, UnixTime};
use txotp_qr::{Level, Scale};
use txotp_uri::{Limit, OwnedTransaction};
use txotp_verifier::{Attempt, Lock, Policy, Settings, State, Verdict, decide};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::{draw, input, picture};

/// The bank: its record of one device.
pub(super) struct Bank {
    policy: Policy,
    key: DeviceKey,
    state: State,
}

impl Bank {
    pub(super) fn enrol(suite: TransactionSuite, seed: &Seed) -> Result<Self, Error> {
        Ok(Self {
            policy: Policy::new(&suite, Settings::default()).map_err(unexpected)?,
            key: DeviceKey::new(suite, seed, None).map_err(unexpected)?,
            state: State::new(),
        })
    }

    /// Judges a code for the bank's own record of a payment, and remembers what follows.
    pub(super) fn judge(
        &mut self,
        payment: &Transaction<'_>,
        code: &Code,
        now: UnixTime,
    ) -> Result<Verdict, Error> {
        let attempt = Attempt {
            purpose: Purpose::Transaction(payment.digest()),
            code: code.clone(),
        };
        let decision =
            decide(&self.policy, &self.key, &self.state, &attempt, now).map_err(unexpected)?;
        self.state = decision.next;
        Ok(decision.verdict)
    }

    /// Until when the device is locked, in seconds from now.
    pub(super) fn locked_for(&self, now: UnixTime) -> Option<u64> {
        match self.state.lock() {
            Lock::Until(end) => end.seconds().checked_sub(now.seconds()),
            Lock::None | Lock::Permanent => None,
        }
    }
}

/// The payer's device: a phone with a camera, a seed and a clock.
pub(super) struct Phone {
    key: DeviceKey,
}

impl Phone {
    /// Scans the enrolment and keeps its seed.
    pub(super) fn enrol(picture: &[u8]) -> Result<Self, Error> {
        let string = scan(picture)?;
        let mut buffer = Zeroizing::new(Vec::new());
        let key_uri = input::key_uri(&string, Limit::DEFAULT, &mut buffer)?;
        let suite = key_uri
            .transaction_suite()
            .ok_or_else(|| unexpected("the enrolment has no suite"))?;
        let key = DeviceKey::new(suite, key_uri.seed(), None).map_err(unexpected)?;
        Ok(Self { key })
    }

    pub(super) fn suite(&self) -> &TransactionSuite {
        self.key.suite()
    }

    /// Reads the string that a picture holds.
    pub(super) fn read(string: &[u8]) -> Result<OwnedTransaction, Error> {
        OwnedTransaction::read(string, Limit::DEFAULT).map_err(unexpected)
    }

    /// The code that it shows for what it read.
    pub(super) fn code(&self, read: &OwnedTransaction, now: UnixTime) -> Result<Code, Error> {
        let purpose = Purpose::Transaction(read.as_transaction().digest());
        let factor = self.suite().moving_factor(now, None).map_err(unexpected)?;
        self.key.code(purpose, factor).map_err(unexpected)
    }
}

/// The text of the QR symbol in a PNG.
pub(super) fn scan(png: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let format = picture::format(png).ok_or_else(|| unexpected("the picture is none"))?;
    picture::read(png, format)
}

/// A string as a symbol for the terminal, and as the picture that a phone would take of it.
pub(super) fn draw(
    string: &str,
    theme: txotp_qr::Theme,
) -> Result<(String, Zeroizing<Vec<u8>>, u8), Error> {
    let symbol = draw::symbol(string, Level::M, Limit::DEFAULT)?;
    let picture = Zeroizing::new(symbol.to_png(Scale::default()));
    Ok((symbol.to_terminal(theme), picture, symbol.version()))
}

/// Codes that are none of the given ones: what a thief could type.
pub(super) fn guesses(right: &[Code]) -> impl Iterator<Item = Code> + '_ {
    (0u32..)
        .filter_map(|number| Code::parse(&format!("{number:08}"), Digits::Eight).ok())
        .filter(|guess| right.iter().all(|code| code.reveal() != guess.reveal()))
}

/// For what cannot go wrong with the demo's own values.
pub(super) fn unexpected(what: impl std::fmt::Display) -> Error {
    Error::new(
        format!("the demo cannot go on: {what}"),
        "report it, with the output of `txotp --version`",
    )
}
