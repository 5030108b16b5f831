//! What to do about each error of a store or its keys: the one table of it.

use txotp_store::{Damage, KeyError, NameError, Status, StoreError};
use txotp_verifier::{PolicyError, Undecided};

use crate::error::Error;

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string(), store(error)).because(error.name())
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        StoreError::Key(error).into()
    }
}

impl From<NameError> for Error {
    fn from(error: NameError) -> Self {
        Self::new(error.to_string(), name(error))
    }
}

fn store(error: StoreError) -> &'static str {
    match error {
        StoreError::UnknownDevice => "check the name; `txotp device list` shows all",
        StoreError::UnknownUser => {
            "check the name; `txotp device list --user U` shows the user's devices"
        }
        StoreError::AlreadyEnrolled => {
            "choose another name: that of a revoked device is not used again either"
        }
        StoreError::TooManyDevices => "revoke one that is not in use: `txotp device revoke DEVICE`",
        StoreError::NotPossible(Status::Revoked) => "enrol a new device: `txotp device add`",
        StoreError::NotPossible(_) => "`txotp device show DEVICE` says how it stands",
        StoreError::BadCode => "type the six to eight digits that the device shows",
        StoreError::Policy(error) => policy(error),
        StoreError::Pin => "give the PIN that the suite asks for, with --pin-file or TXOTP_PIN",
        StoreError::Counter => "leave --counter out, or choose a suite with `C-`",
        StoreError::Time => "check the clock, and --at",
        StoreError::Undecided(why) => undecided(why),
        StoreError::Key(error) => key(error),
        StoreError::Damaged(Damage::Evidence) => "`txotp audit verify` says where",
        StoreError::Damaged(_) => {
            "keep a copy for the inquiry, see `txotp store check`, and restore a backup"
        }
        StoreError::NotAStore => "check the name; `txotp store init` makes a store",
        StoreError::AlreadyAStore => "choose another name: nothing is overwritten",
        StoreError::OlderSchema => "make a backup, then `txotp store migrate`",
        StoreError::NewerSchema => "use the release that wrote it, or a newer one",
        StoreError::Location => {
            "a store is the path of a file on a local disk, or postgres://USER@HOST/DATABASE"
        }
        StoreError::Busy => "try again; see which other process holds it",
        StoreError::Full => "free some space: nothing of it was kept, and nothing is lost",
        StoreError::ReadOnly => "see who owns the file and its folder, and how it is mounted",
        StoreError::Unreachable => {
            "see that the disk or the server is there; look whether it took place before trying again"
        }
        StoreError::Refused => {
            "see user, password, database and grants, and whether the server offers TLS"
        }
        StoreError::Untrusted => "see the host's name, and sslrootcert in the URL",
        StoreError::NotDurable => "set synchronous_commit and fsync to on, at the server",
        StoreError::Overloaded | StoreError::Contended => "try again later",
        StoreError::Stopped => "try again",
        StoreError::Entropy => "this machine cannot make keys: look at its configuration",
        StoreError::Database(_) => "look the number up in the database's manual, and in its log",
        _ => "see the documentation of this release",
    }
}

fn key(error: KeyError) -> &'static str {
    match error {
        KeyError::Unreadable => {
            "name the key file with --keys FILE or TXOTP_KEYS_FILE, and see that you may read it"
        }
        KeyError::Permissions => "chmod 600 it; and make new keys if others may have read it",
        KeyError::Unwritable(_) => "check its folder, its permissions and the space left",
        KeyError::Held => {
            "try again; if no other program is at it, one was interrupted: remove FILE.new"
        }
        KeyError::TooLong => "take out keys that `txotp keys status` says are not needed",
        KeyError::Line(_) => "restore the key file; `txotp keys new` adds a key to it",
        KeyError::Repeated(_) => "restore the key file: each id and each key stands there once",
        KeyError::Empty => "restore the key file; for a new store, `txotp keys new` makes a key",
        KeyError::BadId => "choose an id such as 2026-a",
        KeyError::Taken(_) => "choose another id: a key is never replaced",
        KeyError::Missing(_) => "put that key back into the key file, from its backup",
        KeyError::Wrong(_) => "see that the key file is the one of this store, as it was",
        KeyError::SecretTooLong => "choose a seed of at most 64 bytes",
        KeyError::Entropy => "this machine cannot make keys: look at its configuration",
        KeyError::Unavailable => "see that the key service is there, and try again",
        _ => "see the documentation of this release",
    }
}

fn policy(error: PolicyError) -> &'static str {
    match error {
        PolicyError::Candidates => "choose smaller --past, --future and --look-ahead",
        PolicyError::GuessingBound => {
            "fewer --max-failures or --temporary-locks, a smaller window, or a suite with more digits"
        }
        _ => "choose a value of that range",
    }
}

fn undecided(why: Undecided) -> &'static str {
    match why {
        Undecided::WrongDigits => "type all digits that the device shows",
        Undecided::NoLogin => "give the STRING of a transaction in place of --login",
        Undecided::ClockWentBack => {
            "mend the clock; if it was wrong then, `txotp device forgive-clock DEVICE`"
        }
        Undecided::CounterExhausted | Undecided::NoResync => {
            "enrol the device anew: `txotp device add`"
        }
        _ => "see the documentation of this release",
    }
}

/// What to do about a text that is no name.
pub(crate) fn name(error: NameError) -> &'static str {
    match error {
        NameError::Empty => "give a name",
        NameError::TooLong => "shorten it to 128 bytes",
        NameError::Forbidden => "take out control characters and those that cannot be seen",
        _ => "see the documentation of this release",
    }
}
