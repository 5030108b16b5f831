//! Runs every operation and every control under valgrind, and counts what memcheck reports of each.
//!
//! Exit 0 where no operation is reported and every control is; 1 where one is not as it is to be; 2 without valgrind.

use std::process::ExitCode;

use txotp_constant_time::operations::Operation;
use txotp_constant_time::{controls, device, memcheck, operations};

fn main() -> ExitCode {
    if !memcheck::is_watching() {
        eprintln!("poisoned: nobody is watching: run it under valgrind");
        return ExitCode::from(2);
    }
    println!(
        "features of the processor as valgrind shows it: sha {}, avx2 {}",
        std::arch::is_x86_feature_detected!("sha"),
        std::arch::is_x86_feature_detected!("avx2"),
    );
    let clean = rows("operation", &operations::ALL, |reports| reports == 0);
    let noticed = rows("control", &controls::ALL, |reports| reports > 0);
    if clean && noticed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs each with each suite, prints a row for it, and says whether all are as they are to be.
fn rows(kind: &str, of_kind: &[(&str, Operation)], expected: fn(usize) -> bool) -> bool {
    let mut all = true;
    for (name, operation) in of_kind {
        let reports = device::SUITES.map(|text| {
            let suite = device::suite(text);
            let before = memcheck::reports();
            operation(suite);
            memcheck::reports() - before
        });
        let good = reports.iter().all(|count| expected(*count));
        all &= good;
        let verdict = if good { "ok" } else { "FAULT" };
        let counts: Vec<_> = reports.iter().map(|count| format!("{count:>5}")).collect();
        println!("  {kind:<9}  {name:<48} {}  {verdict}", counts.join(" "));
    }
    all
}
