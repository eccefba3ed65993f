//! A SoftHSM token whose session ends, and that is taken away, while a signer holds it.
//!
//! SoftHSM reads where its tokens are from the environment of the process, so each test runs again in a process of its own.
#![cfg(feature = "pkcs11")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use ksef_offline::Pkcs11Signer;
use ksef_offline::config::{DeviceKey, KeyName, TokenName};
use ksef_offline::core::key::{
    Certificate, HashAlgorithm, SignatureAlgorithm, Signer as _, SignerError,
};

const PIN: &str = "4711";
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];

fn module() -> Option<PathBuf> {
    std::env::var_os("SOFTHSM2_MODULE")
        .map(PathBuf::from)
        .into_iter()
        .chain(MODULES.map(PathBuf::from))
        .find(|path| path.is_file())
}

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors/keys")
        .join(name)
}

/// Runs an ignored test of this file in a process that sees a fresh token with the P-256 key of the vectors.
fn with_token(test: &str) {
    if module().is_none() {
        eprintln!("SKIPPED {test}: SoftHSM is not installed (Debian: softhsm2)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let conf = folder.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\n", tokens.display());
    std::fs::write(&conf, text).unwrap();
    let key = vector("p256-pkcs8.pem");
    for arguments in [
        &[
            "--init-token",
            "--free",
            "--label",
            "T",
            "--pin",
            PIN,
            "--so-pin",
            "12345678",
        ][..],
        &[
            "--import",
            key.to_str().unwrap(),
            "--token",
            "T",
            "--label",
            "k",
            "--id",
            "01",
            "--pin",
            PIN,
        ],
    ] {
        let done = Command::new("softhsm2-util")
            .args(arguments)
            .env("SOFTHSM2_CONF", &conf)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
    }
    let done = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", &conf)
        .env("TOKENS", &tokens)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    assert!(
        String::from_utf8_lossy(&done.stdout).contains("1 passed"),
        "{done:?}"
    );
}

fn signer() -> Pkcs11Signer {
    let certificate = std::fs::read(vector("p256-offline.crt")).unwrap();
    let key = DeviceKey {
        module: module().unwrap(),
        token: TokenName::Label("T".to_owned()),
        key: KeyName::Label("k".to_owned()),
        pin_variable: None,
    };
    let certificate = Certificate::from_bytes(&certificate).unwrap();
    Pkcs11Signer::open(certificate, key, Some(PIN.to_owned().into())).unwrap()
}

fn sign(signer: &Pkcs11Signer) -> Result<(), SignerError> {
    let signature = signer.sign(ALGORITHM, b"text")?;
    let key = signer.certificate().public_key();
    key.verify(ALGORITHM, b"text", &signature).unwrap();
    Ok(())
}

#[test]
fn a_session_that_was_closed_is_opened_again() {
    with_token("closed_session");
}

#[test]
#[ignore = "runs in a process of its own"]
fn closed_session() {
    let signer = signer();
    sign(&signer).unwrap();
    // Another user of the module in this process ends all its sessions and begins anew.
    Pkcs11::new(module().unwrap()).unwrap().finalize().unwrap();
    let same = Pkcs11::new(module().unwrap()).unwrap();
    same.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    sign(&signer).unwrap();
}

#[test]
fn a_token_that_was_taken_away_is_named() {
    with_token("token_gone");
}

#[test]
#[ignore = "runs in a process of its own"]
fn token_gone() {
    let signer = signer();
    sign(&signer).unwrap();
    let tokens = PathBuf::from(std::env::var_os("TOKENS").unwrap());
    for token in std::fs::read_dir(&tokens).unwrap() {
        std::fs::remove_dir_all(token.unwrap().path()).unwrap();
    }
    let error = sign(&signer).unwrap_err();
    assert!(
        matches!(
            error,
            SignerError::DeviceMissing(_) | SignerError::Device(_)
        ),
        "{error:?}"
    );
    assert!(!error.to_string().contains(PIN));
}

#[test]
fn no_output_shows_the_pin() {
    with_token("debug_output");
}

#[test]
#[ignore = "runs in a process of its own"]
fn debug_output() {
    assert!(!format!("{:?}", signer()).contains(PIN));
}
