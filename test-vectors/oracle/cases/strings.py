"""Strings to be read, and strings to be refused: one vector, one reason."""

import form
import text
import worked
from transaction import MAX_PAIRS

HEAD = "txotp://totp?"
M = HEAD + "message=m"


def files():
    yield (
        "strings-valid.json", "string-valid", "computed: the grammar of the README",
        "Strings that are read, with the transaction that they spell; none needs to be as the writer writes it.",
        list(_valid()),
    )
    yield (
        "strings-invalid.json", "string-invalid", "computed: the grammar of the README",
        "Strings that are refused, with the reason and the byte offset. string_hex stands where the bytes are not UTF-8.",
        list(_invalid()),
    )


def escape(piece):
    """Every byte escaped."""
    return "".join("%%%02X" % byte for byte in piece.encode("utf-8"))


# Valid.

def _read(name, string, same_as=None, limit=None):
    if limit is None and len(string) > form.DEFAULT_LIMIT:
        limit = len(string)
    read = form.read(string.encode("utf-8"), limit or form.DEFAULT_LIMIT)
    if same_as is not None:
        assert read.digest() == form.read(same_as.encode("utf-8"), limit or form.DEFAULT_LIMIT).digest(), name
    case = {"name": name, "string": string}
    if limit:
        case["limit"] = limit
    return dict(case, transaction=read.as_json(), digest_hex=read.digest().hex())


def _valid():
    example = worked.STRING
    yield _read("documented-example", example)
    for name, string in _spellings(example):
        yield _read("documented-example-" + name, string, same_as=example)
    yield from _literals()
    yield from _brackets_read()
    yield from _limits_read()
    for first, last in text.FORBIDDEN:
        for name, point in (("before", first - 1), ("after", last + 1)):
            if text.is_encodable(point) and not text.is_forbidden(chr(point)):
                label = "%s-%X-%X" % (name, first, last)
                yield _read("text-just-" + label, HEAD + "message=" + escape("a" + chr(point)) + "b")
    for name, piece in (
        ("right-to-left-letters", "\u05d0\u0628"), ("combining-marks", "e\u0301\u0302"), ("emoji", "\U0001f600"),
        ("odd-spaces", "\u00a0\u2000\u200a\u202f\u205f\u3000"), ("replacement-character", "\ufffd"), ("full-width", "\uff11"),
        ("braille-blank", "\u2800"), ("object-replacement-character", "\ufffc"),
    ):
        yield _read("text-raw-" + name, HEAD + "message=" + piece)
        yield _read("text-escaped-" + name, HEAD + "message=" + escape(piece), same_as=HEAD + "message=" + piece)


def _spellings(example):
    parameters = example[len(HEAD):].split("&")
    yield "backwards", HEAD + "&".join(reversed(parameters))
    yield "message-last", HEAD + "&".join(parameters[1:] + parameters[:1])
    yield "hidden-first", HEAD + "&".join(parameters[-1:] + parameters[:-1])
    yield "blank-as-20", example.replace("+", "%20")
    yield "blanks-mixed", example.replace("+", "%20", 3)
    yield "blank-raw", example.replace("+", " ")
    yield "brackets-upper", example.replace("[", "%5B").replace("]", "%5D")
    yield "brackets-lower", example.replace("[", "%5b").replace("]", "%5d")
    yield "bracket-opening-only", example.replace("[", "%5b")
    yield "bracket-closing-only", example.replace("]", "%5D")
    yield "scheme-upper", example.replace("txotp://", "TXOTP://")
    yield "scheme-and-type-mixed", example.replace("txotp://totp", "TxOtP://ToTp")
    yield "everything-escaped", HEAD + "&".join("=".join(map(_escape_form, p.split("="))) for p in parameters)
    yield "names-escaped", example.replace("message", "%6d%65ssage").replace("details", "%64etails")
    yield "message-twice", example + "&" + parameters[0]
    yield "message-twice-in-two-spellings", example + "&message=Approve%20money%20transaction"
    yield "message-between", HEAD + "&".join(parameters[1:3] + parameters[:1] + parameters[3:] + parameters[:1])
    yield "three-pairs-repeated", example + "&" + "&".join(parameters[1:4])
    yield "every-pair-twice", HEAD + "&".join(parameters + parameters[1:])
    yield "repeated-in-another-spelling", example + "&details%5BAmount%5D=1000%20Euros"
    yield "hidden-pair-repeated", example + "&" + parameters[-1]


