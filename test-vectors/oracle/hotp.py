"""One-time codes: RFC 4226 (HOTP) and RFC 6238 (TOTP).

RFC 2104's HMAC and the hashes of FIPS 180-4 come from Python's standard library; nothing else does.
"""

import hashlib
import hmac

ALGORITHMS = ("SHA1", "SHA256", "SHA512")


def mac(algorithm, key, message):
    """HMAC of RFC 2104 with one of ALGORITHMS."""
    if algorithm not in ALGORITHMS:
        raise ValueError("unknown algorithm")
    return hmac.new(key, message, getattr(hashlib, algorithm.lower())).digest()


def truncate(tag):
    """Dynamic truncation, RFC 4226 section 5.3.

    The offset is the low nibble of the *last* byte, whatever the hash (erratum 6756): byte 19 is the
    last one of HMAC-SHA-1 only.
    """
    offset = tag[-1] & 0x0F
    return int.from_bytes(tag[offset:offset + 4], "big") & 0x7FFFFFFF


def decimal(value, digits):
    """The last `digits` decimal digits, leading zeros kept: RFC 4226 section 5.3, step 3."""
    return str(value % 10 ** digits).rjust(digits, "0")


def hotp(key, counter, digits=6, algorithm="SHA1"):
    """RFC 4226 section 5: the counter is eight bytes, most significant first."""
    return decimal(truncate(mac(algorithm, key, counter.to_bytes(8, "big"))), digits)


def step_at(unix_time, period):
    """RFC 6238 section 4.2 with T0 = 0: T = floor(unix_time / period)."""
    if unix_time < 0 or period < 1:
        raise ValueError("a step needs a time from 1970 on and a period of a second at least")
    return unix_time // period


def totp(key, unix_time, digits=6, algorithm="SHA1", period=30):
    """RFC 6238 section 4: HOTP whose counter is the time step."""
    return hotp(key, step_at(unix_time, period), digits, algorithm)
