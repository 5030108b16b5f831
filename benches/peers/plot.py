#!/usr/bin/env python3
"""Draws what the benchmarks saved: SVG, from the standard library alone.

    cargo bench --manifest-path benches/peers/Cargo.toml --features liboath -- --save ../../docs/performance
    benches/peers/plot.py docs/performance
"""

import csv
import sys
from pathlib import Path
from xml.sax.saxutils import escape

INK, QUIET, OURS, THEIRS = "#1f2328", "#8c959f", "#0969da", "#afb8c1"
LINES = ["#0969da", "#bf8700", "#1a7f37", "#cf222e"]


def read(path):
    """The groups of a file, each a dictionary of candidates to (nanoseconds, times the first)."""
    groups = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            costs = groups.setdefault(row["group"], {})
            costs[row["candidate"]] = (float(row["median_ns"]), float(row["ratio"]))
    return groups


def text(x, y, words, anchor="start", size=12, colour=INK, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def picture(width, height, title, parts):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="sans-serif"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>' + "\n".join(parts) + "</svg>\n"
    )


def bars(title, groups):
    """A bar for each candidate, as long as what it costs in multiples of ours."""
    width, label, row, y, parts = 720, 170, 20, 0, []
    for name, costs in groups.items():
        y += 34
        parts.append(text(12, y - 8, name, size=13, weight="bold"))
        scale = (width - label - 90) / max(ratio for _, ratio in costs.values())
        for candidate, (_, ratio) in costs.items():
            colour = OURS if candidate.startswith("txotp") else THEIRS
            parts.append(text(label - 8, y + 13, candidate, "end"))
            parts.append(f'<rect x="{label}" y="{y + 2}" width="{ratio * scale:.1f}" height="{row - 5}" fill="{colour}"/>')
            parts.append(text(label + ratio * scale + 6, y + 13, f"{ratio:.2f}", size=11))
            y += row
    return picture(width, y + 12, title, parts)


def lines(title, panels):
    """Panels beside each other; in each, a line for each candidate over what grows, from zero."""
    size, gap, top, parts = 210, 66, 40, []
    for place, (axis, series) in enumerate(panels):
        left, bottom = gap + place * (size + gap), top + size
        most = max(value for points in series.values() for _, value in points)
        last = max(x for points in series.values() for x, _ in points)
        parts.append(text(left, top - 14, axis, size=13, weight="bold"))
        parts.append(f'<path d="M{left} {top}V{bottom}H{left + size}" fill="none" stroke="{QUIET}"/>')
        for part in (0.5, 1):
            parts.append(text(left - 6, bottom - part * size + 4, duration(most * part), "end", 10, QUIET))
            parts.append(text(left + part * size, bottom + 14, f"{last * part:.0f}", "middle", 10, QUIET))
        for number, (name, points) in enumerate(series.items()):
            colour = LINES[number % len(LINES)]
            path = " ".join(f"{left + x / last * size:.1f},{bottom - y / most * size:.1f}" for x, y in points)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts.append(text(left + 8, top + 12 + 15 * number, name, size=11, colour=colour))
    return picture(gap + len(panels) * (size + gap), top + size + 28, title, parts)


def duration(nanoseconds):
    return f"{nanoseconds:.0f} ns" if nanoseconds < 1000 else f"{nanoseconds / 1000:.1f} µs"


def growth(groups, kind):
    """What the groups of a kind measured, over the number in their names. The first is what they are measured by."""
    series = {}
    for group, costs in groups.items():
        name, _, number = group.rpartition(" ")
        if name == kind:
            for candidate, (nanoseconds, _) in list(costs.items())[1:]:
                series.setdefault(candidate, []).append((int(number), nanoseconds))
    return series


def main(folder):
    codes, symbols, goals = (read(folder / f"{name}.csv") for name in ("codes", "symbols", "goals"))
    sha1 = {group: costs for group, costs in codes.items() if "SHA-1" in group}
    rest = {group: costs for group, costs in codes.items() if group not in sha1}
    symbols.pop("matrix to PNG")
    panels = [
        ("by the number of pairs", growth(goals, "pairs")),
        ("by the bytes of the message", growth(goals, "length")),
        ("by the steps of the window", growth(goals, "window")),
    ]
    pictures = {
        "totp-sha1.svg": bars("TOTP with SHA-1, in multiples of ours", sha1),
        "sha256.svg": bars("TOTP with SHA-256 and OCRA, in multiples of ours", rest),
        "symbols.svg": bars("QR symbols, in multiples of ours", symbols),
        "growth.svg": lines("How the cost grows", panels),
    }
    for name, picture_of in pictures.items():
        (folder / name).write_text(picture_of, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
