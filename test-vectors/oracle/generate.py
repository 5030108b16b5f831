#!/usr/bin/env python3
"""Writes every vector file, or with --check compares them with what is committed.

    python3 test-vectors/oracle/generate.py            rewrites test-vectors/*.json
    python3 test-vectors/oracle/generate.py --check    exits 1, naming each file that differs

Both first assert the contract's worked values and every RFC vector against the oracle. schema.json is
written by hand; --check holds every file against it.
"""

import json
import os
import sys

sys.dont_write_bytecode = True

import schema_check
import text
import worked
from cases import key_uris, ocras, payments, policies, rfcs, strings, texts, transactions, verifiers

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FORMAT = "txotp-vectors/1"
SCHEMA = "schema.json"
SUBJECTS = (rfcs, ocras, transactions, strings, key_uris, verifiers, policies, payments, texts)
COLUMNS = 110


def rendered(value, indent=0):
    """JSON, indented by one, with every value on one line that fits on it."""
    flat = json.dumps(value, ensure_ascii=False)
    if indent + len(flat) <= COLUMNS or not isinstance(value, (dict, list)) or not value:
        return flat
    if isinstance(value, dict):
        inside = [json.dumps(key) + ": " + rendered(item, indent + 1) for key, item in value.items()]
        opening, closing = "{}"
    else:
        inside = [rendered(item, indent + 1) for item in value]
        opening, closing = "[]"
    margin = "\n" + " " * indent
    return opening + margin + " " + ("," + margin + " ").join(inside) + margin + closing


def escaped(document):
    """What the display profile lets through stands as it is; everything else is written \\uXXXX."""
    out = []
    for character in document:
        if character == "\n" or text.is_displayable(character):
            out.append(character)
        else:
            out.extend("\\u%04x" % unit for unit in _utf16(character))
    return "".join(out)


def _utf16(character):
    raw = character.encode("utf-16-be")
    return [int.from_bytes(raw[i:i + 2], "big") for i in range(0, len(raw), 2)]


def documents():
    """{file name: bytes}, deterministic."""
    out = {}
    for subject in SUBJECTS:
        for name, kind, source, description, cases in subject.files():
            names = [case["name"] for case in cases]
            assert len(set(names)) == len(names), (name, sorted(n for n in names if names.count(n) > 1))
            envelope = {"format": FORMAT, "kind": kind, "source": source, "description": description, "cases": cases}
            document = escaped(rendered(envelope)) + "\n"
            assert json.loads(document) == envelope
            assert name not in out
            out[name] = document.encode("utf-8")
    return out


def committed():
    found = {}
    for name in os.listdir(HOME):
        if name.endswith(".json") and name != SCHEMA:
            with open(os.path.join(HOME, name), "rb") as file:
                found[name] = file.read()
    return found


def check(wanted):
    found = committed()
    complaints = ["%s: missing" % name for name in wanted if name not in found]
    complaints += ["%s: no case writes it" % name for name in found if name not in wanted]
    complaints += ["%s: differs" % name for name in wanted if name in found and found[name] != wanted[name]]
    with open(os.path.join(HOME, SCHEMA), encoding="utf-8") as file:
        schema = json.load(file)
    for name, document in wanted.items():
        complaints += ["%s: %s" % (name, fault) for fault in schema_check.faults(json.loads(document), schema)]
    for complaint in sorted(complaints):
        print(complaint, file=sys.stderr)
    return not complaints


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not __debug__:
        sys.exit("generate.py: run it without -O; its checks are assertions")
    worked.assert_values()
    wanted = documents()
    total = sum(len(json.loads(document)["cases"]) for document in wanted.values())
    if arguments:
        if not check(wanted):
            return 1
        print("%d files, %d cases: as committed" % (len(wanted), total))
        return 0
    for name, document in wanted.items():
        with open(os.path.join(HOME, name), "wb") as file:
            file.write(document)
    print("%d files, %d cases, %d bytes written" % (len(wanted), total, sum(map(len, wanted.values()))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
