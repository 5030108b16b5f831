//! A PostgreSQL of a test's own: made for it, durable as a real one, and gone with it. Version 14 or later, on Linux:
//! after a crash it syncs its file system at once, and not a thousand files one by one.
//!
//! The programs are found by `pg_config --bindir`, or where Debian has them. Without them a test says by name
//! that it is skipped; `TXOTP_TEST_POSTGRES=required` makes that a failure.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server with one database, `txotp`. Its superuser is `postgres`: trusted on the socket, and with
/// [`PASSWORD`] on the loopback.
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    owner: Owner,
    port: u16,
}

pub const PASSWORD: &str = "correct horse";

/// The user and the group that the server runs as.
type Owner = (u32, u32);

/// A port that another takes first is tried again with the next.
const ATTEMPTS: usize = 5;

impl Cluster {
    /// Makes and starts a server; nothing where PostgreSQL is not installed.
    pub fn new(test: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            skip(test, "PostgreSQL is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let cluster = Self {
            owner: owner(folder.path()),
            folder,
            programs,
            port: 0,
        };
        chown_to(cluster.folder.path(), cluster.owner);
        cluster.file("password", PASSWORD);
        let mut command = cluster.program("initdb");
        command
            .args(["--no-sync", "--encoding=UTF8", "--no-locale"])
            .args(["--username=postgres", "--auth-local=trust"])
            .args(["--auth-host=scram-sha-256", "--pwfile"])
            .arg(cluster.folder.path().join("password"))
            .arg(cluster.data());
        succeed(&mut command);
        let cluster = cluster.start_somewhere();
        cluster.sql_in("postgres", "CREATE DATABASE txotp");
        Some(cluster)
    }

    /// A standby of this server, that every commit waits for from now on.
    pub fn synchronous_standby(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        chown_to(folder.path(), self.owner);
        let standby = Self {
            folder,
            programs: self.programs.clone(),
            owner: self.owner,
            port: 0,
        };
        let mut command = self.program("pg_basebackup");
        let host = self.folder.path().display();
        let source = format!(
            "host={host} port={} user=postgres application_name=standby",
            self.port
        );
        command.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        command
            .args(["--dbname", &source, "--pgdata"])
            .arg(standby.data());
        succeed(&mut command);
        let standby = standby.start_somewhere();
        self.configure("synchronous_standby_names = 'standby'");
        self.reload();
        self.until(
            "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
            "1",
        );
        standby
    }

