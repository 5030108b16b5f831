//! `txotp enroll`: a seed as a Key URI, for the device to scan.

use clap::{Args, ValueEnum};
use serde_json::json;
use txotp_core::{Counter, TransactionSuite};
use txotp_uri::key_uri::{Factor, KeyUri};
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::device::{DEFAULT_SUITE, parse_suite};
use crate::draw::{self, DrawArgs};
use crate::error::Error;
use crate::input::LimitArgs;
use crate::output::Output;
use crate::seed_source::SeedArgs;

/// Write the Key URI (otpauth://) that enrols a device, and its QR code.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp enroll --issuer ACME --account john@example.com --seed-file seed.txt
  txotp enroll --issuer ACME --account john@example.com \\
      --seed-file seed.txt --format terminal
  txotp enroll --issuer ACME --account john@example.com \\
      --seed-file seed.txt -o enrolment.png

The Key URI and its QR code hold the seed: show them once, over a confidential channel, and keep \
neither. A suite with a PIN, or with both counter and time, cannot be enrolled in this way.")]
pub(crate) struct Enroll {
    /// Who issues the device: the bank
    #[arg(long, value_name = "I")]
    issuer: Option<String>,

    /// Whose device it is
    #[arg(long, value_name = "A")]
    account: String,

    #[command(flatten)]
    seed: SeedArgs,

    /// OCRA suite of the device
    #[arg(long, value_name = "SUITE", default_value = DEFAULT_SUITE)]
    suite: String,

    /// First counter, for suites with `C-` [default: 0]
    #[arg(long, value_name = "N")]
    counter: Option<u64>,

    /// How to give it [default: by the file's ending, else uri]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    #[command(flatten)]
    draw: DrawArgs,

    #[command(flatten)]
    limit: LimitArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The Key URI itself
    Uri,
    /// Its QR code in half blocks
    Terminal,
    /// Its QR code as Scalable Vector Graphics
    Svg,
    /// Its QR code as Portable Network Graphics
    Png,
    /// That PNG as data:image/png;base64,… for HTML
    DataUri,
}

impl Enroll {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let suite = parse_suite(&self.suite)?;
        let factor = self.factor(&suite)?;
        let seed = self.seed.read(output)?;
        let key_uri = KeyUri::new(
            self.issuer.as_deref(),
            &self.account,
            seed,
            suite.algorithm(),
            suite.digits(),
            factor,
        )
        .map_err(|error| {
            Error::new(
                format!("no Key URI can be written: {error}"),
                "issuer and account are not empty, and hold no colon and no hidden characters",
            )
            .because(error.name())
        })?;
        self.check_length(key_uri.written_len())?;
        let uri = key_uri.reveal();
        match self.picture_format()? {
            Some(format) => self.draw.draw(&uri, format, self.limit.get(), output)?,
            None => self.write_uri(&uri, &suite, output)?,
        }
        output.note("this holds the seed: show it once, and keep no copy");
        Ok(Answer::Yes)
    }

    /// Refuses what a reader with this limit would refuse.
    fn check_length(&self, length: usize) -> Result<(), Error> {
        let limit = self.limit.get().get();
        if length <= limit {
            return Ok(());
        }
        Err(Error::new(
            format!("the Key URI has {length} bytes, and the limit is {limit}"),
            "shorten issuer and account, or raise the limit with --max-len, up to 2953",
        )
        .because("too-long"))
    }

    fn picture_format(&self) -> Result<Option<draw::Format>, Error> {
        Ok(match self.format {
            None => self.draw.format_of_file()?,
            Some(Format::Uri) => None,
            Some(Format::Terminal) => Some(draw::Format::Terminal),
            Some(Format::Svg) => Some(draw::Format::Svg),
            Some(Format::Png) => Some(draw::Format::Png),
            Some(Format::DataUri) => Some(draw::Format::DataUri),
        })
    }

    fn write_uri(&self, uri: &str, suite: &TransactionSuite, output: Output) -> Result<(), Error> {
        let path = self.draw.output.file();
        let line = Zeroizing::new(format!("{uri}\n"));
        self.draw.output.write(line.as_bytes())?;
        if output.json() {
            return output.value(&json!({
                "uri": path.is_none().then_some(uri),
                "suite": suite.to_string(),
                "output": path,
            }));
        }
        match path {
            Some(_) => Ok(()),
            None => output.line(uri),
        }
    }

    /// What moves the codes on, where a Key URI can say it.
    fn factor(&self, suite: &TransactionSuite) -> Result<Factor, Error> {
        if suite.ocra().pin().is_some() {
            return Err(Error::new(
                "a Key URI cannot express a suite with a PIN",
                "enrol such a device by other means, or choose a suite without -P",
            ));
        }
        match (suite.has_counter(), suite.period()) {
            (false, Some(period)) if self.counter.is_none() => Ok(Factor::Time(period)),
            (false, _) => Err(Error::new(
                "a counter is given, but the suite has none",
                "leave --counter out, or choose a suite with `C-`",
            )),
            (true, None) => Ok(Factor::Counter(Counter::new(
                self.counter.unwrap_or_default(),
            ))),
            (true, Some(_)) => Err(Error::new(
                "a Key URI cannot express a suite with both counter and time",
                "choose a suite with one of them",
            )),
        }
    }
}
