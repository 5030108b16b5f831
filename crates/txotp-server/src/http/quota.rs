//! How many requests a key or an address may make.

use core::net::{IpAddr, Ipv6Addr};
use core::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

/// Buckets for keys, and for addresses that showed no good key. They are of one process: several processes together allow as many
/// times more.
#[derive(Debug)]
pub(crate) struct Quotas {
    keys: Option<DefaultKeyedRateLimiter<String>>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Quotas {
    pub(crate) fn new(limits: &Limits) -> Self {
        let quota = |rate| NonZeroU32::new(rate).map(Quota::per_second);
        Self {
            keys: quota(limits.per_key).map(RateLimiter::keyed),
            addresses: quota(limits.per_address).map(RateLimiter::keyed),
        }
    }

    /// Whether a key may make one more request now.
    pub(crate) fn allows_key(&self, id: &str) -> bool {
        let keys = self.keys.as_ref();
        keys.is_none_or(|keys| keys.check_key(&id.to_owned()).is_ok())
    }

    /// Whether an address may be told once more that its key is none.
    pub(crate) fn allows_address(&self, address: IpAddr) -> bool {
        let addresses = self.addresses.as_ref();
        addresses.is_none_or(|addresses| addresses.check_key(&network(address)).is_ok())
    }

    /// Forgets the buckets that are full again.
    pub(crate) fn forget(&self) {
        if let Some(keys) = &self.keys {
            keys.retain_recent();
        }
        if let Some(addresses) = &self.addresses {
            addresses.retain_recent();
        }
    }
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

    fn quotas(rate: u32) -> Quotas {
        Quotas::new(&Limits {
            per_key: rate,
            per_address: rate,
            ..Limits::default()
        })
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
        let allows = |text: &str| quotas.allows_address(text.parse().unwrap());
        assert!(allows("2001:db8::1"));
        assert!(!allows("2001:db8::2"));
        assert!(allows("2001:db8:0:1::1"));
        assert!(allows("192.0.2.1"));
        assert!(!allows("::ffff:192.0.2.1"));
        assert!(allows("192.0.2.2"));
    }

    #[test]
    fn nothing_is_no_limit() {
        let quotas = quotas(0);
        assert!((0..100).all(|_| quotas.allows_key("a")));
    }
}
