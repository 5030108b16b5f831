//! Files: read up to a limit, written for their owner only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use crate::error::Error;

/// Reads all of a file, or of standard input for `-`, and refuses one over a limit.
///
/// The bytes are wiped when dropped. No error names the file: who gives a seed where its file was
/// asked for must not read it in a log.
pub(crate) fn read(path: &Path, what: &str, limit: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    if is_stdin(path) {
        return read_stdin(what, limit);
    }
    let file = File::open(path).map_err(|error| unreadable(what, &error))?;
    read_from(file, what, limit)
}

/// Reads all of standard input.
pub(crate) fn read_stdin(what: &str, limit: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    read_from(io::stdin().lock(), what, limit)
}

/// Whether a path means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read_from(source: impl Read, what: &str, limit: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Grown to its full size at once where it is small, so that no copy of a seed is left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    source
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(what, &error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(Error::new(
            format!("{what} is longer than {limit} bytes"),
            "check that it is the file that you mean",
        ));
    }
    Ok(bytes)
}

pub(crate) fn unreadable(what: &str, error: &io::Error) -> Error {
    Error::new(
        format!("{what} cannot be read: {}", error.kind()),
        "check the file's name and that you may read it",
    )
}

/// Takes one line feed, or carriage return and line feed, off the end.
pub(crate) fn without_newline(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Where a result goes.
#[derive(Args)]
pub(crate) struct OutputArgs {
    /// File to write, readable by its owner only [else: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Overwrite an existing file, and what is in it
    #[arg(long, requires = "output")]
    force: bool,
}

impl OutputArgs {
    /// The file, unless standard output is meant.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Opens the file, if one is named, before there is anything to write.
    pub(crate) fn open(&self) -> Result<Destination, Error> {
        let target = self.output.as_deref();
        let target = target.map(|path| Target::open(path, self.force));
        Ok(Destination(target.transpose()?))
    }
}

/// The open file that a result goes to; none for standard output. What was there is there until it is written.
pub(crate) struct Destination(Option<Target>);

struct Target {
    file: File,
    path: PathBuf,
    is_new: bool,
}

impl Destination {
    /// A file that was not there.
    pub(crate) fn new_file(path: &Path) -> Result<Self, Error> {
        Ok(Self(Some(Target::open(path, false)?)))
    }

    /// Writes the file, if there is one.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Error> {
        match &self.0 {
            Some(target) => fill(&target.file, bytes).map_err(|error| unwritable(&error)),
            None => Ok(()),
        }
    }
}

impl Target {
    fn open(path: &Path, replace: bool) -> Result<Self, Error> {
        let (file, is_new) = match new_file().open(path) {
            Err(error) if replace && error.kind() == io::ErrorKind::AlreadyExists => {
                (OpenOptions::new().write(true).open(path), false)
            }
            file => (file, true),
        };
        Ok(Self {
            file: file.map_err(|error| unopened(&error, OR_FORCE))?,
            path: path.to_owned(),
            is_new,
        })
    }
}

impl Drop for Target {
    /// Nothing came to be written: what was made is taken away.
    fn drop(&mut self) {
        let is_empty = |file: &File| file.metadata().is_ok_and(|found| found.len() == 0);
        if self.is_new && is_empty(&self.file) {
            // The error that is told is the first.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A new file that only its owner can read.
pub(crate) fn create(path: &Path) -> Result<File, Error> {
    let advice = "choose another name: nothing is overwritten";
    let file = new_file().open(path);
    file.map_err(|error| unopened(&error, advice))
}

const OR_FORCE: &str = "choose another name, or replace it with --force";

fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn unopened(error: &io::Error, advice: &'static str) -> Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Error::new("the output file exists already", advice),
        _ => unwritable(error),
    }
}

fn fill(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_len(0)?;
        // A file that was there before has kept the mode that it had.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    file.write_all(bytes)?;
    file.flush()
}

pub(crate) fn unwritable(error: &io::Error) -> Error {
    Error::new(
        format!("the output file cannot be written: {}", error.kind()),
        "check the folder, its permissions and the space left",
    )
}
