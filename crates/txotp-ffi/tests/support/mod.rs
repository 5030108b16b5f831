//! The calls as a C program makes them, with everything that they need already in place.
#![allow(dead_code)]

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;

use txotp_ffi::limits::TXOTP_CODE_SIZE;
use txotp_ffi::*;

pub(crate) const STRING: &str = "txotp://totp?message=Approve+money+transaction&details[Amount]=1000+Euros&\
    details[To]=John+Doe&details[Destination+Account]=29385&details[Source+Account]=98381&\
    details[Reason]=transfer+money&hidden_details[Transaction+ID]=T2293";
pub(crate) const SUITE: &str = "OCRA-1:HOTP-SHA256-8:QH64-T30S";
pub(crate) const SEED: &[u8] = b"12345678901234567890123456789012";
pub(crate) const NOW: u64 = 1_700_000_000;
pub(crate) const CODE: &str = "57171677";

/// A transaction and the memory of its text.
pub(crate) struct Read {
    pub(crate) text: Vec<u8>,
    pub(crate) storage: TransactionStorage,
}

pub(crate) const EMPTY: TransactionStorage = TransactionStorage { opaque: [0; 40] };

pub(crate) fn read(string: &[u8], limit: usize) -> Result<Read, ResultCode> {
    let mut read = Read {
        text: vec![0xaa; string.len()],
        storage: EMPTY,
    };
    let result = unsafe {
        txotp_transaction_read(
            string.as_ptr().cast(),
            string.len(),
            limit,
            read.text.as_mut_ptr().cast(),
            read.text.len(),
            &raw mut read.storage,
            size_of::<TransactionStorage>(),
        )
    };
    ok(result).map(|()| read)
}

pub(crate) fn documented() -> Read {
    read(STRING.as_bytes(), 600).unwrap()
}

pub(crate) fn empty_device() -> DeviceStorage {
    unsafe { MaybeUninit::zeroed().assume_init() }
}

pub(crate) fn device(
    suite: &str,
    seed: &[u8],
    pin: Option<&[u8]>,
) -> Result<DeviceStorage, ResultCode> {
    let mut device = empty_device();
    let (pin, pin_len) = pin.map_or((std::ptr::null(), 0), |pin| (pin.as_ptr(), pin.len()));
    let result = unsafe {
        txotp_device_init(
            &raw mut device,
            size_of::<DeviceStorage>(),
            suite.as_ptr().cast(),
            suite.len(),
            seed.as_ptr(),
            seed.len(),
            pin.cast(),
            pin_len,
        )
    };
    ok(result).map(|()| device)
}

pub(crate) fn default_device() -> DeviceStorage {
    device(SUITE, SEED, None).unwrap()
}

pub(crate) fn pointer(counter: &Option<u64>) -> *const u64 {
    counter
        .as_ref()
        .map_or(std::ptr::null(), std::ptr::from_ref)
}

pub(crate) fn code(
    device: &DeviceStorage,
    transaction: Option<&TransactionStorage>,
    now: u64,
    counter: Option<u64>,
) -> Result<String, ResultCode> {
    let mut code = [0x7f as c_char; TXOTP_CODE_SIZE];
    let (out, size) = (code.as_mut_ptr(), code.len());
    let counter = pointer(&counter);
    let result = unsafe {
        match transaction {
            Some(bound) => txotp_transaction_code(device, bound, now, counter, out, size),
            None => txotp_login_code(device, now, counter, out, size),
        }
    };
    ok(result)?;
    Ok(unsafe { CStr::from_ptr(code.as_ptr()) }
        .to_str()
        .unwrap()
        .into())
}

pub(crate) fn verify(
    device: &DeviceStorage,
    transaction: Option<&TransactionStorage>,
    window: Window,
    code: &[u8],
) -> Result<Match, ResultCode> {
    let mut found = Match {
        step: 77,
        drift: 77,
        counter: 77,
    };
    let (typed, len, out) = (code.as_ptr().cast(), code.len(), &raw mut found);
    let result = unsafe {
        match transaction {
            Some(bound) => txotp_transaction_verify(device, bound, &window, typed, len, out),
            None => txotp_login_verify(device, &window, typed, len, out),
        }
    };
    if result != ResultCode::Ok {
        assert_eq!(
            found,
            Match {
                step: 77,
                drift: 77,
                counter: 77
            },
            "an output was written"
        );
    }
    ok(result).map(|()| found)
}

pub(crate) fn window(unix_time: u64) -> Window {
    Window {
        unix_time,
        counter: std::ptr::null(),
        past: 1,
        future: 1,
        look_ahead: 0,
    }
}

pub(crate) fn text(text: Text) -> String {
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.len) };
    std::str::from_utf8(bytes).unwrap().into()
}

pub(crate) fn pair(
    storage: &TransactionStorage,
    section: u32,
    index: usize,
) -> Result<(String, String), ResultCode> {
    let mut pair = MaybeUninit::<Pair>::uninit();
    ok(unsafe { txotp_transaction_pair(storage, section, index, pair.as_mut_ptr()) })?;
    let pair = unsafe { pair.assume_init() };
    Ok((text(pair.key), text(pair.value)))
}

pub(crate) fn check_display(storage: &TransactionStorage, profile: u32) -> ResultCode {
    unsafe { txotp_transaction_check_display(storage, profile) }
}

pub(crate) fn ok(result: ResultCode) -> Result<(), ResultCode> {
    if result == ResultCode::Ok {
        Ok(())
    } else {
        Err(result)
    }
}
