//! The arguments that say which device, and when: seed, suite, PIN, counter, time.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use txotp_core::{Counter, DeviceKey, MovingFactor, PinHash, Seed, TransactionSuite, UnixTime};

use crate::error::Error;
use crate::output::Output;
use crate::seed_source::{PinArgs, SeedArgs};

/// The suite where none is named, spelled out for help texts.
pub(crate) const DEFAULT_SUITE: &str = "OCRA-1:HOTP-SHA256-8:QH64-T30S";

#[derive(Args, Clone)]
pub(crate) struct DeviceArgs {
    #[command(flatten)]
    pub(crate) seed: SeedArgs,

    /// OCRA suite of the device: hash, digits, and the inputs of a code
    #[arg(long, value_name = "SUITE", default_value = DEFAULT_SUITE)]
    suite: String,

    #[command(flatten)]
    pin: PinArgs,

    /// Counter of the device, for suites with `C-`
    #[arg(long, value_name = "N")]
    counter: Option<u64>,

    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct TimeArgs {
    /// Time in seconds since 1970-01-01T00:00:00Z [default: now]
    #[arg(long, value_name = "UNIX")]
    at: Option<u64>,
}

impl TimeArgs {
    pub(crate) fn is_given(self) -> bool {
        self.at.is_some()
    }

    pub(crate) fn get(self) -> Result<UnixTime, Error> {
        match self.at {
            Some(seconds) => Ok(UnixTime::from_seconds(seconds)),
            None => now(),
        }
    }
}

/// The time of this machine.
pub(crate) fn now() -> Result<UnixTime, Error> {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(|since| UnixTime::from_seconds(since.as_secs()))
        .map_err(|_| Error::new("this machine's clock is before 1970", "set the clock"))
}

/// A device as the arguments describe it.
pub(crate) struct Device {
    pub(crate) suite: TransactionSuite,
    pub(crate) seed: Seed,
    pub(crate) pin: Option<PinHash>,
    pub(crate) key: DeviceKey,
    pub(crate) counter: Option<Counter>,
    pub(crate) now: UnixTime,
}

impl DeviceArgs {
    /// Reads seed and PIN. `string_on_stdin` tells that standard input is taken already.
    pub(crate) fn read(&self, string_on_stdin: bool, output: Output) -> Result<Device, Error> {
        let takers = [
            string_on_stdin,
            self.seed.uses_stdin(),
            self.pin.uses_stdin(),
        ];
        if takers.iter().filter(|taken| **taken).count() > 1 {
            return Err(Error::new(
                "standard input is asked for twice",
                "give only one of string, seed and PIN as `-`",
            ));
        }
        let suite = parse_suite(&self.suite)?;
        let counter = self.counter_for(&suite)?;
        let now = self.time.get()?;
        let pin = self.pin.read(&suite, output)?;
        let seed = self.seed.read(output)?;
        let key = DeviceKey::new(suite, &seed, pin.as_ref()).map_err(|error| {
            Error::new(error.to_string(), "give the PIN that the suite asks for")
        })?;
        Ok(Device {
            suite,
            seed,
            pin,
            key,
            counter,
            now,
        })
    }

    fn counter_for(&self, suite: &TransactionSuite) -> Result<Option<Counter>, Error> {
        match (suite.has_counter(), self.counter) {
            (true, None) => Err(Error::new(
                "the suite asks for a counter, and there is none",
                "give it with --counter N",
            )),
            (false, Some(_)) => Err(Error::new(
                "a counter is given, but the suite has none",
                "leave --counter out, or choose a suite with `C-`",
            )),
            (_, counter) => Ok(counter.map(Counter::new)),
        }
    }
}

impl Device {
    /// The step and counter that a code is computed at.
    pub(crate) fn factor(&self) -> MovingFactor {
        self.suite
            .moving_factor(self.now, self.counter)
            .expect("a counter was asked for where, and only where, the suite has one")
    }
}

/// Reads a transaction suite.
pub(crate) fn parse_suite(text: &str) -> Result<TransactionSuite, Error> {
    TransactionSuite::parse(text).map_err(|error| {
        Error::new(
            error.to_string(),
            format!("write it like the default, {DEFAULT_SUITE}"),
        )
        .at(error.position())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_one_of_the_core() {
        assert_eq!(TransactionSuite::default().to_string(), DEFAULT_SUITE);
    }
}
