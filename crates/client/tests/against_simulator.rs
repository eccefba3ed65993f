//! The client against the simulator: every flow of an offline day over a real socket.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ksef_offline_client::{
    CertificateFilter, CertificateKind, ClientError, Credentials, FileParts, InvoiceStatus,
    KsefClient, NetworkKind, OutgoingInvoice, PartSource, RevocationReason, SessionFilter,
    SessionKind, SessionPhase, SessionStatus,
};
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::deadline::LatarniaStatus;
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, ReferenceNumber};
use ksef_offline_core::key::request::certificate_request;
use ksef_offline_core::key::{
    Certificate, CertificateUsage, KeyKind, OfflineCertificate, PrivateKey, SoftwareSigner,
};
use ksef_offline_core::package::{
    Compression, DeflateLevel, FormCode, MemoryParts, PackageLimits, SessionKey, pack,
};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::receipt::Upo;
use ksef_offline_simulator::{Downtime, DowntimeKind, IssuedType, Rejection, Simulator};
use zeroize::Zeroizing;

fn context() -> ContextIdentifier {
    ContextIdentifier::parse("Nip:5265877635").unwrap()
}

async fn simulator() -> Simulator {
    Simulator::builder().port(0).start().await.unwrap()
}

fn environment(simulator: &Simulator) -> Environment {
    Environment::custom(
        &simulator.api(),
        &simulator.latarnia(),
        &simulator.qr_host(),
    )
    .unwrap()
}

fn signed_in(simulator: &Simulator, kind: KeyKind) -> KsefClient {
    let issued = simulator
        .control()
        .issue_certificate(&context(), IssuedType::Authentication, kind)
        .unwrap();
    let signer = SoftwareSigner::new(
        Certificate::from_bytes(issued.certificate.as_bytes()).unwrap(),
        PrivateKey::from_bytes(issued.key.as_bytes(), None).unwrap(),
        Arc::new(OsRandom),
    )
    .unwrap();
    client(simulator, Credentials::Xades(Arc::new(signer)))
}

fn with_token(simulator: &Simulator) -> KsefClient {
    let token = simulator.control().issue_token(&context()).unwrap();
    client(simulator, Credentials::Token(Zeroizing::new(token)))
}

fn client(simulator: &Simulator, credentials: Credentials) -> KsefClient {
    KsefClient::builder(environment(simulator), context())
        .credentials(credentials)
        .build()
        .unwrap()
}

/// The first `count` of the example invoices, with their file names.
fn invoices(count: usize) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/invoices");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .collect();
    files.sort();
    files
        .into_iter()
        .take(count)
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

