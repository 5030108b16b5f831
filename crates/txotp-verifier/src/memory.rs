//! The replay memory: which codes were accepted, for as long as they could match again.

use txotp_core::{ReplayTag, Step};

/// The number of acceptances that are remembered.
pub(crate) const CAPACITY: usize = 16;

/// An acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    pub(crate) step: Step,
    pub(crate) tag: ReplayTag,
}

/// Acceptances of a device, and the step below which none can happen any more.
///
/// Letting go of an entry raises the floor over its step, so what is forgotten stays refused:
/// however the clock, the drift or the window moves later.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct ReplayMemory {
    entries: [Entry; CAPACITY],
    count: u8,
    floor: Step,
}

impl ReplayMemory {
    /// Takes up what was kept; nothing where it holds too much, or an entry below its floor.
    pub(crate) fn restore(floor: Step, kept: impl Iterator<Item = Entry>) -> Option<Self> {
        let mut memory = Self {
            floor,
            ..Self::default()
        };
        for entry in kept {
            if entry.step < floor || !memory.push(entry) {
                return None;
            }
        }
        Some(memory)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        self.entries
            .get(..usize::from(self.count))
            .unwrap_or_default()
    }

    pub(crate) fn floor(&self) -> Step {
        self.floor
    }

    /// Whether a code of this step and tag was accepted, or can no longer be known not to have been.
    pub(crate) fn refuses(&self, entry: Entry) -> bool {
        entry.step < self.floor || self.entries().contains(&entry)
    }

    /// Remembers an acceptance. A full memory first lets go of its lowest step, if the window has
    /// passed it; otherwise nothing changes and the answer is `false`.
    pub(crate) fn remember(&mut self, entry: Entry, window_start: Step) -> bool {
        if self.push(entry) {
            return true;
        }
        let lowest = self.entries().iter().map(|entry| entry.step).min();
        match lowest {
            Some(lowest) if lowest < window_start => {
                self.raise_floor(lowest.offset_by(1));
                self.push(entry)
            }
            _ => false,
        }
    }

    /// Lets go of what lies below a step, and refuses all of it from then on.
    pub(crate) fn raise_floor(&mut self, floor: Step) {
        let mut memory = Self {
            floor: self.floor.max(floor),
            ..Self::default()
        };
        for entry in self.entries().iter().filter(|entry| entry.step >= floor) {
            memory.push(*entry);
        }
        *self = memory;
    }

    fn push(&mut self, entry: Entry) -> bool {
        let Some(place) = self.entries.get_mut(usize::from(self.count)) else {
            return false;
        };
        *place = entry;
        self.count = self.count.saturating_add(1);
        true
    }
}
