//! From a scanned string to a code, with the payer's consent between them.

use txotp_core::{Code, DeviceKey, Digest, MovingFactor, Purpose, TextProfile, Transaction};
use txotp_uri::{Limit, ReadError};

/// What a device has of its own: a screen, a button to confirm and one to decline, and a clock or a
/// counter.
pub trait Board {
    /// The text of which the screen can draw every character, with a glyph for each. In none of the
    /// profiles are all characters unlike: `0` and `O`, `1`, `l` and `I` are the font's to tell apart.
    const PROFILE: TextProfile;

    /// Shows the message, and then every detail, in order and in full: what does not fit on the
    /// screen is scrolled, never cut.
    fn show<'t>(&mut self, message: &str, details: impl Iterator<Item = (&'t str, &'t str)>);

    /// Waits for the payer. Confirming counts only once all that is shown has been on the screen.
    fn confirmed(&mut self) -> bool;

    /// What moves the code on, or nothing where it is not known: no clock was set, or the next
    /// counter could not be stored. Asked after the payer has confirmed.
    fn moving_factor(&mut self) -> Option<MovingFactor>;
}

/// Why there is no code. The device shows which, and nothing of the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The string is not one of ours: the reason, and the byte.
    Unreadable(ReadError),
    /// The text has a character that the screen cannot draw.
    Undisplayable,
    /// The payer declined.
    Declined,
    /// Time or counter are not known, or not of the kind that the device's suite has.
    NoFactor,
}

/// Reads what the scanner hands over, shows it, and computes the code once the payer has confirmed.
///
/// The text is decoded into the buffer that is lent; one of the string's length always suffices.
///
/// # Errors
/// [`Refusal`]. Nothing of a refused string has been shown, unless it was the payer who refused.
pub fn approve<B: Board>(
    scanned: &[u8],
    buffer: &mut [u8],
    key: &DeviceKey,
    board: &mut B,
) -> Result<Code, Refusal> {
    let digest = consent(scanned, buffer, board)?;
    let now = board.moving_factor().ok_or(Refusal::NoFactor)?;
    code(key, digest, now)
}

/// The digest of what the payer has seen and confirmed.
// This and what follows are not inlined, so that what each needs of the stack is free for the next.
#[inline(never)]
fn consent<B: Board>(scanned: &[u8], buffer: &mut [u8], board: &mut B) -> Result<Digest, Refusal> {
    let read = txotp_uri::read(scanned, Limit::DEFAULT, buffer);
    let transaction = read.as_ref().map_err(|error| Refusal::Unreadable(*error))?;
    show(transaction, board)?;
    if board.confirmed() {
        Ok(transaction.digest())
    } else {
        Err(Refusal::Declined)
    }
}

#[inline(never)]
fn show<B: Board>(transaction: &Transaction<'_>, board: &mut B) -> Result<(), Refusal> {
    transaction
        .check_display(B::PROFILE)
        .map_err(|_| Refusal::Undisplayable)?;
    let details = transaction.details().map(|pair| (pair.key, pair.value));
    board.show(transaction.message(), details);
    Ok(())
}

/// The code of what was confirmed.
#[inline(never)]
fn code(key: &DeviceKey, digest: Digest, now: MovingFactor) -> Result<Code, Refusal> {
    key.code(Purpose::Transaction(digest), now)
        .map_err(|_| Refusal::NoFactor)
}
