use data_encoding::BASE32_NOPAD;
use txotp_core::Seed;
use txotp_uri::base32 as ours;

/// Any text as a seed in Base32, and any bytes as a seed: read exactly where `data-encoding` reads 16 to 64 bytes, as
/// the same bytes, and written as it writes.
pub fn base32(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        match (ours::decode(text), reference(text)) {
            (Ok(seed), Some(bytes)) => assert!(seed.reveal() == bytes, "the seed of a text"),
            (Err(_), None) => {}
            (ours, _) => panic!("seed: {}, unlike the reference", ours.is_ok()),
        }
    }
    let Ok(seed) = Seed::from_bytes(data) else {
        return;
    };
    let mut buffer = [0; ours::MAX_LEN];
    let text = ours::encode(&seed, &mut buffer);
    assert!(text == BASE32_NOPAD.encode(data), "the text of a seed");
    let padded = text.to_ascii_lowercase() + "======";
    let back =
        ours::decode(&padded).expect("what was written is read, in lower case and padded too");
    assert!(
        back.reveal() == data,
        "what was written is read as something else"
    );
}

/// The seed of a text: padding at the end and the case of letters aside, RFC 4648 to the last bit.
pub(super) fn reference(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=').to_ascii_uppercase();
    let bytes = BASE32_NOPAD.decode(letters.as_bytes()).ok()?;
    (16..=64).contains(&bytes.len()).then_some(bytes)
}
