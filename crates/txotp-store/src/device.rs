//! An enrolled device, as it is stored and as it is shown.

use core::fmt;

use serde::{Deserialize, Serialize};
use txotp_core::{DeviceKey, PinHash, Seed, TransactionSuite, UnixTime, Window};
use txotp_verifier::{GuessingBound, Policy, Settings, State};

use crate::error::Damage;
use crate::seal::{KeyId, Sealed};
use crate::secrets::{Mark, Secrets, same};
use crate::{DeviceId, StoreError, UserId};

/// An enrolled device, without its seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Its name.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// What its codes are computed by.
    pub suite: TransactionSuite,
    /// What is tolerated of it.
    pub settings: Settings,
    /// Whether its codes are compared at all.
    pub status: Status,
    /// When it was enrolled.
    pub enrolled_at: UnixTime,
    /// The key that its seed is sealed under.
    pub key: KeyId,
    /// What is remembered of it.
    pub state: State,
    /// How many entries the evidence has of it; each change of the device has one.
    pub entries: u64,
}

impl Device {
    /// The settings, checked against the suite.
    ///
    /// # Errors
    /// [`StoreError::Policy`], which no device has that this release enrolled.
    pub fn policy(&self) -> Result<Policy, StoreError> {
        Ok(Policy::new(&self.suite, self.settings)?)
    }
}

/// Whether a device's codes are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// They are.
    Active,
    /// They are not, until an administrator resumes it.
    Suspended,
    /// They never are again.
    Revoked,
}

impl Status {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Revoked]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A device as it is stored: the columns of its row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) device: Device,
    pub(crate) sealed: Vec<u8>,
}

/// The columns as a database has them, before it is known that they are a device.
pub(crate) struct Columns {
    pub(crate) device: String,
    pub(crate) user: String,
    pub(crate) suite: String,
    pub(crate) settings: String,
    pub(crate) status: String,
    pub(crate) enrolled_at: i64,
    pub(crate) state: Vec<u8>,
    pub(crate) version: i64,
    pub(crate) mark: Vec<u8>,
    pub(crate) key: String,
    pub(crate) sealed: Vec<u8>,
}

impl Columns {
    /// The columns of a row, with its mark.
    pub(crate) fn of(row: &Row, secrets: &Secrets) -> Result<Self, StoreError> {
        let Device {
            id,
            user,
            suite,
            settings,
            status,
            enrolled_at,
            key,
            state,
            entries,
        } = &row.device;
        let mut columns = Self {
            device: id.as_str().to_owned(),
            user: user.as_str().to_owned(),
            suite: suite.to_string(),
            settings: settings_to_text(settings),
            status: status.name().to_owned(),
            enrolled_at: i64::try_from(enrolled_at.seconds()).map_err(|_| StoreError::Time)?,
            state: state.to_bytes().to_vec(),
            version: i64::try_from(*entries).map_err(|_| StoreError::Contended)?,
            mark: Vec::new(),
            key: key.as_str().to_owned(),
            sealed: row.sealed.clone(),
        };
        columns.mark = columns.expected_mark(secrets).to_vec();
        Ok(columns)
    }

    /// The device of a row.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the mark is not of these columns, or they are no device.
    pub(crate) fn read(self, secrets: &Secrets) -> Result<Row, StoreError> {
        if !same(&self.expected_mark(secrets), &self.mark) {
            return Err(StoreError::Damaged(Damage::Row));
        }
        let state = State::from_bytes(&self.state)?;
        self.content(state)
            .ok_or(StoreError::Damaged(Damage::Content))
    }

    /// A damaged device, revoked and with an empty state: what of the rest still can be read stays, and nothing of it
    /// is ever relied on.
    pub(crate) fn revoked(self, id: &DeviceId, entries: u64, current: KeyId) -> Row {
        let user = UserId::new(self.user).or_else(|_| UserId::new(id.as_str()));
        Row {
            device: Device {
                id: id.clone(),
                user: user.expect("the name of a device can be that of a user"),
                suite: TransactionSuite::parse(&self.suite).unwrap_or_default(),
                settings: settings_from_text(&self.settings).unwrap_or_default(),
                status: Status::Revoked,
                enrolled_at: UnixTime::from_seconds(u64::try_from(self.enrolled_at).unwrap_or(0)),
                key: self.key.parse().unwrap_or(current),
                state: State::new(),
                entries,
            },
            sealed: self.sealed,
        }
    }

