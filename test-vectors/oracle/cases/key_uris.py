"""Key URIs to be read, with the one spelling that is written for them; and Key URIs to be refused."""

import base64

import keyuri
from rfc import KEYS
from sampler import Sampler

S20 = base64.b32encode(KEYS["SHA1"]).decode("ascii")
TOTP = "otpauth://totp/"
PLAIN = TOTP + "ACME:alice?secret=" + S20


def files():
    yield (
        "key-uris-valid.json", "key-uri-valid", "computed: Key Uri Format, RFC 4648 section 6",
        "Enrolment strings, what they mean, and how they are written again. transaction_suite is null where RFC 6287 "
        "has no spelling of the period.",
        list(_valid()),
    )
    yield (
        "key-uris-invalid.json", "key-uri-invalid", "the README's reading of the Key Uri Format",
        "Enrolment strings that are refused, each for one reason.",
        list(_invalid()),
    )


def _base32(size, padded=False):
    text = base64.b32encode(Sampler("key-uri").data(size)).decode("ascii")
    return text if padded else text.rstrip("=")


def _read(name, string):
    uri = keyuri.read(string.encode("utf-8"))
    canonical = keyuri.write(uri)
    assert keyuri.read(canonical.encode("ascii")) == uri
    case = {"name": name, "uri": string}
    for field, value in uri.items():
        if field == "secret":
            case["secret_hex"] = value.hex()
        else:
            case[field] = value
    return dict(case, transaction_suite=keyuri.transaction_suite(uri), canonical_uri=canonical)


def _valid():
    everything = "&issuer=ACME&algorithm=SHA256&digits=8&period=30"
    yield _read("everything", TOTP + "ACME:alice@example.com?secret=" + _base32(32) + everything)
    yield _read("only-a-secret", TOTP + "alice?secret=" + S20)
    yield _read("issuer-by-prefix", PLAIN)
    yield _read("issuer-by-parameter", TOTP + "alice?secret=" + S20 + "&issuer=ACME")
    yield _read("issuer-twice", PLAIN + "&issuer=ACME")
    yield _read("order-of-parameters", TOTP + "ACME:alice?period=60&digits=7&algorithm=SHA512&issuer=ACME&secret=" + S20)
    yield _read("scheme-and-type-in-capitals", "OTPAUTH://TOTP/ACME:alice?secret=" + S20)
    yield _read("colon-escaped", TOTP + "ACME%3Aalice?secret=" + S20)
    yield _read("colon-escaped-in-lower-case", TOTP + "ACME%3aalice?secret=" + S20)
    yield _read("blanks-behind-the-colon", TOTP + "ACME:%20%20alice?secret=" + S20)
    yield _read("blanks-behind-an-escaped-colon", TOTP + "ACME%3A%20alice?secret=" + S20)
    yield _read("blanks-inside", TOTP + "ACME%20Co:alice%20smith?secret=" + S20 + "&issuer=ACME%20Co")
    yield _read("plus-in-the-issuer-parameter", TOTP + "ACME%20Co:alice?secret=" + S20 + "&issuer=ACME+Co")
    yield _read("plus-in-the-label", TOTP + "alice+bank@example.com?secret=" + S20)
    yield _read("escaped-plus-in-both", TOTP + "A%2BB:alice?secret=" + S20 + "&issuer=A%2BB")
    yield _read("at-sign-escaped", TOTP + "ACME:alice%40example.com?secret=" + S20)
    yield _read("unicode", TOTP + "B%C3%A4cker:J%C3%BCrgen?secret=" + S20 + "&issuer=B%C3%A4cker")
    yield _read("unicode-raw", TOTP + "B\u00e4cker:J\u00fcrgen?secret=" + S20)
    yield _read("percent-in-the-account", TOTP + "ACME:100%25?secret=" + S20)
    yield _read("slash-in-the-account", TOTP + "ACME:a%2Fb?secret=" + S20)
    yield _read("slash-raw-in-the-account", TOTP + "ACME:a/b?secret=" + S20)
    yield _read("question-mark-in-the-account", TOTP + "ACME:a%3Fb?secret=" + S20)
    yield _read("secret-in-lower-case", TOTP + "alice?secret=" + S20.lower())
    yield _read("secret-in-mixed-case", TOTP + "alice?secret=" + S20.swapcase()[:16] + S20[16:])
    for name, padded in (("raw", _base32(16, True)), ("escaped", _base32(16, True).replace("=", "%3D")),
                         ("escaped-in-lower-case", _base32(32, True).replace("=", "%3d"))):
        yield _read("padding-" + name, TOTP + "alice?secret=" + padded)
    for size in (16, 17, 18, 19, 20, 32, 63, 64):
        yield _read("secret-of-%d-bytes" % size, TOTP + "alice?secret=" + _base32(size))
    yield _read("secret-of-zeros", TOTP + "alice?secret=" + "A" * 32)
    for algorithm in ("SHA1", "SHA256", "SHA512", "sha1", "sha256", "Sha512"):
        yield _read("algorithm-" + algorithm, PLAIN + "&algorithm=" + algorithm)
    for digits in (6, 7, 8):
        yield _read("digits-%d" % digits, PLAIN + "&digits=%d" % digits)
    for period in (1, 10, 15, 30, 59, 60, 61, 90, 119, 120):
        yield _read("period-%d" % period, PLAIN + "&period=%d" % period)
    yield _read("authy", TOTP + "alice?secret=" + _base32(16) + "&digits=7&period=10")
    for counter in (0, 1, 42, (1 << 53) - 1, (1 << 64) - 2):
        yield _read("hotp-counter-%d" % counter, "otpauth://hotp/ACME:alice?secret=%s&counter=%d" % (S20, counter))
    yield _read("hotp-everything", "otpauth://hotp/ACME:alice?secret=%s&issuer=ACME&algorithm=SHA512&digits=8&counter=7" % S20)
    yield _read("hotp-ignores-period", "otpauth://hotp/ACME:alice?secret=%s&counter=7&period=60" % S20)
    yield _read("totp-ignores-counter", PLAIN + "&counter=7")
    yield _read("blank-before-account-and-issuer", TOTP + "%20alice?secret=" + S20 + "&issuer=ACME")
    yield _read("issuer-empty-is-none", TOTP + "alice?secret=" + S20 + "&issuer=")
    yield _read("unknown-parameters", PLAIN + "&image=https%3A%2F%2Fexample.com%2Flogo.png&color=ff0000&lock=true")
    yield _read("parameter-names-have-case", PLAIN + "&Digits=8&PERIOD=60")
    yield _read("600-bytes", (PLAIN + "&image=").ljust(600, "x"))


