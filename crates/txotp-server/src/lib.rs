#![doc = include_str!("../README.md")]

mod app;
mod approvals;
mod authy;
pub mod calendar;
mod callbacks;
pub mod config;
mod fault;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod health;
mod http;
mod idempotency;
mod judge;
mod keys;
mod log;
mod metrics;
mod native;
mod outbound;
mod serve;
mod sms;
mod stepup;
mod sweep;
mod tables;
mod world;

pub use app::App;
pub use approvals::{DECISION_KEY, Decision, REQUEST_KEY};
pub use fault::Fault;
pub use http::TlsError;
pub use keys::{ApiKey, Holder, KeyText, Role};
pub use outbound::{MAX_REPLY, Outbound, Reply, Rules, SendError};
pub use serve::{Running, ServeError, run, start};
pub use world::{SystemWorld, World};
