//! The operations of txotp that touch a secret, each from poisoned secrets to what becomes public. Each says where
//! that is, and why it may.

use txotp_core::ocra::{Challenge, Input, Key};
use txotp_core::{
    Code, ConstantTimeEq, Counter, DeviceKey, Digest, HotpKey, Period, Purpose, Seed, TotpKey,
    TransactionSuite,
};
use txotp_uri::base32;
use txotp_verifier::{Attempt, Decision, Policy, Settings, State, decide, resynchronise};

use crate::device::{NOW, PURPOSE, candidates, factor, key, pin, seed};
use crate::memcheck::{declassify, is_secret};

/// An operation: a suite in, a report of memcheck's where it leaks, a panic where it no longer checks anything.
pub type Operation = fn(TransactionSuite);

/// All of them, by name.
pub const ALL: [(&str, Operation); 13] = [
    ("a seed is taken and made", take_seed),
    ("a seed is written as Base32", write_base32),
    ("a seed is read from Base32", read_base32),
    ("a PIN is hashed", hash_pin),
    ("a code is computed", compute_code),
    ("a login code is computed", compute_login_code),
    ("an OCRA code and MAC are computed", compute_ocra),
    ("codes are compared", compare_codes),
    ("a window is searched", search_window),
    ("a login window is searched", search_login),
    ("a replay tag is computed", compute_tag),
    ("an attempt is decided", decide_attempt),
    ("a device is resynchronised", resynchronise_device),
];

fn take_seed(suite: TransactionSuite) {
    let given = seed(suite.algorithm());
    let made = Seed::generate(suite.algorithm(), |bytes| {
        bytes.copy_from_slice(given.reveal());
        Ok::<_, core::convert::Infallible>(())
    });
    let Ok(made) = made;
    assert!(is_secret(made.reveal()) && is_secret(given.clone().reveal()));
}

/// Nothing becomes public: the text is as secret as the seed.
fn write_base32(suite: TransactionSuite) {
    let mut buffer = [0; base32::MAX_LEN];
    let length = base32::encode(&seed(suite.algorithm()), &mut buffer).len();
    assert!(is_secret(&buffer[..length]));
}

/// Whether the text is a seed becomes public, as `public.supp` says.
fn read_base32(suite: TransactionSuite) {
    let mut buffer = [0; base32::MAX_LEN];
    let text = base32::encode(&seed(suite.algorithm()), &mut buffer);
    let read = base32::decode(text).expect("what was written is read");
    assert!(is_secret(read.reveal()));
}

fn hash_pin(suite: TransactionSuite) {
    assert!(is_secret(pin(suite.algorithm()).reveal()));
}

/// A code as the display gets it.
fn show(mut code: Code, suite: &TransactionSuite) {
    assert!(is_secret(&code));
    // A code is computed to be shown: here it leaves.
    declassify(&mut code);
    assert_eq!(code.reveal().len(), usize::from(suite.digits().get()));
}

fn compute_code(suite: TransactionSuite) {
    let key = key(suite).clone();
    let code = key.code(PURPOSE, factor(&suite, 0));
    show(code.expect("the factors of the suite"), &suite);
}

/// RFC 4226 and RFC 6238, by the key of a device and by keys of their own.
fn compute_login_code(suite: TransactionSuite) {
    let (algorithm, digits) = (suite.algorithm(), suite.digits());
    let hotp = HotpKey::new(algorithm, digits, &seed(algorithm));
    show(hotp.code(Counter::new(7)), &suite);
    let mac = hotp.mac(Counter::new(7));
    assert!(is_secret(&mac.truncated().to_be_bytes()) && is_secret(&[mac.offset()]));
    let totp = TotpKey::new(algorithm, digits, Period::DEFAULT, &seed(algorithm));
    show(totp.code(NOW), &suite);
    if suite.has_login() {
        let code = key(suite).code(Purpose::Login, factor(&suite, 0));
        show(code.expect("the factors of the suite"), &suite);
    }
}

