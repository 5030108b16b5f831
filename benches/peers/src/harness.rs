//! The rounds, the medians, and the tables.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// One way to do what the others of its group do too.
#[allow(missing_debug_implementations)]
pub struct Candidate<'a> {
    name: String,
    /// Does the operation so many times, and says how long that took.
    batch: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Candidate<'a> {
    /// A candidate that does an operation. Its result is made, and dropped, within the time that is measured.
    pub fn new<T>(name: impl Into<String>, mut operation: impl FnMut() -> T + 'a) -> Self {
        let batch = move |times| {
            let start = Instant::now();
            for _ in 0..times {
                black_box(operation());
            }
            start.elapsed()
        };
        Self {
            name: name.into(),
            batch: Box::new(batch),
        }
    }

    fn nanoseconds(&mut self, times: u32) -> f64 {
        (self.batch)(times).as_secs_f64() * 1e9 / f64::from(times)
    }

    /// How often it is done in a slice.
    fn times(&mut self, slice: Duration) -> u32 {
        let mut times = 1;
        while (self.batch)(times) < slice && times < 1 << 20 {
            times *= 2;
        }
        times
    }
}

/// What a candidate cost.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Its name.
    pub name: String,
    /// The median, in nanoseconds.
    pub median: f64,
    /// The median of what it cost as a multiple of the group's first candidate in the same round, and between which
    /// values four fifths of the rounds lie.
    pub ratio: f64,
    /// The tenth of the rounds with the least ratios ends here.
    pub low: f64,
    /// The tenth of the rounds with the greatest ratios begins here.
    pub high: f64,
}

/// Measures groups, and keeps what they cost.
#[derive(Debug)]
pub struct Harness {
    rounds: usize,
    slice: Duration,
    folder: Option<PathBuf>,
    table: String,
    groups: usize,
}

impl Harness {
    /// Understands `--test`, by which all is done once to see that it works, and `--save FOLDER`.
    #[must_use]
    pub fn from_arguments() -> Self {
        let arguments: Vec<_> = std::env::args().collect();
        let is_test = arguments.iter().any(|argument| argument == "--test");
        let save = arguments.iter().position(|argument| argument == "--save");
        Self {
            rounds: if is_test { 1 } else { 501 },
            // Shorter than what a scheduler gives at a time, so that most slices are not interrupted.
            slice: Duration::from_micros(if is_test { 0 } else { 200 }),
            folder: save
                .and_then(|place| arguments.get(place + 1))
                .map(PathBuf::from),
            table: String::from("group,candidate,median_ns,ratio,low,high\n"),
            groups: 0,
        }
    }

    /// Measures candidates in rounds. Each round begins with another one, so that none is always behind the same.
    pub fn measure(&mut self, group: &str, mut candidates: Vec<Candidate<'_>>) -> Vec<Cost> {
        let times: Vec<_> = candidates
            .iter_mut()
            .map(|candidate| candidate.times(self.slice))
            .collect();
        let count = candidates.len();
        let mut rounds = vec![Vec::with_capacity(self.rounds); count];
        for round in 0..self.rounds {
            for turn in 0..count {
                let place = (round + turn) % count;
                rounds[place].push(candidates[place].nanoseconds(times[place]));
            }
        }
        let costs: Vec<_> = candidates
            .iter()
            .zip(&rounds)
            .map(|(candidate, own)| cost(&candidate.name, own, &rounds[0]))
            .collect();
        for Cost {
            name,
            median,
            ratio,
            low,
            high,
        } in &costs
        {
            writeln!(
                self.table,
                "\"{group}\",\"{name}\",{median:.1},{ratio:.3},{low:.3},{high:.3}"
            )
            .expect("a string takes what is written to it");
        }
        self.groups += 1;
        costs
    }

    /// Measures, and prints the table of what the candidates cost beside the first.
    pub fn compare(&mut self, group: &str, candidates: Vec<Candidate<'_>>) -> Vec<Cost> {
        let costs = self.measure(group, candidates);
        println!(
            "\n### {group}\n\n| | median | times the first | four fifths of the rounds |\n| --- | ---: | ---: | ---: |"
        );
        for Cost {
            name,
            median,
            ratio,
            low,
            high,
        } in &costs
        {
            println!(
                "| {name} | {} | {ratio:.2} | {low:.2}–{high:.2} |",
                duration(*median)
            );
        }
        costs
    }

    /// Saves what was measured, where that was asked for, and says how many groups there were.
    ///
    /// # Panics
    /// Where the folder cannot be written to.
    pub fn finish(self, name: &str) {
        if let Some(folder) = self.folder {
            std::fs::write(folder.join(name).with_extension("csv"), self.table)
                .expect("the folder can be written to");
        }
        println!("\n{} passed, 0 failed", self.groups);
    }
}

fn cost(name: &str, own: &[f64], first: &[f64]) -> Cost {
    let ratios = sorted(own.iter().zip(first).map(|(own, first)| own / first));
    Cost {
        name: name.to_owned(),
        median: part(&sorted(own.iter().copied()), 50),
        ratio: part(&ratios, 50),
        low: part(&ratios, 10),
        high: part(&ratios, 90),
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value that so many of a hundred are less than.
fn part(sorted: &[f64], percent: usize) -> f64 {
    sorted[sorted.len() * percent / 100]
}

/// Nanoseconds as text.
#[must_use]
pub fn duration(nanoseconds: f64) -> String {
    if nanoseconds < 1e4 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.0} µs", nanoseconds / 1e3)
    }
}
