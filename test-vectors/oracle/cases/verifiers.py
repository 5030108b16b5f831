"""Scripts for the verifier, each event with what the model answers.

Every hand-written event states the answer that its author expects; the model must agree.
"""

from cases import random_scripts, resyncs
from cases.script import A, B, BOTH, COUNTER, T30S, Script, digest_of, wrong
from transaction import Transaction

PIN = "OCRA-1:HOTP-SHA256-8:QH64-PSHA256-T30S"


def files():
    scripts = (
        _window, _window_cut, _replay, _challenges, _locks, _lock_growth, _resets, _drift, resyncs.ranges, resyncs.refusals,
        resyncs.locks, _counters, resyncs.counters, _both, _pins, _memory, _clock, _undecided, _suites,
    )
    yield (
        "verifier.json", "verifier", "the README's reading of RFC 6238, RFC 4226 and Regulation (EU) 2018/389",
        "Scripts: one device each, its state carried from event to event. The last ones are drawn at random.",
        [case.done() for subject in scripts for case in subject()] + [case.done() for case in random_scripts.scripts()],
    )


def _window():
    """`drift_leash` 0 keeps the window where the clock says."""
    for past, future in ((1, 1), (0, 0), (3, 0), (0, 2), (31, 31)):
        script = Script("window-%d-past-%d-future" % (past, future), T30S, past=past, future=future, drift_leash=0)
        for offset in sorted({-past - 1, -past, -1, 0, 1, future, future + 1}):
            inside = -past <= offset <= future
            digest = digest_of("offset %d" % offset)
            script.attempt(0, digest, script.code(digest, offset), "accepted" if inside else "wrong-code")
        yield script
    script = Script("window-edges-of-a-step", T30S, past=0, future=0, drift_leash=0)
    for seconds, digest in ((0, A), (29, B)):
        script.attempt(0, digest, script.code(digest, 0), "accepted", seconds=seconds)
    script.attempt(0, digest_of("C"), script.code(digest_of("C"), 0), "wrong-code", seconds=30)
    yield script


def _window_cut():
    script = Script("window-cut-at-step-0", T30S, start=0, past=3, future=1, drift_leash=0)
    for step in ((1 << 64) - 1, (1 << 64) - 3):
        script.attempt(0, A, script.code(A, step), "wrong-code")
    script.attempt(0, A, script.code(A, 0), "accepted")
    script.attempt(0, B, script.code(B, 1), "accepted", seconds=29)
    script.attempt(0, B, script.code(B, 2), "wrong-code", seconds=29)
    script.attempt(2, A, script.code(A, 0), "replay")
    yield script
    script = Script("window-cut-after-a-negative-drift", T30S, start=0)
    script.attempt(1, A, script.code(A, 0), "accepted")
    script.attempt(0, B, script.code(B, 0), "accepted", seconds=1)
    script.attempt(0, digest_of("C"), script.code(digest_of("C"), 1), "accepted", seconds=2)
    yield script
    script = Script("window-far-future", "OCRA-1:HOTP-SHA256-8:QH64-T1S", start=(1 << 40))
    for offset in (-2, 2):
        script.attempt(0, A, script.code(A, offset), "wrong-code")
    script.attempt(0, A, script.code(A, 0), "accepted")
    yield script


