#!/usr/bin/env python3
"""Writes the seed corpora of the fuzz targets, out of the test vectors: the same files each time.

With --check it writes nothing, and fails where the seeds that it would write are not there.
"""

import hashlib
import hmac
import json
import pathlib
import re
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "test-vectors"
MOST = 36  # seeds of a kind, spread over the cases of a file


def cases(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["cases"]


def spread(items, most=MOST):
    """At most so many, evenly over all of them."""
    items = list(items)
    if len(items) <= most:
        return items
    return [items[at * len(items) // most] for at in range(most)]


def octets(case, name):
    return bytes.fromhex(case[f"{name}_hex"]) if f"{name}_hex" in case else case[name].encode()


def named(items, field):
    return {case["name"]: octets(case, field) for case in items}


def parts(transaction):
    """The form of src/parts.rs."""
    sections = [transaction["details"], transaction["hidden_details"]]
    flat = ["\x1f".join(text for pair in pairs for text in pair) for pairs in sections]
    return "\x1e".join([transaction["message"], *flat]).encode()


def ocra_input(case):
    """The form of src/targets/ocra_code.rs."""
    first, second, *_ = [*case.get("q_parts", [case.get("q")]), ""]
    lines = [case["suite"], first, second, case.get("pin", "")]
    seed = bytes.fromhex(case["key_hex"])
    numbers = struct.pack(">BQQB", 0, case.get("c", 0), case.get("t", 0), len(seed))
    return "\n".join(lines).encode() + b"\n" + numbers + seed + bytes.fromhex(case.get("s_hex", ""))


def suites(target):
    """The suites that a target chooses from, by their numbers."""
    return re.findall(r'"(OCRA-1:[^"]+)"', (HERE / f"src/targets/{target}.rs").read_text(encoding="utf-8"))


SUITES = suites("decide")
C_SUITES = suites("c_interface")


def enrolled(case, now):
    """The head of an input of src/targets/decide.rs."""
    policy = {
        "past": 1, "future": 1, "look_ahead": 4, "max_failures": 5, "temporary_locks": 2, "first_delay": 60,
        "delay_growth": 5, "drift_leash": 10, "resync_range": 120, **case.get("policy", {}),
    }
    ranges = {"max_failures": 6, "temporary_locks": 11, "delay_growth": 61, "drift_leash": 11}
    fields = {name: min(policy[name], most) for name, most in ranges.items()}
    # Numbers that are mostly small: the small ones, and those counted from an edge.
    small = {"past": (4, 224), "future": (4, 224), "look_ahead": (5, 191), "resync_range": (8, 128)}
    for name, (below, edge) in small.items():
        fields[name] = policy[name] if policy[name] < below else min(255, edge + policy[name])
    # Locks are a multiple of 339 seconds there.
    fields["first_delay"] = 1
    order = ["past", "future", "look_ahead", "max_failures", "temporary_locks", "first_delay", "delay_growth"]
    order += ["drift_leash", "resync_range"]
    suite = SUITES.index(case["suite"]) if case["suite"] in SUITES else 0
    limit = case.get("certainty", 0)
    return bytes([suite, *(fields[name] for name in order), limit]) + struct.pack(">QQ", case.get("counter", 0), now)


def right(challenge, off=0, ahead=0):
    return struct.pack(">BBhB", 0, challenge, off, ahead)


def typed(challenge, number):
    return struct.pack(">BBQ", 1, challenge, number)


def clock(now):
    return struct.pack(">BQ", 3, now)


def resync(challenge, off):
    return struct.pack(">BBhB", 4, challenge, off, 0)


UNLOCK, FORGIVE, SHARED = b"\x05", b"\x06", b"\x08\x01"


def script(case):
    """A script of the verifier's vectors in events of the target, which computes its own codes."""
    challenges = {}
    out = enrolled(case, case["events"][0].get("at", 0))
    for event in case["events"]:
        expect = event.get("expect", {})
        out += clock(event["at"]) if "at" in event else b""
        if event["op"] in ("attempt", "login"):
            key = event["op"] == "attempt" and json.dumps(event.get("digest_hex", event.get("transaction")))
            number = 0 if not key else challenges.setdefault(key, len(challenges) % 23 + 1)
            is_right = expect.get("verdict") == "accepted" or expect.get("reason") == "replay"
            out += right(number, expect.get("drift", 0)) if is_right else typed(number, int(event["code"]))
        elif event["op"] == "resync":
            out += resync(0, max(-100, min(100, expect.get("drift", 0))) - 1)
        elif event["op"] == "unlock":
            out += UNLOCK
        else:
            out += FORGIVE
    return out


FIRST_CHALLENGE = b"OCRA-1:HOTP-SHA1-6:QH64-T1S\0" + b"\x01" * 32 + bytes(96)


def shared_code_time(message):
    """A time whose window has one code of six digits twice, first far off and then near, for what precedes the step."""

    def code(step):
        key = b"12345678901234567890123456789012"
        mac = hmac.new(key, message + struct.pack(">Q", step), hashlib.sha1).digest()
        offset = mac[-1] & 15
        return (int.from_bytes(mac[offset:offset + 4], "big") & 0x7FFFFFFF) % 10**6

    last = {}
    step = 1_700_000_000
    while True:
        seen = last.get(code(step), 0)
        if 11 <= step - seen <= 36:
            return step - 5
        last[code(step)] = step
        step += 1


def decisions():
    seeds = {case["name"]: script(case) for case in spread(cases("verifier"), 28)}
    wide = {"suite": "OCRA-1:HOTP-SHA1-6:QH64-T1S", "policy": {"past": 31, "future": 31}, "certainty": 1}
    seeds["two-steps-with-one-code"] = enrolled(wide, shared_code_time(FIRST_CHALLENGE)) + SHARED + SHARED
    full = {"suite": "OCRA-1:HOTP-SHA256-8:QH64-T30S"}
    start = 1_700_000_000
    many = b"".join(right(number) for number in range(1, 18))
    seeds["full-memory-and-a-step-later"] = enrolled(full, start) + many + clock(start + 60) + right(17) + right(1, -2)
    late = {"suite": "OCRA-1:HOTP-SHA1-6:C-QH64", "counter": 2**64 - 3}
    seeds["last-counters"] = enrolled(late, start) + right(1) + right(1) + right(1) + typed(1, 0)
    both = {"suite": "OCRA-1:HOTP-SHA256-8:C-QH64-T30S"}
    seeds["counter-and-time"] = enrolled(both, start) + right(1, -1, 2) + right(1, 1, 0) + resync(0, 0)
    counter = {"suite": "OCRA-1:HOTP-SHA256-8:C-QH64"}
    seeds["counter-resync"] = enrolled(counter, start) + struct.pack(">BBhB", 4, 0, 0, 70) + right(0)
    back = enrolled(full, start) + right(1) + clock(start - 31) + right(2) + FORGIVE + right(2)
    seeds["clock-back-and-forgiven"] = back
    later = b"".join(right(2, off) for off in (0, 11, 12))
    seeds["restored-from-a-backup"] = enrolled(full, start) + right(1) + b"\x09" + later + clock(start + 360) + right(3)
    return seeds


def states():
    """The layout is in the documentation of the verifier's State."""
    def state(failures=0, locks=0, drift=0, anchor=0, numbers=(0, 0, 0, 0, 0, 0), entries=()):
        head = struct.pack(">BBBbi6Q", 1, failures, locks, drift, anchor, *numbers)
        kept = b"".join(struct.pack(">Q", step) + bytes([tag]) * 16 for step, tag in entries)
        return (head + struct.pack(">B7x", len(entries)) + kept).ljust(448, b"\0")

    now = struct.pack(">BQ", 0, 1_700_000_000)
    step = 1_700_000_000 // 30
    used = (7, 0, 0, 1_700_000_000, step + 1, 0)
    full = [(step - 3 + at // 4, at) for at in range(16)]
    return {
        "new": state() + now,
        "failed": state(failures=4, locks=2) + now,
        "locked": state(locks=1, numbers=(5, 1_700_000_300, 0, 0, 0, 0)) + now,
        "locked-for-good": state(locks=3, numbers=(15, 2**64 - 1, 0, 0, 0, 0)) + now,
        "drifted": state(drift=-10, anchor=2881, numbers=used, entries=[(step, 1)]) + now,
        "full": state(numbers=(16, 0, 0, 1_700_000_000, step + 1, step - 3), entries=full) + now,
        "counter": state(numbers=(3, 0, 42, 1_700_000_000, 0, 0)) + b"\x01" + now[1:],
        "counter-at-its-end": state(numbers=(3, 0, 2**64 - 1, 0, 0, 0)) + b"\x01" + now[1:],
        "entry-below-floor": state(numbers=(3, 0, 0, 0, 9, 8), entries=[(7, 1)]) + now,
        "eleven-locks-and-open": state(locks=11, failures=4, numbers=(60, 0, 0, 0, 0, 0)) + now,
        "short": state()[:447],
        "newer": b"\x02" + state()[1:],
    }


SEED = b"12345678901234567890123456789012"


def c_read(string, at=0, text=None, storage=None):
    """Events of src/targets/c_interface.rs: the number of a transaction or device, that of the event, and its arguments."""
    sizes = [b"\1" if size is None else struct.pack(">BH", 0, size) for size in (text, storage)]
    return bytes([at, 0, 2]) + b"".join(sizes) + string + b"\n"


def c_init(suite, at=0, seed=SEED, pin=None):
    number = bytes([C_SUITES.index(suite)]) if suite in C_SUITES else b"\xff" + suite.encode() + b"\n"
    given = b"\0" if pin is None else b"\1" + pin + b"\n"
    return bytes([at, 4, 1]) + number + bytes([len(seed)]) + seed + given


def c_counter(number):
    return b"\0" if number is None else bytes([2, number])


def c_code(bound, at=0, counter=None, size=11):
    return bytes([at, 6, bound]) + struct.pack(">Q", 1_700_000_000) + c_counter(counter) + bytes([size])


def c_verify(bound, nth, at=0, counter=None, window=(1, 1, 0), typed=b"", now=1_700_000_000):
    wanted = struct.pack(">Q", now) + c_counter(counter) + bytes([*window, nth])
    return bytes([at, 7, bound]) + wanted + (typed + b"\n" if nth == 255 else b"")


def c_look(section, index, at=0, size=32, profile=0):
    return bytes([at, 3, section, index, size, profile])


def c_programs():
    """Programs: some by hand, and one for each of some strings, which reads it, looks at it and approves it."""
    string = b"txotp://totp?message=Pay&details[Amount]=12.00+EUR&details[To]=J%C3%BCrgen&hidden_details[ID]=T1"
    default, pin = "OCRA-1:HOTP-SHA256-8:QH64-T30S", "OCRA-1:HOTP-SHA256-8:QH64-PSHA1-T30S"
    counter, both = "OCRA-1:HOTP-SHA256-8:C-QH64", "OCRA-1:HOTP-SHA1-6:C-QH64-T30S"
    looks = c_look(0, 0) + c_look(0, 1, profile=1) + c_look(1, 0, profile=2) + c_look(1, 1) + c_look(2, 0, size=31, profile=3)
    wiped = b"\0\5\1"
    seeds = {
        "approve": c_read(string) + looks + c_init(default) + c_code(0) + c_verify(0, 2) + c_verify(0, 255, typed=b"00000000"),
        "login": c_init(default) + c_code(2) + c_verify(2, 0) + c_code(2, size=10) + c_code(0),
        "pin": c_read(string) + c_init(pin, pin=b"1234") + c_code(0) + c_code(2) + c_init(pin) + c_init(default, pin=b"1"),
        "counter": c_read(string) + c_init(counter) + c_code(0, counter=7) + c_verify(0, 9, counter=7, window=(1, 1, 9)) + c_code(0),
        "both": c_read(string) + c_init(both) + c_verify(0, 14, counter=7, window=(1, 1, 4)) + c_verify(0, 0, counter=7, window=(9, 9, 9)),
        "widest-window": c_init(default) + c_verify(2, 62, window=(31, 31, 0)) + c_verify(2, 0, window=(32, 0, 0)),
        "two-steps-with-one-code": c_init("OCRA-1:HOTP-SHA1-6:QH64-T1S") + c_verify(2, 36, window=(31, 31, 0), now=shared_code_time(b"")),
        "refused-after-read": c_read(string) + c_read(string + b"#") + looks + c_init(default) + c_code(0),
        "small-text": c_read(string, text=20) + c_read(string, text=40) + looks,
        "small-storage": c_read(string, storage=100) + bytes([0, 4, 0, 0, 99, 0, 32]) + SEED,
        "wiped": c_read(string) + wiped + looks + c_init(default) + b"\0\5\0" + c_code(2),
        "nothing-yet": looks + c_code(0) + c_verify(0, 0) + c_verify(2, 0),
        "faults": b"".join(bytes([0, 1]) + string + b"\n" + bytes([fault]) for fault in range(7)),
        "two-of-each": c_read(string) + c_read(string[:29], at=1) + c_init(default) + c_init(counter, at=1) + c_code(1, at=1, counter=0) + c_code(1) + c_code(0),
        "no-such-suites": c_init("OCRA-1:HOTP-MD5-8:QH64-T30S") + c_init("OCRA-1:HOTP-SHA256-8:QN08-T30S") + c_init("x") + c_init(default, seed=SEED[:15]),
    }
    strings = [*spread(short(cases("strings-valid")), 8), *spread(short(cases("strings-invalid")), 12)]
    for case in strings:
        content = octets(case, "string")
        if b"\n" not in content:
            fault = bytes([0, 2, 2, 1]) + content + b"\n"
            seeds[case["name"]] = c_read(content) + fault + looks + c_init(default) + c_code(0)
    return seeds


def base32s():
    uris = cases("key-uris-valid") + cases("key-uris-invalid")
    texts = [match for case in uris for match in re.findall(r"secret=([^&]*)", case.get("uri", ""))]
    # Two bits left over, zero and not.
    texts += ["A" * 26, "A" * 25 + "B", "12345678901234567890123456789012", "MZXW6YTBOI======", "gezd gnbv", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR"]
    return {f"secret-{at:02}": text.encode() for at, text in enumerate(spread(sorted(set(texts)), 30))}


def codes():
    texts = ["755224", "05717167", "0000000000", " 755224", "75522４", "7552\t4", "9999999999", "1234", "12345678\n12345679"]
    ok = {f"code-{at}": bytes([len(text.split("\n")[0])]) + text.encode() for at, text in enumerate(texts)}
    return ok | {"two-equal": b"\x06123456\n123456", "too-many-digits": b"\x0b12345678901"}


def symbols():
    valid = [case["string"].encode() for case in cases("strings-valid") if "string" in case]
    texts = spread([text for text in valid if len(text) <= 600], 16)
    texts += [b"0123456789" * 20, b"HTTPS://EXAMPLE.COM/$%*+-./: 42", "Müller & Söhne あ 🏦 אישור".encode(), b"a", b""]
    seeds = {f"text-{at:02}": bytes([at % 4]) + text for at, text in enumerate(texts)}
    return seeds | {"700-bytes": b"\x04" + b"a" * 700, "601-bytes": b"\x01" + b"a" * 601}


def two(a, b):
    return parts(a) + b"\x1d" + parts(b)


def heads():
    """Texts of the lengths at which their heads in CBOR change."""
    def transaction(length):
        pairs = [["k" * length, "v" * length], ["k", "v"]]
        return {"message": "m" * length, "details": pairs, "hidden_details": pairs[:1]}

    return {f"texts-of-{at}-bytes": parts(transaction(at)) for at in (23, 24, 255, 256)}


def corpora():
    valid, invalid = cases("strings-valid"), cases("strings-invalid")
    ocras = [case for name in ("rfc6287", "ocra-more", "ocra-invalid") for case in spread(cases(name), 13)]
    pairs = cases("must-differ")
    return {
        "read": named([*spread(short(valid), 12), *spread(short(invalid), 26)], "string"),
        "round_trip": {case["name"]: parts(case["transaction"]) for case in spread(small(cases("transactions")))},
        "canonical": heads() | {case["name"]: two(case["a"], case["b"]) for case in spread(pairs)},
        "ocra_suite": named(spread(cases("ocra-suites")), "suite"),
        "ocra_code": {case["name"]: ocra_input(case) for case in ocras},
        "decide": decisions(),
        "state": states(),
        "key_uri": {"blank-before-account-and-issuer": BLANK} | named([*spread(cases("key-uris-valid"), 18), *spread(cases("key-uris-invalid"), 18)], "uri"),
        "base32": base32s(),
        "code_parse": codes(),
        "qr": symbols(),
        "c_interface": c_programs(),
    }


def short(items):
    return [case for case in items if len(octets(case, "string")) <= 601]


def small(items):
    return [case for case in items if len(parts(case["transaction"])) <= 3000]


# The account is read without its blank, as it is written behind the issuer.
BLANK = b"otpauth://totp/%20alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME"


def file_name(name):
    """Any name as one that every file system takes; what is lost is made up for by a hash."""
    plain = re.sub(r"[^A-Za-z0-9.-]+", "-", name)[:60]
    return plain if plain == name else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def main():
    missing = count = 0
    for target, seeds in corpora().items():
        folder = HERE / "corpus" / target
        for name, content in seeds.items():
            path, count = folder / f"vector-{file_name(name)}", count + 1
            if sys.argv[1:] == ["--check"]:
                missing += not (path.is_file() and path.read_bytes() == content)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    print(f"corpora: {count} seeds out of the vectors, {missing} missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
