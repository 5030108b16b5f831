"""OCRA beyond RFC 6287's own vectors, and the spelling of suites."""

import hashlib

import hotp
import ocra
from rfc import KEYS

QH64_DIGITS = (4, 6, 7, 8)
QH64_INPUTS = ("QH64-T30S", "QH64", "C-QH64", "C-QH64-T30S", "QH64-T1M", "QH64-T24H", "QH40-T30S")
QH64_USUAL_NUMBER = 59999999
QH64_NUMBERS = (0, 1, 37037036, QH64_USUAL_NUMBER, 1 << 32, (1 << 63) - 1)
QH64_CHALLENGES = (
    ("sha256-empty", hashlib.sha256(b"").hexdigest()),
    ("sha256-a", hashlib.sha256(b"a").hexdigest()),
    ("sha256-txotp", hashlib.sha256(b"txotp").hexdigest()),
    ("zeros", 64 * "0"),
    ("ones", 64 * "f"),
    ("top-bit", "8" + 63 * "0"),
    ("last-bit", 63 * "0" + "1"),
)


def files():
    yield (
        "ocra-qh64.json", "ocra", "computed: RFC 6287",
        "546 values for the hashed challenges that transactions use (QH64, and QH40 for SHA-1 digests). They "
        "agree with the Java reference of RFC 6287's Appendix A and with python-oath. The RFC itself has no QH vector.",
        list(_qh64()),
    )
    yield (
        "ocra-more.json", "ocra", "computed: RFC 6287",
        "Inputs that Appendix C leaves out: every P hash, S and its left padding, C with T, nine and ten digits, "
        "odd and lower-case hex, long numbers, hours, mutual hex; suites with -0 give mac_hex, the whole HMAC.",
        list(_more()),
    )
    yield (
        "ocra-invalid.json", "ocra-invalid", "RFC 6287 section 5.1, and the README's reading of it",
        "Inputs for which there is no code.",
        list(_invalid()),
    )
    yield (
        "ocra-suites.json", "ocra-suite", "RFC 6287 sections 6.1 to 6.3, erratum 3729",
        "Suites in their one spelling, and strings that are not. transaction_suite: may sign a transaction.",
        list(_suites()),
    )


def _qh64():
    for algorithm in hotp.ALGORITHMS:
        for digits in QH64_DIGITS:
            for inputs in QH64_INPUTS:
                yield from _qh64_group(algorithm, digits, inputs)


def _qh64_group(algorithm, digits, inputs):
    """Eight digits get every challenge, SHA-256 with eight digits every number too."""
    suite = ocra.Suite("OCRA-1:HOTP-%s-%d:%s" % (algorithm, digits, inputs))
    challenges = QH64_CHALLENGES if digits == 8 else QH64_CHALLENGES[:3]
    moving = suite.counter or suite.period is not None
    numbers = QH64_NUMBERS if (algorithm, digits) == ("SHA256", 8) and moving else (QH64_USUAL_NUMBER,)
    for name, challenge in challenges:
        for number in numbers:
            yield _case(
                "%s-%s-%d" % (suite.text, name, number) if moving else "%s-%s" % (suite.text, name),
                suite.text, KEYS[algorithm], [challenge[:suite.length]],
                c=number if suite.counter else None, t=number if suite.period else None,
            )


def _case(name, text, key, parts, c=None, t=None, pin=None, session=None, mode=None):
    """One computed case; what the suite does not name is absent."""
    suite = ocra.Suite(text)
    case = {
        "name": name, "mode": mode or ("mutual" if len(parts) == 2 else "one-way"),
        "suite": text, "key_hex": key.hex(), "q": "".join(parts),
    }
    if len(parts) == 2:
        case["q_parts"] = list(parts)
    if c is not None:
        case["c"] = c
    if pin is not None:
        case.update(pin=pin, pin_hash_hex=ocra.pin_hash(suite, pin).hex())
    if session is not None:
        case["s_hex"] = session.hex()
    if t is not None:
        case["t"] = t
    inputs = {"counter": c, "pin": pin, "session": session, "step": t}
    if suite.digits:
        case["code"] = ocra.response(suite, key, parts, **inputs)
    else:
        case["mac_hex"] = ocra.response_mac(suite, key, parts, **inputs).hex()
    return case


