//! Which entries of a device were read, over all books and in any order.

use core::hash::BuildHasher as _;
use std::hash::RandomState;

/// Which versions of a device were seen. They are not kept: a count, the highest and a sum of their hashes, under a key that
/// nobody knows beforehand, tell whether they are 1 to the highest, each once.
#[derive(Debug, Default)]
pub(super) struct Versions {
    pub(super) count: u64,
    pub(super) highest: u64,
    sum: u64,
    /// Whether the device has a row.
    pub(super) has_row: bool,
}

impl Versions {
    pub(super) fn see(&mut self, version: u64, key: &RandomState) {
        self.count = self.count.saturating_add(1);
        self.highest = self.highest.max(version);
        self.sum = self.sum.wrapping_add(key.hash_one(version));
    }

    /// Whether they are 1 to the highest, each once; that it is said of others happens once in 2⁶⁴ times.
    pub(super) fn are_whole(&self, key: &RandomState) -> bool {
        let whole = |sum: u64, version: u64| sum.wrapping_add(key.hash_one(version));
        self.count == self.highest && self.sum == (1..=self.highest).fold(0, whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_whole(versions: &[u64]) -> bool {
        let key = RandomState::new();
        let mut seen = Versions::default();
        versions.iter().for_each(|version| seen.see(*version, &key));
        seen.are_whole(&key)
    }

    #[test]
    fn all_once_in_any_order_are_whole_and_nothing_else_is() {
        for versions in [&[][..], &[1], &[3, 1, 2], &[4, 2, 1, 3, 5]] {
            assert!(are_whole(versions), "{versions:?}");
        }
        for versions in [
            &[2][..],
            &[1, 1],
            &[1, 3],
            // As many as the highest, and the same sum.
            &[1, 1, 4, 4],
            &[1, 2, 2, 5, 5],
            // The same sum of squares too.
            &[2, 2, 3, 3, 4, 7, 7],
            &[u64::MAX],
        ] {
            assert!(!are_whole(versions), "{versions:?}");
        }
    }
}
