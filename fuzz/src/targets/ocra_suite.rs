use txotp_core::TransactionSuite;
use txotp_core::ocra::{Response, Suite};

use crate::reference::ocra;

/// Any text as an OCRA suite. It is one exactly where S6.1 says so, and for transactions exactly where S7 does; it is
/// spelled as it was read; and its parts are what the reference finds.
pub fn ocra_suite(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let theirs = ocra::Suite::parse(text);
    let ours = Suite::parse(text);
    assert_eq!(ours.is_ok(), theirs.is_some(), "which texts are suites");
    let for_transactions = theirs
        .as_ref()
        .is_some_and(ocra::Suite::is_for_transactions);
    assert_eq!(
        TransactionSuite::parse(text).is_ok(),
        for_transactions,
        "which suites are for transactions"
    );

    match (ours, theirs) {
        (Ok(ours), Some(theirs)) => {
            assert_eq!(ours.spelling().as_str(), text, "a suite has one spelling");
            assert_eq!(Suite::parse(ours.spelling().as_str()), Ok(ours));
            compare(&ours, &theirs);
        }
        (Err(error), _) => assert!(
            error.position() <= text.len(),
            "a position outside of the text"
        ),
        _ => {}
    }
}

fn compare(ours: &Suite, theirs: &ocra::Suite) {
    let named = |algorithm: txotp_core::Algorithm| ocra::Hash::named(algorithm.name());
    let digits = match ours.response() {
        Response::Mac => 0,
        Response::Code(length) => u32::from(length.get()),
    };
    assert_eq!(named(ours.algorithm()), Some(theirs.hash));
    assert_eq!(
        (digits, ours.has_counter()),
        (theirs.digits, theirs.counter)
    );
    assert_eq!(usize::from(ours.challenge().max_len), theirs.challenge_len);
    assert_eq!(ours.pin().and_then(named), theirs.pin);
    assert_eq!(ours.session().map(usize::from), theirs.session);
    assert_eq!(
        ours.time().map(|time| u64::from(time.period().seconds())),
        theirs.period
    );
}
