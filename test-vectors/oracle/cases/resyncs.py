"""Scripts for resynchronisation: two consecutive codes, far outside of the window (RFC 4226 section 7.4)."""

from cases.script import A, B, COUNTER, T30S, Script, wrong


def ranges():
    for name, away in (("ahead", 100), ("behind", -100)):
        script = Script("resync-%s" % name, T30S)
        script.attempt(0, A, script.code(A, away), "wrong-code")
        script.resync(1, None, script.codes(None, away), "accepted")
        script.attempt(1, None, script.code(None, away), "replay")
        script.attempt(1, None, script.code(None, away + 1), "replay")
        script.attempt(1, A, script.code(A, away + 1), "accepted")
        script.attempt(10, A, script.code(A, away + 11), "accepted")
        script.attempt(20, A, script.code(A, away + 22), "accepted")
        script.attempt(20, A, script.code(A, 20), "wrong-code")
        yield script
    script = Script("resync-range", T30S, resync_range=10)
    for first, wanted in ((-12, "wrong-code"), (11, "wrong-code"), (-10, "accepted"), (9, "accepted")):
        script.resync(0, None, script.codes(None, first), wanted)
    yield script
    script = Script("resync-with-a-transaction", T30S)
    script.resync(0, A, script.codes(None, 50), "wrong-code")
    script.resync(0, A, script.codes(A, 50), "accepted")
    script.attempt(0, A, script.code(A, 51), "replay")
    script.attempt(0, B, script.code(B, 51), "accepted")
    yield script
    script = Script("resync-starts-the-leash-anew", T30S, drift_leash=1)
    script.attempt(0, A, script.code(A, 1), "accepted")
    script.resync(10, None, script.codes(None, 60), "accepted")
    script.attempt(20, A, script.code(A, 72), "accepted")
    script.attempt(30, A, script.code(A, 83), "accepted")
    script.attempt(40, A, script.code(A, 94), "wrong-code")
    yield script
    script = Script("resync-near-step-0", T30S, start=0)
    script.resync(0, None, script.codes(None, 0), "accepted")
    script.attempt(0, A, script.code(A, 1), "accepted")
    yield script


def refusals():
    script = Script("resync-refused-backwards", T30S)
    script.attempt(0, A, script.code(A, 0), "accepted")
    for first in (-20, -1, 0):
        script.resync(0, None, script.codes(None, first), "wrong-code")
    script.resync(0, None, script.codes(None, 1), "accepted")
    script.resync(0, None, script.codes(None, 1), "wrong-code")
    script.resync(0, None, script.codes(None, 2), "wrong-code")
    script.resync(0, None, script.codes(None, 3), "accepted")
    yield script
    script = Script("resync-needs-consecutive-codes", T30S)
    one, two, three = (script.code(None, step) for step in (20, 21, 22))
    for codes in ([one, three], [two, one], [one, one]):
        script.resync(0, None, codes, "wrong-code")
    script.resync(0, None, [script.code(A, 20), script.code(B, 21)], "wrong-code")
    script.resync(0, None, [one, two], "accepted")
    yield script


def locks():
    script = Script("resync-failures-lock", T30S)
    codes = script.codes(None, 20)
    for _ in range(4):
        script.resync(0, None, [codes[0], wrong(codes[1])], "wrong-code")
    script.attempt(0, A, wrong(script.code(A, 0)), "wrong-code")
    script.resync(0, None, codes, "locked")
    script.resync(1, None, codes, "locked", seconds=29)
    script.resync(2, None, codes, "accepted")
    script.attempt(2, A, wrong(script.code(A, 21)), "wrong-code")
    yield script


def counters():
    script = Script("counter-resync", COUNTER)
    script.attempt(0, A, script.code(A, counter=100), "wrong-code")
    script.resync(0, None, script.counted(None, 122), "wrong-code")
    script.resync(0, None, [script.code(None, counter=100), script.code(None, counter=102)], "wrong-code")
    script.resync(0, None, script.counted(None, 100), "accepted")
    script.attempt(0, A, script.code(A, counter=101), "wrong-code")
    script.resync(0, None, script.counted(None, 100), "wrong-code")
    script.attempt(0, A, script.code(A, counter=102), "accepted")
    yield script
