//! `txotp vectors check`: published test vectors, held against this program.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::Answer;
use crate::error::Error;
use crate::files;
use crate::output::{BAD, GOOD, Output};
use crate::vectors::{self, Report};

/// The largest vector file, in bytes.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Where the project keeps its own.
const DEFAULT_FOLDER: &str = "test-vectors";

/// Work with test vectors.
#[derive(Args)]
pub(crate) struct Vectors {
    #[command(subcommand)]
    command: VectorsCommand,
}

#[derive(Subcommand)]
enum VectorsCommand {
    Check(Check),
}

/// Check every case of test-vector files.
#[derive(Args)]
#[command(after_help = "\
Examples:
  txotp vectors check
  txotp vectors check test-vectors/*.json
  txotp vectors check --json test-vectors/transactions.json

Exit codes: 0 if every case of every file holds; 1 if one does not; 2 if a file cannot be read, is empty \
or of an unknown kind. The kinds are those of test-vectors/README.md; OCRA vectors as a bare
{\"source\", \"tests\": [{suite, key_hex, q, c, t, ocra}]} are read too.")]
struct Check {
    /// Vector files [default: test-vectors/*.json]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Vectors {
    pub(crate) fn run(&self, output: Output) -> Result<Answer, Error> {
        let VectorsCommand::Check(check) = &self.command;
        check.run(output)
    }
}

/// What became of one file.
type Outcome = (PathBuf, Result<Report, Error>);

impl Check {
    fn run(&self, output: Output) -> Result<Answer, Error> {
        let files = if self.files.is_empty() {
            default_files()?
        } else {
            self.files.clone()
        };
        let outcomes: Vec<Outcome> = files
            .into_iter()
            .map(|path| {
                let report = check_file(&path);
                (path, report)
            })
            .collect();
        if output.json() {
            output.value(&json(&outcomes))?;
        } else {
            output.text(&text(&outcomes))?;
        }
        Ok(answer(&outcomes))
    }
}

fn check_file(path: &Path) -> Result<Report, Error> {
    vectors::check(&files::read(path, "the vector file", LIMIT)?)
}

fn default_files() -> Result<Vec<PathBuf>, Error> {
    let none = || {
        Error::new(
            format!("there is no folder {DEFAULT_FOLDER} with vector files here"),
            "name the files, or run this where the project is",
        )
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(DEFAULT_FOLDER)
        .map_err(|_| none())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(none());
    }
    Ok(files)
}

fn answer(outcomes: &[Outcome]) -> Answer {
    let cases: usize = outcomes
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok())
        .map(Report::cases)
        .sum();
    if cases == 0 || outcomes.iter().any(|(_, outcome)| outcome.is_err()) {
        return Answer::Unusable;
    }
    let all_hold = outcomes
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok())
        .all(|report| report.failures().is_empty());
    if all_hold { Answer::Yes } else { Answer::No }
}

fn text(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let (mut held, mut all) = (0usize, 0usize);
    for (path, outcome) in outcomes {
        let name = path.display();
        match outcome {
            Err(error) => {
                text += &format!(
                    "{BAD}✗{BAD:#} {name}: {error}\n    advice: {}\n",
                    error.advice()
                );
            }
            Ok(Report::Schema) => text += &format!("- {name}: a schema, without cases\n"),
            Ok(report) => {
                let failures = report.failures();
                let good = report.cases().saturating_sub(failures.len());
                held = held.saturating_add(good);
                all = all.saturating_add(report.cases());
                let mark = if failures.is_empty() {
                    format!("{GOOD}✓{GOOD:#}")
                } else {
                    format!("{BAD}✗{BAD:#}")
                };
                text += &format!("{mark} {name}: {good} of {} hold\n", report.cases());
                for failure in failures {
                    text += &format!(
                        "    {BAD}{}{BAD:#}, {}\n      expected  {}\n      found     {}\n",
                        failure.case, failure.what, failure.expected, failure.found
                    );
                }
            }
        }
    }
    text + &format!("{held} of {all} cases hold\n")
}

fn json(outcomes: &[Outcome]) -> serde_json::Value {
    let files: Vec<_> = outcomes
        .iter()
        .map(|(path, outcome)| match outcome {
            Ok(report) => json!({
                "file": path,
                "cases": report.cases(),
                "failures": report.failures(),
            }),
            Err(error) => json!({ "file": path, "unusable": error }),
        })
        .collect();
    json!({
        "ok": answer(outcomes) == Answer::Yes,
        "files": files,
    })
}
