//! The command line as a whole: commands, options that all of them have, exit codes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    approve, audit, code, completions, demo, device, encode, enroll, explain, keys, qr, read, seed,
    serve, store, vectors, verify,
};
use crate::error::Error;
use crate::output::{Color, Output};

/// The exit code for unusable input, and for whatever kept a command from its work.
pub(crate) const UNUSABLE: u8 = 2;

/// Binds a payment into a one-time code, and shows every step of it.
#[derive(Parser)]
#[command(
    name = "txotp",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, accepted or all well; 1 refused, or something that does not hold; \
                  2 unusable input, or a store that does not answer.\n\n\
                  Begin with:\n  txotp demo\n\nEach command has examples: txotp help COMMAND"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Give the result as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to colour; `auto` heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Seed(seed::Seed),
    Enroll(enroll::Enroll),
    Encode(encode::Encode),
    Qr(qr::Qr),
    Read(read::Read),
    Code(code::Code),
    Verify(verify::Verify),
    Approve(approve::Approve),
    Store(store::Store),
    Keys(keys::Keys),
    Device(device::Device),
    Audit(audit::Audit),
    Serve(serve::Serve),
    Explain(explain::Explain),
    Vectors(vectors::Vectors),
    Completions(completions::Completions),
}

/// What a command that did its work answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done, accepted, all well: exit code 0.
    Yes,
    /// Refused, or something does not hold: exit code 1.
    No,
    /// Some of the input was unusable: exit code 2.
    Unusable,
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::SUCCESS,
            Answer::No => 1.into(),
            Answer::Unusable => UNUSABLE.into(),
        }
    }
}

impl Command {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        match self {
            Self::Demo(command) => command.run(output),
            Self::Seed(command) => command.run(output),
            Self::Enroll(command) => command.run(output),
            Self::Encode(command) => command.run(output),
            Self::Qr(command) => command.run(output),
            Self::Read(command) => command.run(output),
            Self::Code(command) => command.run(output),
            Self::Verify(command) => command.run(output),
            Self::Approve(command) => command.run(output),
            Self::Store(command) => command.run(output),
            Self::Keys(command) => command.run(output),
            Self::Device(command) => command.run(output),
            Self::Audit(command) => command.run(output),
            Self::Serve(command) => command.run(output),
            Self::Explain(command) => command.run(output),
            Self::Vectors(command) => command.run(output),
            Self::Completions(command) => command.run(output),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
