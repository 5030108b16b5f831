"""Scripts drawn at random: a device with a wandering clock, its owner, an attacker and a replaying network."""

from cases.script import Script, digest_of, wrong
from sampler import Sampler

EVENTS = 30
# (inputs behind "OCRA-1:HOTP-", PIN, policy)
SETTINGS = (
    ("SHA256-8:QH64-T30S", None, {}),
    ("SHA1-6:QH64-T30S", None, {"past": 2, "future": 0}),
    ("SHA1-7:QH64-T10S", None, {"past": 3, "future": 3, "drift_leash": 2, "max_failures": 3}),
    ("SHA512-8:QH64-T1M", None, {"past": 0, "future": 0, "first_delay": 30, "delay_growth": 2, "resync_range": 20}),
    ("SHA256-8:QH64-PSHA256-T30S", "1234", {"max_failures": 4}),
    ("SHA256-8:C-QH64", None, {}),
    ("SHA1-7:C-QH64", None, {"look_ahead": 1, "resync_range": 6}),
    ("SHA256-8:C-QH64-T30S", None, {"look_ahead": 2}),
)


def scripts():
    for number, (tail, pin, policy) in enumerate(SETTINGS):
        script = Script("random-%d-%s" % (number + 1, tail), "OCRA-1:HOTP-" + tail, pin=pin, **policy)
        _Play(script, Sampler("verifier-%d" % (number + 1))).run()
        yield script


class _Play:
    def __init__(self, script, sampler):
        self.script = script
        self.sampler = sampler
        self.step = 0
        self.seconds = 0
        self.skew = 0
        self.counter = 0
        self.seen = []

    def run(self):
        for _ in range(EVENTS):
            self._pass_time()
            roll = self.sampler.below(100)
            if roll < 55:
                self._show()
            elif roll < 70:
                self._guess()
            elif roll < 85 and self.seen:
                challenge, code = self.sampler.choice(self.seen)
                self._attempt(challenge, code)
            elif roll < 97 and self._may_resync():
                self._resync()
            else:
                self.script.unlock(self.step, self.seconds)

    def _may_resync(self):
        """Not where the answer is the same always, nor where two more entries could fill the memory."""
        suite = self.script.suite
        return not (suite.counter and suite.period) and len(self.script.model.memory) < 14

    def _pass_time(self):
        moves = (0, 0, 1, 1, 1, 2, 4, 12)
        self.step = max(0, self.step + self.sampler.choice(moves) - (self.sampler.below(12) == 0))
        self.seconds = self.sampler.below(self.script.period)
        self.skew += self.sampler.choice((-1, 0, 0, 0, 0, 1))

    def _challenge(self):
        if not self.script.suite.pin and not (self.script.suite.counter and self.script.suite.period):
            if self.sampler.below(4) == 0:
                return None
        return digest_of("random %d" % self.sampler.below(4))

    def _code(self, challenge, ahead=0):
        step = self.step + self.skew + ahead if self.script.suite.period else None
        counter = self.counter + ahead if self.script.suite.counter else None
        return self.script.code(challenge, step, counter)

    def _show(self):
        challenge = self._challenge()
        self.counter += self.sampler.below(3)
        code = self._code(challenge)
        self.seen.append((challenge, code))
        self._attempt(challenge, code)

    def _guess(self):
        challenge = self._challenge()
        self._attempt(challenge, wrong(self._code(challenge)))

    def _attempt(self, challenge, code):
        self.script.attempt(self.step, challenge, code, seconds=self.seconds)

    def _resync(self):
        challenge = self._challenge()
        codes = [self._code(challenge), self._code(challenge, 1)]
        if self.sampler.below(3) == 0:
            codes.reverse()
        self.script.resync(self.step, challenge, codes, seconds=self.seconds)
        self.counter += 2
