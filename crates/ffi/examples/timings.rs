//! Times calls of the facade for `benches/python_vs_rust.py`: `timings INVOICE CERTIFICATE KEY HOME COUNT` prints JSON,
//! seconds. HOME must not be there yet.

#![allow(clippy::print_stdout)] // A program prints.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use ksef_offline_ffi as ffi;

const CALLS: u32 = 2000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [invoice, certificate, key, home, count] = arguments.as_slice() else {
        return Err("INVOICE CERTIFICATE KEY HOME COUNT".into());
    };
    let invoice = std::fs::read(invoice)?;
    let signer = ffi::Signer::from_files(std::fs::read(certificate)?, std::fs::read(key)?, None)?;
    let code_one = per_call(|| {
        ffi::code_one(ffi::Environment::Test, invoice.clone())?;
        Ok(())
    })?;
    let code_two = per_call(|| {
        let options = ffi::ContextOptions::default();
        ffi::code_two(
            ffi::Environment::Test,
            invoice.clone(),
            Arc::clone(&signer),
            options,
        )?;
        Ok(())
    })?;
    let signature = per_call(|| {
        let packaging = ffi::Packaging::Detached;
        ffi::sign_invoice(
            invoice.clone(),
            Arc::clone(&signer),
            packaging,
            "a.xml".to_owned(),
        )?;
        Ok(())
    })?;
    let issue = issue(&invoice, signer, home, count.parse()?)?;
    println!(
        "{{\"code_one\":{code_one},\"code_two\":{code_two},\"signature\":{signature},\"issue\":{issue}}}"
    );
    Ok(())
}

type Called = Result<(), ffi::KsefOfflineError>;

fn per_call(mut call: impl FnMut() -> Called) -> Result<f64, ffi::KsefOfflineError> {
    for _ in 0..CALLS / 10 {
        call()?;
    }
    let begun = Instant::now();
    for _ in 0..CALLS {
        call()?;
    }
    Ok(begun.elapsed().as_secs_f64() / f64::from(CALLS))
}

/// Issues `count` invoices in batches of a hundred.
fn issue(
    invoice: &[u8],
    signer: Arc<ffi::Signer>,
    home: &str,
    count: usize,
) -> Result<f64, Box<dyn Error>> {
    let seller = ffi::read_invoice(invoice.to_vec())?;
    ffi::create_home(
        home.to_owned(),
        ffi::HomeOptions {
            context: format!("Nip:{}", seller.seller_nip),
            environment: ffi::HomeEnvironment::Test,
            addresses: None,
            login_certificate: None,
            login_key: None,
            trust_anchors: None,
        },
    )?;
    let options = ffi::DeskOptions {
        signer: Some(signer),
        login: None,
    };
    let desk = ffi::Desk::new(home.to_owned(), options)?;
    let text = String::from_utf8(invoice.to_vec())?;
    let number = format!("<P_2>{}<", seller.number);
    let files: Vec<ffi::IssueFile> = (0..count)
        .map(|place| ffi::IssueFile {
            source: format!("{place}.xml"),
            bytes: Some(
                text.replace(&number, &format!("<P_2>B/{place}<"))
                    .into_bytes(),
            ),
        })
        .collect();
    let begun = Instant::now();
    for batch in files.chunks(100) {
        let options = ffi::IssueOptions {
            mode: Some(ffi::IssueMode::Offline24),
            sign_later: false,
        };
        let call = desk.issue(batch.to_vec(), options, None);
        let report = ffi::block_on(call, || true)?;
        if report.is_none_or(|report| report.issued.len() != batch.len()) {
            return Err("an invoice was refused".into());
        }
    }
    Ok(begun.elapsed().as_secs_f64())
}