def _escape_form(piece):
    return escape(piece.replace("+", " "))


def _literals():
    for name, tail in (
        ("equals-in-a-value", "&details[a]=b=c"), ("equals-first-in-a-value", "&details[a]==b"),
        ("equals-in-a-key", "&details[a%3Db]=c"), ("semicolon", "&details[a]=1;details[b]=2"),
        ("question-mark-in-a-value", "&details[a]=b?c"), ("slashes-in-a-value", "&details[a]=//b"),
        ("brackets-raw-in-a-value", "&details[a]=[b][c]"), ("brackets-escaped-in-a-value", "&details[a]=%5Bb%5D"),
        ("plus-percent-and-blank", "&details[a]=%2B%20+"), ("escaped-percent", "&details[a]=a%2520b"),
        ("escaped-ampersand-and-hash", "&details[a]=b%26c%23d"), ("escapes-of-plain-letters", "&details[%61]=%62"),
        ("lower-case-escapes", "&details[a]=%c3%a9"), ("mixed-case-escapes", "&details[a]=%C3%a9"),
        ("half-raw-half-escaped", "&details[a]=caf\u00e9%C3%A9"), ("raw-utf8-key", "&details[\u00e9]=1"),
        ("quotes-and-backslash", "&details[a]=\"'\\`<>|^{}"), ("tilde-raw", "&details[a]=~!$'(),:@/"),
        ("blanks-at-both-ends", "&details[+a+]=+b+"), ("plus-in-a-key", "&details[a+b]=1"),
        ("same-key-in-both-sections", "&details[a]=1&hidden_details[a]=2"),
        ("keys-that-differ-by-case", "&details[a]=1&details[A]=2"),
    ):
        yield _read("literal-" + name, M + tail)
    yield _read("literal-message-escaped-whole", HEAD + "message=" + escape("caf\u00e9 & [co]"))


def _brackets_read():
    for name, tail in (
        ("numbers-as-keys", "&details[10]=x&details[9]=y"), ("keys-out-of-order", "&details[0]=x&details[2]=y&details[1]=z"),
        ("proto", "&details[__proto__]=1"), ("constructor", "&details[constructor]=1"), ("dot-in-key", "&details[a.b]=1"),
        ("comma-in-key", "&details[a,b]=1"), ("symbol-in-key", "&details[:sym]=1"), ("blanks-in-key", "&details[ a ]=1"),
        ("opening-escaped-closing-raw", "&details%5Ba]=1"), ("sections-interleaved", "&hidden_details[a]=1&details[b]=2&hidden_details[c]=3"),
        ("key-named-message", "&details[message]=1&hidden_details[details]=2"),
    ):
        yield _read("bracket-" + name, M + tail)


def _limits_read():
    plain = HEAD + "message="
    yield _read("limit-shortest", plain + "m")
    yield _read("limit-600-bytes", plain + "m" * (600 - len(plain)))
    yield _read("limit-601-bytes-of-601", plain + "m" * (601 - len(plain)), limit=601)
    yield _read("limit-2953-bytes", plain + "m" * (2953 - len(plain)), limit=2953)
    yield _read("limit-of-22-bytes", plain + "m", limit=22)
    pairs = _pairs(MAX_PAIRS)
    yield _read("limit-32-pairs", M + pairs)
    yield _read("limit-32-pairs-one-repeated", M + pairs + "&details[A]=1", same_as=M + pairs)
    both = "".join("&details[%c]=1&hidden_details[%c]=1" % (c, c) for c in range(0x41, 0x51))
    yield _read("limit-16-and-16-pairs", M + both)
    yield _read("limit-16-and-16-pairs-all-twice", M + both + both, limit=2953)


def _pairs(count):
    names = [chr(0x41 + i) if i < 26 else chr(0x61 + i - 26) for i in range(count)]
    return "".join("&details[%s]=1" % name for name in names)


# Invalid.

