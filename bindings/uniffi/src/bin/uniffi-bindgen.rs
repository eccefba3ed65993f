//! Writes the Kotlin and Swift code for the library: `uniffi-bindgen generate --library LIB --language kotlin --out-dir DIR`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
