//! Having a code judged: the one way from a request to the verifier.

use txotp_core::Purpose;
use txotp_store::{Answer, StoreError, Who};
use txotp_verifier::Undecided;

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
