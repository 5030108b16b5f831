#!/usr/bin/env python3
"""Fails on words of unfinished work, on paths of some machine, and on links in documents that lead nowhere."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX(?!-))\b|todo!\(|unimplemented!\(|\bfor now\b(?!(, \w+)? in\b)|not implemented yet")
MACHINE = re.compile(r"(?<![\w.])/(work|root|home)/|(?<![\w.])/tmp/[a-z]")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def main():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    faults, read = [], 0
    for name in filter(None, names):
        path = ROOT / name
        if path == pathlib.Path(__file__).resolve() or name.endswith((".lock", ".json")) or "corpus/" in name:
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        read += 1
        for number, line in enumerate(lines, 1):
            for rule, pattern in (("unfinished", UNFINISHED), ("machine", MACHINE)):
                if pattern.search(line):
                    faults.append(f"{name}:{number}: {rule}")
            if name.endswith(".md"):
                for target in LINK.findall(line):
                    if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                        faults.append(f"{name}:{number}: leads nowhere: {target}")
    for fault in faults:
        print(f"prose: {fault}")
    print(f"prose: {read} files, {len(faults)} faults")
    return 1 if faults or not read else 0


if __name__ == "__main__":
    sys.exit(main())
