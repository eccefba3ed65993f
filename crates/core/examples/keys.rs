//! Loads keys, signs and verifies for the conformance tests, which hold the results against OpenSSL.
//!
//! Each line of the input is a JSON object. `{"key", "certificate", "password", "at"}` (files in Base64; without `key` the
//! certificate file is PKCS#12) gives every signature over `message`, by each implementation, or the code of the error.
//! `{"public_key", "algorithm", "message", "signature"}` tells whether the signature holds.

#![allow(
    clippy::unwrap_used,
    reason = "an example for tests may stop at anything"
)]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::io::BufRead as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::key::{
    AwsLcSigner, HashAlgorithm, Identity, KeyError, OfflineCertificate, PrivateKey, PublicKey,
    SignatureAlgorithm, Signer, SoftwareSigner,
};
use ksef_offline_core::random::OsRandom;
use serde_json::{Map, Value, json};

fn main() {
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = if request["public_key"].is_string() {
            verify(&request)
        } else {
            sign(&request).unwrap_or_else(|error| json!({ "error": error.code() }))
        };
        println!("{answer}");
    }
}

fn bytes(request: &Value, name: &str) -> Vec<u8> {
    STANDARD.decode(request[name].as_str().unwrap()).unwrap()
}

fn load(request: &Value) -> Result<Identity, KeyError> {
    let (file, password) = (bytes(request, "certificate"), request["password"].as_str());
    if request["key"].is_null() {
        return Identity::from_pkcs12(&file, password.unwrap_or_default());
    }
    let key = PrivateKey::from_bytes(&bytes(request, "key"), password)?;
    Identity::from_certificate_file(&file, key)
}

fn sign(request: &Value) -> Result<Value, KeyError> {
    let message = bytes(request, "message");
    let random = Arc::new(OsRandom);
    let pure: Arc<dyn Signer> = Arc::new(SoftwareSigner::of(load(request)?, random.clone()));
    let fast: Arc<dyn Signer> = Arc::new(AwsLcSigner::new(load(request)?, random)?);
    let offline = request["at"].as_str().map(|at| {
        match OfflineCertificate::new(pure.clone(), at.parse().unwrap()) {
            Ok(certificate) => certificate.serial().to_string(),
            Err(error) => error.code().to_owned(),
        }
    });
    let mut signatures = Map::new();
    for (implementation, signer) in [("pure", &pure), ("fast", &fast)] {
        for (name, algorithm) in algorithms() {
            if let Ok(signature) = signer.sign(algorithm, &message) {
                signatures.insert(
                    format!("{implementation} {name}"),
                    STANDARD.encode(signature).into(),
                );
            }
        }
    }
    Ok(json!({ "signatures": signatures, "offline": offline }))
}

fn verify(request: &Value) -> Value {
    let name = request["algorithm"].as_str().unwrap();
    let (_, algorithm) = algorithms()
        .into_iter()
        .find(|(known, _)| known == name)
        .unwrap();
    let outcome = PublicKey::from_spki_der(&bytes(request, "public_key")).and_then(|key| {
        key.verify(
            algorithm,
            &bytes(request, "message"),
            &bytes(request, "signature"),
        )
    });
    json!({ "error": outcome.err().map(|error| error.code()) })
}

fn algorithms() -> Vec<(String, SignatureAlgorithm)> {
    let hashes = [
        (256, HashAlgorithm::Sha256),
        (384, HashAlgorithm::Sha384),
        (512, HashAlgorithm::Sha512),
    ];
    hashes
        .into_iter()
        .flat_map(|(bits, hash)| {
            [
                (format!("pkcs1 {bits}"), SignatureAlgorithm::RsaPkcs1(hash)),
                (format!("pss {bits}"), SignatureAlgorithm::RsaPss(hash)),
                (format!("ecdsa {bits}"), SignatureAlgorithm::Ecdsa(hash)),
            ]
        })
        .collect()
}
