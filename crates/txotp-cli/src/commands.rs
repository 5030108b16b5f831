//! The commands, one file each.

pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod code;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod device;
pub(crate) mod encode;
pub(crate) mod enroll;
pub(crate) mod explain;
pub(crate) mod keys;
pub(crate) mod qr;
pub(crate) mod read;
pub(crate) mod seed;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod vectors;
pub(crate) mod verify;
