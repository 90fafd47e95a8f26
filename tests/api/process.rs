//! The program itself, as a process of its own that signals reach.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use anonchat::config::{DatabaseUrl, Storage};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpSocket,
    process::{Child, ChildStderr, Command},
    task::JoinSet,
    time::timeout,
};

use crate::{
    database,
    harness::{PATIENCE, Way},
};

/// A server that is killed when it is dropped.
pub struct Process {
    pub addr: SocketAddr,
    child: Child,
    /// What it has written to standard error so far.
    log: Arc<Mutex<String>>,
    reading: JoinSet<()>,
    storage: Storage,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Process {
    /// On the data in `data_dir`, without limits; under a umask that keeps nothing from anybody.
    pub async fn start(data_dir: &Path, arguments: &[&str]) -> Self {
        Self::start_in(data_dir, arguments, &[]).await
    }

    /// The same, with variables in its environment.
    pub async fn start_in(
        data_dir: &Path,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> Self {
        let (data_dir, url) = (data_dir.to_owned(), database::fresh().await);
        let storage = Storage { data_dir, url, ..Storage::default() };
        let environment = environment.iter().map(|(name, text)| ((*name).to_owned(), text.clone()));
        Self::start_at(free_address(), storage, owned(arguments), environment.collect()).await
    }

    /// The same on any storage.
    pub async fn start_on(storage: Storage, arguments: &[&str]) -> Self {
        Self::start_at(free_address(), storage, owned(arguments), Vec::new()).await
    }

    /// Starts again where a process that has ended was.
    pub async fn again(self) -> Self {
        let Self { addr, storage, arguments, environment, .. } = self;
        Self::start_at(addr, storage, arguments, environment).await
    }

    async fn start_at(
        addr: SocketAddr,
        storage: Storage,
        arguments: Vec<String>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_anonchat")])
            .args(["--addr", &addr.to_string(), "--data-dir"])
            .arg(&storage.data_dir)
            .args(&arguments)
            .current_dir(storage.data_dir.parent().unwrap())
            .env_clear()
            .env("ANONCHAT_STORAGE__URL", storage.url.as_ref().map_or("", DatabaseUrl::expose))
            .env("ANONCHAT_SERVER__RATE_LIMITS__MODE", "off")
            .envs(environment.iter().cloned())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        timeout(PATIENCE, read_until_it_listens(&mut lines, &log)).await.expect("it listens");
        let mut reading = JoinSet::new();
        reading.spawn(read_to_end(lines, Arc::clone(&log)));
        Self { addr, child, log, reading, storage, arguments, environment }
    }

    /// Where it keeps what it is told.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// To this server, for a client with the address `from`.
    pub fn way(&self, from: Ipv4Addr) -> Way {
        Way::new(self.addr.to_string(), from)
    }

    /// How much memory it has, in KiB, by a name in `/proc/<pid>/status`.
    pub fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id().expect("it runs"));
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
    }

    /// How much of something the system lets it have, by a name in `/proc/<pid>/limits`: at first,
    /// at most, in which unit.
    pub fn limit(&self, name: &str) -> Vec<String> {
        let path = format!("/proc/{}/limits", self.child.id().expect("it runs"));
        let limits = std::fs::read_to_string(path).unwrap();
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    }

    /// Has it end as a power cut would.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until it has ended by itself.
    pub async fn exit(&mut self) -> ExitStatus {
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        self.reading.join_next().await;
        status
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

async fn read_until_it_listens(lines: &mut BufReader<ChildStderr>, log: &Mutex<String>) {
    while !log.lock().unwrap().contains("AnonChat listens on") {
        let mut line = String::new();
        let read = lines.read_line(&mut line).await.unwrap();
        assert!(read > 0, "it did not start:\n{}", log.lock().unwrap());
        log.lock().unwrap().push_str(&line);
    }
}

async fn read_to_end(mut lines: BufReader<ChildStderr>, log: Arc<Mutex<String>>) {
    let mut line = String::new();
    while lines.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        log.lock().unwrap().push_str(&line);
        line.clear();
    }
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|&argument| argument.to_owned()).collect()
}

/// An address that stays free while nobody listens there. Not one that the system gives out by
/// itself: clients that try to reach a server that is down would get hold of it.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(20_000 + std::process::id() % 10_000).unwrap();
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed) % 2000;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpSocket::new_v4().unwrap().bind(address).is_ok() {
            return address;
        }
    }
}
