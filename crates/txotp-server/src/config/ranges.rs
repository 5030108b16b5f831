//! What numbers can be: no setting makes a service that answers nothing, and none a moment that no store or clock can say.

use core::ops::RangeInclusive;

use super::{Config, ConfigError};

/// Of seconds that somebody waits for.
const WAIT: RangeInclusive<u64> = 1..=3600;
/// Of requests a second, of which 0 are no limit: more are none that could be counted apart.
const RATE: RangeInclusive<u64> = 0..=1_000_000;
/// The most of what is counted in a process.
const MANY: u64 = 1_000_000;

impl Config {
    /// Every number that has a range, with its name.
    pub(super) fn numbers(&self) -> [(&'static str, u64, RangeInclusive<u64>); 15] {
        let number = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        let limits = &self.limits;
        [
            ("limits.connections", number(limits.connections), 1..=MANY),
            (
                "limits.body_bytes",
                number(limits.body_bytes),
                1..=16_777_216,
            ),
            // hyper reads into no smaller buffer.
            (
                "limits.header_bytes",
                number(limits.header_bytes),
                8192..=1_048_576,
            ),
            ("limits.header_seconds", limits.header_seconds, WAIT),
            ("limits.request_seconds", limits.request_seconds, WAIT),
            ("limits.per_key", limits.per_key.into(), RATE),
            ("limits.per_address", limits.per_address.into(), RATE),
            ("limits.shutdown_seconds", limits.shutdown_seconds, 0..=3600),
            (
                "approvals.keep_days",
                self.approvals.keep_days.into(),
                0..=36_500,
            ),
            (
                "approvals.event_streams",
                number(self.approvals.event_streams),
                0..=MANY,
            ),
            (
                "callbacks.timeout_seconds",
                self.callbacks.timeout_seconds,
                WAIT,
            ),
            (
                "callbacks.attempts",
                self.callbacks.attempts.into(),
                1..=1000,
            ),
            ("sms.timeout_seconds", self.sms.timeout_seconds, WAIT),
            ("stepup.digits", self.stepup.digits.into(), 4..=10),
            ("stepup.code_seconds", self.stepup.code_seconds, 1..=86_400),
        ]
    }

    /// Whether every number is in its range.
    pub(super) fn check_numbers(&self) -> Result<(), ConfigError> {
        let is_out = |(_, value, range): &(_, u64, RangeInclusive<u64>)| !range.contains(value);
        match self.numbers().into_iter().find(is_out) {
            None => Ok(()),
            Some((setting, _, range)) => Err(ConfigError::Range {
                setting,
                least: *range.start(),
                most: *range.end(),
            }),
        }
    }
}
