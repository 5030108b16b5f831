#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod base32;
mod form;
#[cfg(feature = "json")]
pub mod json;
pub mod key_uri;
pub mod limits;
#[cfg(feature = "alloc")]
mod owned;
mod read;
mod write;

pub use limits::Limit;
#[cfg(feature = "alloc")]
pub use owned::OwnedTransaction;
pub use read::{ReadError, ReadErrorKind, read};
#[cfg(feature = "alloc")]
pub use write::to_string;
pub use write::{WriteError, write, written_len};
