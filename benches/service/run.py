#!/usr/bin/env python3
"""The service beside privacyIDEA: durable verifications a second over HTTP, in rounds that alternate.

    benches/service/run.py path/to/txotp [--rounds 3] [--seconds 15] [--alone]

wrk (Debian: wrk) keeps 64 connections busy with right codes, each for a device that has not been asked before: the service by
`POST /v1/verify` with a transaction in the request, on its embedded store and with its defaults; privacyIDEA by
`POST /validate/check` for a TOTP token, on SQLite, with two workers of gunicorn. Client and server share the machine. What the
service itself counted as accepted is compared with what wrk sent; any other answer ends the run.

privacyIDEA is installed from PyPI into a folder under the target directory; `--alone` does without.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
CONNECTIONS, THREADS = 64, 2
STRING = "txotp://totp?message=Approve+payment&details[Amount]=100.00+EUR&details[To]=ACME"
TRANSACTION = {"message": "Approve payment", "details": {"Amount": "100.00 EUR", "To": "ACME"}}
# Steps that a run may meet: codes are made for each beforehand.
STEPS = 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("txotp", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--alone", action="store_true", help="without privacyIDEA")
    args = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is needed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        sides = [Service(args.txotp.resolve(), folder / "txotp")]
        try:
            if not args.alone:
                sides.append(PrivacyIdea(folder / "privacyidea"))
            for side in sides:
                side.prepare(args.rounds * args.seconds)
            rounds = [{side.NAME: side.round(args.seconds) for side in sides} for _ in range(args.rounds)]
        finally:
            for side in sides:
                side.stop()
    report(rounds)


def report(rounds):
    print(f"\n{'round':>5}  {'server':<12} {'verified/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'most ms':>8}")
    for number, sides in enumerate(rounds, 1):
        for name, found in sides.items():
            print(f"{number:>5}  {name:<12} {rate(found):>10.0f} {found['p50']:>8.1f} {found['p99']:>8.1f} {found['most']:>8.1f}")
    if len(rounds[0]) == 2:
        ratios = [rate(sides["txotp"]) / rate(sides["privacyIDEA"]) for sides in rounds]
        print(f"txotp is {statistics.median(ratios):.0f} times as fast (median of {len(ratios)} rounds, {min(ratios):.0f} to {max(ratios):.0f})")


def rate(found):
    return found["requests"] / found["seconds"]


class Side:
    """A server under load."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.last = 0
        folder.mkdir()

    def round(self, seconds):
        """Right codes for so many seconds."""
        step = int(time.time()) // 30
        environment = {
            "LOAD_FIRST": self.last, "LOAD_STEP": step, "LOAD_CODES": " ".join(map(self.code, range(step, step + STEPS))),
        }
        found = self.wrk("verify.lua", seconds, environment | self.request())
        self.last = found["last"]
        if found["failed"]:
            raise SystemExit(f"{self.NAME}: {found['failed']} requests failed")
        return found

    def wrk(self, script, seconds, environment):
        environment = {name: str(value) for name, value in environment.items()}
        told = subprocess.run(
            ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s", "-s", HERE / script, self.url],
            env=os.environ | environment, check=True, capture_output=True, text=True).stdout
        return json.loads(told.splitlines()[-1])

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


