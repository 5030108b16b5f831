"""OCRA, RFC 6287: suites, challenges, the data input and the response.

A suite has one spelling only, since the HMAC covers it byte for byte: two digits in Q, three in S, no
leading zero in T (erratum 3729: hours run from 1 to 48), upper case.
"""

import hashlib
import re

import hotp

SUITE = re.compile(
    r"OCRA-1:HOTP-(?P<hash>SHA1|SHA256|SHA512)-(?P<digits>0|[4-9]|10):"
    r"(?P<counter>C-)?"
    r"Q(?P<format>[ANH])(?P<length>0[4-9]|[1-5][0-9]|6[0-4])"
    r"(?:-P(?P<pin>SHA1|SHA256|SHA512))?"
    r"(?:-S(?P<session>00[1-9]|0[1-9][0-9]|[1-4][0-9][0-9]|50[0-9]|51[0-2]))?"
    r"(?:-T(?:(?P<minor>[1-9]|[1-5][0-9])(?P<minor_unit>[SM])|(?P<hours>[1-9]|[1-3][0-9]|4[0-8])H))?"
)
CHALLENGE_BYTES = 128
UNIT_SECONDS = {"S": 1, "M": 60}
LONGEST_TRANSACTION_PERIOD = 120


class Refused(ValueError):
    """The input is outside of what RFC 6287, or this project's reading of it, defines."""


class Suite:
    """A parsed OCRASuite, RFC 6287 sections 6.1 to 6.3. `digits` is 0 for the untruncated MAC."""

    def __init__(self, text):
        match = SUITE.fullmatch(text)
        if match is None:
            raise Refused("not a suite in its one spelling")
        self.text = text
        self.hash = match["hash"]
        self.digits = int(match["digits"])
        self.counter = match["counter"] is not None
        self.format = match["format"]
        self.length = int(match["length"])
        self.pin = match["pin"]
        self.session = int(match["session"]) if match["session"] else None
        self.period = None
        if match["hours"]:
            self.period = int(match["hours"]) * 3600
        elif match["minor"]:
            self.period = int(match["minor"]) * UNIT_SECONDS[match["minor_unit"]]

    def is_transaction_suite(self):
        """Whether it may sign a transaction: see README, "Transaction suites"."""
        return (
            self.digits in (6, 7, 8)
            and (self.format, self.length) == ("H", 64)
            and self.session is None
            and (self.counter or self.period is not None)
            and (self.period is None or self.period <= LONGEST_TRANSACTION_PERIOD)
        )


def challenge_nibbles(suite, challenge):
    """A challenge as hex digits, RFC 6287 section 5.1 and Appendix B."""
    if suite.format == "N":
        if not re.fullmatch("[0-9]+", challenge):
            raise Refused("not decimal digits")
        return "%X" % int(challenge)
    if suite.format == "H":
        if not re.fullmatch("[0-9A-Fa-f]+", challenge):
            raise Refused("not hex digits")
        return challenge
    if not re.fullmatch("[ -~]+", challenge):
        raise Refused("not printable ASCII")
    return challenge.encode("ascii").hex()


def challenge_block(suite, parts):
    """The 128 bytes of Q. Missing nibbles are zero and stand on the *right*, also behind an odd one.

    Two parts are the mutual modes of RFC 6287 sections 7.2 and 7.3.2 (QC then QS, or QS then QC). How
    to join them is left open for numbers, and for hex digits that leave half a byte, so those are
    refused.
    """
    for part in parts:
        if not 1 <= len(part) <= suite.length:
            raise Refused("challenge length")
    if len(parts) == 2 and suite.format == "N":
        raise Refused("two numeric challenges have no defined concatenation")
    if len(parts) == 2 and suite.format == "H" and len(parts[0]) % 2:
        raise Refused("half a byte before the second challenge")
    nibbles = "".join(challenge_nibbles(suite, part) for part in parts)
    return bytes.fromhex(nibbles.ljust(2 * CHALLENGE_BYTES, "0"))


def pin_hash(suite, pin):
    """RFC 6287 section 5.1: P is the hash of the PIN (erratum 3900), here of its UTF-8 bytes."""
    return getattr(hashlib, suite.pin.lower())(pin.encode("utf-8")).digest()


def session_block(suite, session):
    """S, padded with zero bytes on the *left* to the suite's length, as Appendix A's code does."""
    if not 1 <= len(session) <= suite.session:
        raise Refused("session length")
    return session.rjust(suite.session, b"\0")


def data_input(suite, parts, counter=None, pin=None, session=None, step=None):
    """DataInput = OCRASuite | 00 | C | Q | P | S | T, RFC 6287 section 5.1."""
    for wanted, given, name in (
        (suite.counter, counter, "counter"),
        (suite.pin is not None, pin, "PIN"),
        (suite.session is not None, session, "session"),
        (suite.period is not None, step, "time step"),
    ):
        if wanted != (given is not None):
            raise Refused(name + (" is missing" if wanted else " is not part of the suite"))
    data = suite.text.encode("ascii") + b"\0"
    if suite.counter:
        data += counter.to_bytes(8, "big")
    data += challenge_block(suite, parts)
    if suite.pin:
        data += pin_hash(suite, pin)
    if suite.session:
        data += session_block(suite, session)
    if suite.period:
        data += step.to_bytes(8, "big")
    return data


def response_mac(suite, key, parts, **inputs):
    """The whole HMAC: all that a suite with `-0:` gives."""
    return hotp.mac(suite.hash, key, data_input(suite, parts, **inputs))


def response(suite, key, parts, **inputs):
    """OCRA = CryptoFunction(K, DataInput), RFC 6287 section 5: the decimal code."""
    if suite.digits == 0:
        raise Refused("a suite without truncation has no code")
    return hotp.decimal(hotp.truncate(response_mac(suite, key, parts, **inputs)), suite.digits)
