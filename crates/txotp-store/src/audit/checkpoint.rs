//! Checkpoints: what every book had at some time, under the store's key.

use serde::{Deserialize, Serialize};

use super::entry::{Book, hash};
use crate::database::{Arg, Database, Failure};
use crate::error::Damage;
use crate::limits::MAX_HEADS;
use crate::secrets::{Secrets, same};
use crate::{StoreError, schema, sql};

/// The name under which the last checkpoint is remembered.
const LATEST: &str = "checkpoint";

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
    /// The checkpoint of a line; nothing where it is none of this form.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let checkpoint: Self = serde_json::from_str(line).ok()?;
        (checkpoint.v == 1).then_some(checkpoint)
    }

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

    /// Writes checkpoints over all that is written in the books, where there is anything new. Of the writer's
    /// own book it says what the writer wrote, and not what the database has by now.
    pub(crate) fn write(
        db: &mut dyn Database,
        secrets: &Secrets,
        own: &Book,
    ) -> Result<(), Failure> {
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
            return Ok(());
        }
        let seen = Latest::read(db, secrets)?;
        let mut last = seen.clone();
        for books in books.chunks(MAX_HEADS) {
            let number = last.number.saturating_add(1);
            let checkpoint = Self {
                v: 1,
                checkpoint: number,
                previous: base16ct::lower::encode_string(&last.head),
                books: books.to_vec(),
                mark: None,
            };
            let line = checkpoint.marked(secrets).to_line();
            let args = [Arg::Int(sql::int(number)?), Arg::Text(&line)];
            if db.execute(sql::INSERT_CHECKPOINT, &args)? != 1 {
                // Another writer made this checkpoint.
                return Err(Failure::Conflict);
            }
            last = Latest {
                number,
                head: hash(&line),
            };
        }
        schema::swap_meta(db, LATEST, &seen.to_text(secrets), &last.to_text(secrets))
    }
}

/// The last checkpoint, as a marked row of its own remembers it: without it nobody would miss the last ones.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Latest {
    pub(crate) number: u64,
    pub(crate) head: [u8; 32],
}

impl Latest {
    /// What a store that was just made remembers: no checkpoint.
    pub(crate) fn begin(db: &mut dyn Database, secrets: &Secrets) -> Result<(), Failure> {
        schema::put_meta(db, LATEST, &Self::default().to_text(secrets))
    }

    /// The last checkpoint, as it is remembered.
    ///
    /// # Errors
    /// [`Damage::Evidence`] where the row, or the checkpoint that it speaks of, is another: no checkpoint may
    /// then be made that would hide it.
    pub(crate) fn read(db: &mut dyn Database, secrets: &Secrets) -> Result<Self, Failure> {
        let damaged = StoreError::Damaged(Damage::Evidence);
        let mut record = db
            .query(sql::LATEST, &[Arg::Text(LATEST)])?
            .pop()
            .ok_or(damaged)?;
        let text = record.text()?;
        let found = match (record.optional_number()?, record.optional_text()?) {
            (Some(number), Some(line)) => Self {
                number,
                head: hash(&line),
            },
            _ => Self::default(),
        };
        if same(found.to_text(secrets).as_bytes(), text.as_bytes()) {
            Ok(found)
        } else {
            Err(damaged.into())
        }
    }

    fn to_text(&self, secrets: &Secrets) -> String {
        let head = base16ct::lower::encode_string(&self.head);
        let body = format!("{} {head}", self.number);
        let mark = secrets.checkpoint_mark(body.as_bytes());
        format!("{body} {}", base16ct::lower::encode_string(&mark))
    }
}
