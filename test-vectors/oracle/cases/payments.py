"""The payment policy: transactions that may be declared payments, and what is missing in the others."""

import payment
from transaction import Transaction

ID = (("Transaction ID", "T1"),)
SINGLE = (("Amount", "100.00 EUR"), ("To", "ACME"))
BATCH = (("Total", "300.00 EUR"), ("To 1", "ACME"), ("To 2", "Bob"))


def files():
    yield (
        "payments.json", "payment", "Delegated Regulation (EU) 2018/389 article 5, and the README's reading of it",
        "Transactions under the default payment policy, declared as one payment or as a batch.",
        list(_cases()),
    )


def _case(name, kind, details, hidden, wanted):
    subject = Transaction("Approve the payment", details, hidden)
    reason = payment.check(subject, kind)
    assert reason == wanted, (name, reason)
    case = {"name": name, "kind": kind, "transaction": subject.as_json(), "ok": reason is None}
    return case if reason is None else dict(case, reason=reason)


def _with(pairs, key, value):
    return tuple((k, value if k == key else v) for k, v in pairs)


def _cases():
    for name, details, hidden, wanted in tuple(_single()) + tuple(_values()):
        yield _case("single-" + name, "single", details, hidden, wanted)
    for name, details, hidden, wanted in _batch():
        yield _case("batch-" + name, "batch", details, hidden, wanted)


def _single():
    yield "plain", SINGLE, ID, None
    yield "id-visible", SINGLE + ID, (), None
    for amount in ("Transaction amount", "Total", "Total amount", "amount", "TRANSACTION AMOUNT"):
        yield "amount-as-%s" % amount, ((amount, "1"), ("To", "ACME")), ID, None
    for payee in ("Sending to", "Payee", "Beneficiary", "to", "BENEFICIARY"):
        yield "payee-as-%s" % payee, (("Amount", "1"), (payee, "ACME")), ID, None
    for name in ("Payment ID", "Reference", "End-to-end ID", "transaction id"):
        yield "id-as-%s" % name, SINGLE, ((name, "1"),), None
    yield "documented-example", (("Amount", "1000 Euros"), ("To", "John Doe"), ("Destination Account", "29385"),
                                 ("Source Account", "98381"), ("Reason", "transfer money")), (("Transaction ID", "T2293"),), None
    yield "payee-in-any-script", (("Amount", "1 EUR"), ("To", "B\u00e4ckerei \u4e2d\u6587")), ID, None
    yield "id-in-any-script", SINGLE, (("Reference", "caf\u00e9"),), None
    yield "amount-also-hidden", SINGLE, ID + (("Amount", "100.00 EUR"),), None
    yield "payee-also-hidden", SINGLE, ID + (("To", "ACME"),), None
    yield "with-account-and-currency", SINGLE + (("Account", "DE89370400440532013000"), ("Currency", "EUR")), ID, None
    yield "amount-is-one-digit", (("Amount", "7"), ("To", "ACME")), ID, None
    yield "amount-of-printable-ascii", (("Amount", "~ $1,000.00 !"), ("To", "ACME")), ID, None
    yield "nothing-about-money", (("To", "ACME"),), ID, "amount-missing"
    yield "no-details", (), ID, "amount-missing"
    yield "amount-hidden-only", (("To", "ACME"),), ID + (("Amount", "1"),), "amount-missing"
    yield "amount-with-blank-after-its-key", (("Amount ", "1"), ("To", "ACME")), ID, None
    yield "amount-and-one-with-blank-after-its-key", SINGLE + (("Amount ", "1"),), ID, "amount-repeated"
    yield "amount-with-blank-within-its-key", (("Am ount", "1"), ("To", "ACME")), ID, "amount-missing"
    yield "payee-of-a-blank", _with(SINGLE, "To", " "), ID, "payee-missing"
    yield "id-of-a-blank", SINGLE, (("Reference", "  "),), "id-missing"
    yield "amount-key-look-alike", (("\u0410mount", "1"), ("To", "ACME")), ID, "amount-missing"
    yield "amount-numbered", (("Amount 1", "1"), ("To", "ACME")), ID, "amount-missing"
    yield "amount-in-two-cases", SINGLE + (("amount", "100.00 EUR"),), ID, "amount-repeated"
    yield "amount-and-total", SINGLE + (("Total", "100.00 EUR"),), ID, "amount-repeated"
    yield "three-amounts", SINGLE + (("Total", "1"), ("Total amount", "2")), ID, "amount-repeated"
    yield "no-payee", (("Amount", "1"),), ID, "payee-missing"
    yield "payee-hidden-only", (("Amount", "1"),), ID + (("To", "ACME"),), "payee-missing"
    yield "payee-numbered", (("Amount", "1"), ("To 1", "ACME")), ID, "payee-missing"
    yield "payees-bound", (("Amount", "1"), ("Payees", "d2ac")), ID, "payee-missing"
    yield "payee-in-two-cases", SINGLE + (("to", "ACME"),), ID, "payee-repeated"
    yield "payee-and-beneficiary", SINGLE + (("Beneficiary", "Bob"),), ID, "payee-repeated"
    yield "no-id", SINGLE, (), "id-missing"
    yield "id-key-look-alike", SINGLE, (("Transaction  ID", "T1"),), "id-missing"


