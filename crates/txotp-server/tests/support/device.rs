//! A device as a payer has it: it knows its seed, and computes codes.

use txotp_core::{Code, DeviceKey, MovingFactor, Purpose, UnixTime};
use txotp_uri::key_uri::KeyUri;
use txotp_uri::{Limit, OwnedTransaction};

/// A device that scanned its Key URI.
pub struct Device(DeviceKey);

impl Device {
    pub fn scan(uri: &str) -> Self {
        let mut buffer = [0; 600];
        let uri = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer).unwrap();
        let suite = uri.transaction_suite().unwrap();
        Self(DeviceKey::new(suite, uri.seed(), None).unwrap())
    }

    fn factor(&self, now: UnixTime) -> MovingFactor {
        self.0.suite().moving_factor(now, None).unwrap()
    }

    fn code(&self, purpose: Purpose, now: UnixTime) -> String {
        let code: Code = self.0.code(purpose, self.factor(now)).unwrap();
        code.reveal().to_owned()
    }

    /// The code for a transaction's string.
    pub fn sign(&self, string: &str, now: UnixTime) -> String {
        let transaction = OwnedTransaction::read(string.as_bytes(), Limit::DEFAULT).unwrap();
        let digest = transaction.as_transaction().digest();
        self.code(Purpose::Transaction(digest), now)
    }

    /// A login code.
    pub fn login(&self, now: UnixTime) -> String {
        self.code(Purpose::Login, now)
    }
}

/// A code that is not this one.
pub fn other(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    let rest = &code[..code.len() - 1];
    format!("{rest}{last}")
}
