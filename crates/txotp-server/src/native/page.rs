//! Lists, a page after another.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{Problem, kinds};

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

/// Which page of numbered entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EntriesQuery {
    /// Only those after this number.
    pub(super) after: Option<u64>,
    /// At most so many; 100.
    #[param(minimum = 1, maximum = 500)]
    pub(super) limit: Option<usize>,
}
