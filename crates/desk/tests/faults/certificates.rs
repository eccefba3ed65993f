//! Certificates: enrolled, listed, revoked. Never two for one wish.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ksef_offline::core::identifier::{ContextIdentifier, Nip};
use ksef_offline::core::key::KeyKind;
use ksef_offline::{CertificateKind, Enrollment};
use ksef_offline_simulator::Simulator;

use crate::proxy::{Fault, Proxy};
use crate::{Case, MOST_RUNS, home, open, table};

/// A company that no other case works for: KSeF gives each a few certificates only.
fn company() -> ContextIdentifier {
    static NEXT: AtomicU64 = AtomicU64::new(5_265_878_000);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        if let Ok(nip) = Nip::parse(&number)
            && nip.has_valid_checksum()
        {
            return ContextIdentifier::parse(&format!("Nip:{number}")).unwrap();
        }
    }
}

async fn case(simulator: &Simulator, plan: Option<(String, Fault)>) -> Case {
    const NAME: &str = "Faktury offline";
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(
        simulator.api().strip_suffix("/v2").unwrap(),
        plan.clone(),
        None,
    );
    let context = company();
    let api = &proxy.address;
    home(folder.path(), simulator, &context, api, 100_000_000);
    let wish = Enrollment {
        kind: CertificateKind::Offline,
        name: NAME.to_owned(),
        key: KeyKind::P256,
        folder: folder.path().join("keys"),
        password_variable: None,
        enter: true,
    };
    let mut runs = 0;
    let serial = loop {
        runs += 1;
        match open(folder.path()).enroll(&wish).await {
            Ok(enrolled) => break enrolled.serial_number,
            Err(error) => assert!(runs < MOST_RUNS, "{plan:?}: {error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let mut is_revoked = false;
    loop {
        let desk = open(folder.path());
        if !is_revoked {
            is_revoked = desk.revoke_certificate(&serial).await.is_ok();
        }
        if let Ok(listed) = desk.certificates().await {
            let ours: Vec<_> = listed.iter().filter(|line| line.name == NAME).collect();
            assert_eq!(ours.len(), 1, "{plan:?}: one wish, one certificate");
            assert_eq!(ours[0].serial_number, serial);
            if is_revoked {
                assert_eq!(ours[0].status, "Revoked", "{plan:?}");
                break;
            }
        }
        runs += 1;
        assert!(runs < MOST_RUNS, "{plan:?}: revoked: {is_revoked}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Case::of(runs, &proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_at_whichever_request_a_certificate_is_enrolled_once_and_revoked() {
    let simulator = Simulator::builder().start().await.unwrap();
    let whole = case(&simulator, None).await;
    assert_eq!(whole.runs, 1);
    for point in [
        "GET /v2/certificates/enrollments/data",
        "POST /v2/certificates/enrollments",
        "POST /v2/certificates/retrieve",
        "POST /v2/certificates/query",
    ] {
        assert!(whole.points.iter().any(|p| p == point), "{point}");
    }
    table::filled(
        "runs / requests until the certificate was there once and revoked",
        &whole,
        |plan| case(&simulator, Some(plan)),
    )
    .await;
}
