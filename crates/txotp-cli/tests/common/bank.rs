//! A bank with a store of its own, in a folder.

use std::process::Command;

use super::{Folder, Run, SEED_HEX, STRING, command, finish, run};

/// When codes are computed and judged: 20 seconds into step 56666666.
pub(crate) const AT: u64 = 1_700_000_000;

/// A code that no device of the tests shows around [`AT`].
pub(crate) const WRONG: &str = "00000000";

pub(crate) struct Bank {
    pub(crate) folder: Folder,
    /// The file with the seed of every device that is imported.
    pub(crate) seed: String,
}

impl Bank {
    /// A bank without a store.
    pub(crate) fn bare(test: &str) -> Self {
        let folder = Folder::new(&format!("bank-{test}"));
        let seed = folder.write("seed", SEED_HEX);
        Self { folder, seed }
    }

    /// A bank with an empty store.
    pub(crate) fn new(test: &str) -> Self {
        let bank = Self::bare(test);
        bank.run(&["store", "init"]).exits(0);
        bank
    }

    /// A bank with one device, Alice's phone.
    pub(crate) fn with_phone(test: &str) -> Self {
        let bank = Self::new(test);
        bank.add("phone").exits(0);
        bank
    }

    /// The command, with this bank's store.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.env("TXOTP_STORE", self.folder.file("bank.db"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).output().unwrap())
    }

    /// Imports a device of Alice's.
    pub(crate) fn add(&self, device: &str) -> Run {
        self.add_with(device, &[])
    }

    pub(crate) fn add_with(&self, device: &str, more: &[&str]) -> Run {
        let add = ["device", "add", "--user", "alice", "--device", device];
        let seed = ["--seed-file", &self.seed];
        self.run(&[&add[..], &seed, more].concat())
    }

    /// An act on Alice's phone.
    pub(crate) fn act(&self, what: &str) -> Run {
        self.run(&["device", what, "phone", "--actor", "tester"])
    }

    /// The code that a device shows for the transaction.
    pub(crate) fn code(&self, at: u64) -> String {
        self.computed(STRING, at)
    }

    /// The code that a device shows for a login.
    pub(crate) fn login(&self, at: u64) -> String {
        self.computed("--login", at)
    }

    fn computed(&self, purpose: &str, at: u64) -> String {
        let at = at.to_string();
        let code = run(&["code", "--seed-file", &self.seed, "--at", &at, purpose]);
        code.exits(0).text().trim_end().to_owned()
    }

    /// A verdict on a code of Alice's.
    pub(crate) fn verify(&self, code: &str, at: u64) -> Run {
        self.verify_for(&["--user", "alice"], code, at)
    }

    pub(crate) fn verify_device(&self, device: &str, code: &str, at: u64) -> Run {
        self.verify_for(&["--device", device], code, at)
    }

    fn verify_for(&self, who: &[&str], code: &str, at: u64) -> Run {
        let at = at.to_string();
        let verify = ["verify", "--code", code, "--at", &at, STRING];
        self.run(&[&verify, who].concat())
    }

    /// The contents of files.
    pub(crate) fn bytes(&self, names: &[&str]) -> Vec<Vec<u8>> {
        let read = |name: &&str| std::fs::read(self.folder.file(name)).unwrap();
        names.iter().map(read).collect()
    }

    /// Does to the database what only its owner can, beside the program.
    pub(crate) fn tamper(&self, sql: &str) {
        let database = rusqlite::Connection::open(self.folder.file("bank.db")).unwrap();
        database.execute_batch(sql).unwrap();
    }
}
