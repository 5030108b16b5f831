#![doc = include_str!("../README.md")]

mod calendar;
mod cbor;
mod cli;
mod commands;
mod device;
mod draw;
mod enrolment;
mod error;
mod files;
mod hex;
mod input;
mod listing;
mod output;
mod picture;
mod progress;
mod seed_source;
mod show;
mod store;
mod transaction_json;
mod truncation;
mod usage;
mod vectors;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::output::Output;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::tell(&error),
    };
    let output = Output::new(cli.json, cli.color);
    match cli.command.run(output) {
        Ok(answer) => answer.into(),
        Err(error) => {
            output.error(&error);
            cli::UNUSABLE.into()
        }
    }
}
