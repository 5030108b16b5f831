//! `txotp audit export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use serde_json::json;
use txotp_store::{DeviceId, Vault};

use crate::cli::Answer;
use crate::error::Error;
use crate::files;
use crate::output::{GOOD, Output, written};
use crate::progress::Bar;
use crate::store::StoreArgs;

/// Write the evidence as JSON lines.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp audit export --store bank.db -o evidence.jsonl
  txotp audit export --store bank.db | xz > evidence.jsonl.xz
  txotp audit export --store bank.db --device phone-1

All evidence of one moment is written, while others go on working: the checkpoints, then the entries, \
each line as it was when it was hashed. `txotp audit verify FILE` reads it. Who has only the export learns \
names, times and verdicts, and no code, seed or transaction. With --device it is the entries of that \
device, in their order, which are not a whole that can be verified.")]
pub(crate) struct Export {
    #[command(flatten)]
    store: StoreArgs,

    /// Only the entries of this device
    #[arg(long, value_name = "DEVICE")]
    device: Option<DeviceId>,

    /// File to write, readable by its owner only; none is overwritten [else: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let vault = self.store.open(output)?;
        let Some(path) = &self.output else {
            self.write(&vault, Lines::to_stdout())?;
            return Ok(Answer::Yes);
        };
        let lines = self
            .write(&vault, Lines::to_file(files::create(path)?))
            .inspect_err(|_| remove(path))?;
        if output.json() {
            output.value(&json!({ "lines": lines, "output": path }))?;
        } else {
            output.text(&format!("{GOOD}written{GOOD:#} lines: {lines}\n"))?;
        }
        Ok(Answer::Yes)
    }

    /// Writes all lines, and gives how many.
    fn write(&self, vault: &Vault, mut lines: Lines) -> Result<u64, Error> {
        let bar = Bar::new("exporting");
        let Some(device) = &self.device else {
            return everything(vault, lines, &bar);
        };
        let total = vault.device(device.clone()).wait()?.entries;
        let mut after = 0;
        loop {
            let page = vault.history(device.clone(), after).wait()?;
            for entry in &page {
                let line = serde_json::to_string(entry);
                let line = line.expect("texts and numbers always are JSON");
                if lines.push(&line).is_break() {
                    return lines.end();
                }
            }
            match page.last().and_then(|entry| entry.version) {
                Some(last) => after = last,
                None => return lines.end(),
            }
            bar.show(after, total);
        }
    }
}

fn everything(vault: &Vault, lines: Lines, bar: &Bar) -> Result<u64, Error> {
    // They are written on the thread of the store that reads.
    let shared = Arc::new(Mutex::new(lines));
    let sink = Arc::clone(&shared);
    let push = move |line: &str| {
        let mut lines = sink.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line)
    };
    vault.audit_export(push, bar.progress()).wait()?;
    let mut lines = shared.lock().unwrap_or_else(PoisonError::into_inner);
    lines.end()
}

/// Half a file is no evidence.
fn remove(path: &Path) {
    // The error that is told is the first.
    let _ = std::fs::remove_file(path);
}

/// Where lines go, and what became of them.
struct Lines {
    writer: BufWriter<Box<dyn Write + Send>>,
    /// The file, to be made durable.
    file: Option<File>,
    count: u64,
    outcome: io::Result<()>,
}

impl Lines {
    fn to_stdout() -> Self {
        Self::to(Box::new(io::stdout()), None)
    }

    fn to_file(file: File) -> Self {
        match file.try_clone() {
            Ok(writer) => Self::to(Box::new(writer), Some(file)),
            Err(error) => Self {
                outcome: Err(error),
                ..Self::to(Box::new(io::sink()), None)
            },
        }
    }

    fn to(writer: Box<dyn Write + Send>, file: Option<File>) -> Self {
        Self {
            writer: BufWriter::new(writer),
            file,
            count: 0,
            outcome: Ok(()),
        }
    }

    fn push(&mut self, line: &str) -> ControlFlow<()> {
        if self.outcome.is_ok() {
            let text = self.writer.write_all(line.as_bytes());
            self.outcome = text.and_then(|()| self.writer.write_all(b"\n"));
            self.count = self.count.saturating_add(1);
        }
        match self.outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    /// Ends the writing, and gives how many lines there are.
    fn end(&mut self) -> Result<u64, Error> {
        let outcome = std::mem::replace(&mut self.outcome, Ok(()));
        let outcome = outcome.and_then(|()| self.writer.flush());
        match &self.file {
            Some(file) => outcome
                .and_then(|()| file.sync_all())
                .map_err(|error| files::unwritable(&error))?,
            None => written(outcome)?,
        }
        Ok(self.count)
    }
}
