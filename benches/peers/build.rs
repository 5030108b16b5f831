//! Finds the C library liboath, where the feature asks for it; says so where it is not installed.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_LIBOATH").is_none() {
        return;
    }
    let found = Command::new("cc")
        .arg("-print-file-name=liboath.so")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        // The compiler repeats a name that it does not find.
        .is_some_and(|path| Path::new(path.trim()).is_absolute());
    if found {
        println!("cargo::rustc-cfg=liboath");
        println!("cargo::rustc-link-lib=oath");
    } else {
        println!("cargo::warning=liboath is not installed, and is left out (Debian: liboath-dev)");
    }
}
