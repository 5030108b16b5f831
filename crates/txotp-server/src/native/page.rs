//! Lists, a page after another.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::http::{Problem, kinds};
use crate::tables::{self, Document, Stored};

/// The most of a page.
const MAX: usize = 500;
const DEFAULT: usize = 100;

/// How many, in `1..=500`, 100 where nothing is said.
pub(super) fn size(limit: Option<usize>) -> Result<usize, Problem> {
    match limit.unwrap_or(DEFAULT) {
        size @ 1..=MAX => Ok(size),
        _ => Err(Problem::of(&kinds::BAD_QUERY).detail("limit is 1 to 500")),
    }
}

/// Those of an owner's documents that come after a key, and what the next page comes after, where there is one.
pub(super) async fn of<D: Document>(
    app: &App,
    owner: &str,
    after: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<Stored<D>>, Option<String>), Problem> {
    let size = size(limit)?;
    let mut found = tables::of::<D>(app, owner, after, size.saturating_add(1)).await?;
    let is_cut = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| is_cut);
    let next = last.map(|last| last.key.clone());
    Ok((found, next))
}

/// Which page of numbered entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EntriesQuery {
    /// Only those after this number.
    #[param(maximum = 18446744073709551615u64)]
    pub(super) after: Option<u64>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<usize>,
}
