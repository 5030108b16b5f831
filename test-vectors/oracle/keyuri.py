"""The Key URI, `otpauth://`: how a seed and its parameters reach a device.

After the Key Uri Format of Google Authenticator's wiki; Base32 is RFC 4648 section 6. The reader forgives
what deployed issuers write (lower-case Base32, padding, the case of the algorithm, unknown parameters) and
refuses what two readers could understand differently.
"""

import base64
import re

import text

DEFAULT_LIMIT = 600
SCHEME = b"otpauth://"
KNOWN = ("secret", "issuer", "algorithm", "digits", "period", "counter")
ALGORITHMS = ("SHA1", "SHA256", "SHA512")
SEED_BYTES = (16, 64)
MAX_PERIOD = 120
MAX_COUNTER = (1 << 64) - 1
UNESCAPED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Refused(ValueError):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


def read(data, limit=DEFAULT_LIMIT):
    """The fields of a Key URI given as bytes."""
    if len(data) > limit:
        raise Refused("too-long")
    if data[:len(SCHEME)].lower() != SCHEME:
        raise Refused("wrong-scheme")
    path, _, query = data[len(SCHEME):].partition(b"?")
    kind, _, label = path.partition(b"/")
    if kind.lower() not in (b"totp", b"hotp"):
        raise Refused("wrong-type")
    if b"#" in data:
        raise Refused("fragment")
    kind = kind.decode("ascii").lower()
    prefix, account = _label(label)
    given = _parameters(query)
    issuer = given.get("issuer")
    if issuer is not None:
        _refuse_forbidden(issuer)
    if issuer is not None and ":" in issuer:
        raise Refused("bad-label")
    if None not in (prefix, issuer) and prefix != issuer:
        raise Refused("issuer-mismatch")
    uri = {"type": kind}
    if prefix or issuer:
        uri["issuer"] = prefix or issuer
        account = account.lstrip(" ")
        if not account:
            raise Refused("missing-account")
    uri["account"] = account
    uri["secret"] = _secret(given.get("secret"))
    algorithm = given.get("algorithm", "SHA1")
    uri["algorithm"] = algorithm.upper()
    if not algorithm.isascii() or uri["algorithm"] not in ALGORITHMS:
        raise Refused("bad-algorithm")
    if given.get("digits", "6") not in ("6", "7", "8"):
        raise Refused("bad-digits")
    uri["digits"] = int(given.get("digits", "6"))
    if kind == "totp":
        uri["period"] = _number(given.get("period", "30"), 1, MAX_PERIOD, "bad-period")
    elif "counter" not in given:
        raise Refused("missing-counter")
    else:
        uri["counter"] = _number(given["counter"], 0, MAX_COUNTER, "bad-counter")
    return uri


def write(uri):
    """The one spelling that this project writes: every parameter, in one order."""
    label = _escape(uri["account"])
    query = ["secret=" + base64.b32encode(uri["secret"]).decode("ascii").rstrip("=")]
    if "issuer" in uri:
        label = _escape(uri["issuer"]) + ":" + label
        query.append("issuer=" + _escape(uri["issuer"]))
    query.append("algorithm=" + uri["algorithm"])
    query.append("digits=%d" % uri["digits"])
    moving = "period" if uri["type"] == "totp" else "counter"
    query.append("%s=%d" % (moving, uri[moving]))
    return "otpauth://%s/%s?%s" % (uri["type"], label, "&".join(query))


def transaction_suite(uri):
    """The OCRA suite of the same device, or None where RFC 6287 has no spelling of the period."""
    start = "OCRA-1:HOTP-%s-%d:" % (uri["algorithm"], uri["digits"])
    if uri["type"] == "hotp":
        return start + "C-QH64"
    if uri["period"] < 60:
        return start + "QH64-T%dS" % uri["period"]
    if uri["period"] % 60 == 0:
        return start + "QH64-T%dM" % (uri["period"] // 60)
    return None


def _escape(piece):
    return "".join(chr(b) if b in UNESCAPED else "%%%02X" % b for b in piece.encode("utf-8"))


def _decode(raw):
    out, i = bytearray(), 0
    while i < len(raw):
        if raw[i] == 0x25:
            if not re.match(rb"%[0-9A-Fa-f]{2}", raw[i:]):
                raise Refused("bad-percent")
            out.append(int(raw[i + 1:i + 3], 16))
            i += 3
        else:
            out.append(raw[i])
            i += 1
    try:
        return out.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("bad-utf8") from None


def _refuse_forbidden(piece):
    if any(text.is_forbidden(character) for character in piece):
        raise Refused("forbidden-text")


def _label(raw):
    """(issuer or None, account): label = account / issuer ":" *" " account."""
    label = _decode(raw)
    _refuse_forbidden(label)
    if label.count(":") > 1:
        raise Refused("bad-label")
    prefix, colon, account = label.rpartition(":")
    if colon:
        account = account.lstrip(" ")
    if not account:
        raise Refused("missing-account")
    if colon and not prefix:
        raise Refused("bad-label")
    return (prefix if colon else None), account


def _parameters(query):
    given = {}
    for raw in query.split(b"&") if query else []:
        name, _, value = raw.replace(b"+", b" ").partition(b"=")
        name, value = _decode(name), _decode(value)
        if name not in KNOWN:
            continue
        if name in given:
            raise Refused("repeated-parameter")
        given[name] = value
    return given


def _secret(base32):
    if base32 is None:
        raise Refused("missing-secret")
    letters = base32.rstrip("=").upper()
    bits = "".join(format(BASE32.index(c), "05b") if c in BASE32 else "x" for c in letters)
    whole = len(bits) // 8 * 8
    if not base32.isascii() or "x" in bits or "1" in bits[whole:] or len(bits) - whole >= 5:
        raise Refused("bad-secret")
    seed = bytes(int(bits[i:i + 8], 2) for i in range(0, whole, 8))
    if len(seed) < SEED_BYTES[0]:
        raise Refused("secret-too-short")
    if len(seed) > SEED_BYTES[1]:
        raise Refused("secret-too-long")
    return seed


def _number(digits, low, high, reason):
    if not re.fullmatch("0|[1-9][0-9]{0,19}", digits) or not low <= int(digits) <= high:
        raise Refused(reason)
    return int(digits)
