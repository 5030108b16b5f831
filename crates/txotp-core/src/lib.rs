#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(test)]
extern crate std;

mod algorithm;
mod code;
mod device;
mod hotp;
pub mod limits;
mod mac;
pub mod ocra;
mod pin;
mod seed;
mod time;
mod transaction;
mod transaction_suite;
mod window;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use code::{Code, CodeError, CodeLength, Digits};
pub use device::{DeviceKey, PinMismatch, Purpose, ReplayTag};
pub use hotp::{HotpKey, TotpKey};
pub use mac::Mac;
pub use pin::{PinError, PinHash};
pub use seed::{Seed, SeedError};
pub use subtle::ConstantTimeEq;
pub use time::{Counter, MovingFactor, Period, Step, UnixTime};
pub use transaction::{
    Digest, Pair, Section, TextProfile, Transaction, TransactionBuilder, TransactionError,
    TransactionErrorKind,
};
pub use transaction_suite::{FactorError, TransactionSuite};
pub use window::{Candidates, Counters, Matches, Steps, Window, WindowError};
