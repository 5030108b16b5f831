//! The message that the HMAC covers (RFC 6287 section 5.1), and the code made of it (section 5.2).

use core::fmt;

use super::{Challenge, Response, Suite};
use crate::limits::MAX_SESSION_LEN;
use crate::mac::Keyed;
use crate::{Code, Counter, Mac, PinHash, Seed, Step};

/// What goes into a message beside the suite. The suite decides what must be there.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// `Q`, in every suite.
    pub challenge: &'a Challenge,
    /// `C`, where the suite has it.
    pub counter: Option<Counter>,
    /// `P`, where the suite has it, under its hash function.
    pub pin: Option<&'a PinHash>,
    /// `S`, where the suite has it: 1 byte to the suite's length, padded with zeros on the left as
    /// in the reference code of RFC 6287 appendix A.
    pub session: Option<&'a [u8]>,
    /// `T`, where the suite has it.
    pub step: Option<Step>,
}

impl<'a> Input<'a> {
    /// An input of a challenge alone.
    #[must_use]
    pub const fn new(challenge: &'a Challenge) -> Self {
        Self {
            challenge,
            counter: None,
            pin: None,
            session: None,
            step: None,
        }
    }
}

/// A seed made ready to compute the codes of one suite.
#[derive(Clone)]
pub struct Key {
    suite: Suite,
    keyed: Keyed,
}

impl Key {
    /// Absorbs a seed.
    #[must_use]
    pub fn new(suite: Suite, seed: &Seed) -> Self {
        Self {
            suite,
            keyed: Keyed::new(suite.algorithm(), seed),
        }
    }

    /// The suite.
    #[must_use]
    pub const fn suite(&self) -> &Suite {
        &self.suite
    }

    /// The code of an input.
    ///
    /// # Errors
    /// [`InputError`] when the input is not what the suite asks for, or the suite answers with the
    /// whole MAC.
    pub fn code(&self, input: &Input<'_>) -> Result<Code, InputError> {
        match self.suite.response() {
            Response::Code(length) => Ok(self.absorb(input)?.code(&[], length)),
            Response::Mac => Err(InputError::NoDigits),
        }
    }

    /// The whole MAC of an input.
    ///
    /// # Errors
    /// [`InputError`] when the input is not what the suite asks for.
    pub fn mac(&self, input: &Input<'_>) -> Result<Mac, InputError> {
        Ok(self.absorb(input)?.mac(&[]))
    }

    fn absorb(&self, input: &Input<'_>) -> Result<Keyed, InputError> {
        let mut keyed = self.keyed.clone();
        self.suite.message(input, |bytes| keyed.update(bytes))?;
        Ok(keyed)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

impl Suite {
    /// Gives the message of an input to a sink, part by part: suite, zero byte, C, Q, P, S, T.
    ///
    /// # Errors
    /// [`InputError`] when the input is not what the suite asks for; nothing has been given then.
    pub fn message(
        &self,
        input: &Input<'_>,
        mut sink: impl FnMut(&[u8]),
    ) -> Result<(), InputError> {
        self.check(input)?;
        write_prefix(self, input, &mut sink);
        if let Some(step) = input.step {
            sink(&step.get().to_be_bytes());
        }
        Ok(())
    }

    /// Checks that an input has what this suite asks for, and nothing else.
    fn check(&self, input: &Input<'_>) -> Result<(), InputError> {
        if input.challenge.format() != self.challenge() {
            return Err(InputError::Challenge);
        }
        if input.counter.is_some() != self.has_counter() {
            return Err(InputError::Counter);
        }
        if input.pin.map(PinHash::algorithm) != self.pin() {
            return Err(InputError::Pin);
        }
        match (input.session, self.session()) {
            (None, None) => {}
            (Some(data), Some(len)) if (1..=usize::from(len)).contains(&data.len()) => {}
            _ => return Err(InputError::Session),
        }
        if input.step.is_some() != self.time().is_some() {
            return Err(InputError::Step);
        }
        Ok(())
    }
}

/// All of the message but the step, which is its end: what the steps of a window have in common.
#[inline]
fn write_prefix(suite: &Suite, input: &Input<'_>, sink: &mut impl FnMut(&[u8])) {
    sink(suite.spelling().as_bytes());
    sink(&[0]);
    if let Some(counter) = input.counter {
        sink(&counter.get().to_be_bytes());
    }
    sink(input.challenge.block());
    if let Some(pin) = input.pin {
        sink(pin.reveal());
    }
    if let (Some(data), Some(len)) = (input.session, suite.session()) {
        const ZEROS: [u8; MAX_SESSION_LEN as usize] = [0; MAX_SESSION_LEN as usize];
        let missing = usize::from(len).saturating_sub(data.len());
        sink(ZEROS.get(..missing).unwrap_or_default());
        sink(data);
    }
}

/// Absorbs what the steps of a window have in common.
#[inline]
pub(crate) fn prefix(keyed: &Keyed, suite: &Suite, input: &Input<'_>) -> Keyed {
    let mut keyed = keyed.clone();
    write_prefix(suite, input, &mut |bytes| keyed.update(bytes));
    keyed
}

/// The truncated MAC of what [`prefix`] absorbed, and a step.
#[inline]
pub(crate) fn truncated(prefix: &Keyed, step: Option<Step>) -> u32 {
    match step {
        Some(step) => prefix.truncated(&step.get().to_be_bytes()),
        None => prefix.truncated(&[]),
    }
}

/// What of an input is missing, is too much, or has not the form that the suite asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// The challenge was read in another format.
    Challenge,
    /// The counter is missing, or the suite has none.
    Counter,
    /// The PIN is missing, the suite has none, or it is hashed with another function.
    Pin,
    /// The session data is missing, empty or too long, or the suite has none.
    Session,
    /// The step is missing, or the suite has none.
    Step,
    /// The suite answers with the whole MAC: ask for that.
    NoDigits,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Challenge => "the challenge is not in the suite's format",
            Self::Counter => "the counter is missing, or the suite has none",
            Self::Pin => "the PIN is missing, or not what the suite asks for",
            Self::Session => "the session data is missing, or not what the suite asks for",
            Self::Step => "the time step is missing, or the suite has none",
            Self::NoDigits => "the suite answers with the whole MAC, not with digits",
        })
    }
}

impl core::error::Error for InputError {}