def _replay():
    script = Script("replay-while-in-the-window", T30S)
    code = script.code(A, 0)
    script.attempt(0, A, code, "accepted")
    script.attempt(0, A, code, "replay")
    script.attempt(0, A, code, "replay", seconds=29)
    script.attempt(1, A, code, "replay", seconds=29)
    script.attempt(2, A, code, "wrong-code")
    script.attempt(2, A, script.code(A, 2), "accepted")
    yield script
    script = Script("replay-same-transaction-in-the-next-step", T30S)
    script.attempt(0, A, script.code(A, 0), "accepted")
    script.attempt(1, A, script.code(A, 1), "accepted")
    script.attempt(1, A, script.code(A, 0), "replay")
    yield script
    script = Script("replay-in-a-drifted-window", T30S)
    script.attempt(0, A, script.code(A, -1), "accepted")
    script.attempt(1, A, script.code(A, -1), "replay")
    script.attempt(1, B, script.code(B, -1), "accepted")
    script.attempt(2, B, script.code(B, -1), "replay")
    script.attempt(2, A, script.code(A, -1), "replay", seconds=29)
    script.attempt(3, A, script.code(A, -1), "wrong-code")
    yield script
    script = Script("replay-after-reordering", T30S)
    details = (("Amount", "100"), ("To", "ACME"))
    first = Transaction("Pay", details, (("a", "1"), ("b", "2")))
    second = Transaction("Pay", details[::-1], (("b", "2"), ("a", "1")))
    other = Transaction("Pay", details[::-1], (("b", "1"), ("a", "2")))
    code = script.code(first.digest(), 0)
    script.attempt(0, first, code, "accepted")
    script.attempt(0, second, code, "replay")
    script.attempt(0, other, code, "wrong-code")
    yield script
    script = Script("replay-two-transactions-in-one-step", T30S)
    for wanted in ("accepted", "replay"):
        for digest in (A, B):
            script.attempt(0, digest, script.code(digest, 0), wanted)
    yield script
    script = Script("replay-earlier-step-after-a-later-one", T30S, drift_leash=0)
    script.attempt(0, A, script.code(A, 1), "accepted")
    script.attempt(0, A, script.code(A, 0), "accepted")
    script.attempt(0, A, script.code(A, 1), "replay")
    yield script


def _challenges():
    script = Script("challenges-login-and-transaction", T30S)
    script.attempt(0, None, script.code(A, 0), "wrong-code")
    script.attempt(0, A, script.code(None, 0), "wrong-code")
    script.attempt(0, A, script.code(B, 0), "wrong-code")
    script.attempt(0, None, script.code(None, 0), "accepted")
    script.attempt(0, A, script.code(A, 0), "accepted")
    script.attempt(0, None, script.code(None, 0), "replay")
    script.attempt(0, A, script.code(A, 0), "replay")
    yield script


def _locks():
    script = Script("lock-after-five-wrong-codes", T30S)
    for i in range(5):
        script.attempt(0, A, wrong(script.code(A, 0)), "wrong-code", seconds=i)
    script.attempt(0, A, script.code(A, 0), "locked", seconds=5)
    script.attempt(0, None, script.code(None, 0), "locked", seconds=6)
    script.attempt(2, A, script.code(A, 2), "locked", seconds=3)
    script.attempt(2, A, script.code(A, 2), "accepted", seconds=4)
    yield script
    script = Script("lock-after-wrong-codes-for-different-challenges", T30S)
    for i in range(5):
        digest = digest_of("challenge %d" % i) if i else None
        script.attempt(0, digest, wrong(script.code(digest, 0)), "wrong-code")
    script.attempt(0, A, script.code(A, 0), "locked")
    yield script
    script = Script("lock-after-one-wrong-code", T30S, max_failures=1, temporary_locks=0)
    script.attempt(0, A, wrong(script.code(A, 0)), "wrong-code")
    script.attempt(10 ** 6, A, script.code(A, 10 ** 6), "locked")
    yield script
    script = Script("lock-lifted-by-an-administrator", T30S, temporary_locks=0)
    script.attempt(0, B, script.code(B, 0), "accepted")
    for _ in range(5):
        script.attempt(0, A, wrong(script.code(A, 0)), "wrong-code")
    script.attempt(1, A, script.code(A, 1), "locked")
    script.unlock(1)
    script.attempt(1, B, script.code(B, 0), "replay")
    script.attempt(1, A, wrong(script.code(A, 1)), "wrong-code")
    script.attempt(1, A, script.code(A, 1), "accepted")
    yield script


