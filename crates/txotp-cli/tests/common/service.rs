//! A service that runs as a process of its own, and a client of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A service that listens, and what it said first.
pub(crate) struct Service {
    pub(crate) child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) told: Value,
}

impl Service {
    /// Starts what serves, and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let told = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("{line}{said}")
        });
        Self {
            child,
            stdout,
            told,
        }
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.told["key"].as_str()
    }

    /// The answer to a request, with its head.
    pub(crate) fn ask(&self, method: &str, path: &str, key: &str, body: &str) -> String {
        let address = self.address();
        // Nobody is there where it was killed.
        let Ok(mut stream) = TcpStream::connect(address) else {
            return String::new();
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let mut answer = String::new();
        // A service that is killed answers nothing, or half.
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    pub(crate) fn get(&self, path: &str, key: &str) -> String {
        self.ask("GET", path, key, "")
    }

    /// The status and the body of an answer to a body; nothing where no whole answer came.
    pub(crate) fn post(&self, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
        let answer = self.ask("POST", path, key, &body.to_string());
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).ok()?))
    }

    pub(crate) fn address(&self) -> &str {
        self.told["url"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success());
    }

    /// Ends it as a supervisor does; gives what it still wrote to standard output, and to standard error.
    pub(crate) fn end(mut self) -> (String, String) {
        self.signal("TERM");
        let [mut out, mut log] = [String::new(), String::new()];
        self.stdout.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{log}");
        (out, log)
    }
}
