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
    document["info"] = json!({
        "title": "txotp",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
    });
    document["servers"] = json!([{ "url": "/", "description": "This server" }]);
    document["security"] = json!([{ "key": [] }]);
    document["components"]["securitySchemes"] = json!({
        "key": { "type": "http", "scheme": "bearer", "description": "An API key" },
    });
    let schemas = &mut document["components"]["schemas"];
    for name in OF_ONE {
        narrow(
            schemas,
            name,
            json!([{ "required": ["user"], "not": { "required": ["device"] } },
                                     { "required": ["device"], "not": { "required": ["user"] } }]),
        );
    }
    for name in FOR_ONE {
        narrow(
            schemas,
            name,
            json!([{ "required": ["transaction"], "properties": { "login": { "const": false } } },
                                     { "required": ["login"], "properties": { "login": { "const": true } },
                                       "not": { "required": ["transaction"] } }]),
        );
    }
    for name in FOR_ONE_OR_NONE {
        narrow(
            schemas,
            name,
            json!([{ "not": { "required": ["purpose"] } },
                                     { "required": ["purpose"], "not": { "required": ["transaction"] } }]),
        );
    }
    schemas["TextOrInteger"]["oneOf"] =
        json!([{ "type": "string", "minLength": 1 }, { "type": "integer" }]);
    for name in ["details", "hidden_details"] {
        let pairs = &mut schemas["TransactionParts"]["properties"][name];
        pairs["maxProperties"] = MAX_PAIRS.into();
        pairs["propertyNames"] = json!({ "minLength": 1, "pattern": r"^[^\[\]]+$" });
    }
    for operation in operations_mut(&mut document) {
        complete(operation);
    }
    document
}

/// Says that of several forms one holds.
fn narrow(schemas: &mut Value, name: &str, forms: Value) {
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
    let takes = |place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["in"] == place))
    };
    let mut kinds: Vec<&Kind> = WITH_KEY.to_vec();
    for (place, kind) in [
        ("path", &kinds::BAD_PATH),
        ("query", &kinds::BAD_QUERY),
        ("header", &kinds::BAD_HEADER),
    ] {
        if takes(place) {
            kinds.push(kind);
        }
    }
    if operation.get("requestBody").is_some() {
        kinds.extend(WITH_BODY);
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for kind in kinds {
        add(responses, kind);
    }
    for response in responses.values_mut() {
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        if let Some(content) = content {
            let is_problem = content["application/json"]["schema"]["$ref"]
                .as_str()
                .is_some_and(|name| name.ends_with("/Problem"));
            if is_problem {
                if let Some(problem) = content.remove("application/json") {
                    content.insert("application/problem+json".to_owned(), problem);
                }
            }
        }
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
    let before = answer["description"].as_str().unwrap_or_default();
    let separator = if before.is_empty() { "" } else { ", " };
    answer["description"] = format!("{}{separator}{before}", kind.name).into();
}
