//! Reading a Key URI: tolerant where deployed issuers differ, strict where two readers could
//! understand different things.

use txotp_core::{Algorithm, Counter, Digits, Period, TextProfile, UnknownAlgorithm};

use super::{Factor, KeyUri, KeyUriError, KeyUriErrorKind};
use crate::form::{self, DecodeError, Plus, Room};
use crate::{Limit, base32};

const SCHEME: &[u8] = b"otpauth://";

impl<'b> KeyUri<'b> {
    /// Reads a Key URI. Issuer and account lie, decoded, in the buffer afterwards; what was written
    /// there of the secret has been wiped. A buffer of the input's length is always large enough.
    ///
    /// Unknown parameters are ignored, and so are `counter` with `totp` and `period` with `hotp`. What
    /// is not said is SHA1, 6 digits, 30 seconds. An empty `issuer` is none.
    ///
    /// # Errors
    /// [`KeyUriError`]: what is wrong, and where. Of several errors any one may be reported.
    pub fn read(input: &[u8], limit: Limit, buffer: &'b mut [u8]) -> Result<Self, KeyUriError> {
        let parts = Parts::split(input, limit)?;
        let mut room = Room::new(buffer);
        let (prefix, account) = label(parts.label, &mut room)?;
        let given = Given::collect(parts.query, &mut room)?;
        let issuer = issuer(prefix, given.issuer, &mut room)?;
        // As if the label had named it: blanks after its colon are no part of the account.
        let account = match issuer {
            Some(_) => account.trim_start_matches(' '),
            None => account,
        };
        if account.is_empty() {
            return Err(KeyUriErrorKind::MissingAccount.at(parts.label.start));
        }

        let secret = given
            .secret
            .ok_or(KeyUriErrorKind::MissingSecret.at(input.len()))?;
        let seed = secret.value(&mut room, |text| {
            base32::decode(text).map_err(KeyUriErrorKind::from)
        })?;
        let algorithm = match given.algorithm {
            Some(part) => part.value(&mut room, algorithm)?,
            None => algorithm("SHA1").map_err(|kind| kind.at(input.len()))?,
        };
        let digits = match given.digits {
            Some(part) => part.value(&mut room, digits)?,
            None => Digits::Six,
        };
        let factor = match (parts.kind, given.period, given.counter) {
            (Kind::Time, None, _) => Factor::Time(Period::DEFAULT),
            (Kind::Time, Some(part), _) => Factor::Time(part.value(&mut room, period)?),
            (Kind::Counter, _, Some(part)) => Factor::Counter(part.value(&mut room, counter)?),
            (Kind::Counter, _, None) => {
                return Err(KeyUriErrorKind::MissingCounter.at(input.len()));
            }
        };
        Ok(Self {
            issuer,
            account,
            seed,
            algorithm,
            digits,
            factor,
        })
    }
}

/// An encoded part of the input, and where it stands.
#[derive(Clone, Copy)]
struct Part<'i> {
    raw: &'i [u8],
    start: usize,
}

impl<'i> Part<'i> {
    /// What precedes the first such byte, and what follows it.
    fn cut(self, separator: u8) -> (Self, Option<Self>) {
        let mut pieces = self.raw.splitn(2, |byte| *byte == separator);
        let before = pieces.next().unwrap_or_default();
        let start = self.start.saturating_add(before.len()).saturating_add(1);
        (
            Self {
                raw: before,
                start: self.start,
            },
            pieces.next().map(|raw| Self { raw, start }),
        )
    }

    /// The text, which stays in the buffer.
    fn text<'b>(self, room: &mut Room<'b>, plus: Plus) -> Result<&'b str, KeyUriError> {
        room.decode(self.raw, plus)
            .map_err(|error| self.undecodable(error))
    }

    /// What a parameter's text means. The text is wiped.
    fn value<T>(
        self,
        room: &mut Room<'_>,
        read: impl FnOnce(&str) -> Result<T, KeyUriErrorKind>,
    ) -> Result<T, KeyUriError> {
        room.glance(self.raw, Plus::Blank, read)
            .map_err(|error| self.undecodable(error))?
            .map_err(|kind| kind.at(self.start))
    }

    fn undecodable(self, error: DecodeError) -> KeyUriError {
        match error {
            DecodeError::TooSmall => KeyUriErrorKind::BufferTooSmall.at(self.start),
            DecodeError::BadUtf8(at) => KeyUriErrorKind::BadUtf8.at(self.start.saturating_add(at)),
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Time,
    Counter,
}

/// The parts of a URI that has no fragment and no bad escape.
struct Parts<'i> {
    kind: Kind,
    label: Part<'i>,
    query: Option<Part<'i>>,
}

impl<'i> Parts<'i> {
    fn split(input: &'i [u8], limit: Limit) -> Result<Self, KeyUriError> {
        if input.len() > limit.get() {
            return Err(KeyUriErrorKind::TooLong.at(limit.get()));
        }
        let raw = match input.split_at_checked(SCHEME.len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest,
            _ => return Err(KeyUriErrorKind::WrongScheme.at(0)),
        };
        if let Some((fault, at)) = form::first_fault(input) {
            return Err(KeyUriErrorKind::from(fault).at(at));
        }
        let start = SCHEME.len();
        let (path, query) = Part { raw, start }.cut(b'?');
        let (kind, label) = path.cut(b'/');
        let nowhere = Part {
            raw: &[],
            start: path.start.saturating_add(path.raw.len()),
        };
        let kind = if kind.raw.eq_ignore_ascii_case(b"totp") {
            Kind::Time
        } else if kind.raw.eq_ignore_ascii_case(b"hotp") {
            Kind::Counter
        } else {
            return Err(KeyUriErrorKind::WrongType.at(start));
        };
        Ok(Self {
            kind,
            label: label.unwrap_or(nowhere),
            query,
        })
    }
}

