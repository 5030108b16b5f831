//! A device as it is shown.

use serde::Serialize;
use txotp_core::UnixTime;
use txotp_store::{Device, Status};
use txotp_verifier::{Lock, Policy, Settings};
use utoipa::ToSchema;

use super::super::verdict::end;
use crate::Fault;

/// An enrolled device, without its seed.
#[derive(Serialize, ToSchema)]
#[schema(as = Device)]
pub(in crate::native) struct DeviceView {
    /// Its name, in the whole store.
    device: String,
    /// Whose it is.
    user: String,
    #[schema(inline)]
    status: StatusName,
    /// What its codes are computed by, as RFC 6287 writes it.
    suite: String,
    /// When it was enrolled, in Unix seconds.
    enrolled_at: u64,
    /// How many more failures until the next lock; 0 while it is locked.
    attempts_left: u8,
    /// What that lock will be: `temporary` or `permanent`.
    #[schema(value_type = String)]
    next_lock: &'static str,
    /// Whether it is locked.
    locked: bool,
    /// The end of that lock, in Unix seconds; null where it has none, and an administrator unlocks.
    locked_until: Option<u64>,
    policy: PolicyView,
    /// How likely it is that a code is guessed before a lock that does not end by itself.
    guessing_bound: f64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum StatusName {
    Active,
    Suspended,
    Revoked,
}

/// How much is tolerated of a device.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyView {
    /// Steps before the expected one that are tried.
    past: u8,
    /// Steps after the expected one that are tried.
    future: u8,
    /// Counters after the expected one that are tried.
    look_ahead: u8,
    /// Consecutive failures that lock.
    max_failures: u8,
    /// Locks that end by themselves before one does not.
    temporary_locks: u8,
    /// Seconds of the first lock.
    first_delay: u32,
    /// How many times longer each further lock is.
    delay_growth: u32,
    /// Steps that successes may move the window in all.
    drift_leash: u8,
    /// Steps or counters that a resynchronisation searches.
    resync_range: u16,
}

impl DeviceView {
    /// A device, as of a time.
    pub(super) fn of(device: &Device, now: UnixTime) -> Result<Self, Fault> {
        let policy: Policy = device.policy()?;
        let outlook = policy.outlook(&device.state, now);
        Ok(Self {
            device: device.id.to_string(),
            user: device.user.to_string(),
            status: match device.status {
                Status::Active => StatusName::Active,
                Status::Suspended => StatusName::Suspended,
                Status::Revoked => StatusName::Revoked,
            },
            suite: device.suite.to_string(),
            enrolled_at: device.enrolled_at.seconds(),
            attempts_left: outlook.attempts_left,
            next_lock: outlook.next_lock.name(),
            locked: outlook.lock != Lock::None,
            locked_until: end(outlook.lock),
            policy: (&device.settings).into(),
            guessing_bound: policy.guessing_bound().probability(),
        })
    }
}

impl From<&Settings> for PolicyView {
    fn from(settings: &Settings) -> Self {
        Self {
            past: settings.window.past(),
            future: settings.window.future(),
            look_ahead: settings.look_ahead,
            max_failures: settings.max_failures,
            temporary_locks: settings.temporary_locks,
            first_delay: settings.first_delay,
            delay_growth: settings.delay_growth,
            drift_leash: settings.drift_leash,
            resync_range: settings.resync_range,
        }
    }
}
