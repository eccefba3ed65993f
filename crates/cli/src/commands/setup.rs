//! `init` and `simulate`.

use ksef_offline::core::identifier::ContextIdentifier;
use ksef_offline::{CustomAddresses, DeskError, Home, LoginFiles, Setup};
use ksef_offline_simulator::{RemoteSimulator, Simulator};
use serde_json::json;

use super::{Ended, Place};
use crate::args::{InitArgs, SimulateArgs};
use crate::failure::Failure;
use crate::output::Output;

/// `init`
pub async fn init(output: &Output, place: &Place, args: &InitArgs) -> Ended {
    let context = ContextIdentifier::parse(&args.context).map_err(|error| Failure {
        exit: crate::failure::USAGE,
        ..Failure::from(DeskError::from(error))
    })?;
    let home = Home::at(&place.folder()?)?;
    let setup = match (&args.from_simulator, args.environment.as_deref()) {
        (Some(url), None | Some("custom")) => from_simulator(url, context).await?,
        (Some(_), Some(_)) => {
            return Err(Failure::usage(
                "--from-simulator tworzy środowisko custom; pomiń --environment",
                "--from-simulator makes a custom environment; leave --environment out",
            ));
        }
        (None, Some(environment @ ("test" | "demo" | "production"))) => Setup {
            context,
            environment: environment.to_owned(),
            custom: None,
            login: None,
            anchors: None,
        },
        (None, _) => {
            return Err(Failure::usage(
                "podaj --environment test, demo lub production albo --from-simulator URL",
                "give --environment test, demo or production, or --from-simulator URL",
            ));
        }
    };
    let made = home.set_up(&setup)?;
    output.print(&made, || made.config.display().to_string());
    Ok(0)
}

async fn from_simulator(url: &str, context: ContextIdentifier) -> Result<Setup, Failure> {
    let simulator = RemoteSimulator::at(url)?;
    let credentials = simulator.login_certificate(&context).await?;
    let anchors = simulator.root_certificate().await?;
    Ok(Setup {
        context,
        environment: "custom".into(),
        custom: Some(CustomAddresses {
            api: simulator.api(),
            latarnia: simulator.latarnia(),
            qr_host: simulator.qr_host(),
        }),
        login: Some(LoginFiles {
            certificate: credentials.certificate,
            key: credentials.key,
        }),
        anchors: Some(anchors),
    })
}

/// `simulate`
pub async fn simulate(output: &Output, args: &SimulateArgs) -> Ended {
    let simulator = Simulator::builder()
        .port(args.port)
        .data_dir(args.data.clone())
        .start()
        .await?;
    let addresses = json!({
        "api": simulator.api(),
        "latarnia": simulator.latarnia(),
        "qr_host": simulator.qr_host(),
        "control": simulator.control_url(),
    });
    // The first line is JSON in either form of output: programs that start a simulator read it.
    output.write(&addresses.to_string());
    output.remark(output.say("Zatrzymanie: Ctrl-C.", "Stop with Ctrl-C."));
    stopped().await;
    simulator.shutdown().await;
    Ok(0)
}

/// Waits for Ctrl-C or, where there is such a thing, a request to terminate.
pub async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
