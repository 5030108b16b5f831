#![doc = include_str!("../README.md")]

mod audit;
pub mod conformance;
mod database;
mod device;
mod engine;
mod error;
mod files;
pub mod limits;
mod location;
mod name;
#[cfg(feature = "postgres")]
mod postgres;
mod records;
mod schema;
mod seal;
mod secrets;
mod session;
mod sql;
mod sqlite;
mod vault;

pub use audit::{AuditReport, Earlier, Entry, Event, Fault, Finding, Verifier};
pub use device::{Device, Status};
pub use engine::{Awaited, Ticket};
pub use error::{Damage, StoreError};
pub use location::Location;
pub use name::{Actor, DeviceId, NameError, UserId};
pub use records::{Change, KeyedDigest, Kind, Record, RecordError, Written};
pub use seal::{KeyError, KeyId, KeyService, Keyring, Sealed};
pub use session::Act;
pub use vault::{
    Answer, CheckReport, Enrolment, Judgement, Listed, Options, Progress, Restoration, Rotation,
    StepUp, Vault, VaultStore, Who,
};