def _lock_growth():
    script = Script("lock-growth-then-permanent", T30S)
    step = 0
    for until_next in (2, 10, None):
        for _ in range(5):
            script.attempt(step, A, wrong(script.code(A, step)), "wrong-code")
        if until_next is None:
            script.attempt(step + 10 ** 6, A, script.code(A, step + 10 ** 6), "locked")
            break
        step += until_next
        script.attempt(step - 1, A, script.code(A, step - 1), "locked", seconds=29)
    script.unlock(step + 10 ** 6)
    script.attempt(step + 10 ** 6, A, script.code(A, step + 10 ** 6), "accepted")
    yield script
    script = Script("lock-growth-is-capped-at-thirty-days", T30S, first_delay=86400, delay_growth=60, max_failures=1, temporary_locks=3)
    step = 0
    for days in (1, 30, 30):
        script.attempt(step, A, wrong(script.code(A, step)), "wrong-code")
        step += days * 2880
        script.attempt(step - 1, A, script.code(A, step - 1), "locked", seconds=29)
    script.attempt(step, A, wrong(script.code(A, step)), "wrong-code")
    script.attempt(step + 10 ** 6, A, script.code(A, step + 10 ** 6), "locked")
    yield script
    script = Script("lock-without-growth", T30S, first_delay=30, delay_growth=1, max_failures=2)
    for step in (0, 1):
        for _ in range(2):
            script.attempt(step, A, wrong(script.code(A, step)), "wrong-code")
    script.attempt(2, A, script.code(A, 2), "accepted")
    yield script


def _resets():
    script = Script("reset-of-failures-by-success", T30S)
    for step in range(3):
        for _ in range(4):
            script.attempt(step, A, wrong(script.code(A, step)), "wrong-code")
        script.attempt(step, A, script.code(A, step), "accepted")
    yield script
    script = Script("reset-of-locks-by-success", T30S)
    for step in (0, 2, 4):
        for _ in range(5):
            script.attempt(step, A, wrong(script.code(A, step)), "wrong-code")
        script.attempt(step + 2, A, script.code(A, step + 2), "accepted")
    yield script
    script = Script("replay-is-no-failure-and-no-success", T30S)
    script.attempt(0, A, script.code(A, 0), "accepted")
    for _ in range(4):
        script.attempt(0, A, wrong(script.code(A, 0)), "wrong-code")
    for _ in range(6):
        script.attempt(0, A, script.code(A, 0), "replay")
    script.attempt(0, A, wrong(script.code(A, 0)), "wrong-code")
    script.attempt(0, A, script.code(A, 0), "locked")
    yield script


def _drift():
    for name, sign in (("fast", 1), ("slow", -1)):
        for leash in (0, 2, 10):
            script = Script("drift-%s-clock-leash-%d" % (name, leash), T30S, drift_leash=leash)
            for turn in range(leash + 2):
                reach = sign * min(turn + 1, leash + 1)
                now = 3 * turn
                script.attempt(now, A, script.code(A, now + reach), "accepted")
            now = 3 * (leash + 2)
            script.attempt(now, A, script.code(A, now + sign * (leash + 2)), "wrong-code")
            yield script
    script = Script("drift-moves-by-one-however-far", T30S, past=4, future=4)
    script.attempt(0, A, script.code(A, 4), "accepted")
    script.attempt(10, A, script.code(A, 15), "accepted")
    script.attempt(20, A, script.code(A, 27), "wrong-code")
    script.attempt(20, A, script.code(A, 26), "accepted")
    yield script
    script = Script("drift-comes-back", T30S)
    for now, step in ((0, 1), (10, 12), (20, 21), (30, 30), (40, 39), (50, 49)):
        script.attempt(now, A, script.code(A, step), "accepted")
    yield script
    script = Script("drift-does-not-widen-the-window", T30S)
    for now, step in ((0, 1), (10, 12), (20, 23)):
        script.attempt(now, A, script.code(A, step), "accepted")
    for step in (31, 35):
        script.attempt(30, A, script.code(A, step), "wrong-code")
    script.attempt(30, A, script.code(A, 32), "accepted")
    yield script
    script = Script("drift-of-failures-and-replays-is-none", T30S)
    script.attempt(0, A, script.code(A, 1), "accepted")
    script.attempt(0, A, script.code(A, 1), "replay")
    script.attempt(0, A, script.code(A, 3), "wrong-code")
    script.attempt(0, A, script.code(A, 2), "accepted")
    yield script


