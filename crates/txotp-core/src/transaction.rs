//! The transaction: what a payer sees, what is bound, and its canonical form.

mod canonical;
mod text;

use core::fmt;

pub use canonical::Digest;
pub use text::TextProfile;

use crate::limits::{MAX_PAIRS, MAX_TEXT_LEN};

/// A detail or a hidden detail: a key and its value, neither of them empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The key, without brackets.
    pub key: &'a str,
    /// The value.
    pub value: &'a str,
}

/// Which of a transaction's two maps a pair is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Shown to the payer, in the order sent, and bound.
    Details,
    /// Bound, and not shown.
    HiddenDetails,
}

/// A transaction: a message, details and hidden details, borrowed from wherever their text is.
///
/// Its text is valid UTF-8 and taken as it is: nothing is trimmed, folded or normalised. Equality, and
/// so the code, does not depend on the order of pairs; what is displayed does.
///
/// ```
/// use txotp_core::Transaction;
///
/// let mut builder = Transaction::builder();
/// builder.message("Approve money transaction")?;
/// builder.detail("Amount", "1000 Euros")?;
/// builder.detail("To", "John Doe")?;
/// builder.hidden_detail("Transaction ID", "T2293")?;
/// let transaction = builder.build()?;
///
/// let shown: Vec<_> = transaction.details().map(|pair| (pair.key, pair.value)).collect();
/// assert_eq!(shown, [("Amount", "1000 Euros"), ("To", "John Doe")]);
/// # Ok::<(), txotp_core::TransactionError>(())
/// ```
#[derive(Clone)]
pub struct Transaction<'a> {
    message: &'a str,
    /// Both sections, in the order in which they came.
    pairs: [Option<Pair<'a>>; MAX_PAIRS],
    count: u8,
    /// The pairs that are hidden details, a bit for each.
    hidden: u32,
}

impl<'a> Transaction<'a> {
    /// Begins a transaction.
    #[must_use]
    pub const fn builder() -> TransactionBuilder<'a> {
        // A constant is made where it is wanted; an array in an expression is made beside it.
        const NONE: [Option<Pair<'static>>; MAX_PAIRS] = [None; MAX_PAIRS];
        TransactionBuilder(Self {
            message: "",
            pairs: NONE,
            count: 0,
            hidden: 0,
        })
    }

    /// The message.
    #[must_use]
    pub const fn message(&self) -> &'a str {
        self.message
    }

    /// The details, in the order in which they are to be displayed.
    pub fn details(&self) -> impl Iterator<Item = Pair<'a>> + Clone + '_ {
        self.section(Section::Details)
    }

    /// The hidden details, in the order given.
    pub fn hidden_details(&self) -> impl Iterator<Item = Pair<'a>> + Clone + '_ {
        self.section(Section::HiddenDetails)
    }

    /// The pairs of a section.
    pub fn section(&self, section: Section) -> impl Iterator<Item = Pair<'a>> + Clone + '_ {
        self.pairs_of(section).copied()
    }

    /// Checks that what a device displays, the message and the details, is text of a stricter
    /// profile.
    ///
    /// # Errors
    /// [`TransactionErrorKind::ForbiddenText`], with the offset within the message, key or value.
    pub fn check_display(&self, profile: TextProfile) -> Result<(), TransactionError> {
        let pairs = self.details().flat_map(|pair| [pair.key, pair.value]);
        match core::iter::once(self.message)
            .chain(pairs)
            .find_map(|t| profile.first_forbidden(t))
        {
            Some(offset) => Err(TransactionErrorKind::ForbiddenText.at(offset)),
            None => Ok(()),
        }
    }

    fn pairs_of(&self, section: Section) -> impl Iterator<Item = &Pair<'a>> + Clone {
        (0u32..)
            .zip(self.all_pairs())
            .filter(move |(place, _)| self.section_of(*place) == section)
            .map(|(_, pair)| pair)
    }

    fn all_pairs(&self) -> impl Iterator<Item = &Pair<'a>> + Clone {
        self.pairs.iter().map_while(Option::as_ref)
    }

    fn section_of(&self, place: u32) -> Section {
        if self.hidden.wrapping_shr(place) & 1 == 1 {
            Section::HiddenDetails
        } else {
            Section::Details
        }
    }
}

impl PartialEq for Transaction<'_> {
    /// Equal where messages and both maps are: in whatever order their pairs stand.
    fn eq(&self, other: &Self) -> bool {
        let within = |section| {
            self.section(section).count() == other.section(section).count()
                && self
                    .section(section)
                    .all(|pair| other.section(section).any(|o| o == pair))
        };
        self.message == other.message && within(Section::Details) && within(Section::HiddenDetails)
    }
}

impl Eq for Transaction<'_> {}

impl fmt::Debug for Transaction<'_> {
    /// Counts only: a hidden detail must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("details", &self.details().count())
            .field("hidden_details", &self.hidden_details().count())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pair(redacted)")
    }
}

/// Collects the parts of a [`Transaction`], in any order, and checks each as it comes.
///
/// After an error the builder is as it was before the call.
#[derive(Clone, Debug)]
pub struct TransactionBuilder<'a>(Transaction<'a>);

impl<'a> TransactionBuilder<'a> {
    /// Sets the message. The same message again changes nothing.
    ///
    /// # Errors
    /// [`TransactionError`] where the text is not allowed, or another message is set.
    pub fn message(&mut self, message: &'a str) -> Result<&mut Self, TransactionError> {
        check(message, TransactionErrorKind::EmptyMessage)?;
        if !self.0.message.is_empty() && self.0.message != message {
            return Err(TransactionErrorKind::ConflictingMessage.at(0));
        }
        self.0.message = message;
        Ok(self)
    }