def _refused(name, string, reason, offset, limit=None):
    """`offset` counts bytes; a negative one counts from the end of the string, and None is its length."""
    raw = string if isinstance(string, bytes) else string.encode("utf-8")
    if offset is None or offset < 0:
        offset = len(raw) + (offset or 0)
    try:
        form.read(raw, limit or form.DEFAULT_LIMIT)
    except form.Refused as refused:
        assert (refused.reason, refused.offset) == (reason, offset), (name, refused.reason, refused.offset, offset)
    else:
        raise AssertionError(name)
    case = {"name": "%s-%s" % (reason, name)}
    try:
        case["string"] = raw.decode("utf-8")
    except UnicodeDecodeError:
        case["string_hex"] = raw.hex()
    if limit:
        case["limit"] = limit
    return dict(case, reason=reason, offset=offset)


def _invalid():
    yield from _frame()
    yield from _percent_and_utf8()
    yield from _names()
    yield from _values()
    yield from _conflicts()
    yield from _hostile()
    yield from _ranks()


def _frame():
    for size, limit in ((601, None), (602, None), (2954, 2953), (22, 21), (601, 600)):
        string = (HEAD + "message=").ljust(size, "m")
        yield _refused("%d-of-%s" % (size, limit or "default"), string, "too-long", limit or 600, limit)
    yield _refused("with-raw-utf8", HEAD + "message=" + "\u00e9" * 290, "too-long", 600)
    for name, string in (
        ("empty", ""), ("half", "txotp:/"), ("otpauth", "otpauth://totp?message=m"), ("http", "http://totp?message=m"),
        ("no-slashes", "txotp:totp?message=m"), ("one-slash", "txotp:/totp?message=m"), ("blank-before", " " + M),
        ("byte-order-mark", "\ufeff" + M), ("line-feed-before", "\n" + M), ("letter-missing", "txot://totp?message=m"),
        ("letter-more", "txotps://totp?message=m"), ("long-s", "t\u017fotp://totp?message=m"), ("escaped", "%74xotp://totp?message=m"),
        ("full-width", "\uff54xotp://totp?message=m"), ("tab-inside", "tx\totp://totp?message=m"), ("scheme-alone", "txotp"),
    ):
        yield _refused(name, string, "wrong-scheme", 0)
    for name, string in (
        ("empty", "txotp://"), ("missing", "txotp://?message=m"), ("hotp", "txotp://hotp?message=m"), ("slash", "txotp://totp/?message=m"),
        ("path", "txotp://totp/x?message=m"), ("version", "txotp://v1?message=m"), ("port", "txotp://totp:80?message=m"),
        ("user", "txotp://u@totp?message=m"), ("blank", "txotp://totp ?message=m"), ("escaped", "txotp://%74otp?message=m"),
        ("cut", "txotp://tot"), ("longer", "txotp://totpx"), ("three-slashes", "txotp:///totp?message=m"), ("fragment-only", "txotp://#"),
        ("ampersand", "txotp://totp&message=m"), ("line-feed", "txotp://to\ntp?message=m"),
    ):
        yield _refused(name, string, "wrong-type", 8)
    for name, string in (("type-alone", "txotp://totp"), ("question-mark-alone", "txotp://totp?"),
                         ("only-a-detail", HEAD + "details[a]=1"), ("only-hidden", HEAD + "hidden_details[a]=1"),
                         ("all-but", worked.STRING.replace("message=Approve+money+transaction&", "")),
                         ("upper-case-type", "TXOTP://TOTP")):
        yield _refused(name, string, "missing-message", None)
    for name, string, offset in (
        ("behind-the-type", "txotp://totp#message=m", 12), ("before-the-query", "txotp://totp#?message=m", 12),
        ("behind-the-question-mark", HEAD + "#message=m", 13), ("at-the-end", M + "#", -1), ("with-text", M + "#x", -2),
        ("in-a-value", M + "&details[a]=b#c", -2), ("in-a-key", M + "&details[a#b]=c", -5), ("in-a-name", HEAD + "mess#age=m", 17),
        ("behind-an-ampersand", M + "&#", -1), ("in-an-unknown-parameter", M + "&x=#", -1), ("two", M + "#a#b", -4),
    ):
        yield _refused(name, string, "fragment", offset)
    for name, string, offset in (
        ("ampersand-behind", M + "&", None), ("ampersand-before", HEAD + "&message=m", 13), ("ampersands", M + "&&details[a]=1", 23),
        ("only-an-ampersand", HEAD + "&", 13), ("both-ends", HEAD + "&&details[a]=1&", 13), ("two-behind", M + "&&", 23),
        ("behind-a-detail", M + "&details[a]=1&", None),
    ):
        yield _refused(name, string, "empty-parameter", offset)


