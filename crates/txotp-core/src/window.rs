//! The window: which steps and counters a verifier tries, and the search over them.
//!
//! Two faults that recur in this field have this one place where they cannot happen: a window that
//! underflows at step 0 (it is cut there), and a search that stops at the first match and so tells by
//! its time which step matched (it never stops).

use core::fmt;

use subtle::ConstantTimeEq;

use crate::limits::{MAX_CANDIDATES, MAX_LOOK_AHEAD, MAX_WINDOW_SIDE};
use crate::{Code, Counter, Digits, MovingFactor, Step};

/// How many steps around the expected one are tried: at most 31 on either side.
///
/// ```
/// use txotp_core::{Step, Window};
///
/// let steps = Window::DEFAULT.around(Step::new(100));
/// assert_eq!((steps.first(), steps.last()), (Step::new(99), Step::new(101)));
/// // Cut at step 0, never wrapped.
/// assert_eq!(Window::DEFAULT.around(Step::new(0)).first(), Step::new(0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    past: u8,
    future: u8,
}

impl Window {
    /// One step back and one ahead: RFC 6238 section 5.2 recommends at most one step for the
    /// network's delay.
    pub const DEFAULT: Self = Self { past: 1, future: 1 };

    /// A window of so many steps back and so many ahead, 0 to 31 each.
    ///
    /// # Errors
    /// [`WindowError`] where there are more.
    pub const fn new(past: u8, future: u8) -> Result<Self, WindowError> {
        if past > MAX_WINDOW_SIDE || future > MAX_WINDOW_SIDE {
            return Err(WindowError);
        }
        Ok(Self { past, future })
    }

    /// The steps back.
    #[must_use]
    pub const fn past(self) -> u8 {
        self.past
    }

    /// The steps ahead.
    #[must_use]
    pub const fn future(self) -> u8 {
        self.future
    }

    /// The number of steps that the window has where nothing cuts it.
    #[must_use]
    pub const fn width(self) -> u32 {
        // 63 at the most.
        (self.past as u32)
            .saturating_add(self.future as u32)
            .saturating_add(1)
    }

    /// The steps around a centre, cut at the first and the last step that exist.
    #[inline]
    #[must_use]
    pub const fn around(self, centre: Step) -> Steps {
        Steps {
            first: centre.offset_by((self.past as i64).wrapping_neg()),
            last: centre.offset_by(self.future as i64),
        }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A window reaches over more than 31 steps to one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowError;

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the window reaches over more than 31 steps to one side")
    }
}

impl core::error::Error for WindowError {}

/// Consecutive steps, at least one and at most 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Steps {
    first: Step,
    last: Step,
}

impl Steps {
    /// `count` steps from `first`, cut at the last step that exists; 1 to 64, else nothing.
    #[must_use]
    pub fn from(first: Step, count: u32) -> Option<Self> {
        let more = count.checked_sub(1)?;
        (count <= MAX_CANDIDATES).then(|| Self {
            first,
            last: first.offset_by(i64::from(more)),
        })
    }

    /// The earliest step.
    #[must_use]
    pub const fn first(self) -> Step {
        self.first
    }

    /// The latest step.
    #[must_use]
    pub const fn last(self) -> Step {
        self.last
    }

    fn iter(self) -> impl Iterator<Item = Step> + Clone {
        (self.first.get()..=self.last.get()).map(Step::new)
    }
}

/// Consecutive counters, at least one and at most 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Counters {
    first: Counter,
    last: Counter,
}

impl Counters {
    /// The next expected counter and `look_ahead` more, at most 63 (RFC 4226 section 7.4), cut at the
    /// last counter that has a successor. Nothing where `first` has none, or the look-ahead is over
    /// its limit.
    #[must_use]
    pub fn from(first: Counter, look_ahead: u8) -> Option<Self> {
        first.next()?;
        let last = first
            .get()
            .saturating_add(u64::from(look_ahead))
            .min(u64::MAX.wrapping_sub(1));
        (look_ahead <= MAX_LOOK_AHEAD).then_some(Self {
            first,
            last: Counter::new(last),
        })
    }

    /// The least counter.
    #[must_use]
    pub const fn first(self) -> Counter {
        self.first
    }

    /// The greatest counter.
    #[must_use]
    pub const fn last(self) -> Counter {
        self.last
    }

    fn iter(self) -> impl Iterator<Item = Counter> + Clone {
        (self.first.get()..=self.last.get()).map(Counter::new)
    }
}

/// What one search tries: every step with every counter, at most 64 codes in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Candidates {
    pub(crate) counters: Option<Counters>,
    pub(crate) steps: Option<Steps>,
}

impl Candidates {
    /// Those of a suite with a time step only.
    #[must_use]
    pub const fn steps(steps: Steps) -> Self {
        Self {
            counters: None,
            steps: Some(steps),
        }
    }

    /// Those of a suite with a counter only.
    #[must_use]
    pub const fn counters(counters: Counters) -> Self {
        Self {
            counters: Some(counters),
            steps: None,
        }
    }

    /// Those of a suite with both; nothing where they are more than 64.
    #[must_use]
    pub fn both(counters: Counters, steps: Steps) -> Option<Self> {
        let count = counters.iter().count().checked_mul(steps.iter().count())?;
        (u32::try_from(count).ok()? <= MAX_CANDIDATES).then_some(Self {
            counters: Some(counters),
            steps: Some(steps),
        })
    }

