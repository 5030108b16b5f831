mod expected;

use txotp_core::{DeviceKey, Purpose, TextProfile};
use txotp_ffi::ResultCode;
use txotp_uri::{Limit, OwnedTransaction, read};

use self::expected::{Wanted, moving_factor, new_key};
use crate::c;
use crate::source::Source;

const SUITES: [&str; 8] = [
    "OCRA-1:HOTP-SHA256-8:QH64-T30S",
    "OCRA-1:HOTP-SHA1-6:QH64-T1S",
    "OCRA-1:HOTP-SHA512-7:QH64-T2M",
    "OCRA-1:HOTP-SHA256-8:C-QH64",
    "OCRA-1:HOTP-SHA1-6:C-QH64-T30S",
    "OCRA-1:HOTP-SHA256-8:QH64-PSHA1-T30S",
    "OCRA-1:HOTP-SHA256-8:QN08-T30S",
    "OCRA-1:HOTP-MD5-8:QH64-T30S",
];
const TEXT_SIZE: usize = 3000;
const MOST_EVENTS: usize = 32;

/// Calls of the C interface in any order, over two transactions and two devices, with strings, sizes and numbers of
/// any kind. Each gives what the crates below give, or the fault that the program has; and with anything but
/// `TXOTP_RESULT_OK` it leaves the outputs as they were.
pub fn c_interface(data: &[u8]) {
    let mut source = Source::new(data);
    let mut program = Program::new();
    for _ in 0..MOST_EVENTS {
        if source.is_empty() {
            break;
        }
        program.event(&mut source);
    }
}

/// A program in C, and beside each piece of its memory what must be in it.
struct Program {
    transactions: [(c::Transaction, Option<Known>); 2],
    devices: [(c::Device, Option<DeviceKey>); 2],
}

/// What was read, and whether its text still lies where it was read to.
struct Known {
    transaction: OwnedTransaction,
    intact: bool,
}

impl Program {
    fn new() -> Self {
        Self {
            transactions: [(); 2].map(|()| (c::Transaction::new(TEXT_SIZE), None)),
            devices: [(); 2].map(|()| (c::Device::new(), None)),
        }
    }

    fn event(&mut self, source: &mut Source<'_>) {
        let slot = usize::from(source.below(2));
        match source.below(9) {
            0 => self.read(slot, source),
            1 => self.misread(slot, source),
            2 => check_fault(source),
            3 => self.look(slot, source),
            4 => self.init(slot, source),
            5 => self.wipe(slot, source),
            6 => self.code(slot, source),
            7 => self.verify(slot, source),
            _ => check_text(source),
        }
    }

    fn read(&mut self, slot: usize, source: &mut Source<'_>) {
        let (c, known) = &mut self.transactions[slot];
        let (limit, text, size) = (limit(source), text_size(source), storage_size(source, 320));
        let string = source.line();
        let (before, old_text) = (c.storage.opaque, c.text.clone());
        let result = c.read(string, limit, text, size);
        let expected = match Limit::new(limit) {
            None => Err((ResultCode::BadLimit, false)),
            Some(_) if size < txotp_ffi::txotp_transaction_size() => {
                Err((ResultCode::TooSmall, false))
            }
            Some(limit) => {
                let mut buffer = vec![0; text];
                let read = read(string, limit, &mut buffer);
                read.map(|read| OwnedTransaction::from(&read))
                    .map_err(|error| (error.kind().into(), true))
            }
        };
        assert_eq!(c.text[text..], old_text[text..], "memory that was not lent");
        match expected {
            Ok(transaction) => {
                assert_eq!(result, ResultCode::Ok);
                let intact = true;
                *known = Some(Known {
                    transaction,
                    intact,
                });
            }
            Err((reason, wiped)) => {
                assert_eq!(result, reason, "why the string is refused");
                assert_eq!(c.storage.opaque, before, "the storage of a refused string");
                if wiped {
                    assert!(c.text[..text].iter().all(|byte| *byte == 0), "refused text");
                    known.iter_mut().for_each(|known| known.intact &= text == 0);
                } else {
                    assert_eq!(c.text, old_text, "the text memory of a wrong call");
                }
            }
        }
    }

    fn misread(&mut self, slot: usize, source: &mut Source<'_>) {
        let (c, _) = &mut self.transactions[slot];
        let (before, text) = (c.storage.opaque, c.text.clone());
        let (result, expected) = c.misread(source.line(), source.below(7));
        assert_eq!(result, expected, "a fault of the program");
        assert!(
            c.storage.opaque == before && c.text == text,
            "a wrong call wrote"
        );
    }

