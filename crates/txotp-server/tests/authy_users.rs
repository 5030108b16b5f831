//! Users of Authy's interface, as each client makes, sees and removes them.

mod authy_support;
mod support;

use authy_support::refused;
use axum::http::Method;
use serde_json::json;
use support::Service;
use txotp_store::UserId;

const NEW: &str = "/protected/json/users/new";

#[tokio::test]
async fn every_client_s_way_makes_the_same_user() {
    let service = Service::new().await;
    let key = &service.key;
    let first = service.user("405-555-0185").await;
    let ways = [
        // python, java, authy-client
        service.json(NEW, &json!({"user":{"email":"a@b.example","cellphone":"4055550185","country_code":"1"},"send_install_link_via_sms":false})).await,
        service.json(NEW, &json!({"user":{"email":"a@b.example","cellphone":4_055_550_185_u64,"country_code":1}})).await,
        // npm authy: the flag and the key in the query
        service.send(Method::POST, &format!("{NEW}?send_install_link_via_sms=true&api_key={key}"),
            &[("content-type", "application/x-www-form-urlencoded")],
            "user%5Bemail%5D=a%40b.example&user%5Bcellphone%5D=405-555-0185&user%5Bcountry_code%5D=1").await,
        // php: all in the query, and a body that is empty
        service.form(&format!("{NEW}?user%5Bemail%5D=a%40b.example&user%5Bcellphone%5D=405.555.0185&user%5Bcountry_code%5D=1&user%5Bsend_install_link_via_sms%5D=0"), "").await,
        // C: raw brackets
        service.form(NEW, "user[email]=other@b.example&user[country_code]=%2B1&user[cellphone]=(405)+555-0185").await,
    ];
    for (way, reply) in ways.iter().enumerate() {
        assert_eq!(reply.status, 200, "{way}: {}", reply.text());
        assert_eq!(
            reply.json(),
            json!({"message":"User created successfully.","user":{"id":first},"success":true}),
            "{way}"
        );
    }
    assert!((1..1 << 31).contains(&first));
    assert_ne!(service.user("4055550186").await, first);
}

