//! `txotp seed new`: a seed from the system's random source.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use txotp_core::Algorithm;
use txotp_uri::base32;
use zeroize::Zeroizing;

use crate::cli::Answer;
use crate::error::Error;
use crate::files::OutputArgs;
use crate::hex;
use crate::output::Output;

/// Make seeds.
#[derive(Args)]
pub(crate) struct Seed {
    #[command(subcommand)]
    command: SeedCommand,
}

#[derive(Subcommand)]
enum SeedCommand {
    New(New),
}

/// Make a new seed from the system's random source.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp seed new -o seed.txt
  txotp seed new --algorithm sha1 --format hex -o seed.txt

A seed has the length of its hash's output: 20, 32 or 64 bytes. The file can be read by its owner only, \
and an existing one is not overwritten: whoever holds a seed can compute every code of its device.")]
struct New {
    /// Hash of the suite that the seed is for
    #[arg(long, value_name = "HASH", default_value = "sha256")]
    algorithm: Hash,

    #[command(flatten)]
    output: OutputArgs,

    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "base32")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Base32, as authenticators take it
    Base32,
    /// `hex:` and hexadecimal digits
    Hex,
}

impl Seed {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let SeedCommand::New(new) = &self.command;
        new.run(output)
    }
}

impl New {
    fn run(&self, output: Output) -> Result<Answer, Error> {
        let algorithm = match self.algorithm {
            Hash::Sha1 => Algorithm::Sha1,
            Hash::Sha256 => Algorithm::Sha256,
            Hash::Sha512 => Algorithm::Sha512,
        };
        let seed = generate(algorithm)?;
        let text = Zeroizing::new(match self.format {
            Format::Base32 => format!("{}\n", base32_of(&seed).as_str()),
            Format::Hex => format!("hex:{}\n", hex::encode(seed.reveal())),
        });
        self.output.open()?.write(text.as_bytes())?;
        let file = self.output.file();
        if output.json() {
            output.value(&json!({
                "algorithm": algorithm.name(),
                "bytes": algorithm.output_len(),
                "seed": file.is_none().then_some(text.trim_end()),
                "output": file,
            }))?;
        } else if file.is_some() {
            output.note(format_args!(
                "{} random bytes for {algorithm}, readable by you only",
                algorithm.output_len()
            ));
        } else {
            output.raw(text.as_bytes())?;
        }
        Ok(Answer::Yes)
    }
}

/// A new seed.
pub(crate) fn generate(algorithm: Algorithm) -> Result<txotp_core::Seed, Error> {
    txotp_core::Seed::generate(algorithm, getrandom::fill).map_err(|_| {
        Error::new(
            "the system's random source failed",
            "this machine cannot make seeds: look at its configuration",
        )
    })
}

/// A seed in Base32.
pub(crate) fn base32_of(seed: &txotp_core::Seed) -> Zeroizing<String> {
    let mut buffer = Zeroizing::new([0; base32::MAX_LEN]);
    Zeroizing::new(base32::encode(seed, &mut buffer).to_owned())
}
