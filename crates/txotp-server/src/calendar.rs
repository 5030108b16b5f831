//! Times as people read them: RFC 3339, in UTC.

use txotp_core::UnixTime;

/// The last year with four digits.
const LAST_YEAR: u64 = 9999;

const DAY: u64 = 86_400;

/// A time such as `2026-11-23T02:24:53Z`; nothing after the year 9999.
///
/// ```
/// use txotp_core::UnixTime;
/// use txotp_server::calendar;
///
/// let time = calendar::time(UnixTime::from_seconds(1_700_000_000));
/// assert_eq!(time.as_deref(), Some("2023-11-14T22:13:20Z"));
/// ```
#[must_use]
pub fn time(time: UnixTime) -> Option<String> {
    let date = date(time)?;
    let seconds = time.seconds();
    let (hour, minute, second) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// A day such as `2026-11-23`; nothing after the year 9999.
#[must_use]
pub fn date(time: UnixTime) -> Option<String> {
    let mut days = time.seconds() / DAY;
    for year in 1970..=LAST_YEAR {
        for (month, length) in (1..).zip(months(year)) {
            match days.checked_sub(length) {
                Some(rest) => days = rest,
                None => {
                    let day = days.saturating_add(1);
                    return Some(format!("{year}-{month:02}-{day:02}"));
                }
            }
        }
    }
    None
}

/// The days of each month of a year.
fn months(year: u64) -> [u64; 12] {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let february = if leap { 29 } else { 28 };
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for (seconds, text) in [
            (0, Some("1970-01-01T00:00:00Z")),
            (951_782_399, Some("2000-02-28T23:59:59Z")),
            (951_782_400, Some("2000-02-29T00:00:00Z")),
            (951_868_799, Some("2000-02-29T23:59:59Z")),
            (951_868_800, Some("2000-03-01T00:00:00Z")),
            (1_700_000_000, Some("2023-11-14T22:13:20Z")),
            (4_107_542_400, Some("2100-03-01T00:00:00Z")),
            (253_402_300_799, Some("9999-12-31T23:59:59Z")),
            (253_402_300_800, None),
            (u64::MAX, None),
        ] {
            let time = time(UnixTime::from_seconds(seconds));
            assert_eq!(time.as_deref(), text);
        }
    }
}
