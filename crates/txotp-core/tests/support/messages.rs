//! What an error must say, in every crate: a short sentence in lower case, without a full stop; no two the same.

use std::collections::BTreeSet;
use std::fmt::Display;

/// Asserts that each says what is wrong, in words of its own.
pub(crate) fn assert_messages(errors: &[&dyn Display]) {
    let messages: BTreeSet<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(messages.len(), errors.len(), "two say the same");
    for message in messages {
        // The number of a standard begins with a capital.
        let lower = message.starts_with(|first: char| first.is_ascii_lowercase());
        assert!(lower || message.starts_with("RFC "), "{message}");
        let sentence = message.contains(' ') && !message.ends_with('.');
        assert!(sentence, "{message}");
    }
}

/// Asserts that each has the name beside it, and says what is wrong.
pub(crate) fn assert_named<E: Copy + Display>(named: &[(E, &str)], name_of: fn(E) -> &'static str) {
    for (error, name) in named {
        assert_eq!(name_of(*error), *name, "{error}");
    }
    let errors: Vec<&dyn Display> = named
        .iter()
        .map(|(error, _)| error as &dyn Display)
        .collect();
    assert_messages(&errors);
}
