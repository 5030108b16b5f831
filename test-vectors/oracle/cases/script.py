"""One device, its model, and the record of what was asked and answered."""

import hashlib

import ocra
import verifier
from rfc import KEYS
from transaction import Transaction

T30S = "OCRA-1:HOTP-SHA256-8:QH64-T30S"
COUNTER = "OCRA-1:HOTP-SHA256-8:C-QH64"
BOTH = "OCRA-1:HOTP-SHA256-8:C-QH64-T30S"
START = 1699999920  # where steps of 1, 10, 30, 60 and 120 seconds all begin


def digest_of(label):
    return hashlib.sha256(label.encode("utf-8")).digest()


A, B = digest_of("A"), digest_of("B")


def wrong(code):
    """Another code of the same length; that it matches nothing is asserted by the event that uses it."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


class Script:
    """Steps are counted from the step of `start`, so that scripts read as small numbers."""

    def __init__(self, name, suite, start=START, pin=None, counter=0, **policy):
        self.suite = ocra.Suite(suite)
        key = KEYS[self.suite.hash]
        self.model = verifier.Verifier(suite, key, pin, policy, counter)
        self.period = self.suite.period or 30
        self.first = start // self.period
        self.case = {"name": name, "suite": suite, "key_hex": key.hex()}
        if pin is not None:
            self.case["pin"] = pin
        if counter:
            self.case["counter"] = counter
        self.case.update(policy=policy, events=[])

    def done(self):
        return self.case

    def time(self, step, seconds=0):
        return (self.first + step) * self.period + seconds

    def code(self, digest, step=None, counter=None):
        """What the device shows; a step of 2^63 or more is meant as it stands."""
        if step is not None and step < 1 << 63:
            step += self.first
        return self.model.code(digest, step, counter)

    def codes(self, digest, first):
        return [self.code(digest, first), self.code(digest, first + 1)]

    def counted(self, digest, first):
        return [self.code(digest, counter=first), self.code(digest, counter=first + 1)] if not self.suite.period else [
            self.code(digest, 0, first), self.code(digest, 0, first + 1)]

    def attempt(self, step, challenge, code, wanted=None, seconds=0):
        """`challenge`: None for a login, a digest, or a Transaction."""
        at = self.time(step, seconds)
        event = {"op": "login" if challenge is None else "attempt", "at": at}
        return self._record(event, challenge, code, wanted, self.model.attempt)

    def resync(self, step, challenge, codes, wanted=None, seconds=0):
        return self._record({"op": "resync", "at": self.time(step, seconds)}, challenge, codes, wanted, self.model.resync)

    def unlock(self, step, seconds=0):
        self.case["events"].append({"op": "unlock", "at": self.time(step, seconds)})
        self.model.unlock()

    def _record(self, event, challenge, code, wanted, judge):
        digest = challenge
        if isinstance(challenge, Transaction):
            digest = challenge.digest()
            event["transaction"] = challenge.as_json()
        elif challenge is not None:
            event["digest_hex"] = challenge.hex()
        event["codes" if isinstance(code, list) else "code"] = code
        try:
            event["expect"] = judge(event["at"], digest, code)
        except verifier.Undecided as undecided:
            event["expect"] = {"verdict": "error", "reason": undecided.reason}
        got = event["expect"].get("reason", "accepted")
        assert wanted in (None, got), (self.case["name"], len(self.case["events"]), wanted, event["expect"])
        self.case["events"].append(event)
        return got
