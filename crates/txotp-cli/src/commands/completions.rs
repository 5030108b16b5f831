//! `txotp completions`: for shells.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use crate::cli::{Answer, Cli};
use crate::error::Error;
use crate::output::Output;

/// Print completions for a shell.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp completions bash > ~/.local/share/bash-completion/completions/txotp
  txotp completions zsh > ~/.zfunc/_txotp
  txotp completions fish > ~/.config/fish/completions/txotp.fish")]
pub(crate) struct Completions {
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "txotp", &mut script);
        if output.json() {
            output.value(&json!({
                "shell": self.shell.to_string(),
                "script": String::from_utf8_lossy(&script),
            }))?;
        } else {
            output.raw(&script)?;
        }
        Ok(Answer::Yes)
    }
}
