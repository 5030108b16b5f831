//! Dynamic truncation (RFC 4226 section 5.3), written down a second time for auditors.
//!
//! The core's own takes the same time whatever the offset. This one is the RFC's text in plain code:
//! `explain` shows it, and compares it with what the core made.

/// What truncation takes out of a MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Truncation {
    /// The low four bits of the last byte.
    pub(crate) offset: u8,
    /// The four bytes from there.
    pub(crate) bytes: [u8; 4],
    /// Their value without the top bit.
    pub(crate) value: u32,
}

impl Truncation {
    /// Truncates a MAC; nothing can be taken from one of fewer than 19 bytes.
    pub(crate) fn of(mac: &[u8]) -> Option<Self> {
        let offset = mac.last()? & 0x0f;
        let bytes = *mac.get(usize::from(offset)..)?.first_chunk()?;
        Some(Self {
            offset,
            bytes,
            value: u32::from_be_bytes(bytes) & 0x7fff_ffff,
        })
    }

    /// The last digits of the value, zeros before them.
    pub(crate) fn code(&self, digits: u8) -> String {
        let codes = 10u64.saturating_pow(u32::from(digits));
        let last = u64::from(self.value).checked_rem(codes).unwrap_or_default();
        format!("{last:0width$}", width = usize::from(digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4226_section_5_4() {
        let mac = crate::hex::decode("1f8698690e02ca16618550ef7f19da8e945b555a").unwrap();
        let truncation = Truncation::of(&mac).unwrap();
        assert_eq!(truncation.offset, 10);
        assert_eq!(truncation.bytes, [0x50, 0xef, 0x7f, 0x19]);
        assert_eq!(truncation.value, 0x50ef_7f19);
        assert_eq!(truncation.code(6), "872921");
        assert_eq!(Truncation::of(&[]), None);
        assert_eq!(Truncation::of(&[0x0f; 18]), None);
    }
}
