//! Having a code judged: the one way from a request to the verifier.

use txotp_core::Purpose;
use txotp_store::{Answer, Change, Damage, DeviceId, Judgement, StoreError, Who};
use txotp_verifier::{Reason, Undecided};

use crate::keys::Caller;
use crate::{App, Fault};

/// What came of a code.
#[derive(Clone, Debug)]
pub(crate) enum Judged {
    /// It was judged, and what that implies is durable.
    Answer(Answer),
    /// It is none that the device could have: not its number of ASCII digits, or there are no codes for the purpose.
    /// Nothing was compared or counted.
    NotACode,
    /// There is no such user or device.
    Nobody,
}

impl Judged {
    /// Whether the code was right: the one thing that the payer is told.
    pub(crate) fn is_accepted(&self) -> bool {
        matches!(self, Self::Answer(answer) if answer.judgement.is_accepted())
    }

    /// Whether the code was right, and had been accepted before.
    pub(crate) fn is_replay(&self) -> bool {
        matches!(self, Self::Answer(Answer { judgement: Judgement::Refused(refusal), .. }) if refusal.reason == Reason::Replay)
    }

    /// The stable name of what came of it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Answer(answer) => answer.judgement.reason().unwrap_or("accepted"),
            Self::NotACode => "not-a-code",
            Self::Nobody => "nobody",
        }
    }
}

impl App {
    /// Judges a code of a device, or of any active device of a user.
    ///
    /// # Errors
    /// [`Fault`]: nothing was decided, and the caller refuses.
    pub(crate) async fn judge(
        &self,
        caller: &Caller,
        who: impl Into<Who>,
        purpose: Purpose,
        code: &str,
    ) -> Result<Judged, Fault> {
        let act = self.act(caller)?;
        Ok(self.judged(self.vault.verify(who, purpose, code, act).await)?)
    }

    /// Judges a code as [`App::judge`] does, and where it is accepted writes what follows from that, by the device whose code it
    /// is, in the same commit: a caller who goes away leaves both or neither. Gives nothing where the code is right and a
    /// document is not as it was read: the code is not used then, and the document is to be read anew.
    ///
    /// # Errors
    /// [`Fault`]: nothing was decided, and the caller refuses.
    pub(crate) async fn judge_and_write(
        &self,
        caller: &Caller,
        who: impl Into<Who>,
        purpose: Purpose,
        code: &str,
        changes: impl Fn(&DeviceId) -> Result<Vec<Change>, Fault> + Send + Sync + 'static,
    ) -> Result<Option<Judged>, Fault> {
        let act = self.act(caller)?;
        let changes = move |device: &DeviceId| {
            changes(device).map_err(|_| StoreError::Damaged(Damage::Record))
        };
        let ticket = self
            .vault
            .verify_and_write(who, purpose, code, changes, act);
        match ticket.await {
            Err(StoreError::RecordChanged) => Ok(None),
            answer => Ok(Some(self.judged(answer)?)),
        }
    }

    /// Counts what came of a code, or of two.
    ///
    /// # Errors
    /// What is neither: nothing was decided.
    pub(crate) fn judged(&self, answer: Result<Answer, StoreError>) -> Result<Judged, StoreError> {
        let judged = match answer {
            Ok(answer) => Judged::Answer(answer),
            Err(
                StoreError::BadCode
                | StoreError::Undecided(
                    Undecided::WrongDigits | Undecided::NoLogin | Undecided::CounterExhausted,
                ),
            ) => Judged::NotACode,
            Err(StoreError::UnknownDevice | StoreError::UnknownUser) => Judged::Nobody,
            Err(error) => return Err(error),
        };
        self.metrics.judged(judged.name());
        Ok(judged)
    }
}
