//! Step-up challenges, in the native interface: sessions, challenges by SMS, tokens. The words are Weavr's.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::secret::HandedOut;
use super::subject::{GivenTransaction, TransactionSchema, user_id};
use crate::App;
use crate::config::SecretText;
use crate::http::{Json, Path, Problem, Shared, Verifier, kinds};
use crate::sms::Phone;
use crate::stepup::{self, Action, ActionError, Opened, Refusal, TOKEN_SECONDS};

/// Its routes.
pub(super) fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(open_stepup_session, close_stepup_session))
        .routes(routes!(issue_stepup_challenge))
        .routes(routes!(verify_stepup_challenge))
        .routes(routes!(use_stepup_token, revoke_stepup_token))
}

/// A session that a path names, of the application that asks and may: another may name its own alike.
pub(super) struct OwnSession {
    name: String,
    /// What it is known by.
    key: String,
    caller: Verifier,
}

impl FromRequestParts<Arc<App>> for OwnSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let caller = Verifier::from_request_parts(parts, app).await?;
        let Path(name) = Path::<String>::from_request_parts(parts, app).await?;
        let application = &caller.application().name;
        let key = format!("{} {application} {name}", application.len());
        Ok(Self { name, key, caller })
    }
}

/// Whose login it is, and where its codes go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStepupSession {
    /// The bank's name of the user.
    #[schema(min_length = 1, max_length = 128)]
    user: String,
    /// The telephone number; without one no challenge can be issued.
    mobile: Option<Mobile>,
}

/// A telephone number (ITU-T E.164): 5 to 15 digits with its country code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Mobile {
    /// The country code.
    #[schema(pattern = "^\\+?[1-9][0-9]{0,2}$", example = "+1")]
    country_code: String,
    /// The number in that country; spaces, `-`, `.` and parentheses are left out.
    #[schema(pattern = "^[0-9 ().-]+$", example = "4055550185")]
    number: String,
}

/// A session that is open.
#[derive(Serialize, ToSchema)]
pub(super) struct StepupSession {
    /// The number, to be recognised by its owner.
    #[schema(example = "+1-XXX-XXX-XX85")]
    mobile: Option<String>,
}

/// What a challenge is for: a purpose, a payment, or nothing in particular. The text to the user shows it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewChallenge {
    /// What is to be done, in words for the user.
    #[schema(min_length = 1, max_length = 200)]
    purpose: Option<String>,
    /// The payment: its message and details are shown, and all of it is bound to the code by its digest.
    #[schema(value_type = Option<TransactionSchema>)]
    transaction: Option<GivenTransaction>,
}

/// A code, and what it is for: the same as where its challenge was issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChallengeAnswer {
    /// What the user received.
    #[schema(value_type = String, pattern = "^[0-9]{4,10}$")]
    code: SecretText,
    /// As in the challenge.
    #[schema(min_length = 1, max_length = 200)]
    purpose: Option<String>,
    /// As in the challenge.
    #[schema(value_type = Option<TransactionSchema>)]
    transaction: Option<GivenTransaction>,
}

/// That a session is stepped up.
#[derive(Serialize, ToSchema)]
pub(super) struct SteppedUp {
    /// Proves it: shown this once.
    #[schema(value_type = String, pattern = "^[a-z2-7]{32}$")]
    token: HandedOut,
    /// Seconds until it ends, if it is not used.
    expires_in: u64,
}

/// A token, and what it is for: the same as where its challenge was issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenUse {
    /// The token.
    #[schema(value_type = String)]
    token: SecretText,
    /// As in the challenge.
    #[schema(min_length = 1, max_length = 200)]
    purpose: Option<String>,
    /// As in the challenge.
    #[schema(value_type = Option<TransactionSchema>)]
    transaction: Option<GivenTransaction>,
}

/// Whose token it is.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenHolder {
    /// The user of its session.
    user: String,
    /// Seconds until it ends, if it is not used again: 0 for that of a payment, which is used once.
    expires_in: u64,
}

