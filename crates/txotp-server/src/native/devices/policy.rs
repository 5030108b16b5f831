//! How much is tolerated of a device.

use axum::extract::State;
use serde::Deserialize;
use txotp_core::Window;
use txotp_verifier::{PolicyError, Settings};
use utoipa::ToSchema;

use super::super::subject::DevicePath;
use super::acts::act;
use super::view::DeviceView;
use crate::http::{Administrator, Json, Problem, Shared};

/// Settings to change; what is not named stays as it is. Those under which a code is guessed more often than once in 10 000
/// are refused.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PolicyChange {
    /// Steps before the expected one that are tried; of a new device 1.
    #[schema(maximum = 31)]
    past: Option<u8>,
    /// Steps after the expected one that are tried; of a new device 1.
    #[schema(maximum = 31)]
    future: Option<u8>,
    /// Counters after the expected one that are tried; of a new device 4.
    #[schema(maximum = 63)]
    look_ahead: Option<u8>,
    /// Consecutive failures that lock (RTS 2018/389 article 4(3)(b)); of a new device 5.
    #[schema(minimum = 1, maximum = 5)]
    max_failures: Option<u8>,
    /// Locks that end by themselves before one does not; of a new device 2.
    #[schema(maximum = 10)]
    temporary_locks: Option<u8>,
    /// Seconds of the first lock; of a new device 60.
    #[schema(minimum = 1, maximum = 86400)]
    first_delay: Option<u32>,
    /// How many times longer each further lock is; of a new device 5.
    #[schema(minimum = 1, maximum = 60)]
    delay_growth: Option<u32>,
    /// Steps that successes may move the window in all, 0 for none; of a new device 10.
    #[schema(maximum = 10)]
    drift_leash: Option<u8>,
    /// Steps or counters that a resynchronisation searches; of a new device 120.
    #[schema(minimum = 1, maximum = 2880)]
    resync_range: Option<u16>,
}

impl PolicyChange {
    /// These settings, changed.
    pub(super) fn over(&self, settings: Settings) -> Result<Settings, PolicyError> {
        let past = self.past.unwrap_or(settings.window.past());
        let future = self.future.unwrap_or(settings.window.future());
        Ok(Settings {
            window: Window::new(past, future)?,
            look_ahead: self.look_ahead.unwrap_or(settings.look_ahead),
            max_failures: self.max_failures.unwrap_or(settings.max_failures),
            temporary_locks: self.temporary_locks.unwrap_or(settings.temporary_locks),
            first_delay: self.first_delay.unwrap_or(settings.first_delay),
            delay_growth: self.delay_growth.unwrap_or(settings.delay_growth),
            drift_leash: self.drift_leash.unwrap_or(settings.drift_leash),
            resync_range: self.resync_range.unwrap_or(settings.resync_range),
            guessing_limit: settings.guessing_limit,
        })
    }
}

/// Changes how much is tolerated of a device. Of changes at once none is lost.
#[utoipa::path(
    post, path = "/v1/devices/{device}/policy", tag = "devices",
    params(DevicePath),
    request_body = PolicyChange,
    responses(
        (status = 200, body = DeviceView, description = "The device as it is now"),
        (status = 409, body = Problem, description = "not-possible: the device is revoked"),
        (status = 422, body = Problem, description = "bad-policy"),
    ),
)]
pub(super) async fn change_device_policy(
    State(app): Shared,
    caller: Administrator,
    DevicePath(id): DevicePath,
    Json(change): Json<PolicyChange>,
) -> Result<axum::Json<DeviceView>, Problem> {
    let over = move |settings| change.over(settings);
    act(&app, &caller, id, |vault, id, act| {
        vault.set_policy(id, over, act)
    })
    .await
}
