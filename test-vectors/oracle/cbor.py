"""The part of CBOR (RFC 8949) that the canonical form needs: unsigned integers, text and maps.

`encode` is the core deterministic encoding of section 4.2.1: shortest heads, definite lengths, map keys
in the bytewise order of their encoded forms. `decode` accepts that encoding only, and so proves that a
byte string is canonical.
"""

UNSIGNED, TEXT, MAP = 0, 3, 5


def head(major, argument):
    """Section 3: major type and argument, in the shortest of its five forms."""
    if argument < 24:
        return bytes([major << 5 | argument])
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if argument < 1 << 8 * size:
            return bytes([major << 5 | info]) + argument.to_bytes(size, "big")
    raise ValueError("argument over 64 bits")


def encode(value):
    """An int, a str or a dict of str keys, as deterministic CBOR."""
    if isinstance(value, dict):
        items = sorted((encode(key), encode(item)) for key, item in value.items())
        return head(MAP, len(items)) + b"".join(key + item for key, item in items)
    if isinstance(value, str):
        raw = value.encode("utf-8")
        return head(TEXT, len(raw)) + raw
    return head(UNSIGNED, value)


def decode(data):
    """The value of one deterministic encoding; ValueError for anything else."""
    value, rest = _item(data)
    if rest or encode(value) != data:
        raise ValueError("not deterministic CBOR")
    return value


def _item(data):
    major, info = data[0] >> 5, data[0] & 0x1F
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    if info > 27:
        raise ValueError("indefinite or reserved length")
    argument = int.from_bytes(data[1:1 + size], "big") if size else info
    rest = data[1 + size:]
    if major == UNSIGNED:
        return argument, rest
    if major == TEXT:
        return rest[:argument].decode("utf-8"), rest[argument:]
    if major != MAP:
        raise ValueError("a type the canonical form does not use")
    value = {}
    for _ in range(argument):
        key, rest = _item(rest)
        value[key], rest = _item(rest)
    return value, rest