async fn finished(client: &KsefClient, session: &ReferenceNumber) -> SessionStatus {
    for _ in 0..600 {
        let status = client.session_status(session).await.unwrap();
        if !status.status.is_in_progress() {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the session does not end");
}

/// Sends a package of several small parts to its end.
async fn send_batch(
    client: &KsefClient,
    compression: Compression,
    invoices: &[(String, Vec<u8>)],
    offline: bool,
) -> (ReferenceNumber, SessionStatus) {
    let key = SessionKey::generate(&OsRandom).unwrap();
    let limits = PackageLimits {
        part_size: 500,
        ..PackageLimits::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let (package, parts) = pack(
        compression,
        DeflateLevel::default(),
        invoices.iter().map(|(name, bytes)| (name, bytes)),
        &key,
        &limits,
        FileParts::new(folder.path()),
    )
    .unwrap();
    assert!(package.parts.len() > 1);
    let open = client
        .open_batch(&package, &key, &FormCode::fa3(), offline)
        .await
        .unwrap();
    for (upload, info) in open.uploads.iter().zip(&package.parts) {
        client
            .upload_part(upload, info, &parts.source(info.ordinal))
            .await
            .unwrap();
    }
    client.close_batch(&open.reference).await.unwrap();
    let status = finished(client, &open.reference).await;
    (open.reference, status)
}

fn of<'a>(statuses: &'a [InvoiceStatus], bytes: &[u8]) -> &'a InvoiceStatus {
    let hash = InvoiceHash::of(bytes);
    statuses.iter().find(|status| status.hash == hash).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_accepted_and_its_receipts_name_its_invoices() {
    let simulator = simulator().await;
    let invoices = invoices(3);
    let client = signed_in(&simulator, KeyKind::P256);
    let (reference, status) = send_batch(&client, Compression::Zip, &invoices, true).await;
    assert_eq!(status.status.code, 200, "{status:?}");
    let counts = (status.invoices, status.accepted, status.rejected);
    assert_eq!(counts, (Some(3), Some(3), Some(0)));
    let statuses = client.session_invoices(&reference).await.unwrap();
    assert_eq!(statuses.len(), 3);
    assert!(client.failed_invoices(&reference).await.unwrap().is_empty());
    let mut collective = Vec::new();
    for page in &status.receipts {
        let receipt = client.download_receipt(&page.download_url).await.unwrap();
        let same = client.session_receipt(&reference, page).await.unwrap();
        assert_eq!(receipt, same);
        collective.push(Upo::parse(&receipt).unwrap());
    }
    for (name, bytes) in &invoices {
        let status = of(&statuses, bytes);
        assert!(status.status.is_success(), "{status:?}");
        assert_eq!(status.file_name.as_ref(), Some(name));
        assert_eq!(status.mode.as_deref(), Some("Offline"));
        let listed = |receipt: &Upo| receipt.document_for(&status.hash).is_ok();
        assert!(collective.iter().any(listed));
        let number = status.ksef_number.clone().unwrap();
        let link = status.receipt_url.as_deref().unwrap();
        for receipt in [
            client.invoice_receipt(&reference, &status.reference).await,
            client
                .invoice_receipt_by_ksef_number(&reference, &number)
                .await,
            client.download_receipt(link).await,
        ] {
            assert!(listed(&Upo::parse(&receipt.unwrap()).unwrap()));
        }
        let alone = client.invoice_status(&reference, &status.reference).await;
        assert_eq!(alone.unwrap().ksef_number.as_ref(), Some(&number));
        assert_eq!(&client.invoice(&number).await.unwrap(), bytes);
    }
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_names_the_session_of_its_original() {
    let simulator = simulator().await;
    let client = signed_in(&simulator, KeyKind::Rsa2048);
    let invoices = invoices(3);
    let (first, _) = send_batch(&client, Compression::TarGz, &invoices[..2], true).await;
    let (second, status) = send_batch(&client, Compression::TarGz, &invoices, true).await;
    assert_eq!((status.accepted, status.rejected), (Some(1), Some(2)));
    let failed = client.failed_invoices(&second).await.unwrap();
    assert_eq!(failed.len(), 2);
    for status in failed {
        assert_eq!(status.status.code, 440);
        assert_eq!(status.original_session(), Some(first.clone()));
        assert!(status.original_ksef_number().is_some());
    }
    let mut filter = SessionFilter::all(SessionKind::Batch);
    filter.phases = vec![SessionPhase::Succeeded, SessionPhase::Failed];
    filter.created_from = Some(simulator.control().now() - jiff::SignedDuration::from_hours(1));
    let sessions = client.sessions(&filter).await.unwrap();
    let references: Vec<_> = sessions.iter().map(|session| &session.reference).collect();
    assert_eq!(references.len(), 2);
    assert!(references.contains(&&first) && references.contains(&&second));
    filter.phases = vec![SessionPhase::Cancelled];
    assert!(client.sessions(&filter).await.unwrap().is_empty());
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interactive_session_takes_an_invoice_and_the_correction_of_a_rejected_one() {
    let simulator = simulator().await;
    let client = with_token(&simulator);
    let invoices = invoices(2);
    let rejected = &invoices[1].1;
    simulator
        .control()
        .reject(Rejection::of_hash(InvoiceHash::of(rejected), 450));
    let session = client.open_interactive(&FormCode::fa3()).await.unwrap();
    let mut outgoing = OutgoingInvoice {
        bytes: &invoices[0].1,
        offline: false,
        corrects: None,
    };
    session.send(&outgoing).await.unwrap();
    outgoing.bytes = rejected;
    outgoing.offline = true;
    let number = session.send(&outgoing).await.unwrap();
    let status = loop {
        let status = client
            .invoice_status(session.reference(), &number)
            .await
            .unwrap();
        if !status.status.is_in_progress() {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(status.status.code, 450);
    // The correction has other bytes and the same content: a comment is added behind the document.
    let mut fixed = rejected.clone();
    fixed.extend_from_slice(b"<!-- -->");
    outgoing.bytes = &fixed;
    outgoing.corrects = Some(InvoiceHash::of(rejected));
    session.send(&outgoing).await.unwrap();
    session.close().await.unwrap();
    let status = finished(&client, session.reference()).await;
    assert_eq!(status.status.code, 200);
    let statuses = client.session_invoices(session.reference()).await.unwrap();
    assert!(of(&statuses, &invoices[0].1).status.is_success());
    assert!(of(&statuses, &fixed).status.is_success(), "{statuses:?}");
    let error = session.close().await.unwrap_err();
    assert_eq!(error.code(), "session-state");
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_both_types_are_enrolled_listed_and_revoked() {
    let simulator = simulator().await;
    let client = signed_in(&simulator, KeyKind::P256);
    assert!(client.certificate_limits().await.unwrap().can_request);
    let subject = client.enrollment_data().await.unwrap();
    for (kind, usage, key_kind) in [
        (
            CertificateKind::Offline,
            CertificateUsage::Offline,
            KeyKind::P256,
        ),
        (
            CertificateKind::Authentication,
            CertificateUsage::Authentication,
            KeyKind::Rsa2048,
        ),
    ] {
        let key = PrivateKey::generate(key_kind, &OsRandom).unwrap();
        let request = certificate_request(&subject, &key, &OsRandom).unwrap();
        let enrollment = client
            .enroll("Kasa główna 1", kind, &request)
            .await
            .unwrap();
        let record = client
            .enrolled_certificate(&enrollment, Duration::from_secs(20))
            .await
            .unwrap();
        assert_eq!(record.kind, kind);
        assert_eq!(record.certificate.usage(), usage);
        assert_eq!(record.certificate.serial().unwrap(), record.serial);
        let signer =
            Arc::new(SoftwareSigner::new(record.certificate, key, Arc::new(OsRandom)).unwrap());
        match kind {
            CertificateKind::Offline => {
                OfflineCertificate::new(signer, simulator.control().now()).unwrap();
            }
            CertificateKind::Authentication => {
                let enrolled = self::client(&simulator, Credentials::Xades(signer));
                enrolled.login().await.unwrap();
            }
        }
        let filter = CertificateFilter {
            kind: Some(kind),
            name: Some("Kasa główna 1".to_owned()),
            status: Some("Active".to_owned()),
            ..CertificateFilter::default()
        };
        let listed = client.certificates(&filter).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].serial, record.serial);
        client
            .revoke_certificate(&record.serial, RevocationReason::Superseded)
            .await
            .unwrap();
        assert!(client.certificates(&filter).await.unwrap().is_empty());
    }
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_listed_ended_and_refused() {
    let simulator = simulator().await;
    let client = with_token(&simulator);
    client.login().await.unwrap();
    let logins = client.logins().await.unwrap();
    assert_eq!(logins.iter().filter(|login| login.is_current).count(), 1);
    client.logout().await.unwrap();
    client.context_limits().await.unwrap();
    client.subject_limits().await.unwrap();
    assert!(
        client
            .rate_limits()
            .await
            .unwrap()
            .contains_key("batchSession")
    );

    let wrong = self::client(
        &simulator,
        Credentials::Token(Zeroizing::new(
            "20250625-EC-20F5EE4000-DA48AE4124-46|nip-5265877635|00".to_owned(),
        )),
    );
    let error = wrong.login().await.unwrap_err();
    assert!(
        matches!(&error, ClientError::LoginRefused(status) if status.code == 450),
        "{error}"
    );
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_takes_long_is_waited_for_as_long_as_the_caller_likes() {
    let simulator = simulator().await;
    simulator.control().set_login_delay(Duration::from_secs(2));
    signed_in(&simulator, KeyKind::P256).login().await.unwrap();
    let token = simulator.control().issue_token(&context()).unwrap();
    let hasty = KsefClient::builder(environment(&simulator), context())
        .credentials(Credentials::Token(Zeroizing::new(token)))
        .login_patience(Duration::from_millis(600))
        .build()
        .unwrap();
    let error = hasty.login().await.unwrap_err();
    assert_eq!(error.code(), "login-pending");
    // The next calls go on with the same login instead of beginning another one.
    simulator.control().clear_requests();
    while let Err(error) = hasty.login().await {
        assert_eq!(error.code(), "login-pending");
    }
    let requests = simulator.control().requests();
    assert!(
        !requests
            .iter()
            .any(|request| request.path.ends_with("/challenge"))
    );
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_public_key_does_not_stop_a_session() {
    let simulator = simulator().await;
    let client = with_token(&simulator);
    // The list is fetched and kept.
    let session = client.open_interactive(&FormCode::fa3()).await.unwrap();
    simulator.control().rotate_keys().unwrap();
    client.open_interactive(&FormCode::fa3()).await.unwrap();
    assert!(session.valid_until().is_some());
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_part_is_named_when_the_session_is_closed() {
    let simulator = simulator().await;
    let client = with_token(&simulator);
    let key = SessionKey::generate(&OsRandom).unwrap();
    let limits = PackageLimits {
        part_size: 2000,
        ..PackageLimits::default()
    };
    let (package, MemoryParts(parts)) = pack(
        Compression::Zip,
        DeflateLevel::default(),
        invoices(2),
        &key,
        &limits,
        MemoryParts::default(),
    )
    .unwrap();
    let open = client
        .open_batch(&package, &key, &FormCode::fa3(), true)
        .await
        .unwrap();
    let first = PartSource::Memory(parts[0].clone().into());
    client
        .upload_part(&open.uploads[0], &package.parts[0], &first)
        .await
        .unwrap();
    let error = client.close_batch(&open.reference).await.unwrap_err();
    assert_eq!(error.code(), "part-missing", "{error}");
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_shows_in_the_probe_and_in_latarnia() {
    let simulator = simulator().await;
    let client = with_token(&simulator);
    client.probe().await.unwrap();
    let report = client.latarnia().await.unwrap();
    assert_eq!(report.status, LatarniaStatus::Available);
    assert!(report.messages.messages.is_empty());

    let control = simulator.control();
    control.begin_downtime(&Downtime::now(DowntimeKind::Failure));
    assert!(client.probe().await.unwrap_err().is_unreachable());
    assert_eq!(
        client.latarnia().await.unwrap().status,
        LatarniaStatus::Failure
    );
    let messages = client.latarnia_messages().await.unwrap().messages;
    assert_eq!(messages.len(), 1);
    control.end_downtime();
    client.probe().await.unwrap();
    assert_eq!(client.latarnia_messages().await.unwrap().messages.len(), 2);

    control.begin_downtime(&Downtime::now(DowntimeKind::Unreachable));
    let error = client.probe().await.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Network {
                kind: NetworkKind::Interrupted,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(
        client.latarnia().await.unwrap().status,
        LatarniaStatus::Available
    );
    control.silence_latarnia(true);
    assert!(client.latarnia().await.is_err());
    simulator.shutdown().await;
}
