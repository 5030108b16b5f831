//! A device's key in the caller's memory.
#![expect(
    unsafe_code,
    reason = "C lends memory as bare pointers, and finds functions by name"
)]

use core::ffi::c_char;
use core::mem::MaybeUninit;

use txotp_core::{DeviceKey, PinHash, Seed, TransactionSuite};

use crate::limits::{TXOTP_DEVICE_ALIGN, TXOTP_DEVICE_SIZE};
use crate::memory::{Input, Output, apart};
use crate::{ResultCode, boundary};

/// Storage for a device's key: opaque, and as secret as the seed.
///
/// It may be moved. A copy is another secret, to be wiped for itself.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
pub struct DeviceStorage {
    /// Nothing of the caller's.
    pub opaque: [u8; TXOTP_DEVICE_SIZE],
}

impl core::fmt::Debug for DeviceStorage {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DeviceStorage(redacted)")
    }
}

/// What is in the storage.
#[repr(C)]
pub(crate) struct Stored {
    tag: u64,
    /// There where the tag is right, and only there.
    key: MaybeUninit<DeviceKey>,
}

const TAG: u64 = u64::from_le_bytes(*b"txotp1dk");

const _: () = assert!(size_of::<DeviceStorage>() == TXOTP_DEVICE_SIZE);
const _: () = assert!(align_of::<DeviceStorage>() == TXOTP_DEVICE_ALIGN);
const _: () = assert!(size_of::<Stored>() <= TXOTP_DEVICE_SIZE);
const _: () = assert!(align_of::<Stored>() <= TXOTP_DEVICE_ALIGN);

impl Input<Stored> {
    /// The storage of a device that a caller names.
    pub(crate) fn device(device: *const DeviceStorage) -> Result<Self, ResultCode> {
        Self::one(device.cast())
    }

    /// The key, where there is one.
    ///
    /// # Safety
    /// As [`Input::value`]: the storage is zeroed, wiped, or as [`txotp_device_init`] left it.
    pub(crate) unsafe fn key<'a>(self) -> Result<&'a DeviceKey, ResultCode> {
        // SAFETY: the caller's promise. Neither field has a pattern of bits that is no value.
        let stored: &Stored = unsafe { self.value() };
        if stored.tag != TAG {
            return Err(ResultCode::NotInitialised);
        }
        // SAFETY: only `txotp_device_init` writes the tag, together with the key.
        Ok(unsafe { stored.key.assume_init_ref() })
    }
}

/// The size of a device's storage in the library that is linked, in bytes. At most
/// `TXOTP_DEVICE_SIZE` in the version that this header belongs to.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_device_size() -> usize {
    size_of::<Stored>()
}

/// The alignment of a device's storage in the library that is linked, in bytes. At most
/// `TXOTP_DEVICE_ALIGN` in the version that this header belongs to.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn txotp_device_align() -> usize {
    align_of::<Stored>()
}

/// Makes a device's key of its suite, its seed of 16 to 64 bytes, and the PIN where the suite has one.
///
/// `suite` is a spelling such as `TXOTP_DEFAULT_SUITE`. `pin` is UTF-8 of 1 to 128 bytes, or NULL and 0
/// for suites without. With `TXOTP_RESULT_OK`, what the storage held before is wiped; with any other
/// result the storage is as it was, an earlier key included. The caller's seed and PIN are the caller's
/// to wipe, whatever the result.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn txotp_device_init(
    device: *mut DeviceStorage,
    device_size: usize,
    suite: *const c_char,
    suite_len: usize,
    seed: *const u8,
    seed_len: usize,
    pin: *const c_char,
    pin_len: usize,
) -> ResultCode {
    boundary::call(|| {
        let storage = Output::<Stored>::one(device.cast())?;
        let suite = Input::<u8>::many(suite.cast(), suite_len)?;
        let seed = Input::many(seed, seed_len)?;
        let pin_given = !pin.is_null();
        let pin = Input::<u8>::many(pin.cast(), pin_len)?;
        apart([storage.span()], &[suite.span(), seed.span(), pin.span()])?;
        if device_size < size_of::<Stored>() {
            return Err(ResultCode::TooSmall);
        }
        // SAFETY: the caller lends all three for the call, and they are only read.
        let (suite, seed, pin) = unsafe { (suite.row(), seed.row(), pin.row()) };
        let key = new_key(suite, seed, pin_given.then_some(pin))?;
        let mut stored = MaybeUninit::new(Stored {
            tag: TAG,
            key: MaybeUninit::new(key),
        });
        // SAFETY: the caller lends the storage for the call, and nothing refers to it. Its size is
        // `Stored`'s by the check above.
        unsafe {
            wipe(device)?;
            storage.set_secret(&mut stored);
        }
        Ok(())
    })
}

fn new_key(suite: &[u8], seed: &[u8], pin: Option<&[u8]>) -> Result<DeviceKey, ResultCode> {
    let suite = core::str::from_utf8(suite).map_err(|_| ResultCode::SuiteMalformed)?;
    let suite = TransactionSuite::parse(suite)?;
    let seed = Seed::from_bytes(seed)?;
    let pin = match (pin, suite.ocra().pin()) {
        (Some(pin), Some(algorithm)) => {
            let pin = core::str::from_utf8(pin).map_err(|_| ResultCode::PinNotUtf8)?;
            Some(PinHash::of(algorithm, pin)?)
        }
        (None, None) => None,
        _ => return Err(ResultCode::PinMismatch),
    };
    Ok(DeviceKey::new(suite, &seed, pin.as_ref())?)
}

/// Wipes a device's key. The storage then holds none, and can be filled again.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn txotp_device_wipe(device: *mut DeviceStorage) -> ResultCode {
    // SAFETY: the caller lends the storage for the call.
    boundary::call(|| unsafe { wipe(device) })
}

/// # Safety
/// The caller lends the storage, of at least `Stored`'s size, and nothing refers to it.
unsafe fn wipe(device: *mut DeviceStorage) -> Result<(), ResultCode> {
    // What has to be aligned is what is stored.
    let stored = Output::<Stored>::one(device.cast())?;
    // SAFETY: as this function's.
    unsafe { stored.bytes().wiped() };
    Ok(())
}
