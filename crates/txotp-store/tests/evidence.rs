//! Evidence: every edit, removal, insertion and reordering is found, and it is said where; in an export without keys as
//! far as chains go, and in the store with its keys.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod support;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Arc, mpsc};

use rusqlite::Connection;
use support::bank::{
    Place, act_at, after, device, enrol, right, transaction, unwatched, user, wrong,
};
use txotp_store::{AuditReport, CheckReport, Earlier, Entry, Fault, Finding, Vault, Verifier};

/// Evidence of some forty entries in five books, each closed with a checkpoint.
fn busy_place() -> Place {
    let place = Place::sqlite();
    drop(place.create());
    for session in 0..4 {
        let vault = place.open();
        enrol(&vault, &format!("phone {session}"), "alice");
        for number in 0..3 {
            work(&vault, session, number);
        }
    }
    place
}

/// Three entries of a device: a wrong code, a right one, and it once more.
fn work(vault: &Vault, session: u64, number: u64) {
    let name = format!("phone {session}");
    let now = after(30 * number);
    let codes = [
        wrong(&name, number, now),
        right(&name, number, now),
        right(&name, number, now),
    ];
    for code in codes {
        let answer = vault.verify(device(&name), transaction(number), &code, act_at(now));
        answer.wait().unwrap();
    }
}

fn export(vault: &Vault) -> Vec<String> {
    let (sender, lines) = mpsc::channel();
    let sink = move |line: &str| {
        sender.send(line.to_owned()).unwrap();
        ControlFlow::Continue(())
    };
    vault.audit_export(sink, unwatched()).wait().unwrap();
    lines.into_iter().collect()
}

fn busy_export() -> Vec<String> {
    let lines = export(&busy_place().open());
    assert_eq!(read(&lines).findings, []);
    assert!(lines.len() > 40);
    lines
}

fn read(lines: &[String]) -> AuditReport {
    let mut verifier = Verifier::new();
    lines.iter().for_each(|line| verifier.line(line));
    verifier.finish()
}

