//! Every problem that the service names: the one list of names, statuses, titles and explanations.

use axum::http::StatusCode;

/// A kind of problem.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Its stable name: the last part of its type.
    pub(crate) name: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) title: &'static str,
    /// Whose fault it is, and what to do.
    pub(crate) explanation: &'static str,
}

macro_rules! kinds {
    ($($constant:ident = $status:ident $name:literal: $title:literal, $explanation:literal;)*) => {
        $(
            #[doc = $title]
            pub(crate) const $constant: Kind = Kind {
                name: $name,
                status: StatusCode::$status,
                title: $title,
                explanation: $explanation,
            };
        )*

        /// All kinds.
        pub(crate) const ALL: &[&Kind] = &[$(&$constant),*];
    };
}

kinds! {
    BAD_JSON = BAD_REQUEST "bad-json": "The body is no JSON",
        "The body is not JSON (RFC 8259), ends early, or something follows it. Correct it; the detail says where.";
    BAD_PATH = BAD_REQUEST "bad-path": "The path cannot be read",
        "A % has not two hexadecimal digits after it, or a part of the path is not UTF-8 when its escapes are taken away. Write \
         names with percent-encoding (RFC 3986).";
    BAD_QUERY = BAD_REQUEST "bad-query": "The query is not understood",
        "A parameter is unknown, twice there, missing, or not of its type and range; or the query is no form: a % has not two \
         hexadecimal digits after it, or what is escaped is not UTF-8. Correct it.";
    BAD_HEADER = BAD_REQUEST "bad-header": "A header is not understood",
        "An Idempotency-Key is 1 to 128 visible ASCII characters, and there is at most one.";
    BAD_BODY = BAD_REQUEST "bad-body": "The body did not come whole",
        "The connection broke, or the body is not what its headers say. Send it again.";
    UNAUTHENTICATED = UNAUTHORIZED "unauthenticated": "The API key is missing, unknown or revoked",
        "Send a key that is valid as Authorization: Bearer, and no other scheme.";
    FORBIDDEN = FORBIDDEN "forbidden": "The API key does not allow this",
        "The key has not the role that the request needs. Use another key, or have one made with this role.";
    NO_SUCH_ROUTE = NOT_FOUND "no-such-route": "There is nothing at this path",
        "Correct the path; /v1/docs lists them all.";
    UNKNOWN_DEVICE = NOT_FOUND "unknown-device": "There is no such device",
        "No device of this name was ever enrolled.";
    UNKNOWN_USER = NOT_FOUND "unknown-user": "The user has no device",
        "No device was ever enrolled for this user.";
    UNKNOWN_TRANSACTION = NOT_FOUND "unknown-transaction": "There is no such transaction",
        "The id is none of a transaction, or of one of another application, or of one that ended more than a week ago.";
    UNKNOWN_APPROVAL = NOT_FOUND "unknown-approval": "There is no such approval request",
        "The id is none of an approval request, or of one of another application or user, or of one that was kept long enough.";
    UNKNOWN_CALLBACK = NOT_FOUND "unknown-callback": "There is no such callback",
        "It was delivered, or there never was one of this id, or it was kept long enough.";
    UNKNOWN_KEY = NOT_FOUND "unknown-key": "There is no such key",
        "The id is none of an API key.";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED "method-not-allowed": "The path has no such method",
        "The header Allow names those that it has.";
    ALREADY_ENROLLED = CONFLICT "already-enrolled": "A device of this name exists already",
        "Names are never used again, also not after a device was revoked. Choose another, or none.";
    TOO_MANY_DEVICES = CONFLICT "too-many-devices": "The user has 16 devices already",
        "Revoke one that is no longer used.";
    NOT_POSSIBLE = CONFLICT "not-possible": "The device does not allow this now",
        "The detail says why: an active device cannot be resumed, a revoked one stays so.";
    ALREADY_ACCEPTED = CONFLICT "already-accepted": "The transaction was accepted already",
        "A transaction is accepted once. Look at it to see when and by which device.";
    APPROVAL_ENDED = CONFLICT "approval-ended": "The approval request has ended",
        "The first answer counts. The detail says what became of it.";
    NO_ACTIVE_DEVICE = CONFLICT "no-active-device": "The user has no active device",
        "Nobody could answer the request. Enrol or resume a device first.";
    TOO_MANY_APPROVALS = CONFLICT "too-many-approvals": "Too many approval requests wait for the user",
        "64 are the most, and 16 of one application; the detail says which it is. Wait until some are answered or expire, or \
         cancel them.";
    LAST_ADMINISTRATOR = CONFLICT "last-administrator": "It is the last key that administers",
        "Make another key with the role administer first: without one nobody could.";
    EXPIRED = GONE "expired": "The transaction is over",
        "Its lifetime ended before a right code came. Nothing was compared. Create another.";
    TOO_LARGE = PAYLOAD_TOO_LARGE "too-large": "The body is too large",
        "The setting limits.body_bytes says how large it may be.";
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type": "The body is not said to be JSON",
        "Send Content-Type: application/json.";
    INVALID = UNPROCESSABLE_ENTITY "invalid": "The request says what cannot be",
        "It is JSON, and a field is missing, unknown, of another type or out of its range; or fields do not go together. \
         The detail says which or where.";
    BAD_NAME = UNPROCESSABLE_ENTITY "bad-name": "A name is none",
        "Names of users and devices have 1 to 128 bytes, those of keys 1 to 64, and no character that cannot be seen.";
    BAD_SUITE = UNPROCESSABLE_ENTITY "bad-suite": "The suite cannot be used here",
        "It is no OCRA suite for transactions, or a Key URI cannot express it: one with a PIN, or with counter and time. \
         Such devices are enrolled by the command.";
    BAD_KEY_URI = UNPROCESSABLE_ENTITY "bad-key-uri": "The Key URI cannot be used",
        "The URI, or the issuer or account that one would be made of, is refused. The detail says why.";
    BAD_POLICY = UNPROCESSABLE_ENTITY "bad-policy": "The settings are no policy",
        "A setting is out of its range, or together they make guessing too easy. The detail says which.";
    BAD_TRANSACTION = UNPROCESSABLE_ENTITY "bad-transaction": "It is no transaction",
        "The transaction is refused by its place and reason, which the detail says; specification, sections 3 and 4.";
    BAD_APPROVAL = UNPROCESSABLE_ENTITY "bad-approval": "It is no approval request",
        "It could not be bound with a decision, or a logo is none; the detail says which. docs/approvals.md has the limits.";
    NO_SUCH_CODES = UNPROCESSABLE_ENTITY "no-such-codes": "The device has no codes for this",
        "A device with a PIN, or with counter and time, has no login codes; one with counter and time cannot be resynchronised.";
    IDEMPOTENCY_MISMATCH = UNPROCESSABLE_ENTITY "idempotency-mismatch": "The idempotency key was used for another request",
        "A key stands for one request, byte for byte. Use another key.";
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS "too-many-requests": "Too many requests; ask again in a second",
        "The key, or the address of one without a good key, asked more often than limits.per_key and limits.per_address allow.";
    TOO_MANY_DEVICE_STREAMS = TOO_MANY_REQUESTS "too-many-device-streams": "The device listens for events too often",
        "A device has 4 streams at once in each process. Close one, or ask for the list instead.";
    TOO_MANY_STREAMS = SERVICE_UNAVAILABLE "too-many-streams": "Too many devices listen for events",
        "The setting approvals.event_streams says how many can. Ask for the list instead, and try again later.";
    INTERNAL = INTERNAL_SERVER_ERROR "internal": "The service failed; nothing was decided",
        "It is the service's fault. Its log says why, under the id in the header X-Request-Id.";
    UNAVAILABLE = SERVICE_UNAVAILABLE "unavailable": "The store does not answer; nothing was decided",
        "Ask again. If the request held a code, be ready to hear that it was used: by the first request.";
    TOO_SLOW = SERVICE_UNAVAILABLE "too-slow": "The request took too long",
        "What it asked for may have taken place; a code that it held may be used.";
    UNKNOWN_SESSION = NOT_FOUND "unknown-session": "There is no such session",
        "It was never opened, or it was closed, or it ended a day after it was opened. Open it.";
    UNKNOWN_TOKEN = NOT_FOUND "unknown-token": "The session is not stepped up by this token",
        "The token is wrong, ended, revoked, used for its payment, or was given for something else. Issue a challenge.";
    SESSION_EXISTS = CONFLICT "session-exists": "The session is open, of another user or with another number",
        "Use another name for another login.";
    BAD_MOBILE = UNPROCESSABLE_ENTITY "bad-mobile": "The telephone number is none",
        "It is not as ITU-T E.164 has it: 5 to 15 digits, of which the first 1 to 3 are the country code.";
    TEXT_TOO_LONG = UNPROCESSABLE_ENTITY "text-too-long": "The text would be longer than a text is",
        "A text has at most 640 characters, with the message and all details: what is not shown is not agreed to.";
    TEXT_NOT_SENT = SERVICE_UNAVAILABLE "text-not-sent": "The gateway did not take the text",
        "The log says what it answered, or why it did not. After 15 seconds the challenge can be issued anew.";
    CHANNEL_NOT_REGISTERED = CONFLICT "channel-not-registered": "The session has no telephone number",
        "Open it with one.";
    CHANNEL_NOT_SUPPORTED = CONFLICT "channel-not-supported": "Nobody sends texts",
        "The operator chooses who does: the setting sms.gateway.";
    RETRY_IN_15SEC = CONFLICT "retry-in-15sec": "The last challenge is less than 15 seconds old",
        "Wait: the text may be on its way.";
    NO_CHALLENGE_LEFT = BAD_REQUEST "no-challenge-left": "Both challenges of the session were issued",
        "Close the session, have the user log in anew, and open another.";
    VERIFICATION_CODE_INVALID = CONFLICT "verification-code-invalid": "The code is wrong",
        "It is not that of the newest challenge, or that was for something else. Ask the user again.";
    ONE_CHALLENGE_LIMIT_REMAINING = CONFLICT "one-challenge-limit-remaining": "The code is wrong, and one attempt is left",
        "Tell the user so.";
    CHALLENGE_LIMIT_EXCEEDED = CONFLICT "challenge-limit-exceeded": "No attempt is left",
        "Close the session, have the user log in anew, and open another.";
    VERIFICATION_CODE_EXPIRED = CONFLICT "verification-code-expired": "The code's time is over",
        "Nothing was compared or counted. Issue a challenge.";
    STATE_INVALID = CONFLICT "state-invalid": "There is no challenge to answer",
        "None was issued, or it was answered, or no attempt is left: then even the right code is refused.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ALL;

    #[test]
    fn no_name_stands_for_two_problems() {
        let names: HashSet<_> = ALL.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|kind| !kind.explanation.is_empty()));
    }
}
