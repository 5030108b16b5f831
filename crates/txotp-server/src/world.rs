//! Time and entropy: the two things that the service takes from outside, so that a test can hold them.

use std::time::{SystemTime, UNIX_EPOCH};

use txotp_core::UnixTime;
use zeroize::Zeroizing;

use crate::Fault;

/// Where time and entropy come from.
pub trait World: Send + Sync + 'static {
    /// The time, in whole seconds.
    ///
    /// # Errors
    /// [`Fault::Clock`] before 1970. Nothing is decided without a clock.
    fn now(&self) -> Result<UnixTime, Fault>;

    /// Fills bytes that nobody can guess.
    ///
    /// # Errors
    /// [`Fault::Entropy`] where the system has none; the bytes are not to be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
}

/// The system's clock and random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemWorld;

impl World for SystemWorld {
    fn now(&self) -> Result<UnixTime, Fault> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|_| Fault::Clock)?;
        Ok(UnixTime::from_seconds(since.as_secs()))
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(bytes).map_err(|_| Fault::Entropy)
    }
}

/// The digits and letters of RFC 4648 section 6 in lower case: nothing that a person confuses when reading aloud.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A text of `N` characters that nobody can guess, 5 bits each.
pub(crate) fn random_text<const N: usize>(world: &dyn World) -> Result<Zeroizing<String>, Fault> {
    let mut bytes = Zeroizing::new([0; N]);
    world.fill(&mut *bytes)?;
    let character = |byte: &u8| {
        let place = usize::from(byte & 31);
        char::from(*ALPHABET.get(place).expect("five bits are below 32"))
    };
    // Of known length, so that no copy is left behind where the text grew.
    let mut text = Zeroizing::new(String::with_capacity(N));
    text.extend(bytes.iter().map(character));
    Ok(text)
}
