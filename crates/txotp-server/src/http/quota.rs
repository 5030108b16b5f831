//! How many requests a key or an address may make.

use core::hash::BuildHasher as _;
use core::net::{IpAddr, Ipv6Addr};
use core::num::NonZeroU32;
use std::collections::{HashMap, HashSet};
use std::hash::RandomState;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

/// Buckets for keys, and for addresses that showed no good key. They are of one process: several processes together allow as many
/// times more.
#[derive(Debug)]
pub(crate) struct Quotas {
    keys: Option<DefaultKeyedRateLimiter<String>>,
    addresses: Option<Addresses>,
}

impl Quotas {
    pub(crate) fn new(limits: &Limits) -> Self {
        let quota = |rate| NonZeroU32::new(rate).map(Quota::per_second);
        Self::of(quota(limits.per_key), quota(limits.per_address))
    }

    fn of(keys: Option<Quota>, addresses: Option<Quota>) -> Self {
        Self {
            keys: keys.map(RateLimiter::keyed),
            addresses: addresses.map(Addresses::new),
        }
    }

    /// Of addresses alone: an hour is long enough for a test, and is none of the settings.
    #[cfg(test)]
    pub(crate) fn one_refusal_an_hour() -> Self {
        Self::of(None, Some(Quota::per_hour(NonZeroU32::MIN)))
    }

    /// Whether a key may make one more request now.
    pub(crate) fn allows_key(&self, id: &str) -> bool {
        let keys = self.keys.as_ref();
        keys.is_none_or(|keys| keys.check_key(&id.to_owned()).is_ok())
    }

    /// Whether the store may be asked what a key is that an address shows: not where the address was told too often that its keys
    /// are none. A key that was good before may be asked for all the same, so that nobody is shut out by who shares his address.
    pub(crate) fn allows_showing(&self, key: Option<&str>, address: IpAddr) -> bool {
        let addresses = self.addresses.as_ref();
        addresses
            .is_none_or(|addresses| addresses.is_open(network(address)) || addresses.knows(key))
    }

    /// Whether an address may be told once more that its key is none.
    pub(crate) fn allows_refusing(&self, key: Option<&str>, address: IpAddr) -> bool {
        let addresses = self.addresses.as_ref();
        addresses.is_none_or(|addresses| {
            addresses.forget_key(key);
            addresses.count(network(address))
        })
    }

    /// Remembers that a key is good.
    pub(crate) fn is_good(&self, key: &str) {
        if let Some(addresses) = &self.addresses {
            addresses.remember(key);
        }
    }

    /// Forgets the buckets that are full again.
    pub(crate) fn forget(&self) {
        if let Some(keys) = &self.keys {
            keys.retain_recent();
        }
        if let Some(addresses) = &self.addresses {
            addresses.forget();
        }
    }
}

/// Addresses, and what was seen of their keys.
#[derive(Debug)]
struct Addresses {
    /// What each was told that its key is none.
    refusals: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    /// Those that were told too often, until when.
    shut: Mutex<HashMap<IpAddr, Instant>>,
    /// Marks of the keys that were good when they were last shown: as many at most as there are keys. Each is still judged each time.
    known: Mutex<HashSet<u64>>,
    marks: RandomState,
}

impl Addresses {
    fn new(quota: Quota) -> Self {
        Self {
            refusals: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            shut: Mutex::default(),
            known: Mutex::default(),
            marks: RandomState::new(),
        }
    }

    fn is_open(&self, address: IpAddr) -> bool {
        let shut = locked(&self.shut);
        shut.get(&address)
            .is_none_or(|until| *until <= Instant::now())
    }

    /// Counts a refusal, and says whether it is within the quota.
    fn count(&self, address: IpAddr) -> bool {
        let Err(over) = self.refusals.check_key(&address) else {
            return true;
        };
        let wait = over.wait_time_from(self.clock.now());
        if let Some(until) = Instant::now().checked_add(wait) {
            locked(&self.shut).insert(address, until);
        }
        false
    }

    fn knows(&self, key: Option<&str>) -> bool {
        key.is_some_and(|key| locked(&self.known).contains(&self.marks.hash_one(key)))
    }

    fn remember(&self, key: &str) {
        locked(&self.known).insert(self.marks.hash_one(key));
    }

    fn forget_key(&self, key: Option<&str>) {
        if let Some(key) = key {
            locked(&self.known).remove(&self.marks.hash_one(key));
        }
    }

    fn forget(&self) {
        self.refusals.retain_recent();
        let now = Instant::now();
        locked(&self.shut).retain(|_, until| *until > now);
    }
}

/// What a mutex holds: nobody who held it left it half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One customer has a whole network of 64 bits in IPv6 (RFC 6177), and one address in IPv4.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour for what the settings have a second for: nothing is allowed anew while a test is held up.
    fn quotas(burst: u32) -> Quotas {
        let quota = NonZeroU32::new(burst).map(Quota::per_hour);
        Quotas::of(quota, quota)
    }

    #[test]
    fn each_key_has_its_own_burst() {
        let quotas = quotas(3);
        let allowed = |key: &str| (0..10).filter(|_| quotas.allows_key(key)).count();
        assert_eq!((allowed("a"), allowed("b")), (3, 3));
    }

    #[test]
    fn a_network_of_64_bits_is_one_customer() {
        let quotas = quotas(1);
        let allows = |text: &str| quotas.allows_refusing(None, text.parse().unwrap());
        assert!(allows("2001:db8::1"));
        assert!(!allows("2001:db8::2"));
        assert!(allows("2001:db8:0:1::1"));
        assert!(allows("192.0.2.1"));
        assert!(!allows("::ffff:192.0.2.1"));
        assert!(allows("192.0.2.2"));
    }

    #[test]
    fn an_address_over_its_quota_shows_no_key_but_one_that_was_good() {
        let quotas = Quotas::one_refusal_an_hour();
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let here = address("192.0.2.1");
        let shows = |key| quotas.allows_showing(key, here);
        quotas.is_good("good");
        assert!(quotas.allows_refusing(Some("bad"), here));
        assert!(shows(Some("bad")) && shows(None), "within the quota");
        assert!(!quotas.allows_refusing(Some("bad"), here));
        assert!(!shows(Some("bad")) && !shows(None));
        assert!(shows(Some("good")));
        assert!(quotas.allows_showing(Some("bad"), address("192.0.2.2")));
        // A key that is no longer good is one like any other.
        quotas.allows_refusing(Some("good"), here);
        assert!(!shows(Some("good")));
    }

    #[test]
    fn nothing_is_no_limit() {
        let quotas = Quotas::new(&Limits {
            per_key: 0,
            per_address: 0,
            ..Limits::default()
        });
        let here = "192.0.2.1".parse().unwrap();
        assert!((0..100).all(|_| quotas.allows_key("a")));
        assert!((0..100).all(|_| quotas.allows_refusing(None, here)));
        assert!(quotas.allows_showing(None, here));
    }
}
