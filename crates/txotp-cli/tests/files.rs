//! `seed` and `enroll`, and the files that commands write.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod common;

use common::{Folder, SEED_BASE32, STRING, run, seeded};

#[test]
fn a_new_seed_is_of_the_hash_s_length_and_never_the_same() {
    for (algorithm, letters) in [("sha1", 32), ("sha256", 52), ("sha512", 103)] {
        let seed = || {
            run(&["seed", "new", "--algorithm", algorithm])
                .exits(0)
                .text()
                .to_owned()
        };
        let (one, other) = (seed(), seed());
        assert_eq!(one.trim_end().len(), letters);
        assert_ne!(one, other);
    }
    assert!(
        run(&["seed", "new", "--format", "hex"])
            .exits(0)
            .text()
            .starts_with("hex:")
    );
}

#[test]
fn a_seed_file_is_its_owner_s_and_not_overwritten() {
    let folder = Folder::new("seed-file");
    let file = folder.file("seed");
    assert_eq!(run(&["seed", "new", "-o", &file]).exits(0).stdout, b"");
    let first = std::fs::read(&file).unwrap();
    run(&["seed", "new", "-o", &file]).exits(2);
    assert_eq!(std::fs::read(&file).unwrap(), first);
    #[cfg(unix)]
    {
        assert_eq!(common::mode(&file), 0o600);
        common::set_mode(&file, 0o644);
    }
    run(&["seed", "new", "--force", "-o", &file]).exits(0);
    assert_ne!(std::fs::read(&file).unwrap(), first);
    #[cfg(unix)]
    assert_eq!(common::mode(&file), 0o600);
    run(&["code", "--seed-file", &file, STRING]).exits(0);
}

#[test]
fn an_enrolment_is_a_key_uri_that_is_shown_without_its_seed() {
    let folder = Folder::new("enrolment");
    let enroll = [
        "enroll",
        "--issuer",
        "ACME",
        "--account",
        "john@example.com",
    ];
    let uri = seeded(&enroll).exits(0);
    assert_eq!(
        uri.text(),
        format!(
            "otpauth://totp/ACME:john%40example.com?secret={SEED_BASE32}&issuer=ACME\
             &algorithm=SHA256&digits=8&period=30\n"
        )
    );
    let picture = folder.file("enrolment.png");
    seeded(&[&enroll[..], &["-o", &picture]].concat()).exits(0);
    #[cfg(unix)]
    assert_eq!(common::mode(&picture), 0o600);
    for json in [&[][..], &["--json"]] {
        let read = run(&[&["read", &picture], json].concat()).exits(0);
        assert!(read.text().contains("john@example.com"));
        assert!(!read.text().contains(SEED_BASE32) && !read.stderr.contains(SEED_BASE32));
    }
}

#[test]
fn an_enrolment_that_no_device_would_read_is_not_written() {
    let folder = Folder::new("long-enrolment");
    let account = "a".repeat(600);
    let file = folder.file("long.png");
    for more in [&[][..], &["-o", &file]] {
        let enroll = [&["enroll", "--account", &account], more].concat();
        let refused = seeded(&enroll).exits(2);
        assert_eq!(refused.text(), "");
        assert!(refused.stderr.contains("(too-long)"), "{}", refused.stderr);
        assert!(!std::path::Path::new(&file).exists());
        seeded(&[&enroll[..], &["--max-len", "1000"]].concat()).exits(0);
    }
}

#[test]
fn a_file_that_is_there_is_overwritten_on_demand_only() {
    let folder = Folder::new("overwrite");
    let file = folder.write("there.png", "mine");
    for command in [
        &["qr", STRING][..],
        &["enroll", "--account", "a"],
        &["enroll", "--account", "a", "--format", "uri"],
        &["seed", "new"],
    ] {
        std::fs::write(&file, "mine").unwrap();
        let arguments = [command, &["-o", &file]].concat();
        let refused = seeded(&arguments).exits(2);
        assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
        assert_eq!(std::fs::read(&file).unwrap(), b"mine");
        seeded(&[&arguments[..], &["--force"]].concat()).exits(0);
        assert_ne!(std::fs::read(&file).unwrap(), b"mine");
        seeded(&[command, &["--force"]].concat()).exits(2);
    }
}

#[test]
fn a_file_whose_ending_names_no_picture_asks_for_a_format() {
    let folder = Folder::new("endings");
    for (name, format) in [("x.gif", "svg"), ("x", "terminal")] {
        let file = folder.file(name);
        for command in [&["qr", STRING][..], &["enroll", "--account", "a"]] {
            let arguments = [command, &["-o", &file]].concat();
            let refused = seeded(&arguments).exits(2);
            assert!(refused.stderr.contains("--format"), "{}", refused.stderr);
            assert!(!std::path::Path::new(&file).exists());
            seeded(&[&arguments[..], &["--format", format]].concat()).exits(0);
            std::fs::remove_file(&file).unwrap();
        }
    }
}

#[test]
fn suites_that_a_key_uri_cannot_express_are_not_enrolled() {
    for (suite, exit) in [
        ("OCRA-1:HOTP-SHA1-6:QH64-T1M", 0),
        ("OCRA-1:HOTP-SHA1-6:C-QH64", 0),
        ("OCRA-1:HOTP-SHA1-6:C-QH64-T1M", 2),
        ("OCRA-1:HOTP-SHA1-6:QH64-PSHA1-T1M", 2),
        ("OCRA-1:HOTP-SHA1-6:QN08", 2),
    ] {
        seeded(&["enroll", "--account", "a", "--suite", suite]).exits(exit);
    }
}
