//! Random invoices of all kinds, made by the builders, for the conformance tests: `random_invoices SEED COUNT`.
//!
//! Prints a JSON line for each: `{"plan":…,"documents":[XML…]}`, the document that is meant last, before it those it
//! refers to. The same seed gives the same invoices.

mod strategy;

use std::io::Write as _;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().unwrap_or_default().parse()?;
    let count: usize = arguments.next().unwrap_or_default().parse()?;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = strategy::plan();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut built = 0;
    while built < count {
        let plan = strategy
            .new_tree(&mut runner)
            .map_err(|reason| reason.to_string())?
            .current();
        let invoices = plan.documents()?;
        if invoices.is_empty() {
            continue;
        }
        let documents: Vec<_> = invoices
            .iter()
            .map(ksef_offline_core::invoice::Invoice::write)
            .collect();
        serde_json::to_writer(
            &mut out,
            &serde_json::json!({ "plan": plan, "documents": documents }),
        )?;
        writeln!(out)?;
        built += 1;
    }
    Ok(out.flush()?)
}
