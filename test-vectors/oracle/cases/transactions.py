"""Transactions with their strings, canonical forms, digests and codes; and pairs that must not agree."""

import form
import transaction
import worked
from rfc import KEYS
from sampler import Sampler
from transaction import Transaction

DEFAULT = "OCRA-1:HOTP-SHA256-8:QH64-T30S"
TIMES = (0, 1, 29, 30, 59, 60, 1700000000, (1 << 31) - 1, 1 << 31, (1 << 32) + 1, 20000000000)
# (inputs behind "OCRA-1:HOTP-", PIN)
SUITES = (
    ("SHA1-6:QH64-T30S", None), ("SHA1-7:QH64-T10S", None), ("SHA256-6:QH64-T1S", None), ("SHA256-7:QH64-T59S", None),
    ("SHA256-8:QH64-T1M", None), ("SHA256-8:QH64-T2M", None), ("SHA512-6:QH64-T1M", None), ("SHA512-8:QH64-T30S", None),
    ("SHA1-6:C-QH64", None), ("SHA256-8:C-QH64", None), ("SHA512-7:C-QH64", None), ("SHA256-8:C-QH64-T30S", None),
    ("SHA256-8:QH64-PSHA1-T30S", "1234"), ("SHA256-8:QH64-PSHA256-T30S", "1234"),
    ("SHA256-8:QH64-PSHA512-T30S", "123456"), ("SHA256-8:C-QH64-PSHA256", "000000"),
    ("SHA512-8:C-QH64-PSHA512-T2M", "p\u00e4ss"),
)
PAYMENT = ("Pay", (("Amount", "100.00 EUR"), ("To", "ACME")), (("Transaction ID", "T1"),))


def files():
    yield (
        "transactions.json", "transaction", "computed: RFC 8949 section 4.2.1, FIPS 180-4, RFC 6287 section 7.3.1",
        "From transaction to string, canonical form, digest and codes. A string over 600 bytes comes with the limit "
        "under which it is written and read.",
        list(_transactions()),
    )
    yield (
        "must-differ.json", "must-differ", "computed: RFC 8949 section 4.2.1, FIPS 180-4",
        "Pairs of transactions that somebody could take for one another. A trailing NUL is not here: NUL is forbidden "
        "text. Nor is reordering: it must not differ.",
        list(_must_differ()),
    )


def _case(name, parts, codes=((DEFAULT, {"unix_time": 1700000000}),), key=None):
    subject = Transaction(*parts)
    string = form.write(subject)
    size = len(string)
    again = form.read(string.encode("ascii"), max(size, form.DEFAULT_LIMIT))
    assert again.as_json() == subject.as_json() and again.canonical() == subject.canonical()
    case = {"name": name, "transaction": subject.as_json(), "string": string}
    if size > form.DEFAULT_LIMIT:
        case["limit"] = size
    case["canonical_hex"] = subject.canonical().hex()
    case["digest_hex"] = subject.digest().hex()
    case["codes"] = []
    for suite, inputs in codes:
        seed = key or KEYS[suite[len("OCRA-1:HOTP-"):].split("-")[0]]
        code = transaction.sign(suite, seed, subject.digest(), **inputs)
        case["codes"].append(dict({"suite": suite, "key_hex": seed.hex()}, **inputs, code=code))
    return case


def _transactions():
    example = (worked.MESSAGE, worked.DETAILS, worked.HIDDEN_DETAILS)
    yield _case("documented-example", example, _worked_codes())
    yield _case("every-suite", PAYMENT, list(_suite_codes()))
    yield _case("every-boundary-of-time", PAYMENT, [(DEFAULT, {"unix_time": time}) for time in TIMES])
    counters = (0, 1, 255, 256, 1 << 32, (1 << 53) - 1, (1 << 64) - 2)
    yield _case("counters", PAYMENT, [("OCRA-1:HOTP-SHA256-8:C-QH64", {"counter": c}) for c in counters])
    yield _case("leading-zeros", PAYMENT, list(_leading_zeros()))
    for size in (16, 20, 63, 64):
        yield _case("seed-of-%d-bytes" % size, PAYMENT, key=Sampler("seed").data(size))
    yield from _unicode()
    yield from _lengths()
    yield from _keys()
    yield from _escapes()
    yield from _random()


def _worked_codes():
    for suite, _ in worked.CODES:
        yield suite, {"unix_time": worked.UNIX_TIME}


