"""The verifier as a model: what an attempt means, and what must be remembered of it.

RFC 6238 sections 5.2 and 6 (window, one-time acceptance, drift), RFC 4226 sections 7.2 to 7.4 (counter,
throttling, resynchronisation), Delegated Regulation (EU) 2018/389 articles 4(3) and 4(4) (five failures,
lock, warning). Written for the eye: it makes no attempt at constant time and keeps its state in memory.
"""

import hmac
import hashlib

import hotp
import ocra

DEFAULTS = {
    "past": 1,
    "future": 1,
    "look_ahead": 4,
    "max_failures": 5,
    "temporary_locks": 2,
    "first_delay": 60,
    "delay_growth": 5,
    "drift_leash": 10,
    "resync_range": 120,
}
RANGES = {
    "past": (0, 31),
    "future": (0, 31),
    "look_ahead": (0, 63),
    "max_failures": (1, 5),
    "temporary_locks": (0, 10),
    "first_delay": (1, 86400),
    "delay_growth": (1, 60),
    "drift_leash": (0, 10),
    "resync_range": (1, 2880),
}
MAX_CANDIDATES = 64
MAX_DELAY = 30 * 86400
TRUNCATED = 1 << 31
BOUND_LIMIT = 214748  # floor(1e-4 * 2^31)
REPLAY_MEMORY = 16
LAST = (1 << 64) - 1
TAG_LABEL = b"txotp-1:replay\0"


def candidates(suite, policy):
    """How many codes one attempt is compared with."""
    count = policy["look_ahead"] + 1 if suite.counter else 1
    return count * (policy["past"] + policy["future"] + 1 if suite.period else 1)


