//! Bytes as hexadecimal digits.

/// Lower-case digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of an even number of digits of either case, and of nothing else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    // Room for all of it, so that growing leaves no copy of a seed behind.
    let mut bytes = Vec::with_capacity(text.len());
    let mut digits = text.chars().map(|digit| digit.to_digit(16));
    while let Some(high) = digits.next() {
        let byte = high? << 4 | digits.next()??;
        bytes.push(u8::try_from(byte).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_either_case_are_bytes_and_nothing_else_is() {
        assert_eq!(decode("00fFA1"), Some(vec![0, 255, 161]));
        assert_eq!(encode(&[0, 255, 161]), "00ffa1");
        for text in ["0", "0g", "0x", " 00", "+1", "é0"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
