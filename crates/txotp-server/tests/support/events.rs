//! A device that follows its events.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Service;
use super::approving::Phone;

/// A stream of events, read as it comes.
pub struct Events {
    stream: TcpStream,
    pub text: String,
}

impl Events {
    pub async fn open(service: &Service, phone: &Phone) -> Self {
        let address = service.running.as_ref().unwrap().address();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET /v1/device/approvals/events HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\n\r\n",
            phone.bearer()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self {
            stream,
            text: String::new(),
        }
    }

    pub async fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = self.stream.read(&mut bytes).await.unwrap();
        self.text
            .push_str(core::str::from_utf8(&bytes[..read]).unwrap());
        read != 0
    }

    /// The data of the next event of this name.
    pub async fn next(&mut self, name: &str) -> Value {
        let begin = format!("event: {name}\ndata: ");
        loop {
            let event = self.text.split_once(&begin);
            if let Some((data, rest)) = event.and_then(|(_, rest)| rest.split_once("\n\n")) {
                let data = serde_json::from_str(data).unwrap();
                self.text = rest.to_owned();
                return data;
            }
            assert!(self.more().await, "the stream ended: {}", self.text);
        }
    }
}
