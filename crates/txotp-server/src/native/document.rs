//! The OpenAPI 3.1 document: what the handlers say of themselves, and what is the same for all of them.

use serde_json::{Map, Value, json};
use txotp_core::limits::MAX_PAIRS;
use utoipa::openapi::OpenApi;

use crate::http::kinds::{self, Kind};

const ABOUT: &str = "Transaction-bound one-time codes: devices, transactions, verdicts. Names are percent-encoded in paths. \
    Times are Unix seconds. A code that is refused is an answer with status 200; every other refusal is a problem (RFC 9457), \
    whose type is a path on this server that explains it. No refusal repeats a part of the request.";

/// What every request with a key can be answered.
const WITH_KEY: [&Kind; 6] = [
    &kinds::UNAUTHENTICATED,
    &kinds::FORBIDDEN,
    &kinds::TOO_MANY_REQUESTS,
    &kinds::INTERNAL,
    &kinds::UNAVAILABLE,
    &kinds::TOO_SLOW,
];
/// What every request with a body can.
const WITH_BODY: [&Kind; 5] = [
    &kinds::BAD_JSON,
    &kinds::BAD_BODY,
    &kinds::TOO_LARGE,
    &kinds::UNSUPPORTED_MEDIA_TYPE,
    &kinds::INVALID,
];
/// The bodies in which either user or device is given.
const OF_ONE: [&str; 2] = ["NewTransaction", "Verification"];
/// The bodies in which either a transaction or login is given.
const FOR_ONE: [&str; 2] = ["Verification", "Resynchronisation"];
/// The bodies in which a purpose or a transaction is given, or neither.
const FOR_ONE_OR_NONE: [&str; 3] = ["NewChallenge", "ChallengeAnswer", "TokenUse"];

/// The document, with what all operations have in common.
pub(super) fn finish(api: &OpenApi) -> Value {
    // A document that is not written is an empty one; a test reads it.
    let mut document = serde_json::to_value(api).unwrap_or_default();
    *at(&mut document, &["info"]) = json!({
        "title": "txotp",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
    });
    *at(&mut document, &["servers"]) = json!([{ "url": "/", "description": "This server" }]);
    *at(&mut document, &["security"]) = json!([{ "key": [] }]);
    *at(&mut document, &["components", "securitySchemes"]) = json!({
        "key": { "type": "http", "scheme": "bearer", "description": "An API key" },
    });
    narrow_all(at(&mut document, &["components", "schemas"]));
    for operation in operations_mut(&mut document) {
        complete(operation);
    }
    document
}

/// The value at a place, made where there is none.
fn at<'a>(value: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(value, |value, name| {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        let object = value
            .as_object_mut()
            .expect("it is an object, or became one");
        object.entry(*name).or_insert(Value::Null)
    })
}

/// Says what the types of the handlers cannot.
fn narrow_all(schemas: &mut Value) {
    for name in OF_ONE {
        let user = json!({ "required": ["user"], "not": { "required": ["device"] } });
        let device = json!({ "required": ["device"], "not": { "required": ["user"] } });
        narrow(schemas, name, &[user, device]);
    }
    for name in FOR_ONE {
        let transaction =
            json!({ "required": ["transaction"], "properties": { "login": { "const": false } } });
        let login = json!({
            "required": ["login"],
            "properties": { "login": { "const": true } },
            "not": { "required": ["transaction"] },
        });
        narrow(schemas, name, &[transaction, login]);
    }
    for name in FOR_ONE_OR_NONE {
        let no_purpose = json!({ "not": { "required": ["purpose"] } });
        let purpose = json!({ "required": ["purpose"], "not": { "required": ["transaction"] } });
        narrow(schemas, name, &[no_purpose, purpose]);
    }
    *at(schemas, &["TextOrInteger", "oneOf"]) =
        json!([{ "type": "string", "minLength": 1 }, { "type": "integer" }]);
    let key = at(schemas, &["NewKey", "properties"]);
    *at(key, &["roles", "uniqueItems"]) = true.into();
    *at(key, &["callback_url", "pattern"]) = r"^https?://[^@/?#\s]+([/?]\S*)?$".into();
    for name in ["details", "hidden_details"] {
        let pairs = at(schemas, &["TransactionParts", "properties", name]);
        *at(pairs, &["maxProperties"]) = MAX_PAIRS.into();
        *at(pairs, &["propertyNames"]) = json!({ "minLength": 1, "pattern": r"^[^\[\]]+$" });
    }
}

/// Says that of several forms one holds.
fn narrow(schemas: &mut Value, name: &str, forms: &[Value]) {
    if let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) {
        let all = schema.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.push(json!({ "oneOf": forms }));
        }
    }
}

/// The operations of a document.
fn operations_mut(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flatten();
    let methods = items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    methods.map(|(_, operation)| operation)
}

/// Adds what an operation can be answered for what it takes.
fn complete(operation: &mut Value) {
    let takes = |what: &str, is: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one[what] == is))
    };
    let mut kinds: Vec<&Kind> = WITH_KEY.to_vec();
    for (what, is, kind) in [
        ("in", "path", &kinds::BAD_PATH),
        ("in", "query", &kinds::BAD_QUERY),
        ("in", "header", &kinds::BAD_HEADER),
        ("name", "device", &kinds::UNKNOWN_DEVICE),
        ("name", "Idempotency-Key", &kinds::IDEMPOTENCY_MISMATCH),
    ] {
        if takes(what, is) {
            kinds.push(kind);
        }
    }
    if operation.get("requestBody").is_some() {
        kinds.extend(WITH_BODY);
    }
    let responses = operation.get_mut("responses");
    let Some(responses) = responses.and_then(Value::as_object_mut) else {
        return;
    };
    for kind in kinds {
        add(responses, kind);
    }
    for response in responses.values_mut() {
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        if let Some(content) = content {
            name_problem(content);
        }
    }
}

/// A problem has a media type of its own.
fn name_problem(content: &mut Map<String, Value>) {
    let json = content.get("application/json");
    let name = json.and_then(|json| json.pointer("/schema/$ref")?.as_str());
    if name.is_some_and(|name| name.ends_with("/Problem"))
        && let Some(problem) = content.remove("application/json")
    {
        content.insert("application/problem+json".to_owned(), problem);
    }
}

/// Names a problem among the answers of its status.
fn add(responses: &mut Map<String, Value>, kind: &Kind) {
    let answer = responses.entry(kind.status.as_str()).or_insert_with(|| {
        json!({
            "description": "",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
        })
    });
    let description = at(answer, &["description"]);
    let before = description.as_str().unwrap_or_default();
    let separator = if before.is_empty() { "" } else { ", " };
    *description = format!("{}{separator}{before}", kind.name).into();
}
