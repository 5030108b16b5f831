"""The guessing bound of policies, and which of them it forbids."""

import ocra
import verifier
from cases.script import BOTH, COUNTER, T30S


def files():
    yield (
        "policy.json", "policy-bound", "the README's guessing bound",
        "bound_numerator / 2^31 bounds the chance to guess a code before the permanent lock; allowed: at most 214748 "
        "(1e-4), at most 64 candidates, every field within its range.",
        list(_policies()),
    )


def _policies():
    for name, suite, policy, wanted in (
        ("default-8-digits", T30S, {}, True), ("default-7-digits", "OCRA-1:HOTP-SHA1-7:QH64-T10S", {}, True),
        ("default-6-digits", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {}, True), ("default-counter", COUNTER, {}, True),
        ("default-6-digits-counter", "OCRA-1:HOTP-SHA1-6:C-QH64", {}, True), ("default-both", BOTH, {}, True),
        ("default-6-digits-both", "OCRA-1:HOTP-SHA1-6:C-QH64-T30S", {}, False),
        ("6-digits-6-candidates", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {"past": 3, "future": 2}, True),
        ("6-digits-7-candidates", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {"past": 3, "future": 3}, False),
        ("6-digits-7-locks", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {"temporary_locks": 5}, True),
        ("6-digits-8-locks", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {"temporary_locks": 6}, False),
        ("6-digits-bound-of-99-attempts", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {"past": 4, "future": 4, "max_failures": 1, "temporary_locks": 10}, True),
        ("6-digits-one-candidate", "OCRA-1:HOTP-SHA1-6:QH64-T30S", {"past": 0, "future": 0, "temporary_locks": 10}, True),
        ("7-digits-widest-window", "OCRA-1:HOTP-SHA1-7:QH64-T10S", {"past": 31, "future": 31}, True),
        ("7-digits-widest-window-10-locks", "OCRA-1:HOTP-SHA1-7:QH64-T10S", {"past": 31, "future": 31, "temporary_locks": 10}, False),
        ("8-digits-widest-window-10-locks", T30S, {"past": 31, "future": 31, "temporary_locks": 10}, True),
        ("8-digits-look-ahead-63", COUNTER, {"look_ahead": 63}, True),
        ("window-does-not-matter-without-t", COUNTER, {"past": 31, "future": 31}, True),
        ("look-ahead-does-not-matter-without-c", T30S, {"look_ahead": 63}, True),
        ("both-64-candidates", BOTH, {"look_ahead": 15, "past": 2, "future": 1}, True),
        ("both-66-candidates", BOTH, {"look_ahead": 21, "past": 1, "future": 1}, False),
        ("both-65-candidates", BOTH, {"look_ahead": 12, "past": 2, "future": 2}, False),
        ("past-32", T30S, {"past": 32}, False), ("future-32", T30S, {"future": 32}, False), ("look-ahead-64", COUNTER, {"look_ahead": 64}, False),
        ("no-failure-allowed", T30S, {"max_failures": 0}, False), ("six-failures", T30S, {"max_failures": 6}, False),
        ("one-failure", T30S, {"max_failures": 1}, True), ("no-temporary-lock", T30S, {"temporary_locks": 0}, True),
        ("11-locks", T30S, {"temporary_locks": 11}, False), ("delay-0", T30S, {"first_delay": 0}, False), ("delay-1", T30S, {"first_delay": 1}, True),
        ("delay-of-a-day", T30S, {"first_delay": 86400}, True), ("delay-over-a-day", T30S, {"first_delay": 86401}, False),
        ("growth-0", T30S, {"delay_growth": 0}, False), ("growth-1", T30S, {"delay_growth": 1}, True), ("growth-60", T30S, {"delay_growth": 60}, True),
        ("growth-61", T30S, {"delay_growth": 61}, False), ("leash-0", T30S, {"drift_leash": 0}, True), ("leash-11", T30S, {"drift_leash": 11}, False),
        ("resync-0", T30S, {"resync_range": 0}, False), ("resync-1", T30S, {"resync_range": 1}, True), ("resync-2880", T30S, {"resync_range": 2880}, True),
        ("resync-2881", T30S, {"resync_range": 2881}, False),
    ):
        whole = dict(verifier.DEFAULTS, **policy)
        parsed = ocra.Suite(suite)
        assert verifier.is_allowed(parsed, whole) == wanted, name
        yield {
            "name": name, "suite": suite, "policy": policy, "candidates": verifier.candidates(parsed, whole),
            "bound_numerator": verifier.bound_numerator(parsed, whole), "allowed": wanted,
        }
