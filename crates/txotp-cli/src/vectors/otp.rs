//! HOTP, TOTP, and truncation alone.

use serde::Deserialize;
use txotp_core::{Counter, Digits, HotpKey, Period, Step, TotpKey, UnixTime};

use super::{Case, Difference, algorithm, bytes, same, seed, usable};
use crate::hex;
use crate::truncation::Truncation;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hotp {
    #[serde(rename = "name")]
    _name: String,
    algorithm: String,
    key_hex: String,
    counter: u64,
    digits: u8,
    hmac_hex: String,
    truncated: u32,
    code: String,
}

impl Case for Hotp {
    fn check(&self) -> Result<(), Difference> {
        let key = HotpKey::new(
            algorithm(&self.algorithm)?,
            digits(self.digits)?,
            &seed(&self.key_hex)?,
        );
        let counter = Counter::new(self.counter);
        let mac = key.mac(counter);
        same("hmac_hex", &self.hmac_hex, &hex::encode(mac.reveal()))?;
        same("truncated", self.truncated, mac.truncated())?;
        same("code", self.code.as_str(), key.code(counter).reveal())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Totp {
    #[serde(rename = "name")]
    _name: String,
    algorithm: String,
    key_hex: String,
    digits: u8,
    period: u32,
    unix_time: u64,
    step: u64,
    code: String,
}

impl Case for Totp {
    fn check(&self) -> Result<(), Difference> {
        let period = usable("period", Period::new(self.period).ok_or("out of range"))?;
        let key = TotpKey::new(
            algorithm(&self.algorithm)?,
            digits(self.digits)?,
            period,
            &seed(&self.key_hex)?,
        );
        let time = UnixTime::from_seconds(self.unix_time);
        same("step", Step::new(self.step), time.step(period))?;
        same("code", self.code.as_str(), key.code(time).reveal())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TruncationCase {
    #[serde(rename = "name")]
    _name: String,
    hmac_hex: String,
    offset: u8,
    truncated: u32,
    digits: u8,
    code: String,
}

impl Case for TruncationCase {
    fn check(&self) -> Result<(), Difference> {
        let mac = bytes("hmac_hex", &self.hmac_hex)?;
        let found = usable("hmac_hex", Truncation::of(&mac).ok_or("too short"))?;
        same("offset", self.offset, found.offset)?;
        same("truncated", self.truncated, found.value)?;
        same("code", &self.code, &found.code(self.digits))
    }
}

fn digits(count: u8) -> Result<Digits, Difference> {
    usable("digits", Digits::new(count).ok_or("out of range"))
}
