//! Evidence of codes that a service sends and judges itself.

use txotp_core::Purpose;
use txotp_verifier::Reason;

use super::Vault;
use super::attempt::of_purpose;
use super::records::Steps;
use crate::audit::{Entry, Event};
use crate::database::Mode;
use crate::engine::Ticket;
use crate::secrets::Secrets;
use crate::session::Act;
use crate::{Change, UserId, Written};

/// What came of a code that a service had sent, and judged itself.
#[derive(Clone, Debug)]
pub struct StepUp {
    /// Whose the code was; none where it was to show that somebody has a telephone, and was no user's.
    pub user: Option<UserId>,
    /// What the code was for: a login, also one that may do more, or a transaction, which the evidence names as it does for codes of
    /// devices.
    pub purpose: Purpose,
    /// Whether the code was right.
    pub is_accepted: bool,
    /// How many wrong codes are left; none is said of a right one.
    pub attempts_left: u8,
}

impl Vault {
    /// Changes records as [`Vault::write_records`] does, and writes an entry of evidence of what came of a code: both or
    /// neither, and no entry where an expectation does not hold.
    ///
    /// # Errors
    /// Those of [`Vault::write_records`].
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use txotp_core::UnixTime;
    /// # use txotp_store::{Actor, KeyService, Keyring, Kind, Location, Options, StoreError, Vault};
    /// use txotp_core::Purpose;
    /// use txotp_store::{Act, Change, StepUp, UserId, Written};
    /// # use zeroize::Zeroizing;
    /// # const CHALLENGE: Kind = Kind::new("challenge");
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let place = Location::Sqlite(folder.path().join("store.db"));
    /// # let keys: Arc<dyn KeyService> = Arc::new(Keyring::new("a".parse()?)?);
    /// # let act = Act { actor: Actor::new("example").unwrap(), now: UnixTime::from_seconds(0) };
    /// # Vault::create(&place, &keys, Options::default(), &act)?;
    /// # let vault = Vault::open(&place, keys, Options::default())?;
    /// # let ask = Change::Insert {
    /// #     kind: CHALLENGE, key: "1".to_owned(), owner: None, due: None, body: Zeroizing::new(b"code".to_vec()),
    /// # };
    /// # vault.write_records(vec![ask]).wait()?;
    /// let used = Change::Remove { kind: CHALLENGE, key: "1".to_owned(), version: 1 };
    /// let right = StepUp {
    ///     user: Some(UserId::new("alice").unwrap()),
    ///     purpose: Purpose::Login,
    ///     is_accepted: true,
    ///     attempts_left: 0,
    /// };
    /// assert_eq!(vault.write_step_up(vec![used], right, act).wait()?, Written::Done);
    /// # Ok::<(), StoreError>(())
    /// ```
    pub fn write_step_up(
        &self,
        changes: Vec<Change>,
        step_up: StepUp,
        act: Act,
    ) -> Ticket<Written> {
        let steps = match Steps::new(changes, &self.secrets) {
            Ok(steps) => steps,
            Err(error) => return Ticket::ready(Err(error)),
        };
        let entry = step_up.entry(&self.secrets);
        self.write(Mode::Write, move |session| {
            let written = steps.write(session)?;
            if written == Written::Done {
                session.note(&act, entry.clone())?;
            }
            Ok(written)
        })
    }
}

impl StepUp {
    fn entry(&self, secrets: &Secrets) -> Entry {
        let entry = Entry {
            user: self.user.as_ref().map(|user| user.as_str().to_owned()),
            ..of_purpose(Event::StepUp, self.purpose, secrets)
        };
        if self.is_accepted {
            Entry {
                verdict: Some("accepted".to_owned()),
                ..entry
            }
        } else {
            Entry {
                verdict: Some("refused".to_owned()),
                reason: Some(Reason::WrongCode.name().to_owned()),
                attempts_left: Some(self.attempts_left),
                ..entry
            }
        }
    }
}
