//! How many compressions an operation costs. They decide what a code costs: all else together is a fraction of one.
//!
//! The crates under test are built over `sha1` and `sha2` of this folder, which call the compressions of the crates that
//! they stand for, and count. What they compute is the same, as the worked codes in the tests show.

/// The compressions of an operation, and what it gives.
pub fn compressions<T>(operation: impl FnOnce() -> T) -> (u64, T) {
    let counted = || sha1::compressions() + sha2::compressions();
    let before = counted();
    let result = operation();
    (counted() - before, result)
}
