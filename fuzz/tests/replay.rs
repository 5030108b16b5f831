//! The committed corpora, replayed on stable, and the things that must go together.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use txotp_fuzz::targets::ALL;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names in a folder, without their extensions.
fn names(path: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(path).expect("the folder is in the repository");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            path.file_stem()
                .expect("a name")
                .to_str()
                .expect("UTF-8")
                .to_owned()
        })
        .collect()
}

#[test]
fn every_seed_of_every_target_holds() {
    for (name, target) in ALL {
        let corpus = folder("corpus").join(name);
        let mut seeds = 0;
        for entry in fs::read_dir(&corpus).expect("every target has a corpus") {
            let path = entry.expect("an entry").path();
            // Shown where the seed fails.
            println!("{}", path.display());
            target(&fs::read(&path).expect("a seed"));
            seeds += 1;
        }
        assert!(seeds > 0, "{name} has no seeds");
    }
}

#[test]
fn every_target_has_an_entry_and_a_corpus_and_nothing_is_left_over() {
    let targets: BTreeSet<String> = ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, names(&folder("fuzz_targets")));
    assert_eq!(targets, names(&folder("corpus")));
}

#[test]
fn no_target_minds_what_is_short() {
    for (_, target) in ALL {
        target(b"");
        for byte in 0..=255 {
            target(&[byte]);
            target(&[byte; 7]);
        }
    }
}
