use super::*;

fn none(_: &str) -> Option<String> {
    None
}

fn read(file: &str) -> Result<Config, ConfigError> {
    Config::read(file, none, [])
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let config = read("").unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
}

#[test]
fn every_setting_can_be_set_from_text() {
    for setting in Config::settings() {
        let value = match at(&Config::table(), &setting).unwrap() {
            Value::String(text) => text.clone(),
            Value::Array(_) => "a.example, b.example".to_owned(),
            value => value.to_string(),
        };
        let flags = [(setting.as_str(), value.as_str())];
        assert!(Config::read("", none, flags).is_ok(), "{setting}");
        let environment = |name: &str| (name == variable(&setting)).then(|| value.clone());
        assert!(Config::read("", environment, []).is_ok(), "{setting}");
    }
}

#[test]
fn what_comes_later_wins() {
    let environment = |name: &str| (name == "TXOTP_ISSUER").then(|| "environment".to_owned());
    let file = "issuer = 'file'";
    assert_eq!(Config::read(file, none, []).unwrap().issuer, "file");
    assert_eq!(
        Config::read(file, environment, []).unwrap().issuer,
        "environment"
    );
    let flags = [("issuer", "flag")];
    assert_eq!(
        Config::read(file, environment, flags).unwrap().issuer,
        "flag"
    );
}

#[test]
fn an_error_names_the_setting_and_no_value() {
    let value = |setting: &str| ConfigError::Value {
        setting: setting.to_owned(),
    };
    let unknown = |setting: &str| ConfigError::Unknown {
        setting: setting.to_owned(),
    };
    for (file, error) in [
        ("a = 1\nissuer = ", ConfigError::Syntax { line: 2 }),
        ("isuer = 'x'", unknown("isuer")),
        ("[limits]\nbody = 1", unknown("limits.body")),
        ("limits = 1", value("limits")),
        ("[issuer]\nx = 1", value("issuer")),
        ("listen = 'secret'", value("listen")),
        ("[log]\nformat = 'secret'", value("log.format")),
        ("[limits]\nbody_bytes = -1", value("limits.body_bytes")),
    ] {
        let found = read(file).unwrap_err();
        assert_eq!(found, error, "{file}");
        assert!(!found.to_string().contains("secret"), "{file}");
    }
    let flags = [("limits.body_bytes", "many")];
    let found = Config::read("", none, flags).unwrap_err();
    assert_eq!(found, value("limits.body_bytes"));
}

#[test]
fn plain_http_beyond_loopback_must_be_asked_for() {
    let conflict = |file| matches!(read(file), Err(ConfigError::Conflict { .. }));
    assert!(conflict("listen = '0.0.0.0:80'"));
    assert!(!conflict(
        "listen = '0.0.0.0:80'\n[tls]\nallow_plain_http = true"
    ));
    assert!(!conflict(
        "listen = '0.0.0.0:80'\n[tls]\ncertificate = 'c'\nkey = 'k'"
    ));
    assert!(!conflict("listen = '[::1]:80'"));
    assert!(conflict("[tls]\ncertificate = 'c'"));
}

#[test]
fn every_number_has_a_range_and_says_it() {
    let handbook = include_str!("../../../../docs/service.md");
    let defaults = Config::default();
    for (setting, _, range) in defaults.numbers() {
        let (least, most) = (*range.start(), *range.end());
        let set = |value: u64| Config::read("", none, [(setting, &*value.to_string())]);
        for inside in [least, most] {
            let config = set(inside).unwrap();
            let read = |(name, value, _)| (name == setting).then_some(value);
            assert_eq!(config.numbers().into_iter().find_map(read), Some(inside));
        }
        let error = ConfigError::Range {
            setting,
            least,
            most,
        };
        assert_eq!(error.to_string(), format!("{setting} is {least} to {most}"));
        // Of a type that says no more it is an error of the value.
        let value = ConfigError::Value {
            setting: setting.to_owned(),
        };
        for outside in [least.checked_sub(1), Some(most + 1), Some(i64::MAX as u64)] {
            let Some(outside) = outside else { continue };
            let found = set(outside).unwrap_err();
            assert!(found == error || (outside > u64::from(u8::MAX) && found == value));
        }
        let row = handbook
            .lines()
            .find(|line| line.starts_with(&format!("| `{setting}` |")));
        assert!(
            row.unwrap().contains(&format!("{least} to {most}")),
            "{setting}"
        );
    }
    // Another number than 1 to 5 is 5, as at Weavr.
    let named: Vec<_> = defaults.numbers().map(|(name, ..)| name).into();
    for setting in Config::settings() {
        let is_number = matches!(at(&Config::table(), &setting), Some(Value::Integer(_)));
        let has_range = named.contains(&setting.as_str()) || setting == "stepup.attempts";
        assert_eq!(is_number, has_range, "{setting}");
    }
}

