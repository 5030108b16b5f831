//! A device without a clock: the counter moves the code, and is stored before the code is shown.

#![no_std]
#![no_main]

use txotp_core::{Algorithm, Counter, Digits, MovingFactor, TextProfile, TransactionSuite};
use txotp_firmware::approve::{Board, approve};
use txotp_firmware::{host, worked};

/// Of the case `counters` of the published vectors.
const STRING: &[u8] = b"txotp://totp?message=Pay&details[Amount]=100.00+EUR&details[To]=ACME\
    &hidden_details[Transaction+ID]=T1";

/// Memory that keeps a number without power: here, RAM.
struct Flash(u64);

impl Flash {
    fn load(&self) -> u64 {
        self.0
    }

    /// Whether it is stored for good, as reading back shows.
    fn store(&mut self, number: u64) -> bool {
        self.0 = number;
        self.load() == number
    }
}

struct Device {
    flash: Flash,
}

impl Board for Device {
    const PROFILE: TextProfile = TextProfile::Ascii;

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
        let counter = Counter::new(self.flash.load());
        // First the next counter is kept, then this one is used: a device that loses power between
        // the two skips a counter, which the bank looks ahead for. The other way round it would use
        // one twice.
        let kept = self.flash.store(counter.next()?.get());
        kept.then(|| MovingFactor::counter(counter))
    }
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let suite = TransactionSuite::with_counter(Algorithm::Sha256, Digits::Eight);
    let mut device = Device { flash: Flash(0) };
    let mut buffer = [0; STRING.len()];
    let key = worked::key(suite);
    // The same payment twice: each has a code of its own.
    let good = (0..2).all(|_| {
        let code = key
            .as_ref()
            .and_then(|key| approve(STRING, &mut buffer, key, &mut device).ok());
        host::line(&["code ", code.as_ref().map_or("none", |code| code.reveal())]);
        code.is_some()
    });
    host::exit(good)
}