    fn content(self, state: State) -> Option<Row> {
        Some(Row {
            device: Device {
                id: DeviceId::new(self.device).ok()?,
                user: UserId::new(self.user).ok()?,
                suite: TransactionSuite::parse(&self.suite).ok()?,
                settings: settings_from_text(&self.settings)?,
                status: Status::from_name(&self.status)?,
                enrolled_at: UnixTime::from_seconds(u64::try_from(self.enrolled_at).ok()?),
                key: self.key.parse().ok()?,
                state,
                entries: u64::try_from(self.version).ok()?,
            },
            sealed: self.sealed,
        })
    }

    /// The mark is over all but what is sealed: that proves itself, and is sealed anew without a change
    /// of the device.
    fn expected_mark(&self, secrets: &Secrets) -> Mark {
        secrets.row_mark(&[
            self.device.as_bytes(),
            self.user.as_bytes(),
            self.suite.as_bytes(),
            self.settings.as_bytes(),
            self.status.as_bytes(),
            &self.enrolled_at.to_be_bytes(),
            &self.state,
            &self.version.to_be_bytes(),
        ])
    }
}

impl Row {
    /// The policy and the key that an attempt is judged by.
    pub(crate) fn open(&self, secrets: &Secrets) -> Result<(Policy, DeviceKey), StoreError> {
        let (seed, pin) = secrets.open_seed(&self.device.id, &self.sealed())?;
        self.with_seed(&seed, pin.as_ref())
    }

    /// The policy and the key, by a seed that was opened.
    pub(crate) fn with_seed(
        &self,
        seed: &Seed,
        pin: Option<&PinHash>,
    ) -> Result<(Policy, DeviceKey), StoreError> {
        let key = DeviceKey::new(self.device.suite, seed, pin)
            .map_err(|_| StoreError::Damaged(Damage::Content))?;
        Ok((self.device.policy()?, key))
    }

    /// The seed as it is sealed.
    pub(crate) fn sealed(&self) -> Sealed {
        Sealed {
            key: self.device.key,
            bytes: self.sealed.clone(),
        }
    }
}

/// [`Settings`] as JSON, for rows and evidence. A probability is its numerator over 2³¹.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsText {
    past: u8,
    future: u8,
    look_ahead: u8,
    max_failures: u8,
    temporary_locks: u8,
    first_delay: u32,
    delay_growth: u32,
    drift_leash: u8,
    resync_range: u16,
    guessing_limit: u64,
}

pub(crate) fn settings_to_text(settings: &Settings) -> String {
    let text = SettingsText {
        past: settings.window.past(),
        future: settings.window.future(),
        look_ahead: settings.look_ahead,
        max_failures: settings.max_failures,
        temporary_locks: settings.temporary_locks,
        first_delay: settings.first_delay,
        delay_growth: settings.delay_growth,
        drift_leash: settings.drift_leash,
        resync_range: settings.resync_range,
        guessing_limit: settings.guessing_limit.numerator(),
    };
    serde_json::to_string(&text).expect("numbers in named fields always are JSON")
}

fn settings_from_text(text: &str) -> Option<Settings> {
    let text: SettingsText = serde_json::from_str(text).ok()?;
    Some(Settings {
        window: Window::new(text.past, text.future).ok()?,
        look_ahead: text.look_ahead,
        max_failures: text.max_failures,
        temporary_locks: text.temporary_locks,
        first_delay: text.first_delay,
        delay_growth: text.delay_growth,
        drift_leash: text.drift_leash,
        resync_range: text.resync_range,
        guessing_limit: GuessingBound::from_numerator(text.guessing_limit),
    })
}