def _counters():
    script = Script("counter-look-ahead", COUNTER)
    script.attempt(0, A, script.code(A, counter=5), "wrong-code")
    script.attempt(0, A, script.code(A, counter=4), "accepted")
    for counter in (4, 3, 0):
        script.attempt(0, A, script.code(A, counter=counter), "wrong-code")
    script.attempt(0, A, script.code(A, counter=10), "wrong-code")
    script.attempt(0, A, script.code(A, counter=5), "accepted")
    script.attempt(0, B, script.code(B, counter=6), "accepted")
    script.attempt(0, B, script.code(B, counter=11), "accepted")
    yield script
    script = Script("counter-without-look-ahead", COUNTER, counter=41, look_ahead=0)
    for counter, wanted in ((42, "wrong-code"), (40, "wrong-code"), (41, "accepted"), (41, "wrong-code"), (42, "accepted")):
        script.attempt(0, A, script.code(A, counter=counter), wanted)
    yield script
    script = Script("counter-look-ahead-63", COUNTER, look_ahead=63)
    for counter, wanted in ((64, "wrong-code"), (63, "accepted"), (128, "wrong-code"), (127, "accepted")):
        script.attempt(0, A, script.code(A, counter=counter), wanted)
    yield script
    script = Script("counter-login", COUNTER)
    script.attempt(0, None, script.code(A, counter=0), "wrong-code")
    script.attempt(0, None, script.code(None, counter=0), "accepted")
    script.attempt(0, A, script.code(A, counter=0), "wrong-code")
    script.attempt(0, A, script.code(A, counter=1), "accepted")
    yield script
    script = Script("counter-ignores-the-clock", COUNTER)
    script.attempt(10 ** 6, A, script.code(A, counter=0), "accepted")
    script.attempt(0, A, script.code(A, counter=1), "accepted")
    yield script
    script = Script("counter-locks", COUNTER)
    for _ in range(5):
        script.attempt(0, A, wrong(script.code(A, counter=0)), "wrong-code")
    script.attempt(1, A, script.code(A, counter=0), "locked", seconds=29)
    script.attempt(2, A, script.code(A, counter=0), "accepted")
    yield script
    last = (1 << 64) - 2
    script = Script("counter-exhausted", COUNTER, counter=last - 1)
    script.attempt(0, A, script.code(A, counter=last + 1), "wrong-code")
    script.attempt(0, A, script.code(A, counter=last), "accepted")
    script.attempt(0, A, script.code(A, counter=last + 1), "counter-exhausted")
    script.attempt(0, A, script.code(A, counter=0), "counter-exhausted")
    yield script


def _both():
    script = Script("counter-and-time", BOTH)
    script.attempt(0, A, script.code(A, 2, 0), "wrong-code")
    script.attempt(0, A, script.code(A, 0, 5), "wrong-code")
    script.attempt(0, A, script.code(A, 0, 0), "accepted")
    script.attempt(0, A, script.code(A, 0, 0), "wrong-code")
    script.attempt(0, A, script.code(A, 0, 1), "accepted")
    script.attempt(1, A, script.code(A, 2, 5), "accepted")
    script.attempt(10, A, script.code(A, 12, 6), "accepted")
    script.attempt(20, A, script.code(A, 20, 7), "wrong-code")
    script.attempt(20, A, script.code(A, 22, 7), "accepted")
    script.resync(20, A, script.counted(A, 8), "no-resync")
    script.resync(20, None, script.counted(A, 8), "no-login")
    script.attempt(20, None, script.code(A, 20, 8), "no-login")
    script.attempt(18, A, script.code(A, 20, 8), "clock-went-back")
    yield script


def _pins():
    script = Script("pin", PIN, pin="1234")
    other = Script("other", PIN, pin="1235")
    script.attempt(0, A, other.code(A, 0), "wrong-code")
    script.attempt(0, None, script.code(None, 0), "no-login")
    script.resync(0, None, script.codes(None, 0), "no-login")
    script.attempt(0, A, script.code(A, 0), "accepted")
    script.attempt(0, A, script.code(A, 0), "replay")
    script.resync(0, A, other.codes(A, 50), "wrong-code")
    script.resync(0, A, script.codes(A, 50), "accepted")
    yield script


