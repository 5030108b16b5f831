//! Codes by SMS: to whom, which, and by whom they are sent.
//!
//! An SMS proves little: who can read the phone's texts, its line or its gateway has the code. `docs/sms.md` says what
//! follows from that.

mod allowance;
pub(crate) mod codes;
mod gateway;
mod phone;

pub(crate) use allowance::Allowance;
pub(crate) use gateway::{Gateway, SendError};
pub(crate) use phone::Phone;
