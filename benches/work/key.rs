//! What is done for one invoice in memory.

use std::hint::black_box;
use std::sync::Arc;

use jiff::civil::date;
use ksef_offline_benches::{Provider, certificates_of, document, issue, key_operations, now};
use ksef_offline_core::code::image::{Options, render_png};
use ksef_offline_core::code::{Caption, CodeOne, CodeTwo, EcdsaEncoding};
use ksef_offline_core::deadline::{OfflineMode, Policy, Timeline, deadline};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::ContextIdentifier;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::invoice::validate::Rules;
use ksef_offline_core::key::OfflineCertificate;
use serde_json::{Value, json};

use crate::clock::in_turns;

const RULES: Rules = Rules {
    enforce_nip_checksum: true,
    today: date(2027, 1, 1),
};

fn certificate(kind: &str) -> OfflineCertificate {
    let mut all = certificates_of(Provider::Fast).into_iter();
    all.find(|(name, _)| *name == kind).unwrap().1
}

/// The two operations of the key, the codes around them, and issuing as a whole, an invoice.
pub fn measure(kind: &str, seconds: f64, files: &[&str]) -> Value {
    let certificate = certificate(kind);
    let bytes: Vec<Arc<[u8]>> = files
        .iter()
        .map(|file| std::fs::read(file).unwrap().into())
        .collect();
    let documents: Vec<InvoiceDocument> = bytes
        .iter()
        .map(|bytes| InvoiceDocument::read(Arc::clone(bytes)).unwrap())
        .collect();
    let timeline = Timeline::default();
    let (mut document, mut file) = (documents.iter().cycle(), bytes.iter().cycle());
    let whole = |bytes: &Arc<[u8]>| {
        let (document, verdict) = InvoiceDocument::read_and_validate(Arc::clone(bytes), &RULES);
        assert!(verdict.is_valid());
        let document = document.unwrap();
        issue(&document, &certificate, now());
        let day = document.facts().issue_date;
        let (mode, policy) = (OfflineMode::Offline24, Policy::Statutory);
        black_box(deadline(mode, day, &timeline, &policy, now()));
    };
    let [key, codes, issue] = in_turns(
        seconds,
        [
            &mut || key_operations(&certificate),
            &mut || issue(document.next().unwrap(), &certificate, now()),
            &mut || whole(file.next().unwrap()),
        ],
    );
    json!({ "key": key, "codes": codes, "issue": issue })
}

/// Both codes of an offline invoice as pictures.
pub fn pictures(seconds: f64) -> Value {
    let document = document(1);
    let environment = Environment::test();
    let context = ContextIdentifier::nip(document.facts().seller);
    let one = CodeOne::new(&document, &environment).url().to_owned();
    let two = CodeTwo::prepare(&document, &context, &certificate("p256"), &environment)
        .sign(EcdsaEncoding::P1363)
        .unwrap()
        .url()
        .to_owned();
    // What ksef-client takes where nobody asks.
    let options = Options {
        scale: 10,
        ..Options::default()
    };
    let [seconds] = in_turns(
        seconds,
        [&mut || {
            black_box(render_png(&one, &Caption::Offline, &options).unwrap());
            black_box(render_png(&two, &Caption::Certificate, &options).unwrap());
        }],
    );
    json!({ "pictures": seconds, "links": [one, two] })
}
