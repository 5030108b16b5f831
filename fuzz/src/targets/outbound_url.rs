use std::net::IpAddr;

use txotp_server::fuzzing;
use url::{Host, Url};

/// Any text as a URL that somebody configured. A request goes over TLS, or to where private addresses are
/// allowed; the URL has no user, and an address in it is public; more is not allowed where less is; and where the WHATWG's
/// parser reads the URL too, with a host that both spell alike, scheme, host and port are its.
pub fn outbound_url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let public = fuzzing::outbound_target(&text, false);
    let private = fuzzing::outbound_target(&text, true);
    if let Ok((host, _, is_tls)) = &public {
        assert!(is_tls, "without TLS");
        assert!(
            !host.parse().is_ok_and(is_special),
            "an address that is not public"
        );
        assert_eq!(
            public, private,
            "what is allowed depends on more than the address"
        );
    }
    let Ok((host, port, is_tls)) = private else {
        return;
    };
    let (scheme, rest) = text.split_once("://").expect("a scheme");
    assert!(scheme.eq_ignore_ascii_case(if is_tls { "https" } else { "http" }));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    assert!(!authority.contains('@'), "a user");
    assert!(
        authority.bytes().all(|byte| byte.is_ascii_graphic()),
        "a header of its own"
    );
    assert!(!host.is_empty(), "no host");
    compare(&text, &host, port, is_tls);
}

fn compare(text: &str, host: &str, port: u16, is_tls: bool) {
    let Ok(theirs) = Url::parse(text) else {
        return;
    };
    assert_eq!(theirs.scheme() == "https", is_tls);
    assert_eq!(theirs.port_or_known_default(), Some(port));
    assert!(
        theirs.username().is_empty() && theirs.password().is_none(),
        "a user"
    );
    match theirs.host().expect("a host") {
        // Theirs takes escapes away, and knows what names of other scripts are spelled alike.
        Host::Domain(_) if host.contains('%') || host.to_ascii_lowercase().contains("xn--") => {}
        Host::Domain(name) => assert!(name.eq_ignore_ascii_case(host), "another host"),
        // Ours leaves spellings like 0x7f.1 to the resolver, whose answer is judged.
        Host::Ipv4(address) => {
            assert!(
                host.parse().is_ok_and(|ours: IpAddr| ours == address)
                    || host.parse::<IpAddr>().is_err()
            );
        }
        Host::Ipv6(address) => assert_eq!(host.parse(), Ok(IpAddr::V6(address)), "another address"),
    }
}

/// Addresses that no callback may go to, as far as the standard library knows them.
fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
                || address.is_documentation()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4().is_some()
        }
    }
}
