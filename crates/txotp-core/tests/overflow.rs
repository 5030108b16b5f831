//! That tests notice an overflow: the lints deny unchecked arithmetic in the crates, but not in what they are built on.
//!
//! One profile builds every crate of the workspace for its tests, so it is checked here once. Optimised tests run
//! without these checks: they judge the build that is delivered.
#![cfg(debug_assertions)]
#![allow(clippy::arithmetic_side_effects, missing_docs)]

use std::hint::black_box;
use std::panic::catch_unwind;

#[test]
fn tests_run_with_overflow_checks() {
    assert!(catch_unwind(|| black_box(u8::MAX) + black_box(1)).is_err());
    assert!(catch_unwind(|| -black_box(i8::MIN)).is_err());
    assert!(catch_unwind(|| 1u32 << black_box(32u32)).is_err());
}
