//! A transaction for the eyes: message, details in order, and hidden details marked as such.

use txotp_core::{Pair, Section, Transaction};

use crate::output::{BOLD, DIM, Output, aligned};

/// What an operator of the bank's side is told: everything.
pub(crate) fn to_operator(transaction: &Transaction<'_>, output: Output) -> String {
    if !output.terminal() {
        return plain(transaction);
    }
    let mut text = displayed(transaction);
    if transaction.hidden_details().next().is_some() {
        text += &format!("\n  {DIM}hidden: bound into the code, not shown to the payer{DIM:#}\n");
        text += &aligned(&rows(transaction, Section::HiddenDetails));
    }
    text
}

/// What a device shows to the payer: hidden details are only counted.
pub(crate) fn to_payer(transaction: &Transaction<'_>) -> String {
    let mut text = displayed(transaction);
    let count = transaction.hidden_details().count();
    if count > 0 {
        text += &format!("\n  {DIM}and {count} hidden, bound into the code{DIM:#}\n");
    }
    text
}

fn displayed(transaction: &Transaction<'_>) -> String {
    format!(
        "  {BOLD}{}{BOLD:#}\n\n{}",
        transaction.message(),
        aligned(&rows(transaction, Section::Details))
    )
}

/// One line for each text, its fields divided by tabs: no text of a transaction has one.
fn plain(transaction: &Transaction<'_>) -> String {
    let mut text = format!("message\t{}\n", transaction.message());
    for (name, section) in [
        ("detail", Section::Details),
        ("hidden detail", Section::HiddenDetails),
    ] {
        for Pair { key, value } in transaction.section(section) {
            text += &format!("{name}\t{key}\t{value}\n");
        }
    }
    text
}

fn rows<'a>(transaction: &Transaction<'a>, section: Section) -> Vec<(&'a str, &'a str)> {
    transaction
        .section(section)
        .map(|Pair { key, value }| (key, value))
        .collect()
}
