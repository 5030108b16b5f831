//! `txotp qr`: a string as a QR symbol.

use clap::Args;

use crate::cli::Answer;
use crate::draw::{DrawArgs, Format};
use crate::error::Error;
use crate::input::{self, StringArgs};
use crate::output::Output;

/// Draw a string as a QR code.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp qr 'txotp://totp?message=Pay&details[To]=ACME'
  txotp qr -o payment.png \"$STRING\"
  txotp encode --message Pay --detail To=ACME | txotp qr -
  txotp qr --format svg \"$STRING\" > payment.svg
  echo \"<img src='$(txotp qr --format data-uri \"$STRING\")'>\"

Only a string that a device would read is drawn: txotp:// or otpauth://. Version, width and length go to \
standard error. With --json the picture is in `content`, unless it went to a file.")]
pub(crate) struct Qr {
    /// How to draw it [default: by the file's ending, else terminal]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,

    #[command(flatten)]
    draw: DrawArgs,

    #[command(flatten)]
    string: StringArgs,
}

impl Qr {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let string = self.string.read()?;
        let limit = self.string.limit();
        let mut buffer = zeroize::Zeroizing::new(Vec::new());
        if input::is_key_uri(&string) {
            input::key_uri(&string, limit, &mut buffer)?;
        } else {
            input::transaction(&string, limit, &mut buffer)?;
        }
        let text = std::str::from_utf8(&string).map_err(|_| {
            Error::new(
                "the string has bytes beyond ASCII that are no UTF-8",
                "write them as %XX",
            )
        })?;
        let format = match self.format {
            Some(format) => format,
            None => self.draw.format_of_file()?.unwrap_or(Format::Terminal),
        };
        self.draw.draw(text, format, limit, output)?;
        Ok(Answer::Yes)
    }
}
