//! Signatures that Authy and its clients' tests show: npm `authy-client` 1.1.4 (two), and callbacks that Authy sent, from
//! the tests of `authy-java` 1.5.1 (MIT; seven, the last three of which came as a query).

use super::*;

const VECTORS: &str = include_str!("vectors.json");
const KEY: &str = "FU10H0uCafgKnXvPfDm5iAisVuHDgXJA";
const URL: &str = "https://requestb.in/ui9vdiui";

fn signed(body: &str) -> String {
    let parameters = Parameters::of(body).unwrap();
    sign(
        "foo",
        "1455825429",
        "POST",
        "https://foo.bar/",
        &parameters.text,
    )
}

#[test]
fn authy_client() {
    let body = r#"{"foo":{"bar":{"biz":"foo"}},"qux":"net"}"#;
    assert_eq!(
        Parameters::of(body).unwrap().text,
        "foo%5Bbar%5D%5Bbiz%5D=foo&qux=net"
    );
    assert_eq!(signed(body), "uq/wB8AR1Acvn0wFcjm7mmBJyR11nuuMhMy6semsAO8=");
    let body = r#"{"qux":"net","foo":{"bar":{"biz":"foo bar"}}}"#;
    assert_eq!(signed(body), "+fyGys+d5yNJx9SpeKZdf+N77od1t1cC/fVSWDW2+kY=");
}

#[test]
fn authy_itself() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let parameters = Parameters::of(&vector["body"].to_string()).unwrap();
        let signature = sign(KEY, &text("nonce"), &text("method"), URL, &parameters.text);
        assert_eq!(signature, text("signature"), "{}", text("nonce"));
    }
}

#[test]
fn each_part_is_signed_and_the_query_is_not() {
    let of = |key, nonce, method, url, parameters| sign(key, nonce, method, url, parameters);
    let signature = of("k", "n", "POST", "https://a/b", "x=y");
    assert_eq!(of("k", "n", "POST", "https://a/b?c=d", "x=y"), signature);
    for other in [
        of("K", "n", "POST", "https://a/b", "x=y"),
        of("k", "N", "POST", "https://a/b", "x=y"),
        of("k", "n", "GET", "https://a/b", "x=y"),
        of("k", "n", "POST", "https://a/c", "x=y"),
        of("k", "n", "POST", "https://a/b", "x=z"),
    ] {
        assert_ne!(other, signature);
    }
}

#[test]
fn a_url_without_a_path_is_signed_as_it_is_posted() {
    let of = |url| sign("k", "n", "POST", url, "x=y");
    let root = of("https://a/");
    for same in [
        "https://a",
        "https://a?b=c",
        "https://a/?b=c/d",
        "https://a?b=c/d",
    ] {
        assert_eq!(of(same), root, "{same}");
    }
    for other in ["https://a//", "https://a/b", "https://a:443", "https://b"] {
        assert_ne!(of(other), root, "{other}");
    }
}

#[test]
fn a_body_is_flattened_sorted_and_written_as_a_form() {
    for (body, text) in [
        ("{}", ""),
        (r#"{"b":1,"a":2}"#, "a=2&b=1"),
        (
            r#"{"a":null,"b":true,"c":false,"d":-3}"#,
            "a=&b=true&c=false&d=-3",
        ),
        (r#"{"a":{},"b":[],"c":[{}]}"#, ""),
        // Sorted with their indexes, which are then taken out.
        (
            r#"{"a":[{"z":1,"y":2},{"z":3}]}"#,
            "a%5B%5D%5By%5D=2&a%5B%5D%5Bz%5D=1&a%5B%5D%5Bz%5D=3",
        ),
        (r#"{"a":["y","x"]}"#, "a%5B%5D=y&a%5B%5D=x"),
        (r#"{"a b":"c d"}"#, "a+b=c+d"),
        (r#"{"a":"/?&=%+~*-._"}"#, "a=%2F%3F%26%3D%25%2B~%2A-._"),
        (r#"{"a":"\u00e9"}"#, "a=%C3%A9"),
        (r#"{"a":{"2":"b","2c":"d"}}"#, "a%5B%5D=b&a%5B2c%5D=d"),
    ] {
        assert_eq!(Parameters::of(body).unwrap().text, text, "{body}");
    }
    assert!(Parameters::of("no JSON").is_none());
    let deep = format!("{}1{}", "[".repeat(20), "]".repeat(20));
    assert!(Parameters::of(&deep).is_none());
}

#[test]
fn what_libraries_agree_on() {
    for (body, are_agreed) in [
        (
            r#"{"authy_id":7,"details":{"to":"John Doe","amount":"10 + 5/3"}}"#,
            true,
        ),
        (r#"{"logos":[{"res":"default"},{"res":"low"}]}"#, true),
        (r#"{"details":{"To":"x"}}"#, false),
        (r#"{"details":{"to account":"x"}}"#, false),
        (r#"{"details":{"2":"x"}}"#, false),
        (r#"{"details":{"\u00e4":"x"}}"#, false),
        (r#"{"details":{"to":"J\u00fcrgen"}}"#, false),
        (r#"{"details":{"to":"a~b"}}"#, false),
        (r#"{"details":{"to":"a*b"}}"#, false),
        (r#"{"details":{"to":"None of it"}}"#, false),
    ] {
        assert_eq!(
            Parameters::of(body).unwrap().are_agreed,
            are_agreed,
            "{body}"
        );
    }
    let name = |len: usize| format!(r#"{{"{}":"x"}}"#, "a".repeat(len));
    assert!(Parameters::of(&name(200)).unwrap().are_agreed);
    assert!(!Parameters::of(&name(201)).unwrap().are_agreed);
}