def _percent_and_utf8():
    for name, string, offset in (
        ("at-the-end", M + "&details[a]=100%", -1), ("one-digit", M + "&details[a]=%4", -2), ("not-hex", M + "&details[a]=%zz", -3),
        ("second-not-hex", M + "&details[a]=%4g", -3), ("cut-by-an-ampersand", HEAD + "message=%4&details[a]=1", 21),
        ("percent-before-an-ampersand", HEAD + "message=a%&details[a]=1", 22), ("in-a-key", M + "&details[a%]=1", -4),
        ("in-a-name", HEAD + "mess%age=m", 17), ("doubled", M + "&details[a]=%%41", -4), ("with-a-sign", M + "&details[a]=%+1", -3),
        ("with-a-blank", M + "&details[a]=% 1", -3), ("unicode-style", M + "&details[a]=%u0041", -6),
        ("full-width-digits", M + "&details[a]=%\uff14\uff11", -7), ("before-equals", HEAD + "message%=m", 20),
        ("after-a-good-one", M + "&details[a]=%41%", -1), ("in-an-unknown-parameter", M + "&x=%", -1), ("alone", HEAD + "%", 13),
        ("split-by-equals", M + "&details[a%5=1", -4),
    ):
        yield _refused(name, string, "bad-percent", offset)
    m = HEAD + "message="
    for name, escaped, offset in (
        ("ff", "%ff", 0), ("fe", "a%FE", 1), ("continuation-alone", "ab%80", 2), ("cut-two", "a%C3", 1), ("cut-three", "a%E2%82", 1),
        ("cut-four", "a%F0%9F%98", 1), ("cut-then-letter", "%C3a", 0), ("overlong-slash", "%C0%AF", 0), ("overlong-nul", "%C0%80", 0),
        ("overlong-three", "%E0%80%AF", 0), ("overlong-four", "%F0%80%80%AF", 0), ("surrogate-first", "%ED%A0%80", 0),
        ("surrogate-last", "a%ED%BF%BF", 1), ("surrogate-pair", "%ED%A0%BD%ED%B8%80", 0), ("over-10ffff", "%F4%90%80%80", 0),
        ("five-bytes", "%F8%88%80%80%80", 0), ("latin-1", "caf%E9", 3), ("after-good-utf8", "%C3%A9%FF", 6), ("second-byte-raw-letter", "%E2%82x", 0),
    ):
        yield _refused("message-" + name, m + escaped, "bad-utf8", len(m) + offset)
    for name, head, tail, offset in (
        ("raw-ff", m, b"\xff", 0), ("raw-latin-1", m, b"caf\xe9", 3), ("raw-cut", m, b"\xe2\x82", 0), ("raw-surrogate", m, b"\xed\xa0\x80", 0),
        ("raw-and-escaped", m, b"\xe2%82", 0), ("raw-in-a-value", M + "&details[a]=", b"b\xffc", 1), ("raw-in-a-key", M + "&details[", b"\xff]=1", 0),
        ("raw-in-a-name", HEAD, b"\xffmessage=m", 0), ("raw-overlong", m, b"\xc0\xaf", 0),
    ):
        yield _refused(name, head.encode() + tail, "bad-utf8", len(head) + offset)
    for name, string, offset in (
        ("in-a-key", M + "&details[a%FF]=1", -6), ("in-a-name", HEAD + "mess%FFage=m", 17), ("in-an-unknown-name", M + "&x%FF=1", -5),
        ("in-a-value", M + "&details[a]=b%C3%28", -6), ("value-of-one-byte", M + "&details[a]=%ff", -3), ("split-between-key-and-value", M + "&details[%C3]=%A9", -8),
    ):
        yield _refused(name, string, "bad-utf8", offset)


