use super::*;

const EXAMPLE: &str = r#"
environment = "custom"
context = "Nip:5265877635"
sellers = ["1111111111"]
[custom]
api = "http://127.0.0.1:8080/v2"
latarnia = "http://127.0.0.1:8080/latarnia"
qr_host = "qr-test.ksef.mf.gov.pl"
[authentication]
method = "xades"
certificate = "auth.pem"
key = "auth.key"
password_env = "KSEF_AUTH_PASSWORD"
token_env = "KSEF_TOKEN"
[offline]
pkcs12 = "/keys/offline.p12"
[deadline]
policy = "seven-days"
[queue]
url = "sqlite:queue.db"
[trust]
anchors = ["ca.pem"]
[network]
proxy = "http://proxy.example:3128"
root_certificates = ["company.pem"]
timeout_seconds = 30
deadline_seconds = 90
part_size = 5000000
"#;

#[test]
fn the_example_of_the_contract_is_read() {
    let config = Config::parse(EXAMPLE, Path::new("/home/x")).unwrap();
    assert!(config.may_issue_for(Nip::parse("5265877635").unwrap()));
    assert!(config.may_issue_for(Nip::parse("1111111111").unwrap()));
    assert!(!config.may_issue_for(Nip::parse("1111111112").unwrap()));
    assert_eq!(config.policy, Policy::SevenDays);
    assert_eq!(
        config.queue,
        QueueLocation::Sqlite("/home/x/queue.db".into())
    );
    assert_eq!(
        config.offline.unwrap().source,
        KeySource::Pkcs12("/keys/offline.p12".into())
    );
    assert_eq!(config.anchors, [Path::new("/home/x/ca.pem")]);
    assert_eq!(
        config.network.root_certificates,
        [Path::new("/home/x/company.pem")]
    );
    assert_eq!(config.network.timeouts().request.as_secs(), 30);
    assert_eq!(config.network.retry().deadline.as_secs(), 90);
    assert_eq!(config.network.part_size, 5_000_000);
}

#[test]
fn a_key_may_be_on_a_device() {
    let text = EXAMPLE.replace(
        "pkcs12 = \"/keys/offline.p12\"",
        "certificate = \"offline.pem\"\n\
         pkcs11 = { module = \"/usr/lib/card.so\", token = \"Card\", id = \"0aFF\", pin_env = \"PIN\" }",
    );
    let config = Config::parse(&text, Path::new("/home/x")).unwrap();
    assert_eq!(
        config.offline.unwrap().source,
        KeySource::Device {
            certificate: "/home/x/offline.pem".into(),
            key: DeviceKey {
                module: "/usr/lib/card.so".into(),
                token: TokenName::Label("Card".to_owned()),
                key: KeyName::Id(vec![0x0A, 0xFF]),
                pin_variable: Some("PIN".to_owned()),
            },
        }
    );
}

#[test]
fn faults_name_their_place_and_quote_nothing() {
    for (from, to, part) in [
        ("\"custom\"", "\"prod\"", "environment: test"),
        ("\"custom\"", "\"test\"", "[custom]"),
        ("127.0.0.1:8080/v2", "10.0.0.1/v2", "loopback"),
        ("seven-days", "never", "deadline.policy"),
        ("Nip:5265877635", "Nip:1", "context"),
        (
            "method = \"xades\"",
            "method = \"magic\"",
            "authentication.method",
        ),
        ("sqlite:queue.db", "mysql://x", "queue.url"),
        (
            "[deadline]",
            "[archive]\nretention_years = 1\n[deadline]",
            "retention_years",
        ),
        ("part_size = 5000000", "part_size = 100000001", "part_size"),
        (
            "part_size = 5000000",
            "compression = \"Rar\"",
            "network.compression",
        ),
        (
            "timeout_seconds = 30",
            "timeout_seconds = 0",
            "timeout_seconds",
        ),
        (
            "deadline_seconds = 90",
            "deadline_seconds = 0",
            "deadline_seconds",
        ),
        (
            "proxy = \"http://proxy.example:3128\"",
            "proxy_password_env = \"P\"",
            "proxy_password_env",
        ),
        ("sqlite:queue.db", "postgres://u:hunter2@h:x/", "queue.url"),
        (
            "\"sqlite:queue.db\"",
            "\"sqlite:queue.db\"\nlease_seconds = 1",
            "lease_seconds",
        ),
        ("[deadline]", "secret = \"hunter2\"\n[deadline]", "line"),
        ("key = \"auth.key\"", "", "certificate and key"),
        (
            "key = \"auth.key\"",
            "pkcs11 = { module = \"x.so\", label = \"k\" }",
            "authentication.pkcs11: either token",
        ),
        (
            "key = \"auth.key\"",
            "pkcs11 = { module = \"x.so\", slot = 1, id = \"0g\" }",
            "authentication.pkcs11: id",
        ),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let text = EXAMPLE.replace(from, to);
        let Err(error) = Config::parse(&text, Path::new("/")) else {
            panic!("{to} was accepted")
        };
        assert_eq!(error.code(), "config-invalid");
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains("hunter2"));
        assert!(!error.message().pl.contains("hunter2"));
    }
}

#[test]
fn faults_are_told_in_polish_too() {
    for (from, to, pl) in [
        (
            "key = \"auth.key\"",
            "",
            "authentication: albo certificate i key",
        ),
        (
            "[deadline]",
            "[trust]\nkotwice = 1\n[deadline]",
            "nieznane pole `kotwice`",
        ),
        ("context = \"Nip:5265877635\"", "", "brakuje pola `context`"),
        ("\"custom\"", "\"prod\"", "production albo custom"),
    ] {
        let text = EXAMPLE
            .replace("[trust]\nanchors = [\"ca.pem\"]", "")
            .replace(from, to);
        let Err(error) = Config::parse(&text, Path::new("/")) else {
            panic!("{to} was accepted")
        };
        assert!(error.message().pl.contains(pl), "{}", error.message().pl);
    }
}

#[test]
fn a_password_in_the_address_of_the_proxy_is_not_shown() {
    let text = EXAMPLE.replace("http://proxy", "http://user:hunter2@proxy");
    let config = Config::parse(&text, Path::new("/home/x")).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
