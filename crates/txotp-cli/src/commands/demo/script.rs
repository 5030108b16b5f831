//! What happens in the demo, in order.

use txotp_core::{Algorithm, Code, Section, Transaction, TransactionSuite, UnixTime};
use txotp_uri::key_uri::{Factor, KeyUri};
use txotp_uri::{Limit, OwnedTransaction};
use txotp_verifier::payment::{Kind, PaymentPolicy};
use txotp_verifier::{Reason, Verdict};

use super::bank::{Bank, Phone, draw, guesses, scan, unexpected};
use super::report::Report;
use crate::commands::seed;
use crate::error::Error;
use crate::output::{GOOD, Output};
use crate::show;
use crate::{draw as drawing, hex};

/// The transaction of Authy's documentation, as its page spells it.
const DOCUMENTED: &str = "txotp://totp?message=Approve+money+transaction\
    &details[Amount]=1000+Euros&details[To]=John+Doe&details[Destination+Account]=29385\
    &details[Source+Account]=98381&details[Reason]=transfer+money\
    &hidden_details[Transaction+ID]=T2293";

const DETAILS: [(&str, &str); 5] = [
    ("Amount", "1000 Euros"),
    ("To", "John Doe"),
    ("Destination Account", "29385"),
    ("Source Account", "98381"),
    ("Reason", "transfer money"),
];

/// A stage on which everything happens.
struct Stage {
    report: Report,
    output: Output,
    now: UnixTime,
    bank: Bank,
    phone: Phone,
}

/// Plays it all.
pub(super) fn play(now: UnixTime, output: Output) -> Result<Report, Error> {
    let mut stage = enrol(now, output)?;
    let payment = payment("1000 Euros", "John Doe", Section::HiddenDetails)?;
    let read = stage.show_transaction(&payment.as_transaction())?;
    let code = stage.compute(&read)?;
    stage.accept(&payment, &code)?;
    stage.refuse(&payment, &code)?;
    stage.reorder(&payment)?;
    stage.lock(&payment)?;
    Ok(stage.report)
}

/// 1 and 2: a seed, and its way onto the phone.
fn enrol(now: UnixTime, output: Output) -> Result<Stage, Error> {
    let mut report = Report::default();
    let suite = TransactionSuite::default();

    report.chapter("The bank makes a seed for John's phone");
    let made = seed::generate(Algorithm::Sha256)?;
    report.tell(&format!(
        "{} random bytes from this machine",
        made.reveal().len()
    ));
    report.tell(&format!("suite {suite}"));
    report.check(
        "seed",
        made.reveal().len() == 32,
        "as long as the hash's output",
    );

    report.chapter("John's phone is enrolled: it scans this once");
    let bank = Bank::enrol(suite, &made)?;
    let period = suite.period().unwrap_or_default();
    let key_uri = KeyUri::new(
        Some("Demo Bank"),
        "john.doe",
        made,
        suite.algorithm(),
        suite.digits(),
        Factor::Time(period),
    )
    .map_err(unexpected)?;
    let uri = key_uri.reveal();
    let (symbol, picture, version) = draw(&uri, drawing::theme(output))?;
    report.show(&symbol);
    report.line(&uri);
    report.aside("The seed is in it. It opens nothing: it was made for this run.");
    let phone = Phone::enrol(&picture)?;
    report.check(
        "enrolment",
        *phone.suite() == suite,
        format!("the phone read the QR code (version {version}) from its picture"),
    );
    report.value("time", now.seconds());
    report.value("suite", suite.to_string());
    report.value("enrolment", uri.as_str());
    Ok(Stage {
        report,
        output,
        now,
        bank,
        phone,
    })
}

impl Stage {
    /// 3 and 4: the bank's string and its QR symbol; the phone reads the symbol, and shows what it says.
    fn show_transaction(&mut self, payment: &Transaction<'_>) -> Result<OwnedTransaction, Error> {
        let report = &mut self.report;
        report.chapter("John orders a payment, and the bank shows it to his phone");
        let string = txotp_uri::to_string(payment, Limit::DEFAULT).map_err(unexpected)?;
        let (symbol, picture, version) = draw(&string, drawing::theme(self.output))?;
        report.show(&symbol);
        report.line(&string);
        report.check(
            "string",
            string == DOCUMENTED,
            format!(
                "{} bytes, just as documented; QR version {version}",
                string.len()
            ),
        );
        let allowed = PaymentPolicy::default().check(payment, Kind::Single);
        report.check(
            "payment-policy",
            allowed.is_ok(),
            "a payment as PSD2 asks: amount, payee and an id are bound",
        );

        report.chapter("The phone reads the QR code from its picture, and shows");
        let scanned = scan(&picture)?;
        let read = Phone::read(&scanned)?;
        report.tell(&format!("\n{}\n", show::to_payer(&read.as_transaction())));
        report.check(
            "qr-read-back",
            *scanned == *string.as_bytes(),
            "every byte of the string came through",
        );
        report.check(
            "details-in-order",
            read.details().eq(DETAILS),
            "the details are in the bank's order",
        );
        report.value("string", string);
        report.value("digest_hex", hex::encode(payment.digest().as_bytes()));
        Ok(read)
    }

    /// 5: John agrees.
    fn compute(&mut self, read: &OwnedTransaction) -> Result<Code, Error> {
        let code = self.phone.code(read, self.now)?;
        self.report
            .chapter("John agrees, and the phone computes the code for exactly this");
        self.report
            .tell(&format!("{GOOD}{}{GOOD:#}", spaced(code.reveal())));
        self.report.value("code", code.reveal());
        Ok(code)
    }

