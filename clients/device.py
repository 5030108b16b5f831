#!/usr/bin/env python3
"""A customer's authenticator and phone, for the clients' runs. It shares no code with the service: what it scans is read by
zbarimg, and its codes are those of the oracle in test-vectors/oracle.

    device.py enrol AUTHY_ID    asks the service for a secret, scans its QR code, prints the Key URI
    device.py scan              scans a QR code, given as a data URI on standard input
    device.py login KEY_URI     the login code of now
    device.py example KEY_URI   the code of now for Authy's documented example
    device.py wrong KEY_URI     another code of as many digits
    device.py text              the newest code that was sent by SMS, or read aloud
    device.py wrong-text        another code of as many digits

    device.py answer KEY_URI AUTHY_ID UUID approve|deny    answers an approval request
    device.py receive           the bank's end of callbacks: prints its URL, and keeps what it is told
    device.py callback UUID     waits for the callback of a request, and prints it as JSON
"""

import base64
import http.server
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
    sent = re.findall(r"your code is (\d(?:, \d)+|\d+)", pathlib.Path(os.environ["TXOTP_LOG"]).read_text())
    return sent[-1].replace(", ", "")


def wrong_text():
    right = text()
    return "1" * len(right) if right[0] == "0" else "0" * len(right)


def asked(path, key, body=None, headers=None):
    """An answer of the service to a bearer of a key."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(os.environ["TXOTP_URL"] + path, data, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def answer(uri, authy_id, uuid, decision):
    """The code is over the request, its id and the decision."""
    bank = os.environ["TXOTP_KEY"]
    status = asked("/protected/json/users/%d/status" % int(authy_id), bank, headers={"X-Authy-API-Key": bank})
    own = asked("/v1/devices/%s/keys" % status["status"]["devices"][0], bank, {})["key"]
    waiting = asked("/v1/device/approvals", own)["approvals"]
    request = next(one for one in waiting if one["id"] == uuid)
    pairs = {name: [(pair["key"], pair["value"]) for pair in request[name]] for name in ("details", "hidden_details")}
    pairs["hidden_details"] += [("txotp-decision", decision), ("txotp-request", uuid)]
    shown = transaction.Transaction(request["message"], **pairs)
    key = keyuri.read(uri.encode())
    code = transaction.sign(keyuri.transaction_suite(key), key["secret"], shown.digest(), int(time.time()))
    return asked("/v1/device/approvals/" + uuid, own, {"decision": decision, "code": code})["status"]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps each callback under the id of its request."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = {"url": "http://%s%s" % (self.headers["Host"], self.path), "headers": dict(self.headers), "body": body}
        told["headers"] = {name.lower(): value for name, value in told["headers"].items()}
        kept = pathlib.Path(os.environ["TXOTP_CALLBACKS"]) / body["uuid"]
        kept.with_suffix(".part").write_text(json.dumps(told))
        kept.with_suffix(".part").rename(kept)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def receive():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    print("http://127.0.0.1:%d/callbacks/authy" % server.server_address[1], flush=True)
    server.serve_forever()


def callback(uuid):
    kept = pathlib.Path(os.environ["TXOTP_CALLBACKS"]) / uuid
    for _ in range(300):
        if kept.exists():
            return kept.read_text()
        time.sleep(0.1)
    raise SystemExit("no callback came")


def main(arguments):
    verbs = {
        "enrol": enrol,
        "scan": lambda: scan(sys.stdin.read()),
        "login": login,
        "example": example,
        "wrong": wrong,
        "text": text,
        "wrong-text": wrong_text,
        "answer": answer,
        "callback": callback,
    }
    if arguments == ["receive"]:
        receive()
    else:
        print(verbs[arguments[0]](*arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
