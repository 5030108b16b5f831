//! Measures, with dudect's statistics, whether the time of what txotp does with a code tells what the code is: pairs of
//! inputs that differ in nothing else take turns at random. Prints a line of t for each, which `run.sh` judges.
//!
//! `timing [factor]`: so many times as many samples; 1 takes a few seconds.

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use dudect_bencher::ctbench::{BenchFn, BenchMetadata, BenchName, BenchOpts, run_benches_console};
use dudect_bencher::rand::RngExt;
use dudect_bencher::{BenchRng, Class, CtRunner};
use txotp_constant_time::controls::{equal_until_different, stopping_search};
use txotp_constant_time::device::{NOW, PURPOSE, candidates, factor, key, suite};
use txotp_core::{Code, ConstantTimeEq, DeviceKey, Digits};
use txotp_verifier::{Attempt, Policy, Settings, State, decide};

/// What is a control, and what is only to be noted, is in the names.
const BENCHES: [(&str, BenchFn); 10] = [
    ("compare_equal_or_first_digit_differs", compare_first),
    ("compare_first_or_last_digit_differs", compare_last),
    (
        "control_compare_equal_or_first_digit_differs",
        control_compare_first,
    ),
    (
        "control_compare_first_or_last_digit_differs",
        control_compare_last,
    ),
    ("control_search_first_or_last_matches", control_search_last),
    ("control_search_first_or_none_matches", control_search_none),
    ("noted_decide_first_or_last_matches", decide_last),
    ("parse_zeros_or_any_digits", parse),
    ("search_first_or_last_matches", search_last),
    ("search_first_or_none_matches", search_none),
];

static FACTOR: AtomicUsize = AtomicUsize::new(1);

fn main() -> std::io::Result<()> {
    if let Some(factor) = std::env::args().nth(1).and_then(|text| text.parse().ok()) {
        FACTOR.store(factor, Ordering::Relaxed);
    }
    let benches = BENCHES.map(|(name, benchfn)| BenchMetadata {
        name: BenchName(name),
        seed: None,
        benchfn,
    });
    run_benches_console(BenchOpts::default(), benches.into())
}

/// An input in cache lines of its own, so that both are as far away.
#[derive(Clone)]
#[repr(align(64))]
struct Apart<I>(I);

/// Times one of two inputs, at random, so many times. Both are copied to the same place first, and have arrived there.
fn take_turns<I: Clone, T>(
    runner: &mut CtRunner,
    rng: &mut BenchRng,
    samples: usize,
    inputs: &[I; 2],
    operation: impl Fn(&I) -> T,
) {
    let inputs = inputs.clone().map(Apart);
    for _ in 0..samples * FACTOR.load(Ordering::Relaxed) {
        let right = rng.random::<bool>();
        let input = black_box(inputs[usize::from(right)].clone());
        let class = if right { Class::Right } else { Class::Left };
        fence(Ordering::SeqCst);
        runner.run_one(class, || operation(black_box(&input.0)));
    }
}

const COMPARISONS: usize = 100_000;
/// A comparison takes less than the clock can tell, so that many are timed as one.
const AT_ONCE: usize = 64;
const SEARCHES: usize = 50_000;

fn code(text: &str) -> Code {
    Code::parse(text, Digits::Eight).expect("eight digits")
}

fn compare(runner: &mut CtRunner, rng: &mut BenchRng, typed: [&str; 2]) {
    let computed = code("12345678");
    take_turns(runner, rng, COMPARISONS, &typed.map(code), |typed| {
        for _ in 0..AT_ONCE {
            black_box(black_box(&computed).ct_eq(black_box(typed)));
        }
    });
}

fn compare_first(runner: &mut CtRunner, rng: &mut BenchRng) {
    compare(runner, rng, ["12345678", "02345678"]);
}

fn compare_last(runner: &mut CtRunner, rng: &mut BenchRng) {
    compare(runner, rng, ["02345678", "12345670"]);
}

fn control_compare(runner: &mut CtRunner, rng: &mut BenchRng, typed: [&[u8; 8]; 2]) {
    take_turns(
        runner,
        rng,
        COMPARISONS,
        &typed.map(|text| *text),
        |typed| {
            for _ in 0..AT_ONCE {
                black_box(equal_until_different(b"12345678", typed));
            }
        },
    );
}

fn control_compare_first(runner: &mut CtRunner, rng: &mut BenchRng) {
    control_compare(runner, rng, [b"12345678", b"02345678"]);
}

fn control_compare_last(runner: &mut CtRunner, rng: &mut BenchRng) {
    control_compare(runner, rng, [b"02345678", b"12345670"]);
}

/// That a text is a code is public, and which digits it has is not.
fn parse(runner: &mut CtRunner, rng: &mut BenchRng) {
    take_turns(
        runner,
        rng,
        COMPARISONS,
        &["00000000", "72950186"],
        |text| {
            for _ in 0..AT_ONCE {
                let _ = black_box(Code::parse(black_box(text), Digits::Eight));
            }
        },
    );
}

/// The codes of two of the steps about the present one.
fn of_steps(key: &DeviceKey, offs: [i64; 2]) -> [Code; 2] {
    offs.map(|off| {
        let at = factor(key.suite(), off);
        key.code(PURPOSE, at).expect("the suite's factors")
    })
}

fn search(runner: &mut CtRunner, rng: &mut BenchRng, offs: [i64; 2]) {
    let key = default_key();
    let all = candidates(key.suite(), 4);
    take_turns(runner, rng, SEARCHES, &of_steps(&key, offs), |typed| {
        key.search(PURPOSE, all, typed)
    });
}

fn search_last(runner: &mut CtRunner, rng: &mut BenchRng) {
    search(runner, rng, [-4, 4]);
}

fn search_none(runner: &mut CtRunner, rng: &mut BenchRng) {
    search(runner, rng, [-4, 9]);
}

/// Both are accepted, and the state to keep is as large.
fn decide_last(runner: &mut CtRunner, rng: &mut BenchRng) {
    let key = default_key();
    let policy = Policy::new(key.suite(), Settings::default()).expect("the default settings");
    let (purpose, state) = (PURPOSE, State::new());
    let attempts = of_steps(&key, [-1, 1]).map(|code| Attempt { purpose, code });
    take_turns(runner, rng, SEARCHES, &attempts, |attempt| {
        decide(&policy, &key, &state, attempt, NOW)
    });
}

fn control_search(runner: &mut CtRunner, rng: &mut BenchRng, offs: [i64; 2]) {
    let key = default_key();
    take_turns(runner, rng, SEARCHES / 10, &of_steps(&key, offs), |typed| {
        stopping_search(&key, typed)
    });
}

fn control_search_last(runner: &mut CtRunner, rng: &mut BenchRng) {
    control_search(runner, rng, [-4, 4]);
}

fn control_search_none(runner: &mut CtRunner, rng: &mut BenchRng) {
    control_search(runner, rng, [-4, 9]);
}

fn default_key() -> DeviceKey {
    key(suite("OCRA-1:HOTP-SHA256-8:QH64-T30S"))
}
