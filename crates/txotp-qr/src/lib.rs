#![doc = include_str!("../README.md")]

mod advice;
mod codewords;
mod data_uri;
mod error;
mod format;
mod grid;
mod line;
mod mask;
mod penalty;
mod png;
mod scale;
mod svg;
mod symbol;
mod terminal;

pub use advice::Advice;
pub use error::EncodeError;
pub use scale::Scale;
pub use symbol::{Level, Options, QUIET_ZONE, Symbol};
pub use terminal::Theme;
pub use txotp_uri::{Limit, limits::ADVISED_STRING_LEN};
