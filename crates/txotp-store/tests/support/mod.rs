//! What the tests share.
#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

pub mod bank;
pub mod child;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod random;

/// Says that a test is skipped. Past the harness, which keeps to itself what a test prints that passes.
pub fn say_skipped(test: &str, why: &str) {
    let line = format!("skipped: {why} ({test})\n");
    // Where there is nobody to tell, nobody is told.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}
