//! The model: what each operation comes to, in the plainest words.

use std::collections::BTreeMap;

use txotp_core::{
    Code, DeviceKey, Digest, Digits, MovingFactor, Purpose, Seed, TransactionSuite, UnixTime,
};
use txotp_verifier::{
    Attempt, Decision, Lock, Reason, Settings, State, Verdict, count_failure, decide,
};

use super::records::{List, Records};
use crate::seal::KeyId;
use crate::vault::{Answer, Judgement};
use crate::{Device, DeviceId, Status, StoreError, UserId, Written};

/// Every device that there can be.
pub(super) const DEVICES: [&str; 4] = ["a phone", "a tablet", "b phone", "c token"];

/// An operation, on a device by its number.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Enrol(usize),
    Verify(usize, Typed),
    VerifyUser(usize, Typed),
    VerifyAndWrite(usize, Typed, List),
    VerifyUserAndWrite(usize, Typed, List),
    Suspend(usize),
    Resume(usize),
    Revoke(usize),
    Unlock(usize),
    ForgiveClock(usize),
    SetPolicy(usize, u8),
    Restored,
    RotateRoot,
    RotatePage,
    Records(List),
}

/// What is typed: the code of a device for a transaction, of this step or of the one before; or another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed {
    pub(super) of: usize,
    pub(super) transaction: u8,
    pub(super) is_late: bool,
    pub(super) is_right: bool,
}

/// What an operation gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    Nothing,
    Answer(Answer),
    Restored(Option<DeviceId>, u64),
    Resealed(u64),
    Written(Written),
}

pub(super) type Outcome = Result<Found, StoreError>;

/// An operation, at its time.
pub(super) type Dated = (UnixTime, Operation);

/// What the store holds: devices, and records.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Model(pub(super) BTreeMap<String, Device>, pub(super) Records);

impl Model {
    pub(super) fn apply(&mut self, (now, operation): &Dated) -> Outcome {
        match operation {
            Operation::Enrol(device) => self.enrol(*device, *now),
            Operation::Verify(device, typed) => self.verify(*device, typed, *now),
            Operation::VerifyUser(device, typed) => self.verify_user(*device, typed, *now),
            Operation::VerifyAndWrite(device, typed, list) => {
                self.with_records(list, *now, |model| model.verify(*device, typed, *now))
            }
            Operation::VerifyUserAndWrite(device, typed, list) => {
                self.with_records(list, *now, |model| model.verify_user(*device, typed, *now))
            }
            Operation::Suspend(device) => {
                self.change(*device, &[Status::Active], Status::Suspended)
            }
            Operation::Resume(device) => self.change(*device, &[Status::Suspended], Status::Active),
            Operation::Revoke(device) => self.change(
                *device,
                &[Status::Active, Status::Suspended],
                Status::Revoked,
            ),
            Operation::Unlock(device) => {
                self.amend(*device, |device| device.state = device.state.unlocked())
            }
            Operation::ForgiveClock(device) => self.amend(*device, |device| {
                device.state = device.state.forgive_clock()
            }),
            Operation::SetPolicy(device, failures) => {
                self.amend(*device, |device| device.settings.max_failures = *failures)
            }
            Operation::Restored => {
                for device in self
                    .0
                    .values_mut()
                    .filter(|device| device.status != Status::Revoked)
                {
                    device.state = device
                        .state
                        .restored(&device.policy().unwrap(), *now)
                        .unwrap();
                    device.entries += 1;
                }
                let last = self.0.values().next_back().map(|device| device.id.clone());
                Ok(Found::Restored(last, 0))
            }
            Operation::RotateRoot => Ok(Found::Nothing),
            Operation::RotatePage => {
                let old = self
                    .0
                    .values_mut()
                    .filter(|device| device.key == key("old"));
                let resealed = old.map(|device| device.key = key("new")).count();
                Ok(Found::Resealed(u64::try_from(resealed).unwrap()))
            }
            Operation::Records(list) => self.1.apply(list, *now).map(Found::Written),
        }
    }

    pub(super) fn get(&mut self, device: usize) -> Result<&mut Device, StoreError> {
        self.0
            .get_mut(DEVICES[device])
            .ok_or(StoreError::UnknownDevice)
    }

    pub(super) fn enrol(&mut self, device: usize, now: UnixTime) -> Outcome {
        if self.0.contains_key(DEVICES[device]) {
            return Err(StoreError::AlreadyEnrolled);
        }
        let enrolled = Device {
            id: device_id(device),
            user: user_id(device),
            suite: TransactionSuite::default(),
            settings: settings(),
            status: Status::Active,
            enrolled_at: now,
            key: key("new"),
            state: State::new(),
            entries: 1,
        };
        self.0.insert(DEVICES[device].to_owned(), enrolled);
        Ok(Found::Nothing)
    }

    fn verify(&mut self, place: usize, typed: &Typed, now: UnixTime) -> Outcome {
        let device = self.get(place)?;
        device.entries += 1;
        let judgement = match device.status {
            Status::Active => {
                let Decision { verdict, next } = decision(device, typed, now);
                device.state = next;
                verdict.into()
            }
            status => Judgement::Inactive(status),
        };
        let device = Some(device.id.clone());
        Ok(Found::Answer(Answer { judgement, device }))
    }

