"""The worked values of the specification, as asserted constants: published values never change."""

import form
import transaction

STRING = (
    "txotp://totp?message=Approve+money+transaction&details[Amount]=1000+Euros&details[To]=John+Doe"
    "&details[Destination+Account]=29385&details[Source+Account]=98381&details[Reason]=transfer+money"
    "&hidden_details[Transaction+ID]=T2293"
)
STRING_BYTES = 227
MESSAGE = "Approve money transaction"
DETAILS = (
    ("Amount", "1000 Euros"),
    ("To", "John Doe"),
    ("Destination Account", "29385"),
    ("Source Account", "98381"),
    ("Reason", "transfer money"),
)
HIDDEN_DETAILS = (("Transaction ID", "T2293"),)
CANONICAL_HEX = (
    "a4617601"
    "6764657461696c73" "a5"
    "62546f" "684a6f686e20446f65"
    "66416d6f756e74" "6a31303030204575726f73"
    "66526561736f6e" "6e7472616e73666572206d6f6e6579"
    "6e536f75726365204163636f756e74" "653938333831"
    "7344657374696e6174696f6e204163636f756e74" "653239333835"
    "676d657373616765" "7819417070726f7665206d6f6e6579207472616e73616374696f6e"
    "6e68696464656e5f64657461696c73" "a1"
    "6e5472616e73616374696f6e204944" "655432323933"
)
DIGEST_HEX = "cbddecae352b522d017dfe433d2ea01532627b9318d77f30443627b9df69a414"
SEED = b"12345678901234567890123456789012"
UNIX_TIME = 1700000000
CODES = (
    ("OCRA-1:HOTP-SHA256-8:QH64-T30S", "57171677"),
    ("OCRA-1:HOTP-SHA1-7:QH64-T10S", "2609089"),
    ("OCRA-1:HOTP-SHA512-6:QH64-T1M", "933527"),
)


def assert_values():
    example = transaction.Transaction(MESSAGE, DETAILS, HIDDEN_DETAILS)
    assert len(STRING) == STRING_BYTES
    assert form.write(example) == STRING
    assert form.read(STRING.encode("ascii")).as_json() == example.as_json()
    assert example.canonical().hex() == CANONICAL_HEX
    assert example.digest().hex() == DIGEST_HEX
    for suite, code in CODES:
        assert transaction.sign(suite, SEED, example.digest(), UNIX_TIME) == code