/// Opens a session: for a login, or for a payment that gets challenges of its own. The same once more changes nothing.
#[utoipa::path(
    put, path = "/v1/stepup/sessions/{session}", tag = "stepup",
    params(("session" = String, Path, description = "The bank's name of the session", pattern = "^[A-Za-z0-9._~-]{1,128}$")),
    request_body = NewStepupSession,
    responses(
        (status = 201, body = StepupSession, description = "The session is open"),
        (status = 200, body = StepupSession, description = "It was open before; nothing changed"),
        (status = 409, body = Problem, description = "session-exists: of another user, or with another number"),
        (status = 422, body = Problem, description = "bad-name, bad-mobile, invalid"),
    ),
)]
pub(super) async fn open_stepup_session(
    State(app): Shared,
    session: OwnSession,
    Json(new): Json<NewStepupSession>,
) -> Result<(StatusCode, axum::Json<StepupSession>), Problem> {
    if !is_session(&session.name) {
        return Err(Problem::of(&kinds::INVALID)
            .detail("a session's name is 1 to 128 of A-Z a-z 0-9 . _ ~ -"));
    }
    let user = user_id(&new.user)?;
    let mobile = new.mobile.as_ref().map(Mobile::read).transpose()?;
    let status = match stepup::open(&app, &session.key, &user, mobile.as_ref()).await? {
        Opened::New => StatusCode::CREATED,
        Opened::Known => StatusCode::OK,
        Opened::Other => return Err(Problem::of(&kinds::SESSION_EXISTS)),
    };
    let mobile = mobile.as_ref().map(Phone::masked);
    Ok((status, axum::Json(StepupSession { mobile })))
}

/// Ends a session, with its challenges and its token: when the user logs out.
#[utoipa::path(
    delete, path = "/v1/stepup/sessions/{session}", tag = "stepup",
    params(("session" = String, Path, description = "The session")),
    responses(
        (status = 204, description = "It is over"),
        (status = 404, body = Problem, description = "unknown-session"),
    ),
)]
pub(super) async fn close_stepup_session(
    State(app): Shared,
    session: OwnSession,
) -> Result<StatusCode, Problem> {
    stepup::close(&app, &session.key).await?.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Issues a challenge: a new code goes to the session's number, and an earlier one no longer works. A second challenge of a
/// session can be issued 15 seconds after the first; there is no third.
#[utoipa::path(
    post, path = "/v1/stepup/sessions/{session}/challenges/otp/SMS", tag = "stepup",
    params(("session" = String, Path, description = "The session")),
    request_body = NewChallenge,
    responses(
        (status = 204, description = "The gateway took the text; it may arrive, or not"),
        (status = 400, body = Problem, description = "no-challenge-left (INVALID_REQUEST), and what is no JSON"),
        (status = 404, body = Problem, description = "unknown-session"),
        (status = 409, body = Problem, description = "retry-in-15sec, channel-not-registered, channel-not-supported, challenge-limit-exceeded"),
        (status = 422, body = Problem, description = "bad-transaction, text-too-long, invalid"),
        (status = 503, body = Problem, description = "text-not-sent; unavailable, too-slow"),
    ),
)]
pub(super) async fn issue_stepup_challenge(
    State(app): Shared,
    session: OwnSession,
    Json(new): Json<NewChallenge>,
) -> Result<StatusCode, Problem> {
    let action = action(&app, new.purpose, new.transaction.as_ref())?;
    let issued = stepup::issue(&app, &session.key, &action).await?;
    issued.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a code judged. A right one works once and gives the token of the session that is stepped up.
#[utoipa::path(
    post, path = "/v1/stepup/sessions/{session}/challenges/otp/SMS/verify", tag = "stepup",
    params(("session" = String, Path, description = "The session")),
    request_body = ChallengeAnswer,
    responses(
        (status = 200, body = SteppedUp, description = "The code is right"),
        (status = 404, body = Problem, description = "unknown-session"),
        (status = 409, body = Problem, description = "verification-code-invalid, one-challenge-limit-remaining, challenge-limit-exceeded, verification-code-expired, state-invalid"),
        (status = 422, body = Problem, description = "bad-transaction, text-too-long, invalid"),
    ),
)]
pub(super) async fn verify_stepup_challenge(
    State(app): Shared,
    session: OwnSession,
    Json(answer): Json<ChallengeAnswer>,
) -> Result<axum::Json<SteppedUp>, Problem> {
    let code = answer.code.reveal();
    if !(4..=10).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::of(&kinds::INVALID).detail("a code is 4 to 10 digits"));
    }
    let action = action(&app, answer.purpose, answer.transaction.as_ref())?;
    let act = app.act(&session.caller)?;
    let verified = stepup::verify(&app, &session.key, &action, code, &act).await?;
    Ok(axum::Json(SteppedUp {
        token: verified.map_err(refused)?.into(),
        expires_in: TOKEN_SECONDS,
    }))
}

