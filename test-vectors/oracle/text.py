"""What text may contain (Unicode 17 properties, frozen here as ranges of code points).

FORBIDDEN holds, completely, the general categories Cc, Cf, Co, Zl and Zp, Default_Ignorable_Code_Point,
Bidi_Control and the noncharacters. Surrogates (Cs) are not in it: UTF-8 cannot carry them (RFC 3629
section 3). DISPLAY is the stricter profile: no hidden, right-to-left, combining or unassigned code
point, no digits but ASCII's, and no two neighbours that compose, so that all its text is in NFC.
"""


def _ranges(table):
    pairs = (entry.split("-") for entry in table.split())
    return tuple((int(pair[0], 16), int(pair[-1], 16)) for pair in pairs)


FORBIDDEN = _ranges("""
    0-1F 7F-9F AD 34F 600-605 61C 6DD 70F 890-891 8E2 115F-1160 17B4-17B5 180B-180F 200B-200F 2028-202E
    2060-206F 3164 E000-F8FF FDD0-FDEF FE00-FE0F FEFF FFA0 FFF0-FFFB FFFE-FFFF 110BD 110CD 13430-1343F
    1BCA0-1BCA3 1D173-1D17A 1FFFE-1FFFF 2FFFE-2FFFF 3FFFE-3FFFF 4FFFE-4FFFF 5FFFE-5FFFF 6FFFE-6FFFF
    7FFFE-7FFFF 8FFFE-8FFFF 9FFFE-9FFFF AFFFE-AFFFF BFFFE-BFFFF CFFFE-CFFFF DFFFE-E0FFF EFFFE-10FFFF
""")

DISPLAY = _ranges("""
    20-7E A1-AC AE-2FF 370-373 375-377 37A-37D 37F 384-386 388-38A 38C 38E-3A1 3A3-482 48A-52F 1E00-1EFF
    2010-2027 2030-205E 20A0-20C0 3041-3096 30A1-30FA 30FC-30FF 4E00-9FFF AC00-D7A3
""")

SURROGATES = (0xD800, 0xDFFF)
LAST = 0x10FFFF


def _within(ranges, code_point):
    return any(first <= code_point <= last for first, last in ranges)


def is_encodable(code_point):
    return 0 <= code_point <= LAST and not SURROGATES[0] <= code_point <= SURROGATES[1]


def is_forbidden(character):
    return _within(FORBIDDEN, ord(character))


def is_displayable(character):
    return _within(DISPLAY, ord(character))