def _values():
    for name, value in (("euro-sign", "100 \u20ac"), ("full-width", "\uff11\uff10\uff10"), ("arabic-digits", "\u0661\u0660\u0660"),
                        ("no-break-space", "1\u00a0000"), ("right-to-left-letter", "100 \u05d0")):
        yield "amount-with-" + name, _with(SINGLE, "Amount", value), ID, "not-ascii"
    for key in ("Account", "Destination account", "Payee account", "IBAN", "Source account", "iban", "Currency", "CURRENCY"):
        yield "%s-beyond-ascii" % key, SINGLE + ((key, "DE\uff18\uff19"),), ID, "not-ascii"
    yield "hidden-account-beyond-ascii", SINGLE, ID + (("IBAN", "DE\uff18\uff19"),), "not-ascii"
    yield "hidden-currency-beyond-ascii", SINGLE, ID + (("Currency", "\u20ac"),), "not-ascii"
    yield "amount-in-words", _with(SINGLE, "Amount", "one hundred"), ID, "amount-without-digit"
    yield "amount-of-a-blank", _with(SINGLE, "Amount", " "), ID, "amount-without-digit"


def _batch():
    total, payees = BATCH[:1], BATCH[1:]
    yield "numbered-payees", BATCH, ID, None
    yield "total-amount", (("Total amount", "300.00 EUR"),) + payees, ID, None
    yield "one-payee", total + (("To", "ACME"),), ID, None
    yield "payees-of-several-names", total + (("To", "ACME"), ("Payee", "Bob"), ("Beneficiary 3", "Eve")), ID, None
    yield "payees-in-other-case", total + (("PAYEE 1", "ACME"), ("payee 2", "Bob")), ID, None
    yield "payee-number-10", total + (("Sending to 10", "ACME"),), ID, None
    yield "payees-bound-visible", total + (("Payees", "sha256:d2ac"),), ID, None
    yield "payees-bound-hidden", total, ID + (("Payees", "sha256:d2ac"),), None
    yield "payees-bound-in-other-case", total, ID + (("PAYEES", "sha256:d2ac"),), None
    yield "visible-and-bound", BATCH, ID + (("Payees", "sha256:d2ac"),), None
    yield "no-total", payees, ID, "amount-missing"
    yield "total-hidden", payees, ID + total, "amount-missing"
    yield "amounts-numbered", (("Amount 1", "100"), ("Amount 2", "200")) + payees, ID, "amount-missing"
    yield "two-totals", BATCH + (("Total amount", "300.00 EUR"),), ID, "amount-repeated"
    yield "no-payees", total, ID, "payee-missing"
    yield "payees-hidden-one-by-one", total, ID + payees, "payee-missing"
    for name, key in (("letter", "To A"), ("no-blank", "To1"), ("hash-sign", "To #1"),
                      ("full-width", "To \uff11"), ("sign", "To -1"), ("plus", "To +1"), ("point", "To 1.5")):
        yield "payee-number-with-" + name, total + ((key, "ACME"),), ID, "payee-missing"
    yield "payee-with-blanks-around-its-key", total + ((" To 1 ", "ACME"),), ID, None
    yield "numbered-payee-of-a-blank", total + (("To 1", " "),), ID, "payee-missing"
    yield "payees-of-a-blank", total, ID + (("Payees", " "),), "payee-missing"
    yield "no-id", BATCH, (), "id-missing"
    yield "total-beyond-ascii", _with(BATCH, "Total", "300 \u20ac"), ID, "not-ascii"
    yield "total-in-words", _with(BATCH, "Total", "much"), ID, "amount-without-digit"