def bound_numerator(suite, policy):
    """The chance to guess a code before the permanent lock, as a numerator over 2^31."""
    likeliest = -(-TRUNCATED // 10 ** suite.digits)
    attempts = policy["max_failures"] * (policy["temporary_locks"] + 1)
    return attempts * candidates(suite, policy) * likeliest


def is_allowed(suite, policy):
    return (
        all(low <= policy[name] <= high for name, (low, high) in RANGES.items())
        and candidates(suite, policy) <= MAX_CANDIDATES
        and bound_numerator(suite, policy) <= BOUND_LIMIT
    )


class Undecided(Exception):
    """Nothing was decided and nothing changed: the caller must refuse."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Verifier:
    """One enrolled device. `digest` is None where a login code (RFC 6238, RFC 4226) is meant."""

    def __init__(self, suite, key, pin=None, policy=None, counter=0):
        self.suite = ocra.Suite(suite)
        self.key = key
        self.pin = pin
        self.policy = dict(DEFAULTS, **(policy or {}))
        self.failures = 0
        self.locks = 0
        self.locked_until = None
        self.anchor = 0
        self.drift = 0
        self.counter = counter
        self.accepted_at = 0
        self.next_step = 0
        self.floor = 0
        self.memory = []

    # What the device shows, and what marks a challenge in the replay memory.

    def code(self, digest, step=None, counter=None):
        suite = self.suite
        if digest is None:
            moving = counter if suite.counter else step
            return hotp.hotp(self.key, moving, suite.digits, suite.hash)
        return ocra.response(suite, self.key, [digest.hex()], counter=counter, pin=self.pin, step=step)

    def tag(self, digest):
        return hmac.new(self.key, TAG_LABEL + (digest or b""), getattr(hashlib, self.suite.hash.lower())).digest()[:16]

    # Decisions.

    def attempt(self, now, digest, code):
        self._admit(now, digest, [code])
        if self._is_locked(now):
            return self._locked()
        centre = window = [None]
        if self.suite.period:
            centre = max(0, self._step(now) + self.anchor + self.drift)
            window = range(max(0, centre - self.policy["past"]), min(LAST, centre + self.policy["future"]) + 1)
        counters = [None]
        if self.suite.counter:
            if self.counter == LAST:
                raise Undecided("counter-exhausted")
            counters = range(self.counter, min(LAST - 1, self.counter + self.policy["look_ahead"]) + 1)
        matches = [(c, s) for c in counters for s in window if self.code(digest, s, c) == code]
        if not matches:
            return self._failure(now)
        if self.suite.counter:
            lowest = matches[0][0]
            step = self._closest(centre, [s for c, s in matches if c == lowest])
            self.counter = lowest + 1
        else:
            lowest = None
            tag = self.tag(digest)
            if any(s < self.floor or (s, tag) in self.memory for _, s in matches):
                return {"verdict": "refused", "reason": "replay"}
            step = self._closest(centre, [s for _, s in matches])
            if not self._remember(window[0], step, tag):
                return {"verdict": "refused", "reason": "memory-full"}
        return self._success(now, centre, step, lowest)

    def resync(self, now, digest, codes):
        """Two consecutive codes for one challenge, searched far outside of the window."""
        self._admit(now, digest, codes)
        if self.suite.counter and self.suite.period:
            raise Undecided("no-resync")
        if self._is_locked(now):
            return self._locked()
        reach = self.policy["resync_range"]
        if self.suite.counter:
            if self.counter == LAST:
                raise Undecided("counter-exhausted")
            for c in range(self.counter, min(LAST - 2, self.counter + reach) + 1):
                if [self.code(digest, None, c), self.code(digest, None, c + 1)] == codes:
                    self.counter = c + 2
                    return self._resynced(now, {"counter": c + 1})
            return self._failure(now)
        here = self._step(now)
        found = [
            s for s in range(max(self.next_step, here - reach), here + reach + 1)
            if [self.code(digest, s), self.code(digest, s + 1)] == codes
        ]
        if not found:
            return self._failure(now)
        first = min(found, key=lambda s: (abs(s + 1 - here), s))
        kept, floor = list(self.memory), self.floor
        start = max(0, first + 1 - self.policy["past"])
        if not all(self._remember(start, s, self.tag(digest)) for s in (first, first + 1)):
            self.memory, self.floor = kept, floor
            return {"verdict": "refused", "reason": "memory-full"}
        self.anchor, self.drift, self.next_step = first + 1 - here, 0, first + 2
        return self._resynced(now, {"step": first + 1, "drift": self.anchor})

    def unlock(self):
        """By an administrator: what is consumed stays consumed."""
        self.failures = self.locks = 0
        self.locked_until = None

    # The parts, in the order in which they rank.

    def _admit(self, now, digest, codes):
        if not is_allowed(self.suite, self.policy):
            raise Undecided("policy")
        if any(len(code) != self.suite.digits for code in codes):
            raise Undecided("wrong-digits")
        if digest is None and (self.suite.pin or self.suite.counter and self.suite.period):
            raise Undecided("no-login")
        if self.suite.period and now + self.suite.period < self.accepted_at:
            raise Undecided("clock-went-back")

    def _is_locked(self, now):
        if self.locked_until == "permanent":
            return True
        return self.locked_until is not None and now < self.locked_until

    def _locked(self):
        return {"verdict": "refused", "reason": "locked", "locked_until": self.locked_until}

    def _failure(self, now):
        self.failures += 1
        left = self.policy["max_failures"] - self.failures
        verdict = {"verdict": "refused", "reason": "wrong-code", "attempts_left": left}
        lasting = self.locks + 1 > self.policy["temporary_locks"]
        if left:
            verdict["next_lock"] = "permanent" if lasting else "temporary"
            return verdict
        self.failures = 0
        self.locks += 1
        delay = self.policy["first_delay"] * self.policy["delay_growth"] ** (self.locks - 1)
        self.locked_until = "permanent" if lasting else now + min(delay, MAX_DELAY)
        verdict["locked_until"] = self.locked_until
        return verdict

    def _closest(self, centre, steps):
        return None if steps == [None] else min(steps, key=lambda s: (abs(s - centre), s))

    def _remember(self, window_start, step, tag):
        if len(self.memory) == REPLAY_MEMORY:
            lowest = min(s for s, _ in self.memory)
            if lowest >= window_start:
                return False
            self.memory = [entry for entry in self.memory if entry[0] != lowest]
            self.floor = lowest + 1
        self.memory.append((step, tag))
        return True

    def _success(self, now, centre, step, counter):
        verdict = {"verdict": "accepted"}
        if step is not None:
            leash = self.policy["drift_leash"]
            move = max(-1, min(1, step - centre))
            self.drift = max(-leash, min(leash, self.drift + move))
            self.next_step = max(self.next_step, step + 1)
            verdict.update(step=step, drift=step - self._step(now))
        if counter is not None:
            verdict["counter"] = counter
        self.unlock()
        self.accepted_at = max(self.accepted_at, now)
        return verdict

    def _resynced(self, now, where):
        self.unlock()
        self.accepted_at = max(self.accepted_at, now)
        return dict({"verdict": "accepted"}, **where)

    def _step(self, now):
        return hotp.step_at(now, self.suite.period)
