//! Processes of their own: the test binary itself, started once more with a part to play.
//!
//! Its lines begin with `@`, since the test harness writes to the same pipe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

const PART: &str = "TXOTP_TEST_PART";

/// A process that plays a part.
pub struct Child {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// The command that runs the ignored test `child` of this binary with a part: some words.
pub fn command(part: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(PART, part.join("\n"));
    command
}

/// The words of the part that this process is to play.
pub fn part() -> Vec<String> {
    let part = std::env::var(PART).unwrap_or_default();
    part.lines().map(str::to_owned).collect()
}

/// Says a line to the process that started this one, at once and whole.
pub fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    // Who is not heard any more has nobody to tell.
    let _ = output.write_all(format!("@{line}\n").as_bytes());
    let _ = output.flush();
}

impl Child {
    pub fn start(part: &[&str]) -> Self {
        Self::run(command(part))
    }

    pub fn run(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    pub fn tell(&mut self, line: &str) {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }

    /// The next whole line, or nothing where the process has ended.
    pub fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).unwrap();
            // What a killed process had begun to write was not said.
            let whole = line.strip_suffix('\n')?;
            if let Some((_, said)) = whole.split_once('@') {
                return Some(said.to_owned());
            }
        }
    }

    /// Kills it, and gives the lines that it had said until then.
    pub fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut said = Vec::new();
        while let Some(line) = self.hear() {
            said.push(line);
        }
        said
    }

    /// Lets it come to its end, which must be a good one.
    pub fn finish(mut self) {
        drop(self.input);
        assert!(self.process.wait().unwrap().success());
    }
}
