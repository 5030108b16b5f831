use txotp_uri::{Limit, OwnedTransaction, WriteError, to_string, written_len};

use crate::parts::Parts;
use crate::reference::form;

/// Any parts as a transaction. It is made exactly where S2 allows; it is written as `form_urlencoded` escapes, in full
/// or not at all; and what is written is read back as it was, in display order.
pub fn round_trip(data: &[u8]) {
    let parts = Parts::of(data);
    let Some(transaction) = parts.transaction() else {
        return;
    };
    let expected = form::written(&parts);
    assert_eq!(
        written_len(&transaction.as_transaction()),
        expected.len(),
        "the length that is announced"
    );

    for limit in [Limit::DEFAULT, Limit::MAX] {
        match to_string(&transaction.as_transaction(), limit) {
            Ok(string) => {
                assert_eq!(string, expected, "what is written");
                assert!(string.len() <= limit.get());
                let back = OwnedTransaction::read(string.as_bytes(), limit)
                    .expect("what was written is read");
                assert_eq!(
                    back, transaction,
                    "what was written is read as something else"
                );
                assert!(
                    back.details().eq(transaction.details()),
                    "the details' order"
                );
                assert!(
                    back.hidden_details().eq(transaction.hidden_details()),
                    "the hidden details' order"
                );
            }
            Err(error) => {
                assert_eq!(error, WriteError::TooLong);
                assert!(expected.len() > limit.get(), "too long, and it is not");
            }
        }
    }
}
