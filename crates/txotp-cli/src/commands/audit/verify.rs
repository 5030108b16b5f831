//! `txotp audit verify`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use txotp_store::limits::MAX_LINE_LEN;
use txotp_store::{AuditReport, Earlier, Verifier};

use crate::cli::Answer;
use crate::error::Error;
use crate::files;
use crate::output::Output;
use crate::progress::Bar;
use crate::store::{StoreArgs, report};

/// Find any line of evidence that was edited, removed, inserted or moved, and say where.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp audit verify --store bank.db
  txotp audit verify evidence.jsonl
  xz -dc evidence.jsonl.xz | txotp audit verify -
  txotp audit verify --store bank.db --against yesterday.jsonl

Of a store everything is checked, for which its keys are needed. Of an exported FILE the chains are: it \
cannot be known without the keys whether this store made the checkpoints, and whether the devices' rows \
count the same entries. So who writes a whole export anew, or cuts off the ends of books and the last \
checkpoints, is found only in the store.

With --against it is proved besides that all goes on from an OLDER export, kept where the store's \
administrators do not write: that since then nothing was cut off, written anew, or put back as it once was.

Exit codes: 0 as it was written; 1 something is wrong, and it is said where; 2 it could not be read.")]
pub(crate) struct Verify {
    /// Exported file, `-` for standard input [else: the store]
    #[arg(value_name = "FILE", conflicts_with_all = ["store", "keys"])]
    file: Option<PathBuf>,

    /// Older export, `-` for standard input, from which all must go on
    #[arg(long, value_name = "OLDER")]
    against: Option<PathBuf>,

    #[command(flatten)]
    store: StoreArgs,
}

impl Verify {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        self.check_stdin()?;
        let earlier = match self.against.as_deref().map(earlier).transpose()? {
            None => Arc::default(),
            Some(Ok(earlier)) => Arc::new(earlier),
            Some(Err(found)) => {
                tell(&found, output)?;
                output.warn("this is of the older export: nothing was held against it");
                return Ok(Answer::No);
            }
        };
        let found = match &self.file {
            Some(path) => of_file(path, Verifier::against(earlier))?.finish(),
            None => {
                let vault = self.store.open(output)?;
                let bar = Bar::new("verifying");
                let found = vault.audit_verify_against(earlier, bar.progress());
                found.wait()?
            }
        };
        tell(&found, output)?;
        if !found.with_keys {
            output.note(
                "not checked, for want of the keys: who made the checkpoints, and what the devices' \
                 rows count; so ends that were cut off are not seen",
            );
        }
        Ok(if found.is_clean() {
            Answer::Yes
        } else {
            Answer::No
        })
    }

    fn check_stdin(&self) -> Result<(), Error> {
        let takers = [&self.file, &self.against];
        let takers = takers.into_iter().flatten();
        if takers.filter(|path| files::is_stdin(path)).count() > 1 {
            return Err(Error::new(
                "standard input is asked for twice",
                "give only one of the two exports as `-`",
            ));
        }
        Ok(())
    }
}

fn tell(found: &AuditReport, output: Output) -> Result<(), Error> {
    if output.json() {
        output.value(&report::audit_json(found))
    } else {
        output.text(&report::audit_text(found))
    }
}

/// What an older export has; or what is wrong with it.
fn earlier(path: &Path) -> Result<Result<Earlier, AuditReport>, Error> {
    Ok(of_file(path, Verifier::keeping())?.into_earlier())
}

fn of_file(path: &Path, verifier: Verifier) -> Result<Verifier, Error> {
    let unreadable = |error: io::Error| files::unreadable("the evidence", &error);
    if files::is_stdin(path) {
        let bar = Bar::counting("verifying bytes:");
        return read(io::stdin().lock(), verifier, |length| bar.add(length)).map_err(unreadable)?;
    }
    let file = File::open(path).map_err(unreadable)?;
    let total = file.metadata().map_err(unreadable)?.len();
    let bar = Bar::new("verifying bytes");
    let mut done: u64 = 0;
    let progress = |length| {
        done = done.saturating_add(length);
        bar.show(done, total);
    };
    read(BufReader::new(file), verifier, progress).map_err(unreadable)?
}

/// Reads lines up to the longest that evidence has: what is longer is none.
fn read(
    mut source: impl BufRead,
    mut verifier: Verifier,
    mut progress: impl FnMut(u64),
) -> io::Result<Result<Verifier, Error>> {
    let limit = u64::try_from(MAX_LINE_LEN).unwrap_or(u64::MAX);
    let mut is_empty = true;
    let mut line = Vec::new();
    loop {
        line.clear();
        // One more for the line feed.
        let mut room = source.by_ref().take(limit.saturating_add(1));
        let length = room.read_until(b'\n', &mut line)?;
        if length == 0 {
            break;
        }
        is_empty = false;
        progress(u64::try_from(length).unwrap_or(u64::MAX));
        match line.strip_suffix(b"\n") {
            // What is no text becomes a line that is no evidence.
            Some(line) => verifier.line(std::str::from_utf8(line).unwrap_or_default()),
            None if length > MAX_LINE_LEN => {
                verifier.line("");
                progress(skip_line(&mut source)?);
            }
            None => verifier.line(std::str::from_utf8(&line).unwrap_or_default()),
        }
    }
    if is_empty {
        return Ok(Err(Error::new(
            "the file is empty: it holds no evidence",
            "check that it is the file that you mean",
        )));
    }
    Ok(Ok(verifier))
}

/// Skips the rest of a line, and gives its length.
fn skip_line(source: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped: u64 = 0;
    loop {
        let buffer = source.fill_buf()?;
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end.saturating_add(1));
        let is_last = end.is_some() || buffer.is_empty();
        source.consume(length);
        skipped = skipped.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        if is_last {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &[u8]) -> Vec<u64> {
        let read = read(text, Verifier::new(), |_| {}).unwrap();
        let report = read.unwrap().finish();
        report.findings.iter().map(|found| found.number).collect()
    }

    #[test]
    fn lines_that_are_no_evidence_are_named_by_their_place() {
        let long = [vec![b'x'; MAX_LINE_LEN * 3], b"\nend\n".to_vec()].concat();
        assert_eq!(findings(&long), [1, 2]);
        assert_eq!(findings(b"a\n\xff\n\nlast"), [1, 2, 3, 4]);
        assert!(read(&b""[..], Verifier::new(), |_| {}).unwrap().is_err());
    }
}
