//! Where the server is and how to log in: the URL, and the password from wherever it is kept.

use core::fmt;
use core::str::FromStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::error::QueueError;

/// The tables lie in a schema of this name unless the URL says another.
const SCHEMA: &str = "ksef_offline";
const CONNECT: Duration = Duration::from_secs(10);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// The address of a queue on a PostgreSQL server:
/// `postgres://user@host:port/database?schema=…&sslmode=…&sslrootcert=FILE`.
///
/// - `schema`: the schema that holds the tables, `ksef_offline` by default; several queues can share a database.
/// - `sslmode`: `disable`, `prefer`, `require`, `verify-ca` or `verify-full`. Whatever is encrypted is also verified, the
///   server's name included: `require` means no less here than `verify-full`. Without it: `require`, and `disable` where
///   the server is on this machine.
/// - `sslrootcert`: a PEM file with the certificates to trust, instead of those the system trusts.
/// - The password: from the URL, else from the variable `PGPASSWORD`, else from the password file of PostgreSQL
///   (`PGPASSFILE` or `~/.pgpass`).
///
/// Other parameters are those of libpq, as far as `tokio-postgres` knows them. `Debug` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    pub(super) config: Config,
    pub(super) schema: String,
    pub(super) roots: Option<PathBuf>,
}

impl FromStr for PostgresAddress {
    type Err = QueueError;

    /// # Errors
    /// [`QueueError::BadUrl`], which quotes nothing of the text: there may be a password in it.
    fn from_str(text: &str) -> Result<Self, QueueError> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(bad("it begins with postgres://"));
        }
        let (server, parameters) = text.split_once('?').unwrap_or((text, ""));
        let (mut schema, mut roots, mut mode) = (SCHEMA.to_owned(), None, None);
        let mut rest = Vec::new();
        for parameter in parameters.split('&').filter(|part| !part.is_empty()) {
            match parameter.split_once('=') {
                Some(("schema", name)) => name.clone_into(&mut schema),
                Some(("sslrootcert", file)) => roots = Some(PathBuf::from(decoded(file)?)),
                Some(("sslmode", name)) => mode = Some(ssl_mode(name)?),
                _ => rest.push(parameter),
            }
        }
        if !is_name(&schema) {
            return Err(bad("schema: lower-case letters, digits and _, at most 63"));
        }
        let rest = rest.join("&");
        let url = if rest.is_empty() {
            server.to_owned()
        } else {
            format!("{server}?{rest}")
        };
        let mut config: Config = url.parse().map_err(|_| {
            bad("postgres://user@host:port/database?name=value, with % for special characters")
        })?;
        let local = is_local(&config);
        config.ssl_mode(mode.unwrap_or(if local {
            SslMode::Disable
        } else {
            SslMode::Require
        }));
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.keepalives_idle(KEEPALIVE);
        if config.get_application_name().is_none() {
            config.application_name("ksef-offline");
        }
        Ok(Self {
            config,
            schema,
            roots,
        })
    }
}

/// Shows neither password nor user.
impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresAddress")
            .field("hosts", &self.config.get_hosts())
            .field("ports", &self.config.get_ports())
            .field("database", &self.config.get_dbname())
            .field("schema", &self.schema)
            .finish_non_exhaustive()
    }
}

impl PostgresAddress {
    /// The configuration with a password, if there is one anywhere.
    pub(super) fn with_password(&self) -> Config {
        let mut config = self.config.clone();
        if config.get_password().is_none()
            && let Some(password) = std::env::var("PGPASSWORD")
                .ok()
                .filter(|password| !password.is_empty())
                .or_else(|| password_file().and_then(|path| from_file(&path, &config)))
        {
            // EXPOSE: the login to the database server needs it.
            config.password(password);
        }
        config
    }
}

fn bad(what: &str) -> QueueError {
    QueueError::BadUrl {
        what: what.to_owned(),
    }
}

fn ssl_mode(name: &str) -> Result<SslMode, QueueError> {
    match name {
        "disable" => Ok(SslMode::Disable),
        "prefer" => Ok(SslMode::Prefer),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        _ => Err(bad(
            "sslmode: disable, prefer, require, verify-ca or verify-full",
        )),
    }
}

/// A name that needs no quotes.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= 63
        && bytes
            .next()
            .is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn decoded(text: &str) -> Result<String, QueueError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let digits = rest.get(..2).and_then(|two| str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.ok_or_else(|| bad("two hexadecimal digits follow a %"))?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).map_err(|_| bad("it is UTF-8"))
}

