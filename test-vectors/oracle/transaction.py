"""The transaction, its canonical form, its digest and its code."""

import hashlib

import cbor
import hotp
import ocra
import text

MAX_TEXT_BYTES = 2953
MAX_PAIRS = 32
VERSION = 1


class Invalid(ValueError):
    """The transaction breaks a rule of the model."""


class Transaction:
    """`message`, and two ordered maps given as lists of pairs; repeated equal pairs are collapsed."""

    def __init__(self, message, details=(), hidden_details=()):
        self.message = message
        self.details = _section(details)
        self.hidden_details = _section(hidden_details)
        for piece in self._texts():
            _check_text(piece)
        if len(self.details) + len(self.hidden_details) > MAX_PAIRS:
            raise Invalid("too many pairs")

    def _texts(self):
        yield self.message
        for section in (self.details, self.hidden_details):
            for key, value in section.items():
                if "[" in key or "]" in key:
                    raise Invalid("bracket in a key")
                yield key
                yield value

    def canonical(self):
        """RFC 8949 section 4.2.1 of the one map that the digest covers."""
        return cbor.encode({
            "v": VERSION,
            "message": self.message,
            "details": self.details,
            "hidden_details": self.hidden_details,
        })

    def digest(self):
        """SHA-256 (FIPS 180-4) of the canonical form."""
        return hashlib.sha256(self.canonical()).digest()

    def as_json(self):
        return {
            "message": self.message,
            "details": [list(pair) for pair in self.details.items()],
            "hidden_details": [list(pair) for pair in self.hidden_details.items()],
        }


def _section(pairs):
    section = {}
    for key, value in pairs:
        if section.setdefault(key, value) != value:
            raise Invalid("one key with two values")
    return section


def _check_text(piece):
    if not 1 <= len(piece.encode("utf-8")) <= MAX_TEXT_BYTES:
        raise Invalid("text length")
    if any(text.is_forbidden(character) for character in piece):
        raise Invalid("forbidden text")


def sign(suite_text, key, digest, unix_time=None, counter=None, pin=None):
    """The transaction code: RFC 6287 section 7.3.1 with Q = the digest in hex.

    Inputs that the suite does not name are refused, as `ocra.data_input` does.
    """
    suite = ocra.Suite(suite_text)
    if not suite.is_transaction_suite():
        raise ocra.Refused("not a transaction suite")
    step = None
    if unix_time is not None:
        if suite.period is None:
            raise ocra.Refused("time is not part of the suite")
        step = hotp.step_at(unix_time, suite.period)
    return ocra.response(suite, key, [digest.hex()], counter=counter, pin=pin, step=step)
