//! What a C program reads and shows.
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

use support::*;
use txotp_ffi::*;

#[test]
fn details_come_in_display_order_and_hidden_ones_apart() {
    let read = documented();
    let mut message = std::mem::MaybeUninit::uninit();
    ok(unsafe { txotp_transaction_message(&read.storage, message.as_mut_ptr()) }).unwrap();
    assert_eq!(
        text(unsafe { message.assume_init() }),
        "Approve money transaction"
    );

    let keys = [
        "Amount",
        "To",
        "Destination Account",
        "Source Account",
        "Reason",
    ];
    for (index, key) in keys.iter().enumerate() {
        assert_eq!(
            pair(&read.storage, Section::Details as u32, index)
                .unwrap()
                .0,
            *key
        );
    }
    let hidden = pair(&read.storage, Section::HiddenDetails as u32, 0).unwrap();
    assert_eq!(hidden, ("Transaction ID".into(), "T2293".into()));
    assert_eq!(pair(&read.storage, 0, 5), Err(ResultCode::NoSuchPair));
    assert_eq!(pair(&read.storage, 1, 1), Err(ResultCode::NoSuchPair));
    assert_eq!(
        pair(&read.storage, 1, usize::MAX),
        Err(ResultCode::NoSuchPair)
    );
    assert_eq!(pair(&read.storage, 2, 0), Err(ResultCode::BadSection));
}

#[test]
fn counts_are_those_of_the_section() {
    let read = documented();
    for (section, expected) in [(0, Ok(5)), (1, Ok(1)), (2, Err(ResultCode::BadSection))] {
        let mut count = 99;
        let result = unsafe { txotp_transaction_count(&read.storage, section, &mut count) };
        assert_eq!(ok(result).map(|()| count), expected);
        assert!(expected.is_ok() || count == 99);
    }
}

/// S2.11: the profile is of what is shown, which hidden details are not.
#[test]
fn a_display_can_draw_what_is_in_its_profile() {
    let profiles = [Profile::Standard, Profile::Display, Profile::Ascii];
    let (ascii_too, display_too, only_standard) = (
        [true, true, true],
        [true, true, false],
        [true, false, false],
    );
    for (parameters, drawn) in [
        ("message=Pay&details[To]=ACME", ascii_too),
        ("message=Pay&details[To]=%C5%BDofka", display_too),
        ("message=Pay&details[To]=%D7%A9", only_standard),
        ("message=Pay&details[%D7%A9]=ACME", only_standard),
        ("message=%D7%A9", only_standard),
        ("message=Pay&hidden_details[To]=%D7%A9", ascii_too),
    ] {
        let read = read(format!("txotp://totp?{parameters}").as_bytes(), 600).unwrap();
        for (profile, drawn) in profiles.into_iter().zip(drawn) {
            let result = check_display(&read.storage, profile as u32);
            let expected = if drawn {
                ResultCode::Ok
            } else {
                ResultCode::Undisplayable
            };
            assert_eq!(result, expected, "{parameters} {profile:?}");
        }
        for number in [3, u32::MAX] {
            let result = check_display(&read.storage, number);
            assert_eq!(result, ResultCode::BadProfile);
        }
    }
}

#[test]
fn a_string_of_the_greatest_length_and_number_of_pairs_is_read() {
    let mut string = String::from("txotp://totp?message=m");
    for number in 0..32 {
        let section = if number & 1 == 0 {
            "details"
        } else {
            "hidden_details"
        };
        string += &format!("&{section}[key+{number}]=value+{number}");
    }
    // Said again, they are the same pair.
    string += "&message=m&details[key+0]=value+0";
    let read = read(string.as_bytes(), 2953).unwrap();
    for number in 0..32 {
        let found = pair(&read.storage, number & 1, (number / 2) as usize).unwrap();
        assert_eq!(found, (format!("key {number}"), format!("value {number}")));
    }

    let long = format!("txotp://totp?message={}", "m".repeat(2953 - 21));
    let read = support::read(long.as_bytes(), 2953).unwrap();
    let mut message = std::mem::MaybeUninit::uninit();
    ok(unsafe { txotp_transaction_message(&read.storage, message.as_mut_ptr()) }).unwrap();
    assert_eq!(unsafe { message.assume_init() }.len, 2953 - 21);
}

#[test]
fn the_limit_is_1_to_2953() {
    for limit in [0, 2954, usize::MAX] {
        assert_eq!(
            read(STRING.as_bytes(), limit).err(),
            Some(ResultCode::BadLimit)
        );
    }
    assert_eq!(
        read(STRING.as_bytes(), 226).err(),
        Some(ResultCode::ReadTooLong)
    );
    assert!(read(STRING.as_bytes(), 227).is_ok());
}

