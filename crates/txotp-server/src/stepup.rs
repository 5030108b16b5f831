//! Step-up challenges: a login that is to do more than look proves, by a code that was sent, who is at the other end.
//!
//! ```text
//!             issue                    verify: right
//!  opened ────────────▶ challenged ───────────────────▶ stepped up ──▶ ends after 5 minutes without activity
//!                        │  ▲   │                            │
//!      verify: wrong     │  │   │ issue, 15 s later, once    │ issue, if one is left
//!      (so often)        │  └───┘                            │
//!                        ▼      ▲                            │
//!                    exhausted  └────────────────────────────┘
//! ```
//!
//! A session is one document, so that each step is decided by one comparison and exchange: of all who do the same at once,
//! on whichever process, one does it.

use serde::{Deserialize, Serialize};
use txotp_store::{Act, Kind, StepUp, UserId, Vault};
use zeroize::Zeroizing;

use crate::sms::codes::{Code, Digits, draw};
use crate::sms::{Channel, Message, Phone, SendError};
use crate::tables::{self, Document, Next};
use crate::world::random_text;
use crate::{App, Fault};

mod action;

pub(crate) use action::{Action, ActionError};

/// The challenges of a session: the first, and one more.
const CHALLENGES: u32 = 2;
/// Seconds between them.
const PAUSE: u64 = 15;
/// The most wrong codes that a session may have.
const MAX_ATTEMPTS: u32 = 5;
/// Seconds that a session that is stepped up lasts without activity.
pub(crate) const TOKEN_SECONDS: u64 = 300;
/// Seconds after which a session ends that nobody ended.
const SESSION_SECONDS: u64 = 86_400;
/// The characters of a token, of 5 bits each.
pub(crate) const TOKEN_LEN: usize = 32;

/// A session, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    user: String,
    mobile: Option<Phone>,
    ends_at: u64,
    /// How many challenges were issued.
    issued: u32,
    /// When the newest was.
    issued_at: u64,
    /// The code of the newest, until it is used.
    code: Option<Code>,
    /// The wrong codes since the last right one: of all challenges, so that another one is no way to guess on.
    failed: u32,
    /// That the session is stepped up: what is kept of the token.
    token: Option<Code>,
}

impl Document for Session {
    const KIND: Kind = Kind::new("stepup-session");

    fn due(&self) -> Option<u64> {
        Some(self.ends_at)
    }
}

/// Why a session is not as the caller wants it, in Weavr's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such session, or it ended.
    NoSession,
    /// The session has no telephone number.
    ChannelNotRegistered,
    /// Nobody sends texts.
    ChannelNotSupported,
    /// The last challenge is less than 15 seconds old.
    RetryIn15Sec,
    /// Both challenges were issued.
    InvalidRequest,
    /// The gateway did not take the text.
    NotSent(SendError),
    /// The code is wrong.
    CodeInvalid,
    /// The code is wrong, and one attempt is left.
    OneRemaining,
    /// No attempt is left.
    LimitExceeded,
    /// The code's time is over.
    CodeExpired,
    /// There is no challenge to answer: none was issued, it was answered, or no attempt is left.
    StateInvalid,
    /// The session is not stepped up, or not by this token, or not for this action.
    NoToken,
}

/// What came of opening a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It is new.
    New,
    /// It was opened before, for the same user and number; nothing changed.
    Known,
    /// It was opened before, for another user or number; nothing changed.
    Other,
}

/// Opens a session for a login, or for whatever gets challenges of its own.
///
/// # Errors
/// [`Fault`].
pub(crate) async fn open(
    app: &App,
    id: &str,
    user: &UserId,
    mobile: Option<&Phone>,
) -> Result<Opened, Fault> {
    let now = app.now()?.seconds();
    tables::upsert(
        &app.vault,
        &key(&app.vault, id),
        |old: Option<&Session>| match old.filter(|old| !old.is_over(now)) {
            None => Next::Replace(Session::new(user, mobile, now), Opened::New),
            Some(old) if old.is_of(user, mobile) => Next::Keep(Opened::Known),
            Some(_) => Next::Keep(Opened::Other),
        },
    )
    .await
}

/// Ends a session and what it was stepped up to.
///
/// # Errors
/// [`Fault`].
pub(crate) async fn close(app: &App, id: &str) -> Result<Result<(), Refusal>, Fault> {
    change(app, id, |_, _| Next::Remove(Ok(()))).await
}