#[tokio::test]
async fn of_many_at_once_all_are_given_one_user() {
    let service = Service::new().await;
    let ids = tokio::join!(
        service.user("4055550185"),
        service.user("4055550185"),
        service.user("4055550185"),
        service.user("4055550185"),
        service.user("4055550185"),
        service.user("4055550185"),
        service.user("4055550185"),
        service.user("4055550185"),
    );
    let ids = [ids.0, ids.1, ids.2, ids.3, ids.4, ids.5, ids.6, ids.7];
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn who_is_no_user_is_refused() {
    let service = Service::new().await;
    for body in [
        "",
        "user[email]=a@b.example",
        "user[email]=a&user[cellphone]=4055550185&user[country_code]=1",
        "user[email]=a@b@c&user[cellphone]=4055550185&user[country_code]=1",
        "user[email]=a%0A@b.example&user[cellphone]=4055550185&user[country_code]=1",
        "user[email]=a@b.example&user[cellphone]=12&user[country_code]=1",
        "user[email]=a@b.example&user[cellphone]=4055550185&user[country_code]=0",
        "user[email]=a@b.example&user[cellphone]=4055550185x&user[country_code]=1",
        "user=a@b.example",
    ] {
        assert_eq!(
            service.form(NEW, body).await.refusal(),
            refused(400, "60027"),
            "{body}"
        );
    }
    let twice = "user[email]=a@b.example&user[cellphone]=4055550185&user[cellphone]=4055550186";
    assert_eq!(
        service.form(NEW, twice).await.refusal(),
        refused(400, "60002")
    );
}

#[tokio::test]
async fn a_status_has_what_each_client_needs() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/users/{user}/status");
    // Ruby has a question mark at the end, authy-client a body in JSON.
    let bare = service.authy_get(&format!("{path}?")).await.json();
    let headers = [
        ("x-authy-api-key", &*service.key),
        ("content-type", "application/json"),
    ];
    let with_body = service
        .send(Method::GET, &path, &headers, "{}")
        .await
        .json();
    assert_eq!(bare, with_body);
    let expected = json!({
        "authy_id": user, "confirmed": false, "registered": false, "country_code": 1, "phone_number": "XXX-XXX-XX85",
        "devices": [], "has_hard_token": false, "account_disabled": false, "detailed_devices": [],
    });
    assert_eq!(
        bare,
        json!({"status": expected, "message": "User status.", "success": true})
    );
    service.device(user).await;
    service.verify(user, &service.login_code(), "").await;
    let now = &service.authy_get(&path).await.json()["status"];
    assert_eq!(
        (&now["confirmed"], &now["registered"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(now["devices"], json!([format!("device of {user}")]));
    let unknown = service.authy_get("/protected/json/users/1/status").await;
    assert_eq!(unknown.refusal(), refused(404, "60026"));
}

#[tokio::test]
async fn every_client_s_way_removes_a_user_and_its_devices() {
    let service = Service::new().await;
    for way in ["users/{}/delete", "users/delete/{}", "users/{}/remove"] {
        let user = service.user("4055550185").await;
        service.device(user).await;
        let code = service.login_code();
        let path = format!("/protected/json/{}", way.replace("{}", &user.to_string()));
        let reply = service.authy(Method::POST, &path).await;
        assert_eq!(
            reply.json(),
            json!({"message": "User removed from application", "success": true})
        );
        assert_eq!(
            service.verify(user, &code, "").await.refusal(),
            refused(404, "60026")
        );
        assert_eq!(
            service.authy(Method::POST, &path).await.refusal(),
            refused(404, "60026")
        );
        let vault = service.vault();
        let devices = vault
            .devices_of(UserId::new(format!("authy-{user}")).unwrap())
            .await
            .unwrap();
        assert!(
            devices
                .devices
                .iter()
                .all(|device| device.status.name() == "revoked")
        );
        let status = service
            .authy_get(&format!("/protected/json/users/{user}/status"))
            .await
            .json();
        assert_eq!(status["status"]["account_disabled"], true);
        assert_eq!(status["status"]["phone_number"], "");
        // Who comes back is another.
        assert_ne!(service.user("4055550185").await, user);
        service
            .form(
                &format!(
                    "/protected/json/users/delete/{}",
                    service.user("4055550185").await
                ),
                "",
            )
            .await;
    }
}

#[tokio::test]
async fn a_secret_is_a_new_device_in_the_place_of_the_one_before() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/users/{user}/secret");
    let devices = async || {
        let status = service
            .authy_get(&format!("/protected/json/users/{user}/status"))
            .await
            .json();
        status["status"]["devices"].as_array().unwrap().clone()
    };
    let mut seen = Vec::new();
    for body in [
        json!({}),
        json!({"qr_size": 600, "label": "Alice at ACME"}),
        json!({"qr_size": "1"}),
    ] {
        let reply = service.json(&path, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let picture = reply.json()["qr_code"].as_str().unwrap().to_owned();
        assert!(picture.starts_with("data:image/png;base64,"));
        let now = devices().await;
        assert_eq!(now.len(), 1);
        assert!(!seen.contains(&now[0]) && !seen.contains(&json!(picture)));
        seen.extend([now[0].clone(), json!(picture)]);
    }
    for body in [
        json!({"qr_size": 0}),
        json!({"qr_size": 2001}),
        json!({"qr_size": "big"}),
        json!({"label": ""}),
        json!({"label": "a:b"}),
        json!({"label": "a".repeat(600)}),
    ] {
        assert_eq!(
            service.json(&path, &body).await.refusal(),
            refused(400, "60004"),
            "{body}"
        );
    }
    assert_eq!(devices().await.len(), 1);
    assert_eq!(
        service
            .json("/protected/json/users/1/secret", &json!({}))
            .await
            .refusal(),
        refused(404, "60026")
    );
}

#[tokio::test]
async fn an_application_is_described() {
    let service = Service::new().await;
    let reply = service
        .authy_get("/protected/json/app/details")
        .await
        .json();
    assert_eq!(reply["message"], "Application information.");
    assert!(reply["app"]["app_id"].as_u64().unwrap() < 1 << 31);
    assert!(reply["app"]["name"].is_string());
    assert_eq!(reply["app"]["sms_enabled"], false);
}

#[tokio::test]
async fn activities_are_noted() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let path = format!("/protected/json/users/{user}/register_activity");
    let noted = service
        .form(&path, "type=password_reset&user_ip=192.0.2.1&data[why]=x")
        .await;
    assert_eq!(
        noted.json(),
        json!({"message": "Activity was created.", "success": true})
    );
    assert_eq!(
        service.form(&path, "type=other").await.refusal(),
        refused(400, "60004")
    );
}

#[tokio::test]
async fn what_the_service_has_no_means_for_is_said() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    for path in [
        format!("call/{user}?force=true"),
        "phones/info?country_code=1&phone_number=4055550185".into(),
        "app/stats".into(),
        "phones/verification/status".into(),
        "registrations/status?custom_user_id=1".into(),
    ] {
        let reply = service.authy_get(&format!("/protected/json/{path}")).await;
        assert_eq!(reply.refusal(), refused(403, "60000"), "{path}");
    }
    let export = format!("/protected/json/users/{user}/secret/export");
    assert_eq!(
        service.authy_get(&export).await.refusal(),
        refused(403, "60154")
    );
    for path in [format!("email/{user}"), format!("users/{user}/update")] {
        let reply = service.form(&format!("/protected/json/{path}"), "").await;
        assert_eq!(reply.refusal(), refused(403, "60000"), "{path}");
    }
}

#[tokio::test]
async fn of_a_user_that_is_removed_nothing_waits_and_no_key_works() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let phone = service.phone(&format!("authy-{user}"), "phone").await;
    let other = service.phone("authy-1", "other").await;
    let asked = service
        .form(
            &format!("/onetouch/json/users/{user}/approval_requests"),
            "message=Log+in&seconds_to_expire=0",
        )
        .await;
    let uuid = asked.json()["approval_request"]["uuid"].clone();
    let uuid = uuid.as_str().unwrap().to_owned();
    assert_eq!(phone.pending(&service).await.len(), 1);
    let remove = format!("/protected/json/users/{user}/remove");
    assert_eq!(service.authy(Method::POST, &remove).await.status, 200);
    let pending = "/v1/device/approvals";
    assert_eq!(service.get_as(&phone.key, pending).await.status, 401);
    assert_eq!(service.get_as(&other.key, pending).await.status, 200);
    let status = format!("/onetouch/json/approval_requests/{uuid}");
    let found = service.authy_get(&status).await.json();
    assert_eq!(found["approval_request"]["status"], "expired");
}

