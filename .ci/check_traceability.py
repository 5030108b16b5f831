#!/usr/bin/env python3
"""Holds docs/traceability.md against the project, and against what `cargo test` printed.

Usage: check_traceability.py LOG    (`-` is standard input)

Exit 0 if every clause, file, vector and test that the document names exists, and each test ran and passed; 1 with the
line of each that does not. The log has standard error too: `cargo test --workspace 2>&1 | tee LOG`.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/traceability.md"
HEAD = ["clause", "requirement", "ours", "files", "shown by"]
# Packages that are no crate of the workspace.
ELSEWHERE = {"fuzz": "fuzz", "compressions": "evidence/compressions"}

CODE = re.compile(r"`([^`]+)`")
CLAUSE = re.compile(r"\bS\d+\.\d+\b")
TEST = re.compile(r"([a-z]+)/([a-z_0-9]+)::([\w:]+)")
VECTORS = re.compile(r"([\w-]+\.json)(?:#(.+))?")
NOT_OURS, NOT_SHOWN = "not ours, because ", re.compile(r"not shown[^.]*, because ", re.IGNORECASE)

UNIT = re.compile(r"\s+Running unittests src/\S+ \(\S*/(\w+)-[0-9a-f]+\)")
RUN = re.compile(r"\s+Running tests/(\w+)\.rs \(")
DOC = re.compile(r"\s+Doc-tests (\w+)")
RESULT = re.compile(r"test (.+?)(?: - should panic)? \.\.\. ok$")
EXAMPLE = re.compile(r"\S+ - (\S.*?) \(line \d+\)(?: - compile)?$")


def package(name):
    """The folder of a crate as the document calls it."""
    return ROOT / ELSEWHERE.get(name, f"crates/txotp-{name}")


def passed(log):
    """The tests of a log, as the document names them."""
    found, crate, target = set(), None, None
    for line in log:
        if header := UNIT.match(line):
            crate, target = header[1].removeprefix("txotp_").removeprefix("txotp"), "lib"
            # The command's binary bears the name of the project.
            crate = crate or "cli"
        elif header := RUN.match(line):
            target = header[1]
        elif header := DOC.match(line):
            crate, target = header[1].removeprefix("txotp_"), "doc"
        elif result := RESULT.match(line.rstrip()):
            name = result[1]
            if target == "doc" and (example := EXAMPLE.fullmatch(name)):
                name = re.sub(r"<[^>]*>", "", example[1])
            found.add(f"{crate}/{target}::{name}")
    return found


def written(name):
    """Whether the function of a test is in its file. Examples have none, and units are found by the log."""
    crate, target, function = TEST.fullmatch(name).groups()
    if target in ("lib", "doc"):
        return package(crate).is_dir()
    path = package(crate) / f"tests/{target}.rs"
    # A test may stand in a module, as those do that run on each database.
    function = function.rpartition("::")[2]
    return path.is_file() and re.search(rf"\bfn {function}\(", path.read_text(encoding="utf-8")) is not None


def is_file(name):
    """Whether a file exists, from the root or from the sources of a crate."""
    if (ROOT / name).is_file():
        return True
    crate, _, rest = name.partition("/")
    return any((package(crate) / folder / rest).is_file() for folder in ("src", ".")) if rest else False


class Reader:
    """Reads the document's rows, and keeps what is wrong with them."""

    def __init__(self, ran):
        self.ran, self.faults, self.rows, self.tests = ran, [], 0, set()
        specification = (ROOT / "docs/specification.md").read_text(encoding="utf-8")
        self.clauses = set(re.findall(r"^\*\*(S\d+\.\d+)\*\*", specification, re.MULTILINE))
        self.replayed = {}

    def fault(self, number, text):
        self.faults.append(f"{DOCUMENT.relative_to(ROOT)}:{number}: {text}")

    def test(self, number, name):
        self.tests.add(name)
        if not written(name):
            self.fault(number, f"there is no test {name}")
        elif name not in self.ran:
            self.fault(number, f"did not run: {name}")

    def vectors(self, number, name):
        """Whether the file is one that tests replay, and has the case."""
        file, case = VECTORS.fullmatch(name).groups()
        if file not in self.replayed:
            self.fault(number, f"no test replays {file}")
        elif case is not None and case not in self.replayed[file]:
            self.fault(number, f"{file} has no case {case}")

    def shown(self, number, cell):
        """The tests and vectors of a cell; how many there are."""
        count = 0
        for name in CODE.findall(cell):
            if TEST.fullmatch(name):
                self.test(number, name)
                count += 1
            elif VECTORS.fullmatch(name):
                self.vectors(number, name)
                count += 1
        return count

    def replays(self, number, cells):
        """A row that says which tests replay a file of vectors."""
        name = CODE.fullmatch(cells[0])[1]
        path = ROOT / "test-vectors" / name
        if not path.is_file():
            self.fault(number, f"there is no file of vectors {name}")
            return
        self.replayed[name] = {case["name"] for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}
        if not self.shown(number, cells[1]):
            self.fault(number, f"no test replays {name}")

    def requirement(self, number, cells):
        _, _, ours, files, by = cells
        self.rows += 1
        for clause in CLAUSE.findall(ours):
            if clause not in self.clauses:
                self.fault(number, f"the specification has no {clause}")
        if ours.startswith(NOT_OURS):
            if files or by:
                self.fault(number, "what is not ours has no files and no tests")
            return
        if not CLAUSE.search(ours):
            self.fault(number, "neither a clause nor a reason why it is not ours")
        for name in CODE.findall(files):
            if not is_file(name):
                self.fault(number, f"there is no file {name}")
        if not self.shown(number, by) and not NOT_SHOWN.search(by):
            self.fault(number, "neither a test nor a reason why none shows it")

    def read(self, lines):
        head = None
        for number, line in enumerate(lines, 1):
            if not line.startswith("|"):
                head = None
                for name in CODE.findall(line):
                    if TEST.fullmatch(name) and not name.endswith("::name"):
                        self.test(number, name)
                continue
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.endswith("| | |"):
                cells = cells[:3] + ["", ""]
            if head is None:
                head = cells
            elif set(line) <= set("|- :"):
                continue
            elif head == ["vectors", "replayed by"]:
                self.replays(number, cells)
            elif head == HEAD and len(cells) == len(HEAD):
                self.requirement(number, cells)
            else:
                self.fault(number, "a row of no known table")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "-":
        ran = passed(sys.stdin)
    else:
        with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
            ran = passed(log)
    reader = Reader(ran)
    reader.read(DOCUMENT.read_text(encoding="utf-8").splitlines())
    for fault in reader.faults:
        print(f"traceability: {fault}")
    print(
        f"traceability: {reader.rows} requirements, {len(reader.tests)} tests named, {len(ran)} ran, "
        f"{len(reader.faults)} faults"
    )
    return 1 if reader.faults or not reader.rows or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
