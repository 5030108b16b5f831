use txotp_core::ocra::{Challenge, Input, Key, Response, Suite};
use txotp_core::{Counter, PinHash, Seed, Step};

use crate::reference::ocra;
use crate::source::Source;

/// What an input gives to a suite, wanted or not.
struct Given<'a> {
    challenge: (&'a str, Option<&'a str>),
    counter: Option<u64>,
    pin: Option<&'a str>,
    session: Option<&'a [u8]>,
    step: Option<u64>,
}

/// Lines of a suite, one or two challenges and a PIN, then which inputs to turn over, counter, step, seed and
/// session data. MAC and code are those of the reference, and there are none exactly where it has none.
pub fn ocra_code(data: &[u8]) {
    let mut source = Source::new(data);
    let lines =
        [source.line(), source.line(), source.line(), source.line()].map(std::str::from_utf8);
    let [Ok(suite), Ok(first), Ok(second), Ok(pin)] = lines else {
        return;
    };
    let (Ok(ours), Some(theirs)) = (Suite::parse(suite), ocra::Suite::parse(suite)) else {
        return;
    };

    let turned = source.byte();
    let (counter, step) = (source.u64(), source.u64());
    let seed_len = source.byte();
    let seed = source.bytes(seed_len.into());
    let Ok(ours_seed) = Seed::from_bytes(seed) else {
        return assert!(!(16..=64).contains(&seed.len()), "which lengths a seed has");
    };
    let gives = |asked: bool, bit: u8| asked != (turned >> bit & 1 == 1);
    let given = Given {
        challenge: (first, Some(second).filter(|second| !second.is_empty())),
        counter: gives(ours.has_counter(), 0).then_some(counter),
        pin: gives(ours.pin().is_some(), 1).then_some(pin),
        step: gives(ours.time().is_some(), 2).then_some(step),
        session: gives(ours.session().is_some(), 3).then(|| source.rest()),
    };
    let expected = theirs
        .message(&ocra::Input {
            challenge: given.challenge,
            counter: given.counter,
            pin: given.pin,
            session: given.session,
            step: given.step,
        })
        .map(|message| theirs.hash.hmac(seed, &message));
    let mac = computed(&ours, &ours_seed, &given, expected.as_deref(), &theirs);
    assert_eq!(mac, expected, "the MAC");
}

/// Our MAC, and our code held against the reference's.
fn computed(
    suite: &Suite,
    seed: &Seed,
    given: &Given<'_>,
    expected: Option<&[u8]>,
    theirs: &ocra::Suite,
) -> Option<Vec<u8>> {
    let challenge = match given.challenge {
        (first, None) => Challenge::parse(suite.challenge(), first),
        (first, Some(second)) => Challenge::mutual(suite.challenge(), first, second),
    };
    let challenge = challenge.ok()?;
    // A PIN that the suite does not ask for is hashed somehow.
    let pin = given
        .pin
        .map(|pin| PinHash::of(suite.pin().unwrap_or_default(), pin))
        .transpose()
        .ok()?;
    let input = Input {
        challenge: &challenge,
        counter: given.counter.map(Counter::new),
        pin: pin.as_ref(),
        session: given.session,
        step: given.step.map(Step::new),
    };
    let key = Key::new(*suite, seed);
    let code = key.code(&input).ok().map(|code| code.reveal().to_owned());
    let theirs = expected
        .filter(|_| theirs.digits > 0)
        .map(|mac| ocra::truncated(mac, theirs.digits));
    assert_eq!(code, theirs, "the code");
    let mac = key.mac(&input);
    assert!(mac.is_err() || suite.response() == Response::Mac || code.is_some());
    mac.ok().map(|mac| mac.reveal().to_vec())
}