/// Whether every host is this machine.
fn is_local(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }) && config
        .get_hostaddrs()
        .iter()
        .all(std::net::IpAddr::is_loopback)
}

fn password_file() -> Option<PathBuf> {
    std::env::var_os("PGPASSFILE")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".pgpass")))
}

/// The password of the first line `host:port:database:user:password` that fits. A file that others may read is left
/// alone, as libpq does.
fn from_file(path: &Path, config: &Config) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.permissions().mode() & 0o077 != 0 {
            tracing::warn!("the password file is readable by others and is not used");
            return None;
        }
    }
    if !metadata.is_file() {
        return None;
    }
    let user = config.get_user().unwrap_or_default();
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        _ => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let asked = [
        host,
        port.to_string(),
        config.get_dbname().unwrap_or(user).to_owned(),
        user.to_owned(),
    ];
    let text = std::fs::read_to_string(path).ok()?;
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let fields = fields(line);
            let [host, port, database, name, password] = &fields[..] else {
                return None;
            };
            let fits = [host, port, database, name]
                .into_iter()
                .zip(&asked)
                .all(|(field, asked)| field == "*" || field == asked);
            fits.then(|| password.clone())
        })
}

/// The fields of a line, split at colons that no backslash stands before; the fifth takes the rest.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' if fields.len() < 5 => fields.push(String::new()),
            '\\' => fields
                .last_mut()
                .into_iter()
                .for_each(|field| field.extend(characters.next())),
            other => fields
                .last_mut()
                .into_iter()
                .for_each(|field| field.push(other)),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> PostgresAddress {
        text.parse().unwrap()
    }

    #[test]
    fn a_url_says_where_and_how() {
        let address = parsed(
            "postgres://office:s3cret@db.example:5433/ksef?schema=a_1&sslrootcert=%2Fca.pem",
        );
        assert_eq!(address.schema, "a_1");
        assert_eq!(address.roots, Some(PathBuf::from("/ca.pem")));
        assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(address.config.get_ports(), [5433]);
        assert_eq!(parsed("postgresql://localhost/x").schema, "ksef_offline");
    }

    #[test]
    fn nothing_leaves_the_machine_in_clear_unless_it_is_asked_for() {
        for (url, mode) in [
            ("postgres://db.example/x", SslMode::Require),
            ("postgres://127.0.0.1,db.example/x", SslMode::Require),
            ("postgres://localhost/x", SslMode::Disable),
            ("postgres://[::1]/x", SslMode::Disable),
            ("postgres:///x?host=/run/postgresql", SslMode::Disable),
            (
                "postgres://localhost/x?sslmode=verify-full",
                SslMode::Require,
            ),
            ("postgres://db.example/x?sslmode=disable", SslMode::Disable),
        ] {
            assert_eq!(parsed(url).config.get_ssl_mode(), mode, "{url}");
        }
    }

    #[test]
    fn faults_and_debug_quote_no_password() {
        for bad in [
            "mysql://u:s3cret@h/x",
            "postgres://u:s3cret@h/x?sslmode=maybe",
            "postgres://u:s3cret@h/x?schema=A;b",
            "postgres://u:s3cret@h/x?unheard=of",
            "postgres://u:s3cret@h:port/x",
            "postgres://u:s3cret@h/x?sslrootcert=%zz",
        ] {
            let error = bad.parse::<PostgresAddress>().unwrap_err();
            assert!(matches!(error, QueueError::BadUrl { .. }), "{bad}");
            assert!(!error.to_string().contains("s3cret"));
        }
        let shown = format!("{:?}", parsed("postgres://office:s3cret@db.example/ksef"));
        assert!(
            shown.contains("db.example") && !shown.contains("s3cret"),
            "{shown}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_password_file_is_read_as_libpq_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pgpass");
        let text =
            "# comment\nother:*:*:*:no\ndb.example:5432:ksef:office:a\\:b\\\\c:d\n*:*:*:*:last\n";
        std::fs::write(&path, text).unwrap();
        let permit = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let config = parsed("postgres://office@db.example/ksef").config;
        permit(0o600);
        assert_eq!(from_file(&path, &config).as_deref(), Some("a:b\\c:d"));
        let other = parsed("postgres://someone@db.example/ksef").config;
        assert_eq!(from_file(&path, &other).as_deref(), Some("last"));
        permit(0o640);
        assert_eq!(from_file(&path, &config), None);
    }
}
