//! The parts of a transaction out of the fuzzer's bytes: sections separated by 0x1E, and within them texts by 0x1F.

use std::collections::HashMap;

use txotp_core::TextProfile;
use txotp_uri::OwnedTransaction;

const SECTION: char = '\u{1e}';
const TEXT: char = '\u{1f}';

/// What a caller could hand over: it need not be a transaction.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The message.
    pub message: String,
    /// Keys and values of the details.
    pub details: Vec<(String, String)>,
    /// Keys and values of the hidden details.
    pub hidden_details: Vec<(String, String)>,
}

impl Parts {
    /// Message, details, hidden details; keys and values take turns.
    #[must_use]
    pub fn of(data: &[u8]) -> Self {
        let text = String::from_utf8_lossy(data);
        let mut sections = text.splitn(3, SECTION);
        Self {
            message: sections.next().unwrap_or_default().into(),
            details: pairs(sections.next()),
            hidden_details: pairs(sections.next()),
        }
    }

    /// The transaction that ours makes of them. That there is one is checked against the rules of S2.
    #[must_use]
    pub fn transaction(&self) -> Option<OwnedTransaction> {
        let made = OwnedTransaction::from_parts(
            &self.message,
            self.details.clone(),
            self.hidden_details.clone(),
        );
        assert_eq!(
            made.is_ok(),
            self.is_allowed(),
            "which parts make a transaction"
        );
        made.ok()
    }

    /// The same pairs in the opposite order.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.details.reverse();
        self.hidden_details.reverse();
        self
    }

    /// S2.10: what equality sees.
    #[must_use]
    pub fn model(&self) -> (&str, HashMap<&str, &str>, HashMap<&str, &str>) {
        (&self.message, map(&self.details), map(&self.hidden_details))
    }

    /// S2.2, S2.3, S2.5, S2.6, S2.8, S2.9.
    fn is_allowed(&self) -> bool {
        let is_text = |text: &str| {
            (1..=2953).contains(&text.len())
                && text.chars().all(|c| TextProfile::Standard.allows(c))
        };
        let sections = [&self.details, &self.hidden_details];
        let pairs_are_text = |(key, value): &(String, String)| {
            is_text(key) && !key.contains(['[', ']']) && is_text(value)
        };
        is_text(&self.message)
            && sections
                .iter()
                .all(|pairs| pairs.iter().all(pairs_are_text))
            && sections.iter().all(|pairs| {
                pairs
                    .iter()
                    .all(|(key, value)| map(pairs)[key.as_str()] == value)
            })
            && sections.iter().map(|pairs| map(pairs).len()).sum::<usize>() <= 32
    }
}

fn map(pairs: &[(String, String)]) -> HashMap<&str, &str> {
    pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

fn pairs(section: Option<&str>) -> Vec<(String, String)> {
    let texts: Vec<&str> = section
        .filter(|section| !section.is_empty())
        .map_or_else(Vec::new, |s| s.split(TEXT).collect());
    texts
        .chunks(2)
        .map(|pair| {
            (
                pair[0].into(),
                pair.get(1).copied().unwrap_or_default().into(),
            )
        })
        .collect()
}
