//! A device with a clock: what it was handed, what it shows, and the code.
//!
//! The string is the first argument on semihosting's command line, or the worked example.

#![no_std]
#![no_main]

use txotp_core::{Code, MovingFactor, TextProfile, TransactionSuite};
use txotp_firmware::approve::{Board, Refusal, approve};
use txotp_firmware::{host, worked};
use txotp_uri::limits::DEFAULT_STRING_LEN;

/// The host plays the screen, and a payer who always confirms. The clock stands still.
struct Device {
    suite: TransactionSuite,
}

impl Board for Device {
    const PROFILE: TextProfile = TextProfile::Display;

    fn show<'t>(&mut self, message: &str, details: impl Iterator<Item = (&'t str, &'t str)>) {
        host::line(&[message]);
        for (key, value) in details {
            host::line(&[key]);
            host::line(&["  ", value]);
        }
    }

    fn confirmed(&mut self) -> bool {
        true
    }

    fn moving_factor(&mut self) -> Option<MovingFactor> {
        self.suite.moving_factor(worked::NOW, None).ok()
    }
}

fn sign(scanned: &[u8], buffer: &mut [u8]) -> Result<Code, Refusal> {
    let suite = TransactionSuite::default();
    // A product makes its key once, from the seed of its enrolment.
    let key = worked::key(suite).ok_or(Refusal::NoFactor)?;
    approve(scanned, buffer, &key, &mut Device { suite })
}

#[cortex_m_rt::entry]
fn main() -> ! {
    // Room for more than the reader takes, so that it is the reader who refuses.
    let mut line = [0; 2 * DEFAULT_STRING_LEN];
    let scanned = host::argument(&mut line).unwrap_or(worked::STRING);
    let mut buffer = [0; DEFAULT_STRING_LEN];
    let code = sign(scanned, &mut buffer);
    match &code {
        Ok(code) => host::line(&["code ", code.reveal()]),
        Err(Refusal::Unreadable(error)) => host::line(&["refused ", error.kind().name()]),
        Err(Refusal::Undisplayable) => host::line(&["refused undisplayable"]),
        Err(Refusal::Declined) => host::line(&["declined"]),
        Err(Refusal::NoFactor) => host::line(&["no time"]),
    }
    host::exit(code.is_ok())
}
