use std::collections::HashSet;

use txotp_server::fuzzing;

use crate::reference::json::{Json, are_unique};
use crate::source::Source;

type Path = Vec<String>;
type Param = (Path, String);

/// The most parameters of a request.
const MOST: usize = 128;
/// The most segments of a name.
const DEEPEST: usize = 4;

/// A query, a kind of body, and a body. They are read exactly where another reader finds well-formed names, texts of UTF-8,
/// at most 128 parameters, and none that is there twice with a chance that the values differ; as the same parameters in the
/// same order; and written as a query, or as a form, they are read as the same again.
pub fn authy_params(data: &[u8]) {
    let mut source = Source::new(data);
    let query = String::from_utf8_lossy(source.line());
    let is_json = source.byte() % 2 == 1;
    let body = source.rest();
    let ours = fuzzing::authy_params(&query, is_json, body);
    let theirs = expected(&query, is_json, body);
    match (&ours, theirs) {
        (Ok(ours), Some(theirs)) => assert!(*ours == theirs, "read as something else"),
        (Ok(_), None) => panic!("read, and the reference refuses"),
        (Err(kind), Some(_)) => panic!("{kind}, and the reference reads"),
        (Err(_), None) => {}
    }
    if let Ok(params) = ours {
        check(&params);
    }
}

fn check(params: &[Param]) {
    assert!(params.len() <= MOST, "too many");
    assert!(
        params
            .iter()
            .all(|(path, _)| (1..=DEEPEST).contains(&path.len())),
        "too deep"
    );
    let single: Vec<_> = params
        .iter()
        .map(|(path, _)| path)
        .filter(|path| !is_listed(path))
        .collect();
    let names: HashSet<_> = single.iter().collect();
    assert_eq!(names.len(), single.len(), "a name is there twice");
    // No query can say these: JSON has brackets within a name, and may have what a form takes for wrong bytes.
    let can_be_written = |(path, value): &Param| {
        let texts = || path.iter().chain([value]);
        !path.iter().any(|part| part.contains(['[', ']']))
            && !texts().any(|text| text.contains('\u{fffd}'))
    };
    if params.iter().all(can_be_written) {
        let query = written(params);
        for again in [
            fuzzing::authy_params(&query, false, b""),
            fuzzing::authy_params("", false, query.as_bytes()),
        ] {
            assert!(
                again.as_deref() == Ok(params),
                "what was written is read as something else"
            );
        }
    }
}

fn written(params: &[Param]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (path, value) in params {
        let below: String = path[1..].iter().map(|part| format!("[{part}]")).collect();
        out.append_pair(&format!("{}{below}", path[0]), value);
    }
    out.finish()
}

/// A parameter of a list without indexes, of which there may be several.
fn is_listed(path: &Path) -> bool {
    path.contains(&String::new())
}

fn expected(query: &str, is_json: bool, body: &[u8]) -> Option<Vec<Param>> {
    let query = form(query.as_bytes())?;
    let body = match is_json && !body.is_empty() {
        true => json(body)?,
        false => form(body)?,
    };
    let mut all = query.clone();
    for (path, value) in body {
        match query.iter().find(|(other, _)| *other == path) {
            None => all.push((path, value)),
            Some((_, known)) if *known == value && !is_listed(&path) => {}
            Some(_) => return None,
        }
    }
    (all.len() <= MOST).then_some(all)
}

/// A form, split and decoded by hand.
fn form(text: &[u8]) -> Option<Vec<Param>> {
    let pairs = text
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty());
    let pair = |pair: &[u8]| {
        let at = pair
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(pair.len());
        let value = pair.get(at + 1..).unwrap_or_default();
        Some((path(&decoded(&pair[..at])?)?, decoded(value)?))
    };
    let params: Vec<Param> = pairs.map(pair).collect::<Option<_>>()?;
    let single = params
        .iter()
        .map(|(path, _)| path)
        .filter(|path| !is_listed(path));
    let mut seen = HashSet::new();
    single
        .into_iter()
        .all(|path| seen.insert(path))
        .then_some(params)
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => *byte,
        });
    }
    // Ours cannot tell this character from wrong bytes, and refuses both.
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\u{fffd}'))
}

/// A name, and what stands in its brackets.
fn path(name: &str) -> Option<Path> {
    let is_plain = |part: &str| !part.contains(['[', ']']);
    let (base, below) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut path = vec![base.to_owned()];
    if !below.is_empty() {
        let inner = below.strip_prefix('[')?.strip_suffix(']')?;
        path.extend(inner.split("][").map(str::to_owned));
    }
    let is_good =
        !base.is_empty() && path.iter().all(|part| is_plain(part)) && path.len() <= DEEPEST;
    is_good.then_some(path)
}

/// JSON: an object, whose names are such as a form can have.
fn json(body: &[u8]) -> Option<Vec<Param>> {
    let json = Json::read(body)?;
    let Json::Object(entries) = &json else {
        return None;
    };
    if entries
        .iter()
        .any(|(name, _)| name.is_empty() || name.contains(['[', ']']))
    {
        return None;
    }
    let (said, blank): (Vec<_>, Vec<_>) = flat(&json)?
        .into_iter()
        .partition(|(_, value)| value.is_some());
    // What says nothing has a limit of its own.
    let are_few = said.len() <= MOST && blank.len() <= MOST;
    let params = said
        .into_iter()
        .filter_map(|(path, value)| Some((path, value?)));
    are_few.then(|| params.collect())
}

/// All below a value: with nothing for null, and for what is empty.
fn flat(json: &Json) -> Option<Vec<(Path, Option<String>)>> {
    let entries: Vec<(String, &Json)> = match json {
        Json::Text(text) | Json::Integer(text) => {
            return Some(vec![(Path::new(), Some(text.clone()))]);
        }
        Json::Bool(is) => return Some(vec![(Path::new(), Some(is.to_string()))]),
        Json::Float(_) => return None,
        Json::Null => Vec::new(),
        Json::List(values) => (0..).map(|at: usize| at.to_string()).zip(values).collect(),
        Json::Object(entries) if !are_unique(entries) => return None,
        Json::Object(entries) => entries
            .iter()
            .map(|(name, json)| (name.clone(), json))
            .collect(),
    };
    if entries.is_empty() {
        return Some(vec![(Path::new(), None)]);
    }
    let mut all = Vec::new();
    for (name, json) in entries {
        for (rest, value) in flat(json)? {
            let path: Path = [name.clone()].into_iter().chain(rest).collect();
            if path.len() > DEEPEST {
                return None;
            }
            all.push((path, value));
        }
    }
    Some(all)
}
