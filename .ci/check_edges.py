#!/usr/bin/env python3
"""Holds the edges between our crates against the table in ARCHITECTURE.md.

Exit 0 if they are the same; 1 with each edge that is more or less, or each crate that is missing.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def drawn():
    """Crate -> crates that it depends on, as the table says."""
    rows = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"`txotp-[a-z-]+`", cells[0]):
            rows[cells[0].strip("`")] = set(re.findall(r"`(txotp-[a-z-]+)`", cells[3]))
    return rows


def built():
    """The same, as cargo sees it; what only tests need is left out."""
    command = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    ours = {package["name"] for package in metadata["packages"]}
    return {
        package["name"]: {
            edge["name"] for edge in package["dependencies"] if edge["name"] in ours and edge["kind"] != "dev"
        }
        for package in metadata["packages"]
    }


def main():
    want, have = drawn(), built()
    faults = [f"{name} is in the table and not in the workspace" for name in sorted(want.keys() - have.keys())]
    faults += [f"{name} is in the workspace and not in the table" for name in sorted(have.keys() - want.keys())]
    for name in sorted(want.keys() & have.keys()):
        faults += [f"{name} -> {to} is in the table and not in its manifest" for to in sorted(want[name] - have[name])]
        faults += [f"{name} -> {to} is in its manifest and not in the table" for to in sorted(have[name] - want[name])]
    for fault in faults:
        print(f"edges: {fault}")
    print(f"edges: {sum(map(len, have.values()))} between {len(have)} crates, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