    /// 6: the code is right.
    fn accept(&mut self, payment: &OwnedTransaction, code: &Code) -> Result<(), Error> {
        self.report.chapter("John types it, and the bank compares");
        let verdict = self.bank.judge(&payment.as_transaction(), code, self.now)?;
        self.report.check(
            "accepted",
            verdict.is_accepted(),
            format!("{}: the payment is made", told(&verdict)),
        );
        Ok(())
    }

    /// 7: everything else is not.
    fn refuse(&mut self, payment: &OwnedTransaction, code: &Code) -> Result<(), Error> {
        self.report.chapter("What a thief could do with this code");
        let hidden = Section::HiddenDetails;
        let amount = self::payment("9000 Euros", "John Doe", hidden)?;
        let payee = self::payment("1000 Euros", "Eve", hidden)?;
        let moved = self::payment("1000 Euros", "John Doe", Section::Details)?;
        for (name, act, attempted, wait, reason) in [
            (
                "replay",
                "the same payment once more",
                payment,
                0,
                Reason::Replay,
            ),
            (
                "another-amount",
                "another amount, 9000 Euros",
                &amount,
                0,
                Reason::WrongCode,
            ),
            (
                "another-payee",
                "another payee, Eve",
                &payee,
                0,
                Reason::WrongCode,
            ),
            (
                "moved-hidden-detail",
                "the hidden detail made visible",
                &moved,
                0,
                Reason::WrongCode,
            ),
            (
                "expired",
                "an expired code, two minutes later",
                payment,
                120,
                Reason::WrongCode,
            ),
        ] {
            let now = later(self.now, wait);
            let verdict = self.bank.judge(&attempted.as_transaction(), code, now)?;
            self.report.check(
                name,
                refused_for(&verdict, reason),
                format!("{act:36} {}", told(&verdict)),
            );
        }
        Ok(())
    }

    /// 8: the order of parameters has no influence on the code.
    fn reorder(&mut self, payment: &OwnedTransaction) -> Result<(), Error> {
        self.now = later(self.now, 120);
        self.report
            .chapter("Later the bank asks again, with the parameters in another order");
        let string = reversed(DOCUMENTED);
        self.report.line(&string);
        let read = Phone::read(string.as_bytes())?;
        let code = self.phone.code(&read, self.now)?;
        self.report
            .tell(&format!("{GOOD}{}{GOOD:#}", spaced(code.reveal())));
        let verdict = self
            .bank
            .judge(&payment.as_transaction(), &code, self.now)?;
        self.report.check(
            "reordered",
            string != DOCUMENTED && verdict.is_accepted(),
            format!("{}: order does not matter", told(&verdict)),
        );
        Ok(())
    }

    /// 9: guessing ends soon.
    fn lock(&mut self, payment: &OwnedTransaction) -> Result<(), Error> {
        self.now = later(self.now, 60);
        self.report.chapter("The thief guesses");
        let mut right = Vec::new();
        for seconds in [0, 30, 60] {
            let then = UnixTime::from_seconds(
                self.now
                    .seconds()
                    .saturating_sub(30)
                    .saturating_add(seconds),
            );
            right.push(self.phone.code(payment, then)?);
        }
        for (left, guess) in (0..5u8).rev().zip(guesses(&right)) {
            let verdict = self
                .bank
                .judge(&payment.as_transaction(), &guess, self.now)?;
            let as_it_must = matches!(
                &verdict,
                Verdict::Refused(refusal)
                    if refusal.reason == Reason::WrongCode && refusal.attempts_left == left
            );
            let told = format!(
                "{}  {}, attempts left: {left}",
                guess.reveal(),
                told(&verdict)
            );
            self.report.check("wrong-code", as_it_must, told);
        }
        let seconds = self.bank.locked_for(self.now);
        self.report.check(
            "locked",
            seconds == Some(60),
            format!(
                "five wrong codes: the device is locked for {} s",
                seconds.unwrap_or_default()
            ),
        );
        let code = self.phone.code(payment, self.now)?;
        let verdict = self
            .bank
            .judge(&payment.as_transaction(), &code, self.now)?;
        self.report.check(
            "locked-with-the-right-code",
            refused_for(&verdict, Reason::Locked),
            format!("even the right code now: {}", told(&verdict)),
        );
        Ok(())
    }
}

/// The documented payment, with something changed or not.
fn payment(amount: &str, payee: &str, id: Section) -> Result<OwnedTransaction, Error> {
    let mut builder = Transaction::builder();
    let mut add = |section, key, value| builder.pair(section, key, value).map(|_| ());
    for (key, value) in DETAILS {
        let value = match key {
            "Amount" => amount,
            "To" => payee,
            _ => value,
        };
        add(Section::Details, key, value).map_err(unexpected)?;
    }
    add(id, "Transaction ID", "T2293").map_err(unexpected)?;
    builder
        .message("Approve money transaction")
        .map_err(unexpected)?;
    builder
        .build()
        .map(|transaction| OwnedTransaction::from(&transaction))
        .map_err(unexpected)
}

/// The same parameters, the last one first.
fn reversed(string: &str) -> String {
    let (start, parameters) = string.split_once('?').unwrap_or((string, ""));
    let parameters: Vec<&str> = parameters.rsplit('&').collect();
    format!("{start}?{}", parameters.join("&"))
}

fn refused_for(verdict: &Verdict, reason: Reason) -> bool {
    matches!(verdict, Verdict::Refused(refusal) if refusal.reason == reason)
}

fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accepted(_) => "accepted".to_owned(),
        Verdict::Refused(refusal) => format!("refused, {}", refusal.reason),
    }
}

fn later(now: UnixTime, seconds: u64) -> UnixTime {
    UnixTime::from_seconds(now.seconds().saturating_add(seconds))
}

/// A code in two halves, as a display groups it.
fn spaced(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}
