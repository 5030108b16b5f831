//! What checks have found, for the eyes and as JSON.

use serde_json::{Value, json};
use txotp_core::TextProfile;
use txotp_store::{AuditReport, CheckReport, Damage, Finding};

use crate::output::{BAD, GOOD};

/// What is wrong with each damaged record.
const RECORD: Damage = Damage::Record;

/// What a check of the evidence found, in one line and a line for each finding.
pub(crate) fn audit_text(report: &AuditReport) -> String {
    let what = format!(
        "evidence: {}, {}, {}, {}",
        count(report.entries, "entry", "entries"),
        count(report.books, "book", "books"),
        count(report.checkpoints, "checkpoint", "checkpoints"),
        count(report.devices, "device", "devices"),
    );
    let findings = report.findings.iter().map(ToString::to_string).collect();
    section(&what, findings, report.more_findings)
}

pub(crate) fn audit_json(report: &AuditReport) -> Value {
    json!({
        "ok": report.is_clean(),
        "entries": report.entries,
        "books": report.books,
        "checkpoints": report.checkpoints,
        "devices": report.devices,
        "with_keys": report.with_keys,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "more_findings": report.more_findings,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "fault": finding.fault.name(),
        "book": finding.book,
        "device": finding.device,
        "number": finding.number,
        "text": finding.to_string(),
    })
}

/// What a check of a store found.
pub(crate) fn check_text(report: &CheckReport) -> String {
    let what = format!(
        "rows: {}, {}",
        count(report.devices, "device", "devices"),
        count(report.records, "record", "records"),
    );
    let devices = report.damaged.iter();
    let devices = devices.map(|(device, error)| format!("device {device}: {error}"));
    let records = report.damaged_records.iter();
    let records = records.map(|(kind, key)| format!("record {kind} {key}: {RECORD}"));
    section(
        &what,
        devices.chain(records).collect(),
        report
            .more_damaged
            .saturating_add(report.more_damaged_records),
    ) + &audit_text(&report.audit)
}

pub(crate) fn check_json(report: &CheckReport) -> Value {
    let damaged = report.damaged.iter().map(|(device, error)| {
        json!({ "device": device, "reason": error.name(), "text": error.to_string() })
    });
    let records = report.damaged_records.iter();
    let records = records.map(|(kind, key)| json!({ "kind": kind, "key": key }));
    json!({
        "ok": report.is_clean(),
        "devices": report.devices,
        "damaged": damaged.collect::<Vec<_>>(),
        "more_damaged": report.more_damaged,
        "records": report.records,
        "damaged_records": records.collect::<Vec<_>>(),
        "more_damaged_records": report.more_damaged_records,
        "audit": audit_json(&report.audit),
    })
}

fn section(what: &str, wrong: Vec<String>, more: u64) -> String {
    if wrong.is_empty() {
        return format!("{GOOD}✓{GOOD:#} {what}\n");
    }
    let mut text = format!("{BAD}✗{BAD:#} {what}\n");
    for line in wrong {
        text += &format!("    {}\n", visible(&line));
    }
    if more > 0 {
        text += &format!("    and {more} more\n");
    }
    text
}

fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A text of unknown origin, without what could deceive or drive a terminal.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for letter in text.chars() {
        let mut bytes = [0; 4];
        let letter_text = letter.encode_utf8(&mut bytes);
        if TextProfile::Standard.first_forbidden(letter_text).is_some() {
            visible.extend(letter.escape_unicode());
        } else {
            visible.push(letter);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_drive_a_terminal_is_escaped() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
        assert_eq!(
            visible("book 3f, entry 1: moved"),
            "book 3f, entry 1: moved"
        );
    }
}
