//! Codes by SMS and by call: to whom, which, and by whom they are sent.
//!
//! Neither proves much: who can read the phone's texts, answer it, its line or its gateway has the code. `docs/sms.md` says
//! what follows from that.

mod allowance;
pub(crate) mod codes;
mod gateway;
mod phone;

pub(crate) use allowance::Allowance;
pub(crate) use gateway::{Channel, Gateway, Message, SendError};
pub(crate) use phone::Phone;