    /// Adds a detail, shown after those before it.
    ///
    /// # Errors
    /// As [`TransactionBuilder::pair`].
    pub fn detail(&mut self, key: &'a str, value: &'a str) -> Result<&mut Self, TransactionError> {
        self.pair(Section::Details, key, value)
    }

    /// Adds a hidden detail.
    ///
    /// # Errors
    /// As [`TransactionBuilder::pair`].
    pub fn hidden_detail(
        &mut self,
        key: &'a str,
        value: &'a str,
    ) -> Result<&mut Self, TransactionError> {
        self.pair(Section::HiddenDetails, key, value)
    }

    /// Adds a pair to a section. The same key and value again are one pair, in its first place.
    ///
    /// # Errors
    /// [`TransactionError`] where the text is not allowed, the key is there with another value
    /// (neither the first nor the last wins), or there are 32 pairs already.
    pub fn pair(
        &mut self,
        section: Section,
        key: &'a str,
        value: &'a str,
    ) -> Result<&mut Self, TransactionError> {
        check_key(key)?;
        check(value, TransactionErrorKind::EmptyValue)?;
        let known = self.0.section(section).find(|pair| pair.key == key);
        match known {
            Some(pair) if pair.value == value => return Ok(self),
            Some(_) => return Err(TransactionErrorKind::ConflictingPair.at(0)),
            None => {}
        }
        let full = TransactionErrorKind::TooManyPairs.at(0);
        let place = self
            .0
            .pairs
            .get_mut(usize::from(self.0.count))
            .ok_or(full)?;
        *place = Some(Pair { key, value });
        if section == Section::HiddenDetails {
            self.0.hidden |= 1u32.wrapping_shl(u32::from(self.0.count));
        }
        self.0.count = self.0.count.saturating_add(1);
        Ok(self)
    }

    /// The transaction.
    ///
    /// # Errors
    /// [`TransactionErrorKind::MissingMessage`] where none was set.
    pub fn build(self) -> Result<Transaction<'a>, TransactionError> {
        if self.0.message.is_empty() {
            return Err(TransactionErrorKind::MissingMessage.at(0));
        }
        Ok(self.0)
    }
}

/// Checks a key: text, not empty, and without brackets, since `details[key]` could not be written.
fn check_key(key: &str) -> Result<(), TransactionError> {
    if let Some(offset) = key.bytes().position(|byte| matches!(byte, b'[' | b']')) {
        return Err(TransactionErrorKind::BracketInKey.at(offset));
    }
    check(key, TransactionErrorKind::EmptyKey)
}

fn check(text: &str, empty: TransactionErrorKind) -> Result<(), TransactionError> {
    if text.is_empty() {
        return Err(empty.at(0));
    }
    if text.len() > MAX_TEXT_LEN {
        return Err(TransactionErrorKind::TextTooLong.at(MAX_TEXT_LEN));
    }
    match TextProfile::Standard.first_forbidden(text) {
        Some(offset) => Err(TransactionErrorKind::ForbiddenText.at(offset)),
        None => Ok(()),
    }
}

/// Why there is no [`Transaction`]. It carries no part of any text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionError {
    kind: TransactionErrorKind,
    offset: usize,
}

impl TransactionError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> TransactionErrorKind {
        self.kind
    }

    /// Where in the text that was given last: a byte offset, 0 where the whole of it is meant.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

/// What is wrong with a transaction. In every case its sender is to correct it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionErrorKind {
    /// There is no message.
    MissingMessage,
    /// The message has no character.
    EmptyMessage,
    /// There are two different messages.
    ConflictingMessage,
    /// A key has no character.
    EmptyKey,
    /// A value has no character.
    EmptyValue,
    /// A key contains `[` or `]`.
    BracketInKey,
    /// A key has two different values.
    ConflictingPair,
    /// There are more than 32 pairs.
    TooManyPairs,
    /// A text has more than 2953 bytes.
    TextTooLong,
    /// A text contains a hidden, control, bidi-control, private-use or noncharacter code point.
    ForbiddenText,
}

impl TransactionErrorKind {
    /// The stable name, for records and scripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingMessage => "missing-message",
            Self::EmptyMessage => "empty-message",
            Self::ConflictingMessage => "conflicting-message",
            Self::EmptyKey => "empty-key",
            Self::EmptyValue => "empty-value",
            Self::BracketInKey => "bracket-in-key",
            Self::ConflictingPair => "conflicting-pair",
            Self::TooManyPairs => "too-many-pairs",
            Self::TextTooLong => "text-too-long",
            Self::ForbiddenText => "forbidden-text",
        }
    }

    const fn at(self, offset: usize) -> TransactionError {
        TransactionError { kind: self, offset }
    }
}

impl fmt::Display for TransactionErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingMessage => "there is no message",
            Self::EmptyMessage => "the message is empty",
            Self::ConflictingMessage => "there are two different messages",
            Self::EmptyKey => "a key is empty",
            Self::EmptyValue => "a value is empty",
            Self::BracketInKey => "a key contains a bracket",
            Self::ConflictingPair => "a key has two different values",
            Self::TooManyPairs => "there are more than 32 pairs",
            Self::TextTooLong => "a text is longer than 2953 bytes",
            Self::ForbiddenText => "a text contains a character that could deceive on a display",
        })
    }
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for TransactionError {}
