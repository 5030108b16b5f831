//! What a wrong program gets: a result, and nothing written.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::undocumented_unsafe_blocks
)]

mod support;

use std::ffi::c_char;
use std::ptr::{null, null_mut};

use support::*;
use txotp_ffi::*;

trait Pointer: Sized {
    const NULL: Self;

    fn or_null(self, null: bool) -> Self {
        if null { Self::NULL } else { self }
    }
}

impl<T> Pointer for *const T {
    const NULL: Self = null();
}

impl<T> Pointer for *mut T {
    const NULL: Self = null_mut();
}

/// Makes a call of `N` pointers, each of them null in turn.
fn each_null<const N: usize>(mut call: impl FnMut([bool; N]) -> ResultCode) {
    for null in 0..N {
        let result = call(std::array::from_fn(|at| at == null));
        assert_eq!(result, ResultCode::NullPointer, "pointer {null} of {N}");
    }
}

#[test]
fn no_call_follows_a_null_pointer() {
    let string: *const c_char = STRING.as_ptr().cast();
    let len = STRING.len();
    let mut memory = [0 as c_char; 600];
    let text = memory.as_mut_ptr();
    let mut read = documented();
    let storage = &raw mut read.storage;
    let transaction = storage.cast_const();
    let mut key = default_device();
    let device = &raw mut key;
    let mut digest = [0u8; 32];
    let mut out = [0 as c_char; 11];
    let out = out.as_mut_ptr();
    let mut message = std::mem::MaybeUninit::<Text>::uninit();
    let mut pair = std::mem::MaybeUninit::<Pair>::uninit();
    let (mut count, mut reason) = (0, ResultCode::Ok);
    let (count, reason) = (&raw mut count, &raw mut reason);
    let mut found = Match {
        step: 0,
        drift: 0,
        counter: 0,
    };
    let found = &raw mut found;
    let window = window(NOW);
    let window = &raw const window;
    let typed: *const c_char = CODE.as_ptr().cast();
    let suite: *const c_char = SUITE.as_ptr().cast();

    each_null(|[a, b, c]| unsafe {
        let (string, text) = (string.or_null(a), text.or_null(b));
        txotp_transaction_read(string, len, 600, text, 600, storage.or_null(c), 320)
    });
    each_null(|[a, b, c, d]| unsafe {
        let (string, text, reason) = (string.or_null(a), text.or_null(b), reason.or_null(c));
        txotp_string_fault(string, len, 600, text, 600, reason, count.or_null(d))
    });
    each_null(|[a, b]| unsafe {
        txotp_transaction_message(transaction.or_null(a), message.as_mut_ptr().or_null(b))
    });
    each_null(|[a, b]| unsafe {
        txotp_transaction_count(transaction.or_null(a), 0, count.or_null(b))
    });
    each_null(|[a, b]| unsafe {
        txotp_transaction_pair(transaction.or_null(a), 0, 0, pair.as_mut_ptr().or_null(b))
    });
    each_null(|[a]| unsafe { txotp_transaction_check_display(transaction.or_null(a), 0) });
    each_null(|[a, b]| unsafe {
        txotp_transaction_digest(transaction.or_null(a), digest.as_mut_ptr().or_null(b), 32)
    });
    each_null(|[a, b, c]| unsafe {
        let (device, transaction) = (device.or_null(a), transaction.or_null(b));
        txotp_transaction_code(device, transaction, NOW, null(), out.or_null(c), 11)
    });
    each_null(|[a, b]| unsafe {
        txotp_login_code(device.or_null(a), NOW, null(), out.or_null(b), 11)
    });
    each_null(|[a, b, c, d, e]| unsafe {
        let (device, transaction) = (device.or_null(a), transaction.or_null(b));
        let (window, typed) = (window.or_null(c), typed.or_null(d));
        txotp_transaction_verify(device, transaction, window, typed, 8, found.or_null(e))
    });
    each_null(|[a, b, c, d]| unsafe {
        let (device, window, typed) = (device.or_null(a), window.or_null(b), typed.or_null(c));
        txotp_login_verify(device, window, typed, 8, found.or_null(d))
    });
    each_null(|[a]| unsafe { txotp_wipe(text.cast::<std::ffi::c_void>().or_null(a), 600) });
    each_null(|[a]| unsafe { txotp_device_wipe(device.or_null(a)) });
    each_null(|[a, b, c]| unsafe {
        let (device, suite, seed) = (
            device.or_null(a),
            suite.or_null(b),
            SEED.as_ptr().or_null(c),
        );
        txotp_device_init(device, 512, suite, SUITE.len(), seed, 32, null(), 0)
    });
    // A PIN that is null has no length.
    let result = unsafe {
        txotp_device_init(
            device,
            512,
            suite,
            SUITE.len(),
            SEED.as_ptr(),
            32,
            null(),
            4,
        )
    };
    assert_eq!(result, ResultCode::NullPointer);
    // A row of nothing may be null.
    assert_eq!(unsafe { txotp_wipe(null_mut(), 0) }, ResultCode::Ok);
    assert_eq!(read_nothing(), ResultCode::ReadWrongScheme);
}

