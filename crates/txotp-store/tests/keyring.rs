//! The keyring: RFC 8452, its text, its file.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use txotp_store::{KeyError, KeyId, KeyService, Keyring, Sealed};

fn id(text: &str) -> KeyId {
    text.parse().unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

fn line(id: &str, byte: &str) -> String {
    format!("{id} {}\n", byte.repeat(32))
}

#[test]
fn rfc8452_appendix_c2() {
    let ring = Keyring::parse(&format!("rfc 01{}", "00".repeat(31))).unwrap();
    let nonce = "030000000000000000000000";
    for (context, secret, result) in [
        (
            "",
            "0100000000000000",
            "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28",
        ),
        (
            "01",
            "0200000000000000",
            "1de22967237a813291213f267e3b452f02d01ae33e4ec854",
        ),
    ] {
        let sealed = Sealed {
            key: id("rfc"),
            bytes: bytes(&format!("{nonce}{result}")),
        };
        let opened = ring.open(&bytes(context), &sealed).unwrap();
        assert_eq!(*opened, bytes(secret));
    }
}

#[test]
fn what_is_sealed_opens_in_its_context_under_its_key_only() {
    let ring = Keyring::parse(&(line("a", "11") + &line("b", "22"))).unwrap();
    let sealed = ring.seal(b"context", b"secret").unwrap();
    assert_eq!(sealed.key, id("b"));
    assert_eq!(sealed.bytes.len(), 12 + 6 + 16);
    assert_eq!(
        ring.open(b"context", &sealed).unwrap().as_slice(),
        b"secret"
    );
    let again = ring.seal(b"context", b"secret").unwrap();
    assert_ne!(sealed, again, "no nonce is used twice");

    let wrong = Err(KeyError::Wrong(id("b")));
    let open = |context: &[u8], sealed: &Sealed| ring.open(context, sealed).map(|_| ());
    assert_eq!(open(b"contexts", &sealed), wrong);
    for place in 0..sealed.bytes.len() {
        let mut changed = sealed.clone();
        *changed.bytes.get_mut(place).unwrap() ^= 1;
        assert_eq!(open(b"context", &changed), wrong);
        changed.bytes.truncate(place);
        assert_eq!(open(b"context", &changed), wrong);
    }
    let mut longer = sealed.clone();
    longer.bytes.extend([0; 500]);
    assert_eq!(open(b"context", &longer), wrong);
    let other = Sealed {
        key: id("a"),
        ..sealed.clone()
    };
    assert_eq!(open(b"context", &other), Err(KeyError::Wrong(id("a"))));
    let missing = Sealed {
        key: id("c"),
        ..sealed
    };
    assert_eq!(open(b"context", &missing), Err(KeyError::Missing(id("c"))));
}

#[test]
fn the_longest_secret_is_256_bytes() {
    let ring = Keyring::parse(&line("a", "11")).unwrap();
    let sealed = ring.seal(b"", &[7; 256]).unwrap();
    assert_eq!(ring.open(b"", &sealed).unwrap().len(), 256);
    assert_eq!(ring.seal(b"", &[7; 257]), Err(KeyError::SecretTooLong));
}

#[test]
fn text_is_read_strictly() {
    let read = |text: &str| Keyring::parse(text).map(|ring| ring.ids().collect::<Vec<_>>());
    let two = format!(
        "# first\n\n{}\t\n  {}",
        line("a", "1a"),
        line("B.2_-", "2B")
    );
    assert_eq!(read(&two), Ok(vec![id("a"), id("B.2_-")]));
    assert_eq!(read(""), Err(KeyError::Empty));
    assert_eq!(read("# nothing\n"), Err(KeyError::Empty));
    let good = line("a", "11");
    for bad in [
        "b".to_owned(),
        format!("b {}", "2".repeat(63)),
        format!("b {}", "2".repeat(66)),
        format!("b {}g", "2".repeat(63)),
        format!("b/c {}", "22".repeat(32)),
        format!("{} {}", "b".repeat(33), "22".repeat(32)),
    ] {
        assert_eq!(
            read(&format!("{good}{bad}")),
            Err(KeyError::Line(2)),
            "{bad}"
        );
    }
    let same_id = good.clone() + &line("a", "22");
    assert_eq!(read(&same_id), Err(KeyError::Repeated(2)));
    let same_key = good + &line("b", "11");
    assert_eq!(read(&same_key), Err(KeyError::Repeated(2)));
    let many = |count: u8| (0..count).map(|n| line(&format!("k{n}"), &format!("{n:02x}")));
    assert_eq!(read(&many(64).collect::<String>()).unwrap().len(), 64);
    assert_eq!(read(&many(65).collect::<String>()), Err(KeyError::TooLong));
}

#[test]
fn new_keys_differ_and_seal_from_then_on() {
    let mut ring = Keyring::new(id("a")).unwrap();
    let under_a = ring.seal(b"", b"secret").unwrap();
    ring.generate(id("b")).unwrap();
    assert_eq!(ring.generate(id("a")), Err(KeyError::Taken(id("a"))));
    assert_eq!((ring.current(), under_a.key), (id("b"), id("a")));
    let read = Keyring::parse(&ring.to_text()).unwrap();
    assert_eq!(read.open(b"", &under_a).unwrap().as_slice(), b"secret");
    for number in 2..64 {
        ring.generate(id(&format!("k{number}"))).unwrap();
    }
    assert_eq!(ring.generate(id("one-more")), Err(KeyError::TooLong));
}

#[test]
fn debug_shows_ids_and_no_key() {
    let ring = Keyring::parse(&line("a", "5c")).unwrap();
    assert_eq!(format!("{ring:?}"), "[KeyId(a)]");
    let sealed = ring.seal(b"", b"secret").unwrap();
    assert_eq!(format!("{sealed:?}"), "Sealed { key: KeyId(a), .. }");
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owners_alone_and_is_replaced_whole() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let error = |path: &Path| Keyring::read(path).map(|_| ()).unwrap_err();
    assert_eq!(error(&path), KeyError::Unreadable);

    let ring = Keyring::new(id("a")).unwrap();
    ring.create(&path).unwrap();
    let other = Keyring::new(id("other")).unwrap();
    let taken = KeyError::Unwritable(std::io::ErrorKind::AlreadyExists);
    assert_eq!(other.create(&path), Err(taken));
    assert_eq!(Keyring::read(&path).unwrap().current(), id("a"));
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    Keyring::update(&path, |ring| ring.generate(id("b"))).unwrap();
    assert_eq!(
        (mode(), Keyring::read(&path).unwrap().current()),
        (0o600, id("b"))
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left beside it"
    );

    for open_to_others in [0o640, 0o604, 0o620, 0o601] {
        fs::set_permissions(&path, Permissions::from_mode(open_to_others)).unwrap();
        assert_eq!(error(&path), KeyError::Permissions);
    }
    fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    Keyring::read(&path).unwrap();

    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.clone() + &"#".repeat(16_384 - text.len())).unwrap();
    Keyring::read(&path).unwrap();
    fs::write(&path, text.clone() + &"#".repeat(16_385 - text.len())).unwrap();
    assert_eq!(error(&path), KeyError::TooLong);
    fs::write(&path, [0xff, 0xfe]).unwrap();
    assert_eq!(error(&path), KeyError::Unreadable);
}

