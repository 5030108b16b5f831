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
use std::sync::Arc;

use support::bank::*;
use txotp_store::{KeyService, Keyring, Options, StoreError, Vault};

/// The file of a store, and those that SQLite makes beside it.
const FILES: [&str; 3] = ["store.db", "store.db-wal", "store.db-shm"];

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

/// Makes a store over what others made there, and gives the modes of its files while it is open.
#[cfg(unix)]
fn modes_after(prepare: impl FnOnce(&Place)) -> [u32; 3] {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::sqlite();
    prepare(&place);
    for entry in fs::read_dir(place.folder()).unwrap() {
        let mode = fs::Permissions::from_mode(0o644);
        fs::set_permissions(entry.unwrap().path(), mode).unwrap();
    }
    let vault = place.create();
    enrol(&vault, "phone", "alice");
    FILES.map(|name| {
        let file = fs::metadata(place.folder().join(name)).unwrap();
        file.permissions().mode() & 0o777
    })
}

#[cfg(unix)]
#[test]
fn a_store_is_its_owners_alone_whatever_was_there_before() {
    let nothing = |_: &Place| {};
    let an_empty_file = |place: &Place| fs::write(place.file(), "").unwrap();
    let empty_files = |place: &Place| {
        for name in FILES {
            fs::write(place.folder().join(name), "").unwrap();
        }
    };
    let an_empty_database = |place: &Place| {
        let made = rusqlite::Connection::open(place.file()).unwrap();
        made.execute_batch("PRAGMA journal_mode = WAL; VACUUM")
            .unwrap();
        // As a program leaves it that is killed: with its log.
        std::mem::forget(made);
    };
    let prepared: [fn(&Place); 4] = [nothing, an_empty_file, empty_files, an_empty_database];
    for (number, prepare) in prepared.into_iter().enumerate() {
        assert_eq!(modes_after(prepare), [0o600; 3], "{number}");
    }
}

/// Every seed of a store, as it is sealed.
fn sealed(place: &Place) -> Vec<Vec<u8>> {
    let connection = rusqlite::Connection::open(place.file()).unwrap();
    let mut found = connection
        .prepare("SELECT sealed FROM txotp_device")
        .unwrap();
    let found = found.query_map([], |row| row.get(0)).unwrap();
    found.collect::<Result<_, _>>().unwrap()
}

/// How many of them stand in the files of a store.
fn held(place: &Place, sealed: &[Vec<u8>]) -> usize {
    let read = |name: &str| fs::read(place.folder().join(name)).unwrap_or_default();
    let files = FILES.map(read).concat();
    let holds = |seed: &&Vec<u8>| {
        files
            .windows(seed.len())
            .any(|part| part == seed.as_slice())
    };
    sealed.iter().filter(holds).count()
}

#[test]
fn nothing_is_left_in_the_file_of_how_seeds_were_sealed_before_a_rotation() {
    let place = Place::sqlite();
    let vault = place.create();
    // Rows of many lengths, which move within their pages and between them.
    for number in 0..60 {
        let name = format!("{number} {}", "x".repeat(number * 37 % 60));
        enrol(&vault, &name, &format!("user {number}"));
        if number % 3 == 0 {
            vault.suspend(device(&name), act()).wait().unwrap();
        }
    }
    drop(vault);
    let old = sealed(&place);
    assert_eq!(held(&place, &old), 60);

    let text = format!("a {}\na-longer-name {}", "11".repeat(32), "22".repeat(32));
    let both: Arc<dyn KeyService> = Arc::new(Keyring::parse(&text).unwrap());
    let vault = Vault::open(&place.location(), both, Options::default()).unwrap();
    assert_eq!(vault.rotate(act(), unwatched()).unwrap().resealed, 60);
    drop(vault);
    assert_eq!(held(&place, &old), 0);
    assert_eq!(held(&place, &sealed(&place)), 60);
}
