"""The vectors of RFC 4226, 6238 and 6287, each asserted against the oracle's own computation."""

import hashlib

import hotp
import ocra
import rfc


def files():
    yield (
        "rfc4226.json", "hotp", "RFC 4226 Appendix D",
        "HOTP with HMAC-SHA-1, six digits, counters 0 to 9; the HMAC and the truncated value are the RFC's too.",
        list(_hotp()),
    )
    yield (
        "rfc4226-truncation.json", "truncation", "RFC 4226 section 5.4",
        "Dynamic truncation alone: the RFC gives an HMAC and neither key nor counter.",
        list(_truncation()),
    )
    yield (
        "rfc6238.json", "totp", "RFC 6238 Appendix B (keys as in erratum 2866)",
        "TOTP of eight digits and 30 seconds; the key has the length of the hash's output.",
        list(_totp()),
    )
    yield (
        "rfc6287.json", "ocra", "RFC 6287 Appendix C",
        "All 70 OCRA vectors. t is the number of steps, here minutes; q is q_parts joined.",
        list(_ocra()),
    )


def _hotp():
    key = rfc.KEYS["SHA1"]
    for counter, mac, truncated_hex, truncated, code in rfc.RFC4226_D:
        tag = hotp.mac("SHA1", key, counter.to_bytes(8, "big"))
        assert tag.hex() == mac
        assert hotp.truncate(tag) == truncated == int(truncated_hex, 16)
        assert hotp.hotp(key, counter) == code
        yield {
            "name": "counter-%d" % counter, "algorithm": "SHA1", "key_hex": key.hex(), "counter": counter,
            "digits": 6, "hmac_hex": mac, "truncated": truncated, "code": code,
        }


def _truncation():
    for mac, offset, binary_hex, digits, code in rfc.RFC4226_5_4:
        tag = bytes.fromhex(mac)
        assert tag[-1] & 15 == offset
        assert hotp.truncate(tag) == int(binary_hex, 16)
        assert hotp.decimal(hotp.truncate(tag), digits) == code
        yield {
            "name": "section-5.4", "hmac_hex": mac, "offset": offset, "truncated": int(binary_hex, 16),
            "digits": digits, "code": code,
        }


def _totp():
    for time, step_hex, codes in rfc.RFC6238_B:
        for algorithm, code in zip(hotp.ALGORITHMS, codes):
            key, step = rfc.KEYS[algorithm], int(step_hex, 16)
            assert hotp.step_at(time, 30) == step
            assert hotp.totp(key, time, 8, algorithm) == code
            yield {
                "name": "%s-at-%d" % (algorithm.lower(), time), "algorithm": algorithm, "key_hex": key.hex(),
                "digits": 8, "period": 30, "unix_time": time, "step": step, "code": code,
            }


def _ocra():
    assert hashlib.sha1(rfc.RFC6287_PIN.encode()).hexdigest() == rfc.RFC6287_PIN_SHA1
    for group, (section, mode, text, rows) in enumerate(rfc.RFC6287_C):
        suite = ocra.Suite(text)
        key = rfc.KEYS[suite.hash]
        for row, (parts, code) in enumerate(rows):
            case = {
                "name": "%s-group-%d-row-%d" % (section.lower(), group + 1, row + 1),
                "rfc_section": section, "mode": mode, "suite": text, "key_hex": key.hex(), "q": "".join(parts),
            }
            inputs = {}
            if len(parts) == 2:
                case["q_parts"] = list(parts)
            if suite.counter:
                case["c"] = inputs["counter"] = row
            if suite.pin:
                inputs["pin"] = rfc.RFC6287_PIN
                case.update(pin=rfc.RFC6287_PIN, pin_hash_hex=rfc.RFC6287_PIN_SHA1)
            if suite.period:
                assert hotp.step_at(rfc.RFC6287_TIME, suite.period) == rfc.RFC6287_T
                case["t"] = inputs["step"] = rfc.RFC6287_T
            assert ocra.response(suite, key, parts, **inputs) == code, case
            case["code"] = code
            yield case
