//! What txotp does with secrets, watched: under valgrind with the secrets poisoned (`bin/poisoned.rs`), and by a clock
//! (`bin/timing.rs`). Both have controls that leak on purpose, and fail where a control is not noticed.
//!
//! `run.sh` runs everything; the README says what it means.

pub mod controls;
pub mod device;
pub mod memcheck;
pub mod operations;
