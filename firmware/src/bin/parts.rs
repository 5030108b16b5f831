//! How many instructions each part of the path takes.

#![no_std]
#![no_main]

use core::hint::black_box;

use txotp_core::{DeviceKey, MovingFactor, Purpose, TextProfile, Transaction, TransactionSuite};
use txotp_firmware::{host, instructions, worked};
use txotp_uri::Limit;

/// Does a part of the path, reports what it took, and gives its result.
fn part<T>(label: &str, work: impl FnOnce() -> Option<T>) -> Option<T> {
    let mut result = None;
    let taken = instructions::taken_by(|| result = black_box(work()));
    host::report(label, taken.unwrap_or_default());
    result
}

fn path() -> Option<()> {
    let suite = TransactionSuite::default();
    let mut buffer = [0; worked::STRING.len()];
    let key: DeviceKey = part("key", || worked::key(black_box(suite)))?;
    let scanned = black_box(worked::STRING);
    let read: Transaction<'_> = part("read", || {
        txotp_uri::read(scanned, Limit::DEFAULT, &mut buffer).ok()
    })?;
    part("check-display", || {
        read.check_display(TextProfile::Display).ok()
    })?;
    let digest = part("digest", || Some(read.digest()))?;
    let at: MovingFactor = part("step", || {
        suite.moving_factor(black_box(worked::NOW), None).ok()
    })?;
    let code = part("code", || key.code(Purpose::Transaction(digest), at).ok())?;
    host::line(&["code-is ", code.reveal()]);
    Some(())
}

#[cortex_m_rt::entry]
fn main() -> ! {
    host::exit(path().is_some())
}
