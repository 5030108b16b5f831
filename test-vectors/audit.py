#!/usr/bin/env python3
"""Recomputes every vector twice, and prints one page: what was checked, how many, by whom written, what is not covered.

    python3 test-vectors/audit.py              builds the command with cargo, and runs it
    python3 test-vectors/audit.py PATH         takes the command that is there

First the oracle, in Python over OpenSSL's hashes, computes all cases anew and compares them byte for byte with the
files. Then the command, in Rust over RustCrypto's, judges every case. The two share no code. Exit 0 if all agree, 1 if
not, 2 if the audit could not be made.
"""

import collections
import datetime
import hashlib
import json
import pathlib
import platform
import ssl
import subprocess
import sys

HOME = pathlib.Path(__file__).resolve().parent
ROOT = HOME.parent

HAND = "by hand, and confirmed by the oracle; some by the oracle alone"
# Who wrote the expected answers; for a file that is not named here, the oracle computed them.
WRITTEN = {
    "rfc4226.json": "printed in RFC 4226, Appendix D",
    "rfc4226-truncation.json": "printed in RFC 4226, section 5.4",
    "rfc6238.json": "printed in RFC 6238, Appendix B",
    "rfc6287.json": "printed in RFC 6287, Appendix C",
    "strings-invalid.json": HAND,
    "key-uris-invalid.json": HAND,
    "payments.json": HAND,
    "verifier.json": HAND,
}
COMPUTED = "computed by the oracle"

NOT_COVERED = """\
- Timing, and whether secrets are wiped: evidence/.
- Durability, concurrency and evidence of a store: crates/txotp-store/tests.
- QR symbols: crates/txotp-qr/tests, with two decoders that are not ours.
- The hash functions and HMAC themselves: OpenSSL's and RustCrypto's agree on these inputs; for more, see Wycheproof and NIST.
- Whether the rules are right: docs/specification.md says what they are, docs/traceability.md where they come from.
- Errors that the oracle and the crates have in common, both having been written from one specification."""


def recompute():
    """The oracle's own line, or its complaints."""
    command = [sys.executable, str(HOME / "oracle" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout or done.stderr).strip()


def build():
    """The command, built by cargo, whose progress is seen: it takes minutes the first time."""
    command = ["cargo", "build", "--release", "--locked", "--package", "txotp-cli"]
    if subprocess.run(command, stdout=sys.stderr, cwd=ROOT).returncode != 0:
        sys.exit(2)
    return ["cargo", "run", "--release", "--quiet", "--locked", "--"]


def judge(command, files):
    """What the command says of each file."""
    arguments = ["vectors", "check", "--json", *map(str, files)]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=ROOT)
    if done.returncode not in (0, 1):
        sys.stderr.write(done.stderr)
        sys.exit(2)
    report = json.loads(done.stdout)
    return report["ok"] and done.returncode == 0, {pathlib.Path(one["file"]).name: one for one in report["files"]}


def commit():
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "not a git checkout"


def main(arguments):
    if len(arguments) > 1 or any(one.startswith("-") for one in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments:
        command = [str(pathlib.Path(arguments[0]).resolve())]
    else:
        command = build()
    files = sorted(path for path in HOME.glob("*.json") if path.name != "schema.json")

    oracle_agrees, oracle_says = recompute()
    command_agrees, judged = judge(command, files)
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, cwd=ROOT).stdout.strip()

    print("# Audit of the test vectors\n")
    print(f"date     {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC")
    print(f"sources  {commit()}")
    print(f"oracle   Python {platform.python_version()}, {ssl.OPENSSL_VERSION}")
    print(f"command  {version}")
    print(f"machine  {platform.system()} {platform.machine()}\n")

    print("| file | cases | answers written | oracle | command | SHA-256 of the file |")
    print("| --- | ---: | --- | --- | --- | --- |")
    by_writer = collections.Counter()
    for path in files:
        envelope = json.loads(path.read_text(encoding="utf-8"))
        count = len(envelope["cases"])
        writer = WRITTEN.get(path.name, COMPUTED)
        by_writer[writer.split(",")[0] if writer.startswith("printed") else writer] += count
        one = judged.get(path.name)
        whole = one is not None and one["cases"] == count and not one["failures"]
        command_agrees = command_agrees and whole
        verdict = "agrees" if whole else "DIFFERS"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        oracle = "agrees" if oracle_agrees else "see below"
        print(f"| {path.name} | {count} | {writer} | {oracle} | {verdict} | {digest}… |")
    print(f"| {len(files)} files | {sum(by_writer.values())} | | | | |\n")

    for writer, count in sorted(by_writer.items()):
        print(f"{count:5} {writer}")
    print(f"\noracle:  {oracle_says}")
    for name, one in judged.items():
        for failure in one["failures"]:
            print(f"command: {name}, case {failure['case']}: {failure['what']} differs")
    print("\n## Not covered\n")
    print(NOT_COVERED)
    print("\n" + ("All agree." if oracle_agrees and command_agrees else "NOT ALL AGREE."))
    return 0 if oracle_agrees and command_agrees else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except OSError as error:
        print(f"audit: not made: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
