//! The files of a store on SQLite: copies of them, who may read them, and what they hold on to.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use support::bank::*;
use txotp_store::{Options, StoreError, Vault};

/// The names in a folder that begin so, in their order.
fn names(folder: &Path, beginning: &str) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with(beginning)).collect();
    names.sort();
    names
}

#[test]
fn a_backup_that_was_interrupted_stands_in_the_way_of_none() {
    let place = Place::sqlite();
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    let to = place.folder().join("copy.db");
    // As a crash does: at once, and without a clean-up.
    let interrupted = catch_unwind(AssertUnwindSafe(|| {
        vault.backup(&to, Box::new(|_, _| panic!("a crash")))
    }));
    assert!(interrupted.is_err());
    assert!(!to.exists(), "it is there when it is whole");
    fs::write(place.folder().join("copy.db.new"), "another's").unwrap();
    let left = names(place.folder(), "copy.db");
    assert_eq!(left.len(), 2);

    vault.backup(&to, unwatched()).unwrap();
    let mut expected = left;
    expected.insert(0, "copy.db".to_owned());
    assert_eq!(names(place.folder(), "copy.db"), expected);
    let copy = Vault::open(
        &to.to_str().unwrap().parse().unwrap(),
        keys(),
        Options::default(),
    );
    assert!(copy.unwrap().check(unwatched()).wait().unwrap().is_clean());
}

#[test]
fn a_backup_replaces_nothing_also_where_it_comes_to_be_there_meanwhile() {
    let place = Place::sqlite();
    let vault = place.create();
    let to = place.folder().join("copy.db");
    let other = to.clone();
    let meanwhile = vault.backup(
        &to,
        Box::new(move |_, _| fs::write(&other, "another's").unwrap()),
    );
    assert_eq!(meanwhile, Err(StoreError::AlreadyAStore));
    assert_eq!(
        vault.backup(&to, unwatched()),
        Err(StoreError::AlreadyAStore)
    );
    assert_eq!(fs::read(&to).unwrap(), b"another's");
    assert_eq!(names(place.folder(), "copy.db"), ["copy.db"]);
}
