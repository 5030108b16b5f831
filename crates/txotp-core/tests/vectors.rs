//! The published test vectors: RFC 4226, RFC 6238 and RFC 6287 as printed, and what an independent
//! implementation computed beyond them.
#![cfg(all(feature = "sha1", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

use serde_json::Value;
use txotp_core::ocra::{Challenge, Input, Key, Suite};
use txotp_core::{
    Algorithm, Code, Counter, DeviceKey, Digits, HotpKey, Mac, Period, PinHash, Purpose, Seed,
    Step, TextProfile, TotpKey, Transaction, TransactionSuite, UnixTime, Window,
};

/// The cases of a file, of which published ones never vanish.
fn cases(file: &str, at_least: usize) -> Vec<Value> {
    let path = format!("{}/../../test-vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the vectors are in the repository");
    let mut file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    assert_eq!(file["format"], "txotp-vectors/1");
    let Value::Array(cases) = file["cases"].take() else {
        panic!("a file without cases");
    };
    assert!(cases.len() >= at_least, "{} cases", cases.len());
    cases
}

fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} is missing in {}", case["name"]))
}

fn number(case: &Value, field: &str) -> u64 {
    case[field]
        .as_u64()
        .unwrap_or_else(|| panic!("{field} is missing in {}", case["name"]))
}

fn unhex(digits: &str) -> Vec<u8> {
    let value = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit") as u8;
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| value(pair[0]) << 4 | value(pair[1]))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn seed(case: &Value) -> Seed {
    Seed::from_bytes(&unhex(text(case, "key_hex"))).expect("16 to 64 bytes")
}

fn algorithm(case: &Value) -> Algorithm {
    Algorithm::from_name(text(case, "algorithm")).expect("one of three")
}

fn digits(case: &Value) -> Digits {
    Digits::new(u8::try_from(number(case, "digits")).unwrap()).expect("6, 7 or 8")
}

/// Offset and value as RFC 4226 section 5.3 describes them.
fn truncate(mac: &[u8]) -> (usize, u32) {
    let offset = usize::from(mac[mac.len() - 1] & 0x0f);
    let word = mac[offset..offset + 4].try_into().unwrap();
    (offset, u32::from_be_bytes(word) & 0x7fff_ffff)
}

fn assert_truncates(mac: &Mac) {
    let (offset, value) = truncate(mac.reveal());
    assert_eq!(u64::from(mac.offset()), offset as u64);
    assert_eq!(mac.truncated(), value);
}

#[test]
fn rfc4226_section_5_4_truncates_as_every_mac_of_ours_does() {
    for case in cases("rfc4226-truncation.json", 1) {
        let mac = Mac::from_bytes(&unhex(text(&case, "hmac_hex"))).unwrap();
        assert_eq!(u64::from(mac.offset()), number(&case, "offset"));
        assert_eq!(u64::from(mac.truncated()), number(&case, "truncated"));
        assert_truncates(&mac);
    }
    assert!(Mac::from_bytes(&[0; 19]).is_none());
    let seed = Seed::from_bytes(b"12345678901234567890").unwrap();
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let key = HotpKey::new(algorithm, Digits::Six, &seed);
        let mut offsets = 0u16;
        for counter in (0..200).map(Counter::new) {
            let mac = key.mac(counter);
            assert_eq!(mac.reveal().len(), algorithm.output_len());
            assert_truncates(&mac);
            offsets |= 1 << mac.offset();
        }
        assert_eq!(offsets, u16::MAX, "every offset from 0 to 15 was there");
    }
}

#[test]
fn rfc4226_appendix_d_gives_its_macs_and_codes() {
    for case in cases("rfc4226.json", 10) {
        let key = HotpKey::new(algorithm(&case), digits(&case), &seed(&case));
        let counter = Counter::new(number(&case, "counter"));
        let mac = key.mac(counter);
        assert_eq!(hex(mac.reveal()), text(&case, "hmac_hex"));
        assert_eq!(u64::from(mac.truncated()), number(&case, "truncated"));
        assert_eq!(key.code(counter).reveal(), text(&case, "code"));
    }
}