class Service(Side):
    NAME = "txotp"

    def __init__(self, txotp, folder):
        super().__init__(folder)
        self.txotp = txotp
        with open(folder / "log", "w") as log:
            self.process = subprocess.Popen(
                [txotp, "serve", "--json", "--listen", "127.0.0.1:0", "--store", folder / "txotp.db"],
                stdout=subprocess.PIPE, stderr=log, text=True)
        told = json.loads(self.process.stdout.readline())
        self.url, self.key = told["url"], told["key"]
        self.seed = folder / "seed"
        seed = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
        self.seed.write_text(seed)
        self.seed.chmod(0o600)
        self.key_uri = f"otpauth://totp/load?secret={seed}&algorithm=SHA256&digits=8&period=30"

    def prepare(self, seconds):
        """Enrols more devices than the rounds can ask for: an enrolment takes no less than a verdict."""
        print("enrolling …", flush=True)
        environment = {"LOAD_KEY": self.key, "LOAD_KEY_URI": self.key_uri}
        made = self.wrk("enrol.lua", 2 * seconds, environment)
        if made["failed"]:
            raise SystemExit(f"txotp: {made['failed']} enrolments failed")
        print(f"{THREADS * made['each']} devices", flush=True)
        self.each = made["each"]

    def code(self, step):
        return subprocess.run(
            [self.txotp, "code", "--seed-file", self.seed, "--at", str(step * 30), STRING],
            check=True, capture_output=True, text=True).stdout.split()[-1]

    def request(self):
        body = {"device": "DEVICE", "code": "CODE", "transaction": TRANSACTION}
        return {"LOAD_KEY": self.key, "LOAD_PATH": "/v1/verify", "LOAD_TYPE": "application/json", "LOAD_BODY": json.dumps(body)}

    def round(self, seconds):
        before = self.accepted()
        found = super().round(seconds)
        if found["last"] > self.each:
            raise SystemExit("txotp: more was asked than was enrolled: give more --seconds to the enrolment")
        accepted = self.accepted() - before
        # Answers that came after the end are counted by one side alone.
        if not found["requests"] <= accepted <= found["requests"] + CONNECTIONS:
            raise SystemExit(f"txotp: {accepted} accepted of {found['requests']}")
        return found

    def accepted(self):
        request = urllib.request.Request(self.url + "/metrics", headers={"Authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(request) as answer:
            found = re.search(r'^\S*verdicts_total\{verdict="accepted"\} (\d+)', answer.read().decode(), re.M)
        return int(found[1]) if found else 0


class PrivacyIdea(Side):
    NAME = "privacyIDEA"
    # Rounds ask for fewer: it answers some dozens a second.
    EACH_SECOND = 60

    def __init__(self, folder):
        super().__init__(folder)
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent.parent / "target")).resolve()
        self.bin = target / "privacyidea" / "bin"
        if not (self.bin / "gunicorn").exists():
            subprocess.run([sys.executable, "-m", "venv", target / "privacyidea"], check=True)
            subprocess.run([self.bin / "pip", "install", "-q", "--disable-pip-version-check", "-r", HERE / "requirements.txt"],
                           check=True)
        self.environment = os.environ | {
            "LOAD_FOLDER": str(folder), "LOAD_SECRET": secrets.token_hex(24), "PRIVACYIDEA_CONFIGFILE": str(HERE / "privacyidea.cfg"),
        }
        self.seed = secrets.token_bytes(32)

    def prepare(self, seconds):
        print("privacyIDEA: its database, its keys, its tokens …", flush=True)
        for command in ("create_enckey", "create_audit_keys", "create_tables"):
            self.run("pi-manage", "setup", command)
        each = self.EACH_SECOND * seconds // THREADS
        self.run("python", HERE / "tokens.py", self.seed.hex(), THREADS, each)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen(
                [self.bin / "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}",
                 f"privacyidea.app:create_app(config_name='production', config_file='{HERE / 'privacyidea.cfg'}', silent=True)"],
                env=self.environment, stdout=log, stderr=log)
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("privacyIDEA does not start:\n" + (self.folder / "log").read_text())

    def run(self, program, *args):
        done = subprocess.run([self.bin / program, *map(str, args)], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"privacyIDEA: {program}: {done.stdout}{done.stderr}")

    def code(self, step):
        """RFC 6238, by the standard library."""
        digest = hmac.digest(self.seed, struct.pack(">Q", step), hashlib.sha256)
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFF_FFFF
        return f"{number % 10**8:08d}"

    def request(self):
        return {"LOAD_PATH": "/validate/check", "LOAD_TYPE": "application/x-www-form-urlencoded",
                "LOAD_BODY": "serial=DEVICE&pass=CODE", "LOAD_RIGHT": '"value": true'}


if __name__ == "__main__":
    main()
