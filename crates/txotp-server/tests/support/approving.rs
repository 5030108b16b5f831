//! Users with devices, which answer approval requests.

use axum::http::Method;
use serde_json::{Value, json};
use txotp_core::{DeviceKey, Purpose, Seed, TransactionSuite};
use txotp_server::{Decision, Running, World as _, start};
use txotp_store::{Act, Actor, DeviceId, Enrolment, UserId};
use txotp_uri::OwnedTransaction;

use super::{Reply, Service};

/// Seconds.
pub const DAY: u32 = 86_400;

/// A device, with its seed and its key.
pub struct Phone {
    seed: [u8; 32],
    pub key: String,
}

impl Phone {
    /// The code of a decision on a request, as the device was told of it.
    pub fn code(&self, service: &Service, request: &Value, decision: Decision) -> String {
        let pairs = |name: &str| -> Vec<(String, String)> {
            let text = |pair: &Value, of: &str| pair[of].as_str().unwrap().to_owned();
            let pairs = request[name].as_array().unwrap().iter();
            pairs
                .map(|pair| (text(pair, "key"), text(pair, "value")))
                .collect()
        };
        let message = request["message"].as_str().unwrap();
        let shown =
            OwnedTransaction::from_parts(message, pairs("details"), pairs("hidden_details"))
                .unwrap();
        let bound = decision
            .bind(&shown, request["id"].as_str().unwrap())
            .unwrap();
        let suite = TransactionSuite::default();
        let seed = Seed::from_bytes(&self.seed).unwrap();
        let key = DeviceKey::new(suite, &seed, None).unwrap();
        let purpose = Purpose::Transaction(bound.as_transaction().digest());
        let factor = suite.moving_factor(service.now(), None).unwrap();
        key.code(purpose, factor).unwrap().reveal().to_owned()
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    pub async fn pending(&self, service: &Service) -> Vec<Value> {
        let headers = [("authorization", &*self.bearer())];
        let reply = service
            .send(Method::GET, "/v1/device/approvals", &headers, "")
            .await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["approvals"].as_array().unwrap().clone()
    }

    /// Answers with a code.
    pub async fn send(&self, service: &Service, id: &str, decision: &str, code: &str) -> Reply {
        let headers = [
            ("authorization", &*self.bearer()),
            ("content-type", "application/json"),
        ];
        let body = json!({ "decision": decision, "code": code }).to_string();
        let path = format!("/v1/device/approvals/{id}");
        service.send(Method::POST, &path, &headers, body).await
    }

    /// Answers with the right code.
    pub async fn answer(&self, service: &Service, request: &Value, decision: Decision) -> Reply {
        let code = self.code(service, request, decision);
        let id = request["id"].as_str().unwrap();
        self.send(service, id, decision.name(), &code).await
    }
}

impl Service {
    /// Enrols a device and makes a key for it.
    pub async fn phone(&self, user: &str, device: &str) -> Phone {
        let mut seed = [0; 32];
        txotp_server::SystemWorld.fill(&mut seed).unwrap();
        let enrolment = Enrolment {
            device: DeviceId::new(device).unwrap(),
            user: UserId::new(user).unwrap(),
            suite: TransactionSuite::default(),
            settings: txotp_verifier::Settings::default(),
            seed: Seed::from_bytes(&seed).unwrap(),
            pin: None,
            counter: None,
        };
        self.vault().enrol(enrolment, self.act()).await.unwrap();
        let key = self
            .post(&format!("/v1/devices/{device}/keys"), &json!(null))
            .await;
        assert_eq!(key.status, 201, "{key:?}");
        let key = key.json()["key"].as_str().unwrap().to_owned();
        Phone { seed, key }
    }

    pub fn act(&self) -> Act {
        Act {
            actor: Actor::new("test").unwrap(),
            now: self.now(),
        }
    }

    /// A key of another application.
    pub async fn application(&self, name: &str, callback_url: Option<&str>) -> String {
        let wish = json!({ "name": name, "roles": ["verify"], "callback_url": callback_url });
        let made = self.post("/v1/keys", &wish).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["key"].as_str().unwrap().to_owned()
    }

    /// Asks a user, and gives the id.
    pub async fn approval(&self, key: &str, user: &str, seconds: u32) -> String {
        let reply = self.approval_of(key, &request(user, seconds)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn approval_of(&self, key: &str, wish: &Value) -> Reply {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
        ];
        self.send(Method::POST, "/v1/approvals", &headers, wish.to_string())
            .await
    }

    /// The request as its application sees it.
    pub async fn look(&self, key: &str, id: &str) -> Reply {
        let bearer = format!("Bearer {key}");
        let path = format!("/v1/approvals/{id}");
        self.send(Method::GET, &path, &[("authorization", &bearer)], "")
            .await
    }

    /// Another service on the same store.
    pub async fn another(&self, settings: &[(&str, &str)]) -> Running {
        start(self.app(settings)).await.unwrap()
    }
}

/// Two devices of a user answer each request at the same time, at two services on one store: the first answer counts, and the
/// other is told so.
pub async fn of_two_answers_one_counts(service: &Service, other: &Service, rounds: usize) {
    let one = service.phone("alice", "one").await;
    let two = service.phone("alice", "two").await;
    for _ in 0..rounds {
        let id = service.approval(&service.key, "alice", DAY).await;
        let request = one.pending(service).await[0].clone();
        let (first, second) = tokio::join!(
            one.answer(service, &request, Decision::Approve),
            two.answer(other, &request, Decision::Deny)
        );
        let seen = service.look(&service.key, &id).await.json();
        let (device, winner, loser) = match seen["status"].as_str().unwrap() {
            "approved" => ("one", first, second),
            "denied" => ("two", second, first),
            other => panic!("{other}"),
        };
        assert_eq!(seen["device"], device);
        assert_eq!(winner.json()["accepted"], true);
        assert_eq!(winner.json()["status"], seen["status"]);
        assert_eq!(loser.problem(), (409, "approval-ended".into()));
        assert_eq!(loser.json()["detail"], seen["status"]);
        service.pass(30);
    }
}

/// A request as an application asks for it.
pub fn request(user: &str, seconds: u32) -> Value {
    json!({
        "user": user,
        "transaction": {
            "message": "Approve money transaction",
            "details": { "To": "John Doe", "Amount": "1000 Euros" },
            "hidden_details": { "Transaction ID": "T2293" },
        },
        "seconds_to_expire": seconds,
    })
}
