//! `serve`

use std::sync::Arc;
use std::time::Duration;

use ksef_offline_page::{Page, PageOptions};
use serde_json::json;

use super::setup::stopped;
use super::{Ended, Place};
use crate::args::ServeArgs;
use crate::output::Output;
use crate::simulated::{self, Steered};

/// How often a simulator, which may change at any moment, is asked how it is.
const SIMULATOR_PACE: Duration = Duration::from_secs(5);

/// `serve`
pub async fn serve(output: &Output, place: &Place, args: &ServeArgs) -> Ended {
    let mut options = PageOptions {
        port: args.port,
        language: output.language(),
        ..PageOptions::default()
    };
    let (desk, simulator) = if args.simulator {
        let (desk, simulator) = simulated::open(&place.folder()?).await?;
        options.simulation = Some(Arc::new(Steered(simulator.control())));
        options.pace = SIMULATOR_PACE;
        (desk, Some(simulator))
    } else {
        (place.open()?, None)
    };
    let page = Page::start(desk, options).await?;
    // EXPOSE: the address with the token is what this command is asked for.
    output.write(&json!({ "url": page.url() }).to_string());
    output.remark(output.say(
        "Otwórz ten adres w przeglądarce na tym komputerze. Zatrzymanie: Ctrl-C.",
        "Open this address in a browser on this machine. Stop with Ctrl-C.",
    ));
    stopped().await;
    page.shutdown().await;
    if let Some(simulator) = simulator {
        simulator.shutdown().await;
    }
    Ok(0)
}