def _names():
    at = len(M) + 1
    for name, tail in (
        ("amount", "amount=1"), ("twice", "amount=1&amount=2"), ("upper-case-message", "MESSAGE=1"), ("capital-details", "Details[a]=1"),
        ("message2", "message2=m"), ("blank-behind-message", "message+=m"), ("blank-before-details", "+details[a]=1"), ("empty-name", "=v"),
        ("empty-name-then-good", "=v&details[a]=1"), ("only-brackets", "[a]=1"), ("dot", "de.tails[a]=1"), ("blank-inside", "de+tails[a]=1"),
        ("singular", "detail[a]=1"), ("hyphen", "hidden-details[a]=1"), ("one-word", "hiddendetails[a]=1"), ("no-name-no-value", "="),
        ("name-only", "x"), ("dotted-key", "details.a=1"), ("question-mark-again", "?details[a]=1"), ("message-with-nul", "message%00=m"),
        ("zero-width-inside", "mess%E2%80%8Bage=m"), ("signature", "signature=x"), ("v", "v=1"), ("issuer", "issuer=x"),
        ("turkish-dotless-i", "deta\u0131ls[a]=1"), ("long-s", "me\u017fsage=m"), ("semicolon", ";details[a]=1"), ("bracket-closing", "]=1"),
        ("blank-before-bracket", "details+[a]=1"),
    ):
        yield _refused(name, M + "&" + tail, "unknown-parameter", at)
    yield _refused("first", HEAD + "x=1&message=m", "unknown-parameter", 13)
    yield _refused("upper-case-message-first", HEAD + "MESSAGE=1&message=2", "unknown-parameter", 13)
    yield _refused("two-unicode-forms", HEAD + "message=%C3%A9&message2=e%CC%81", "unknown-parameter", 28)
    for name, tail in (
        ("details-alone", "details=1"), ("details-without-value", "details"), ("hidden-alone", "hidden_details=1"), ("before-a-good-one", "details=1&details[a]=2"),
        ("unclosed", "details[a=1"), ("unopened", "details]a[=1"), ("closing-only", "details]=1"), ("opening-only", "details[=1"),
        ("text-behind", "details[a]b=1"), ("blank-behind", "details[a]+=1"), ("escaped-unclosed", "details%5Ba=1"),
        ("equals-in-key-raw", "details[a=b]=1"), ("closed-then-opened", "details[a][=1"), ("hidden-unclosed", "hidden_details[a=1"),
        ("ampersand-in-key-raw", "details[a&b]=1"), ("parentheses-behind", "details[a]()=1"), ("without-equals", "details[a"),
    ):
        yield _refused(name, M + "&" + tail, "malformed-bracket", at)
    yield _refused("after-a-good-one", M + "&details[a]=2&details=1", "malformed-bracket", -9)
    for name, tail in (("message-pair", "message[a]=1"), ("message-list", "message[]=1"), ("message-opening", "message[=1"), ("message-closing", "message]=1")):
        yield _refused(name, HEAD + tail, "malformed-bracket", 13)
    for name, tail in (
        ("list", "details[]=1"), ("list-of-two", "details[]=1&details[]=2"), ("list-without-value", "details[]="), ("list-name-only", "details[]"),
        ("escaped", "details%5B%5D=1"), ("hidden", "hidden_details[]=1"),
    ):
        yield _refused(name, M + "&" + tail, "empty-key", at)
    for name, tail in (
        ("two-levels", "details[a][b]=1"), ("three-levels", "details[a][b][c]=1"), ("list-of-lists", "details[][]=1"), ("list-behind", "details[a][]=1"),
        ("list-before", "details[][a]=1"), ("escaped", "details%5Ba%5D%5Bb%5D=1"), ("escaped-inside", "details[a%5D%5Bb]=1"), ("hidden", "hidden_details[a][b]=1"),
        ("logo", "details[0][res]=1"), ("and-doubled", "details[[a][b]]=1"),
    ):
        yield _refused(name, M + "&" + tail, "nested-bracket", at)
    for name, tail in (
        ("closing-escaped", "details[a%5D]=1"), ("opening-escaped", "details[a%5B]=1"), ("opening", "details[a[b]=1"), ("closing", "details[a]b]=1"),
        ("doubled", "details[[a]]=1"), ("opening-first", "details[[]=1"), ("closing-twice", "details[a]]=1"), ("closing-first", "details[]a]=1"),
        ("pair-escaped", "details[a%5Bb%5D]=1"), ("hidden", "hidden_details[a%5d]=1"), ("only-brackets", "details[[]]=1"),
    ):
        yield _refused(name, M + "&" + tail, "bracket-in-key", at)