/// The known parameters that are there, still encoded.
#[derive(Default)]
struct Given<'i> {
    secret: Option<Part<'i>>,
    issuer: Option<Part<'i>>,
    algorithm: Option<Part<'i>>,
    digits: Option<Part<'i>>,
    period: Option<Part<'i>>,
    counter: Option<Part<'i>>,
}

impl<'i> Given<'i> {
    fn collect(query: Option<Part<'i>>, room: &mut Room<'_>) -> Result<Self, KeyUriError> {
        let mut given = Self::default();
        let mut rest = query;
        while let Some(parameters) = rest {
            let (parameter, others) = parameters.cut(b'&');
            let (name, value) = parameter.cut(b'=');
            let value = value.unwrap_or(Part {
                raw: &[],
                start: parameter.start.saturating_add(parameter.raw.len()),
            });
            // Also what is ignored is text.
            value.value(room, |_| Ok(()))?;
            name.value(room, |name| match given.place(name) {
                Some(place) if place.is_some() => Err(KeyUriErrorKind::RepeatedParameter),
                Some(place) => {
                    *place = Some(value);
                    Ok(())
                }
                None => Ok(()),
            })?;
            rest = others;
        }
        Ok(given)
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<Part<'i>>> {
        match name {
            "secret" => Some(&mut self.secret),
            "issuer" => Some(&mut self.issuer),
            "algorithm" => Some(&mut self.algorithm),
            "digits" => Some(&mut self.digits),
            "period" => Some(&mut self.period),
            "counter" => Some(&mut self.counter),
            _ => None,
        }
    }
}

/// Issuer, where the label names one, and account: `[issuer ":" *" "] account`.
fn label<'b>(
    part: Part<'_>,
    room: &mut Room<'b>,
) -> Result<(Option<&'b str>, &'b str), KeyUriError> {
    let label = display_text(part, room, Plus::Literal)?;
    let (prefix, account) = match label.split_once(':') {
        Some((prefix, account)) => (Some(prefix), account.trim_start_matches(' ')),
        None => (None, label),
    };
    if prefix == Some("") || account.contains(':') {
        return Err(KeyUriErrorKind::BadLabel.at(part.start));
    }
    if account.is_empty() {
        return Err(KeyUriErrorKind::MissingAccount.at(part.start));
    }
    Ok((prefix, account))
}

/// The issuer, which the label and the parameter must agree on where both name one.
fn issuer<'b>(
    prefix: Option<&'b str>,
    given: Option<Part<'_>>,
    room: &mut Room<'b>,
) -> Result<Option<&'b str>, KeyUriError> {
    let Some(part) = given else {
        return Ok(prefix);
    };
    let issuer = display_text(part, room, Plus::Blank)?;
    if issuer.contains(':') {
        return Err(KeyUriErrorKind::BadLabel.at(part.start));
    }
    if prefix.is_some_and(|prefix| prefix != issuer) {
        return Err(KeyUriErrorKind::IssuerMismatch.at(part.start));
    }
    Ok(Some(issuer).filter(|issuer| !issuer.is_empty()))
}

fn display_text<'b>(
    part: Part<'_>,
    room: &mut Room<'b>,
    plus: Plus,
) -> Result<&'b str, KeyUriError> {
    let text = part.text(room, plus)?;
    match TextProfile::Standard.first_forbidden(text) {
        Some(at) => {
            let offset = part.start.saturating_add(form::raw_offset(part.raw, at));
            Err(KeyUriErrorKind::ForbiddenText.at(offset))
        }
        None => Ok(text),
    }
}

fn algorithm(text: &str) -> Result<Algorithm, KeyUriErrorKind> {
    let name = ["SHA1", "SHA256", "SHA512"]
        .into_iter()
        .find(|name| name.eq_ignore_ascii_case(text))
        .ok_or(KeyUriErrorKind::BadAlgorithm)?;
    Algorithm::from_name(name).map_err(|error| match error {
        UnknownAlgorithm::NotBuilt => KeyUriErrorKind::AlgorithmNotBuilt,
        _ => KeyUriErrorKind::BadAlgorithm,
    })
}

fn digits(text: &str) -> Result<Digits, KeyUriErrorKind> {
    number(text)
        .and_then(|count| u8::try_from(count).ok())
        .and_then(Digits::new)
        .ok_or(KeyUriErrorKind::BadDigits)
}

fn period(text: &str) -> Result<Period, KeyUriErrorKind> {
    number(text)
        .and_then(|seconds| u32::try_from(seconds).ok())
        .and_then(Period::new)
        .ok_or(KeyUriErrorKind::BadPeriod)
}

fn counter(text: &str) -> Result<Counter, KeyUriErrorKind> {
    number(text)
        .map(Counter::new)
        .ok_or(KeyUriErrorKind::BadCounter)
}

/// A decimal number without a sign or a leading zero.
fn number(text: &str) -> Option<u64> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
}
