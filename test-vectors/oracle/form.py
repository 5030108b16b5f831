"""The `txotp://` string: a strict reader and the one writer.

The syntax is application/x-www-form-urlencoded (WHATWG URL, section 5) behind a scheme, with PHP's
brackets for keys; unlike WHATWG's reader, this one refuses everything that it does not understand, with
one reason and the byte offset (from 0, in the input as given) at which it stands.
"""

import re

import text
from transaction import MAX_PAIRS, Transaction

DEFAULT_LIMIT = 600
SCHEME = b"txotp://"
TYPE = b"totp"
SECTIONS = ("details", "hidden_details")
UNESCAPED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*")
ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")


class Refused(ValueError):
    def __init__(self, reason, offset):
        super().__init__("%s at %d" % (reason, offset))
        self.reason = reason
        self.offset = offset


def write(transaction):
    """Message, details, hidden details, each in the order given; brackets literal."""
    parameters = ["message=" + _escape(transaction.message)]
    for section in SECTIONS:
        for key, value in getattr(transaction, section).items():
            parameters.append("%s[%s]=%s" % (section, _escape(key), _escape(value)))
    return "txotp://totp?" + "&".join(parameters)


def _escape(piece):
    out = ""
    for byte in piece.encode("utf-8"):
        if byte in UNESCAPED:
            out += chr(byte)
        else:
            out += "+" if byte == 0x20 else "%%%02X" % byte
    return out


def read(data, limit=DEFAULT_LIMIT):
    """The transaction that `data` (bytes) spells; Refused otherwise. Checks stand in order of rank."""
    if len(data) > limit:
        raise Refused("too-long", limit)
    if data[:len(SCHEME)].lower() != SCHEME:
        raise Refused("wrong-scheme", 0)
    start = len(SCHEME)
    end = next((i for i in range(start, len(data)) if data[i] in b"?#"), len(data))
    if data[start:end].lower() != TYPE:
        raise Refused("wrong-type", start)
    if data[end:end + 1] == b"#":
        raise Refused("fragment", end)
    if end + 1 >= len(data):
        raise Refused("missing-message", len(data))
    reader = _Reader(data)
    position = end + 1
    for raw in data[position:].split(b"&"):
        reader.parameter(position, raw)
        position += len(raw) + 1
    if reader.message is None:
        raise Refused("missing-message", len(data))
    return Transaction(reader.message, reader.pairs["details"].items(), reader.pairs["hidden_details"].items())


class _Reader:
    def __init__(self, data):
        self.data = data
        self.message = None
        self.pairs = {section: {} for section in SECTIONS}

    def parameter(self, start, raw):
        _scan(start, raw)
        if not raw:
            raise Refused("empty-parameter", start)
        name, equals, value = raw.partition(b"=")
        base, key = _name(start, name)
        value_start = start + len(name) + len(equals)
        value = _Decoded(value_start, value)
        if not value.text:
            raise Refused("empty-message" if base == "message" else "empty-value", value_start)
        value.refuse_forbidden(0)
        if base == "message":
            self._set_message(start, value.text)
        else:
            self._set_pair(start, base, key, value.text)

    def _set_message(self, start, message):
        if self.message not in (None, message):
            raise Refused("conflicting-message", start)
        self.message = message

    def _set_pair(self, start, section, key, value):
        pairs = self.pairs[section]
        if pairs.get(key, value) != value:
            raise Refused("conflicting-pair", start)
        if key not in pairs and sum(map(len, self.pairs.values())) == MAX_PAIRS:
            raise Refused("too-many-pairs", start)
        pairs[key] = value


def _scan(start, raw):
    for i, byte in enumerate(raw):
        if byte == 0x23:
            raise Refused("fragment", start + i)
        if byte == 0x25 and not ESCAPE.match(raw, i):
            raise Refused("bad-percent", start + i)


def _name(start, raw):
    """(base, key): key is None for the message."""
    name = _Decoded(start, raw)
    base = re.match(r"[^\[\]]*", name.text).group()
    if base != "message" and base not in SECTIONS:
        raise Refused("unknown-parameter", start)
    rest = name.text[len(base):]
    if base == "message":
        if rest:
            raise Refused("malformed-bracket", start)
        return base, None
    if len(rest) < 2 or rest[0] != "[" or rest[-1] != "]":
        raise Refused("malformed-bracket", start)
    key = rest[1:-1]
    if not key:
        raise Refused("empty-key", start)
    if "][" in key:
        raise Refused("nested-bracket", start)
    if "[" in key or "]" in key:
        raise Refused("bracket-in-key", start)
    name.refuse_forbidden(len(base) + 1)
    return base, key


class _Decoded:
    """Form-decoded text that remembers where in the input each decoded byte came from."""

    def __init__(self, start, raw):
        decoded, self.offsets = bytearray(), []
        i = 0
        while i < len(raw):
            self.offsets.append(start + i)
            if raw[i] == 0x25:
                decoded.append(int(raw[i + 1:i + 3], 16))
                i += 3
            else:
                decoded.append(0x20 if raw[i] == 0x2B else raw[i])
                i += 1
        try:
            self.text = decoded.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused("bad-utf8", self.offsets[error.start]) from None

    def refuse_forbidden(self, first):
        """Refuses the first forbidden code point from character `first` on."""
        for i in range(first, len(self.text)):
            if text.is_forbidden(self.text[i]):
                raise Refused("forbidden-text", self.offsets[len(self.text[:i].encode("utf-8"))])
