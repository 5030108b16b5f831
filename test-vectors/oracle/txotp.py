#!/usr/bin/env python3
"""Recomputes a transaction code from a `txotp://` string, for auditors: prints JSON.

    python3 test-vectors/oracle/txotp.py 'txotp://totp?message=Hi' --seed-hex 3132... --time 1700000000

A seed given on a command line is visible to other users of the machine: use test seeds only.
"""

import argparse
import json
import sys

import form
import hotp
import ocra
import transaction


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Recomputes a transaction code; use test seeds only.")
    parser.add_argument("string", help="the txotp:// string")
    parser.add_argument("--seed-hex", required=True, help="seed, 16 to 64 bytes in hex")
    parser.add_argument("--suite", default="OCRA-1:HOTP-SHA256-8:QH64-T30S", help="default: %(default)s")
    parser.add_argument("--time", type=int, help="Unix time in seconds, for suites with T")
    parser.add_argument("--counter", type=int, help="for suites with C")
    parser.add_argument("--pin", help="for suites with P")
    parser.add_argument("--limit", type=int, default=form.DEFAULT_LIMIT, help="longest string, default %(default)s")
    given = parser.parse_args(arguments)
    try:
        seed = bytes.fromhex(given.seed_hex)
        if not 16 <= len(seed) <= 64:
            raise ValueError("a seed has 16 to 64 bytes")
        parsed = form.read(given.string.encode("utf-8", "surrogateescape"), given.limit)
        digest = parsed.digest()
        suite = ocra.Suite(given.suite)
        answer = {"canonical_hex": parsed.canonical().hex(), "digest_hex": digest.hex()}
        if suite.period is not None and given.time is not None:
            answer["step"] = hotp.step_at(given.time, suite.period)
        answer["code"] = transaction.sign(given.suite, seed, digest, given.time, given.counter, given.pin)
    except ValueError as error:
        print("txotp.py: " + str(error), file=sys.stderr)
        return 1
    print(json.dumps(answer, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