fn is_checkpoint(line: &str) -> bool {
    line.starts_with(r#"{"v":1,"checkpoint""#)
}

/// The entry of a line; nothing of a checkpoint's.
fn entry(line: &str) -> Option<Entry> {
    serde_json::from_str(line).ok()
}

/// The places of the entries, and the entries.
fn entries(lines: &[String]) -> Vec<(usize, Entry)> {
    let numbered = lines.iter().enumerate();
    numbered
        .filter_map(|(place, line)| Some((place, entry(line)?)))
        .collect()
}

fn is_last_of_its_book(lines: &[String], entry: &Entry) -> bool {
    let follows =
        |(_, other): &(usize, Entry)| other.book == entry.book && other.number > entry.number;
    !entries(lines).iter().any(follows)
}

fn in_book(fault: Fault, entry: &Entry) -> impl Fn(&Finding) -> bool {
    let (book, number) = (entry.book.clone(), entry.number);
    move |finding| {
        finding.fault == fault && finding.book.as_ref() == Some(&book) && finding.number == number
    }
}

#[test]
fn each_byte_of_an_entry_that_is_edited_is_found_there() {
    let lines = busy_export();
    for (place, entry) in entries(&lines) {
        // Every byte of some lines, and some bytes of every line.
        let stride = if place % 16 == 0 { 1 } else { 23 };
        for byte in (0..lines[place].len()).step_by(stride) {
            let mut edited = lines.clone();
            let mut bytes = edited[place].clone().into_bytes();
            bytes[byte] = if bytes[byte] == b'0' { b'1' } else { b'0' };
            edited[place] = String::from_utf8(bytes).unwrap();
            let report = read(&edited);
            let is_there = in_book(Fault::Altered, &entry);
            // An edit of what says where a line belongs shows as its absence there.
            let is_gone = |finding: &Finding| {
                [Fault::Missing, Fault::Cut]
                    .iter()
                    .any(|fault| in_book(*fault, &entry)(finding))
            };
            let mut before = entry.clone();
            before.number = (entry.number - 1).max(1);
            let is_chain = in_book(Fault::Altered, &before);
            let found = |is: &dyn Fn(&Finding) -> bool| report.findings.iter().any(is);
            assert!(
                found(&is_there) || found(&is_gone) || found(&is_chain),
                "line {place}, byte {byte}: {report:?}"
            );
        }
    }
}

#[test]
fn an_edited_verdict_is_found_there_and_nowhere_else() {
    let lines = busy_export();
    let mut edits = 0;
    for (place, entry) in entries(&lines) {
        let mut edited = lines.clone();
        edited[place] = lines[place].replace("\"accepted\"", "\"refused\"");
        if edited[place] != lines[place] {
            edits += 1;
            let report = read(&edited);
            assert!(!report.findings.is_empty());
            assert!(
                report.findings.iter().all(in_book(Fault::Altered, &entry)),
                "{report:?}"
            );
        }
    }
    assert_eq!(edits, 12);
}

/// A form that this release does not know says nothing to it, in a chain that fits as well.
#[test]
fn a_line_of_another_form_is_none() {
    let lines = busy_export();
    let last = lines.len() - 1;
    for (place, from) in [(last, r#"{"v":1,"book""#), (0, r#"{"v":1,"checkpoint""#)] {
        let mut other = lines.clone();
        other[place] = lines[place].replace(from, &from.replace('1', "2"));
        assert_ne!(other, lines);
        let number = u64::try_from(place + 1).unwrap();
        let is_there = |found: &Finding| found.fault == Fault::Unreadable && found.number == number;
        assert!(read(&other).findings.iter().any(is_there), "{place}");
    }
}

#[test]
fn an_export_without_any_checkpoint_is_not_whole() {
    let mut lines = busy_export();
    lines.retain(|line| !is_checkpoint(line));
    let found: Vec<_> = read(&lines)
        .findings
        .iter()
        .map(|found| (found.fault, found.number))
        .collect();
    assert_eq!(found, [(Fault::CheckpointsCut, 0)]);
    assert_eq!(read(&[]).findings, []);
}

#[test]
fn an_edited_checkpoint_is_found_by_the_next_one() {
    let lines = busy_export();
    let count = lines.iter().filter(|line| is_checkpoint(line)).count();
    for place in 0..count - 1 {
        for byte in (0..lines[place].len()).step_by(7) {
            let mut edited = lines.clone();
            let mut bytes = edited[place].clone().into_bytes();
            bytes[byte] = if bytes[byte] == b'0' { b'1' } else { b'0' };
            edited[place] = String::from_utf8(bytes).unwrap();
            assert_ne!(read(&edited).findings, [], "line {place}, byte {byte}");
        }
    }
}

#[test]
fn each_line_that_is_removed_is_found_there() {
    let lines = busy_export();
    let last_checkpoint = lines.iter().filter(|line| is_checkpoint(line)).count() - 1;
    for place in 0..lines.len() {
        let mut cut = lines.clone();
        cut.remove(place);
        let report = read(&cut);
        if let Some(entry) = entry(&lines[place]) {
            let fault = if is_last_of_its_book(&lines, &entry) {
                Fault::Cut
            } else {
                Fault::Missing
            };
            assert!(
                report.findings.iter().any(in_book(fault, &entry)),
                "line {place}: {report:?}"
            );
            let elsewhere = |finding: &&Finding| {
                finding
                    .book
                    .as_ref()
                    .is_some_and(|book| *book != entry.book)
            };
            assert_eq!(report.findings.iter().find(elsewhere), None);
        } else if place < last_checkpoint {
            let next = u64::try_from(place).unwrap() + 2;
            let faults: Vec<_> = report
                .findings
                .iter()
                .map(|found| (found.fault, found.number))
                .collect();
            assert_eq!(faults, [(Fault::CheckpointMisplaced, next)]);
        }
    }
}

#[test]
fn an_end_that_is_cut_off_is_found() {
    let lines = busy_export();
    for kept in 1..lines.len() {
        let report = read(&lines[..kept]);
        let is_cut = |finding: &Finding| finding.fault == Fault::Cut;
        assert!(
            report.findings.iter().any(is_cut),
            "{kept} lines: {report:?}"
        );
        // In the midst of a line too.
        let mut cut = lines[..=kept].to_vec();
        let half = cut[kept].len() / 2;
        cut[kept].truncate(half);
        let is_unreadable = |finding: &Finding| {
            finding.fault == Fault::Unreadable && finding.number == u64::try_from(kept).unwrap() + 1
        };
        let report = read(&cut);
        assert!(
            report.findings.iter().any(is_unreadable),
            "{kept} lines: {report:?}"
        );
    }
}

#[test]
fn each_line_that_is_repeated_anywhere_later_is_found() {
    let lines = busy_export();
    for (place, entry) in entries(&lines) {
        for to in (place + 1..=lines.len()).step_by(5) {
            let mut longer = lines.clone();
            longer.insert(to, lines[place].clone());
            let report = read(&longer);
            assert!(
                report
                    .findings
                    .iter()
                    .any(in_book(Fault::Misplaced, &entry)),
                "{place} at {to}: {report:?}"
            );
            // Its neighbours are not accused.
            assert!(
                report.findings.iter().all(|finding| {
                    finding.book.is_none() || in_book(Fault::Misplaced, &entry)(finding)
                }),
                "{place} at {to}: {report:?}"
            );
        }
    }
}

#[test]
fn an_entry_that_is_made_up_is_found() {
    let lines = busy_export();
    for (place, entry) in entries(&lines) {
        // One that takes the place of a line before it, in its words.
        let forged = lines[place].replace("\"actor\":\"test\"", "\"actor\":\"thief\"");
        assert_ne!(forged, lines[place]);
        let mut longer = lines.clone();
        longer.insert(place, forged);
        let report = read(&longer);
        assert!(
            report
                .findings
                .iter()
                .any(in_book(Fault::Misplaced, &entry)),
            "{place}: {report:?}"
        );
        assert!(
            report.findings.iter().any(in_book(Fault::Altered, &entry)),
            "{place}: {report:?}"
        );
    }
}

#[test]
fn two_lines_that_change_places_are_found() {
    let lines = busy_export();
    let entries = entries(&lines);
    for (one, first) in &entries {
        for (other, second) in entries.iter().filter(|(other, _)| other > one) {
            let mut mixed = lines.clone();
            mixed.swap(*one, *other);
            let report = read(&mixed);
            if first.book == second.book {
                assert!(
                    report.findings.iter().any(in_book(Fault::Missing, first)),
                    "{one}, {other}: {report:?}"
                );
                assert!(
                    report.findings.iter().any(in_book(Fault::Misplaced, first)),
                    "{one}, {other}: {report:?}"
                );
            }
        }
    }
}

#[test]
fn a_checkpoint_that_is_moved_is_found_whether_among_checkpoints_or_behind_entries() {
    let lines = busy_export();
    let count = lines.iter().filter(|line| is_checkpoint(line)).count();
    for place in 0..count {
        for to in (0..lines.len()).filter(|to| *to != place) {
            let mut moved = lines.clone();
            let line = moved.remove(place);
            moved.insert(to, line);
            let is_misplaced = |finding: &Finding| finding.fault == Fault::CheckpointMisplaced;
            assert!(
                read(&moved).findings.iter().any(is_misplaced),
                "{place} to {to}"
            );
        }
    }
}

#[test]
fn a_device_that_is_removed_whole_is_found() {
    let lines = busy_export();
    for session in 0..4 {
        let name = Some(format!("phone {session}"));
        let mut without = lines.clone();
        without.retain(|line| entry(line).is_none_or(|entry| entry.device != name));
        let report = read(&without);
        let is_hole = |finding: &Finding| matches!(finding.fault, Fault::Missing | Fault::Cut);
        assert!(report.findings.iter().any(is_hole), "{report:?}");
    }
}

/// Changes the file of a store, past everything that guards it, and checks the store.
fn tampered(place: &Place, sql: &str) -> CheckReport {
    let connection = Connection::open(place.file()).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    place.open().check(unwatched()).wait().unwrap()
}

fn faults(report: &CheckReport) -> Vec<Fault> {
    let mut faults: Vec<_> = report
        .audit
        .findings
        .iter()
        .map(|finding| finding.fault)
        .collect();
    faults.dedup();
    faults
}

#[test]
fn a_row_of_evidence_that_is_changed_in_the_database_is_found() {
    let cases = [
        (
            "UPDATE txotp_audit SET device = 'phone 9' WHERE device = 'phone 1' AND version = 10",
            Fault::ColumnsDiffer,
        ),
        (
            "UPDATE txotp_audit SET device = NULL WHERE device = 'phone 1' AND version = 2",
            Fault::ColumnsDiffer,
        ),
        (
            "UPDATE txotp_audit SET version = 99 WHERE device = 'phone 1' AND version = 2",
            Fault::ColumnsDiffer,
        ),
        (
            "UPDATE txotp_audit SET number = 99 WHERE device = 'phone 1' AND version = 2",
            Fault::ColumnsDiffer,
        ),
        (
            "UPDATE txotp_audit SET book = 'ffff' WHERE device = 'phone 1' AND version = 2",
            Fault::ColumnsDiffer,
        ),
        (
            "UPDATE txotp_audit SET line = replace(line, 'refused', 'accepted') WHERE device = 'phone 1' AND version = 2",
            Fault::Altered,
        ),
        (
            "DELETE FROM txotp_audit WHERE device = 'phone 1' AND version = 2",
            Fault::Missing,
        ),
        (
            "DELETE FROM txotp_audit WHERE device = 'phone 1'",
            Fault::Cut,
        ),
        (
            "DELETE FROM txotp_device WHERE device = 'phone 1'",
            Fault::DeviceDiffers,
        ),
        (
            "DELETE FROM txotp_device WHERE device = 'phone 1'; DELETE FROM txotp_audit WHERE device = 'phone 1'",
            Fault::Cut,
        ),
        (
            "UPDATE txotp_checkpoint SET line = replace(line, '\"entries\":', '\"entries\":1') WHERE number = 3",
            Fault::CheckpointForged,
        ),
        (
            "DELETE FROM txotp_checkpoint WHERE number = 3",
            Fault::CheckpointMisplaced,
        ),
        (
            "INSERT INTO txotp_audit SELECT 'ffff', 1, device, 11, line FROM txotp_audit \
                WHERE device = 'phone 1' AND version = 10",
            Fault::ColumnsDiffer,
        ),
    ];
    for (sql, expected) in cases {
        let report = tampered(&busy_place(), sql);
        assert!(faults(&report).contains(&expected), "{sql}: {report:?}");
    }
}

#[test]
fn what_stands_in_no_book_of_the_list_is_read_all_the_same() {
    let place = busy_place();
    let report = tampered(&place, "DELETE FROM txotp_book");
    assert!(report.is_clean(), "{report:?}");
    let count: i64 = Connection::open(place.file())
        .unwrap()
        .query_row("SELECT count(*) FROM txotp_audit", [], |row| row.get(0))
        .unwrap();
    assert_eq!(report.audit.entries, u64::try_from(count).unwrap());
}

/// A store that another process left as a crash does: the end of its book has no checkpoint.
fn crashed_place() -> Place {
    let place = busy_place();
    let vault = place.open();
    enrol(&vault, "late", "bob");
    for number in 0..3 {
        let now = after(30 * number);
        let code = right("late", number, now);
        let answer = vault
            .verify(user("bob"), transaction(number), &code, act_at(now))
            .wait();
        assert!(answer.unwrap().judgement.is_accepted());
    }
    std::mem::forget(vault);
    place
}

#[test]
fn the_end_of_a_book_that_no_checkpoint_speaks_of_is_found_by_the_devices_row() {
    let report = tampered(
        &crashed_place(),
        "DELETE FROM txotp_audit WHERE device = 'late' AND version = 4",
    );
    let found: Vec<_> = report
        .audit
        .findings
        .iter()
        .map(|found| (found.fault, found.number))
        .collect();
    assert_eq!(found, [(Fault::DeviceDiffers, 4)]);
}

#[test]
fn a_device_that_is_set_back_with_its_evidence_is_found_by_the_checkpoint() {
    let place = crashed_place();
    let row = "SELECT * FROM txotp_device WHERE device = 'late'";
    let kept = format!("CREATE TABLE kept AS {row}");
    Connection::open(place.file())
        .unwrap()
        .execute_batch(&kept)
        .unwrap();
    let vault = place.open();
    let code = right("late", 9, after(300));
    let answer = vault
        .verify(device("late"), transaction(9), &code, act_at(after(300)))
        .wait();
    assert!(answer.unwrap().judgement.is_accepted());
    drop(vault);
    let sql = "DELETE FROM txotp_device WHERE device = 'late'; INSERT INTO txotp_device SELECT * FROM kept; \
        DELETE FROM txotp_audit WHERE device = 'late' AND version = 5";
    let report = tampered(&place, sql);
    assert_eq!(report.damaged, []);
    assert_eq!(faults(&report), [Fault::Cut]);
}

/// Writes a book anew after an edit, and the checkpoints with it: all that can be done without keys.
fn forged(lines: &[String]) -> Vec<String> {
    let mut forged = lines.to_vec();
    let edited = |line: &str| line.replace("\"refused\"", "\"accepted\"");
    let mut hashes = Vec::new();
    let mut before: Option<(String, String)> = None;
    for place in 0..forged.len() {
        let Some(old) = entry(&lines[place]) else {
            before = None;
            continue;
        };
        let mut line = edited(&forged[place]);
        if let Some((_, hash)) = before.filter(|(book, _)| *book == old.book) {
            line = line.replace(&old.previous, &hash);
        }
        let hash = sha256(&line);
        hashes.push((sha256(&lines[place]), hash.clone()));
        before = Some((old.book, hash));
        forged[place] = line;
    }
    for place in 0..forged.len() {
        if is_checkpoint(&forged[place]) {
            let old = sha256(&lines[place]);
            for (from, to) in &hashes {
                forged[place] = forged[place].replace(from, to);
            }
            hashes.push((old, sha256(&forged[place])));
        }
    }
    forged
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;

    base16ct::lower::encode_string(&sha2::Sha256::digest(text.as_bytes()))
}

/// Puts other lines in the place of those that are stored.
fn exchange(place: &Place, lines: &[String], forged: &[String]) {
    let connection = Connection::open(place.file()).unwrap();
    for (old, new) in lines.iter().zip(forged) {
        for table in ["txotp_audit", "txotp_checkpoint"] {
            let sql = format!("UPDATE {table} SET line = ?2 WHERE line = ?1");
            connection.execute(&sql, [old, new]).unwrap();
        }
    }
}

#[test]
fn evidence_that_is_written_anew_whole_is_found_by_its_marks() {
    let place = busy_place();
    let lines = export(&place.open());
    let forged = forged(&lines);
    assert_ne!(forged, lines);
    assert_eq!(read(&forged).findings, [], "chains alone cannot tell");

    exchange(&place, &lines, &forged);
    let report = place.open().audit_verify(unwatched()).wait().unwrap();
    assert!(report.with_keys);
    let numbers = |fault| {
        let found = report.findings.iter().filter(|found| found.fault == fault);
        found.map(|found| found.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(Fault::CheckpointForged), [2, 3, 4, 5]);
    assert_eq!(
        numbers(Fault::CheckpointsCut),
        [5],
        "it is not the one that the store remembers"
    );
    let changed = |old: &&String, new: &&String| old != new && !is_checkpoint(old);
    let changed = lines
        .iter()
        .zip(&forged)
        .filter(|(old, new)| changed(old, new));
    assert_eq!(numbers(Fault::Forged).len(), changed.count());
}

/// All that who writes the database can do without keys: no checkpoint is left, every book is open again, and every
/// line after an edit is chained anew.
#[test]
fn checkpoints_that_are_removed_are_missed_and_none_is_made_over_what_is_left() {
    let place = busy_place();
    let lines = export(&place.open());
    exchange(&place, &lines, &forged(&lines));
    let sql = "DELETE FROM txotp_checkpoint; UPDATE txotp_book SET closed = 0, entries = 0";
    for _ in 0..2 {
        Connection::open(place.file())
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        let vault = place.open();
        work(&vault, 3, 30);
        drop(vault);
        let report = place.open().audit_verify(unwatched()).wait().unwrap();
        assert_eq!(report.checkpoints, 0, "the next writer signs nothing");
        let found = |fault| report.findings.iter().any(|found| found.fault == fault);
        assert!(found(Fault::CheckpointsCut) && found(Fault::Forged));
    }
}

#[test]
fn the_last_checkpoint_is_missed() {
    let place = busy_place();
    drop(place.open());
    let sql =
        "DELETE FROM txotp_checkpoint WHERE number = (SELECT max(number) FROM txotp_checkpoint)";
    let report = tampered(&place, sql);
    assert_eq!(faults(&report), [Fault::CheckpointsCut]);
}

/// Each line of an export has a limit, however many writers there are.
#[test]
fn a_hundred_books_without_an_end_are_named_by_several_checkpoints() {
    let place = busy_place();
    let vaults: Vec<_> = (0..100).map(|_| place.open()).collect();
    for (number, vault) in (0..).zip(&vaults) {
        let code = right("phone 3", 1000 + number, after(600));
        let ticket = vault.verify(
            device("phone 3"),
            transaction(1000 + number),
            &code,
            act_at(after(600)),
        );
        ticket.wait().unwrap();
    }
    for vault in vaults {
        // As a crash does: its book stays open.
        std::mem::forget(vault);
    }
    let vault = place.open();
    work(&vault, 3, 30);
    drop(vault);
    let vault = place.open();
    let report = vault.audit_verify(unwatched()).wait().unwrap();
    assert_eq!(report.findings, []);
    let lines = export(&vault);
    assert!(
        lines
            .iter()
            .all(|line| line.len() <= txotp_store::limits::MAX_LINE_LEN)
    );
    assert_eq!(read(&lines).findings, []);
}

/// What an export has, for a later one.
fn earlier(lines: &[String]) -> Arc<Earlier> {
    let mut verifier = Verifier::keeping();
    lines.iter().for_each(|line| verifier.line(line));
    Arc::new(verifier.into_earlier().unwrap())
}

fn read_against(earlier: &Arc<Earlier>, lines: &[String]) -> AuditReport {
    let mut verifier = Verifier::against(Arc::clone(earlier));
    lines.iter().for_each(|line| verifier.line(line));
    verifier.finish()
}

fn in_store_against(place: &Place, earlier: &Arc<Earlier>) -> AuditReport {
    let vault = place.open();
    let report = vault.audit_verify_against(Arc::clone(earlier), unwatched());
    report.wait().unwrap()
}

/// Does something more, in a book of its own.
fn go_on(place: &Place, number: u64) {
    work(&place.open(), 3, number);
}

#[test]
fn what_goes_on_from_an_older_export_is_clean_and_the_other_way_round_the_ends_are_missing() {
    let place = busy_place();
    let old = export(&place.open());
    go_on(&place, 30);
    let new = export(&place.open());
    for older in [&old, &new] {
        assert_eq!(read_against(&earlier(older), &new).findings, []);
        assert_eq!(in_store_against(&place, &earlier(older)).findings, []);
    }

    let report = read_against(&earlier(&new), &old);
    let old_books: HashSet<_> = entries(&old).into_iter().map(|(_, old)| old.book).collect();
    let added = entries(&new).into_iter().map(|(_, new)| new.book);
    let added: Vec<_> = added.filter(|book| !old_books.contains(book)).collect();
    let (last, cut) = report.findings.split_first().unwrap();
    assert_eq!((last.fault, last.number), (Fault::CheckpointsCut, 5));
    let cut: Vec<_> = cut
        .iter()
        .map(|cut| (cut.fault, cut.book.clone().unwrap(), cut.number))
        .collect();
    assert_eq!(cut, [(Fault::Cut, added[0].clone(), 1)]);
}

/// Neither chains nor marks can tell: everything is as it once was.
#[test]
fn a_store_that_was_put_back_does_not_go_on_from_an_export_since() {
    let place = busy_place();
    let copy = place.folder().join("copy");
    place.open().backup(&copy, unwatched()).unwrap();
    go_on(&place, 30);
    let since = earlier(&export(&place.open()));
    std::fs::rename(copy, place.file()).unwrap();
    let vault = place.open();
    assert!(vault.check(unwatched()).wait().unwrap().is_clean());
    drop(vault);
    let faults = || -> Vec<_> {
        let report = in_store_against(&place, &since);
        report.findings.iter().map(|found| found.fault).collect()
    };
    assert_eq!(faults(), [Fault::CheckpointsCut, Fault::Cut]);
    // Nor where it went on otherwise.
    go_on(&place, 60);
    assert_eq!(faults(), [Fault::CheckpointRewritten, Fault::Cut]);
}

#[test]
fn each_book_that_was_written_anew_is_named_with_its_first_line_that_was() {
    let lines = busy_export();
    let forged = forged(&lines);
    assert_eq!(read(&forged).findings, [], "chains alone cannot tell");
    let mut first: HashMap<String, u64> = HashMap::new();
    for ((_, old), (_, new)) in entries(&lines).into_iter().zip(entries(&forged)) {
        if old != new {
            first.entry(new.book).or_insert(new.number);
        }
    }
    assert_eq!(first.len(), 4);
    let report = read_against(&earlier(&lines), &forged);
    let (checkpoint, books) = report.findings.split_first().unwrap();
    assert_eq!(checkpoint.fault, Fault::CheckpointRewritten);
    let differs = (0..lines.len()).find(|place| lines[*place] != forged[*place]);
    let differs = u64::try_from(differs.unwrap() + 1).unwrap();
    assert_eq!(checkpoint.number, differs);
    assert!(books.iter().all(|found| found.fault == Fault::Rewritten));
    let found: HashMap<_, _> = books
        .iter()
        .map(|found| (found.book.clone().unwrap(), found.number))
        .collect();
    assert_eq!((books.len(), found), (4, first));
}

#[test]
fn what_is_not_as_it_was_written_proves_nothing_of_what_follows() {
    let mut lines = busy_export();
    let mut verifier = Verifier::new();
    lines.iter().for_each(|line| verifier.line(line));
    assert!(verifier.into_earlier().is_err(), "nothing was kept");
    lines.remove(7);
    let mut verifier = Verifier::keeping();
    lines.iter().for_each(|line| verifier.line(line));
    assert_eq!(verifier.into_earlier().unwrap_err(), read(&lines));
}
