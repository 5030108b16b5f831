use sha2::{Digest, Sha256};
use txotp_uri::OwnedTransaction;

use crate::parts::Parts;
use crate::reference::cbor;

/// What separates the parts of two transactions.
const BETWEEN: u8 = 0x1d;

/// The parts of two transactions, or of one. The canonical form is what `ciborium` encodes, it does not see the order
/// of pairs, and two of them are equal exactly where the models are.
pub fn canonical(data: &[u8]) {
    let mut halves = data.splitn(2, |byte| *byte == BETWEEN).map(Parts::of);
    let first = halves.next().expect("there is a first half of anything");
    let Some(bytes) = checked(&first) else { return };
    assert!(
        checked(&first.clone().reversed()).as_ref() == Some(&bytes),
        "the order of pairs shows"
    );

    let Some(second) = halves.next() else { return };
    let Some(others) = checked(&second) else {
        return;
    };
    assert_eq!(
        first.model() == second.model(),
        bytes == others,
        "equal bytes and equal models"
    );
}

/// The canonical form, compared with the reference.
fn checked(parts: &Parts) -> Option<Vec<u8>> {
    let transaction = parts.transaction()?;
    let mut bytes = Vec::new();
    transaction
        .as_transaction()
        .canonical(|part| bytes.extend_from_slice(part));
    assert!(bytes == cbor::canonical(parts), "the canonical form");
    assert!(
        cbor::encoded(&cbor::decoded(&bytes)) == bytes,
        "a shortest encoding"
    );
    check_digest(&transaction, &bytes);
    Some(bytes)
}

fn check_digest(transaction: &OwnedTransaction, bytes: &[u8]) {
    let digest = transaction.as_transaction().digest();
    assert!(
        digest.as_bytes()[..] == Sha256::digest(bytes)[..],
        "the digest of the canonical form"
    );
}
