//! Signs an invoice or a document by XAdES in two steps, as with a key that is elsewhere; and writes documents in
//! canonical form. The conformance tests drive it.
//!
//! ```text
//! xades sign PACKAGING PROFILE FORM DIGEST METHOD CERTIFICATE KEY FILE [said]  > signature.xml
//! xades canonical FORM [ID]                                                   < documents
//! ```
//!
//! `PACKAGING` is detached, enveloping or enveloped; `PROFILE` bes or baseline-b; `FORM` exclusive, inclusive-1.0 or
//! inclusive-1.1; `DIGEST` sha256, sha384 or sha512; `METHOD` pkcs1, pss or ecdsa, a dash and the digest. With `said` the
//! signature has a policy, a place and two roles. For `canonical`, each document is preceded by a line with its size in
//! bytes, and so is each answer; `error` stands for a document that is refused.
#![allow(
    clippy::disallowed_methods,
    reason = "an example reads files and the clock"
)]

use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::{
    Certificate, HashAlgorithm, PrivateKey, SignatureAlgorithm, Signer as _, SoftwareSigner,
};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::signature::{
    Canonicalization, ProductionPlace, Profile, SignaturePolicy, Xades,
};

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> Answer<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [
            "sign",
            packaging,
            profile,
            form,
            digest,
            method,
            certificate,
            key,
            file,
        ] => {
            let how = xades(profile, form, digest, method)?;
            sign(packaging, &how, certificate, key, file)
        }
        [
            "sign",
            packaging,
            profile,
            form,
            digest,
            method,
            certificate,
            key,
            file,
            "said",
        ] => {
            let how = said(xades(profile, form, digest, method)?, profile)?;
            sign(packaging, &how, certificate, key, file)
        }
        ["canonical", form] => canonical(self::form(form)?, None),
        ["canonical", form, id] => canonical(self::form(form)?, Some(id)),
        _ => Err("see the head of this file".into()),
    }
}

fn sign(packaging: &str, how: &Xades, certificate: &str, key: &str, file: &str) -> Answer<()> {
    let certificate = Certificate::from_bytes(&std::fs::read(certificate)?)?;
    let key = PrivateKey::from_bytes(&std::fs::read(key)?, None)?;
    let signer = SoftwareSigner::new(certificate, key, Arc::new(OsRandom))?;
    let certificate = signer.certificate();
    let bytes = std::fs::read(file)?;
    let name = Path::new(file).file_name().and_then(|name| name.to_str());
    let at = Timestamp::now();
    let draft = match packaging {
        "detached" => {
            let invoice = InvoiceDocument::read(bytes)?;
            how.detached(&invoice, name.ok_or("no file name")?, certificate, at)?
        }
        "enveloping" => how.enveloping(&InvoiceDocument::read(bytes)?, certificate, at)?,
        "enveloped" => how.enveloped(&bytes, certificate, at)?,
        _ => return Err("unknown packaging".into()),
    };
    // Here the bytes could go to a card, an HSM or a phone, and come back as a signature.
    let signature = signer.sign(draft.algorithm(), draft.bytes_to_sign())?;
    io::stdout().write_all(&draft.attach(&signature)?)?;
    Ok(())
}

fn xades(profile: &str, form: &str, digest: &str, method: &str) -> Answer<Xades> {
    let (scheme, method_hash) = method.split_once('-').ok_or("unknown method")?;
    let method_hash = hash(method_hash)?;
    let algorithm = match scheme {
        "pkcs1" => SignatureAlgorithm::RsaPkcs1(method_hash),
        "pss" => SignatureAlgorithm::RsaPss(method_hash),
        "ecdsa" => SignatureAlgorithm::Ecdsa(method_hash),
        _ => return Err("unknown method".into()),
    };
    let profile = match profile {
        "bes" => Profile::Bes,
        "baseline-b" => Profile::BaselineB,
        _ => return Err("unknown profile".into()),
    };
    Ok(Xades::default()
        .profile(profile)
        .canonicalization(self::form(form)?)
        .digest(hash(digest)?)
        .algorithm(algorithm))
}

/// With everything a signer can say.
fn said(how: Xades, profile: &str) -> Answer<Xades> {
    let place = ProductionPlace::default()
        .city("Łódź")?
        .province("łódzkie")?
        .postal_code("90-001")?
        .country("PL")?;
    let place = if profile == "baseline-b" {
        place.street("ul. Piotrkowska 1 <\"A\" & B>")?
    } else {
        place
    };
    let policy = SignaturePolicy::new("urn:oid:1.2.616.1.1", HashAlgorithm::Sha256, &[7; 32])?
        .at("https://example.pl/polityka?a=1&b=2")?;
    Ok(how
        .place(place)
        .policy(policy)
        .role("Główna księgowa")?
        .role("<pełnomocnik> & \"prokurent\"")?)
}

fn form(name: &str) -> Answer<Canonicalization> {
    match name {
        "exclusive" => Ok(Canonicalization::Exclusive),
        "inclusive-1.0" => Ok(Canonicalization::Inclusive10),
        "inclusive-1.1" => Ok(Canonicalization::Inclusive11),
        _ => Err("unknown form".into()),
    }
}

fn hash(name: &str) -> Answer<HashAlgorithm> {
    match name {
        "sha256" => Ok(HashAlgorithm::Sha256),
        "sha384" => Ok(HashAlgorithm::Sha384),
        "sha512" => Ok(HashAlgorithm::Sha512),
        _ => Err("unknown hash".into()),
    }
}

fn canonical(form: Canonicalization, id: Option<&str>) -> Answer<()> {
    let mut input = io::stdin().lock();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut size = String::new();
    while input.read_line(&mut size)? > 0 {
        let mut document = vec![0; size.trim().parse()?];
        input.read_exact(&mut document)?;
        let written = match id {
            None => form.document(&document),
            Some(id) => form.element(&document, id),
        };
        match written {
            Some(written) => {
                writeln!(out, "{}", written.len())?;
                out.write_all(&written)?;
            }
            None => writeln!(out, "error")?,
        }
        size.clear();
    }
    Ok(out.flush()?)
}