def _refused(name, string, reason):
    raw = string if isinstance(string, bytes) else string.encode("utf-8")
    try:
        keyuri.read(raw)
    except keyuri.Refused as refused:
        assert refused.reason == reason, (name, refused.reason, reason)
    else:
        raise AssertionError(name)
    where = {"uri": raw.decode("utf-8")} if not isinstance(string, bytes) else {"uri_hex": raw.hex()}
    return dict({"name": "%s-%s" % (reason, name)}, **where, reason=reason)


def _invalid():
    yield _refused("601-bytes", (PLAIN + "&image=").ljust(601, "x"), "too-long")
    for name, string in (("txotp", "txotp://totp/alice?secret=" + S20), ("empty", ""), ("no-slashes", "otpauth:totp/alice?secret=" + S20),
                         ("blank-before", " " + PLAIN), ("migration", "otpauth-migration://offline?data=x")):
        yield _refused(name, string, "wrong-scheme")
    for name, kind in (("steam", "steam"), ("ocra", "ocra"), ("yaotp", "yaotp"), ("empty", ""), ("blank", "totp%20"), ("longer", "totps")):
        yield _refused(name, "otpauth://%s/alice?secret=%s" % (kind, S20), "wrong-type")
    yield _refused("at-the-end", PLAIN + "#", "fragment")
    yield _refused("in-the-issuer", PLAIN + "&issuer=ACME#1", "fragment")
    for name, string in (("in-the-label", TOTP + "al%ice?secret=" + S20), ("in-the-issuer", TOTP + "alice?secret=" + S20 + "&issuer=100%"),
                         ("in-the-secret", TOTP + "alice?secret=" + S20 + "%3")):
        yield _refused(name, string, "bad-percent")
    for name, string in (("in-the-label", TOTP + "al%FFice?secret=" + S20), ("in-the-issuer", TOTP + "alice?secret=" + S20 + "&issuer=%C3"),
                         ("overlong", TOTP + "%C0%AF?secret=" + S20), ("raw", (TOTP + "alice").encode() + b"\xe9?secret=" + S20.encode())):
        yield _refused(name, string, "bad-utf8")
    for name, string in (("override-in-the-label", TOTP + "a%E2%80%AEb?secret=" + S20), ("zero-width-in-the-issuer", TOTP + "alice?secret=" + S20 + "&issuer=AC%E2%80%8BME"),
                         ("line-feed-in-the-label", TOTP + "a%0Ab?secret=" + S20), ("nul-in-the-issuer", TOTP + "alice?secret=" + S20 + "&issuer=%00"),
                         ("in-the-prefix", TOTP + "AC%C2%ADME:alice?secret=" + S20), ("raw-tab", TOTP + "a\tb?secret=" + S20)):
        yield _refused(name, string, "forbidden-text")
    for name, string in (("no-slash", "otpauth://totp?secret=" + S20), ("empty-label", TOTP + "?secret=" + S20), ("behind-the-issuer", TOTP + "ACME:?secret=" + S20),
                         ("only-blanks-behind-the-issuer", TOTP + "ACME:%20?secret=" + S20)):
        yield _refused(name, string, "missing-account")
    for name, string in (("two-colons", TOTP + "ACME:a:b?secret=" + S20), ("two-escaped", TOTP + "ACME%3Aa%3Ab?secret=" + S20), ("one-of-each", TOTP + "ACME:a%3Ab?secret=" + S20),
                         ("doubled", TOTP + "ACME::alice?secret=" + S20)):
        yield _refused(name, string, "bad-label")
    for name, issuer in (("other", "EVIL"), ("case", "acme"), ("blank-behind", "ACME%20"), ("look-alike", "%D0%90CME")):
        yield _refused(name, PLAIN + "&issuer=" + issuer, "issuer-mismatch")
    yield _refused("no-parameters", TOTP + "alice", "missing-secret")
    yield _refused("others-there", TOTP + "alice?issuer=ACME&digits=6", "missing-secret")
    yield _refused("in-capitals", TOTP + "alice?SECRET=" + S20, "missing-secret")
    for name, secret in (
        ("digit-0", "0" + S20[1:]), ("digit-1", "1" + S20[1:]), ("digit-8", "8" + S20[1:]), ("blank", S20[:4] + "%20" + S20[4:]),
        ("plus", S20[:4] + "+" + S20[4:]), ("hyphen", S20[:4] + "-" + S20[4:]), ("hex", "0123456789abcdef" * 2), ("padding-inside", S20[:8] + "=" + S20[8:]),
        ("one-letter-too-many", S20 + "A"), ("length-3-of-8", S20 + "AAA"), ("length-6-of-8", S20 + "AAAAAA"), ("trailing-bits", _base32(16)[:-1] + "B"),
        ("trailing-bits-17", _base32(17)[:-1] + "B"), ("beyond-ascii", S20[:-1] + "%C3%A9"), ("full-width", S20[:-1] + "%EF%BC%A1"),
        ("long-s", S20[:-1] + "%C5%BF"), ("dotless-i", S20[:-1] + "%C4%B1"),
    ):
        yield _refused(name, TOTP + "alice?secret=" + secret, "bad-secret")
    for size in (1, 10, 15):
        yield _refused("%d-bytes" % size, TOTP + "alice?secret=" + _base32(size), "secret-too-short")
    for size in (65, 66, 128):
        yield _refused("%d-bytes" % size, TOTP + "alice?secret=" + _base32(size), "secret-too-long")
    for name, algorithm in (("md5", "MD5"), ("hyphen", "SHA-256"), ("sha384", "SHA384"), ("hmac", "HmacSHA1"), ("empty", ""), ("blank", "SHA1%20"),
                            ("long-s", "%C5%BFHA1"), ("number", "1")):
        yield _refused(name, PLAIN + "&algorithm=" + algorithm, "bad-algorithm")
    for name, digits in (("5", "5"), ("9", "9"), ("10", "10"), ("0", "0"), ("leading-zero", "06"), ("sign", "%2B6"), ("negative", "-6"), ("empty", ""),
                         ("blank", "6+"), ("full-width", "%EF%BC%96"), ("point", "6.0")):
        yield _refused(name, PLAIN + "&digits=" + digits, "bad-digits")
    for name, period in (("0", "0"), ("121", "121"), ("leading-zero", "030"), ("sign", "%2B30"), ("negative", "-30"), ("unit", "30s"), ("empty", ""),
                         ("huge", "18446744073709551646"), ("point", "30.0"), ("hex", "0x1e"), ("arabic-digits", "%D9%A3%D9%A0")):
        yield _refused(name, PLAIN + "&period=" + period, "bad-period")
    hotp = "otpauth://hotp/ACME:alice?secret=" + S20
    yield _refused("absent", hotp, "missing-counter")
    yield _refused("period-instead", hotp + "&period=30", "missing-counter")
    for name, counter in (("2-to-the-64", str(1 << 64)), ("negative", "-1"), ("sign", "%2B1"), ("empty", ""), ("letter", "1a"), ("leading-zero", "01"), ("point", "1.0")):
        yield _refused(name, hotp + "&counter=" + counter, "bad-counter")
    for name, tail in (("secret", "&secret=" + S20), ("issuer", "&issuer=ACME&issuer=ACME"), ("digits", "&digits=6&digits=8"), ("algorithm", "&algorithm=SHA1&algorithm=SHA1"),
                       ("period", "&period=30&period=60"), ("escaped-name", "&%73ecret=" + S20)):
        yield _refused(name, PLAIN + tail, "repeated-parameter")
    yield _refused("counter", hotp + "&counter=1&counter=1", "repeated-parameter")
