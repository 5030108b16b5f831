//! Checkpoints: what every book had at some time, under the store's key.

use serde::{Deserialize, Serialize};

use super::entry::{Book, hash};
use crate::database::{Arg, Database, Failure};
use crate::secrets::{Secrets, same};
use crate::{StoreError, sql};

/// A checkpoint: one line of JSON, its fields in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checkpoint {
    /// The version of this form, 1.
    pub(crate) v: u8,
    /// The checkpoint's place, from 1.
    pub(crate) checkpoint: u64,
    /// The SHA-256 of the checkpoint before; of the first, 64 zeros.
    pub(crate) previous: String,
    /// The books that grew since.
    pub(crate) books: Vec<Head>,
    /// HMAC-SHA-256 under a key of the store, over this line without this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<String>,
}

/// How far a book was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) book: String,
    pub(crate) entries: u64,
    /// The SHA-256 of the last of them.
    pub(crate) head: String,
}

impl Checkpoint {
    fn to_line(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers always are JSON")
    }

    fn marked(self, secrets: &Secrets) -> Self {
        let mark = secrets.checkpoint_mark(self.to_line().as_bytes());
        Self {
            mark: Some(base16ct::lower::encode_string(&mark)),
            ..self
        }
    }

    /// Whether this store made it.
    pub(crate) fn is_genuine(&self, secrets: &Secrets) -> bool {
        let bare = Self {
            mark: None,
            ..self.clone()
        };
        let expected = bare.marked(secrets).mark.unwrap_or_default();
        let mark = self.mark.as_deref().unwrap_or_default();
        same(expected.as_bytes(), mark.as_bytes())
    }

    /// Writes a checkpoint over all that is written in the books, if there is anything new. Of the writer's
    /// own book it says what the writer wrote, and not what the database has by now.
    pub(crate) fn write(
        db: &mut dyn Database,
        secrets: &Secrets,
        own: &Book,
    ) -> Result<bool, Failure> {
        let mut books = Vec::new();
        for book in sql::open_books(db)? {
            let (entries, head) = if book.id == own.id() {
                (own.number(), own.head())
            } else if let Some(last) = sql::last_entry(db, &book.id)? {
                (last.number, hash(&last.line))
            } else {
                continue;
            };
            if entries > book.entries {
                sql::book_checked(db, &book.id, entries)?;
                books.push(Head {
                    book: book.id,
                    entries,
                    head: base16ct::lower::encode_string(&head),
                });
            }
        }
        if books.is_empty() {
            return Ok(false);
        }
        let (number, previous) = match latest(db)? {
            Some((number, line)) => (number, hash(&line)),
            None => (0, [0; 32]),
        };
        let number = number.saturating_add(1);
        let checkpoint = Self {
            v: 1,
            checkpoint: number,
            previous: base16ct::lower::encode_string(&previous),
            books,
            mark: None,
        };
        let line = checkpoint.marked(secrets).to_line();
        let args = [Arg::Int(sql::int(number)?), Arg::Text(&line)];
        match db.execute(sql::INSERT_CHECKPOINT, &args)? {
            1 => Ok(true),
            // Another writer made this checkpoint.
            _ => Err(Failure::Conflict),
        }
    }
}

/// The last checkpoint's number and line.
fn latest(db: &mut dyn Database) -> Result<Option<(u64, String)>, Failure> {
    let found = db.query(sql::LAST_CHECKPOINT, &[])?.pop();
    let read = found.map(|mut record| Ok::<_, StoreError>((record.number()?, record.text()?)));
    Ok(read.transpose()?)
}
