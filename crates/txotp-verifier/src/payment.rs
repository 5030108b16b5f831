//! The payment policy: what a transaction must bind so that its code is dynamically linked to an amount
//! and a payee (Delegated Regulation (EU) 2018/389 article 5).

use core::fmt;

use txotp_core::{Pair, TextProfile, Transaction};

/// Whether a payment has one payee or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Kind {
    /// One amount to one payee (article 5(1)).
    #[default]
    Single,
    /// A total to several payees (article 5(3)(b)).
    Batch,
}

/// Which keys mean what, compared without regard to the case of ASCII letters and to blanks around
/// them. Look-alike letters of other scripts are not told apart.
///
/// ```
/// use txotp_core::Transaction;
/// use txotp_verifier::payment::{Kind, PaymentError, PaymentPolicy};
///
/// let mut builder = Transaction::builder();
/// builder.message("Pay")?.detail("Amount", "12.00 EUR")?.hidden_detail("Reference", "T1")?;
/// builder.hidden_detail("To", "John Doe")?;
/// // A payee that the payer does not see is none.
/// let checked = PaymentPolicy::default().check(&builder.build()?, Kind::Single);
/// assert_eq!(checked, Err(PaymentError::PayeeMissing));
/// # Ok::<(), txotp_core::TransactionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentPolicy<'a> {
    /// Keys of the amount, and of a batch's total.
    pub amount: &'a [&'a str],
    /// Keys of a payee. In a batch a number may follow: `To 1`, `To 2`.
    pub payee: &'a [&'a str],
    /// Keys, visible or hidden, of a value that stands for all payees of a batch, such as the SHA-256
    /// of their list.
    pub payees: &'a [&'a str],
    /// Keys of accounts.
    pub account: &'a [&'a str],
    /// Keys of currencies.
    pub currency: &'a [&'a str],
    /// Keys, visible or hidden, of what makes a payment unique.
    pub id: &'a [&'a str],
}

impl Default for PaymentPolicy<'_> {
    fn default() -> Self {
        Self {
            amount: &["Amount", "Transaction amount", "Total", "Total amount"],
            payee: &["To", "Sending to", "Payee", "Beneficiary"],
            payees: &["Payees"],
            account: &[
                "Account",
                "Destination account",
                "Payee account",
                "IBAN",
                "Source account",
            ],
            currency: &["Currency"],
            id: &["Transaction ID", "Payment ID", "Reference", "End-to-end ID"],
        }
    }
}

impl PaymentPolicy<'_> {
    /// Checks a transaction that is declared a payment, before its string is written and before a code
    /// for it is asked for.
    ///
    /// # Errors
    /// [`PaymentError`]: the first of what is missing. The transaction is to be corrected by the bank.
    pub fn check(&self, transaction: &Transaction<'_>, kind: Kind) -> Result<(), PaymentError> {
        let amount = self.only_amount(transaction)?;
        self.check_payees(transaction, kind)?;
        let ascii = [self.amount, self.account, self.currency];
        let is_plain = |pair: &Pair<'_>| TextProfile::Ascii.first_forbidden(pair.value).is_none();
        if bound(transaction).any(|p| ascii.iter().any(|keys| is(keys, p.key)) && !is_plain(&p)) {
            return Err(PaymentError::NotAscii);
        }
        if !amount.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(PaymentError::AmountWithoutDigit);
        }
        if !bound(transaction).any(|pair| says(self.id, &pair)) {
            return Err(PaymentError::IdMissing);
        }
        Ok(())
    }

    fn only_amount<'t>(&self, transaction: &Transaction<'t>) -> Result<&'t str, PaymentError> {
        let mut amounts = transaction
            .details()
            .filter(|pair| is(self.amount, pair.key));
        let amount = amounts.next().ok_or(PaymentError::AmountMissing)?;
        if amounts.next().is_some() {
            return Err(PaymentError::AmountRepeated);
        }
        Ok(amount.value)
    }

    fn check_payees(&self, transaction: &Transaction<'_>, kind: Kind) -> Result<(), PaymentError> {
        let mut details = transaction.details();
        match kind {
            Kind::Single => match details.filter(|pair| says(self.payee, pair)).count() {
                0 => Err(PaymentError::PayeeMissing),
                1 => Ok(()),
                _ => Err(PaymentError::PayeeRepeated),
            },
            Kind::Batch => {
                let named = details.any(|Pair { key, value }| {
                    let key = without_number(key.trim_matches(' '));
                    says(self.payee, &Pair { key, value })
                });
                let listed = || bound(transaction).any(|pair| says(self.payees, &pair));
                if named || listed() {
                    Ok(())
                } else {
                    Err(PaymentError::PayeeMissing)
                }
            }
        }
    }
}

/// All pairs, visible or not.
fn bound<'a>(transaction: &'a Transaction<'_>) -> impl Iterator<Item = Pair<'a>> {
    transaction.details().chain(transaction.hidden_details())
}

/// Whether a key is one of those known. Blanks around it do not make it another: none could see them.
fn is(keys: &[&str], key: &str) -> bool {
    let key = key.trim_matches(' ');
    keys.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// Whether a pair says something under one of the keys. A value of blanks says nothing.
fn says(keys: &[&str], pair: &Pair<'_>) -> bool {
    is(keys, pair.key) && !pair.value.trim_matches(' ').is_empty()
}

/// `To` for `To 2`.
fn without_number(key: &str) -> &str {
    match key.rsplit_once(' ') {
        Some((name, number))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => key,
    }
}

/// Why a transaction is no payment under the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentError {
    /// No detail is an amount.
    AmountMissing,
    /// Several details are amounts: the payer could not know which is meant.
    AmountRepeated,
    /// No detail is a payee.
    PayeeMissing,
    /// Several details are payees.
    PayeeRepeated,
    /// An amount, account or currency is not printable ASCII.
    NotAscii,
    /// The amount has no digit.
    AmountWithoutDigit,
    /// Nothing makes the payment unique: two alike would have one code.
    IdMissing,
}

impl PaymentError {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmountMissing => "amount-missing",
            Self::AmountRepeated => "amount-repeated",
            Self::PayeeMissing => "payee-missing",
            Self::PayeeRepeated => "payee-repeated",
            Self::NotAscii => "not-ascii",
            Self::AmountWithoutDigit => "amount-without-digit",
            Self::IdMissing => "id-missing",
        }
    }
}

impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AmountMissing => "no detail that the payer sees is an amount",
            Self::AmountRepeated => "several details are amounts",
            Self::PayeeMissing => "no detail that the payer sees is a payee",
            Self::PayeeRepeated => "several details are payees",
            Self::NotAscii => "an amount, account or currency is not printable ASCII",
            Self::AmountWithoutDigit => "the amount has no digit",
            Self::IdMissing => "no detail makes the payment unique",
        })
    }
}

impl core::error::Error for PaymentError {}
