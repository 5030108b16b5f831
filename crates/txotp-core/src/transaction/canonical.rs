//! The one function from transaction to bytes, and the digest of them.
//!
//! The form is deterministic CBOR (RFC 8949 section 4.2.1) of the map
//! `{"v": 1, "details": {…}, "message": "…", "hidden_details": {…}}`: both maps always there, keys and
//! values text strings. It is streamed and never held, so its length costs no memory.

use core::cmp::Ordering;
use core::fmt;

use sha2::Digest as _;

use super::{Pair, Section, Transaction};
use crate::limits::MAX_PAIRS;

impl Transaction<'_> {
    /// Gives the canonical form to a sink, part by part.
    ///
    /// ```
    /// use txotp_core::Transaction;
    ///
    /// let mut builder = Transaction::builder();
    /// builder.message("Hi")?;
    /// let mut bytes = Vec::new();
    /// builder.build()?.canonical(|part| bytes.extend_from_slice(part));
    /// assert_eq!(bytes, b"\xa4\x61v\x01\x67details\xa0\x67message\x62Hi\x6ehidden_details\xa0");
    /// # Ok::<(), txotp_core::TransactionError>(())
    /// ```
    pub fn canonical(&self, mut sink: impl FnMut(&[u8])) {
        // The keys of the outer map stand in bytewise order of their encoded forms.
        sink(b"\xa4\x61v\x01\x67details");
        self.write_map(Section::Details, &mut sink);
        sink(b"\x67message");
        write_text(self.message, &mut sink);
        sink(b"\x6ehidden_details");
        self.write_map(Section::HiddenDetails, &mut sink);
    }

    /// The digest that the code is bound to.
    // Never inlined: the state of the hash leaves a small device's stack before the code is computed.
    #[inline(never)]
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut hash = sha2::Sha256::new();
        self.canonical(|part| hash.update(part));
        Digest(hash.finalize().into())
    }

    fn write_map(&self, section: Section, sink: &mut impl FnMut(&[u8])) {
        let mut sorted: [Option<&Pair<'_>>; MAX_PAIRS] = [None; MAX_PAIRS];
        // By insertion: there are few, and `core`'s sort is larger than all the rest that a device
        // needs of this crate. Keys differ, so there is one order.
        for mut pair in self.pairs_of(section) {
            for place in &mut sorted {
                match place {
                    Some(other) if by_encoded_key(other.key, pair.key).is_lt() => {}
                    Some(other) => core::mem::swap(other, &mut pair),
                    None => {
                        *place = Some(pair);
                        break;
                    }
                }
            }
        }
        let sorted = sorted.iter().map_while(|place| *place);
        write_head(0xa0, sorted.clone().count(), sink);
        for pair in sorted {
            write_text(pair.key, sink);
            write_text(pair.value, sink);
        }
    }
}

/// Bytewise order of two encoded text strings: the head carries the length, so the shorter is less.
fn by_encoded_key(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn write_text(text: &str, sink: &mut impl FnMut(&[u8])) {
    write_head(0x60, text.len(), sink);
    sink(text.as_bytes());
}

/// The shortest head of a major type for an argument (RFC 8949 section 3), which no limit of ours
/// lets need more than two bytes.
#[inline]
fn write_head(major: u8, argument: usize, sink: &mut impl FnMut(&[u8])) {
    let [low, high, ..] = argument.to_le_bytes();
    match argument {
        0..24 => sink(&[major | low]),
        24..256 => sink(&[major | 24, low]),
        _ => sink(&[major | 25, high, low]),
    }
}

/// SHA-256 of a transaction's canonical form.
///
/// That of an ordinary payment can be guessed from its few unknowns, so it shows nothing in `Debug` and
/// belongs in no log.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// A digest that was computed before, and kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(redacted)")
    }
}
