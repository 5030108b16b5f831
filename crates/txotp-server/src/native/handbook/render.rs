//! The OpenAPI document as a page.

use serde_json::{Map, Value};

use super::html::Html;
use crate::http::kinds;

pub(super) fn title(document: &Value) -> &str {
    text(&document["info"], "title")
}

/// The page: an overview, then each operation, each schema and each problem.
pub(super) fn body(document: &Value) -> Html {
    let mut html = Html::default();
    let info = &document["info"];
    html.element(
        "h1",
        &format!("{} {}", text(info, "title"), text(info, "version")),
    );
    html.element("p", text(info, "description"));
    html.open("p");
    html.link("/v1/openapi.json", "The same as OpenAPI 3.1");
    html.close("p");
    overview(&mut html, document);
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item) {
            self::operation(&mut html, path, method, operation);
        }
    }
    html.element("h2", "Schemas");
    for (name, schema) in object(
        document
            .pointer("/components/schemas")
            .unwrap_or(&Value::Null),
    ) {
        self::schema(&mut html, name, schema);
    }
    html.element("h2", "Problems");
    html.open("table");
    for kind in kinds::ALL {
        html.open("tr");
        html.element("td", kind.status.as_str());
        html.open("td");
        html.link(&format!("/problems/{}", kind.name), kind.name);
        html.close("td");
        html.element("td", kind.title);
        html.close("tr");
    }
    html.close("table");
    html
}

fn overview(html: &mut Html, document: &Value) {
    html.open("table");
    for (path, item) in object(&document["paths"]) {
        for (method, operation) in object(item) {
            html.open("tr");
            html.open("td");
            html.open_with("span", "class", "method");
            html.text(method);
            html.close("span");
            html.link(
                &format!("#{}", text(operation, "operationId")),
                &format!("`{path}`"),
            );
            html.close("td");
            html.element("td", text(operation, "summary"));
            html.close("tr");
        }
    }
    html.close("table");
}

fn operation(html: &mut Html, path: &str, method: &str, operation: &Value) {
    html.open_with("section", "id", text(operation, "operationId"));
    html.element("h3", &format!("`{} {path}`", method.to_ascii_uppercase()));
    html.element("p", text(operation, "summary"));
    let description = text(operation, "description");
    if !description.is_empty() && description != text(operation, "summary") {
        html.element("p", description);
    }
    let parameters = operation["parameters"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        html.open("table");
        html.row("th", &["parameter", "in", "type", ""]);
        for parameter in parameters {
            let kind = kind(&parameter["schema"]);
            let name = format!("`{}`", text(parameter, "name"));
            let place = text(parameter, "in");
            html.row("td", &[&name, place, &kind, text(parameter, "description")]);
        }
        html.close("table");
    }
    if let Some(body) = operation.pointer("/requestBody/content/application~1json/schema") {
        html.open("p");
        html.text("Body: ");
        kind_link(html, body);
        html.close("p");
    }
    html.open("table");
    html.row("th", &["answer", "body", ""]);
    for (status, response) in object(&operation["responses"]) {
        html.open("tr");
        html.element("td", status);
        html.open("td");
        for (_, content) in object(&response["content"]) {
            kind_link(html, &content["schema"]);
        }
        html.close("td");
        html.element("td", text(response, "description"));
        html.close("tr");
    }
    html.close("table");
    html.close("section");
}

fn schema(html: &mut Html, name: &str, schema: &Value) {
    html.open_with("section", "id", &format!("schema-{name}"));
    html.element("h3", name);
    html.element("p", text(schema, "description"));
    if schema["properties"].as_object().is_none_or(Map::is_empty) {
        html.element("p", &kind(schema));
    } else {
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        html.open("table");
        html.row("th", &["field", "type", ""]);
        for (name, property) in object(&schema["properties"]) {
            let mark = if required.iter().any(|one| one == name) {
                ""
            } else {
                "?"
            };
            let name = format!("`{name}`{mark}");
            html.open("tr");
            html.element("td", &name);
            html.open("td");
            kind_link(html, property);
            html.close("td");
            html.element("td", text(property, "description"));
            html.close("tr");
        }
        html.close("table");
    }
    html.close("section");
}

/// What a schema allows; where it has a name, as a link to that.
fn kind_link(html: &mut Html, schema: &Value) {
    let forms = forms(schema);
    if forms.is_empty() {
        match name_of(schema) {
            Some(name) => html.link(&format!("#schema-{name}"), name),
            None => html.text(&kind(schema)),
        }
        return;
    }
    for (place, form) in forms.iter().enumerate() {
        if place > 0 {
            html.text(" or ");
        }
        kind_link(html, form);
    }
}

/// What a schema allows, in words.
fn kind(schema: &Value) -> String {
    if let Some(name) = name_of(schema) {
        return name.to_owned();
    }
    let forms = forms(schema);
    if !forms.is_empty() {
        return forms.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values
            .iter()
            .map(|value| format!("`{}`", value.as_str().unwrap_or("null")))
            .collect();
        return values.join(", ");
    }
    let types = match &schema["type"] {
        Value::String(one) => one.clone(),
        Value::Array(several) => {
            let several: Vec<_> = several.iter().filter_map(Value::as_str).collect();
            several.join(" or ")
        }
        _ => String::new(),
    };
    if types == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    let bounds = [
        ("minimum", "≥ "),
        ("maximum", "≤ "),
        ("minLength", "length ≥ "),
        ("maxLength", "length ≤ "),
    ];
    let bounds = bounds.iter().filter(|(name, _)| !schema[*name].is_null());
    let bounds: String = bounds
        .map(|(name, words)| format!(", {words}{}", schema[*name]))
        .collect();
    types + &bounds
}

fn forms(schema: &Value) -> &[Value] {
    let forms = schema["oneOf"]
        .as_array()
        .or_else(|| schema["anyOf"].as_array());
    forms.map_or(&[], Vec::as_slice)
}

fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