fn read_nothing() -> ResultCode {
    let mut storage = EMPTY;
    unsafe { txotp_transaction_read(null(), 0, 600, null_mut(), 0, &mut storage, 320) }
}

#[test]
fn misaligned_storage_is_refused() {
    let mut memory = [0u64; 200];
    let odd = memory.as_mut_ptr().cast::<u8>().wrapping_add(1);
    let refused = |result| assert_eq!(result, ResultCode::Misaligned);
    unsafe {
        refused(txotp_device_wipe(odd.cast()));
        refused(txotp_transaction_count(odd.cast(), 0, &mut 0));
        refused(txotp_transaction_count(
            &documented().storage,
            0,
            odd.cast(),
        ));
        refused(txotp_transaction_message(&documented().storage, odd.cast()));
        refused(txotp_login_code(
            &default_device(),
            NOW,
            odd.cast(),
            memory.as_mut_ptr().cast(),
            11,
        ));
    }
}

#[test]
fn memory_that_is_too_small_is_refused_and_not_written_to() {
    let read = documented();
    let mut digest = [0x55_u8; 32];
    let mut code = [0x55 as c_char; 11];
    let result = unsafe { txotp_transaction_digest(&read.storage, digest.as_mut_ptr(), 31) };
    assert_eq!((result, digest), (ResultCode::TooSmall, [0x55; 32]));
    let result = unsafe {
        txotp_transaction_code(
            &default_device(),
            &read.storage,
            NOW,
            null(),
            code.as_mut_ptr(),
            10,
        )
    };
    assert_eq!((result, code), (ResultCode::TooSmall, [0x55; 11]));
    let result = unsafe { txotp_login_code(&default_device(), NOW, null(), code.as_mut_ptr(), 10) };
    assert_eq!((result, code), (ResultCode::TooSmall, [0x55; 11]));

    let mut text = [0x55 as c_char; 600];
    let mut storage = TransactionStorage { opaque: [0x55; 40] };
    let mut read_with = |text_size, storage_size| unsafe {
        let (string, len) = (STRING.as_ptr().cast(), STRING.len());
        txotp_transaction_read(
            string,
            len,
            600,
            text.as_mut_ptr(),
            text_size,
            &mut storage,
            storage_size,
        )
    };
    assert_eq!(
        read_with(600, txotp_transaction_size() - 1),
        ResultCode::TooSmall
    );
    assert_eq!(read_with(20, 320), ResultCode::TooSmall);
    assert_eq!(storage.opaque, [0x55; 40]);
    assert!(
        text[20..].iter().all(|byte| *byte == 0x55),
        "written behind the end"
    );

    let mut device = empty_device();
    let (suite, seed) = (SUITE.as_ptr().cast(), SEED.as_ptr());
    let size = txotp_device_size() - 1;
    let result =
        unsafe { txotp_device_init(&mut device, size, suite, SUITE.len(), seed, 32, null(), 0) };
    assert_eq!(result, ResultCode::TooSmall);
    assert!(device.opaque.iter().all(|byte| *byte == 0));
}

