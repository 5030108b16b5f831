//! What a secret admits, and what it shows.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test that panics has failed"
)]

use txotp_core::limits::{MAX_PIN_LEN, MAX_SEED_LEN, MIN_SEED_LEN};
use txotp_core::{
    Algorithm, Code, Counter, DeviceKey, Digest, Digits, HotpKey, Period, PinError, PinHash,
    Purpose, ReplayTag, Seed, SeedError, TotpKey, Transaction, TransactionSuite, ocra,
};

#[test]
fn a_seed_has_16_to_64_bytes() {
    assert_eq!((MIN_SEED_LEN, MAX_SEED_LEN), (16, 64));
    for len in 0..=66 {
        let seed = Seed::from_bytes(&vec![0x2a; len]);
        match len {
            0..=15 => assert_eq!(seed.unwrap_err(), SeedError::TooShort),
            16..=64 => assert_eq!(seed.unwrap().reveal(), vec![0x2a; len]),
            _ => assert_eq!(seed.unwrap_err(), SeedError::TooLong),
        }
    }
}

#[test]
fn a_new_seed_is_what_the_source_gives_in_the_length_of_the_hash() {
    let algorithms = ["SHA1", "SHA256", "SHA512"].map(Algorithm::from_name);
    for algorithm in algorithms.into_iter().flatten() {
        let seed = Seed::generate(algorithm, |room| {
            room.fill(0x2a);
            Ok::<_, ()>(())
        });
        assert_eq!(seed.unwrap().reveal(), vec![0x2a; algorithm.output_len()]);
        let failed = Seed::generate(algorithm, |_| Err("no entropy"));
        assert_eq!(failed.unwrap_err(), "no entropy");
    }
}

#[test]
fn a_pin_has_1_to_128_bytes() {
    let algorithm = Algorithm::Sha256;
    assert_eq!(PinHash::of(algorithm, "").unwrap_err(), PinError::Empty);
    assert!(PinHash::of(algorithm, &"1".repeat(MAX_PIN_LEN)).is_ok());
    let longer = PinHash::of(algorithm, &"1".repeat(MAX_PIN_LEN + 1));
    assert_eq!(longer.unwrap_err(), PinError::TooLong);
    let cut = PinHash::from_bytes(algorithm, &[0; 31]);
    assert_eq!(cut.unwrap_err(), PinError::WrongLength);
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let algorithm = Algorithm::Sha256;
    // 171 is ab in hexadecimal: neither may be seen, nor the digits of a code.
    let seed = Seed::from_bytes(&[0xab; 32]).unwrap();
    let pin = PinHash::from_bytes(algorithm, &[0xab; 32]).unwrap();
    let suite = TransactionSuite::default();
    let device = DeviceKey::new(suite, &seed, None).unwrap();
    let hotp = HotpKey::new(algorithm, Digits::Eight, &seed);
    let totp = TotpKey::new(algorithm, Digits::Eight, Period::DEFAULT, &seed);
    let key = ocra::Key::new(*suite.ocra(), &seed);
    let code = Code::parse("17117117", Digits::Eight).unwrap();
    let mac = hotp.mac(Counter::new(0));
    let purpose = Purpose::Transaction(Digest::from_bytes([0xab; 32]));
    assert_eq!(
        format!("{seed:?} {pin:?} {hotp:?} {totp:?} {code:?} {mac:?}"),
        "Seed(redacted) PinHash(redacted) HotpKey(redacted) TotpKey(redacted) Code(redacted) Mac(redacted)"
    );
    let of_suite = format!("{{ suite: {:?}, .. }}", suite.ocra());
    assert_eq!(format!("{key:?}"), format!("Key {of_suite}"));
    let of_suite = format!("{{ suite: {suite:?}, .. }}");
    assert_eq!(format!("{device:?}"), format!("DeviceKey {of_suite}"));
    let revealed: String = mac
        .reveal()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for shown in [
        format!("{seed:?} {seed:#?} {pin:?} {pin:#?}"),
        format!("{device:?} {device:#?} {hotp:?} {totp:?} {key:?} {key:#?}"),
        format!("{code:?} {code:#?} {mac:?} {mac:#?} {purpose:?}"),
    ] {
        for part in ["171", "0xab", "abab", revealed.get(..8).unwrap()] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

#[test]
fn nothing_of_a_transaction_is_shown_but_how_much_there_is() {
    let mut builder = Transaction::builder();
    builder.message("Pay").unwrap();
    builder.detail("To", "John").unwrap();
    builder.detail("Amount", "1").unwrap();
    builder.hidden_detail("Reference", "T1").unwrap();
    let transaction = builder.build().unwrap();
    let pair = transaction.details().next().unwrap();
    let challenge = ocra::Challenge::of_digest(&transaction.digest());
    assert_eq!(
        format!(
            "{transaction:?} {pair:?} {:?} {challenge:?}",
            transaction.digest()
        ),
        "Transaction { details: 2, hidden_details: 1, .. } Pair(redacted) Digest(redacted) Challenge(redacted)"
    );
}

/// S10.20: keyed, of the digest, and different from every code's MAC.
#[test]
fn a_replay_tag_is_half_a_mac_over_its_label_and_the_digest() {
    use hmac::{KeyInit as _, Mac as _};
    let seed = [0x2a; 32];
    let device = DeviceKey::new(
        TransactionSuite::default(),
        &Seed::from_bytes(&seed).unwrap(),
        None,
    )
    .unwrap();
    let expected = |digest: &[u8]| {
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&seed).unwrap();
        mac.update(b"txotp-1:replay\0");
        mac.update(digest);
        mac.finalize().into_bytes()
    };
    let transaction = Purpose::Transaction(Digest::from_bytes([7; 32]));
    for (purpose, digest) in [(Purpose::Login, &[][..]), (transaction, &[7; 32])] {
        let tag = device.replay_tag(purpose);
        assert_eq!(tag.as_bytes()[..], expected(digest)[..ReplayTag::LEN]);
    }
}