    /// Message, a count, a pair, the digest, and what a display can draw.
    fn look(&self, slot: usize, source: &mut Source<'_>) {
        let (c, known) = &self.transactions[slot];
        let (section, index) = (u32::from(source.below(3)), usize::from(source.below(34)));
        let (size, profile) = (usize::from(source.below(40)), u32::from(source.below(4)));
        let Some(known) = known else {
            let none = Err(ResultCode::NotInitialised);
            assert_eq!(c.message(), none.map(|()| &[][..]));
            assert_eq!(c.count(section), none.map(|()| 0));
            assert_eq!(c.pair(section, index), none.map(|()| (&[][..], &[][..])));
            let digest = c.digest(size).expect_err("no transaction, no digest");
            assert!(size < 32 || digest == ResultCode::NotInitialised);
            return assert_eq!(c.check_display(profile), ResultCode::NotInitialised);
        };
        let transaction = known.transaction.as_transaction();
        let pairs: Option<Vec<_>> = match section {
            0 => Some(transaction.details().collect()),
            1 => Some(transaction.hidden_details().collect()),
            _ => None,
        };
        let all = pairs.as_ref().ok_or(ResultCode::BadSection);
        assert_eq!(c.count(section), all.map(|pairs| pairs.len()));
        let expected = all.and_then(|pairs| pairs.get(index).ok_or(ResultCode::NoSuchPair));
        let pair = c.pair(section, index);
        assert_eq!(pair.err(), expected.err(), "whether there is a pair");
        let message = c.message().expect("a transaction has a message");
        if known.intact {
            assert_eq!(message, transaction.message().as_bytes());
            let expected = expected.map(|pair| (pair.key.as_bytes(), pair.value.as_bytes()));
            assert_eq!(pair, expected, "the pair");
        }
        let digest = transaction.digest();
        match c.digest(size) {
            Ok(copied) => assert!(
                copied.starts_with(digest.as_bytes())
                    && copied[32..].iter().all(|byte| *byte == 0xaa)
            ),
            Err(error) => assert!(size < 32 && error == ResultCode::TooSmall),
        }
        let profiles = [
            TextProfile::Standard,
            TextProfile::Display,
            TextProfile::Ascii,
        ];
        let drawn = profiles
            .get(profile as usize)
            .map(|text| transaction.check_display(*text).is_ok());
        let expected = match drawn {
            None => ResultCode::BadProfile,
            Some(true) => ResultCode::Ok,
            Some(false) => ResultCode::Undisplayable,
        };
        assert_eq!(c.check_display(profile), expected);
    }

    fn init(&mut self, slot: usize, source: &mut Source<'_>) {
        let (c, key) = &mut self.devices[slot];
        let size = storage_size(source, 512);
        let choice = usize::from(source.byte());
        let suite = SUITES
            .get(choice)
            .map_or_else(|| source.line(), |suite| suite.as_bytes());
        let seed = source.byte();
        let seed = source.bytes(usize::from(seed));
        let pin = (source.below(2) == 1).then(|| source.line());
        let before = c.bytes();
        let result = c.init(suite, seed, pin, size);
        let expected = if size < txotp_ffi::txotp_device_size() {
            Err(ResultCode::TooSmall)
        } else {
            new_key(suite, seed, pin)
        };
        match expected {
            Ok(new) => {
                assert_eq!(result, ResultCode::Ok);
                *key = Some(new);
            }
            Err(reason) => {
                assert_eq!(result, reason, "why there is no key");
                assert_eq!(c.bytes(), before, "the storage of a key that was refused");
            }
        }
    }

    /// A device, or the text of a transaction, whose storage goes on to give digest and code.
    fn wipe(&mut self, slot: usize, source: &mut Source<'_>) {
        if source.below(2) == 0 {
            let (c, key) = &mut self.devices[slot];
            assert_eq!(c.wipe(), ResultCode::Ok);
            let used = txotp_ffi::txotp_device_size();
            assert!(
                c.bytes()[..used].iter().all(|byte| *byte == 0),
                "a wiped key"
            );
            *key = None;
        } else {
            let (c, known) = &mut self.transactions[slot];
            assert_eq!(c::wipe(&mut c.text), ResultCode::Ok);
            assert!(c.text.iter().all(|byte| *byte == 0), "wiped memory");
            known.iter_mut().for_each(|known| known.intact = false);
        }
    }