def _suite_codes():
    for tail, pin in SUITES:
        inputs = {}
        if "-T" in tail:
            inputs["unix_time"] = 1700000000
        if ":C-" in tail:
            inputs["counter"] = 42
        if pin:
            inputs["pin"] = pin
        yield "OCRA-1:HOTP-" + tail, inputs


def _leading_zeros():
    """The first minutes after 1700000000 whose code of six digits begins with one, two, three zeros."""
    suite, digest = "OCRA-1:HOTP-SHA1-6:QH64-T1M", Transaction(*PAYMENT).digest()
    for zeros in (1, 2, 3):
        time = 1700000000
        while not transaction.sign(suite, KEYS["SHA1"], digest, time).startswith("0" * zeros):
            time += 60
        yield suite, {"unix_time": time}


def _unicode():
    for name, piece in (
        ("e-acute-composed", "caf\u00e9"), ("e-acute-decomposed", "cafe\u0301"), ("cjk", "\u8f6c\u8d26\u4e00\u5343\u5143"),
        ("hangul", "\uc1a1\uae08"), ("cyrillic", "\u041f\u0435\u0440\u0435\u0432\u043e\u0434"), ("greek", "\u03a0\u03bb\u03b7\u03c1\u03c9\u03bc\u03ae"),
        ("arabic", "\u062f\u0641\u0639"), ("hebrew", "\u05ea\u05e9\u05dc\u05d5\u05dd"), ("emoji", "\U0001f4b6"), ("full-width-digits", "\uff11\uff10\uff10"),
        ("supplementary-plane", "\U00020bb7\u91ce\u5c4b"), ("last-of-each-length", "\u007e\u07ff\ufffd\U000efffd"),
        ("first-of-each-length", "\u0020\u00a0\u0800\U00010000"), ("no-break-space", "1\u00a0000,00 \u20ac"),
        ("combining-stack", "a\u0300\u0301\u0302\u0303\u0304"), ("utf16-order-differs", "\uff5e\U00010000"),
    ):
        yield _case("unicode-" + name, (piece, (("Key " + piece, piece),), ((piece, "hidden " + piece),)))
    order = (("\U00010000", "after U+FF5E in UTF-8, before it in UTF-16"), ("\uff5e", "first"))
    yield _case("unicode-key-order", ("order", order))


def _lengths():
    """Around the heads of RFC 8949 section 3: 23 to 24 and 255 to 256 bytes, 23 to 24 pairs."""
    for size in (1, 23, 24, 25, 255, 256, 257):
        yield _case("message-of-%d-bytes" % size, ("m" * size,))
        yield _case("key-of-%d-bytes" % size, ("m", (("k" * size, "v"),)))
        yield _case("value-of-%d-bytes" % size, ("m", (("k", "v" * size),)))
        yield _case("hidden-value-of-%d-bytes" % size, ("m", (), (("k", "v" * size),)))
    yield _case("message-of-12-characters-and-24-bytes", ("\u00e9" * 12,))
    for count in (0, 1, 22, 23, 24, 31, 32):
        names = [chr(0x41 + i) if i < 26 else chr(0x61 + i - 26) for i in range(count)]
        yield _case("details-%d" % count, ("m", [(name, "1") for name in names]))
    yield _case("hidden-details-24", ("m", (), [(chr(0x41 + i), "1") for i in range(24)]))
    yield _case("details-16-and-hidden-16", (
        "m", [(chr(0x41 + i), "1") for i in range(16)], [(chr(0x41 + i), "1") for i in range(16)],
    ))
    for size in (599, 600, 601, 2953):
        plain = len(form.write(Transaction("m")))
        yield _case("string-of-%d-bytes" % size, ("m" * (size - plain + 1),))


