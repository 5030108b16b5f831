//! PostgreSQL by itself: as many connections as a vault has, by the same driver, for which its callers wait.

use std::sync::Mutex;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};
use txotp_store::Options;

use crate::Side;
use crate::bare::{INSERT, LINE, Row, SELECT, UPDATE, Work};

pub(crate) struct Postgres {
    work: Work,
    rows: Vec<Mutex<Row>>,
    pool: Vec<Mutex<Session>>,
}

impl Postgres {
    pub(crate) fn new(url: &str, work: Work) -> Self {
        let session = |place| Session::new(url, place);
        let pool: Vec<_> = (0..Options::default().connections).map(session).collect();
        let mut rows = work.rows();
        for row in &mut rows {
            pool[0].runtime.block_on(pool[0].read(row));
        }
        Self {
            work,
            rows: rows.into_iter().map(Mutex::new).collect(),
            pool: pool.into_iter().map(Mutex::new).collect(),
        }
    }
}

impl Side for Postgres {
    fn prepare(&self, _: usize) -> Box<dyn Fn(usize, usize) + Sync + '_> {
        Box::new(|caller, _| {
            let mut row = self.rows[caller].lock().unwrap();
            let mut session = self.pool[caller % self.pool.len()].lock().unwrap();
            session.run(self.work, &mut row);
        })
    }
}

/// A connection, which runs while it is waited for.
struct Session {
    runtime: Runtime,
    client: Client,
    select: Statement,
    update: Statement,
    insert: Statement,
    line: String,
    book: String,
    /// The last row that was added to the book.
    number: i64,
}

impl Session {
    fn new(url: &str, place: usize) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (client, connection) = runtime
            .block_on(tokio_postgres::connect(url, NoTls))
            .unwrap();
        runtime.spawn(connection);
        let prepared = |sql: &str| runtime.block_on(client.prepare(sql)).unwrap();
        let select = prepared(&format!("{SELECT} FOR UPDATE"));
        let (update, insert) = (prepared(UPDATE), prepared(INSERT));
        let of = crate::bank::device(0);
        let entry = runtime.block_on(client.query_one(LINE, &[&of])).unwrap();
        Self {
            line: entry.get(0),
            book: format!("{place:032}"),
            number: 0,
            runtime,
            client,
            select,
            update,
            insert,
        }
    }

    fn run(&mut self, work: Work, row: &mut Row) {
        self.number += 1;
        self.runtime.block_on(async {
            self.client.batch_execute("BEGIN").await.unwrap();
            match work {
                Work::Change => self.change(row).await,
                Work::Record => {
                    self.read(row).await;
                    self.change(row).await;
                    self.add(row).await;
                }
            }
            self.client.batch_execute("COMMIT").await.unwrap();
        });
    }

    async fn read(&self, row: &mut Row) {
        let values: [&(dyn ToSql + Sync); 1] = [&row.device];
        let found = self.client.query_one(&self.select, &values).await.unwrap();
        row.state = found.get("state");
        row.mark = found.get("mark");
        row.version = found.get("version");
    }

    async fn change(&self, row: &mut Row) {
        let seen = row.advance();
        let values: [&(dyn ToSql + Sync); 5] =
            [&row.state, &row.mark, &row.version, &row.device, &seen];
        let changed = self.client.execute(&self.update, &values).await;
        assert_eq!(changed.unwrap(), 1);
    }

    async fn add(&self, row: &Row) {
        let Self {
            book, number, line, ..
        } = self;
        let values: [&(dyn ToSql + Sync); 5] = [book, number, &row.device, &row.version, line];
        self.client.execute(&self.insert, &values).await.unwrap();
    }
}