    /// The transaction that a code is for, or none for a login; and whether the program has one.
    fn bound(
        &self,
        source: &mut Source<'_>,
    ) -> (Option<&c::Transaction>, Result<Purpose, ResultCode>) {
        match self.transactions.get(usize::from(source.below(3))) {
            None => (None, Ok(Purpose::Login)),
            Some((c, known)) => {
                let digest = known
                    .as_ref()
                    .map(|known| known.transaction.as_transaction().digest());
                (
                    Some(c),
                    digest
                        .map(Purpose::Transaction)
                        .ok_or(ResultCode::NotInitialised),
                )
            }
        }
    }

    fn code(&self, slot: usize, source: &mut Source<'_>) {
        let (c, key) = &self.devices[slot];
        let (bound, purpose) = self.bound(source);
        let (time, counter) = (source.u64(), counter(source));
        let size = usize::from(source.below(14));
        let expected = || {
            if size < 11 {
                return Err(ResultCode::TooSmall);
            }
            let (purpose, key) = (purpose?, key.as_ref().ok_or(ResultCode::NotInitialised)?);
            let at = moving_factor(key, purpose, time, counter)?;
            let code = key.code(purpose, at).expect("its own factors");
            let mut bytes = code.reveal().as_bytes().to_vec();
            bytes.resize(11, 0);
            bytes.resize(size, 0xaa);
            Ok(bytes)
        };
        assert_eq!(c.code(bound, time, counter, size), expected(), "the code");
    }

    fn verify(&self, slot: usize, source: &mut Source<'_>) {
        let (c, key) = &self.devices[slot];
        let (bound, purpose) = self.bound(source);
        let (time, counter) = (source.u64(), counter(source));
        let window = source.array::<3>().map(|side| side % 66);
        let wanted = Wanted {
            window,
            time,
            counter,
        };
        // The code of some candidate, or whatever is there.
        let nth = source.byte();
        let right = purpose.ok().zip(key.as_ref()).and_then(|(purpose, key)| {
            let all = wanted.candidates(key, purpose).ok()?;
            let (at, _) = all.get(usize::from(nth))?;
            Some(key.code(purpose, *at).ok()?.reveal().as_bytes().to_vec())
        });
        let typed = right.unwrap_or_else(|| source.line().to_vec());
        let expected = || {
            let (purpose, key) = (purpose?, key.as_ref().ok_or(ResultCode::NotInitialised)?);
            wanted.found(key, purpose, &typed)
        };
        let found = c.verify(bound, window, time, counter, &typed);
        assert_eq!(found, expected(), "what is found");
    }
}

/// The fault of a string is the reader's, with its offset, or there is none.
fn check_fault(source: &mut Source<'_>) {
    let (limit, text) = (limit(source), text_size(source));
    let string = source.line();
    let expected = Limit::new(limit)
        .ok_or(ResultCode::BadLimit)
        .and_then(|limit| match read(string, limit, &mut vec![0; text]) {
            Ok(_) => Ok((ResultCode::Ok, 0)),
            Err(error) => match ResultCode::from(error.kind()) {
                ResultCode::TooSmall => Err(ResultCode::TooSmall),
                reason => Ok((reason, error.offset())),
            },
        });
    assert_eq!(
        c::string_fault(string, limit, text),
        expected,
        "the fault of a string"
    );
}

/// Every number has a text that is fit for a log.
fn check_text(source: &mut Source<'_>) {
    let text = c::result_text(u32::from_be_bytes(source.array()) % 1000);
    assert!(!text.is_empty() && text.is_ascii());
}

/// A limit, mostly one of the two that are usual.
fn limit(source: &mut Source<'_>) -> usize {
    match source.below(4) {
        0 => usize::from(u16::from_be_bytes(source.array())),
        1 => 2953,
        _ => 600,
    }
}

/// How much of the text memory is lent, mostly all of it.
fn text_size(source: &mut Source<'_>) -> usize {
    match source.below(4) {
        0 => usize::from(u16::from_be_bytes(source.array())) % (TEXT_SIZE + 1),
        _ => TEXT_SIZE,
    }
}

/// How large a storage is said to be, mostly as large as it is.
fn storage_size(source: &mut Source<'_>, whole: usize) -> usize {
    match source.below(8) {
        0 => usize::from(u16::from_be_bytes(source.array())) % (whole + 1),
        _ => whole,
    }
}

/// A counter, mostly none or a small one, and sometimes one of the last.
fn counter(source: &mut Source<'_>) -> Option<u64> {
    match source.below(4) {
        0 | 1 => None,
        2 => Some(source.byte().into()),
        _ => Some(u64::MAX - u64::from(source.byte())),
    }
}