def _values():
    for name, string, offset in (
        ("plain", HEAD + "message=", None), ("name-only", HEAD + "message", None), ("then-detail", HEAD + "message=&details[a]=1", 21),
        ("name-only-then-detail", HEAD + "message&details[a]=1", 20), ("second-of-two", M + "&message=", None), ("escaped-name", HEAD + "%6dessage=", None),
    ):
        yield _refused(name, string, "empty-message", offset)
    for name, string, offset in (
        ("detail", M + "&details[a]=", None), ("without-equals", M + "&details[a]", None), ("then-another", M + "&details[a]=&details[b]=1", 34),
        ("without-equals-then-another", M + "&details[a]&details[b]=1", 33), ("hidden", M + "&hidden_details[a]=", None),
        ("before-the-message", HEAD + "details[a]=&message=m", 24), ("second-of-two", M + "&details[a]=1&details[a]=", None),
    ):
        yield _refused(name, string, "empty-value", offset)


def _conflicts():
    for name, tail, offset in (
        ("two", "&message=n", 23), ("case", "&message=M", 23), ("blank", "&message=m+", 23), ("after-a-detail", "&details[a]=1&message=n", 36),
        ("third", "&message=m&message=n", 33), ("escaped-name", "&%6dessage=n", 23), ("longer", "&message=mm", 23),
    ):
        yield _refused(name, M + tail, "conflicting-message", offset)
    yield _refused("unicode-forms", HEAD + "message=%C3%A9&message=e%CC%81", "conflicting-message", 28)
    for name, tail, offset in (
        ("two", "&details[a]=1&details[a]=2", 36), ("not-adjacent", "&details[a]=1&details[b]=2&details[a]=3", 49), ("case-of-value", "&details[a]=x&details[a]=X", 36),
        ("hidden", "&hidden_details[a]=1&hidden_details[a]=2", 43), ("spelled-otherwise", "&details[a]=1&details%5Ba%5D=2", 36),
        ("key-spelled-otherwise", "&details[a]=1&details[%61]=2", 36), ("blank-behind-value", "&details[a]=1&details[a]=1+", 36),
        ("third", "&details[a]=1&details[a]=1&details[a]=2", 49), ("leading-zero", "&details[a]=1&details[a]=01", 36),
        ("beside-the-other-section", "&details[a]=1&hidden_details[a]=2&details[a]=2", 56),
    ):
        yield _refused(name, M + tail, "conflicting-pair", offset)
    full = M + _pairs(MAX_PAIRS)
    yield _refused("33-details", full + "&details[last]=1", "too-many-pairs", len(full) + 1)
    yield _refused("32-and-a-hidden-one", full + "&hidden_details[A]=1", "too-many-pairs", len(full) + 1)
    yield _refused("repeated-then-a-33rd", full + "&details[A]=1&details[last]=1", "too-many-pairs", len(full) + 14)
    both = M + "".join("&details[%c]=1&hidden_details[%c]=1" % (c, c) for c in range(0x41, 0x51))
    yield _refused("16-and-16-and-one", both + "&details[last]=1", "too-many-pairs", len(both) + 1)
    flood = M + _pairs(34) + "&details[b]=1"
    yield _refused("34-details", flood, "too-many-pairs", len(full) + 1)
    yield _refused("message-behind", HEAD + _pairs(33)[1:] + "&message=m", "too-many-pairs", len(HEAD) + 32 * 13)


