//! A device that is enrolled at a service, and what it makes codes with.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use txotp_core::{DeviceKey, Purpose, Transaction, UnixTime};
use txotp_uri::Limit;
use txotp_uri::key_uri::KeyUri;

use super::service::Service;

pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) user: String,
    key: DeviceKey,
}

impl Device {
    /// Nothing where the service is gone.
    pub(crate) fn enrol(service: &Service, key: &str, name: &str) -> Option<Self> {
        let user = format!("user of {name}");
        let wish = json!({ "user": user, "device": name });
        let (status, made) = service.post("/v1/devices", key, &wish)?;
        assert_eq!(status, 201, "{made}");
        let mut buffer = [0; 600];
        let uri = made["enrolment"]["key_uri"].as_str().unwrap();
        let uri = KeyUri::read(uri.as_bytes(), Limit::DEFAULT, &mut buffer).unwrap();
        let suite = uri.transaction_suite().unwrap();
        Some(Self {
            name: name.to_owned(),
            user,
            key: DeviceKey::new(suite, uri.seed(), None).unwrap(),
        })
    }

    /// The code of this moment for a transaction.
    pub(crate) fn code(&self, transaction: &Transaction<'_>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = UnixTime::from_seconds(now.as_secs());
        let factor = self.key.suite().moving_factor(now, None).unwrap();
        let code = self
            .key
            .code(Purpose::Transaction(transaction.digest()), factor);
        code.unwrap().reveal().to_owned()
    }
}