fn compute_ocra(suite: TransactionSuite) {
    let key = Key::new(*suite.ocra(), &seed(suite.algorithm()));
    let hash = suite.ocra().pin().map(pin);
    let challenge = Challenge::of_digest(&Digest::from_bytes([7; 32]));
    let at = factor(&suite, 0);
    let input = Input {
        pin: hash.as_ref(),
        counter: at.get_counter(),
        step: at.get_step(),
        ..Input::new(&challenge)
    };
    show(key.code(&input).expect("the inputs of the suite"), &suite);
    assert!(is_secret(
        key.mac(&input).expect("the inputs of the suite").reveal()
    ));
}

/// The codes of steps or counters so far off the present one.
fn codes<const N: usize>(key: &DeviceKey, offs: [i64; N]) -> [Code; N] {
    offs.map(|off| {
        let at = factor(key.suite(), off);
        key.code(PURPOSE, at).expect("the factors of the suite")
    })
}

fn compare_codes(suite: TransactionSuite) {
    let [present, again, other] = codes(&key(suite), [0, 0, 1]);
    for (typed, equal) in [(&again, true), (&other, false)] {
        let mut verdict = [present.ct_eq(typed).unwrap_u8()];
        assert!(is_secret(&verdict));
        // Whether the codes are equal is the answer.
        declassify(&mut verdict);
        assert_eq!(verdict == [1], equal);
    }
}

/// The first, the last and none of the candidates.
fn search_window(suite: TransactionSuite) {
    let key = key(suite);
    for (off, found) in [(-4, true), (4, true), (9, false)] {
        let [typed] = codes(&key, [off]);
        let mut matches = key
            .search(PURPOSE, candidates(&suite, 4), &typed)
            .expect("the factors of the suite");
        // Which candidates match is the answer.
        declassify(&mut matches);
        assert_eq!(!matches.is_empty(), found);
    }
}

fn search_login(suite: TransactionSuite) {
    let algorithm = suite.algorithm();
    let key = TotpKey::new(algorithm, suite.digits(), Period::DEFAULT, &seed(algorithm));
    let step = NOW.step(Period::DEFAULT);
    for (off, found) in [(-1, true), (1, true), (5, false)] {
        let typed = key.code_of_step(step.offset_by(off));
        let steps = txotp_core::Window::DEFAULT.around(step);
        let mut matches = key.search(steps, &typed);
        // Which candidates match is the answer.
        declassify(&mut matches);
        assert_eq!(!matches.is_empty(), found);
    }
}

fn compute_tag(suite: TransactionSuite) {
    assert!(is_secret(key(suite).replay_tag(PURPOSE).as_bytes()));
}

/// An acceptance, a replay and a wrong code. That a candidate has matched, and that its tag is kept, becomes public
/// within, as `public.supp` says; so does nothing else, and of the next state nothing but the tag is a secret.
fn decide_attempt(suite: TransactionSuite) {
    let key = key(suite);
    let policy = Policy::new(&suite, Settings::default()).expect("the default settings");
    let judge = |state: &State, off| {
        let [code] = codes(&key, [off]);
        let attempt = Attempt {
            purpose: PURPOSE,
            code,
        };
        decide(&policy, &key, state, &attempt, NOW).expect("a decision")
    };
    let start = State::with_counter(Counter::new(39));
    for (off, accepted) in [(-1, true), (1, true), (9, false)] {
        let first = judge(&start, off);
        assert_eq!(first.verdict.is_accepted(), accepted);
        let second = judge(&first.next, off);
        assert!(!second.verdict.is_accepted());
        assert_eq!(keeps_tag(&first), accepted && !suite.has_counter());
    }
}

fn keeps_tag(decision: &Decision) -> bool {
    is_secret(&decision.next.to_bytes())
}

/// As with decisions; suites with counter and time have none of it, and are not among those here.
fn resynchronise_device(suite: TransactionSuite) {
    let key = key(suite);
    let policy = Policy::new(&suite, Settings::default()).expect("the default settings");
    let state = State::with_counter(Counter::new(40));
    for (offs, accepted) in [([20, 21], true), ([20, 22], false)] {
        let [first, second] = codes(&key, offs);
        let pair = [&first, &second];
        let decision = resynchronise(&policy, &key, &state, PURPOSE, pair, NOW);
        let verdict = decision.expect("a decision").verdict;
        assert_eq!(verdict.is_accepted(), accepted);
    }
}
