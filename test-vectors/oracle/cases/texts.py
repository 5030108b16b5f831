"""Code points at and around every edge of the forbidden ranges and of the display profile."""

import text


def files():
    yield (
        "text.json", "text", "Unicode 17, as frozen in oracle/text.py",
        "accepted: may stand in a transaction; display: is in the stricter display profile. Edges and their neighbours. "
        "Surrogates are absent: UTF-8 cannot carry them.",
        list(_cases()),
    )


def _cases():
    points = set()
    for first, last in text.FORBIDDEN + text.DISPLAY + (text.SURROGATES,):
        points.update((first - 1, first, last, last + 1))
    for point in sorted(filter(text.is_encodable, points)):
        character = chr(point)
        accepted, display = not text.is_forbidden(character), text.is_displayable(character)
        assert accepted or not display
        yield {"name": "U+%04X" % point, "code_point": point, "accepted": accepted, "display": display}
