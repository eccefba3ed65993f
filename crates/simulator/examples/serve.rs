//! Runs a simulator until it is stopped: `cargo run -p ksef-offline-simulator --example serve [PORT [DATA]]`.
//! The first line of output is its addresses in JSON.

use ksef_offline_simulator::{Simulator, SimulatorError};

#[tokio::main]
#[expect(
    clippy::print_stdout,
    reason = "the addresses are what a caller waits for"
)]
async fn main() -> Result<(), SimulatorError> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let data = arguments.next().map(Into::into);
    let mut simulator = Simulator::builder()
        .port(port)
        .data_dir(data)
        .start()
        .await?;
    let addresses = serde_json::json!({
        "api": simulator.api(),
        "latarnia": simulator.latarnia(),
        "qr_host": simulator.qr_host(),
        "control": simulator.control_url(),
    });
    println!("{addresses}");
    simulator.wait().await;
    Ok(())
}
