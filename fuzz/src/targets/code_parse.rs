use txotp_core::{Code, CodeLength, ConstantTimeEq, Digits};

use crate::source::Source;

/// A length and two lines as codes: a code is exactly as many ASCII digits, leading zeros kept, and two codes are
/// equal exactly where their digits are.
pub fn code_parse(data: &[u8]) {
    let mut source = Source::new(data);
    let count = source.byte();
    let length = CodeLength::new(count);
    assert_eq!(
        length.is_some(),
        (4..=10).contains(&count),
        "which lengths OCRA has"
    );
    assert_eq!(
        Digits::new(count).is_some(),
        (6..=8).contains(&count),
        "which lengths transaction codes have"
    );
    let Some(length) = length else { return };
    let (Ok(first), Ok(second)) = (
        std::str::from_utf8(source.line()),
        std::str::from_utf8(source.rest()),
    ) else {
        return;
    };
    let codes = [first, second].map(|text| checked(text, length));
    if let [Some(a), Some(b)] = codes {
        assert_eq!(bool::from(a.ct_eq(&b)), first == second, "equal codes");
    }
}

fn checked(text: &str, length: CodeLength) -> Option<Code> {
    let is_code =
        text.len() == usize::from(length.get()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let code = Code::parse(text, length).ok();
    assert_eq!(code.is_some(), is_code, "which texts are codes");
    let code = code?;
    assert!(
        code.reveal() == text && code.length() == length,
        "a code as it was typed"
    );
    assert!(!format!("{code:?}").contains(text), "a code in a log");
    Some(code)
}
