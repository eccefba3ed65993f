//! A login by token from its challenge to its end, with what is asked beside: public keys, limits, the list of logins.

use std::time::Duration;

use ksef_offline::core::environment::Environment;
use ksef_offline_client::{ClientError, Credentials, KsefClient, Timeouts};
use ksef_offline_simulator::Simulator;
use zeroize::Zeroizing;

use crate::proxy::{CLIENT_PATIENCE, Fault, Proxy};
use crate::{Case, MOST_RUNS, context, table};

fn client(simulator: &Simulator, api: &str) -> KsefClient {
    let environment = Environment::custom(
        &format!("{api}/v2"),
        &simulator.latarnia(),
        &simulator.qr_host(),
    )
    .unwrap();
    let token = simulator.control().issue_token(&context()).unwrap();
    KsefClient::builder(environment, context())
        .credentials(Credentials::Token(Zeroizing::new(token)))
        .timeouts(Timeouts {
            request: Duration::from_secs(CLIENT_PATIENCE),
            ..Timeouts::default()
        })
        .build()
        .unwrap()
}

/// Everything a login is for, and its end.
async fn day(client: &KsefClient) -> Result<(), ClientError> {
    client.login().await?;
    client.rate_limits().await?;
    client.context_limits().await?;
    client.subject_limits().await?;
    let logins = client.logins().await?;
    let current = logins.iter().filter(|login| login.is_current);
    assert_eq!(current.count(), 1);
    client.logout().await
}

async fn case(simulator: &Simulator, plan: Option<(String, Fault)>) -> Case {
    let proxy = Proxy::start(
        simulator.api().strip_suffix("/v2").unwrap(),
        plan.clone(),
        None,
    )
    .shorten_tokens();
    let client = client(simulator, &proxy.address);
    let mut runs = 0;
    loop {
        runs += 1;
        let ended = day(&client).await;
        if ended.is_ok() {
            break;
        }
        assert!(runs < MOST_RUNS, "{plan:?}: {ended:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Case::of(runs, &proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_at_whichever_request_a_login_comes_to_its_end() {
    let simulator = Simulator::builder().start().await.unwrap();
    let whole = case(&simulator, None).await;
    assert_eq!(whole.runs, 1);
    for point in [
        "GET /v2/security/public-key-certificates",
        "POST /v2/auth/ksef-token",
        "POST /v2/auth/token/redeem",
        "POST /v2/auth/token/refresh",
        "DELETE /v2/auth/sessions/current",
    ] {
        assert!(whole.points.iter().any(|p| p == point), "{point}");
    }
    table::filled(
        "tries / requests until a login by token had done its work",
        &whole,
        |plan| case(&simulator, Some(plan)),
    )
    .await;
}
