//! Times as people read them.

use txotp_core::UnixTime;
pub(crate) use txotp_server::calendar::date;

/// A time such as `2026-11-23T02:24:53Z`; after the year 9999, its seconds since 1970.
pub(crate) fn time(time: UnixTime) -> String {
    let text = txotp_server::calendar::time(time);
    text.unwrap_or_else(|| format!("{} s after 1970", time.seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_year_9999_seconds_are_counted() {
        for (seconds, text) in [
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (253_402_300_800, "253402300800 s after 1970"),
        ] {
            assert_eq!(time(UnixTime::from_seconds(seconds)), text);
        }
    }
}
