#!/usr/bin/env python3
"""Runs the command and the oracle on the worked example, and holds both against the specification's values.

Usage: check_worked_values.py PATH_OF_TXOTP
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEED = b"12345678901234567890123456789012"
TIME = "1700000000"
EXAMPLE = (
    "txotp://totp?message=Approve+money+transaction&details[Amount]=1000+Euros&details[To]=John+Doe"
    "&details[Destination+Account]=29385&details[Source+Account]=98381&details[Reason]=transfer+money"
    "&hidden_details[Transaction+ID]=T2293"
)
DIGEST = "cbddecae352b522d017dfe433d2ea01532627b9318d77f30443627b9df69a414"
CODES = {
    "OCRA-1:HOTP-SHA256-8:QH64-T30S": "57171677",
    "OCRA-1:HOTP-SHA1-7:QH64-T10S": "2609089",
    "OCRA-1:HOTP-SHA512-6:QH64-T1M": "933527",
}


def main():
    command = str(pathlib.Path(sys.argv[1]).resolve())
    environment = dict(os.environ, TXOTP_SEED="hex:" + SEED.hex())
    assert len(EXAMPLE) == 227
    for suite, code in CODES.items():
        arguments = ["explain", "--at", TIME, "--suite", suite, "--json", EXAMPLE]
        found = json.loads(subprocess.run([command, *arguments], env=environment, check=True, capture_output=True).stdout)
        oracle = [sys.executable, str(ROOT / "test-vectors/oracle/txotp.py")]
        oracle += ["--seed-hex", SEED.hex(), "--suite", suite, "--time", TIME, EXAMPLE]
        expected = json.loads(subprocess.run(oracle, check=True, capture_output=True).stdout)
        for field, value in expected.items():
            if field in found and found[field] != value:
                sys.exit(f"{suite}: {field} differs between the command and the oracle")
        assert found["canonical_hex"] == expected["canonical_hex"] and len(found["canonical_hex"]) == 2 * 184
        assert found["digest_hex"] == expected["digest_hex"] == DIGEST
        assert found["code"] == expected["code"] == code
        print(f"{suite}: {code}")


if __name__ == "__main__":
    main()
