//! What an older export has, for a later one to be held against.

use std::collections::HashMap;

/// An older export, which everything that was written since must go on from: so that what was cut off or written anew in
/// between is found, also where it was done with the keys, or by putting back all of an older store.
///
/// It is made by [`Verifier::into_earlier`], and keeps eight bytes for each entry.
///
/// [`Verifier::into_earlier`]: crate::Verifier::into_earlier
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    pub(super) books: HashMap<String, Lines>,
    pub(super) checkpoints: Lines,
}

/// Lines that are chained, from the first on.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// The beginning of each line's hash: enough to say which was the first that differs.
    beginnings: Vec<[u8; 8]>,
    /// The hash of the last line, which proves the rest.
    head: [u8; 32],
}

impl Earlier {
    /// Adds the next line of a book, by its hash.
    pub(super) fn keep(&mut self, book: &str, head: [u8; 32]) {
        if let Some(lines) = self.books.get_mut(book) {
            lines.keep(head);
        } else {
            let mut lines = Lines::default();
            lines.keep(head);
            self.books.insert(book.to_owned(), lines);
        }
    }
}

impl Lines {
    pub(super) fn keep(&mut self, head: [u8; 32]) {
        self.beginnings.push(beginning(&head));
        self.head = head;
    }

    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.beginnings.len()).unwrap_or(u64::MAX)
    }

    /// Whether a line is another than there was in its place.
    pub(super) fn differ(&self, number: u64, head: &[u8; 32]) -> bool {
        let place = number.checked_sub(1);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let Some(kept) = place.and_then(|place| self.beginnings.get(place)) else {
            return false;
        };
        *kept != beginning(head) || (number == self.count() && self.head != *head)
    }
}

fn beginning(head: &[u8; 32]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = *head;
    [a, b, c, d, e, f, g, h]
}
