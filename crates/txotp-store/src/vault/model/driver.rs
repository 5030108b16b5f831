//! The driver: runs operations on a store of which a call fails.

use std::path::PathBuf;
use std::sync::Arc;

use txotp_core::{TransactionSuite, UnixTime};

use super::expected::{
    Dated, Found, Model, Operation, Outcome, device_id, key, seed, settings, user_id,
};
use super::records::{Records, changes};
use crate::database::Mode;
use crate::engine::faulty::{Faulty, Plan};
use crate::engine::{Role, Ticket, Worker};
use crate::seal::{KeyService, Keyring};
use crate::secrets::{Secrets, reseal_root};
use crate::session::Act;
use crate::sqlite::Sqlite;
use crate::vault::{Answer, Enrolment, Options, Vault, keys as rotation};
use crate::{Actor, DeviceId, Location, schema, sql};
use txotp_verifier::Settings;

/// The old key, and the new one where it is to be rotated to.
pub(super) fn keys(with_new: bool) -> Arc<dyn KeyService> {
    let mut text = format!("old {}\n", "11".repeat(32));
    if with_new {
        text += &format!("new {}\n", "22".repeat(32));
    }
    Arc::new(Keyring::parse(&text).unwrap())
}

pub(super) fn act(now: UnixTime) -> Act {
    Act {
        actor: Actor::new("model").unwrap(),
        now,
    }
}

/// The store under test.
pub(super) struct Driver {
    folder: tempfile::TempDir,
    secrets: Arc<Secrets>,
}

/// A store whose first device was enrolled under the old key, to be copied; and the model of it.
pub(super) struct Template {
    store: Vec<u8>,
    pub(super) model: Model,
}

impl Template {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let location = Location::Sqlite(path);
        let begin = UnixTime::from_seconds(1_700_000_000);
        Vault::create(&location, &keys(false), Options::default(), &act(begin)).unwrap();
        let vault = Vault::open(&location, keys(false), Options::default()).unwrap();
        vault.enrol(enrolment(0), act(begin)).wait().unwrap();
        // Its own file need not hold all: of connections that close at once, none may be the last that empties the log.
        let whole = folder.path().join("whole.db");
        vault.backup(&whole, Box::new(|_, _| {})).unwrap();
        let mut model = Model::default();
        model.enrol(0, begin).unwrap();
        model.get(0).unwrap().key = key("old");
        Self {
            store: std::fs::read(whole).unwrap(),
            model,
        }
    }
}

impl Driver {
    pub(super) fn new(template: &Template) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, &template.store).unwrap();
        let mut connection = Sqlite::open(&path, Options::default().patience).unwrap();
        let secrets = Vault::open_secrets(&mut connection, keys(true)).unwrap();
        Self { folder, secrets }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// Runs operations that all wait when the writer begins, so many in one transaction.
    pub(super) fn run(&self, operations: &[Dated], most: usize, plan: Plan) -> Vec<Outcome> {
        let location = Location::Sqlite(self.path());
        let vault = Vault::closed(Arc::clone(&self.secrets), &location, Options::default());
        let tickets: Vec<_> = operations
            .iter()
            .map(|operation| submit(&vault, operation))
            .collect();
        vault.writes.close();
        let connection = Sqlite::open(&self.path(), Options::default().patience).unwrap();
        let role = Role::Writer { most };
        let worker = Worker::new(
            Faulty::new(connection, plan),
            Arc::clone(&self.secrets),
            role,
        );
        worker.unwrap().run(&vault.writes);
        tickets.into_iter().map(|ticket| ticket()).collect()
    }

    /// What the store holds, after a check that nothing is wrong with it.
    pub(super) fn dump(&self) -> Model {
        let vault = Vault::open(
            &Location::Sqlite(self.path()),
            keys(true),
            Options::default(),
        )
        .unwrap();
        let report = vault.check(Box::new(|_, _| {})).wait().unwrap();
        assert!(report.is_clean(), "{report:?}");
        let devices = vault.devices_after(None).wait().unwrap().devices;
        for device in &devices {
            let history = vault.history(device.id.clone(), 0).wait().unwrap();
            assert_eq!(u64::try_from(history.len()).unwrap(), device.entries);
        }
        Model(
            devices
                .into_iter()
                .map(|device| (device.id.as_str().to_owned(), device))
                .collect(),
            Records::of(&vault),
        )
    }
}

