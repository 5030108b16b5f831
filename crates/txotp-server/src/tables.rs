//! What the service remembers: documents in the store's records, each changed only where it is as it was seen.
//!
//! Nothing of it is kept in the process, so that several of them can serve one database.

use core::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use txotp_store::{Act, Change, Kind, Record, StepUp, Vault, Written};
use zeroize::Zeroizing;

use crate::{App, Fault};

/// For how long a document is left alone with which nothing could be done, in seconds.
const SET_ASIDE: u64 = 300;
/// The most changes that are written at once.
pub(crate) const MAX_CHANGES: usize = 32;
/// How often a change is tried anew where others came between.
pub(crate) const TRIES: usize = 64;

/// A kind of document.
pub(crate) trait Document: Serialize + DeserializeOwned + Send {
    /// Its name in the store: never changed, never used again for another.
    const KIND: Kind;

    /// Whose it is, to list by.
    fn owner(&self) -> Option<String> {
        None
    }

    /// When something is to be done with it, in Unix seconds, to list by.
    fn due(&self) -> Option<u64> {
        None
    }
}

/// A document as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Stored<D> {
    pub(crate) key: String,
    version: u64,
    pub(crate) document: D,
}

impl<D: Document> Stored<D> {
    /// One that was never written.
    #[cfg(test)]
    pub(crate) const fn seen(key: String, document: D) -> Self {
        Self {
            key,
            version: 1,
            document,
        }
    }

    fn read(record: &Record) -> Result<Self, Fault> {
        Ok(Self {
            key: record.key.clone(),
            version: record.version,
            document: serde_json::from_slice(&record.body).map_err(|_| Fault::Record)?,
        })
    }

    /// The change that puts another document in its place, if it still is as it was read.
    pub(crate) fn replace(&self, document: &D) -> Result<Change, Fault> {
        Ok(Change::Replace {
            kind: D::KIND,
            key: self.key.clone(),
            version: self.version,
            owner: document.owner(),
            due: document.due(),
            body: body(document)?,
        })
    }

    /// The change that removes it, if it still is as it was read.
    pub(crate) fn remove(&self) -> Change {
        Change::Remove {
            kind: D::KIND,
            key: self.key.clone(),
            version: self.version,
        }
    }
}

/// The change that puts a document where there is none.
pub(crate) fn insert<D: Document>(key: impl Into<String>, document: &D) -> Result<Change, Fault> {
    Ok(Change::Insert {
        kind: D::KIND,
        key: key.into(),
        owner: document.owner(),
        due: document.due(),
        body: body(document)?,
    })
}

fn body<D: Document>(document: &D) -> Result<Zeroizing<Vec<u8>>, Fault> {
    // A list's growth would leave copies behind; it is measured first.
    let mut counted = Count(0);
    serde_json::to_writer(&mut counted, document).map_err(|_| Fault::Record)?;
    let mut body = Zeroizing::new(Vec::with_capacity(counted.0));
    serde_json::to_writer(&mut *body, document).map_err(|_| Fault::Record)?;
    Ok(body)
}

struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The document of a key, if there is one.
pub(crate) async fn find<D: Document>(
    vault: &Vault,
    key: &str,
) -> Result<Option<Stored<D>>, Fault> {
    let record = vault.record(D::KIND, key).await?;
    record.as_ref().map(Stored::read).transpose()
}

/// The change that puts a document where one is, if it still is as it was read, or where there is none.
pub(crate) fn put_over<D: Document>(
    stored: Option<&Stored<D>>,
    key: &str,
    document: &D,
) -> Result<Change, Fault> {
    match stored {
        Some(stored) => stored.replace(document),
        None => insert(key, document),
    }
}

