//! Judging codes.

use txotp_core::{Code, CodeLength, Counter, Purpose, Step};
use txotp_verifier::{
    Acceptance, Decision, Lock, Refusal, Undecided, Verdict, decide, resynchronise,
};

use super::Vault;
use super::joint::{Joint, Member, decide_jointly};
use super::records::Steps;
use super::seeds::Seeds;
use crate::audit::{Entry, Event};
use crate::database::Failure;
use crate::device::Row;
use crate::engine::Ticket;
use crate::secrets::Secrets;
use crate::session::{Act, Session};
use crate::{Change, DeviceId, Status, StoreError, UserId};

/// Whose code it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// One device's.
    Device(DeviceId),
    /// That of any active device of a user.
    User(UserId),
}

impl From<DeviceId> for Who {
    fn from(device: DeviceId) -> Self {
        Self::Device(device)
    }
}

impl From<UserId> for Who {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it means, for the bank's own record; the payer is told [`Judgement::is_accepted`] and no more.
    pub judgement: Judgement,
    /// The device that it is of: the one that was asked for, or that of the user which matched.
    pub device: Option<DeviceId>,
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is right, and was never accepted before.
    Accepted(Acceptance),
    /// It was compared, or the device is locked.
    Refused(Refusal),
    /// The device is suspended or revoked, or every device of the user: nothing was compared.
    Inactive(Status),
}

impl Judgement {
    /// The one thing that leaves the bank.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// The stable name of why it was refused.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(refusal) => Some(refusal.reason.name()),
            Self::Inactive(status) => Some(status.name()),
        }
    }
}

