//! Parameters, however a client sends them: in the query, as a form, as JSON, or in several of these at once.
//!
//! `details[To]=X`, `details%5BTo%5D=X` and `{"details":{"To":"X"}}` are the same parameter. Its path is `details`, `To`;
//! an empty segment stands for `[]`, and an element of a JSON list has its index, as in `logos[0][res]`.

use core::fmt;

use zeroize::Zeroizing;

use crate::http::are_escapes_whole;

mod json;

/// The parameters of a request, with those of the query and of the body together.
const MAX_PARAMS: usize = 128;
/// The segments of a path: `logos[0][res]` has three.
const MAX_DEPTH: usize = 4;

/// A parameter.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) path: Vec<String>,
    pub(crate) value: Zeroizing<String>,
}

impl Param {
    /// Whether it is an element of a list, of which there may be several alike.
    fn is_listed(&self) -> bool {
        self.path.iter().any(String::is_empty)
    }
}

/// A parameter of JSON that says nothing.
#[derive(Clone, PartialEq, Eq)]
struct Blank {
    path: Vec<String>,
    /// Whether it is `null`; otherwise an object or a list without anything in it.
    is_null: bool,
}

/// What one source holds.
#[derive(Default)]
struct Source {
    params: Vec<Param>,
    blanks: Vec<Blank>,
}

/// All parameters of a request, in the order in which they came.
#[derive(Default)]
pub(crate) struct Params(Source);

/// How a body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    Form,
    Json,
}

/// Why a request has no parameters that could be relied on. The caller's mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParamsError {
    /// A name, an escape or the JSON is malformed, or holds a number that is no integer.
    Malformed,
    /// There is text that is no UTF-8.
    NotUtf8,
    /// A parameter is there twice: nobody could say which is meant.
    Repeated,
    /// There are more than 128, or JSON names as many things with nothing to them.
    TooMany,
}

impl Params {
    /// The parameters of a query and of a body.
    pub(crate) fn read(query: &str, media: Media, body: &[u8]) -> Result<Self, ParamsError> {
        let query = form(query.as_bytes())?;
        let body = match media {
            _ if body.is_empty() => Source::default(),
            Media::Form => form(body)?,
            Media::Json => json::read(body)?,
        };
        join(query, body)
    }

    /// All of them, in their order.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn all(&self) -> &[Param] {
        &self.0.params
    }

    /// The value of a parameter without brackets.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.find(&[name])
    }

    /// The value of a parameter of this path.
    pub(crate) fn find(&self, path: &[&str]) -> Option<&str> {
        let is_it = |param: &&Param| param.path == path;
        self.0
            .params
            .iter()
            .find(is_it)
            .map(|param| param.value.as_str())
    }

    /// The path of each parameter, also of those that say nothing.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &[String]> {
        let said = self.0.params.iter().map(|param| &*param.path);
        said.chain(self.0.blanks.iter().map(|blank| &*blank.path))
    }

    /// All below a name, as the rest of the path and the value, in their order: of `details[To]=X`, `To` and `X`.
    pub(crate) fn below<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a [String], &'a str)> {
        self.0.params.iter().filter_map(move |param| {
            let (first, rest) = param.path.split_first()?;
            (first == name).then_some((rest, param.value.as_str()))
        })
    }

    /// Whether there is anything of this name, or below it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.below(name).next().is_some()
    }

    /// Whether JSON names it, or something below it, with nothing to it: `null`, `{}` or `[]`.
    pub(crate) fn is_blank(&self, name: &str) -> bool {
        self.blank(name).next().is_some()
    }

    /// Whether JSON has `null` for it, or for something below it.
    pub(crate) fn has_null(&self, name: &str) -> bool {
        self.blank(name).any(|blank| blank.is_null)
    }

    fn blank<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Blank> {
        let blanks = self.0.blanks.iter();
        blanks.filter(move |blank| blank.path.first().is_some_and(|first| first == name))
    }

    /// Whether a parameter says yes, as any client does. Nothing where there is none.
    ///
    /// # Errors
    /// [`ParamsError::Malformed`] where it says neither yes nor no.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ParamsError> {
        match self.text(name) {
            None if self.has(name) => Err(ParamsError::Malformed),
            None => Ok(None),
            Some("true" | "True" | "1") => Ok(Some(true)),
            Some("false" | "False" | "0") => Ok(Some(false)),
            Some(_) => Err(ParamsError::Malformed),
        }
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({})", self.0.params.len())
    }
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Param(redacted)")
    }
}

/// Reads `application/x-www-form-urlencoded` (WHATWG URL section 5.1), which a query is too, and refuses what that standard
/// would put something else for: a `%` without two digits, and bytes that are no UTF-8.
fn form(text: &[u8]) -> Result<Source, ParamsError> {
    if !are_escapes_whole(text) {
        return Err(ParamsError::Malformed);
    }
    let mut params = Vec::new();
    for (name, value) in form_urlencoded::parse(text) {
        let value = Zeroizing::new(value.into_owned());
        if [&*name, &value]
            .iter()
            .any(|text| text.contains(char::REPLACEMENT_CHARACTER))
        {
            return Err(ParamsError::NotUtf8);
        }
        let path = path(&name).ok_or(ParamsError::Malformed)?;
        add(&mut params, Param { path, value })?;
    }
    Ok(Source {
        params,
        blanks: Vec::new(),
    })
}

/// The path of a name with brackets.
fn path(name: &str) -> Option<Vec<String>> {
    let (base, mut rest) = name.split_at_checked(name.find('[').unwrap_or(name.len()))?;
    if base.is_empty() || base.contains(']') {
        return None;
    }
    let mut path = vec![base.to_owned()];
    while !rest.is_empty() {
        let (segment, after) = rest.strip_prefix('[')?.split_once(']')?;
        if segment.contains('[') {
            return None;
        }
        path.push(segment.to_owned());
        rest = after;
    }
    (path.len() <= MAX_DEPTH).then_some(path)
}

/// Adds a parameter to those of the same source.
fn add(params: &mut Vec<Param>, param: Param) -> Result<(), ParamsError> {
    if params.len() >= MAX_PARAMS {
        return Err(ParamsError::TooMany);
    }
    if !param.is_listed() && params.iter().any(|other| other.path == param.path) {
        return Err(ParamsError::Repeated);
    }
    params.push(param);
    Ok(())
}

/// Puts those of the body after those of the query. What stands in both is one parameter where the values are equal.
fn join(query: Source, body: Source) -> Result<Params, ParamsError> {
    let mut joined = query;
    joined.blanks.extend(body.blanks);
    let of_query = joined.params.len();
    for param in body.params {
        let mut others = joined.params.iter().take(of_query);
        let other = others.find(|other| other.path == param.path);
        match other {
            Some(_) if param.is_listed() => return Err(ParamsError::Repeated),
            Some(other) if other.value != param.value => return Err(ParamsError::Repeated),
            Some(_) => {}
            None => add(&mut joined.params, param)?,
        }
    }
    Ok(Params(joined))
}

#[cfg(test)]
mod tests;