pub(super) fn enrolment(device: usize) -> Enrolment {
    Enrolment {
        device: device_id(device),
        user: user_id(device),
        suite: TransactionSuite::default(),
        settings: settings(),
        seed: seed(device),
        pin: None,
        counter: None,
    }
}

pub(super) type Waiting = Box<dyn FnOnce() -> Outcome>;

pub(super) fn submit(vault: &Vault, (now, operation): &Dated) -> Waiting {
    let act = act(*now);
    match operation {
        Operation::Enrol(device) => nothing(vault.enrol(enrolment(*device), act)),
        Operation::Verify(device, typed) => {
            answer(vault.verify(device_id(*device), typed.purpose(), &typed.code(*now), act))
        }
        Operation::VerifyUser(device, typed) => {
            answer(vault.verify(user_id(*device), typed.purpose(), &typed.code(*now), act))
        }
        Operation::VerifyAndWrite(device, typed, list) => {
            let (purpose, code) = (typed.purpose(), typed.code(*now));
            let list = changes(list, *now);
            let changes = move |_: &DeviceId| Ok(list.clone());
            answer(vault.verify_and_write(device_id(*device), purpose, &code, changes, act))
        }
        Operation::VerifyUserAndWrite(device, typed, list) => {
            let (purpose, code) = (typed.purpose(), typed.code(*now));
            let list = changes(list, *now);
            let changes = move |_: &DeviceId| Ok(list.clone());
            answer(vault.verify_and_write(user_id(*device), purpose, &code, changes, act))
        }
        Operation::Suspend(device) => nothing(vault.suspend(device_id(*device), act)),
        Operation::Resume(device) => nothing(vault.resume(device_id(*device), act)),
        Operation::Revoke(device) => nothing(vault.revoke(device_id(*device), act)),
        Operation::Unlock(device) => nothing(vault.unlock(device_id(*device), act)),
        Operation::ForgiveClock(device) => nothing(vault.forgive_clock(device_id(*device), act)),
        Operation::SetPolicy(device, max_failures) => {
            let settings = Settings {
                max_failures: *max_failures,
                ..settings()
            };
            nothing(vault.set_policy(device_id(*device), move |_| Ok(settings), act))
        }
        Operation::Restored => {
            let ticket = vault.restored(None, act);
            Box::new(|| {
                ticket
                    .wait()
                    .map(|found| Found::Restored(found.last, found.suspended))
            })
        }
        Operation::RotateRoot => nothing(vault.write(Mode::Write, |session| {
            let (store, sealed) = schema::identity(session.db)?;
            let service = session.secrets.service();
            if sealed.key == service.current() {
                return Ok(());
            }
            let next = reseal_root(service, &store, &sealed)?;
            session.is_dirty = true;
            schema::replace_root(session.db, &sealed, &next)
        })),
        Operation::RotatePage => {
            let ticket = vault.write(Mode::Write, |session| {
                let page = sql::inspect_under(session.db, session.secrets, "old", "")?;
                let (seeds, _) = rotation::reseal(session.secrets, page)?;
                rotation::replace(session, "old", &seeds)
            });
            Box::new(|| ticket.wait().map(Found::Resealed))
        }
        Operation::Records(list) => {
            let ticket = vault.write_records(changes(list, *now));
            Box::new(|| ticket.wait().map(Found::Written))
        }
    }
}

pub(super) fn nothing(ticket: Ticket<()>) -> Waiting {
    Box::new(|| ticket.wait().map(|()| Found::Nothing))
}

pub(super) fn answer(ticket: Ticket<Answer>) -> Waiting {
    Box::new(|| ticket.wait().map(Found::Answer))
}
