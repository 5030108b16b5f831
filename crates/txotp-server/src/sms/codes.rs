//! Codes that are sent: random digits, of which the store keeps a keyed hash that is bound to whom and what they are for.
//!
//! A subject has one code: the newest. A new one takes the place of the old, and gives no new attempts: wrong codes count
//! together until the first code's time is over, and for the number within a day, so that asking for another text is no way
//! to guess on.

use core::fmt;

use serde::{Deserialize, Serialize};
use txotp_core::Purpose;
use txotp_store::{Act, Change, KeyedDigest, Kind, StepUp, UserId, Vault};
use zeroize::Zeroizing;

use super::{Allowance, Phone};
use crate::tables::{self, Document, Next, Stored};
use crate::{App, Fault, World};

#[cfg(test)]
mod tests;

/// How many digits a code has: 4 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub(crate) struct Digits(u8);

impl Digits {
    /// The usual length.
    pub(crate) const SIX: Self = Self(6);

    /// A length that a code can have.
    pub(crate) const fn new(digits: u8) -> Option<Self> {
        match digits {
            4..=10 => Some(Self(digits)),
            _ => None,
        }
    }

    fn get(self) -> usize {
        self.0.into()
    }
}

impl TryFrom<u8> for Digits {
    type Error = BadDigits;

    fn try_from(digits: u8) -> Result<Self, BadDigits> {
        Self::new(digits).ok_or(BadDigits)
    }
}

impl From<Digits> for u8 {
    fn from(digits: Digits) -> Self {
        digits.0
    }
}

/// That no code has so many digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadDigits;

impl fmt::Display for BadDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code has 4 to 10 digits")
    }
}

/// What a code is, and how long and how often it may be tried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) digits: Digits,
    /// Seconds until it ends.
    pub(crate) seconds: u64,
    /// How many wrong ones are taken before even the right one is refused.
    pub(crate) attempts: u32,
}

/// Whose a code is, and where it is sent.
#[derive(Clone, Copy)]
pub(crate) struct Recipient<'a> {
    pub(crate) subject: &'a str,
    /// Whom the evidence names; nobody, where the subject is no user.
    pub(crate) user: Option<&'a UserId>,
    pub(crate) number: &'a Phone,
}

/// A code that may be sent.
pub(crate) struct Issued {
    pub(crate) text: Zeroizing<String>,
    at: u64,
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It was right, and is used.
    Right,
    /// It was wrong; so many attempts are left, and where none is left, this was the last.
    Wrong { left: u32 },
    /// It is no guess at what was sent, which has another number of digits: nothing was compared or counted.
    NotACode,
    /// No attempt was left, of the code or of its number: nothing was compared.
    Exhausted,
    /// There is no code: none was sent, or it is used, or its time is over.
    Nothing,
}

/// Makes a new code of a subject, for an action or for none, in the place of an earlier one, and counts its text against the
/// number. It is durable when this answers, so that it may be sent. Nothing where the number may be sent no text, or where
/// no attempt is left that the code could be tried with; then an earlier code stays, and nothing is counted.
///
/// # Errors
/// [`Fault`]; an earlier code may still be the one that works.
pub(crate) async fn issue(
    app: &App,
    to: Recipient<'_>,
    action: Option<&str>,
    terms: &Terms,
) -> Result<Option<Issued>, Fault> {
    let now = app.now()?.seconds();
    let text = draw(&*app.world, terms.digits)?;
    let ends_at = now.saturating_add(terms.seconds);
    let code = Code::new(&app.vault, to.subject, action, &text, ends_at);
    for _ in 0..tables::TRIES {
        let kept = Kept::find(&app.vault, to).await?;
        let counts = kept.sent().filter(|old| old.counted_until > now);
        let failed = counts.map_or(0, |old| old.failed);
        let allowance = kept.allowance(now);
        if failed >= terms.attempts || !allowance.has_text(now) {
            return Ok(None);
        }
        let sent = Sent {
            code: Some(code.clone()),
            digits: Some(terms.digits),
            attempts: terms.attempts,
            failed,
            counted_until: counts.map_or(ends_at, |old| old.counted_until),
        };
        let changes = kept.replaced(&sent, &allowance.texted(now))?;
        if tables::write(&app.vault, changes).await? {
            return Ok(Some(Issued { text, at: now }));
        }
    }
    Err(Fault::Contended)
}