def _keys():
    for name, keys in (
        ("by-length-then-bytes", ("bb", "a", "B", "aa", "b", "A", "ab", "aaa")),
        ("numbers", ("10", "9", "1", "01", "0", "-1")),
        ("of-javascript", ("__proto__", "constructor", "toString", "hasOwnProperty", "length", "then")),
        ("of-the-string-itself", ("message", "details", "hidden_details", "v", "totp", "txotp")),
        ("with-blanks", (" a", "a ", "a", " ", "  ", "a b")),
        ("with-punctuation", ("a.b", "a,b", ":sym", "a=b", "a&b", "a?b", "a#b", "a%b", "a+b", "a;b", "a/b", "a\\b", "\"", "'")),
        ("at-the-head-of-24", ("k" * 24, "k" * 23, "z", "l" * 23)),
        ("by-case", ("amount", "Amount", "AMOUNT")),
    ):
        yield _case("keys-" + name, ("m", [(key, str(i)) for i, key in enumerate(keys)]))
    yield _case("keys-in-both-sections", ("m", (("Amount", "100"), ("To", "A")), (("To", "B"), ("Amount", "100"))))
    yield _case("keys-repeated-and-collapsed", ("m", (("a", "1"), ("b", "2"), ("a", "1")), (("a", "1"), ("a", "1"))))
    backwards = tuple(reversed(worked.DETAILS))
    yield _case("documented-example-backwards", (worked.MESSAGE, backwards, worked.HIDDEN_DETAILS), _worked_codes())


def _escapes():
    ascii_text = "".join(chr(c) for c in range(0x20, 0x7F))
    no_brackets = ascii_text.replace("[", "").replace("]", "")
    yield _case("every-printable-ascii-in-the-message", (ascii_text,))
    yield _case("every-printable-ascii-in-a-value", ("m", (("k", ascii_text),)))
    yield _case("every-printable-ascii-in-a-key", ("m", ((no_brackets, "v"),)))
    yield _case("brackets-in-values", ("[m]", (("k", "[v]"),), (("k", "a[b]=c&d"),)))
    yield _case("escapes-that-are-text", ("a%20b+c%2Bd", (("%5Bk%5D", "%00"),)))
    yield _case("blanks-are-kept", (" m ", ((" k ", "  v  "),)))
    for name, first in (("c2", 0x00A0), ("c3", 0x00C0), ("c4-c5", 0x0100)):
        piece = "".join(chr(c) for c in range(first, first + 0x40) if c != 0xAD)
        yield _case("every-escape-behind-%s" % name, (piece,))


def _random():
    """Twenty transactions over an alphabet that needs every kind of care."""
    alphabet = "abcXYZ019 -._*~+%&=;#?/\\\"'<>|\u00e9\u0301\u00df\u20ac\u4e2d\u062f\U0001f600"
    sampler = Sampler("transactions")
    for i in range(20):
        def piece(longest):
            return "".join(sampler.choice(alphabet) for _ in range(sampler.between(1, longest)))
        message = piece(20)
        sections = ({}, {})
        for _ in range(sampler.below(7)):
            sections[sampler.below(2)].setdefault(piece(5), piece(6))
        suite, pin = sampler.choice(SUITES)
        inputs = {}
        if "-T" in suite:
            inputs["unix_time"] = sampler.below(1 << 33)
        if ":C-" in suite:
            inputs["counter"] = sampler.below(1 << 33)
        if pin:
            inputs["pin"] = pin
        parts = (message, sections[0].items(), sections[1].items())
        yield _case("random-%02d" % (i + 1), parts, [("OCRA-1:HOTP-" + suite, inputs)])


