#!/usr/bin/env bash
# Builds the static libraries, writes the Swift code for them and joins both into a framework. Needs macOS with Xcode and the
# Rust targets named below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
workspace=$(cd ../../.. && pwd)
target=${CARGO_TARGET_DIR:-$workspace/target}
platforms=(aarch64-apple-ios aarch64-apple-ios-sim aarch64-apple-darwin)

command -v xcodebuild >/dev/null || { echo 'generate.sh: needs xcodebuild, which only macOS has' >&2; exit 1; }

# By package: a build of the whole workspace would bring in what its other members ask for.
cargo build --manifest-path "$workspace/Cargo.toml" --package ksef-offline-uniffi --features bindgen
headers=$(mktemp -d)
trap 'rm -rf "$headers"' EXIT
mkdir -p Sources/KsefOffline
(cd "$workspace" && "$target/debug/uniffi-bindgen" generate --language swift --no-format --out-dir "$headers" \
  "$target/debug/libksef_offline_uniffi.dylib")
mv "$headers"/*.swift Sources/KsefOffline/
mv "$headers"/*.modulemap "$headers/module.modulemap"

arguments=()
for platform in "${platforms[@]}"; do
  cargo rustc --manifest-path "$workspace/Cargo.toml" --package ksef-offline-uniffi --lib --no-default-features --profile release-mobile \
    --target "$platform" --crate-type staticlib
  arguments+=(-library "$target/$platform/release-mobile/libksef_offline_uniffi.a" -headers "$headers")
done
rm -rf KsefOfflineFFI.xcframework
xcodebuild -create-xcframework "${arguments[@]}" -output KsefOfflineFFI.xcframework
