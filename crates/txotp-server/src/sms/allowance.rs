//! What a number may be sent and may have guessed of its codes within a day.
//!
//! A code has few attempts, and who asks for one code after the other has those of each. So texts and wrong codes are
//! counted by number too, over all that it has codes for: users, applications, processes. `docs/sms.md` says what a
//! guess is worth then.

use serde::{Deserialize, Serialize};
use txotp_store::Kind;

use crate::tables::Document;

/// The texts within an hour.
const TEXTS_AN_HOUR: usize = 5;
/// The texts within a day.
const TEXTS_A_DAY: usize = 20;
/// The wrong codes within a day. A right one gives none back: else who owns the number would pay for who guesses.
const WRONG_A_DAY: usize = 10;
const HOUR: u64 = 3600;
const DAY: u64 = 86_400;

/// What was counted of a number in the last 24 hours: its key is the digest of the phone that is reached.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Allowance {
    texts: Vec<u64>,
    wrong: Vec<u64>,
}

impl Document for Allowance {
    const KIND: Kind = Kind::new("sms-allowance");

    fn due(&self) -> Option<u64> {
        let last = self.texts.iter().chain(&self.wrong).max();
        Some(last.map_or(0, |last| last.saturating_add(DAY)))
    }
}

impl Allowance {
    /// The same at a moment: what is a day old no longer counts.
    pub(super) fn at(&self, now: u64) -> Self {
        let recent = |times: &[u64]| {
            let times = times.iter().copied();
            times.filter(|time| is_within(*time, DAY, now)).collect()
        };
        Self {
            texts: recent(&self.texts),
            wrong: recent(&self.wrong),
        }
    }

    /// Whether one more text may be sent: not where its code could not be tried.
    pub(super) fn has_text(&self, now: u64) -> bool {
        let of_hour = self.texts.iter();
        let of_hour = of_hour.filter(|time| is_within(**time, HOUR, now)).count();
        of_hour < TEXTS_AN_HOUR && self.texts.len() < TEXTS_A_DAY && self.guesses() > 0
    }

    /// How many wrong codes are left.
    pub(super) fn guesses(&self) -> u32 {
        let left = WRONG_A_DAY.saturating_sub(self.wrong.len());
        left.try_into().unwrap_or(u32::MAX)
    }

    /// Counts a text.
    pub(super) fn texted(mut self, now: u64) -> Self {
        self.texts.push(now);
        self
    }

    /// Does not count a text that was counted at a moment, and was not sent.
    pub(super) fn not_texted(&self, at: u64) -> Option<Self> {
        let place = self.texts.iter().position(|time| *time == at)?;
        let mut without = self.clone();
        without.texts.remove(place);
        Some(without)
    }

    /// Counts a wrong code.
    pub(super) fn guessed(mut self, now: u64) -> Self {
        self.wrong.push(now);
        self
    }
}

fn is_within(time: u64, seconds: u64, now: u64) -> bool {
    now < time.saturating_add(seconds)
}