#[test]
fn rfc6238_appendix_b_gives_its_codes_and_finds_them_in_a_window() {
    for case in cases("rfc6238.json", 18) {
        let period = Period::new(u32::try_from(number(&case, "period")).unwrap()).unwrap();
        let key = TotpKey::new(algorithm(&case), digits(&case), period, &seed(&case));
        let now = UnixTime::from_seconds(number(&case, "unix_time"));
        let step = Step::new(number(&case, "step"));
        assert_eq!(now.step(period), step);
        let code = key.code(now);
        assert_eq!(code.reveal(), text(&case, "code"), "{}", case["name"]);
        let found = key.search(Window::DEFAULT.around(step), &code);
        assert!(found.iter().any(|factor| factor.get_step() == Some(step)));
    }
}

/// What a suite in a case needs beside the seed.
struct Inputs {
    challenge: Challenge,
    pin: Option<PinHash>,
    session: Option<Vec<u8>>,
    counter: Option<Counter>,
    step: Option<Step>,
}

impl Inputs {
    fn of(case: &Value, suite: &Suite) -> Result<Self, Box<dyn std::error::Error>> {
        let part = |at: usize| case["q_parts"][at].as_str();
        let challenge = match (part(0), part(1)) {
            (Some(theirs), Some(ours)) => Challenge::mutual(suite.challenge(), theirs, ours)?,
            (Some(only), None) => Challenge::parse(suite.challenge(), only)?,
            _ => Challenge::parse(suite.challenge(), text(case, "q"))?,
        };
        let pin = match suite.pin() {
            Some(algorithm) => {
                let pin = PinHash::of(algorithm, text(case, "pin"))?;
                assert_eq!(hex(pin.reveal()), text(case, "pin_hash_hex"));
                Some(PinHash::from_bytes(algorithm, pin.reveal())?)
            }
            None => None,
        };
        Ok(Self {
            challenge,
            pin,
            session: case["s_hex"].as_str().map(unhex),
            counter: case["c"].as_u64().map(Counter::new),
            step: case["t"].as_u64().map(Step::new),
        })
    }

    fn lend(&self) -> Input<'_> {
        Input {
            challenge: &self.challenge,
            counter: self.counter,
            pin: self.pin.as_ref(),
            session: self.session.as_deref(),
            step: self.step,
        }
    }
}

fn assert_ocra(file: &str, at_least: usize) {
    for case in cases(file, at_least) {
        let name = &case["name"];
        let suite = Suite::parse(text(&case, "suite")).expect("a valid suite");
        let key = Key::new(suite, &seed(&case));
        let inputs = Inputs::of(&case, &suite).expect("valid inputs");
        let mac = key.mac(&inputs.lend()).expect("what the suite names");
        assert_truncates(&mac);
        match case["code"].as_str() {
            Some(code) => {
                let computed = key.code(&inputs.lend()).expect("a suite with digits");
                assert_eq!(computed.reveal(), code, "{name}");
            }
            None => {
                assert_eq!(hex(mac.reveal()), text(&case, "mac_hex"), "{name}");
                assert!(key.code(&inputs.lend()).is_err(), "{name}");
            }
        }
    }
}

#[test]
fn rfc6287_appendix_c_gives_all_70_codes() {
    assert_ocra("rfc6287.json", 70);
}

#[test]
fn ocra_qh64_gives_its_546_codes() {
    assert_ocra("ocra-qh64.json", 546);
}

#[test]
fn ocra_more_gives_its_codes_and_whole_macs() {
    assert_ocra("ocra-more.json", 116);
}

#[test]
fn ocra_invalid_gives_no_code() {
    for case in cases("ocra-invalid.json", 24) {
        let suite = Suite::parse(text(&case, "suite")).expect("a valid suite");
        let key = Key::new(suite, &seed(&case));
        let code = Inputs::of(&case, &suite)
            .and_then(|inputs| key.code(&inputs.lend()).map_err(Into::into));
        assert!(code.is_err(), "{}: {}", case["name"], case["why"]);
    }
}