/// Does not count the text of a code that certainly was not sent.
///
/// # Errors
/// [`Fault`]; it may count.
pub(crate) async fn not_sent(app: &App, number: &Phone, issued: &Issued) -> Result<(), Fault> {
    let key = number.reached_digest(&app.vault);
    let given_back = tables::update(&app.vault, &key, |allowance: &Allowance| {
        match allowance.not_texted(issued.at) {
            Some(allowance) => Next::Replace(allowance, ()),
            None => Next::Keep(()),
        }
    });
    given_back.await.map(|_: Option<()>| ())
}

/// Judges a code of a subject for an action. An attempt is counted, and a right code used, durably before this answers:
/// of many at once, no more are compared than are left, and one is right. What was compared is in the evidence, from the
/// same moment on.
///
/// # Errors
/// [`Fault`]: nothing was decided, and the caller refuses. The attempt may have been counted, or the code used.
pub(crate) async fn check(
    app: &App,
    to: Recipient<'_>,
    action: Option<&str>,
    code: &str,
    act: &Act,
) -> Result<Checked, Fault> {
    let (vault, now) = (&app.vault, act.now.seconds());
    // Most who log in were sent nothing: then the number is not looked at.
    if tables::find::<Sent>(vault, &key(vault, to.subject))
        .await?
        .is_none()
    {
        return Ok(Checked::Nothing);
    }
    for _ in 0..tables::TRIES {
        let kept = Kept::find(vault, to).await?;
        let Some(sent) = kept.sent() else {
            return Ok(Checked::Nothing);
        };
        let (next, checked) = sent.check(now, kept.allowance(now), code, |newest| {
            newest.is(vault, to.subject, action, code)
        });
        let Some((sent, allowance)) = next else {
            return Ok(checked);
        };
        let changes = kept.replaced(&sent, &allowance)?;
        if tables::write_step_up(vault, changes, checked.evidence(to), act.clone()).await? {
            return Ok(checked);
        }
    }
    Err(Fault::Contended)
}

impl Checked {
    /// What the evidence says of a code that was compared. Who has one for an action has a login that may do more, as with a
    /// step-up's purpose; for a transaction there is none.
    fn evidence(self, to: Recipient<'_>) -> StepUp {
        let left = match self {
            Self::Wrong { left } => left,
            _ => 0,
        };
        StepUp {
            user: to.user.cloned(),
            purpose: Purpose::Login,
            is_accepted: self == Self::Right,
            attempts_left: left.try_into().unwrap_or(u8::MAX),
        }
    }
}

/// What is kept of a subject and of its number, as it was read: both change, or neither.
struct Kept {
    subject: String,
    number: String,
    sent: Option<Stored<Sent>>,
    allowance: Option<Stored<Allowance>>,
}

impl Kept {
    async fn find(vault: &Vault, of: Recipient<'_>) -> Result<Self, Fault> {
        let (subject, number) = (key(vault, of.subject), of.number.reached_digest(vault));
        Ok(Self {
            sent: tables::find(vault, &subject).await?,
            allowance: tables::find(vault, &number).await?,
            subject,
            number,
        })
    }

    fn sent(&self) -> Option<&Sent> {
        self.sent.as_ref().map(|stored| &stored.document)
    }

    fn allowance(&self, now: u64) -> Allowance {
        let counted = self.allowance.as_ref();
        counted
            .map(|stored| stored.document.at(now))
            .unwrap_or_default()
    }

    fn replaced(&self, sent: &Sent, allowance: &Allowance) -> Result<Vec<Change>, Fault> {
        Ok(vec![
            tables::put_over(self.sent.as_ref(), &self.subject, sent)?,
            tables::put_over(self.allowance.as_ref(), &self.number, allowance)?,
        ])
    }
}

/// A code, as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    hash: [u8; 32],
    ends_at: u64,
}

impl Code {
    /// What is kept of a code for a subject and an action.
    pub(crate) fn new(
        vault: &Vault,
        subject: &str,
        action: Option<&str>,
        text: &str,
        ends_at: u64,
    ) -> Self {
        Self {
            hash: *hash(vault, subject, action, text).as_bytes(),
            ends_at,
        }
    }

    /// Whether a text is this code, for this subject and action, in a time that does not depend on where they differ.
    pub(crate) fn is(
        &self,
        vault: &Vault,
        subject: &str,
        action: Option<&str>,
        text: &str,
    ) -> bool {
        hash(vault, subject, action, text).matches(&self.hash)
    }