    /// Where to reach it: by its socket.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/txotp", self.socket())
    }

    /// Where to reach whichever of two servers writes.
    pub fn url_or(&self, other: &Self) -> String {
        let (one, other) = (self.socket(), other.socket());
        format!("postgres://postgres@{one},{other}/txotp")
    }

    /// The socket and the port, as they stand in a connection string.
    pub fn socket(&self) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("{folder}:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn start(&self) {
        succeed(&mut self.starting());
    }

    /// Kills the server: nothing is written any more, and clients are not told.
    pub fn stop_immediate(&self) {
        succeed(self.control("stop").args(["--mode=immediate"]));
    }

    /// Stops the server's processes where they are (`-STOP`), or lets them go on (`-CONT`): to its clients it is
    /// there, and silent.
    pub fn freeze(&self, signal: &str) {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let server = file.lines().next().unwrap();
        succeed(Command::new("kill").args([signal, server]));
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"));
        // One that ended meanwhile is silent too.
        let _ = Command::new("kill")
            .arg(signal)
            .args(children.unwrap().split_whitespace())
            .output();
    }

    /// Makes a primary of a standby.
    pub fn promote(&self) {
        succeed(&mut self.control("promote"));
    }

    pub fn reload(&self) {
        succeed(&mut self.control("reload"));
    }

    /// Adds a line to the configuration, which a reload or the next start reads.
    pub fn configure(&self, line: &str) {
        let file = self.data().join("postgresql.auto.conf");
        let text = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, format!("{text}\n{line}\n")).unwrap();
        chown_to(&file, self.owner);
    }

    /// Writes a file that only the server reads, and gives its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        chown_to(&path, self.owner);
        path
    }

    /// Runs a statement in the database, and gives what it answers.
    pub fn sql(&self, sql: &str) -> String {
        self.sql_in("txotp", sql)
    }

    pub fn sql_in(&self, database: &str, sql: &str) -> String {
        let output = succeed(self.psql(database).args(["-c", sql]));
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// A session that runs statements until it is killed or at their end.
    pub fn session(&self, sql: &str) -> Child {
        let mut command = self.psql("txotp");
        command.args(["-c", sql]).stdout(Stdio::null());
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// Waits until a statement gives an answer.
    pub fn until(&self, sql: &str, answer: &str) {
        let begun = Instant::now();
        while self.sql(sql) != answer {
            assert!(begun.elapsed() < Duration::from_secs(60), "never: {sql}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Who the server runs as, for what it must own.
    pub fn own(&self, path: &Path) {
        chown_to(path, self.owner);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn start_somewhere(mut self) -> Self {
        for _ in 0..ATTEMPTS {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            // Half of it is below those that the system gives out: nobody is given it while this server is down.
            self.port = listener.local_addr().unwrap().port() / 2;
            self.configure(&format!(
                "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\n\
                 max_connections = 200\nshared_buffers = '32MB'\nfsync = on\n\
                 recovery_init_sync_method = syncfs",
                self.port,
                self.folder.path().display()
            ));
            if self.starting().output().unwrap().status.success() {
                return self;
            }
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("PostgreSQL does not start: {log}");
    }

    fn starting(&self) -> Command {
        let mut command = self.control("start");
        command.arg("--log").arg(self.folder.path().join("log"));
        // The server inherits them, and whoever reads them would wait for its end.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn control(&self, act: &str) -> Command {
        let mut command = self.program("pg_ctl");
        command.args([act, "--silent", "--timeout=60", "--pgdata"]);
        command.arg(self.data());
        if act != "reload" {
            command.arg("--wait");
        }
        command
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = self.program("psql");
        command
            .args([
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
            ])
            .args(["-p", &self.port.to_string(), "-d", database, "-h"])
            .arg(self.folder.path());
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
            command.uid(self.owner.0).gid(self.owner.1);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            // One that does not stop is not worth a second panic.
            let _ = self.control("stop").args(["--mode=immediate"]).output();
        }
    }
}

/// Says by name that a test is skipped, or fails where PostgreSQL is required.
pub fn skip(test: &str, why: &str) {
    let required = std::env::var("TXOTP_TEST_POSTGRES").is_ok_and(|value| value == "required");
    assert!(!required, "required, and yet: {why} ({test})");
    say_skipped(test, why);
}

/// Says by name that a test is skipped: past the harness, which keeps what a test that passes prints.
pub fn say_skipped(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why} ({test})");
}

fn programs() -> Option<PathBuf> {
    let config = Command::new("pg_config").arg("--bindir").output();
    let named = config
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok());
    let named = named.map(|text| PathBuf::from(text.trim_end()));
    let has_server = |folder: &PathBuf| folder.join("initdb").exists();
    named.filter(has_server).or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut folders: Vec<_> = versions
            .filter_map(|version| Some(version.ok()?.path().join("bin")))
            .filter(has_server)
            .collect();
        folders.sort();
        folders.pop()
    })
}

/// Who the server runs as: this user, or `postgres` for root, whom it refuses.
fn owner(folder: &Path) -> Owner {
    let own = fs::metadata(folder).unwrap();
    if own.uid() != 0 {
        return (own.uid(), own.gid());
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = line
        .expect("root needs a user `postgres`")
        .split(':')
        .skip(2);
    let mut number = || fields.next().unwrap().parse().unwrap();
    (number(), number())
}

fn chown_to(path: &Path, (user, group): Owner) {
    chown(path, Some(user), Some(group)).unwrap();
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}