impl From<Verdict> for Judgement {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accepted(acceptance) => Self::Accepted(acceptance),
            Verdict::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl Vault {
    /// Judges a code: a device's, or that of any active device of a user. The code is what was typed, six to
    /// eight ASCII digits.
    ///
    /// Every device of a user is compared, and the answer names the one that matched. A code that matches none
    /// counts against each, so that a guess has no more attempts for more devices. Of a user whose devices all are
    /// suspended or revoked nothing is compared, and the evidence of each says so.
    ///
    /// # Errors
    /// [`StoreError`]: nothing was decided, and the caller refuses.
    pub fn verify(
        &self,
        who: impl Into<Who>,
        purpose: Purpose,
        code: &str,
        act: Act,
    ) -> Ticket<Answer> {
        self.verify_and_write(who, purpose, code, |_| Ok(Vec::new()), act)
    }

    /// Judges a code as [`Vault::verify`] does, and where it is accepted changes records as [`Vault::write_records`] does, in
    /// the same commit: no moment, no crash and no caller who goes away comes between a verdict and what is to follow from it.
    ///
    /// `changes` gives them, by the device that the code is of. It is called where the code is right, perhaps more than once,
    /// on a thread that others wait for: it is not to wait for anything.
    ///
    /// # Errors
    /// Those of both, and of `changes`. [`StoreError::RecordChanged`] where the code is right and a record is not as is expected:
    /// the code is not used then. With any error nothing was decided and nothing written, and the caller refuses.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use txotp_core::{MovingFactor, Seed, Step, TransactionSuite, UnixTime};
    /// # use txotp_store::{Actor, Enrolment, KeyService, Keyring, Kind, Location, Options, StoreError, UserId, Vault};
    /// # use txotp_verifier::Settings;
    /// use txotp_core::{Digest, Purpose};
    /// use txotp_store::{Act, Change, DeviceId};
    /// # use zeroize::Zeroizing;
    /// # const PAYMENT: Kind = Kind::new("payment");
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let place = Location::Sqlite(folder.path().join("store.db"));
    /// # let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse()?)?);
    /// # let now = UnixTime::from_seconds(1_700_000_000);
    /// # let act = Act { actor: Actor::new("example").unwrap(), now };
    /// # Vault::create(&place, &keys, Options::default(), &act)?;
    /// # let vault = Vault::open(&place, keys, Options::default())?;
    /// # let suite = TransactionSuite::default();
    /// # let seed = Seed::from_bytes(&[7; 32]).unwrap();
    /// # let key = txotp_core::DeviceKey::new(suite, &seed, None).unwrap();
    /// let device = DeviceId::new("phone").unwrap();
    /// # vault.enrol(Enrolment {
    /// #     device: device.clone(), user: UserId::new("alice").unwrap(), suite, settings: Settings::default(), seed, pin: None,
    /// #     counter: None,
    /// # }, act.clone()).wait()?;
    /// # let purpose = Purpose::Transaction(Digest::from_bytes([1; 32]));
    /// # let code = key.code(purpose, MovingFactor::step(now.step(suite.period().unwrap()))).unwrap();
    /// # let code = code.reveal();
    /// let paid = |device: &DeviceId| Ok(vec![Change::Insert {
    ///     kind: PAYMENT,
    ///     key: "4711".to_owned(),
    ///     owner: None,
    ///     due: None,
    ///     body: Zeroizing::new(device.as_str().into()),
    /// }]);
    /// let answer = vault.verify_and_write(device.clone(), purpose, code, paid, act.clone()).wait()?;
    /// assert!(answer.judgement.is_accepted());
    /// assert_eq!(*vault.record(PAYMENT, "4711").wait()?.unwrap().body, b"phone");
    /// # Ok::<(), StoreError>(())
    /// ```
    pub fn verify_and_write(
        &self,
        who: impl Into<Who>,
        purpose: Purpose,
        code: &str,
        changes: impl Fn(&DeviceId) -> Result<Vec<Change>, StoreError> + Send + Sync + 'static,
        act: Act,
    ) -> Ticket<Answer> {
        let code = match parse(code) {
            Ok(code) => code,
            Err(error) => return Ticket::ready(Err(error)),
        };
        self.judge(who.into(), move |session, who, seeds| match who {
            Who::Device(device) => {
                let row = session.device(device)?;
                let verdict = Event::Verdict;
                let decision = |row: &Row, secrets: &Secrets| {
                    let (policy, key) = seeds.open(row, secrets)?;
                    let attempt = txotp_verifier::Attempt {
                        purpose,
                        code: code.clone(),
                    };
                    Ok(decide(&policy, &key, &row.device.state, &attempt, act.now)?)
                };
                one(session, row, verdict, purpose, &act, decision, &changes)
            }
            Who::User(user) => any(session, user, seeds, purpose, &code, &act, &changes),
        })
    }

    /// Judges two consecutive codes of a device, and sets its window by them. It moves the window far, so the
    /// caller makes sure of the payer by other means too (RFC 6238 section 6).
    ///
    /// # Errors
    /// [`StoreError`]: nothing was decided, and the caller refuses.
    pub fn resynchronise(
        &self,
        device: DeviceId,
        purpose: Purpose,
        codes: [&str; 2],
        act: Act,
    ) -> Ticket<Answer> {
        let [first, second] = codes;
        let codes = match parse(first).and_then(|first| Ok([first, parse(second)?])) {
            Ok(codes) => codes,
            Err(error) => return Ticket::ready(Err(error)),
        };
        self.judge(Who::Device(device.clone()), move |session, _, seeds| {
            let row = session.device(&device)?;
            let event = Event::Resynchronisation;
            let decision = |row: &Row, secrets: &Secrets| {
                let (policy, key) = seeds.open(row, secrets)?;
                let [first, second] = &codes;
                let state = &row.device.state;
                let codes = [first, second];
                Ok(resynchronise(
                    &policy, &key, state, purpose, codes, act.now,
                )?)
            };
            let nothing = |_: &DeviceId| Ok(Vec::new());
            one(session, row, event, purpose, &act, decision, &nothing)
        })
    }
}

fn parse(code: &str) -> Result<Code, StoreError> {
    let length = u8::try_from(code.len())
        .ok()
        .filter(|length| (6..=8).contains(length));
    let length = length
        .and_then(CodeLength::new)
        .ok_or(StoreError::BadCode)?;
    Code::parse(code, length).map_err(|_| StoreError::BadCode)
}

/// Gives the changes of records that follow where a code of a device is accepted.
type Changes<'a> = &'a dyn Fn(&DeviceId) -> Result<Vec<Change>, StoreError>;

/// What follows from an answer, if all that it expects is so: looked at before anything is written, so that a verdict which
/// cannot have its consequences leaves no trace.
fn consequences(
    session: &mut Session<'_>,
    answer: &Answer,
    changes: Changes<'_>,
) -> Result<Steps, Failure> {
    let changes = match &answer.device {
        Some(device) if answer.judgement.is_accepted() => changes(device)?,
        _ => Vec::new(),
    };
    let steps = Steps::new(changes, session.secrets)?;
    match steps.conflict(session.db)? {
        None => Ok(steps),
        Some(_) => Err(StoreError::RecordChanged.into()),
    }
}

/// Judges for one device, and makes the verdict durable.
fn one(
    session: &mut Session<'_>,
    row: Row,
    event: Event,
    purpose: Purpose,
    act: &Act,
    decision: impl FnOnce(&Row, &Secrets) -> Result<Decision, StoreError>,
    changes: Changes<'_>,
) -> Result<Answer, Failure> {
    let device = Some(row.device.id.clone());
    let (judgement, next) = match row.device.status {
        Status::Active => {
            let Decision { verdict, next } = decision(&row, session.secrets)?;
            (verdict.into(), next)
        }
        status => (Judgement::Inactive(status), row.device.state.clone()),
    };
    let answer = Answer { judgement, device };
    let steps = consequences(session, &answer, changes)?;
    let entry = record(event, purpose, &judgement, session.secrets);
    session.update_state(row, next, act, entry)?;
    steps.write_looked_at(session)?;
    Ok(answer)
}

/// Judges for every active device of a user, and makes the verdict durable.
fn any(
    session: &mut Session<'_>,
    user: &UserId,
    seeds: &Seeds,
    purpose: Purpose,
    code: &Code,
    act: &Act,
    changes: Changes<'_>,
) -> Result<Answer, Failure> {
    let found = session.devices_of(user)?.into_iter().map(|found| found.row);
    let all = found.collect::<Result<Vec<_>, _>>()?;
    let (rows, inactive): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|row| row.device.status == Status::Active);
    if rows.is_empty() {
        return none(session, inactive, purpose, act);
    }
    let member = |row| {
        let (policy, key) = seeds.open(row, session.secrets)?;
        let state = &row.device.state;
        Ok::<_, StoreError>(Member { policy, key, state })
    };
    let members = rows.iter().map(member).collect::<Result<Vec<_>, _>>()?;
    let Joint {
        verdict,
        matched,
        decisions,
    } = decide_jointly(&members, purpose, code, act.now).map_err(no_digits)?;
    drop(members);
    let device = matched
        .and_then(|place| rows.get(place))
        .map(|row| row.device.id.clone());
    let judgement = verdict.into();
    let answer = Answer { judgement, device };
    let steps = consequences(session, &answer, changes)?;