    /// When its time is over.
    pub(crate) fn ends_at(&self) -> u64 {
        self.ends_at
    }

    /// The same, with another end.
    pub(crate) fn until(self, ends_at: u64) -> Self {
        Self { ends_at, ..self }
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        now >= self.ends_at
    }
}

/// What is kept of the codes of a subject.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The newest, unless it is used.
    code: Option<Code>,
    /// How many digits it has. Not there where an older release issued it: then every code is compared.
    #[serde(default)]
    digits: Option<Digits>,
    attempts: u32,
    failed: u32,
    /// Until when the failures count, also those of codes to come.
    counted_until: u64,
}

impl Sent {
    /// What came of a text, and what both documents are to be then, if it was compared.
    fn check(
        &self,
        now: u64,
        allowance: Allowance,
        text: &str,
        is_right: impl FnOnce(&Code) -> bool,
    ) -> (Option<(Self, Allowance)>, Checked) {
        let Some(code) = self.code.as_ref().filter(|code| !code.is_over(now)) else {
            return (None, Checked::Nothing);
        };
        if self.digits.is_some_and(|digits| digits.get() != text.len()) {
            return (None, Checked::NotACode);
        }
        if self.failed >= self.attempts || allowance.guesses() == 0 {
            return (None, Checked::Exhausted);
        }
        if is_right(code) {
            let used = Self {
                code: None,
                failed: 0,
                ..*self
            };
            // The allowance is written too: had others used it up meanwhile, this is compared anew.
            return (Some((used, allowance)), Checked::Right);
        }
        let counted = Self {
            code: self.code.clone(),
            failed: self.failed.saturating_add(1),
            ..*self
        };
        let allowance = allowance.guessed(now);
        let left = self.attempts.saturating_sub(counted.failed);
        let left = left.min(allowance.guesses());
        (Some((counted, allowance)), Checked::Wrong { left })
    }
}

impl Document for Sent {
    const KIND: Kind = Kind::new("sms-code");

    fn due(&self) -> Option<u64> {
        let ends_at = self.code.as_ref().map_or(0, |code| code.ends_at);
        Some(self.counted_until.max(ends_at))
    }
}

/// Draws a code: each digit is as likely as another, because a byte that would favour some is thrown away.
pub(crate) fn draw(world: &dyn World, digits: Digits) -> Result<Zeroizing<String>, Fault> {
    /// The greatest multiple of ten that a byte can be below of.
    const EVEN: u8 = 250;
    /// Even one draw is seldom too few; so many are not, but where there is no randomness.
    const DRAWS: usize = 32;
    let mut text = Zeroizing::new(String::with_capacity(digits.get()));
    let mut bytes = Zeroizing::new([0_u8; 16]);
    for _ in 0..DRAWS {
        world.fill(&mut *bytes)?;
        let left = digits.get().saturating_sub(text.len());
        let even = bytes.iter().filter(|byte| **byte < EVEN);
        text.extend(even.take(left).map(|byte| char::from(b'0' | (byte % 10))));
        if text.len() == digits.get() {
            return Ok(text);
        }
    }
    Err(Fault::Entropy)
}

/// Of each part its length comes first, so that no two lists of parts are the same bytes.
fn hash(vault: &Vault, subject: &str, action: Option<&str>, text: &str) -> KeyedDigest {
    let has_action = [u8::from(action.is_some())];
    let parts = [
        subject.as_bytes(),
        &has_action,
        action.unwrap_or_default().as_bytes(),
        text.as_bytes(),
    ];
    let len = parts
        .iter()
        .fold(0_usize, |len, part| len.saturating_add(part.len()))
        .saturating_add(size_of::<u64>().saturating_mul(parts.len()));
    let mut bytes = Zeroizing::new(Vec::with_capacity(len));
    for part in parts {
        let len = u64::try_from(part.len()).expect("a length in memory fits 64 bits");
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    vault.keyed_digest("sms-code", &bytes)
}

/// What stands for a subject, which can be a person, in the key of a record.
fn key(vault: &Vault, subject: &str) -> String {
    let digest = vault.keyed_digest("sms-subject", subject.as_bytes());
    base16ct::lower::encode_string(digest.as_bytes())
}
