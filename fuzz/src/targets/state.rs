use txotp_core::{Code, DeviceKey, Digest, Digits, Purpose, Seed, TransactionSuite, UnixTime};
use txotp_verifier::{Attempt, Policy, Settings, State, decide};

use super::decide::LAST_TIME;
use crate::source::Source;

/// Any bytes as a state: what is read is written as it was read. Then a time and a code: from any state that is read
/// a decision leads only to states that are read.
pub fn state(data: &[u8]) {
    check_identity(data);
    let mut source = Source::new(data);
    let mut bytes = [0; State::LEN];
    let given = source.bytes(State::LEN);
    bytes[..given.len()].copy_from_slice(given);
    if let Some(state) = check_identity(&bytes) {
        check_successors(&state, &mut source);
    }
}

fn check_identity(bytes: &[u8]) -> Option<State> {
    let state = State::from_bytes(bytes).ok()?;
    assert_eq!(state.to_bytes()[..], *bytes, "a state has one form");
    Some(state)
}

fn check_successors(state: &State, source: &mut Source<'_>) {
    let suites = [
        "OCRA-1:HOTP-SHA256-8:QH64-T30S",
        "OCRA-1:HOTP-SHA256-8:C-QH64",
    ];
    let suite =
        TransactionSuite::parse(suites[usize::from(source.below(2))]).expect("a transaction suite");
    let seed = Seed::from_bytes(b"12345678901234567890123456789012").expect("32 bytes");
    let key = DeviceKey::new(suite, &seed, None).expect("a suite without a PIN");
    let policy = Policy::new(&suite, Settings::default()).expect("the default settings");
    let now = UnixTime::from_seconds(source.u64().min(LAST_TIME));
    let purpose = Purpose::Transaction(Digest::from_bytes([7; 32]));
    // Right where nothing has moved, else wrong: both ways lead on.
    let right = suite
        .moving_factor(now, suite.has_counter().then(|| state.counter()))
        .and_then(|factor| key.code(purpose, factor))
        .expect("a factor that the suite has");
    let wrong = Code::parse("00000000", Digits::Eight).expect("eight digits");
    for code in [right, wrong] {
        if let Ok(decision) = decide(&policy, &key, state, &Attempt { purpose, code }, now) {
            assert_readable(&decision.next);
        }
    }
    assert_readable(&state.unlocked());
    assert_readable(&state.forgive_clock());
}

fn assert_readable(state: &State) {
    assert_eq!(
        State::from_bytes(&state.to_bytes()).as_ref(),
        Ok(state),
        "a state that is written is read"
    );
}