/// Issues a challenge: a new code for an action, sent to the session's number. Earlier codes no longer work.
///
/// # Errors
/// [`Fault`]: nothing was sent.
pub(crate) async fn issue(
    app: &App,
    id: &str,
    action: &Action,
) -> Result<Result<(), Refusal>, Fault> {
    let settings = &app.config.stepup;
    let digits = Digits::new(settings.digits).unwrap_or(Digits::SIX);
    let text = draw(&*app.world, digits)?;
    let bound = action.bound();
    let issued = change(app, id, |session, now| {
        let mobile = match session.may_issue(now, limit(app), app.gateway.has(Channel::Sms)) {
            Ok(mobile) => mobile.clone(),
            Err(refusal) => return Next::Keep(Err(refusal)),
        };
        let ends_at = now.saturating_add(settings.code_seconds);
        let code = Code::new(&app.vault, &code_of(id), bound.as_deref(), &text, ends_at);
        Next::Replace(session.challenged(code, now), Ok((mobile, now)))
    });
    let (mobile, issued_at) = match issued.await? {
        Ok(issued) => issued,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let message = Message {
        to: &mobile,
        channel: Channel::Sms,
        text: &action.message(&app.config.issuer, &text),
    };
    match app.gateway.send(app, message).await {
        Ok(()) => Ok(Ok(())),
        Err(error) => {
            if !error.may_have_sent() {
                give_back(app, id, issued_at).await?;
            }
            Ok(Err(Refusal::NotSent(error)))
        }
    }
}

/// Does not count a challenge whose text certainly was not sent. The pause counts all the same.
async fn give_back(app: &App, id: &str, issued_at: u64) -> Result<(), Fault> {
    let given = change(app, id, |session, _| {
        if session.issued_at != issued_at {
            return Next::Keep(Ok(()));
        }
        let mut session = session.clone();
        session.issued = session.issued.saturating_sub(1);
        Next::Replace(session, Ok(()))
    });
    // Where the session has ended meanwhile, there is nothing to give back to.
    given.await.map(|_: Result<(), Refusal>| ())
}

/// Judges a code for an action. A right one gives the token of the session that is stepped up. What was compared is in the
/// evidence, from the same moment on.
///
/// # Errors
/// [`Fault`]: nothing was decided. The attempt may have been counted, or the code used.
pub(crate) async fn verify(
    app: &App,
    id: &str,
    action: &Action,
    code: &str,
    act: &Act,
) -> Result<Result<Zeroizing<String>, Refusal>, Fault> {
    let bound = action.bound();
    let text = random_text::<TOKEN_LEN>(&*app.world)?;
    let (key, now) = (key(&app.vault, id), act.now.seconds());
    for _ in 0..tables::TRIES {
        let stored = tables::find::<Session>(&app.vault, &key).await?;
        let Some(stored) = stored.filter(|stored| !stored.document.is_over(now)) else {
            return Ok(Err(Refusal::NoSession));
        };
        let session = &stored.document;
        let kept = match session.may_verify(now, limit(app)) {
            Ok(kept) => kept,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (next, judged) = if kept.is(&app.vault, &code_of(id), bound.as_deref(), code) {
            let ends_at = now.saturating_add(TOKEN_SECONDS);
            let token = Code::new(&app.vault, &token_of(id), bound.as_deref(), &text, ends_at);
            (session.stepped_up(token), Ok(()))
        } else {
            let (session, refusal) = session.failed(limit(app));
            (session, Err(refusal))
        };
        let step_up = next.evidence(action, judged.is_ok(), limit(app))?;
        let changes = vec![stored.replace(&next)?];
        if tables::write_step_up(&app.vault, changes, step_up, act.clone()).await? {
            return Ok(judged.map(|()| text));
        }
    }
    Err(Fault::Contended)
}

/// Judges a token for the action that its code was for, and begins its five minutes anew. That of a payment is used by it:
/// one code, one payment. Gives the session's user.
///
/// # Errors
/// [`Fault`]: nothing was decided. The token of a payment may be used.
pub(crate) async fn touch(
    app: &App,
    id: &str,
    action: &Action,
    token: &str,
) -> Result<Result<String, Refusal>, Fault> {
    let bound = action.bound();
    change(app, id, |session, now| {
        let kept = session.token.as_ref().filter(|kept| {
            !kept.is_over(now) && kept.is(&app.vault, &token_of(id), bound.as_deref(), token)
        });
        let Some(kept) = kept else {
            return Next::Keep(Err(Refusal::NoToken));
        };
        let user = session.user.clone();
        let ends_at = now.saturating_add(TOKEN_SECONDS);
        let token = match action {
            Action::Payment(_) => None,
            // Within a second there is nothing to write: many uses at once do not hinder each other.
            _ if kept.ends_at() == ends_at => return Next::Keep(Ok(user)),
            _ => Some(kept.clone().until(ends_at)),
        };
        let session = Session {
            token,
            ..session.clone()
        };
        Next::Replace(session, Ok(user))
    })
    .await
}

/// Ends what a session was stepped up to, and not the session.
///
/// # Errors
/// [`Fault`].
pub(crate) async fn revoke(app: &App, id: &str) -> Result<Result<(), Refusal>, Fault> {
    change(app, id, |session, _| {
        let session = Session {
            token: None,
            ..session.clone()
        };
        Next::Replace(session, Ok(()))
    })
    .await
}

impl Session {
    fn new(user: &UserId, mobile: Option<&Phone>, now: u64) -> Self {
        Self {
            user: user.as_str().to_owned(),
            mobile: mobile.cloned(),
            ends_at: now.saturating_add(SESSION_SECONDS),
            issued: 0,
            issued_at: 0,
            code: None,
            failed: 0,
            token: None,
        }
    }

    fn is_of(&self, user: &UserId, mobile: Option<&Phone>) -> bool {
        let numbers = (self.mobile.as_ref(), mobile);
        let is_same = match numbers {
            (Some(one), Some(other)) => one.to_e164() == other.to_e164(),
            (one, other) => one.is_none() && other.is_none(),
        };
        is_same && self.user == user.as_str()
    }

    fn is_over(&self, now: u64) -> bool {
        now >= self.ends_at
    }

    /// The number to send a challenge to, if there may be one more.
    fn may_issue(&self, now: u64, limit: u32, can_send: bool) -> Result<&Phone, Refusal> {
        let mobile = self.mobile.as_ref().ok_or(Refusal::ChannelNotRegistered)?;
        if !can_send {
            return Err(Refusal::ChannelNotSupported);
        }
        if self.issued >= CHALLENGES {
            return Err(Refusal::InvalidRequest);
        }
        if self.failed >= limit {
            return Err(Refusal::LimitExceeded);
        }
        if now < self.issued_at.saturating_add(PAUSE) {
            return Err(Refusal::RetryIn15Sec);
        }
        Ok(mobile)
    }

    fn challenged(&self, code: Code, now: u64) -> Self {
        Self {
            issued: self.issued.saturating_add(1),
            issued_at: now,
            code: Some(code),
            ..self.clone()
        }
    }

    /// The code to compare with, if there is a challenge to answer.
    fn may_verify(&self, now: u64, limit: u32) -> Result<&Code, Refusal> {
        let code = self.code.as_ref().filter(|_| self.failed < limit);
        let code = code.ok_or(Refusal::StateInvalid)?;
        if code.is_over(now) {
            return Err(Refusal::CodeExpired);
        }
        Ok(code)
    }

    fn stepped_up(&self, token: Code) -> Self {
        Self {
            code: None,
            failed: 0,
            token: Some(token),
            ..self.clone()
        }
    }

    /// What the evidence says of a code that led here.
    fn evidence(&self, action: &Action, is_accepted: bool, limit: u32) -> Result<StepUp, Fault> {
        let left = limit.saturating_sub(self.failed);
        Ok(StepUp {
            user: Some(UserId::new(&self.user).map_err(|_| Fault::Record)?),
            purpose: action.purpose(),
            is_accepted,
            attempts_left: left.try_into().unwrap_or(u8::MAX),
        })
    }

    fn failed(&self, limit: u32) -> (Self, Refusal) {
        let failed = self.failed.saturating_add(1);
        let refusal = match limit.saturating_sub(failed) {
            0 => Refusal::LimitExceeded,
            1 => Refusal::OneRemaining,
            _ => Refusal::CodeInvalid,
        };
        let session = Self {
            failed,
            ..self.clone()
        };
        (session, refusal)
    }
}

/// Changes a session by what it is at that moment.
async fn change<T>(
    app: &App,
    id: &str,
    mut next: impl FnMut(&Session, u64) -> Next<Session, Result<T, Refusal>>,
) -> Result<Result<T, Refusal>, Fault> {
    let now = app.now()?.seconds();
    let changed = tables::update(&app.vault, &key(&app.vault, id), |session: &Session| {
        if session.is_over(now) {
            return Next::Keep(Err(Refusal::NoSession));
        }
        next(session, now)
    })
    .await?;
    Ok(changed.unwrap_or(Err(Refusal::NoSession)))
}

/// How many wrong codes a session may have.
fn limit(app: &App) -> u32 {
    match app.config.stepup.attempts {
        attempts @ 1..=MAX_ATTEMPTS => attempts,
        _ => MAX_ATTEMPTS,
    }
}

/// What stands for a session in the key of its record: its id may be a secret of the bank's.
fn key(vault: &Vault, id: &str) -> String {
    let digest = vault.keyed_digest("stepup-session", id.as_bytes());
    base16ct::lower::encode_string(digest.as_bytes())
}

/// Whose a code is.
fn code_of(id: &str) -> String {
    format!("stepup-code {id}")
}

/// Whose a token is, which is kept as a code is.
fn token_of(id: &str) -> String {
    format!("stepup-token {id}")
}