/// The names of what is in a folder.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn keys_that_are_added_at_once_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    Keyring::new(id("first")).unwrap().create(&path).unwrap();
    let add = |number: usize| {
        let new = id(&format!("k{number}"));
        loop {
            match Keyring::update(&path, |ring| ring.generate(new)) {
                Err(KeyError::Held) => std::thread::yield_now(),
                added => break added.unwrap(),
            }
        }
    };
    std::thread::scope(|scope| {
        for number in 0..16 {
            scope.spawn(move || add(number));
        }
    });
    let ids: BTreeSet<_> = Keyring::read(&path).unwrap().ids().collect();
    let expected = (0..16).map(|number| id(&format!("k{number}")));
    assert_eq!(ids, expected.chain([id("first")]).collect());
    assert_eq!(names(folder.path()), ["keys"]);
}

#[test]
fn what_fails_leaves_the_file_as_it_was_and_another_s_lock_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    let update = |new: &str| Keyring::update(&path, |ring| ring.generate(id(new)));
    assert_eq!(update("a"), Err(KeyError::Unreadable));
    Keyring::new(id("a")).unwrap().create(&path).unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(update("a"), Err(KeyError::Taken(id("a"))));
    assert_eq!(names(folder.path()), ["keys"]);

    let lock = folder.path().join("keys.new");
    fs::write(&lock, "another's").unwrap();
    assert_eq!(update("b"), Err(KeyError::Held));
    let other = Keyring::new(id("other")).unwrap();
    assert_eq!(other.create(&path), Err(KeyError::Held));
    assert_eq!(fs::read(&lock).unwrap(), b"another's");
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&lock).unwrap();
    // Read under the lock: nobody else can come between.
    let seen = Keyring::update(&path, |_| {
        assert_eq!(update("b"), Err(KeyError::Held));
        Err::<(), _>(KeyError::BadId)
    });
    assert_eq!(seen, Err(KeyError::BadId));
    fs::write(&path, "").unwrap();
    assert_eq!(update("b"), Err(KeyError::Empty));
    assert_eq!(names(folder.path()), ["keys"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_key_file_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("keys"), folder.path().join("link"));
    Keyring::new(id("a")).unwrap().create(&path).unwrap();
    std::os::unix::fs::symlink("keys", &link).unwrap();
    Keyring::update(&link, |ring| ring.generate(id("b"))).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(Keyring::read(&path).unwrap().current(), id("b"));
    assert_eq!(names(folder.path()), ["keys", "link"]);
}