    /// Every counter, or one absent counter.
    fn each_counter(self) -> impl Iterator<Item = Option<Counter>> + Clone {
        let none = self.counters.is_none().then_some(None);
        self.counters
            .into_iter()
            .flat_map(Counters::iter)
            .map(Some)
            .chain(none)
    }

    /// Every step, or one absent step.
    fn each_step(self) -> impl Iterator<Item = Option<Step>> + Clone {
        let none = self.steps.is_none().then_some(None);
        self.steps
            .into_iter()
            .flat_map(Steps::iter)
            .map(Some)
            .chain(none)
    }

    /// Computes and compares the code of every candidate, whether or not one has matched.
    ///
    /// `begin` does, once for each counter, what its steps have in common; `truncated` gives the
    /// truncated MAC. A typed code of another length matches nothing.
    #[inline]
    pub(crate) fn search<B>(
        self,
        typed: &Code,
        digits: Digits,
        begin: impl Fn(Option<Counter>) -> B,
        truncated: impl Fn(&B, Option<Step>) -> u32,
    ) -> Matches {
        let comparable = typed.length() == digits.into();
        let value = typed.value();
        let (mut bits, mut place) = (0u64, 0u32);
        for counter in self.each_counter() {
            let begun = begin(counter);
            for step in self.each_step() {
                let computed = u64::from(digits.remainder(truncated(&begun, step)));
                bits |= u64::from(computed.ct_eq(&value).unwrap_u8()).wrapping_shl(place);
                place = place.wrapping_add(1);
            }
        }
        Matches {
            candidates: self,
            bits: if comparable { bits } else { 0 },
        }
    }
}

/// Which candidates have the code that was typed: usually none or one, rarely more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matches {
    candidates: Candidates,
    /// One bit for each candidate, the lowest for the first counter's first step.
    bits: u64,
}

impl Matches {
    /// Whether no candidate has the code.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// The candidates that have it: counters ascending, and the steps of each ascending.
    pub fn iter(&self) -> impl Iterator<Item = MovingFactor> + '_ {
        let steps = self.candidates.each_step();
        self.candidates
            .each_counter()
            .flat_map(move |counter| {
                steps
                    .clone()
                    .map(move |step| MovingFactor { counter, step })
            })
            .zip(0u32..)
            .filter(|(_, place)| self.bits.wrapping_shr(*place) & 1 == 1)
            .map(|(factor, _)| factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(window: Window, centre: u64) -> (u64, u64) {
        let steps = window.around(Step::new(centre));
        (steps.first().get(), steps.last().get())
    }

    #[test]
    fn a_window_is_cut_at_both_ends_of_time_and_never_wraps() {
        let window = Window::new(2, 1).unwrap();
        assert_eq!(edges(window, 0), (0, 1));
        assert_eq!(edges(window, 1), (0, 2));
        assert_eq!(edges(window, 2), (0, 3));
        assert_eq!(edges(window, 3), (1, 4));
        assert_eq!(edges(window, u64::MAX), (u64::MAX - 2, u64::MAX));
    }

    #[test]
    fn limits_are_errors() {
        assert!(Window::new(31, 31).is_ok());
        assert!(Window::new(32, 0).is_err() && Window::new(0, 32).is_err());
        assert!(Steps::from(Step::new(0), 0).is_none() && Steps::from(Step::new(0), 65).is_none());
        assert!(Counters::from(Counter::new(0), 64).is_none());
        assert!(Counters::from(Counter::new(u64::MAX), 0).is_none());
        let eight = Counters::from(Counter::new(0), 7).unwrap();
        let steps = |n| Steps::from(Step::new(0), n).unwrap();
        assert!(Candidates::both(eight, steps(8)).is_some());
        assert!(Candidates::both(eight, steps(9)).is_none());
    }

    #[test]
    fn counters_end_before_the_one_without_a_successor() {
        let counters = Counters::from(Counter::new(u64::MAX - 2), 9).unwrap();
        assert_eq!(counters.last(), Counter::new(u64::MAX - 1));
    }

    #[test]
    fn every_candidate_is_computed_and_each_match_is_found_where_it_is() {
        let counters = Counters::from(Counter::new(5), 2).unwrap();
        let candidates =
            Candidates::both(counters, Steps::from(Step::new(10), 3).unwrap()).unwrap();
        let computed = core::cell::Cell::new(0);
        let search = |typed: &Code| {
            candidates.search(
                typed,
                Digits::Six,
                |counter| counter.unwrap().get(),
                |counter, step| {
                    computed.set(computed.get() + 1);
                    // The digits before the last six do not count.
                    u32::try_from(5_000_000 + counter * 100 + step.unwrap().get()).unwrap()
                },
            )
        };
        let found = search(&Code::parse("000611", Digits::Six).unwrap());
        assert_eq!(computed.get(), 9);
        let found: std::vec::Vec<_> = found.iter().collect();
        assert_eq!(found, [MovingFactor::both(Counter::new(6), Step::new(11))]);
        // As a number it is the same, as a code it is not.
        assert!(search(&Code::parse("0000611", Digits::Seven).unwrap()).is_empty());
    }
}
