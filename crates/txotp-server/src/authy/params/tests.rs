use super::*;

type Listed = Vec<(Vec<String>, String)>;

fn listed(params: &Params) -> Listed {
    let pair = |param: &Param| (param.path.clone(), param.value.to_string());
    params.0.params.iter().map(pair).collect()
}

fn pair(path: &[&str], value: &str) -> (Vec<String>, String) {
    (
        path.iter().map(|part| (*part).to_owned()).collect(),
        value.to_owned(),
    )
}

fn query(text: &str) -> Result<Listed, ParamsError> {
    Params::read(text, Media::Form, b"").map(|params| listed(&params))
}

fn json(text: &str) -> Result<Listed, ParamsError> {
    Params::read("", Media::Json, text.as_bytes()).map(|params| listed(&params))
}

#[test]
fn every_spelling_of_a_parameter_is_the_same() {
    let expected = Ok(vec![
        pair(&["message"], "Pay now"),
        pair(&["details", "To"], "A&B"),
    ]);
    assert_eq!(query("message=Pay+now&details[To]=A%26B"), expected);
    assert_eq!(query("message=Pay%20now&details%5BTo%5D=A%26B&"), expected);
    let form = Params::read("", Media::Form, b"message=Pay+now&details[To]=A%26B");
    assert_eq!(form.map(|params| listed(&params)), expected);
    assert_eq!(
        json(r#"{"message":"Pay now","details":{"To":"A&B"}}"#),
        expected
    );
}

#[test]
fn lists_keep_their_order() {
    let brackets = ["logos", "", "res"];
    assert_eq!(
        query("logos[][res]=default&logos[][url]=u&logos[][res]=low"),
        Ok(vec![
            pair(&brackets, "default"),
            pair(&["logos", "", "url"], "u"),
            pair(&brackets, "low"),
        ])
    );
    assert_eq!(
        json(r#"{"logos":[{"res":"default"},{"res":"low"}]}"#),
        query("logos[0][res]=default&logos[1][res]=low")
    );
}

#[test]
fn numbers_and_booleans_are_their_text_and_null_is_nothing() {
    assert_eq!(
        json(
            r#"{"user":{"cellphone":5551234567,"country_code":1},"flag":true,"ttl":null,"logos":[],"details":{}}"#
        ),
        Ok(vec![
            pair(&["user", "cellphone"], "5551234567"),
            pair(&["user", "country_code"], "1"),
            pair(&["flag"], "true"),
        ])
    );
    for inexact in ["1.0", "1e3", "99999999999999999999999", "-0"] {
        let text = format!(r#"{{"amount":{inexact}}}"#);
        assert_eq!(json(&text), Err(ParamsError::Malformed), "{inexact}");
    }
}

#[test]
fn what_is_there_twice_is_refused() {
    for text in [
        "message=a&message=b",
        "message=a&message=a",
        "details[To]=a&details%5bTo%5d=b",
    ] {
        assert_eq!(query(text), Err(ParamsError::Repeated), "{text}");
    }
    for text in [
        r#"{"message":"a","message":"b"}"#,
        r#"{"message":"a","message":null}"#,
        r#"{"message":null,"message":"a"}"#,
        r#"{"details":{"To":"a","To":"b"}}"#,
        r#"{"details":{"To":"a"},"details":{"Amount":"b"}}"#,
    ] {
        assert_eq!(json(text), Err(ParamsError::Repeated), "{text}");
    }
}

#[test]
fn query_and_body_may_agree_and_not_differ() {
    let both = |query, body: &str| {
        Params::read(query, Media::Json, body.as_bytes()).map(|params| listed(&params))
    };
    assert_eq!(
        both("message=a", r#"{"message":"a"}"#),
        Ok(vec![pair(&["message"], "a")])
    );
    assert_eq!(
        both("message=a", r#"{"message":"b"}"#),
        Err(ParamsError::Repeated)
    );
    assert_eq!(
        both("details[To]=a", r#"{"details":{"To":"b"}}"#),
        Err(ParamsError::Repeated)
    );
}

#[test]
fn what_is_malformed_is_refused() {
    for text in [
        "=a",
        "[a]=b",
        "a]=b",
        "a[b=c",
        "a[b]c=d",
        "a[b]]=c",
        "a[[b]]=c",
        "a[b[c]]=d",
        "a=%",
        "a=%4",
        "a=%zz",
        "a[b][c][d][e]=f",
    ] {
        assert_eq!(query(text), Err(ParamsError::Malformed), "{text}");
    }
    for text in [
        "{",
        "[]",
        "1",
        "\"a\"",
        "[1]",
        "{}{}",
        "{\"a\":[[[[[1]]]]]}",
        "{\"details[To]\":\"X\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"details[To]\":\"X\"}",
        "{\"a]\":\"X\"}",
        "{\"\":\"X\"}",
    ] {
        assert_eq!(json(text), Err(ParamsError::Malformed), "{text}");
    }
    for text in ["a=%FF", "a=%ED%A0%80", "%C3=b"] {
        assert_eq!(query(text), Err(ParamsError::NotUtf8), "{text}");
    }
}

#[test]
fn what_says_nothing_is_remembered() {
    let text = br#"{"message":null,"details":{"To":null},"hidden_details":{},"logos":[]}"#;
    let params = Params::read("", Media::Json, text).unwrap();
    assert!(params.0.params.is_empty());
    for name in ["message", "details", "hidden_details", "logos"] {
        assert!(params.is_blank(name), "{name}");
        assert_eq!(
            params.has_null(name),
            !matches!(name, "hidden_details" | "logos"),
            "{name}"
        );
    }
    assert!(!params.is_blank("action"));
}

#[test]
fn flags_are_what_the_clients_send() {
    let flag = |text: &str| Params::read(text, Media::Form, b"").unwrap().flag("force");
    for (text, is) in [
        ("force=true", true),
        ("force=True", true),
        ("force=1", true),
        ("force=false", false),
        ("force=False", false),
    ] {
        assert_eq!(flag(text), Ok(Some(is)), "{text}");
    }
    assert_eq!(flag("a=b"), Ok(None));
    for text in ["force=", "force=yes", "force[a]=true"] {
        assert_eq!(flag(text), Err(ParamsError::Malformed), "{text}");
    }
}

#[test]
fn there_is_a_limit() {
    let many = |count: usize| {
        (0..count)
            .map(|n| format!("p{n}=1"))
            .collect::<Vec<_>>()
            .join("&")
    };
    assert_eq!(
        query(&many(MAX_PARAMS)).map(|all| all.len()),
        Ok(MAX_PARAMS)
    );
    assert_eq!(query(&many(MAX_PARAMS + 1)), Err(ParamsError::TooMany));
    let listed = vec!["a[]=1"; MAX_PARAMS + 1].join("&");
    assert_eq!(query(&listed), Err(ParamsError::TooMany));
    let nulls = |count| format!("{{\"a\":[{}]}}", vec!["null"; count].join(","));
    assert_eq!(json(&nulls(MAX_PARAMS)), Ok(Vec::new()));
    assert_eq!(json(&nulls(MAX_PARAMS + 1)), Err(ParamsError::TooMany));
}

#[test]
fn nothing_of_a_parameter_is_shown() {
    let params = Params::read("message=hush", Media::Form, b"").unwrap();
    assert_eq!(format!("{params:?}"), "Params(1)");
    assert_eq!(format!("{:?}", params.0.params), "[Param(redacted)]");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(query: String, body: Vec<u8>) {
        let _ = Params::read(&query, Media::Form, &body);
        let _ = Params::read(&query, Media::Json, &body);
    }
}
