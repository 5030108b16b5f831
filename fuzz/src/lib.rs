//! The fuzz targets of txotp as plain functions: each takes bytes, and panics where a promise is broken.
//!
//! `cargo fuzz` drives them with libFuzzer (feature `fuzzing`); `cargo test` replays the committed corpora on
//! stable. What a target compares ours with lies in [`reference`], which shares no code with the crates.
#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod c;
pub mod parts;
pub mod reference;
pub mod source;
pub mod targets;
