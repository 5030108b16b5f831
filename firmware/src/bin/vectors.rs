//! The published vectors, run on the device: as many hold as there are.

#![no_std]
#![no_main]

use txotp_core::ocra::{Challenge, Input, Key, Suite};
use txotp_core::{
    Algorithm, Counter, DeviceKey, Digits, HotpKey, Pair, Period, PinHash, Purpose, Seed, Step,
    TotpKey, Transaction, TransactionSuite, UnixTime,
};
use txotp_firmware::host;
use txotp_uri::Limit;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

struct Hotp {
    algorithm: &'static str,
    digits: u8,
    seed: &'static [u8],
    counter: u64,
    code: &'static str,
}

struct Totp {
    algorithm: &'static str,
    digits: u8,
    seed: &'static [u8],
    period: u32,
    time: u64,
    code: &'static str,
}

struct Ocra {
    suite: &'static str,
    seed: &'static [u8],
    challenge: (&'static str, Option<&'static str>),
    pin: Option<&'static str>,
    session: Option<&'static [u8]>,
    counter: Option<u64>,
    step: Option<u64>,
    answer: Answer,
}

enum Answer {
    Code(&'static str),
    Mac(&'static [u8]),
}

type Pairs = &'static [(&'static str, &'static str)];

struct Valid {
    string: &'static [u8],
    limit: usize,
    digest: &'static [u8; 32],
    message: &'static str,
    details: Pairs,
    hidden: Pairs,
}

struct Transacted {
    reading: Valid,
    codes: &'static [Coded],
}

struct Coded {
    suite: &'static str,
    seed: &'static [u8],
    pin: Option<&'static str>,
    counter: Option<u64>,
    time: u64,
    code: &'static str,
}

struct Invalid {
    string: &'static [u8],
    limit: usize,
    reason: &'static str,
    offset: usize,
}

impl Hotp {
    fn holds(&self) -> Option<bool> {
        let key = HotpKey::new(
            Algorithm::from_name(self.algorithm).ok()?,
            Digits::new(self.digits)?,
            &Seed::from_bytes(self.seed).ok()?,
        );
        Some(key.code(Counter::new(self.counter)).reveal() == self.code)
    }
}

impl Totp {
    fn holds(&self) -> Option<bool> {
        let key = TotpKey::new(
            Algorithm::from_name(self.algorithm).ok()?,
            Digits::new(self.digits)?,
            Period::new(self.period)?,
            &Seed::from_bytes(self.seed).ok()?,
        );
        let now = UnixTime::from_seconds(self.time);
        Some(key.code(now).reveal() == self.code)
    }
}

impl Ocra {
    fn holds(&self) -> Option<bool> {
        let suite = Suite::parse(self.suite).ok()?;
        let challenge = match self.challenge {
            (only, None) => Challenge::parse(suite.challenge(), only),
            (theirs, Some(ours)) => Challenge::mutual(suite.challenge(), theirs, ours),
        };
        let challenge = challenge.ok()?;
        let pin = pin(suite.pin(), self.pin)?;
        let input = Input {
            challenge: &challenge,
            counter: self.counter.map(Counter::new),
            pin: pin.as_ref(),
            session: self.session,
            step: self.step.map(Step::new),
        };
        let key = Key::new(suite, &Seed::from_bytes(self.seed).ok()?);
        Some(match self.answer {
            Answer::Code(code) => key.code(&input).ok()?.reveal() == code,
            Answer::Mac(mac) => key.mac(&input).ok()?.reveal() == mac,
        })
    }
}

impl Valid {
    /// Whether the string is read as what it says: the text, the order, and the digest.
    fn holds(&self, buffer: &mut [u8]) -> Option<bool> {
        let read = txotp_uri::read(self.string, Limit::new(self.limit)?, buffer);
        let read = read.as_ref().ok()?;
        Some(
            read.message() == self.message
                && same(read.details(), self.details)
                && same(read.hidden_details(), self.hidden)
                && read.digest().as_bytes() == self.digest,
        )
    }
}

impl Transacted {
    /// Whether the string is read as what it says, and gives its codes.
    fn holds(&self, buffer: &mut [u8]) -> Option<bool> {
        if !self.reading.holds(buffer)? {
            return Some(false);
        }
        let read = txotp_uri::read(self.reading.string, Limit::new(self.reading.limit)?, buffer);
        let read = read.as_ref().ok()?;
        Some(self.codes.iter().all(|code| code.holds(read) == Some(true)))
    }
}

impl Coded {
    fn holds(&self, transaction: &Transaction<'_>) -> Option<bool> {
        let suite = TransactionSuite::parse(self.suite).ok()?;
        let pin = pin(suite.ocra().pin(), self.pin)?;
        let seed = Seed::from_bytes(self.seed).ok()?;
        let key = DeviceKey::new(suite, &seed, pin.as_ref()).ok()?;
        let now = UnixTime::from_seconds(self.time);
        let now = suite
            .moving_factor(now, self.counter.map(Counter::new))
            .ok()?;
        let code = key.code(Purpose::Transaction(transaction.digest()), now);
        Some(code.ok()?.reveal() == self.code)
    }
}

impl Invalid {
    /// Whether the string is refused, for its reason and at its byte.
    fn holds(&self, buffer: &mut [u8]) -> Option<bool> {
        let read = txotp_uri::read(self.string, Limit::new(self.limit)?, buffer);
        let error = read.as_ref().err()?;
        Some(error.kind().name() == self.reason && error.offset() == self.offset)
    }
}

/// The hash of a PIN where a suite has one: nothing where one of the two is missing.
fn pin(algorithm: Option<Algorithm>, pin: Option<&str>) -> Option<Option<PinHash>> {
    match algorithm {
        Some(algorithm) => Some(Some(PinHash::of(algorithm, pin?).ok()?)),
        None => Some(None),
    }
}

fn same<'t>(found: impl Iterator<Item = Pair<'t>>, expected: Pairs) -> bool {
    found
        .map(|pair| (pair.key, pair.value))
        .eq(expected.iter().copied())
}

/// Runs a table, reports how many of its cases hold, and says whether all do.
#[inline(never)]
fn run<T>(name: &str, cases: &[T], mut holds: impl FnMut(&T) -> Option<bool>) -> bool {
    let held = cases
        .iter()
        .filter(|case| holds(case) == Some(true))
        .count();
    for (text, number) in [(name, held), (" of", cases.len())] {
        host::say(text);
        host::say(" ");
        host::say_number(u32::try_from(number).unwrap_or(u32::MAX));
    }
    host::say("\n");
    held == cases.len()
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut buffer = [0; txotp_uri::limits::MAX_STRING_LEN];
    let mut good = true;
    good &= run("hotp", HOTP, Hotp::holds);
    good &= run("totp", TOTP, Totp::holds);
    good &= run("ocra", OCRA, Ocra::holds);
    good &= run("transactions", TRANSACTIONS, |case| case.holds(&mut buffer));
    good &= run("strings-valid", VALID, |case| case.holds(&mut buffer));
    good &= run("strings-invalid", INVALID, |case| case.holds(&mut buffer));
    host::exit(good)
}