/// Checks a token, and begins its five minutes anew. That of a payment is used by it, and checked no second time.
#[utoipa::path(
    post, path = "/v1/stepup/sessions/{session}/token", tag = "stepup",
    params(("session" = String, Path, description = "The session")),
    request_body = TokenUse,
    responses(
        (status = 200, body = TokenHolder, description = "The session is stepped up, for this"),
        (status = 404, body = Problem, description = "unknown-session; unknown-token: it is none, ended, or is for something else"),
        (status = 422, body = Problem, description = "bad-transaction, text-too-long, invalid"),
    ),
)]
pub(super) async fn use_stepup_token(
    State(app): Shared,
    session: OwnSession,
    Json(token): Json<TokenUse>,
) -> Result<axum::Json<TokenHolder>, Problem> {
    let action = action(&app, token.purpose, token.transaction.as_ref())?;
    let used = stepup::touch(&app, &session.key, &action, token.token.reveal()).await?;
    let expires_in = if action.is_payment() {
        0
    } else {
        TOKEN_SECONDS
    };
    let user = used.map_err(refused)?;
    Ok(axum::Json(TokenHolder { user, expires_in }))
}

/// Revokes the token of a session, if it has one; the session stays.
#[utoipa::path(
    delete, path = "/v1/stepup/sessions/{session}/token", tag = "stepup",
    params(("session" = String, Path, description = "The session")),
    responses(
        (status = 204, description = "The session is not stepped up"),
        (status = 404, body = Problem, description = "unknown-session"),
    ),
)]
pub(super) async fn revoke_stepup_token(
    State(app): Shared,
    session: OwnSession,
) -> Result<StatusCode, Problem> {
    stepup::revoke(&app, &session.key).await?.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

impl Mobile {
    fn read(&self) -> Result<Phone, Problem> {
        Phone::parse(&self.country_code, &self.number)
            .map_err(|error| Problem::of(&kinds::BAD_MOBILE).detail(error.to_string()))
    }
}

/// A name that stands in a path as it is.
fn is_session(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    (1..=128).contains(&name.len()) && name.bytes().all(is_plain)
}

fn action(
    app: &App,
    purpose: Option<String>,
    transaction: Option<&GivenTransaction>,
) -> Result<Action, Problem> {
    let invalid = |why| Problem::of(&kinds::INVALID).detail(why);
    let action = match (purpose, transaction) {
        (None, None) => Action::Nothing,
        (Some(purpose), None) => Action::Purpose(purpose),
        (None, Some(transaction)) => Action::Payment(transaction.read()?),
        (Some(_), Some(_)) => return Err(invalid("purpose and transaction are not given both")),
    };
    match action.check(&app.config.issuer) {
        Ok(()) => Ok(action),
        Err(ActionError::Purpose) => Err(invalid(
            "a purpose is 1 to 200 characters, of which none is hidden",
        )),
        Err(ActionError::TooLong) => Err(Problem::of(&kinds::TEXT_TOO_LONG)),
    }
}

/// A refusal as a problem, with Weavr's name of it.
fn refused(refusal: Refusal) -> Problem {
    let (kind, code) = match refusal {
        Refusal::NoSession => return Problem::of(&kinds::UNKNOWN_SESSION),
        Refusal::NoToken => return Problem::of(&kinds::UNKNOWN_TOKEN),
        Refusal::NotSent(_) => return Problem::of(&kinds::TEXT_NOT_SENT),
        Refusal::ChannelNotRegistered => (&kinds::CHANNEL_NOT_REGISTERED, "CHANNEL_NOT_REGISTERED"),
        Refusal::ChannelNotSupported => (&kinds::CHANNEL_NOT_SUPPORTED, "CHANNEL_NOT_SUPPORTED"),
        Refusal::RetryIn15Sec => (&kinds::RETRY_IN_15SEC, "RETRY_IN_15SEC"),
        Refusal::InvalidRequest => (&kinds::NO_CHALLENGE_LEFT, "INVALID_REQUEST"),
        Refusal::CodeInvalid => (
            &kinds::VERIFICATION_CODE_INVALID,
            "VERIFICATION_CODE_INVALID",
        ),
        Refusal::OneRemaining => (
            &kinds::ONE_CHALLENGE_LIMIT_REMAINING,
            "ONE_CHALLENGE_LIMIT_REMAINING",
        ),
        Refusal::LimitExceeded => (&kinds::CHALLENGE_LIMIT_EXCEEDED, "CHALLENGE_LIMIT_EXCEEDED"),
        Refusal::CodeExpired => (
            &kinds::VERIFICATION_CODE_EXPIRED,
            "VERIFICATION_CODE_EXPIRED",
        ),
        Refusal::StateInvalid => (&kinds::STATE_INVALID, "STATE_INVALID"),
    };
    Problem::of(kind).code(code)
}