M, PAIR = "Pay", (("Amount", "100"), ("To", "ACME"))
BASE = (M, PAIR, ())
PAIRS = (
    ("amount-100-and-1600", BASE, (M, (("Amount", "1600"), ("To", "ACME"))), "as raw QN08 challenges they collide in RFC 6287"),
    ("amount-1-and-16", (M, (("Amount", "1"),)), (M, (("Amount", "16"),)), "as raw QN08 challenges they collide in RFC 6287"),
    ("amount-5-and-80", (M, (("Amount", "5"),)), (M, (("Amount", "80"),)), "as raw QN08 challenges they collide in RFC 6287"),
    ("amount-with-leading-zeros", (M, (("Amount", "100"),)), (M, (("Amount", "00000100"),)), "leading zeros vanish in a QN challenge"),
    ("amount-with-point", (M, (("Amount", "100"),)), (M, (("Amount", "1.00"),)), "punctuation dropped before signing"),
    ("amount-with-trailing-zero", (M, (("Amount", "1.0"),)), (M, (("Amount", "1.00"),)), "numbers are text"),
    ("amount-with-exponent", (M, (("Amount", "100"),)), (M, (("Amount", "1e2"),)), "numbers are text"),
    ("amount-with-sign", (M, (("Amount", "100"),)), (M, (("Amount", "+100"),)), "numbers are text"),
    ("hex-right-padding", (M, (("Ref", "ab"),)), (M, (("Ref", "ab00"),)), "as raw QH challenges they collide in RFC 6287"),
    ("message-or-detail", ("Pay", (("Amount", "100"),)), ("Pay100", (("Amount", "100"),)), "value repeated in the message"),
    ("message-boundary", ("Pay1", (("a", "00"),)), ("Pay", (("a", "100"),)), "a character moved from message to value"),
    ("key-value-boundary", (M, (("ab", "c"),)), (M, (("a", "bc"),)), "a character moved from key to value"),
    ("value-key-boundary", (M, (("a", "bc"), ("d", "e"))), (M, (("a", "b"), ("cd", "e"))), "a character moved from value to the next key"),
    ("moved-to-hidden", (M, (("Amount", "100"), ("To", "ACME"))), (M, (("Amount", "100"),), (("To", "ACME"),)), "a pair moved out of sight"),
    ("all-moved-to-hidden", (M, PAIR, ()), (M, (), PAIR), "all pairs moved out of sight"),
    ("sections-swapped", (M, (("a", "1"),), (("b", "2"),)), (M, (("b", "2"),), (("a", "1"),)), "what is shown and what is not, exchanged"),
    ("values-swapped", (M, (("From", "A"), ("To", "B"))), (M, (("From", "B"), ("To", "A"))), "values exchanged between keys"),
    ("values-swapped-between-sections", (M, (("a", "1"),), (("a", "2"),)), (M, (("a", "2"),), (("a", "1"),)), "values exchanged between sections"),
    ("keys-and-values-swapped", (M, (("a", "b"),)), (M, (("b", "a"),)), "key and value exchanged"),
    ("pair-added", BASE, (M, PAIR + (("Fee", "0"),)), "one pair more"),
    ("hidden-pair-added", BASE, (M, PAIR, (("Fee", "0"),)), "one hidden pair more"),
    ("pair-repeated-in-hidden", BASE, (M, PAIR, PAIR[:1]), "the same pair once more, in the other section"),
    ("pair-or-none", ("m", (("a", "1"),)), ("m",), "a section that is empty"),
    ("one-character-of-the-message", ("Pay A", PAIR), ("Pay B", PAIR), "one character"),
    ("one-character-of-a-key", (M, (("Ta", "1"),)), (M, (("To", "1"),)), "one character"),
    ("one-character-of-a-value", (M, (("To", "ACME"),)), (M, (("To", "ACNE"),)), "one character"),
    ("one-character-of-a-hidden-value", (M, PAIR, (("ID", "T1"),)), (M, PAIR, (("ID", "T2"),)), "one character"),
    ("case-of-the-message", ("pay", ()), ("Pay", ()), "case is not folded"),
    ("case-of-a-key", (M, (("to", "A"),)), (M, (("To", "A"),)), "case is not folded"),
    ("case-of-a-value", (M, (("To", "acme"),)), (M, (("To", "ACME"),)), "case is not folded"),
    ("turkish-dotless-i", (M, (("To", "I"),)), (M, (("To", "\u0131"),)), "case is not folded, in no language"),
    ("nfc-and-nfd", (M, (("To", "caf\u00e9"),)), (M, (("To", "cafe\u0301"),)), "text is not normalised"),
    ("nfkc-full-width", (M, (("Amount", "100"),)), (M, (("Amount", "\uff11\uff10\uff10"),)), "text is not normalised"),
    ("nfkc-superscript", (M, (("Amount", "102"),)), (M, (("Amount", "10\u00b2"),)), "text is not normalised"),
    ("ligature", (M, (("To", "fi"),)), (M, (("To", "\ufb01"),)), "text is not normalised"),
    ("angstrom-sign", (M, (("Unit", "\u00c5"),)), (M, (("Unit", "\u212b"),)), "text is not normalised"),
    ("cyrillic-look-alike", (M, (("To", "ACME"),)), (M, (("To", "\u0410CME"),)), "U+0410 looks like A"),
    ("greek-look-alike", (M, (("To", "OMEGA"),)), (M, (("To", "\u039fMEGA"),)), "U+039F looks like O"),
    ("blank-before", ("Pay", ()), (" Pay", ()), "nothing is trimmed"),
    ("blank-behind", ("Pay", ()), ("Pay ", ()), "nothing is trimmed"),
    ("blank-before-a-key", (M, (("To", "A"),)), (M, ((" To", "A"),)), "nothing is trimmed"),
    ("blank-behind-a-value", (M, (("To", "A"),)), (M, (("To", "A "),)), "nothing is trimmed"),
    ("two-blanks", ("a b", ()), ("a  b", ()), "blanks are not folded"),
    ("no-blank", ("a b", ()), ("ab", ()), "blanks are not dropped"),
    ("no-break-space", ("a b", ()), ("a\u00a0b", ()), "blanks are not folded"),
    ("blank-and-plus", ("a b", ()), ("a+b", ()), "form encoding"),
    ("blank-and-escape", ("a b", ()), ("a%20b", ()), "decoded once, not twice"),
    ("escape-decoded-twice", ("100%", ()), ("100%25", ()), "decoded once, not twice"),
    ("separator-ampersand", (M, (("a", "1"), ("b", "2"))), (M, (("a", "1&details[b]=2"),)), "separator injection"),
    ("separator-into-hidden", (M, (("a", "1"),), (("b", "2"),)), (M, (("a", "1&hidden_details[b]=2"),)), "separator injection"),
    ("separator-into-message", ("Pay&details[a]=1", ()), ("Pay", (("a", "1"),)), "separator injection"),
    ("separator-equals", (M, (("a=b", "c"),)), (M, (("a", "b=c"),)), "separator injection"),
    ("separator-bar", (M, (("a", "b|c"),)), (M, (("a|b", "c"),)), "separator injection"),
    ("separator-semicolon", (M, (("a", "1;b=2"),)), (M, (("a", "1"), ("b", "2"))), "separator injection"),
    ("separator-json", (M, (("a", '1","b":"2'),)), (M, (("a", "1"), ("b", "2"))), "separator injection"),
    ("separator-tilde", (M, (("a", "b~c"),)), (M, (("a", "b"), ("c", "~"))), "separator injection"),
    ("bytes-of-cbor-as-text", (M, (("a", "aab"),)), (M, (("a", "a"), ("b", "b"))), "letters that are CBOR heads"),
    ("key-in-either-section", (M, (("v", "1"),)), (M, (), (("v", "1"),)), "the name of the version field"),
    ("cut-at-64", ("x" * 64,), ("x" * 64 + "y",), "text is never cut"),
    ("cut-at-64-value", (M, (("k", "x" * 64),)), (M, (("k", "x" * 64 + "y"),)), "text is never cut"),
    ("cut-at-144", ("x" * 144,), ("x" * 144 + "y",), "text is never cut"),
    ("cut-at-200", ("x" * 200,), ("x" * 200 + "y",), "text is never cut"),
    ("cut-at-200-key", (M, (("k" * 200, "v"),)), (M, (("k" * 200 + "l", "v"),)), "text is never cut"),
    ("cut-at-200-value", (M, (("k", "x" * 200 + "a"),)), (M, (("k", "x" * 200 + "b"),)), "text is never cut"),
    ("cut-at-255", ("x" * 255,), ("x" * 256,), "text is never cut"),
    ("tail-after-64", ("x" * 64 + "Pay ACME",), ("x" * 64 + "Pay MALLORY",), "the end is bound too"),
    ("message-or-value", ("A", (("k", "B"),)), ("B", (("k", "A"),)), "message and value exchanged"),
    ("message-or-key", ("A", (("B", "v"),)), ("B", (("A", "v"),)), "message and key exchanged"),
    ("numbers-as-keys", (M, (("10", "x"), ("9", "y"))), (M, (("10", "y"), ("9", "x"))), "keys are not list positions"),
    ("keys-01-and-1", (M, (("01", "x"),)), (M, (("1", "x"),)), "keys are text"),
    ("proto", (M, (("__proto__", "x"),)), (M,), "no key is dropped"),
    ("hyphens", ("a-b", ()), ("a\u2010b", ()), "hyphens are not folded"),
    ("quotes", ("it's", ()), ("it\u2019s", ()), "quotes are not folded"),
    ("line-look-alikes", ("Il1", ()), ("lI1", ()), "look-alikes are not folded"),
)


def _must_differ():
    for name, a, b, why in PAIRS:
        one, two = Transaction(*a), Transaction(*b)
        assert one.digest() != two.digest() and one.canonical() != two.canonical()
        yield {
            "name": name, "why": why, "a": one.as_json(), "b": two.as_json(),
            "digest_a_hex": one.digest().hex(), "digest_b_hex": two.digest().hex(),
        }
