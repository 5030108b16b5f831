#!/usr/bin/env python3
"""Times TOTP in Python, for its order of magnitude: SHA-1, 6 digits, the seed and the time of the other benchmarks.

    python3 -m venv venv && venv/bin/pip install pyotp==2.12.0 oath==1.4.5
    venv/bin/python benches/peers/python.py
"""

import base64
import statistics
import time
from datetime import datetime, timezone

import oath
import pyotp

SEED = b"12345678901234567890"
NOW = 1_700_000_010
ROUNDS, TIMES = 51, 200

otp = pyotp.TOTP(base64.b32encode(SEED).decode())
moment = datetime.fromtimestamp(NOW, timezone.utc)
right, wrong = otp.at(NOW), "000000"


def accepted(typed):
    return oath.accept_totp(SEED.hex(), typed, t=NOW, forward_drift=1, backward_drift=1)[0]


candidates = {
    "pyotp: generate": lambda: otp.at(NOW),
    "oath: generate": lambda: oath.totp(SEED.hex(), t=NOW),
    "pyotp: verify, ±1, wrong code": lambda: otp.verify(wrong, for_time=moment, valid_window=1),
    "oath: verify, ±1, wrong code": lambda: accepted(wrong),
}

assert oath.totp(SEED.hex(), t=NOW) == right
assert otp.verify(right, for_time=moment, valid_window=1) and not otp.verify(wrong, for_time=moment, valid_window=1)
assert accepted(right) and not accepted(wrong)

rounds = {name: [] for name in candidates}
for _ in range(ROUNDS):
    for name, operation in candidates.items():
        start = time.perf_counter()
        for _ in range(TIMES):
            operation()
        rounds[name].append((time.perf_counter() - start) / TIMES * 1e6)

print("| | median |\n| --- | ---: |")
for name, times in rounds.items():
    print(f"| {name} | {statistics.median(times):.1f} µs |")
