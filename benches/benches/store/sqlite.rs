//! SQLite by itself, with a thread that commits whatever its callers have queued.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::{iter, thread};

use rusqlite::{Connection, TransactionBehavior, params};

use crate::Side;
use crate::bare::{INSERT, LINE, Row, SELECT, UPDATE, Work};

pub(crate) struct Sqlite {
    requests: Sender<Request>,
}

/// Who calls, and whom to tell when it is durable.
type Request = (usize, Sender<()>);

impl Sqlite {
    pub(crate) fn new(file: &Path, work: Work) -> Self {
        let connection = Connection::open(file).unwrap();
        connection
            .pragma_update(None, "synchronous", "FULL")
            .unwrap();
        let mut rows = work.rows();
        for row in &mut rows {
            read(&connection, row);
        }
        let of = [crate::bank::device(0)];
        let writer = Writer {
            line: connection.query_row(LINE, of, |row| row.get(0)).unwrap(),
            connection,
            work,
            rows,
            number: 0,
        };
        let (requests, waiting) = mpsc::channel();
        thread::spawn(move || writer.run(&waiting));
        Self { requests }
    }
}

impl Side for Sqlite {
    fn prepare(&self, _: usize) -> Box<dyn Fn(usize, usize) + Sync + '_> {
        Box::new(|caller, _| {
            let (answer, answered) = mpsc::channel();
            self.requests.send((caller, answer)).unwrap();
            answered.recv().unwrap();
        })
    }
}

struct Writer {
    connection: Connection,
    work: Work,
    rows: Vec<Row>,
    line: String,
    /// The last row that was added.
    number: i64,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Request>) {
        while let Ok(first) = waiting.recv() {
            let batch: Vec<_> = iter::once(first).chain(waiting.try_iter()).collect();
            let behavior = TransactionBehavior::Immediate;
            let commit = self.connection.transaction_with_behavior(behavior).unwrap();
            for (caller, _) in &batch {
                let row = &mut self.rows[*caller];
                match self.work {
                    Work::Change => change(&commit, row),
                    Work::Record => {
                        self.number += 1;
                        read(&commit, row);
                        change(&commit, row);
                        add(&commit, row, self.number, &self.line);
                    }
                }
            }
            commit.commit().unwrap();
            for (_, caller) in batch {
                caller.send(()).unwrap();
            }
        }
    }
}

fn read(connection: &Connection, row: &mut Row) {
    let mut select = connection.prepare_cached(SELECT).unwrap();
    let name = row.device.clone();
    let found = select.query_row([name], |found| {
        row.state = found.get("state")?;
        row.mark = found.get("mark")?;
        row.version = found.get("version")?;
        Ok(())
    });
    found.unwrap();
}

fn change(connection: &Connection, row: &mut Row) {
    let seen = row.advance();
    let values = params![row.state, row.mark, row.version, row.device, seen];
    let mut update = connection.prepare_cached(UPDATE).unwrap();
    assert_eq!(update.execute(values).unwrap(), 1);
}

fn add(connection: &Connection, row: &Row, number: i64, line: &str) {
    let book = "0".repeat(32);
    let values = params![book, number, row.device, row.version, line];
    let mut insert = connection.prepare_cached(INSERT).unwrap();
    insert.execute(values).unwrap();
}