def _memory():
    script = Script("memory-full", T30S, drift_leash=0)
    digests = [digest_of("memory %d" % i) for i in range(18)]
    for digest in digests[:16]:
        script.attempt(0, digest, script.code(digest, 0), "accepted")
    script.attempt(0, digests[16], script.code(digests[16], 0), "memory-full")
    script.attempt(0, digests[0], script.code(digests[0], 0), "replay")
    script.attempt(1, digests[16], script.code(digests[16], 1), "memory-full")
    script.attempt(1, digests[16], wrong(script.code(digests[16], 1)), "wrong-code")
    script.attempt(2, digests[16], script.code(digests[16], 2), "accepted")
    script.attempt(1, digests[0], script.code(digests[0], 0), "replay")
    script.attempt(1, digests[17], script.code(digests[17], 0), "replay")
    script.attempt(1, digests[17], script.code(digests[17], 1), "accepted")
    yield script
    script = Script("memory-full-drops-one-step", T30S, drift_leash=0, past=2)
    for step in range(8):
        for digest in (A, B):
            script.attempt(step, digest, script.code(digest, step), "accepted")
    script.attempt(8, A, script.code(A, 8), "accepted")
    script.attempt(8, A, script.code(A, 7), "replay")
    script.attempt(8, B, script.code(B, 6), "replay")
    script.attempt(8, B, script.code(B, 8), "accepted")
    script.attempt(9, A, script.code(A, 9), "accepted")
    yield script


def _clock():
    script = Script("clock-went-back", T30S, drift_leash=0)
    script.attempt(10, A, script.code(A, 10), "accepted", seconds=29)
    script.attempt(9, A, script.code(A, 9), "clock-went-back", seconds=28)
    script.attempt(9, A, wrong(script.code(A, 9)), "clock-went-back", seconds=28)
    script.resync(9, None, script.codes(None, 40), "clock-went-back", seconds=28)
    script.attempt(9, A, script.code(A, 9), "accepted", seconds=29)
    script.attempt(9, A, script.code(A, 10), "replay", seconds=29)
    script.attempt(9, B, script.code(B, 9), "clock-went-back", seconds=28)
    script.attempt(10, B, wrong(script.code(B, 10)), "wrong-code")
    yield script


def _undecided():
    script = Script("undecided-changes-nothing", T30S)
    code = script.code(A, 0)
    for _ in range(4):
        script.attempt(0, A, wrong(code), "wrong-code")
    for other in (code[:-1], code + "0", "0" + code, code[1:]):
        script.attempt(0, A, other, "wrong-digits")
    script.resync(0, None, [script.code(None, 0), script.code(None, 1)[:-1]], "wrong-digits")
    script.attempt(0, A, code, "accepted")
    yield script


def _suites():
    for tail, period in (("SHA1-6:QH64-T30S", 30), ("SHA1-7:QH64-T10S", 10), ("SHA512-8:QH64-T2M", 120), ("SHA512-6:QH64-T1M", 60), ("SHA256-7:QH64-T1S", 1)):
        script = Script("suite-" + tail, "OCRA-1:HOTP-" + tail)
        script.attempt(0, A, script.code(A, 0), "accepted", seconds=period - 1)
        script.attempt(0, A, script.code(A, 0), "replay", seconds=period - 1)
        script.attempt(1, None, script.code(None, 1), "accepted")
        script.attempt(1, A, script.code(A, 3), "wrong-code")
        yield script
    script = Script("suite-leading-zeros", "OCRA-1:HOTP-SHA1-6:QH64-T30S")
    digest = next(d for d in map(digest_of, map(str, range(10000))) if script.code(d, 0).startswith("00"))
    script.attempt(0, digest, script.code(digest, 0)[2:], "wrong-digits")
    script.attempt(0, digest, script.code(digest, 0), "accepted")
    yield script
