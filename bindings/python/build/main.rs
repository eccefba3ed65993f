//! Writes the Python classes and their stubs from the source of the facade (docs/adr/0016).
//!
//! `KSEF_OFFLINE_STUBS=DIR` makes it write the stubs into a folder too: the committed ones are in `python/ksef_offline`.

#![allow(clippy::print_stdout)] // A build script speaks to cargo.

mod facade;
mod rust;
mod stub;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // Lets the linker of macOS leave the interpreter's symbols open, as others do by themselves.
    pyo3_build_config::add_extension_module_link_args();
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let source = Path::new(&manifest).join("../../crates/ffi/src");
    println!("cargo::rerun-if-changed={}", source.display());
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-env-changed=KSEF_OFFLINE_STUBS");

    let facade = facade::read(&source)?;
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("generated.rs"), rust::module(&facade))?;
    if let Some(folder) = env::var_os("KSEF_OFFLINE_STUBS").filter(|folder| !folder.is_empty()) {
        let folder = Path::new(&folder);
        fs::create_dir_all(folder)?;
        fs::write(folder.join("_native.pyi"), stub::native(&facade))?;
        fs::write(folder.join("aio.pyi"), stub::aio(&facade))?;
        fs::write(folder.join("types.py"), stub::types(&facade))?;
    }
    Ok(())
}