def _hostile():
    m = HEAD + "message="
    for first, last in text.FORBIDDEN:
        for point in sorted({first, last}):
            yield _refused("%04X" % point, m + escape("ab" + chr(point)) + "c", "forbidden-text", len(m) + 6)
    for name, piece, offset in (
        ("override-hides-the-payee", "Pay+ACME\u202eEMCA", 8), ("isolates", "\u2066100\u2069", 0), ("zero-width-space", "1\u200b00", 1),
        ("zero-width-joiner-in-emoji", "\U0001f468\u200d\U0001f469", 4), ("variation-selector", "\u2764\ufe0f", 3), ("byte-order-mark", "\ufeffx", 0),
        ("soft-hyphen", "co\u00adop", 2), ("tag-letters-of-a-flag", "\U0001f3f4\U000e0067", 4), ("raw-nul", "a\u0000", 1), ("raw-tab", "a\tb", 1),
        ("raw-line-feed", "a\nb", 1), ("raw-carriage-return", "a\rb", 1), ("raw-escape", "\u001b[31m", 0), ("raw-delete", "a\u007f", 1), ("raw-c1", "a\u0085", 1),
        ("line-separator", "a\u2028b", 1), ("private-use", "\ue000", 0), ("word-joiner", "a\u2060b", 1), ("hangul-filler", "\u3164", 0),
        ("arabic-letter-mark", "\u061c1", 0), ("left-to-right-mark", "1\u200e", 1), ("combining-grapheme-joiner", "a\u034fb", 1),
        ("second-of-two", "\u00e9\u20ac\u202e\u200b", 5),
    ):
        yield _refused("raw-" + name if not name.startswith("raw") else name, m + piece, "forbidden-text", len(m) + offset)
    for name, string, offset in (
        ("escaped-nul", m + "a%00x", len(m) + 1), ("escaped-nul-in-a-value", M + "&details[a]=%00x", -4), ("escaped-line-feed", m + "a%0Ab", len(m) + 1), ("escaped-tab", m + "%09", len(m)),
        ("escaped-byte-order-mark", m + "%EF%BB%BFx", len(m)), ("lower-case-escapes", m + "a%e2%80%ae", len(m) + 1),
        ("in-a-key", M + "&details[a%E2%80%8Bb]=1", -13), ("raw-in-a-key", M + "&details[a\u200bb]=1", -7),
        ("in-a-value", M + "&details[a]=%E2%80%AE1", -10), ("in-a-hidden-key", M + "&hidden_details[%00]=1", -6),
        ("in-a-hidden-value", M + "&hidden_details[a]=1%00", -3), ("after-raw-utf8", m + "\u00e9%00", len(m) + 2), ("behind-a-plus", m + "+%1F", len(m) + 1),
    ):
        yield _refused(name, string, "forbidden-text", offset)
    yield _refused("first-byte-raw", m.encode() + b"\xe2%80%ae", "forbidden-text", len(m))
    yield _refused("many", m + "\u0301" * 4 + "\u200f", "forbidden-text", len(m) + 8)


def _ranks():
    """Several faults at once: the one that stands first in the order of checks is the answer."""
    for name, string, reason, offset in (
        ("length-before-scheme", "http://" + "m" * 600, "too-long", 600), ("scheme-before-type", "http://hotp", "wrong-scheme", 0),
        ("type-before-fragment", "txotp://hotp#", "wrong-type", 8), ("fragment-before-a-later-percent", M + "&details[a]=#%", "fragment", -2),
        ("percent-before-a-later-fragment", M + "&details[a]=%#", "bad-percent", -2), ("left-parameter-first", HEAD + "x=1&y=%", "unknown-parameter", 13),
        ("escape-before-unknown", M + "&x=%zz", "bad-percent", -3), ("name-before-value", M + "&x%FF=%FF", "bad-utf8", -7),
        ("unknown-before-value", M + "&x=%FF", "unknown-parameter", 23), ("bracket-before-value", M + "&details=%FF", "malformed-bracket", 23),
        ("key-text-before-value", M + "&details[%00]=%FF", "forbidden-text", -8), ("utf8-before-forbidden", M + "&details[a]=%00%FF", "bad-utf8", -3),
        ("forbidden-before-conflict", M + "&message=%00", "forbidden-text", -3), ("empty-before-conflict", M + "&details[a]=1&details[a]=", "empty-value", None),
        ("conflict-before-count", M + _pairs(32) + "&details[A]=2&details[last]=1", "conflicting-pair", 23 + 32 * 13),
        ("parameter-before-missing-message", HEAD + "details[a]=1&x=1", "unknown-parameter", 26),
        ("nested-before-bracket-in-key", M + "&details[a[][b]=1", "nested-bracket", 23),
        ("bracket-in-key-before-forbidden", M + "&details[a]%00]=1", "bracket-in-key", 23),
    ):
        yield _refused("rank-" + name, string, reason, offset)