/// The documents of an owner, by key, at most `limit` after a key; fewer where there are no more. One that is not understood is left
/// out, and hides no other.
pub(crate) async fn of<D: Document>(
    app: &App,
    owner: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Stored<D>>, Fault> {
    let mut found = Vec::new();
    let mut after = after.map(str::to_owned);
    loop {
        let left = limit.saturating_sub(found.len());
        let listed = app.vault.records_of(D::KIND, owner, after.as_deref(), left);
        let records = listed.await?;
        for record in &records {
            match Stored::read(record) {
                Ok(stored) => found.push(stored),
                Err(fault) => left_out(app, record.kind, fault),
            }
        }
        if records.len() < left || found.len() >= limit {
            return Ok(found);
        }
        after = records.last().map(|record| record.key.clone());
    }
}

/// All documents of an owner, by key, a page after another.
pub(crate) struct Pages<D> {
    owner: String,
    after: Option<String>,
    is_over: bool,
    documents: PhantomData<fn() -> D>,
}

impl<D: Document> Pages<D> {
    /// How many documents a page has.
    const SIZE: usize = 256;

    /// Those after a key, or all.
    pub(crate) fn of(owner: &str, after: Option<&str>) -> Self {
        Self {
            owner: owner.to_owned(),
            after: after.map(str::to_owned),
            is_over: false,
            documents: PhantomData,
        }
    }

    /// The next page, as it is now; nothing where there are no more.
    pub(crate) async fn next(&mut self, app: &App) -> Result<Option<Vec<Stored<D>>>, Fault> {
        if self.is_over {
            return Ok(None);
        }
        let page = of(app, &self.owner, self.after.as_deref(), Self::SIZE).await?;
        self.is_over = page.len() < Self::SIZE;
        self.after = page.last().map(|stored| stored.key.clone());
        Ok(Some(page))
    }
}

/// Tells of a record that a list leaves out, without its contents and its key.
fn left_out(app: &App, kind: Kind, why: Fault) {
    app.metrics.left_out(kind.as_str());
    tracing::error!(
        kind = kind.as_str(),
        fault = why.name(),
        "a record is not understood, and is left out of a list"
    );
}

/// The documents that are due, the first due first, at most `limit`; fewer where there are no more. One that is not understood is
/// set aside, and keeps nobody from the others.
pub(crate) async fn due<D: Document>(
    app: &App,
    until: u64,
    limit: usize,
) -> Result<Vec<Stored<D>>, Fault> {
    loop {
        let records = app.vault.records_due(D::KIND, until, limit).await?;
        let (mut found, mut others) = (Vec::with_capacity(records.len()), Vec::new());
        for record in records {
            match Stored::read(&record) {
                Ok(stored) => found.push(stored),
                Err(_) => others.push(record),
            }
        }
        if others.is_empty() {
            return Ok(found);
        }
        set_aside(app, others, until, Fault::Record).await?;
    }
}

impl<D: Document> Stored<D> {
    /// The change that leaves it as it is, where it still is as it was read: so what is written with it depends on that. Nothing
    /// where it has changed.
    pub(crate) async fn hold(&self, vault: &Vault) -> Result<Option<Change>, Fault> {
        let record = vault.record(D::KIND, &self.key).await?;
        let same = record.filter(|record| record.version == self.version);
        Ok(same.map(again))
    }

    /// Leaves it alone for a while, where what is due with it can never be done as things are.
    pub(crate) async fn set_aside(&self, app: &App, now: u64, why: Fault) -> Result<(), Fault> {
        let record = app.vault.record(D::KIND, &self.key).await?;
        let record = record.filter(|record| record.version == self.version);
        set_aside(app, record.into_iter().collect(), now, why).await
    }
}

/// The change that writes a record once more as it is, to the byte, also where it says more than is understood here.
fn again(record: Record) -> Change {
    Change::Replace {
        kind: record.kind,
        key: record.key,
        version: record.version,
        owner: record.owner,
        due: record.due,
        body: record.body,
    }
}

/// Writes records as they are but for their due, which is later. They are counted and told without their contents, and without
/// their keys, which may name users.
async fn set_aside(app: &App, records: Vec<Record>, now: u64, why: Fault) -> Result<(), Fault> {
    let mut left = records.into_iter().peekable();
    while left.peek().is_some() {
        let same = |record: Record| {
            app.metrics.set_aside(record.kind.as_str());
            tracing::error!(
                kind = record.kind.as_str(),
                fault = why.name(),
                "nothing can be done with a record that is due; it is left alone for five minutes"
            );
            let due = Some(now.saturating_add(SET_ASIDE));
            again(Record { due, ..record })
        };
        let batch = left.by_ref().take(MAX_CHANGES).map(same).collect();
        // Where another process changed one of them, they are looked at anew.
        write(&app.vault, batch).await?;
    }
    Ok(())
}

/// Writes all changes or none. Says whether each document was as it had been read.
pub(crate) async fn write(vault: &Vault, changes: Vec<Change>) -> Result<bool, Fault> {
    Ok(matches!(vault.write_records(changes).await?, Written::Done))
}

/// The same, with an entry of evidence of what came of a code that was sent: both or neither.
pub(crate) async fn write_step_up(
    vault: &Vault,
    changes: Vec<Change>,
    step_up: StepUp,
    act: Act,
) -> Result<bool, Fault> {
    let written = vault.write_step_up(changes, step_up, act).await?;
    Ok(matches!(written, Written::Done))
}

/// What is to come of a document.
pub(crate) enum Next<D, T> {
    /// Another takes its place; then this is the answer.
    Replace(D, T),
    /// It stays as it is; this is the answer.
    Keep(T),
    /// It is removed; then this is the answer.
    Remove(T),
}

/// Changes a document by what it is at that moment, and tries anew where others came between. Gives nothing where there is none.
pub(crate) async fn update<D: Document, T>(
    vault: &Vault,
    key: &str,
    mut next: impl FnMut(&D) -> Next<D, T>,
) -> Result<Option<T>, Fault> {
    upsert(vault, key, |document| match document {
        None => Next::Keep(None),
        Some(document) => match next(document) {
            Next::Replace(document, answer) => Next::Replace(document, Some(answer)),
            Next::Keep(answer) => Next::Keep(Some(answer)),
            Next::Remove(answer) => Next::Remove(Some(answer)),
        },
    })
    .await
}

/// Puts a document where one is or none, by what is there at that moment; tries anew where others came between.
pub(crate) async fn put<D: Document>(
    vault: &Vault,
    key: &str,
    mut next: impl FnMut(Option<&D>) -> D,
) -> Result<(), Fault> {
    upsert(vault, key, |document| Next::Replace(next(document), ())).await
}

/// Changes a document, or makes it where there is none, by what is there at that moment; tries anew where others came between.
pub(crate) async fn upsert<D: Document, T>(
    vault: &Vault,
    key: &str,
    mut next: impl FnMut(Option<&D>) -> Next<D, T>,
) -> Result<T, Fault> {
    for _ in 0..TRIES {
        let stored = find::<D>(vault, key).await?;
        let (change, answer) = match next(stored.as_ref().map(|stored| &stored.document)) {
            Next::Keep(answer) => return Ok(answer),
            Next::Replace(document, answer) => {
                (Some(put_over(stored.as_ref(), key, &document)?), answer)
            }
            Next::Remove(answer) => (stored.as_ref().map(Stored::remove), answer),
        };
        if write(vault, change.into_iter().collect()).await? {
            return Ok(answer);
        }
    }
    Err(Fault::Contended)
}
