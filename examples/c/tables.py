#!/usr/bin/env python3
"""Writes the project's vectors as tables in C, to the file that is named: tables.py tables.h"""

import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parent.parent.parent / "test-vectors"


def cases(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["cases"]


def literal(data):
    """A C string of any bytes; every escape has three digits, so none runs into what follows."""
    if isinstance(data, str):
        data = data.encode("utf-8")
    plain = set(range(0x20, 0x7F)) - set(b'"\\?')
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in data) + '"'


def sized(data):
    if isinstance(data, str):
        data = data.encode("utf-8")
    return f"{{{literal(data)}, {len(data)}}}"


def absent():
    return "{NULL, 0}"


def code(entry, suite, login):
    """A row of `struct code_case`."""
    counter = entry.get("counter")
    return "{{{}, {}, {}, {}, UINT64_C({}), {}, UINT64_C({}), {}}}".format(
        sized(suite),
        sized(bytes.fromhex(entry["key_hex"])),
        sized(entry["pin"]) if "pin" in entry else absent(),
        1 if login else 0,
        entry.get("unix_time", 0),
        0 if counter is None else 1,
        counter or 0,
        literal(entry["code"]),
    )


def transactions():
    rows, pairs, codes = [], [], []
    for case in cases("transactions") + cases("strings-valid"):
        transaction = case["transaction"]
        first_pair, first_code = len(pairs), len(codes)
        for section in ("details", "hidden_details"):
            pairs += [f"{{{sized(key)}, {sized(value)}}}" for key, value in transaction[section]]
        codes += [code(entry, entry["suite"], False) for entry in case.get("codes", [])]
        rows.append("{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}}".format(
            literal(case["name"]),
            sized(case["string"]),
            case.get("limit", 600),
            sized(transaction["message"]),
            first_pair,
            len(transaction["details"]),
            len(transaction["hidden_details"]),
            literal(bytes.fromhex(case["digest_hex"])),
            first_code,
            len(codes) - first_code,
        ))
    return rows, pairs, codes


def refusals():
    for case in cases("strings-invalid"):
        data = bytes.fromhex(case["string_hex"]) if "string_hex" in case else case["string"]
        reason = "TXOTP_RESULT_READ_" + case["reason"].upper().replace("-", "_")
        yield f"{{{literal(case['name'])}, {sized(data)}, {case.get('limit', 600)}, {reason}, {case['offset']}}}"


def logins():
    for case in cases("rfc4226"):
        yield code(case, f"OCRA-1:HOTP-{case['algorithm']}-{case['digits']}:C-QH64", True)
    for case in cases("rfc6238"):
        suite = f"OCRA-1:HOTP-{case['algorithm']}-{case['digits']}:QH64-T{case['period']}S"
        yield code(case, suite, True)


def suites():
    for case in cases("ocra-suites"):
        if not case["valid"]:
            result = "TXOTP_RESULT_SUITE_MALFORMED"
        elif not case["transaction_suite"]:
            result = "TXOTP_RESULT_SUITE_NOT_FOR_TRANSACTIONS"
        elif "-P" in case["suite"]:
            # The suite is one for transactions, and asks for its PIN.
            result = "TXOTP_RESULT_PIN_MISMATCH"
        else:
            result = "TXOTP_RESULT_OK"
        yield f"{{{sized(case['suite'])}, {result}}}"


def table(kind, name, rows):
    rows = list(rows)
    body = ",\n    ".join(rows)
    return f"static const struct {kind} {name}[] = {{\n    {body}\n}};\nenum {{ {name}_COUNT = {len(rows)} }};\n"


def main():
    rows, pairs, codes = transactions()
    text = "/* Made by tables.py from test-vectors/. */\n" + "\n".join([
        table("pair_case", "PAIRS", pairs),
        table("code_case", "CODES", codes),
        table("transaction_case", "TRANSACTIONS", rows),
        table("refusal_case", "REFUSALS", refusals()),
        table("code_case", "LOGINS", logins()),
        table("suite_case", "SUITES", suites()),
    ])
    pathlib.Path(sys.argv[1]).write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