    /// One code for all active devices of a user: one that matches relieves the others, and one that matches none
    /// counts against each.
    fn verify_user(&mut self, place: usize, typed: &Typed, now: UnixTime) -> Outcome {
        let user = user_id(place);
        let of_user = self.0.values().filter(|device| device.user == user);
        let statuses: Vec<_> = of_user.map(|device| device.status).collect();
        if !statuses.contains(&Status::Active) {
            return self.refuse_user(&user, &statuses);
        }
        let mut asked: Vec<_> = self
            .0
            .values_mut()
            .filter(|device| device.user == user && device.status == Status::Active)
            .collect();
        let decisions: Vec<_> = asked
            .iter()
            .map(|device| decision(device, typed, now))
            .collect();
        let is_known = |decision: &Decision| matches!(&decision.verdict, Verdict::Refused(refusal) if matches!(refusal.reason, Reason::Replay | Reason::MemoryFull));
        let accepted = decisions
            .iter()
            .position(|decision| decision.verdict.is_accepted());
        let matched = accepted.or_else(|| decisions.iter().position(is_known));
        let mut told = Vec::new();
        for (place, (device, decision)) in asked.iter_mut().zip(decisions).enumerate() {
            let next = match (accepted, matched) {
                (Some(accepted), _) if place != accepted => device.state.relieved(now),
                (None, Some(known)) if place != known => device.state.clone(),
                (None, None) => count_failure(&device.policy().unwrap(), &device.state, now).next,
                _ => decision.next.clone(),
            };
            if matched.is_none_or(|matched| matched == place) {
                told.push(decision.verdict);
                device.entries += 1;
            } else if next != device.state {
                device.entries += 1;
            }
            device.state = next;
        }
        let verdict = told.into_iter().min_by_key(hopelessness);
        Ok(Found::Answer(Answer {
            judgement: verdict.unwrap().into(),
            device: matched.map(|place| asked[place].id.clone()),
        }))
    }

    /// A verdict, and where it is accepted a list of changes: both or neither.
    fn with_records(
        &mut self,
        list: &List,
        now: UnixTime,
        verify: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        let mut after = self.clone();
        let found = verify(&mut after)?;
        let is_accepted = matches!(&found, Found::Answer(answer) if answer.judgement.is_accepted());
        if is_accepted && after.1.apply(list, now)? != Written::Done {
            return Err(StoreError::RecordChanged);
        }
        *self = after;
        Ok(found)
    }

    /// Of a user without an active device each device has an entry.
    fn refuse_user(&mut self, user: &UserId, statuses: &[Status]) -> Outcome {
        for device in self.0.values_mut().filter(|device| device.user == *user) {
            device.entries += 1;
        }
        let status = [Status::Suspended, Status::Revoked]
            .into_iter()
            .find(|status| statuses.contains(status));
        Ok(Found::Answer(Answer {
            judgement: Judgement::Inactive(status.ok_or(StoreError::UnknownUser)?),
            device: None,
        }))
    }

    fn change(&mut self, device: usize, from: &[Status], to: Status) -> Outcome {
        let device = self.get(device)?;
        if !from.contains(&device.status) {
            return Err(StoreError::NotPossible(device.status));
        }
        device.status = to;
        device.entries += 1;
        Ok(Found::Nothing)
    }

    fn amend(&mut self, device: usize, change: impl FnOnce(&mut Device)) -> Outcome {
        let device = self.get(device)?;
        if device.status == Status::Revoked {
            return Err(StoreError::NotPossible(Status::Revoked));
        }
        change(device);
        device.entries += 1;
        Ok(Found::Nothing)
    }
}

/// Which of several refusals the user is told of: the one that leaves most.
pub(super) fn hopelessness(verdict: &Verdict) -> (u8, u64) {
    let Verdict::Refused(refusal) = verdict else {
        return (0, 0);
    };
    let end = match refusal.lock {
        Lock::None => 0,
        Lock::Until(end) => end.seconds(),
        Lock::Permanent => u64::MAX,
    };
    (u8::MAX - refusal.attempts_left, end)
}

pub(super) fn decision(device: &Device, typed: &Typed, now: UnixTime) -> Decision {
    let policy = device.policy().unwrap();
    let place = DEVICES.iter().position(|name| *name == device.id.as_str());
    let attempt = Attempt {
        purpose: typed.purpose(),
        code: Code::parse(&typed.code(now), Digits::Eight).unwrap(),
    };
    decide(
        &policy,
        &device_key(place.unwrap()),
        &device.state,
        &attempt,
        now,
    )
    .unwrap()
}

impl Typed {
    pub(super) fn purpose(&self) -> Purpose {
        Purpose::Transaction(Digest::from_bytes([self.transaction; 32]))
    }

    pub(super) fn code(&self, now: UnixTime) -> String {
        let period = TransactionSuite::default().period().unwrap();
        let step = now.step(period).offset_by(-i64::from(self.is_late));
        let code = device_key(self.of)
            .code(self.purpose(), MovingFactor::step(step))
            .unwrap();
        let mut code = code.reveal().to_owned();
        if !self.is_right {
            let last = code.pop().unwrap();
            code.push(if last == '9' {
                '0'
            } else {
                char::from(last as u8 + 1)
            });
        }
        code
    }
}

pub(super) fn device_id(device: usize) -> DeviceId {
    DeviceId::new(DEVICES[device]).unwrap()
}

/// The first two devices are of one user.
pub(super) fn user_id(device: usize) -> UserId {
    UserId::new(DEVICES[device].split(' ').next().unwrap()).unwrap()
}

pub(super) fn seed(device: usize) -> Seed {
    Seed::from_bytes(&[u8::try_from(device).unwrap(); 32]).unwrap()
}

pub(super) fn device_key(device: usize) -> DeviceKey {
    DeviceKey::new(TransactionSuite::default(), &seed(device), None).unwrap()
}

pub(super) fn key(id: &str) -> KeyId {
    id.parse().unwrap()
}

/// Locks that end within a sequence.
pub(super) fn settings() -> Settings {
    Settings {
        first_delay: 3,
        ..Settings::default()
    }
}
