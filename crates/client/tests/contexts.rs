//! In whose name a client works: every type of context logs in both ways and sends, and logins keep to their addresses.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::sync::Arc;
use std::time::Duration;

use ksef_offline_client::{ClientError, Credentials, KsefClient, OutgoingInvoice};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{ContextIdentifier, Nip};
use ksef_offline_core::key::{Certificate, KeyKind, PrivateKey, SoftwareSigner};
use ksef_offline_core::login::IpRule;
use ksef_offline_core::package::FormCode;
use ksef_offline_core::random::OsRandom;
use ksef_offline_simulator::{IssuedType, Simulator};
use zeroize::Zeroizing;

const SELLER: &str = "5265877635";

fn environment(simulator: &Simulator) -> Environment {
    Environment::custom(
        &simulator.api(),
        &simulator.latarnia(),
        &simulator.qr_host(),
    )
    .unwrap()
}

/// The login certificate of the seller, whichever the context.
fn certificate(simulator: &Simulator) -> Credentials {
    let seller = ContextIdentifier::parse(&format!("Nip:{SELLER}")).unwrap();
    let issued = simulator
        .control()
        .issue_certificate(&seller, IssuedType::Authentication, KeyKind::P256)
        .unwrap();
    let signer = SoftwareSigner::new(
        Certificate::from_bytes(issued.certificate.as_bytes()).unwrap(),
        PrivateKey::from_bytes(issued.key.as_bytes(), None).unwrap(),
        Arc::new(OsRandom),
    )
    .unwrap();
    Credentials::Xades(Arc::new(signer))
}

fn numbered(number: usize) -> Vec<u8> {
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/invoices/01-vat-domestic.xml"
    );
    let example = std::fs::read_to_string(example).unwrap();
    let (head, tail) = example.split_once("<P_2>").unwrap();
    let (_, tail) = tail.split_once("</P_2>").unwrap();
    format!("{head}<P_2>CONTEXT/{number}</P_2>{tail}").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_of_context_logs_in_by_certificate_and_by_token_and_sends() {
    let simulator = Simulator::builder().start().await.unwrap();
    let control = simulator.control();
    let mut sent = 0;
    for name in [
        "Nip:5265877635",
        "InternalId:5265877635-00001",
        "NipVatUe:5265877635-DE123456789",
        "PeppolId:PPL123456",
    ] {
        let context = ContextIdentifier::parse(name).unwrap();
        control.allow_seller(Some(context.clone()), Nip::parse(SELLER).unwrap());
        control.grant_login(context.clone(), format!("VATPL-{SELLER}"));
        let token = control.issue_token(&context).unwrap();
        for credentials in [
            certificate(&simulator),
            Credentials::Token(Zeroizing::new(token)),
        ] {
            let client = KsefClient::builder(environment(&simulator), context.clone())
                .credentials(credentials)
                .build()
                .unwrap();
            let logins = client.logins().await.unwrap();
            assert!(logins.iter().any(|login| login.is_current), "{name}");
            let session = client.open_interactive(&FormCode::fa3()).await.unwrap();
            sent += 1;
            let invoice = OutgoingInvoice {
                bytes: &numbered(sent),
                offline: true,
                corrects: None,
            };
            let number = session.send(&invoice).await.unwrap();
            session.close().await.unwrap();
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
            assert!(status.status.is_success(), "{name}: {:?}", status.status);
            client.logout().await.unwrap();
        }
    }
    assert_eq!(control.ledger().len(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_works_from_the_addresses_it_was_made_for_and_from_no_other() {
    let simulator = Simulator::builder().start().await.unwrap();
    let context = ContextIdentifier::parse(&format!("Nip:{SELLER}")).unwrap();
    for (rules, works) in [
        (vec![IpRule::Address([127, 0, 0, 1].into())], true),
        (vec![IpRule::Mask([127, 0, 0, 0].into(), 8)], true),
        (
            vec![
                IpRule::Address([10, 0, 0, 1].into()),
                IpRule::Range([127, 0, 0, 0].into(), [127, 0, 0, 9].into()),
            ],
            true,
        ),
        (vec![IpRule::Address([10, 0, 0, 1].into())], false),
    ] {
        let client = KsefClient::builder(environment(&simulator), context.clone())
            .credentials(certificate(&simulator))
            .allowed_ips(rules.clone())
            .build()
            .unwrap();
        match client.context_limits().await {
            Ok(_) => assert!(works, "{rules:?}"),
            Err(ClientError::Ksef(refusal)) => {
                assert!(!works, "{rules:?}: {refusal}");
                assert_eq!(refusal.status, 403);
                assert_eq!(refusal.reason_code.as_deref(), Some("ip-not-allowed"));
            }
            Err(error) => panic!("{rules:?}: {error}"),
        }
    }
}
