use std::collections::HashMap;

use txotp_uri::key_uri::{Factor, KeyUri, KeyUriErrorKind};
use txotp_uri::{Limit, OwnedTransaction};

use super::base32::reference;

/// Any bytes as an `otpauth://` string. An error points into the input; what is read is what `form_urlencoded` and
/// `data-encoding` find in the query; and it is written to be read as the same again.
pub fn key_uri(data: &[u8]) {
    let mut buffer = vec![0; data.len()];
    let read = match KeyUri::read(data, Limit::MAX, &mut buffer) {
        Ok(read) => read,
        Err(error) => {
            assert!(
                error.offset() <= data.len(),
                "an offset outside of the input"
            );
            return assert_ne!(
                error.kind(),
                KeyUriErrorKind::BufferTooSmall,
                "the input's length suffices"
            );
        }
    };
    assert!(
        OwnedTransaction::read(data, Limit::MAX).is_err(),
        "a string of both kinds"
    );
    compare(data, &read);

    let written = read.reveal();
    assert_eq!(written.len(), read.written_len());
    assert!(
        written.bytes().all(|byte| byte.is_ascii_graphic()),
        "a URI is printable ASCII"
    );
    if written.len() <= Limit::MAX.get() {
        let mut buffer = vec![0; written.len()];
        let again = KeyUri::read(written.as_bytes(), Limit::MAX, &mut buffer)
            .expect("what was written is read");
        assert_eq!(
            fields(&again),
            fields(&read),
            "what was written is read as something else"
        );
        assert_eq!(again.reveal(), written, "a URI has one written form");
    }
}

type Fields<'a> = (Option<&'a str>, &'a str, &'a [u8], &'static str, u8, Factor);

fn fields<'a>(uri: &'a KeyUri<'a>) -> Fields<'a> {
    let seed = uri.seed().reveal();
    (
        uri.issuer(),
        uri.account(),
        seed,
        uri.algorithm().name(),
        uri.digits().get(),
        uri.factor(),
    )
}

/// The query by other means. Repeated parameters are refused, so a map holds them all.
fn compare(data: &[u8], read: &KeyUri<'_>) {
    let query = data
        .splitn(2, |byte| *byte == b'?')
        .nth(1)
        .unwrap_or_default();
    let given: HashMap<_, _> = form_urlencoded::parse(query).collect();
    let get = |name: &str| given.get(name).map(|value| value.as_ref());
    let secret = get("secret")
        .and_then(reference)
        .expect("a secret in Base32");
    assert!(secret == read.seed().reveal(), "the seed");
    assert!(
        read.algorithm()
            .name()
            .eq_ignore_ascii_case(get("algorithm").unwrap_or("SHA1"))
    );
    assert_eq!(
        read.digits().get().to_string(),
        get("digits").unwrap_or("6")
    );
    match read.factor() {
        Factor::Time(period) => {
            assert_eq!(period.seconds().to_string(), get("period").unwrap_or("30"))
        }
        Factor::Counter(counter) => assert_eq!(Some(counter.to_string().as_str()), get("counter")),
    }
    if let Some(issuer) = get("issuer").filter(|issuer| !issuer.is_empty()) {
        assert_eq!(read.issuer(), Some(issuer));
    }
}
