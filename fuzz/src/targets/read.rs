use txotp_core::Transaction;
use txotp_uri::{Limit, OwnedTransaction, ReadError, ReadErrorKind, read as ours};

use crate::parts::Parts;
use crate::reference::form::{self, Reading};

/// Any bytes as a `txotp://` string. Within the limit it is read exactly where `form_urlencoded` and S4 read it, as
/// the same pairs in the same order; an error points into the input; a buffer of the input's length suffices, and
/// a smaller one changes no answer but to "too small".
pub fn read(data: &[u8]) {
    for limit in [Limit::DEFAULT, Limit::MAX] {
        let mut buffer = vec![0; data.len()];
        let answer = ours(data, limit, &mut buffer).map(|transaction| parts(&transaction));
        match &answer {
            Ok(parts) => assert!(data.len() <= limit.get() && parts.transaction().is_some()),
            Err(error) => check_error(data, limit, *error),
        }
        if data.len() <= limit.get() {
            compare(&answer, &form::read(data));
        }
        let owned = OwnedTransaction::read(data, limit).map(|owned| parts(&owned.as_transaction()));
        assert!(same(&answer, &owned), "the owned form reads otherwise");
        check_smaller_buffer(data, limit, &answer);
    }
}

fn check_error(data: &[u8], limit: Limit, error: ReadError) {
    assert!(
        error.offset() <= data.len(),
        "an offset outside of the input"
    );
    assert_ne!(
        error.kind(),
        ReadErrorKind::BufferTooSmall,
        "a buffer of the input's length suffices"
    );
    assert_eq!(
        error.kind() == ReadErrorKind::TooLong,
        data.len() > limit.get()
    );
}

fn compare(answer: &Result<Parts, ReadError>, reading: &Reading) {
    match (answer, reading) {
        (Ok(ours), Reading::Parts(theirs)) => {
            assert!(equal(ours, theirs), "read as something else")
        }
        (Err(_), Reading::Refused) | (_, Reading::Unknown) => {}
        (Ok(_), Reading::Refused) => panic!("read, and the reference refuses"),
        (Err(error), Reading::Parts(_)) => {
            panic!("{}, and the reference reads", error.kind().name())
        }
    }
}

fn check_smaller_buffer(data: &[u8], limit: Limit, answer: &Result<Parts, ReadError>) {
    // How much smaller is the input's to say.
    let len = data.len() * usize::from(data.last().copied().unwrap_or_default()) / 256;
    let mut buffer = vec![0; len];
    let smaller = ours(data, limit, &mut buffer).map(|transaction| parts(&transaction));
    let too_small = smaller
        .as_ref()
        .is_err_and(|error| error.kind() == ReadErrorKind::BufferTooSmall);
    assert!(
        too_small || same(answer, &smaller),
        "a smaller buffer reads otherwise"
    );
}

fn same(a: &Result<Parts, ReadError>, b: &Result<Parts, ReadError>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => equal(a, b),
        (Err(a), Err(b)) => a == b,
        _ => false,
    }
}

/// Equal also in display order.
fn equal(a: &Parts, b: &Parts) -> bool {
    (&a.message, &a.details, &a.hidden_details) == (&b.message, &b.details, &b.hidden_details)
}

fn parts(transaction: &Transaction<'_>) -> Parts {
    Parts {
        message: transaction.message().into(),
        details: transaction
            .details()
            .map(|pair| (pair.key.into(), pair.value.into()))
            .collect(),
        hidden_details: transaction
            .hidden_details()
            .map(|pair| (pair.key.into(), pair.value.into()))
            .collect(),
    }
}
