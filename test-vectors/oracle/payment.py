"""The payment policy: what a transaction must show to be dynamically linked to an amount and a payee.

Commission Delegated Regulation (EU) 2018/389, article 5(1) for one payment, article 5(3)(b) for a batch.
"""

import re

KEYS = {
    "amount": ("Amount", "Transaction amount", "Total", "Total amount"),
    "payee": ("To", "Sending to", "Payee", "Beneficiary"),
    "account": ("Account", "Destination account", "Payee account", "IBAN", "Source account"),
    "currency": ("Currency",),
    "id": ("Transaction ID", "Payment ID", "Reference", "End-to-end ID"),
}
PAYEES = "payees"


def _fold(key):
    """ASCII case folding only, and without the blanks around it, which nobody sees."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in key.strip(" "))


def _is(role, key):
    return _fold(key) in [_fold(name) for name in KEYS[role]]


def _is_numbered_payee(key):
    match = re.fullmatch(r"(.+?)(?: [0-9]+)?", key.strip(" "))
    return match is not None and _is("payee", match[1])


def _says(value):
    """A value of blanks says nothing."""
    return value.strip(" ") != ""


def check(transaction, kind):
    """None if the transaction may be declared a payment of this kind ("single", "batch"), or the reason."""
    visible = list(transaction.details.items())
    bound = visible + list(transaction.hidden_details.items())
    amounts = [value for key, value in visible if _is("amount", key)]
    if not amounts:
        return "amount-missing"
    if len(amounts) > 1:
        return "amount-repeated"
    payees = [key for key, value in visible if _is("payee", key) and _says(value)]
    if kind == "single":
        if not payees:
            return "payee-missing"
        if len(payees) > 1:
            return "payee-repeated"
    elif not any(_is_numbered_payee(key) and _says(value) for key, value in visible):
        if not any(_fold(key) == PAYEES and _says(value) for key, value in bound):
            return "payee-missing"
    for key, value in bound:
        if any(_is(role, key) for role in ("amount", "account", "currency")):
            if not re.fullmatch("[ -~]+", value):
                return "not-ascii"
    if not re.search("[0-9]", amounts[0]):
        return "amount-without-digit"
    if not any(_is("id", key) and _says(value) for key, value in bound):
        return "id-missing"
    return None
