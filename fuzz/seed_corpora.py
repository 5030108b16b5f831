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


def as_json(transaction):
    """A transaction as the service takes it."""
    sections = {name: dict(transaction[name]) for name in ("details", "hidden_details") if transaction[name]}
    return json.dumps({"message": transaction["message"], **sections}, ensure_ascii=False).encode()


def transactions_in_json():
    seeds = {case["name"]: as_json(case["transaction"]) for case in spread(small(cases("transactions")), 24)}
    return seeds | {
        "integers": b'{"hidden_details":{"b":-7},"details":{"z":"1","10":340282366920938463463374607431768211456,"9":0},"message":1}',
        "beyond-64-bits": b'{"message":340282366920938463463374607431768211431768211456}',
        "beyond-every-float": b'{"message":1' + b"0" * 400 + b"}",
        "fraction": b'{"message":"a","details":{"secret":1.5}}',
        "exponent": b'{"message":"a","details":{"secret":1e3}}',
        "minus-zero": b'{"message":"a","details":{"secret":-0}}',
        "leading-zero": b'{"message":"a","details":{"secret":007}}',
        "half-a-character": b'{"message":"secret\\ud800"}',
        "whole-character": b'{"message":"\\ud83c\\udfe6","details":{"\\u0041":"\\u00e9"}}',
        "key-twice": b'{"message":"a","details":{"secret":"1","\\u0073ecret":"1"}}',
        "name-twice": b'{"message":"secret","message":"secret"}',
        "unknown-name": b'{"message":"a","secret":"b"}',
        "list": b'{"message":"a","details":["secret"]}',
        "null": b'{"message":"a","hidden_details":null}',
        "object": b'{"message":{"secret":1}}',
        "no-message": b'{"details":{"secret":"1"}}',
        "bracket": b'{"message":"a","details":{"a[b]":"1"}}',
        "more-behind": b' {"message":"a"} secret',
        "cut": b'{"message":"secret',
    }


def authy_params():
    """The form of src/targets/authy_params.rs: a query, the kind of the body, the body."""
    def form(query, body=b""):
        return query + b"\n\0" + body

    def both(body, query=b""):
        return query + b"\n\1" + body

    many = b"&".join(b"p%d=1" % at for at in range(127))
    return {
        "query": form(b"message=Pay+now&details[To]=A%26B&details%5BAmount%5D=1%20EUR&"),
        "form": form(b"force=true", b"message=Pay&hidden_details[ID]=%C3%A9"),
        "json": both(b'{"message":"Pay now","details":{"To":"A&B"},"seconds_to_expire":120,"flag":true}'),
        "lists": form(b"logos[][res]=default&logos[][url]=u&logos[][res]=low"),
        "lists-in-json": both(b'{"logos":[{"res":"default","url":"https://a.example/"},{"res":"low"}]}'),
        "lists-in-both": both(b'{"a":{"":"1"}}', b"a[]=1"),
        "says-nothing": both(b'{"message":null,"details":{"To":null},"hidden_details":{},"logos":[]}'),
        "agree": both(b'{"message":"a"}', b"message=a"),
        "differ": both(b'{"message":"b"}', b"message=a"),
        "differ-below": both(b'{"details":{"To":"b"}}', b"details[To]=a"),
        "twice": form(b"details[To]=a&details%5bTo%5d=b"),
        "twice-in-json": both(b'{"message":null,"message":"a"}'),
        "numbers": both(b'{"a":-9223372036854775808,"b":18446744073709551615,"c":{"d":[1,[2]]}}'),
        "fraction": both(b'{"a":1.0}'),
        "minus-zero": both(b'{"a":-0}'),
        "deepest": form(b"a[b][c][d]=1", b"a[b][c][e]=2"),
        "too-deep": form(b"a[b][c][d][e]=1"),
        "too-deep-in-json": both(b'{"a":[[[[null]]]]}'),
        "brackets": form(b"a[b]]=c&a[[b]]=c"),
        "brackets-in-json": both(b'{"message":"Pay","details[To]":"X"}'),
        "brackets-below": both(b'{"details":{"a[b":"X","]":"Y"}}'),
        "no-name": form(b"=a"),
        "no-name-in-json": both(b'{"":"a"}'),
        "escapes": form(b"a=%4", b"a=%zz"),
        "not-utf-8": form(b"a=1", b"b=%ED%A0%80"),
        "replacement": both('{"a":"\ufffd"}'.encode()),
        "128": form(b"a=1", many),
        "129": form(b"a=1&b=2", many),
        "129-nulls": both(b'{"a":[' + b",".join([b"null"] * 129) + b"]}"),
        "two-objects": both(b"{}{}"),
    }


def callbacks():
    vectors = HERE.parent / "crates/txotp-server/src/callbacks/signature/vectors.json"
    bodies = [json.dumps(vector["body"], ensure_ascii=False) for vector in json.loads(vectors.read_text(encoding="utf-8"))]
    bodies += [
        '{"foo":{"bar":{"biz":"foo bar"}},"qux":"net"}',
        '{"a":null,"b":true,"c":false,"d":-3,"e":1.50,"f":1e300}',
        '{"a":{},"b":[],"c":[{}]}',
        '{"a":[{"z":1,"y":2},{"z":3}]}',
        json.dumps({"a": [str(at) for at in range(12)]}),
        '{"a":"/?&=%+~*-._ é"}',
        '{"a":{"2":"b","2c":"d"},"a[2]":"c","a[3":"","a[]":1}',
        '{"":{"a":1},"To":"None of it"}',
        '{"a":1,"a":2}',
        '{"b":999999999999999999999999999999999999999999993,"a":1}',
        json.dumps({"a" * 200: "x", "b" * 201: ""}),
        "[" * 15 + "1" + "]" * 15,
        "[" * 16 + "1" + "]" * 16,
        "https://bank.example/?a#b:nonce",
    ]
    return {f"body-{at:02}": body.encode() for at, body in enumerate(bodies)}


def urls():
    texts = """https://bank.example HTTPS://Bank.example:8443/path?query#fragment https://8.8.8.8/ https://127.0.0.1/
        https://[2606:4700:4700::1111]:444/ https://[::1]/ https://[::ffff:127.0.0.1]/ https://[64:ff9b::7f00:1]/
        https://169.254.169.254/latest/meta-data https://0x7f.1/ https://2130706433/ https://127.1:0/ https://localhost./
        http://bank.example:80/ ftp://bank.example/ https:///path https://user@bank.example/ https://a:b@bank.example:1/
        https://bank.example:port/ https://bank.example:/ https://bank.example:65536/ https://bank.example\\@other.example/
        https://b%61nk.example/ https://xn--bnk-qla.example/ https://[::1 https://[v1.a]/ https://[fe80::1%25eth0]/
        https://bänk.example/ https://bank.example?@other.example https://bank.example#@other.example //bank.example/""".split()
    texts += ["https://bank.example/\r\nx: y", "https://bank.example/a path", "https://:443/", " https://bank.example/", "https://[]:444/"]
    return {f"url-{at:02}": text.encode() for at, text in enumerate(texts)}


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
        "transaction_json": transactions_in_json(),
        "authy_params": authy_params(),
        "callback_signature": callbacks(),
        "outbound_url": urls(),
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