#[test]
fn a_refused_string_leaves_wiped_memory_and_untouched_storage() {
    let string = b"txotp://totp?message=secret&details[a]=b&details[a]=c";
    let mut memory = [0xaa_u8; 64];
    let mut storage = TransactionStorage { opaque: [0x55; 40] };
    let result = unsafe {
        txotp_transaction_read(
            string.as_ptr().cast(),
            string.len(),
            600,
            memory.as_mut_ptr().cast(),
            memory.len(),
            &mut storage,
            320,
        )
    };
    assert_eq!(result, ResultCode::ReadConflictingPair);
    assert_eq!(memory, [0; 64]);
    assert_eq!(storage.opaque, [0x55; 40]);
}

#[test]
fn memory_that_is_lent_again_takes_the_texts_of_the_earlier_transaction_and_not_its_code() {
    let (mut earlier, mut storage) = (documented(), EMPTY);
    let refused = b"nothing of ours";
    let result = unsafe {
        txotp_transaction_read(
            refused.as_ptr().cast(),
            refused.len(),
            600,
            earlier.text.as_mut_ptr().cast(),
            earlier.text.len(),
            &mut storage,
            320,
        )
    };
    assert_eq!(result, ResultCode::ReadWrongScheme);
    assert_eq!(pair(&earlier.storage, 0, 1).unwrap().1, "\0".repeat(8));
    let code = code(&default_device(), Some(&earlier.storage), NOW, None);
    assert_eq!(code.as_deref(), Ok(CODE));
}

#[test]
fn a_fault_takes_as_much_memory_as_the_text_or_says_nothing() {
    let string = b"txotp://totp?message=Pay&details[To]=ACME";
    let (mut reason, mut offset) = (ResultCode::Internal, 77);
    let mut fault_in = |text: &mut [u8]| unsafe {
        txotp_string_fault(
            string.as_ptr().cast(),
            string.len(),
            600,
            text.as_mut_ptr().cast(),
            text.len(),
            &mut reason,
            &mut offset,
        )
    };
    assert_eq!(fault_in(&mut [0xaa; 4]), ResultCode::TooSmall);
    assert_eq!(fault_in(&mut [0xaa; 41]), ResultCode::Ok);
    assert_eq!((reason, offset), (ResultCode::Ok, 0));
}

#[test]
fn the_storage_may_move_and_the_code_stays_bound_to_what_was_read() {
    let mut read = documented();
    let moved = Box::new(read.storage);
    read.storage = EMPTY;
    assert_eq!(pair(&moved, 0, 1).unwrap().1, "John Doe");
    read.text.fill(b'x');
    let code = code(&default_device(), Some(&moved), NOW, None);
    assert_eq!(code.as_deref(), Ok(CODE));
}

/// Reason and byte, as `test-vectors/strings-invalid.json` has them.
#[test]
fn every_reason_of_the_vectors_has_its_result_and_offset() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../test-vectors/strings-invalid.json"
    );
    let file: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for case in file["cases"].as_array().unwrap() {
        let string = match case["string"].as_str() {
            Some(string) => string.as_bytes().to_vec(),
            None => hex(case["string_hex"].as_str().unwrap()),
        };
        let limit = case["limit"].as_u64().unwrap_or(600) as usize;
        let (reason, offset) = fault(&string, limit).unwrap();
        // `too-long` is `ReadTooLong`.
        let name = format!("Read{}", pascal(case["reason"].as_str().unwrap()));
        assert_eq!(format!("{reason:?}"), name, "{}", case["name"]);
        assert_eq!(
            offset as u64,
            case["offset"].as_u64().unwrap(),
            "{}",
            case["name"]
        );
        assert_eq!(read(&string, limit).err(), Some(reason));
        seen.insert(reason as u32);
    }
    assert_eq!(seen, (100..=118).collect());
    assert_eq!(fault(STRING.as_bytes(), 600), Ok((ResultCode::Ok, 0)));
}

fn fault(string: &[u8], limit: usize) -> Result<(ResultCode, usize), ResultCode> {
    let mut memory = vec![0u8; txotp_text_size(string.len())];
    let (mut reason, mut offset) = (ResultCode::Internal, 77);
    let result = unsafe {
        txotp_string_fault(
            string.as_ptr().cast(),
            string.len(),
            limit,
            memory.as_mut_ptr().cast(),
            memory.len(),
            &mut reason,
            &mut offset,
        )
    };
    assert!(memory.iter().all(|byte| *byte == 0));
    ok(result).map(|()| (reason, offset))
}

fn pascal(kebab: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    kebab.split('-').map(word).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
