//! Reading a suite, part by part, in the one spelling that each part has.

use super::{
    ChallengeFormat, ChallengeKind, Parts, Response, SuiteError, SuiteErrorKind, TimeStep, Unit,
};
use crate::limits::{MAX_CHALLENGE_LEN, MAX_SESSION_LEN};
use crate::{Algorithm, CodeLength, UnknownAlgorithm};

pub(super) fn parse(text: &str) -> Result<Parts, SuiteError> {
    let mut parser = Parser {
        rest: text.as_bytes(),
        position: 0,
    };
    parser.expect(b"OCRA-1:", SuiteErrorKind::Version)?;
    parser.expect(b"HOTP-", SuiteErrorKind::Function)?;
    let algorithm = parser.algorithm()?;
    parser.expect(b"-", SuiteErrorKind::Length)?;
    let response = parser.response()?;
    parser.expect(b":", SuiteErrorKind::Length)?;
    let counter = parser.eat(b"C-");
    let challenge = parser.challenge()?;
    let pin = if parser.eat(b"-P") {
        Some(parser.algorithm()?)
    } else {
        None
    };
    let session = if parser.eat(b"-S") {
        Some(parser.session()?)
    } else {
        None
    };
    let time = if parser.eat(b"-T") {
        Some(parser.time()?)
    } else {
        None
    };
    if parser.rest.is_empty() {
        Ok(Parts {
            algorithm,
            response,
            counter,
            challenge,
            pin,
            session,
            time,
        })
    } else {
        Err(parser.error(SuiteErrorKind::Trailing))
    }
}

struct Parser<'a> {
    rest: &'a [u8],
    position: usize,
}

impl Parser<'_> {
    fn error(&self, kind: SuiteErrorKind) -> SuiteError {
        SuiteError {
            kind,
            position: self.position,
        }
    }

    fn eat(&mut self, prefix: &[u8]) -> bool {
        let Some(rest) = self.rest.strip_prefix(prefix) else {
            return false;
        };
        self.rest = rest;
        self.position = self.position.saturating_add(prefix.len());
        true
    }

    fn expect(&mut self, prefix: &[u8], kind: SuiteErrorKind) -> Result<(), SuiteError> {
        if self.eat(prefix) {
            Ok(())
        } else {
            Err(self.error(kind))
        }
    }

    fn algorithm(&mut self) -> Result<Algorithm, SuiteError> {
        for name in ["SHA1", "SHA256", "SHA512"] {
            let start = self.position;
            if self.eat(name.as_bytes()) {
                return Algorithm::from_name(name).map_err(|why| SuiteError {
                    kind: match why {
                        UnknownAlgorithm::NotBuilt => SuiteErrorKind::AlgorithmNotBuilt,
                        UnknownAlgorithm::NoSuchName => SuiteErrorKind::Algorithm,
                    },
                    position: start,
                });
            }
        }
        Err(self.error(SuiteErrorKind::Algorithm))
    }

    fn response(&mut self) -> Result<Response, SuiteError> {
        let error = self.error(SuiteErrorKind::Length);
        if self.eat(b"0") {
            return Ok(Response::Mac);
        }
        let length = self
            .number()
            .and_then(|n| CodeLength::new(u8::try_from(n).ok()?));
        length.map(Response::Code).ok_or(error)
    }

    fn challenge(&mut self) -> Result<ChallengeFormat, SuiteError> {
        let error = self.error(SuiteErrorKind::Challenge);
        let kind = if self.eat(b"QA") {
            ChallengeKind::Alphanumeric
        } else if self.eat(b"QN") {
            ChallengeKind::Numeric
        } else if self.eat(b"QH") {
            ChallengeKind::Hexadecimal
        } else {
            return Err(error);
        };
        let max_len = self
            .fixed(2)
            .and_then(|n| u8::try_from(n).ok())
            .ok_or(error)?;
        if !(4..=MAX_CHALLENGE_LEN).contains(&max_len) {
            return Err(error);
        }
        Ok(ChallengeFormat { kind, max_len })
    }

    fn session(&mut self) -> Result<u16, SuiteError> {
        let error = self.error(SuiteErrorKind::Session);
        let len = self.fixed(3).ok_or(error)?;
        if (1..=MAX_SESSION_LEN).contains(&len) {
            Ok(len)
        } else {
            Err(error)
        }
    }

    fn time(&mut self) -> Result<TimeStep, SuiteError> {
        let error = self.error(SuiteErrorKind::Time);
        let count = self
            .number()
            .and_then(|n| u8::try_from(n).ok())
            .ok_or(error)?;
        let unit = if self.eat(b"S") {
            Unit::Seconds
        } else if self.eat(b"M") {
            Unit::Minutes
        } else if self.eat(b"H") {
            Unit::Hours
        } else {
            return Err(error);
        };
        TimeStep::new(count, unit).ok_or(error)
    }

    /// A number of one or two digits without a leading zero.
    fn number(&mut self) -> Option<u16> {
        if self.rest.first() == Some(&b'0') {
            return None;
        }
        let digits = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits > 2 { None } else { self.fixed(digits) }
    }

    /// A number of exactly so many digits.
    fn fixed(&mut self, digits: usize) -> Option<u16> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.rest = rest;
        self.position = self.position.saturating_add(digits);
        core::str::from_utf8(number).ok()?.parse().ok()
    }
}
