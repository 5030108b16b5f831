//! Answers as XML, in the form that Rails gives a hash (`Hash#to_xml`), which Authy's server used: names with dashes, and
//! the type of what is not text as an attribute.

use quick_xml::escape::escape;
use serde_json::Value;

/// Writes an object. Its names are the service's own, and are names in XML too.
pub(super) fn write(root: &str, value: &Value) -> String {
    let mut xml = r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned();
    xml.push('\n');
    element(&mut xml, root, value);
    xml.push('\n');
    xml
}

fn element(xml: &mut String, name: &str, value: &Value) {
    let name = dashes(name);
    let mut tagged = |kind: &str, text: &str| {
        for part in ["<", &name, kind, ">", text, "</", &name, ">"] {
            xml.push_str(part);
        }
    };
    match value {
        Value::Null => {
            for part in ["<", &name, r#" nil="true"/>"#] {
                xml.push_str(part);
            }
        }
        Value::Bool(is) => tagged(r#" type="boolean""#, if *is { "true" } else { "false" }),
        Value::Number(number) => tagged(r#" type="integer""#, &number.to_string()),
        Value::String(text) => tagged("", &escape(text.as_str())),
        Value::Array(items) => {
            let single = name.strip_suffix('s').unwrap_or(&name);
            let mut inner = String::new();
            for item in items {
                element(&mut inner, single, item);
            }
            tagged(r#" type="array""#, &inner);
        }
        Value::Object(fields) => {
            let mut inner = String::new();
            for (name, field) in fields {
                element(&mut inner, name, field);
            }
            tagged("", &inner);
        }
    }
}

/// Dashes for underscores, but for those that a name begins with.
fn dashes(name: &str) -> String {
    let rest = name.trim_start_matches('_');
    let begin = name.strip_suffix(rest).unwrap_or_default();
    format!("{begin}{}", rest.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_written_as_rails_does() {
        let value = json!({
            "message": "a < b & \"c\"",
            "user": { "id": 1635, "country_code": "1" },
            "devices": ["one", "two"],
            "_app_name": "x",
            "city": null,
            "success": true,
        });
        assert_eq!(
            write("hash", &value),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<hash><message>a &lt; b &amp; &quot;c&quot;</message>\
             <user><id type=\"integer\">1635</id><country-code>1</country-code></user>\
             <devices type=\"array\"><device>one</device><device>two</device></devices><_app-name>x</_app-name>\
             <city nil=\"true\"/><success type=\"boolean\">true</success></hash>\n"
        );
    }
}
