//! How a device gets its seed: a Key URI, as text or as a QR symbol.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use txotp_core::{Counter, Seed, TransactionSuite};
use txotp_uri::key_uri::{Factor, KeyUri};
use zeroize::Zeroizing;

use crate::draw::{self, DrawArgs, Picture};
use crate::error::Error;
use crate::files::Destination;
use crate::input::LimitArgs;
use crate::output::Output;

#[derive(Args)]
pub(crate) struct EnrolmentArgs {
    /// Who issues the device: the bank
    #[arg(long, value_name = "I")]
    issuer: Option<String>,

    /// How to give it [default: by the file's ending, else uri]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    #[command(flatten)]
    pub(crate) draw: DrawArgs,

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

/// A seed, ready to be handed out.
pub(crate) struct Enrolment {
    pub(crate) uri: Zeroizing<String>,
    /// Its symbol, where that is asked for.
    pub(crate) picture: Option<Picture>,
    to: Destination,
}

impl Enrolment {
    /// Writes the file, if one is named.
    pub(crate) fn write(&self) -> Result<(), Error> {
        match &self.picture {
            Some(picture) => self.to.write(picture.bytes()),
            None => {
                let line = Zeroizing::new(format!("{}\n", self.uri.as_str()));
                self.to.write(line.as_bytes())
            }
        }
    }
}

impl EnrolmentArgs {
    /// Whether it is said how to give it.
    pub(crate) fn says_how(&self) -> bool {
        self.format.is_some() || self.draw.output.file().is_some()
    }

    /// Prepares everything that can fail before anything is handed out.
    pub(crate) fn prepare(
        &self,
        account: &str,
        seed: Seed,
        suite: &TransactionSuite,
        counter: Option<u64>,
        output: Output,
    ) -> Result<Enrolment, Error> {
        let factor = factor(suite, counter)?;
        let (algorithm, digits) = (suite.algorithm(), suite.digits());
        let issuer = self.issuer.as_deref();
        let key_uri = KeyUri::new(issuer, account, seed, algorithm, digits, factor);
        let key_uri = key_uri.map_err(|error| {
            Error::new(
                format!("no Key URI can be written: {error}"),
                "issuer and account are not empty, and hold no colon and no hidden characters",
            )
            .because(error.name())
        })?;
        self.check_length(key_uri.written_len())?;
        let uri = key_uri.reveal();
        let format = self.picture_format()?;
        let picture = format.map(|format| self.picture(&uri, format, output));
        Ok(Enrolment {
            picture: picture.transpose()?,
            uri,
            to: self.draw.output.open()?,
        })
    }

    /// The symbol of a Key URI.
    pub(crate) fn picture(
        &self,
        uri: &str,
        format: draw::Format,
        output: Output,
    ) -> Result<Picture, Error> {
        self.draw.picture(uri, format, self.limit.get(), output)
    }

    /// Hands a seed out, as it was asked for.
    pub(crate) fn give(&self, enrolment: &Enrolment, output: Output) -> Result<(), Error> {
        match &enrolment.picture {
            Some(picture) => self.draw.give(picture, &enrolment.to, output),
            None => {
                enrolment.write()?;
                match self.draw.output.file() {
                    Some(_) => Ok(()),
                    None => output.line(&enrolment.uri),
                }
            }
        }
    }

    /// What is handed out as JSON, unless it went to a file.
    pub(crate) fn json(&self, enrolment: &Enrolment, suite: &TransactionSuite) -> Value {
        let file = self.draw.output.file();
        match &enrolment.picture {
            Some(picture) => self.draw.json(picture),
            None => json!({
                "uri": file.is_none().then_some(enrolment.uri.as_str()),
                "suite": suite.to_string(),
                "output": file,
            }),
        }
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
}

/// What moves the codes on, where a Key URI can say it.
fn factor(suite: &TransactionSuite, counter: Option<u64>) -> Result<Factor, Error> {
    const OTHERWISE: &str = "choose another suite; or make a seed with `txotp seed new`, bring it \
                             to the device by other means, and to the store with --seed-file";
    if suite.ocra().pin().is_some() {
        return Err(Error::new(
            "a Key URI cannot express a suite with a PIN",
            OTHERWISE,
        ));
    }
    match (suite.has_counter(), suite.period()) {
        (false, Some(period)) if counter.is_none() => Ok(Factor::Time(period)),
        (false, _) => Err(Error::new(
            "a counter is given, but the suite has none",
            "leave --counter out, or choose a suite with `C-`",
        )),
        (true, None) => Ok(Factor::Counter(Counter::new(counter.unwrap_or_default()))),
        (true, Some(_)) => Err(Error::new(
            "a Key URI cannot express a suite with both counter and time",
            OTHERWISE,
        )),
    }
}