#[test]
fn a_gateway_has_what_it_needs() {
    let conflict = |file| matches!(read(file), Err(ConfigError::Conflict { .. }));
    assert!(conflict(
        "[sms]\ngateway = 'webhook'\nurl = 'https://sms.example'"
    ));
    assert!(!conflict(
        "[sms]\ngateway = 'webhook'\nurl = 'https://sms.example'\nsecret = 's'"
    ));
    assert!(conflict(
        "[sms]\ngateway = 'twilio'\nsecret = 's'\naccount = 'a'"
    ));
    let calling = |rest: &str| {
        let twilio = "[sms]\ngateway = 'twilio'\nsecret = 's'\naccount = 'a'\ncalls = true";
        let read = read(&format!("{twilio}\n{rest}"));
        matches!(read, Err(ConfigError::Conflict { .. }))
    };
    assert!(!calling("from = '+14055550185'"));
    assert!(calling("from = 'MG1'"));
    assert!(!calling("from = 'MG1'\ncall_from = '+14055550185'"));
    assert!(calling("from = '+14055550185'\ncall_from = 'ACME'"));
}

#[test]
fn what_could_not_work_is_refused_at_once() {
    let conflict = |setting: &str, value: &str| {
        let read = Config::read("", none, [(setting, value)]);
        matches!(read, Err(ConfigError::Conflict { .. }))
    };
    let (long, longest) = ("x".repeat(65), "x".repeat(64));
    let cases: [(&str, &[&str], &[&str]); 3] = [
        (
            "issuer",
            &["", "a:b", "a\nb", " a", "a\u{202e}b", &long],
            &["ACME", "Müller & Söhne", &longest],
        ),
        (
            "public_url",
            &[
                "foo",
                "/path",
                "ftp://bank.example",
                "https://",
                "bank.example",
            ],
            &["", "https://bank.example/otp/", "http://127.0.0.1:8080"],
        ),
        (
            "callbacks.allowed_hosts",
            &[
                "http://foo",
                "*.bank.example",
                "a b",
                "bank.example:443",
                "[::1]",
            ],
            &["", "bank.example", "bank.example, 192.0.2.1, ::1"],
        ),
    ];
    for (setting, bad, good) in cases {
        for value in bad {
            assert!(conflict(setting, value), "{setting}: {value}");
        }
        for value in good {
            assert!(!conflict(setting, value), "{setting}: {value}");
        }
    }
    assert!(conflict("sms.calls", "true"));
}

#[test]
fn secrets_are_not_shown() {
    let config = Config::read(
        "",
        none,
        [("sms.secret", "hush"), ("store", "postgres://u:hush@h/d")],
    );
    let config = config.unwrap();
    assert_eq!(config.sms.secret.reveal(), "hush");
    assert!(!format!("{config:?}").contains("hush"));
    assert!(!toml::to_string(&config).unwrap().contains("hush"));
}

#[test]
fn the_handbook_lists_every_setting_with_its_default() {
    let handbook = include_str!("../../../../docs/service.md");
    let table = Config::table();
    for setting in Config::settings() {
        let row = handbook
            .lines()
            .find(|line| line.starts_with(&format!("| `{setting}` |")))
            .unwrap_or_else(|| panic!("{setting} is not in the handbook"));
        let default = match at(&table, &setting).unwrap() {
            Value::String(text) => text.clone(),
            Value::Array(items) => items.iter().map(Value::to_string).collect(),
            value => value.to_string(),
        };
        // The one default that is made of another, and the one that is secret to `Serialize`.
        let default = match setting.as_str() {
            "keys_file" => "STORE.keys".to_owned(),
            "store" => Config::default().store.reveal().to_owned(),
            _ => default,
        };
        let told = row.split('|').nth(2).unwrap().trim().trim_matches('`');
        assert_eq!(told, default, "{setting}");
    }
    let rows = handbook.lines().filter(|line| line.starts_with("| `"));
    assert_eq!(rows.count(), Config::settings().len());
}
