#!/usr/bin/env python3
"""A customer's authenticator and phone, for the clients' runs. It shares no code with the service: what it scans is read by
zbarimg, and its codes are those of the oracle in test-vectors/oracle.

    device.py enrol AUTHY_ID    asks the service for a secret, scans its QR code, prints the Key URI
    device.py scan              scans a QR code, given as a data URI on standard input
    device.py login KEY_URI     the login code of now
    device.py example KEY_URI   the code of now for Authy's documented example
    device.py wrong KEY_URI     another code of as many digits
    device.py text              the newest code that was sent by SMS
    device.py wrong-text        another code of as many digits
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "test-vectors" / "oracle"))

import hotp  # noqa: E402
import keyuri  # noqa: E402
import transaction  # noqa: E402

EXAMPLE = transaction.Transaction(
    "Approve money transaction",
    [
        ("Amount", "1000 Euros"),
        ("To", "John Doe"),
        ("Destination Account", "29385"),
        ("Source Account", "98381"),
        ("Reason", "transfer money"),
    ],
    [("Transaction ID", "T2293")],
)


def enrol(authy_id):
    url = "%s/protected/json/users/%d/secret" % (os.environ["TXOTP_URL"], int(authy_id))
    headers = {"X-Authy-API-Key": os.environ["TXOTP_KEY"], "Content-Type": "application/json"}
    request = urllib.request.Request(url, b"{}", headers)
    with urllib.request.urlopen(request) as answer:
        return scan(json.load(answer)["qr_code"])


def scan(data_uri):
    picture = base64.b64decode(data_uri.strip().removeprefix("data:image/png;base64,"), validate=True)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(picture)
        file.flush()
        read = subprocess.run(["zbarimg", "--quiet", "--raw", file.name], check=True, capture_output=True, text=True)
    return read.stdout.strip()


def login(uri):
    key = keyuri.read(uri.encode())
    return hotp.totp(key["secret"], int(time.time()), key["digits"], key["algorithm"], key["period"])


def example(uri):
    key = keyuri.read(uri.encode())
    suite = keyuri.transaction_suite(key)
    return transaction.sign(suite, key["secret"], EXAMPLE.digest(), int(time.time()))


def wrong(uri):
    """No code of any step that the service looks at."""
    right = {login(uri), example(uri)}
    return next(code for code in ("%08d" % number for number in range(9)) if code not in right)


def text():
    """The gateway of the runs is the service's log."""
    sent = re.findall(r"your code is (\d+)", pathlib.Path(os.environ["TXOTP_LOG"]).read_text())
    return sent[-1]


def wrong_text():
    right = text()
    return "1" * len(right) if right[0] == "0" else "0" * len(right)


def main(arguments):
    verbs = {
        "enrol": enrol,
        "scan": lambda: scan(sys.stdin.read()),
        "login": login,
        "example": example,
        "wrong": wrong,
        "text": text,
        "wrong-text": wrong_text,
    }
    print(verbs[arguments[0]](*arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
