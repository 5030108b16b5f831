//! The whole of what the crate `authy` can ask for.

use std::collections::HashMap;
use std::env;
use std::process::Command;

use authy::api::phone::ContactType;
use authy::api::user::ActivityType;
use authy::{AuthyError, Client, Phone, Status, User, api};

const EXAMPLE: [(&str, &str); 7] = [
    ("hidden_details[Transaction ID]", "T2293"),
    ("details[Reason]", "transfer money"),
    ("details[Source Account]", "98381"),
    ("details[Destination Account]", "29385"),
    ("details[To]", "John Doe"),
    ("details[Amount]", "1000 Euros"),
    ("message", "Approve money transaction"),
];

fn main() {
    let client = client(&variable("TXOTP_KEY"));
    let mut user = User::create(&client, "rust@bank.example", 1, "405-555-0104", true).unwrap();
    let again = User::create(&client, "rust@bank.example", 1, "4055550104", false).unwrap();
    assert_eq!((user.id, user.country_code), (again.id, 1));
    assert!(!user.confirmed && !user.registered && !user.account_disabled);

    texts(&client, &mut user);
    tokens(&client, &mut user);
    phones(&client);
    application(&client, &user);
    approvals(&client, user.id);

    user.delete(&client).unwrap();
    assert!(user.account_disabled);
    refused(api::user::verify(&client, user.id, "1234567"), "60026");
    println!("rust: crate authy 0.9.8 is content");
}

fn client(key: &str) -> Client {
    Client::new(&variable("TXOTP_URL"), key)
}

fn texts(client: &Client, user: &mut User) {
    let sent = user
        .sms(client, false, Some("john|12.00"), Some("Pay 12.00 to John"))
        .unwrap();
    assert!(sent.cellphone.ends_with("04") && sent.ignored.is_none());
    let code = device(&["text"]);
    refused(api::user::verify(client, user.id, &code), "60020");
    let path = format!("verify/{code}/{}", user.id);
    let verify = |action: &str| {
        let action = vec![("action".to_owned(), action.to_owned())];
        client.get("protected", &path, Some(action))
    };
    refused(verify("john|13.00"), "60020");
    assert!(verify("john|12.00").unwrap().0.success);
    let called = user.call(client, true, None, None).unwrap();
    assert!(called.cellphone.ends_with("04") && called.ignored.is_none());
    api::user::verify(client, user.id, &device(&["text"])).unwrap();
}

fn tokens(client: &Client, user: &mut User) {
    let uri = device(&["enrol", &user.id.to_string()]);
    let ignored = user.sms(client, false, None, None).unwrap();
    assert_eq!(ignored.ignored, Some(true));
    assert!(ignored.device.is_some());
    let code = device(&["login", &uri]);
    assert!(!user.verify(client, &device(&["wrong", &uri])).unwrap());
    assert!(user.verify(client, &code).unwrap());
    assert!(user.confirmed && user.registered && user.devices.len() == 1);
    refused(api::user::verify(client, user.id, &code), "60019");

    let path = format!("verify/{}/{}", device(&["example", &uri]), user.id);
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let changed = EXAMPLE
        .map(owned)
        .map(|(name, value)| (name, value.replace("1000", "9000")));
    refused(
        client.get("protected", &path, Some(changed.to_vec())),
        "60020",
    );
    let (status, _) = client
        .get("protected", &path, Some(EXAMPLE.map(owned).to_vec()))
        .unwrap();
    assert_eq!(status.message, "Token is valid.");
    refused(
        api::user::verify(&self::client("wrong"), user.id, "1234567"),
        "60001",
    );
}

fn phones(client: &Client) {
    let phone = Phone {
        country_code: 1,
        phone_number: "405-555-0114".to_owned(),
        ..Phone::default()
    };
    let started = phone
        .start(client, ContactType::SMS, Some(6), Some("en"))
        .unwrap();
    assert!(started.success && started.is_cellphone && started.seconds_to_expire == 600);
    refused(phone.check(client, &device(&["wrong-text"])), "60022");
    phone.check(client, &device(&["text"])).unwrap();
    refused(phone.check(client, &device(&["text"])), "60023");
    phone.start(client, ContactType::Call, None, None).unwrap();
    phone.check(client, &device(&["text"])).unwrap();
    refused(Phone::find(client, 1, "4055550114"), "60000");
}

fn application(client: &Client, user: &User) {
    let (_, details) = api::app::details(client).unwrap();
    assert!(details.sms_enabled && details.onetouch_enabled && details.app_id > 0);
    refused(api::app::stats(client), "60000");
    let data = HashMap::from([("reason", "forgotten".to_owned())]);
    user.register_activity(
        client,
        Some(&data),
        ActivityType::PasswordReset,
        "192.0.2.1",
    )
    .unwrap();
}

fn approvals(client: &Client, id: u32) {
    let details = HashMap::from([("Amount", "1000 Euros".to_owned())]);
    let hidden = HashMap::from([("Transaction ID", "T2293".to_owned())]);
    let asked = api::onetouch::request(
        client,
        id,
        "Approve money transaction",
        Some(&details),
        Some(&hidden),
        None,
        Some(120),
    );
    let (status, _) = asked.unwrap();
    assert!(status.success);
}

/// Asks what a customer's device or phone shows.
fn device(arguments: &[&str]) -> String {
    let mut command = Command::new("python3");
    let output = command
        .arg(variable("TXOTP_DEVICE"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn refused<T: core::fmt::Debug>(answer: Result<T, AuthyError>, code: &str) {
    use AuthyError::{BadRequest, Forbidden, TooManyRequests, UnauthorizedKey, UserNotFound};
    let status: Status = match answer.unwrap_err() {
        BadRequest(status)
        | Forbidden(status)
        | TooManyRequests(status)
        | UnauthorizedKey(status)
        | UserNotFound(status) => status,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        status.error_code.as_deref(),
        Some(code),
        "{}",
        status.message
    );
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set; start clients/run.sh"))
}