    for (place, (row, own)) in rows.into_iter().zip(decisions).enumerate() {
        if matched.is_none() || matched == Some(place) {
            let judgement = own.verdict.into();
            let entry = record(Event::Verdict, purpose, &judgement, session.secrets);
            session.update_state(row, own.next, act, entry)?;
        } else if own.next != row.device.state {
            let entry = Entry {
                event: Event::FailuresCleared,
                ..Entry::default()
            };
            session.update_state(row, own.next, act, entry)?;
        }
    }
    steps.write_looked_at(session)?;
    Ok(answer)
}

/// Judges for a user without an active device: each tells its own status, and the answer that which lasts least.
fn none(
    session: &mut Session<'_>,
    rows: Vec<Row>,
    purpose: Purpose,
    act: &Act,
) -> Result<Answer, Failure> {
    let mut statuses = rows.iter().map(|row| row.device.status);
    let first = statuses.next().ok_or(StoreError::UnknownUser)?;
    let status = statuses
        .find(|status| *status == Status::Suspended)
        .unwrap_or(first);
    for row in rows {
        let own = Judgement::Inactive(row.device.status);
        let entry = record(Event::Verdict, purpose, &own, session.secrets);
        session.update(row, act, entry)?;
    }
    Ok(Answer {
        judgement: Judgement::Inactive(status),
        device: None,
    })
}

/// No device of the user has codes of this length.
fn no_digits(why: Undecided) -> StoreError {
    match why {
        Undecided::WrongDigits => StoreError::BadCode,
        why => StoreError::Undecided(why),
    }
}

/// An entry that says what a code was for.
pub(super) fn of_purpose(event: Event, purpose: Purpose, secrets: &Secrets) -> Entry {
    let (purpose, digest) = match purpose {
        Purpose::Login => ("login", None),
        Purpose::Transaction(digest) => {
            let mark = secrets.digest_mark(digest.as_bytes());
            ("transaction", Some(base16ct::lower::encode_string(&mark)))
        }
    };
    Entry {
        event,
        purpose: Some(purpose.to_owned()),
        digest,
        ..Entry::default()
    }
}

/// What the evidence says of a judgement.
fn record(event: Event, purpose: Purpose, judgement: &Judgement, secrets: &Secrets) -> Entry {
    let entry = Entry {
        reason: judgement.reason().map(str::to_owned),
        ..of_purpose(event, purpose, secrets)
    };
    let (accepted, refused) = ("accepted".to_owned(), "refused".to_owned());
    match judgement {
        Judgement::Accepted(Acceptance { factor, drift }) => Entry {
            verdict: Some(accepted),
            step: factor.get_step().map(Step::get),
            counter: factor.get_counter().map(Counter::get),
            drift: factor.get_step().map(|_| *drift),
            ..entry
        },
        Judgement::Refused(refusal) => Entry {
            verdict: Some(refused),
            attempts_left: Some(refusal.attempts_left),
            locked_until: match refusal.lock {
                Lock::None => None,
                Lock::Until(end) => Some(end.seconds()),
                Lock::Permanent => Some(u64::MAX),
            },
            ..entry
        },
        Judgement::Inactive(_) => Entry {
            verdict: Some(refused),
            ..entry
        },
    }
}
