//! What a stolen state betrays (specification S10.8, S10.20).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    missing_docs
)]

use txotp_core::{
    DeviceKey, Digest, MovingFactor, Period, Purpose, Seed, TransactionSuite, UnixTime,
};
use txotp_verifier::{Attempt, Policy, Settings, State, decide};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

/// Bytes that are nowhere else.
fn unlike(start: u8) -> [u8; 32] {
    std::array::from_fn(|place| start.wrapping_add(u8::try_from(place).unwrap().wrapping_mul(37)))
}

#[test]
fn a_state_holds_the_keyed_tag_of_what_was_accepted_and_no_seed_digest_or_code() {
    let suite = TransactionSuite::default();
    let (seed, digest) = (unlike(3), unlike(101));
    let key = DeviceKey::new(suite, &Seed::from_bytes(&seed).unwrap(), None).unwrap();
    let policy = Policy::new(&suite, Settings::default()).unwrap();
    let purpose = Purpose::Transaction(Digest::from_bytes(digest));
    let step = MovingFactor::step(NOW.step(Period::DEFAULT));
    let code = key.code(purpose, step).unwrap();
    let shown = code.reveal().to_owned();
    let number: u32 = shown.parse().unwrap();
    let decision = decide(
        &policy,
        &key,
        &State::new(),
        &Attempt { purpose, code },
        NOW,
    )
    .unwrap();
    assert!(decision.verdict.is_accepted());

    let state = decision.next.to_bytes();
    let holds = |part: &[u8]| state.windows(part.len()).any(|window| window == part);
    assert!(holds(key.replay_tag(purpose).as_bytes()));
    for part in seed.windows(4).chain(digest.windows(4)) {
        assert!(!holds(part));
    }
    assert!(!holds(shown.as_bytes()));
    assert!(!holds(&number.to_be_bytes()) && !holds(&number.to_le_bytes()));
    let debug = format!("{:?}", decision.next);
    assert!(!debug.contains(&shown) && !debug.contains(&number.to_string()));
}