#[test]
fn ocra_suites_have_one_spelling() {
    let cases = cases("ocra-suites.json", 116);
    for case in &cases {
        let (name, spelled) = (&case["name"], text(case, "suite"));
        let valid = case["valid"].as_bool().unwrap();
        let suite = Suite::parse(spelled);
        assert_eq!(suite.is_ok(), valid, "{name}: {}", case["why"]);
        if let Ok(suite) = suite {
            assert_eq!(suite.to_string(), spelled, "{name}");
        }
        let for_transactions = case["transaction_suite"].as_bool() == Some(true);
        let suite = TransactionSuite::parse(spelled);
        assert_eq!(suite.is_ok(), for_transactions, "{name}");
    }
    let transaction_suites = cases
        .iter()
        .filter(|case| case["transaction_suite"] == true);
    assert!(transaction_suites.count() >= 10);
}

fn transaction(case: &Value) -> Transaction<'_> {
    let mut builder = Transaction::builder();
    builder.message(text(case, "message")).unwrap();
    for pair in case["details"].as_array().unwrap() {
        let (key, value) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        builder.detail(key, value).unwrap();
    }
    for pair in case["hidden_details"].as_array().unwrap() {
        let (key, value) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        builder.hidden_detail(key, value).unwrap();
    }
    builder.build().unwrap()
}

fn device(case: &Value) -> DeviceKey {
    let suite = TransactionSuite::parse(text(case, "suite")).expect("a transaction suite");
    let pin = suite
        .ocra()
        .pin()
        .map(|algorithm| PinHash::of(algorithm, text(case, "pin")).unwrap());
    DeviceKey::new(suite, &seed(case), pin.as_ref()).expect("the PIN of the suite")
}

#[test]
fn transactions_have_their_canonical_form_digest_and_codes() {
    let mut codes = 0;
    for case in cases("transactions.json", 108) {
        let name = &case["name"];
        let transaction = transaction(&case["transaction"]);
        let mut canonical = Vec::new();
        transaction.canonical(|part| canonical.extend_from_slice(part));
        assert_eq!(hex(&canonical), text(&case, "canonical_hex"), "{name}");
        let digest = transaction.digest();
        assert_eq!(hex(digest.as_bytes()), text(&case, "digest_hex"), "{name}");
        for expected in case["codes"].as_array().unwrap() {
            let device = device(expected);
            let suite = device.suite();
            let now = UnixTime::from_seconds(expected["unix_time"].as_u64().unwrap_or_default());
            let counter = expected["counter"].as_u64().map(Counter::new);
            let at = suite.moving_factor(now, counter).expect("its factors");
            let code = device.code(Purpose::Transaction(digest), at).unwrap();
            assert_eq!(code.reveal(), text(expected, "code"), "{name} {suite}");
            assert!(Code::parse(text(expected, "code"), suite.digits()).is_ok());
            codes += 1;
        }
    }
    assert!(codes >= 146, "{codes} codes");
}

#[test]
fn must_differ_differ_with_exactly_these_digests() {
    for case in cases("must-differ.json", 74) {
        let [a, b] = ["a", "b"].map(|side| transaction(&case[side]));
        assert_eq!(hex(a.digest().as_bytes()), text(&case, "digest_a_hex"));
        assert_eq!(hex(b.digest().as_bytes()), text(&case, "digest_b_hex"));
        assert!(a != b && a.digest() != b.digest(), "{}", case["why"]);
    }
}

#[test]
fn text_is_accepted_and_displayed_at_every_edge_as_listed() {
    for case in cases("text.json", 223) {
        let point = u32::try_from(number(&case, "code_point")).unwrap();
        let character = char::from_u32(point).expect("a scalar value");
        let allows = |profile: TextProfile| Some(profile.allows(character));
        let name = &case["name"];
        assert_eq!(
            allows(TextProfile::Standard),
            case["accepted"].as_bool(),
            "{name}"
        );
        assert_eq!(
            allows(TextProfile::Display),
            case["display"].as_bool(),
            "{name}"
        );
        let whole = character.to_string();
        let built = Transaction::builder().message(&whole).is_ok();
        assert_eq!(Some(built), case["accepted"].as_bool(), "{name}");
    }
}