def _more():
    sha1, sha256, sha512 = (KEYS[algorithm] for algorithm in hotp.ALGORITHMS)
    digest = QH64_CHALLENGES[2][1]
    for algorithm in hotp.ALGORITHMS:
        for pin in ("1234", "000000", "correct horse", "p\u00e4ss"):
            text = "OCRA-1:HOTP-SHA256-8:QH64-P%s-T30S" % algorithm
            yield _case("pin-%s-%s" % (algorithm.lower(), pin), text, sha256, [digest], t=56666666, pin=pin)
    for length in (1, 32, 64, 128, 256, 512):
        for size in sorted({1, length // 2 or 1, length}):
            yield _case(
                "session-%03d-of-%03d" % (size, length), "OCRA-1:HOTP-SHA256-8:QH64-S%03d" % length, sha256,
                [digest], session=bytes((7 * i + 1) % 256 for i in range(size)),
            )
    session = bytes.fromhex("0000ff00")
    yield _case("session-zeros-inside", "OCRA-1:HOTP-SHA1-6:QN08-S064", sha1, ["12345678"], session=session)
    everything = "OCRA-1:HOTP-SHA512-8:C-QA64-PSHA512-S512-T48H"
    yield _case("every-input", everything, sha512, ["Aa 0~"], c=7, t=9837, pin="1234", session=b"session")
    yield _case("every-input-pin-sha1", "OCRA-1:HOTP-SHA1-6:C-QN08-PSHA1-S064-T1M", sha1, ["00000001"],
                c=(1 << 64) - 1, t=(1 << 64) - 1, pin="1234", session=b"s")
    for digits in (4, 5, 6, 7, 8, 9, 10):
        for algorithm in hotp.ALGORITHMS:
            text = "OCRA-1:HOTP-%s-%d:QH64-T30S" % (algorithm, digits)
            yield _case("%s-%d-digits" % (algorithm.lower(), digits), text, KEYS[algorithm], [digest], t=56666666)
    for algorithm in hotp.ALGORITHMS:
        for inputs, given in (("QN08", {}), ("C-QH64-T1M", {"c": 3, "t": 28333333}), ("QA10-PSHA1", {"pin": "1234"})):
            text = "OCRA-1:HOTP-%s-0:%s" % (algorithm, inputs)
            challenge = {"N": "12345678", "H": digest, "A": "SIG1000000"}[ocra.Suite(text).format]
            yield _case("whole-mac-%s" % text[12:], text, KEYS[algorithm], [challenge], **given)
    yield from _challenges(sha1, sha256)
    yield from _leading_zeros(sha256, digest)


def _challenges(sha1, sha256):
    hexes = ("0", "1", "12", "120", "1200", "123", "abcde", "ABCDE", "aBcDe", "0000", "00000", "f" * 63, "A" * 64)
    for q in hexes:
        yield _case("hex-%s" % (q if len(q) < 9 else "%s-x%d" % (q[0], len(q))), "OCRA-1:HOTP-SHA256-8:QH64", sha256, [q])
    numbers = ("0", "1", "5", "16", "80", "256", "100", "1600", "00000100", "00001600", "4294967296",
               "18446744073709551615", "18446744073709551616", "0" * 63 + "7", "9" * 63, "1" + "0" * 63, "9" * 64)
    for i, q in enumerate(numbers):
        yield _case("number-%02d-of-%d-digits" % (i + 1, len(q)), "OCRA-1:HOTP-SHA1-6:QN64", sha1, [q])
    for q in ("00000100", "00001600"):
        yield _case("number-collision-%s" % q, "OCRA-1:HOTP-SHA1-6:QN08", sha1, [q])
    texts = ("A", " ", "~", "printable ASCII: !\"#$%&'()*+,-./", "".join(chr(c) for c in range(0x3F, 0x7F)),
             "z" * 63, "z" * 64)
    for i, q in enumerate(texts):
        yield _case("text-%d-of-%d-characters" % (i + 1, len(q)), "OCRA-1:HOTP-SHA256-8:QA64", sha256, [q])
    for hours in (1, 24, 48):
        text = "OCRA-1:HOTP-SHA256-8:QN08-T%dH" % hours
        yield _case("hours-%d" % hours, text, sha256, ["12345678"], t=1700000000 // (3600 * hours))
    for minutes in (2, 59):
        text = "OCRA-1:HOTP-SHA256-8:QN08-T%dM" % minutes
        yield _case("minutes-%d" % minutes, text, sha256, ["12345678"], t=1700000000 // (60 * minutes))
    for first, second in (("ab", "cd"), ("ABCD", "123"), ("0" * 64, "f" * 64), ("12", "0")):
        yield _case("mutual-hex-%d-%d" % (len(first), len(second)), "OCRA-1:HOTP-SHA256-8:QH64", sha256, [first, second])
    for first, second in (("c", "S"), ("C" * 64, "S" * 64), ("short", "a longer one")):
        yield _case("mutual-text-%d-%d" % (len(first), len(second)), "OCRA-1:HOTP-SHA256-8:QA64", sha256, [first, second])
    yield _case("signature-with-server-authentication", "OCRA-1:HOTP-SHA256-8:QA08-PSHA1-T1M", sha256,
                ["SRV11110", "CLI22220"], t=20107446, pin="1234", mode="signature")


def _leading_zeros(key, digest):
    """The first steps whose codes begin with one, two and three zeros."""
    text = "OCRA-1:HOTP-SHA256-6:QH64-T30S"
    for zeros in (1, 2, 3):
        step = next(s for s in range(56666666, 56676666)
                    if ocra.response(ocra.Suite(text), key, [digest], step=s).startswith("0" * zeros))
        yield _case("leading-zeros-%d" % zeros, text, key, [digest], t=step)


def _invalid():
    rows = (
        ("number-empty", "QN08", [""], "an empty challenge"),
        ("number-too-long", "QN08", ["123456789"], "longer than the suite says"),
        ("number-with-a-letter", "QN08", ["1234567a"], "not decimal"),
        ("number-with-a-sign", "QN08", ["+1234567"], "not decimal"),
        ("number-full-width", "QN08", ["\uff11\uff12\uff13\uff14"], "digits, but not ASCII's"),
        ("number-with-a-blank", "QN08", [" 1234567"], "not decimal"),
        ("hex-empty", "QH08", [""], "an empty challenge"),
        ("hex-too-long", "QH08", ["123456789"], "longer than the suite says"),
        ("hex-with-a-g", "QH08", ["1234567g"], "not hex"),
        ("hex-with-a-prefix", "QH08", ["0x123456"], "not hex"),
        ("text-empty", "QA08", [""], "an empty challenge"),
        ("text-too-long", "QA08", ["abcdefghi"], "longer than the suite says"),
        ("text-with-a-tab", "QA08", ["a\tb"], "not printable"),
        ("text-with-a-nul", "QA08", ["SIG1\u0000"], "would collide with SIG1 through the padding"),
        ("text-with-del", "QA08", ["a\u007f"], "not printable"),
        ("text-beyond-ascii", "QA08", ["caf\u00e9"], "not ASCII"),
        ("mutual-numbers", "QN08", ["12345678", "12345678"], "RFC 6287 does not define how to join numbers"),
        ("mutual-hex-odd", "QH08", ["123", "45"], "half a byte between the challenges: RFC 6287 leaves it open"),
        ("mutual-first-empty", "QA08", ["", "SRV11110"], "an empty challenge"),
        ("mutual-second-empty", "QA08", ["CLI22220", ""], "an empty challenge"),
        ("mutual-second-too-long", "QA08", ["CLI22220", "SRV111100"], "longer than the suite says"),
    )
    for name, inputs, parts, why in rows:
        yield _refused(name, "OCRA-1:HOTP-SHA256-8:" + inputs, parts, why)
    yield _refused("session-empty", "OCRA-1:HOTP-SHA256-8:QN08-S064", ["12345678"], "an empty session", b"")
    yield _refused("session-too-long", "OCRA-1:HOTP-SHA256-8:QN08-S064", ["12345678"], "over 64 bytes", bytes(65))
    yield _refused("code-of-a-whole-mac", "OCRA-1:HOTP-SHA256-0:QN08", ["12345678"], "-0 gives a MAC and no code")


def _refused(name, text, parts, why, session=None):
    suite = ocra.Suite(text)
    try:
        ocra.response(suite, KEYS["SHA256"], parts, session=session)
    except ocra.Refused:
        case = {"name": name, "suite": text, "key_hex": KEYS["SHA256"].hex(), "q_parts": parts}
        if session is not None:
            case["s_hex"] = session.hex()
        return dict(case, why=why)
    raise AssertionError(name)


VALID = """
    SHA256-8:QH64-T30S SHA1-6:QH64-T30S SHA1-7:QH64-T10S SHA512-6:QH64-T1M SHA512-8:QH64-T2M SHA256-6:QH64-T1S
    SHA256-7:QH64-T59S SHA256-8:C-QH64 SHA256-8:C-QH64-T30S SHA256-8:QH64-PSHA1-T30S SHA256-8:QH64-PSHA256-T30S
    SHA256-8:QH64-PSHA512-T30S SHA256-8:C-QH64-PSHA256 SHA256-8:C-QH64-PSHA512-T1M SHA1-8:C-QH64-T2M
    SHA256-8:QH64 SHA256-8:QH64-PSHA256 SHA256-8:QH64-T3M SHA256-8:QH64-T59M SHA256-8:QH64-T1H SHA256-8:QH64-T48H
    SHA256-8:C-QH64-T3M SHA256-4:QH64-T30S SHA256-5:QH64-T30S SHA256-9:QH64-T30S SHA256-10:QH64-T30S
    SHA256-0:QH64-T30S SHA256-8:QH40-T30S SHA256-8:QH63-T30S SHA256-8:QH04-T30S SHA256-8:QN64-T30S SHA256-8:QA64-T30S
    SHA256-8:QH64-S064-T30S SHA256-8:C-QH64-S001 SHA256-8:QH64-S512-T30S SHA1-6:QN08 SHA1-10:QN04
    SHA256-8:C-QN08-PSHA1 SHA512-8:QA10-T1M SHA512-0:C-QA64-PSHA512-S512-T48H SHA1-6:QN10 SHA1-6:QN59
""".split()

MISSPELT = (
    ("OCRA-1:HOTP-SHA1-1:QN08", "1 digit"), ("OCRA-1:HOTP-SHA1-3:QN08", "3 digits"),
    ("OCRA-1:HOTP-SHA1-11:QN08", "11 digits"), ("OCRA-1:HOTP-SHA1-06:QN08", "leading zero in the digits"),
    ("OCRA-1:HOTP-SHA1-00:QN08", "leading zero in the digits"), ("OCRA-1:HOTP-SHA1-:QN08", "no digits"),
    ("OCRA-1:HOTP-SHA1:QN08", "no digits"), ("OCRA-1:HOTP-SHA1--6:QN08", "a negative number"),
    ("OCRA-1:HOTP-SHA1-6:QN03", "challenge of 3"), ("OCRA-1:HOTP-SHA1-6:QN65", "challenge of 65"),
    ("OCRA-1:HOTP-SHA1-6:QN8", "one digit in Q (the RFC's own section 6.4 has such a slip)"),
    ("OCRA-1:HOTP-SHA1-6:QN008", "three digits in Q"), ("OCRA-1:HOTP-SHA1-6:QB08", "unknown challenge format"),
    ("OCRA-1:HOTP-SHA1-6:Q08", "no challenge format"), ("OCRA-1:HOTP-SHA1-6:QN", "no challenge length"),
    ("OCRA-1:HOTP-SHA1-6:", "no challenge"), ("OCRA-1:HOTP-SHA1-6", "no data input"),
    ("OCRA-1:HOTP-SHA1-6:C", "no challenge"), ("OCRA-1:HOTP-SHA1-6:C-", "no challenge"),
    ("OCRA-1:HOTP-SHA1-6:T30S", "no challenge"), ("OCRA-1:HOTP-SHA1-6:QN08-C", "counter after the challenge"),
    ("OCRA-1:HOTP-SHA1-6:CQN08", "no hyphen after C"), ("OCRA-1:HOTP-SHA1-6:C-C-QN08", "two counters"),
    ("OCRA-1:HOTP-SHA1-6:QN08-QN08", "two challenges"), ("OCRA-1:HOTP-SHA1-6:QN08-P", "no PIN hash"),
    ("OCRA-1:HOTP-SHA1-6:QN08-PMD5", "unknown PIN hash"), ("OCRA-1:HOTP-SHA1-6:QN08-PSHA-1", "hyphen in the hash"),
    ("OCRA-1:HOTP-SHA1-6:QN08-PSHA1-PSHA1", "two PINs"), ("OCRA-1:HOTP-SHA1-6:QN08-S", "no session length"),
    ("OCRA-1:HOTP-SHA1-6:QN08-S64", "two digits in S"), ("OCRA-1:HOTP-SHA1-6:QN08-S000", "session of 0"),
    ("OCRA-1:HOTP-SHA1-6:QN08-S513", "session over 512"), ("OCRA-1:HOTP-SHA1-6:QN08-S0064", "four digits in S"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T0S", "step of 0"), ("OCRA-1:HOTP-SHA1-6:QN08-T60S", "60 s are T1M"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T0M", "step of 0"), ("OCRA-1:HOTP-SHA1-6:QN08-T60M", "60 min are T1H"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T0H", "step of 0 (erratum 3729)"), ("OCRA-1:HOTP-SHA1-6:QN08-T49H", "over 48 hours"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T1D", "days do not exist"), ("OCRA-1:HOTP-SHA1-6:QN08-T01M", "leading zero in T"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T030S", "leading zero in T"), ("OCRA-1:HOTP-SHA1-6:QN08-T30", "no unit"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T", "no step"), ("OCRA-1:HOTP-SHA1-6:QN08-T30s", "lower case"),
    ("OCRA-1:HOTP-SHA1-6:QN08-T30S-PSHA1", "T before P"), ("OCRA-1:HOTP-SHA1-6:QN08-T30S-S064", "T before S"),
    ("OCRA-1:HOTP-SHA1-6:QN08-S064-PSHA1", "S before P"), ("OCRA-1:HOTP-SHA1-6:QN08-T30S-T30S", "two steps"),
    ("ocra-1:hotp-sha1-6:qn08", "lower case"), ("OCRA-1:HOTP-sha1-6:QN08", "lower case"),
    ("OCRA-1:HOTP-SHA1-6:qN08", "lower case"), ("OCRA-1:HOTP-SHA1-6:Qn08", "lower case"),
    ("OCRA-1:HOTP-MD5-6:QN08", "unknown hash"), ("OCRA-1:HOTP-SHA384-6:QN08", "unknown hash"),
    ("OCRA-1:HOTP-SHA-1-6:QN08", "hyphen in the hash"), ("OCRA-1:TOTP-SHA1-6:QN08", "unknown function"),
    ("OCRA-2:HOTP-SHA1-6:QN08", "another version"), ("OCRA-01:HOTP-SHA1-6:QN08", "another version"),
    ("OCRA:HOTP-SHA1-6:QN08", "no version"), ("HOTP-SHA1-6:QN08", "no algorithm"), ("", "empty"),
    ("OCRA-1:HOTP-SHA1-6:QN08 ", "blank behind"), (" OCRA-1:HOTP-SHA1-6:QN08", "blank before"),
    ("OCRA-1:HOTP-SHA1-6:QN08\n", "line feed behind"), ("OCRA-1:HOTP-SHA1-6:QN08\u0000", "NUL behind"),
    ("OCRA-1:HOTP-SHA1-6:QN08-", "hyphen behind"), ("OCRA-1:HOTP-SHA1-6:QN08-X", "unknown input"),
    ("OCRA-1:HOTP-SHA1-6 :QN08", "blank inside"), ("OCRA-1:HOTP-SHA1-6;QN08", "another separator"),
    ("OCRA-1::HOTP-SHA1-6:QN08", "doubled separator"), ("OCRA-1:HOTP-SHA1-\uff16:QN08", "a digit, but not ASCII's"),
    ("OCRA-1:HOTP-SHA1-6:QN\u0660\u0668", "digits, but not ASCII's"), ("OCRA-1:HOTP-SHA1-6:Q\u041d08", "a Cyrillic letter"),
)


def _suites():
    for tail in VALID:
        text = "OCRA-1:HOTP-" + tail
        suite = ocra.Suite(text)
        yield {"name": "valid-" + text, "suite": text, "valid": True, "transaction_suite": suite.is_transaction_suite()}
    for i, (text, why) in enumerate(MISSPELT):
        try:
            ocra.Suite(text)
        except ocra.Refused:
            yield {"name": "invalid-%02d" % (i + 1), "suite": text, "valid": False, "why": why}
        else:
            raise AssertionError(text)