#[test]
fn what_is_written_overlaps_nothing() {
    let mut memory = [0u64; 200];
    let base = memory.as_mut_ptr();
    unsafe {
        // String and text, text and storage.
        base.cast::<u8>()
            .copy_from_nonoverlapping(STRING.as_ptr(), STRING.len());
        let (string, len) = (base.cast::<c_char>(), STRING.len());
        let storage = base.wrapping_add(100).cast();
        let result = txotp_transaction_read(string, len, 600, string, len, storage, 320);
        assert_eq!(result, ResultCode::Overlap);
        let text = base.wrapping_add(90).cast();
        let result = txotp_transaction_read(string, len, 600, text, len, storage, 320);
        assert_eq!(result, ResultCode::Overlap);
        // A storage and what is taken from it.
        let mut read = documented();
        let inside = &raw mut read.storage;
        let result = txotp_transaction_digest(inside, inside.cast::<u8>().wrapping_add(8), 32);
        assert_eq!(result, ResultCode::Overlap);
        // A seed in its device, a code in its.
        let mut device = default_device();
        let inside = (&raw mut device).cast::<u8>();
        let suite = SUITE.as_ptr().cast();
        let result = txotp_device_init(
            &raw mut device,
            512,
            suite,
            SUITE.len(),
            inside,
            32,
            null(),
            0,
        );
        assert_eq!(result, ResultCode::Overlap);
        let result = txotp_login_code(&raw const device, NOW, null(), inside.cast(), 11);
        assert_eq!(result, ResultCode::Overlap);
    }
}

#[test]
fn storage_that_holds_nothing_is_refused() {
    let refused = ResultCode::NotInitialised;
    let read = documented();
    assert_eq!(pair(&EMPTY, 0, 0), Err(refused));
    assert_eq!(check_display(&EMPTY, 0), refused);
    assert_eq!(
        code(&default_device(), Some(&EMPTY), NOW, None),
        Err(refused)
    );
    assert_eq!(
        code(&empty_device(), Some(&read.storage), NOW, None),
        Err(refused)
    );
    assert_eq!(
        verify(&empty_device(), None, window(NOW), b"12345678"),
        Err(refused)
    );
    // One kind of storage is not the other.
    let mut both = empty_device();
    let place = (&raw mut both).cast::<TransactionStorage>();
    unsafe { place.write(read.storage) };
    assert_eq!(code(&both, None, NOW, None), Err(refused));
}

#[test]
fn numbers_in_a_transaction_that_are_nonsense_lead_nowhere() {
    let read = documented();
    let mut storage = read.storage;
    storage.opaque[1..].fill(u64::MAX);
    let mut pair = std::mem::MaybeUninit::<Pair>::uninit();
    for index in [0, 31, 32, 65_534, 65_535] {
        // Where it points to is not looked at.
        let result = unsafe { txotp_transaction_pair(&storage, 1, index, pair.as_mut_ptr()) };
        assert_eq!(result, ResultCode::NoSuchPair);
    }
}

#[test]
fn a_wiped_device_is_all_zeros_and_refused() {
    let mut device = default_device();
    assert!(device.opaque.iter().any(|byte| *byte != 0));
    assert_eq!(unsafe { txotp_device_wipe(&mut device) }, ResultCode::Ok);
    assert!(device.opaque.iter().all(|byte| *byte == 0));
    assert_eq!(
        code(&device, None, NOW, None),
        Err(ResultCode::NotInitialised)
    );
}

#[test]
fn a_device_that_is_filled_keeps_nothing_of_what_was_there() {
    let mut device = DeviceStorage {
        opaque: [0xee; 512],
    };
    let result = unsafe {
        let (text, seed) = (SUITE.as_ptr().cast(), SEED.as_ptr());
        txotp_device_init(&mut device, 512, text, SUITE.len(), seed, 32, null(), 0)
    };
    assert_eq!(result, ResultCode::Ok);
    let (ours, behind) = device.opaque.split_at(txotp_device_size());
    assert!(!ours.windows(2).any(|bytes| bytes == [0xee; 2]));
    assert!(behind.iter().all(|byte| *byte == 0xee));
}

/// What is written only on success includes the wiping of what was there.
#[test]
fn a_device_that_is_refused_anew_is_as_it_was() {
    let mut device = default_device();
    let before = device.opaque;
    let result = unsafe {
        let (text, seed) = (SUITE.as_ptr().cast(), SEED.as_ptr());
        txotp_device_init(&mut device, 512, text, SUITE.len(), seed, 15, null(), 0)
    };
    assert_eq!(result, ResultCode::SeedTooShort);
    assert!(device.opaque == before);
}

#[test]
fn wiped_memory_is_zeros() {
    let mut seed = *b"12345678901234567890";
    assert_eq!(
        unsafe { txotp_wipe(seed.as_mut_ptr().cast(), seed.len() - 1) },
        ResultCode::Ok
    );
    assert_eq!(seed[..19], [0; 19]);
    assert_eq!(seed[19], b'0');
}
