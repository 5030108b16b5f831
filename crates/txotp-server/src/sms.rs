//! Codes by SMS, and who sends them.
