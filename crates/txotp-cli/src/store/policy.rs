//! The settings of a device, as options, as text and as JSON.

use clap::Args;
use serde_json::{Value, json};
use txotp_core::Window;
use txotp_verifier::{PolicyError, Settings};

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PolicyArgs {
    /// Steps before the expected one that are tried [of a new device: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=31))]
    past: Option<u8>,

    /// Steps after the expected one that are tried [of a new device: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=31))]
    future: Option<u8>,

    /// Counters after the expected one that are tried [of a new device: 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=63))]
    look_ahead: Option<u8>,

    /// Consecutive failures that lock [of a new device: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    max_failures: Option<u8>,

    /// Locks that end by themselves before one does not [of a new device: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=10))]
    temporary_locks: Option<u8>,

    /// Seconds of the first lock [of a new device: 60]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    first_delay: Option<u32>,

    /// How many times longer each further lock is [of a new device: 5]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=60))]
    delay_growth: Option<u32>,

    /// Steps that successes may move the window in all, 0 for none [of a new device: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=10))]
    drift_leash: Option<u8>,

    /// Steps or counters that a resynchronisation searches [of a new device: 120]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=2880))]
    resync_range: Option<u16>,
}

impl PolicyArgs {
    /// These settings, changed as the options say.
    pub(crate) fn over(&self, settings: Settings) -> Result<Settings, PolicyError> {
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

/// The settings under the names of their options.
pub(crate) fn rows(settings: &Settings) -> Vec<(&'static str, String)> {
    numbers(settings)
        .map(|(name, number)| (name, number.to_string()))
        .to_vec()
}

pub(crate) fn json(settings: &Settings) -> Value {
    let named = numbers(settings).map(|(name, number)| (name.replace('-', "_"), json!(number)));
    Value::Object(named.into_iter().collect())
}

fn numbers(settings: &Settings) -> [(&'static str, u32); 9] {
    [
        ("past", settings.window.past().into()),
        ("future", settings.window.future().into()),
        ("look-ahead", settings.look_ahead.into()),
        ("max-failures", settings.max_failures.into()),
        ("temporary-locks", settings.temporary_locks.into()),
        ("first-delay", settings.first_delay),
        ("delay-growth", settings.delay_growth),
        ("drift-leash", settings.drift_leash.into()),
        ("resync-range", settings.resync_range.into()),
    ]
}
