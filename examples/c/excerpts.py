#!/usr/bin/env python3
"""Fails where C in a document is not a part of a source, which compilers have seen: excerpts.py DOCUMENT..."""

import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = [(HERE / name).read_text(encoding="utf-8").splitlines() for name in ("approve.c", "snippets.c")]


def is_part(block, source):
    """Whether the lines of a block are lines of a source, in a row; there they may stand further in."""
    length = block.count("\n") + 1
    return any(
        textwrap.dedent("\n".join(source[start : start + length])) == block
        for start in range(len(source) - length + 1)
    )


def main():
    faults = 0
    for name in sys.argv[1:]:
        text = pathlib.Path(name).read_text(encoding="utf-8")
        blocks = re.findall(r"^```c\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
        strange = [block for block in blocks if not any(is_part(block, source) for source in SOURCES)]
        for block in strange:
            print(f"{name}: no source has this:\n{block}", file=sys.stderr)
        print(f"{name}: {len(blocks)} blocks of C, {len(strange)} in no source")
        faults += len(strange) + (not blocks)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
