//! The path from string to code, with a screen and a clock that cost almost nothing: what this image
//! has more than `baseline` is the library.

#![no_std]
#![no_main]

use core::hint::black_box;

use txotp_core::{Code, DeviceKey, MovingFactor, TextProfile, TransactionSuite};
use txotp_firmware::approve::{Board, approve};
use txotp_firmware::{host, instructions, stack, worked};

struct Bench<'k> {
    suite: &'k TransactionSuite,
}

impl Board for Bench<'_> {
    const PROFILE: TextProfile = TextProfile::Display;

    fn show<'t>(&mut self, message: &str, details: impl Iterator<Item = (&'t str, &'t str)>) {
        black_box(message);
        details.for_each(|detail| {
            black_box(detail);
        });
    }

    fn confirmed(&mut self) -> bool {
        black_box(true)
    }

    fn moving_factor(&mut self) -> Option<MovingFactor> {
        self.suite.moving_factor(black_box(worked::NOW), None).ok()
    }
}

/// Everything from seed and string to the code.
#[inline(never)]
fn path(buffer: &mut [u8]) -> Option<Code> {
    let key = key();
    let key = key.as_ref()?;
    let suite = key.suite();
    approve(black_box(worked::STRING), buffer, key, &mut Bench { suite }).ok()
}

/// A function of its own, so that the seed has left the stack before the string is read.
#[inline(never)]
fn key() -> Option<DeviceKey> {
    worked::key(TransactionSuite::default())
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut buffer = [0; worked::STRING.len()];
    let mut code = None;
    host::report("stack", stack::used_by(|| code = path(&mut buffer)));
    host::say(code.as_ref().map_or("no code", Code::reveal));
    let instructions = instructions::taken_by(|| code = path(&mut buffer));
    host::report("\ninstructions", instructions.unwrap_or_default());
    host::exit(code.is_some())
}
