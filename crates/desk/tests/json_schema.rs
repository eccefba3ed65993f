//! The published JSON Schema is the one of the model.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads a file of the repository"
)]

use std::path::Path;

use ksef_offline::invoice_schema;

/// Set this variable to write the file anew.
const UPDATE: &str = "UPDATE_SCHEMA";

#[test]
fn the_published_schema_is_that_of_the_model() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/invoice.schema.json");
    let schema = format!("{:#}\n", invoice_schema());
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&file, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&file).unwrap();
    assert!(
        published == schema,
        "docs/invoice.schema.json is not that of the model; set {UPDATE}=1 to write it anew"
    );
}
