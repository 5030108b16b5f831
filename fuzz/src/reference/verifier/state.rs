//! What is remembered of a device (S10.8).

use super::LAST;

/// S10.8. A lock is its end, and `None` in it is never.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) failures: u32,
    pub(super) locks: u32,
    pub(super) lock: Option<Option<i128>>,
    pub(super) anchor: i128,
    pub(super) drift: i128,
    pub(super) counter: i128,
    pub(super) accepted_at: i128,
    pub(super) next_step: i128,
    pub(super) floor: i128,
    pub(super) memory: Vec<(i128, [u8; 16])>,
    pub(super) revision: u64,
}

impl State {
    /// The bytes that a state is documented to have.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let narrow = |number: i128| u64::try_from(number).expect("64 bits");
        let mut bytes = vec![
            1,
            self.failures as u8,
            self.locks as u8,
            self.drift as i8 as u8,
        ];
        bytes.extend((self.anchor as i32).to_be_bytes());
        let lock = match self.lock {
            None => 0,
            Some(Some(end)) => narrow(end),
            Some(None) => u64::MAX,
        };
        let numbers = [self.counter, self.accepted_at, self.next_step, self.floor].map(narrow);
        for number in [self.revision, lock].into_iter().chain(numbers) {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend([self.memory.len() as u8, 0, 0, 0, 0, 0, 0, 0]);
        for (step, tag) in &self.memory {
            bytes.extend(narrow(*step).to_be_bytes());
            bytes.extend(tag);
        }
        bytes.resize(448, 0);
        bytes
    }

    /// The verifier's idea of the device's step, not below 0 (S10.13).
    #[must_use]
    pub fn centre(&self, here: i128) -> i128 {
        (here + self.anchor + self.drift).clamp(0, LAST)
    }

    /// The next acceptable counter.
    #[must_use]
    pub fn counter(&self) -> i128 {
        self.counter
    }

    /// What every success and every unlocking clears.
    pub(super) fn open(&mut self) {
        (self.failures, self.locks, self.lock) = (0, 0, None);
    }

    /// S10.17: whether there was room, or room could be made.
    pub(super) fn remember(&mut self, step: i128, tag: [u8; 16], first: i128) -> bool {
        if self.memory.len() == 16 {
            let lowest = self
                .memory
                .iter()
                .map(|(step, _)| *step)
                .min()
                .expect("16 entries");
            if lowest >= first {
                return false;
            }
            self.memory.retain(|(step, _)| *step != lowest);
            self.floor = lowest + 1;
        }
        self.memory.push((step, tag));
        true
    }
}
