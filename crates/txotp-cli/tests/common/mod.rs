//! Runs the command as a user does.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod bank;
#[cfg(unix)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]
pub(crate) mod device;
#[cfg(unix)]
#[allow(clippy::panic, reason = "a test may panic")]
pub(crate) mod service;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The transaction of Authy's documentation.
pub(crate) const STRING: &str = "txotp://totp?message=Approve+money+transaction\
    &details[Amount]=1000+Euros&details[To]=John+Doe&details[Destination+Account]=29385\
    &details[Source+Account]=98381&details[Reason]=transfer+money\
    &hidden_details[Transaction+ID]=T2293";

/// The seed of the worked examples: the 32 ASCII bytes `12345678901234567890123456789012`.
pub(crate) const SEED_BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
pub(crate) const SEED_HEX: &str =
    "hex:3132333435363738393031323334353637383930313233343536373839303132";

/// One run of the command.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }

    /// Fails unless the exit code is this one.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.stderr);
        self
    }
}

/// The command with these arguments, in an environment without its variables.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_txotp"));
    for name in [
        "TXOTP_SEED",
        "TXOTP_PIN",
        "TXOTP_STORE",
        "TXOTP_KEYS",
        "TXOTP_KEYS_FILE",
        "TXOTP_CONFIG",
        "NO_COLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs with nothing but arguments.
pub(crate) fn run(arguments: &[&str]) -> Run {
    finish(command(arguments).output().unwrap())
}

/// Runs with the seed of the worked examples in the environment.
pub(crate) fn seeded(arguments: &[&str]) -> Run {
    finish(
        command(arguments)
            .env("TXOTP_SEED", SEED_HEX)
            .output()
            .unwrap(),
    )
}

/// Runs with something on standard input.
pub(crate) fn piped(arguments: &[&str], stdin: &[u8]) -> Run {
    let mut child = command(arguments)
        .env("TXOTP_SEED", SEED_HEX)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may refuse before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    finish(child.wait_with_output().unwrap())
}

pub(crate) fn finish(output: Output) -> Run {
    Run {
        code: output.status.code().unwrap(),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of a test, deleted when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of a file in it, as an argument.
    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.file(name);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        set_mode(&path, 0o600);
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &str, mode: u32) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(path, mode).unwrap();
}

#[cfg(unix)]
pub(crate) fn mode(path: &str) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).unwrap().mode() & 0o777
}