#[tokio::test]
async fn a_removal_that_was_interrupted_is_finished_by_the_next() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let name = format!("authy-{user}");
    let phone = service.phone(&name, "phone").await;
    let remove = format!("/protected/json/users/{user}/remove");
    // Where the process ended after the device was revoked, and before its key was.
    let device = txotp_store::DeviceId::new("phone").unwrap();
    let vault = service.vault();
    vault.revoke(device, service.operator()).await.unwrap();
    service.authy(Method::POST, &remove).await;
    let again = service.authy(Method::POST, &remove).await;
    assert_eq!(again.refusal(), refused(404, "60026"));
    let pending = service.get_as(&phone.key, "/v1/device/approvals").await;
    assert_eq!(pending.status, 401);
}

#[tokio::test]
async fn a_secret_that_is_replaced_takes_the_keys_of_its_device_along() {
    let service = Service::new().await;
    let user = service.user("4055550185").await;
    let secret = format!("/protected/json/users/{user}/secret");
    service.json(&secret, &json!({})).await;
    let status = format!("/protected/json/users/{user}/status");
    let status = service.authy_get(&status).await.json();
    let device = status["status"]["devices"][0].as_str().unwrap().to_owned();
    let made = service
        .post(&format!("/v1/devices/{device}/keys"), &json!({}))
        .await;
    let key = made.json()["key"].as_str().unwrap().to_owned();
    let pending = "/v1/device/approvals";
    assert_eq!(service.get_as(&key, pending).await.status, 200);
    service.json(&secret, &json!({})).await;
    assert_eq!(service.get_as(&key, pending).await.status, 401);
}
