#![doc = include_str!("../README.md")]
#![no_std]

// Under an operating system std has the panic handler; on bare metal `halt` is.
#[cfg(any(feature = "std", not(target_os = "none")))]
extern crate std;

mod boundary;
mod code;
mod device;
mod display;
#[cfg(all(not(feature = "std"), target_os = "none"))]
mod halt;
pub mod limits;
mod memory;
mod result;
mod transaction;
mod verify;
mod version;

pub use code::{txotp_login_code, txotp_transaction_code};
pub use device::{
    DeviceStorage, txotp_device_align, txotp_device_init, txotp_device_size, txotp_device_wipe,
};
pub use display::{Profile, txotp_transaction_check_display};
pub use memory::txotp_wipe;
pub use result::{ResultCode, txotp_result_text};
pub use transaction::{
    Pair, Section, Text, TransactionStorage, txotp_string_fault, txotp_text_size,
    txotp_transaction_align, txotp_transaction_count, txotp_transaction_digest,
    txotp_transaction_message, txotp_transaction_pair, txotp_transaction_read,
    txotp_transaction_size,
};
pub use verify::{Match, Window, txotp_login_verify, txotp_transaction_verify};
pub use version::txotp_version;
