//! A PostgreSQL server for the tests of one process: made in a temporary folder, reached by a socket in it, and gone when
//! the process ends, however that ends.
//!
//! The server is that on the `PATH` or in Debian's place (`apt-get install postgresql`). Without one, tests say SKIPPED
//! and why; with `KSEF_OFFLINE_REQUIRE_POSTGRES` set they fail instead.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The server refuses to run as root; this user owns nothing else.
const NOBODY: u32 = 65_534;
const START: Duration = Duration::from_secs(60);

/// Ends the server and removes its folder as soon as its standard input is closed: at the latest when this process is
/// gone.
const SUPERVISOR: &str = r#"
"$1" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=100 -c fsync=off -c log_min_messages=fatal 2>"$2/log" &
server=$!
read -r _
kill -QUIT $server
wait $server
rm -rf "$2"
"#;

/// A running server.
pub struct Server {
    folder: PathBuf,
    _supervisor: Child,
}

impl Server {
    /// The server of this process, `None` where there can be none, which is said.
    ///
    /// # Panics
    /// When there can be none and `KSEF_OFFLINE_REQUIRE_POSTGRES` is set.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
        match SERVER.get_or_init(Self::start) {
            Ok(server) => Some(server),
            Err(reason) => {
                assert!(
                    std::env::var_os("KSEF_OFFLINE_REQUIRE_POSTGRES").is_none(),
                    "no PostgreSQL server: {reason}"
                );
                say(reason);
                None
            }
        }
    }

    /// The address of a queue that nobody has: a schema of its own.
    pub fn fresh_url(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        format!("{}&schema=test_{}_{number}", self.url(), std::process::id())
    }

    /// The address of the database, with parameters to which others can be added by `&`.
    pub fn url(&self) -> String {
        let host = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://tests@{host}/postgres?application_name=tests")
    }

    fn start() -> Result<Self, String> {
        let (initdb, postgres) = (program("initdb")?, program("postgres")?);
        let folder = tempfile::Builder::new()
            .prefix("ksef-postgres-")
            .tempdir()
            .map_err(|error| error.to_string())?
            .keep();
        let root = std::fs::metadata(&folder).is_ok_and(|metadata| metadata.uid() == 0);
        if root {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY))
                .map_err(|error| error.to_string())?;
        }
        let command = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir(&folder).env("LC_ALL", "C");
            if root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command
        };
        let made = command(&initdb)
            .args([
                "--username=tests",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
                "data",
            ])
            .output()
            .map_err(|error| format!("initdb: {error}"))?;
        if !made.status.success() {
            let said = String::from_utf8_lossy(&made.stderr).into_owned();
            let _ = std::fs::remove_dir_all(&folder);
            return Err(format!("initdb: {said}"));
        }
        let supervisor = command(Path::new("/bin/sh"))
            .args(["-c", SUPERVISOR, "sh"])
            .arg(&postgres)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| error.to_string())?;
        let server = Self {
            folder,
            _supervisor: supervisor,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// The eighth line of the server's lock file says when it takes connections.
    fn wait_until_ready(&self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < START {
            let file = std::fs::File::open(self.folder.join("data/postmaster.pid"));
            let ready = file.is_ok_and(|file| {
                BufReader::new(file)
                    .lines()
                    .map_while(Result::ok)
                    .any(|line| line.trim() == "ready")
            });
            if ready {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("the server does not start: {log}"))
    }
}

/// On the path, or where Debian puts it, the newest first.
fn program(name: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort();
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        // initdb looks for its companions beside itself, not beside a link to it.
        .and_then(|file| file.canonicalize().ok())
        .ok_or_else(|| format!("{name} is neither on the PATH nor in /usr/lib/postgresql"))
}

#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn say(reason: &str) {
    println!("SKIPPED: no PostgreSQL server: {reason}");
}
