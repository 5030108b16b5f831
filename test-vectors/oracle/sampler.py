"""Random numbers that do not depend on Python's version: SHA-256 in counter mode.

Block i of the stream `label` is SHA-256(label in UTF-8 | 00 | i as eight bytes, most significant
first); numbers are taken from the stream as eight-byte big-endian words, and `below(n)` drops words at or
over the greatest multiple of n that 64 bits hold.
"""

import hashlib


class Sampler:
    def __init__(self, label):
        self._prefix = label.encode("utf-8") + b"\0"
        self._blocks = 0
        self._pool = b""

    def data(self, size):
        while len(self._pool) < size:
            self._pool += hashlib.sha256(self._prefix + self._blocks.to_bytes(8, "big")).digest()
            self._blocks += 1
        taken, self._pool = self._pool[:size], self._pool[size:]
        return taken

    def below(self, bound):
        limit = (1 << 64) - (1 << 64) % bound
        while True:
            word = int.from_bytes(self.data(8), "big")
            if word < limit:
                return word % bound

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def choice(self, items):
        return items[self.below(len(items))]
