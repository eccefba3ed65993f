//! Chores of this repository that are programs.
//!
//! `cargo xtask parity KOTLIN` compares what Python and Kotlin see of the library: functions, records with their fields, closed
//! sets and objects with their methods, and of every call the names of its parameters. `KOTLIN` is the file that
//! uniffi wrote; Python's are the stubs beside the package.
// A program for the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod kotlin;
mod python;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::{env, fs};

const STUBS: &str = "bindings/python/python/ksef_offline/_native.pyi";
const SETS: &str = "bindings/python/python/ksef_offline/types.py";

/// What may differ, and why. A line that no longer holds is a difference too.
const ALLOWED: [(&str, &str); 0] = [];

/// What a language sees: each item, such as `record Code`, with its parts, such as the names of its fields.
type Surface = BTreeMap<String, BTreeSet<String>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let answer = match arguments.as_slice() {
        [command, kotlin] if command == "parity" => parity(kotlin),
        _ => Err("usage: cargo xtask parity KOTLIN".to_owned()),
    };
    match answer {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("xtask: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn parity(kotlin: &str) -> Result<String, String> {
    let read = |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
    let kotlin = kotlin::surface(&read(kotlin)?);
    let python = python::surface(&read(STUBS)?, &read(SETS)?);
    for (language, surface) in [("Kotlin", &kotlin), ("Python", &python)] {
        for kind in ["function ", "record ", "set ", "object "] {
            if !surface.keys().any(|item| item.starts_with(kind)) {
                return Err(format!(
                    "no {kind}was found for {language}: its form has changed"
                ));
            }
        }
    }
    let mut found = differences(&kotlin, &python);
    for (allowed, _) in ALLOWED {
        if !found.remove(allowed) {
            found.insert(format!("{allowed} is allowed to differ and does not"));
        }
    }
    if found.is_empty() {
        let parts: usize = kotlin.values().map(BTreeSet::len).sum();
        return Ok(format!(
            "Python and Kotlin see the same {} items with {parts} parts",
            kotlin.len()
        ));
    }
    Err(format!(
        "Python and Kotlin differ:\n{}",
        found.into_iter().collect::<Vec<_>>().join("\n")
    ))
}

fn differences(kotlin: &Surface, python: &Surface) -> BTreeSet<String> {
    let nothing = BTreeSet::new();
    let mut found = BTreeSet::new();
    for (language, here, there) in [("Kotlin", kotlin, python), ("Python", python, kotlin)] {
        for (item, parts) in here {
            if !there.contains_key(item) {
                found.insert(format!("{language} alone: {item}"));
                continue;
            }
            for part in parts.difference(there.get(item).unwrap_or(&nothing)) {
                found.insert(format!("{language} alone: {item}: {part}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const KOTLIN: &str = include_str!("../tests/surface.kt");
    const STUB: &str = include_str!("../tests/surface.pyi");
    const SETS: &str = include_str!("../tests/sets.py");

    #[test]
    fn the_same_surface_in_two_languages_does_not_differ() {
        let kotlin = kotlin::surface(KOTLIN);
        assert_eq!(kotlin.len(), 5, "{kotlin:?}");
        assert_eq!(kotlin, python::surface(STUB, SETS));
    }

    #[test]
    fn what_one_language_lacks_is_named() {
        let python = python::surface(STUB, SETS);
        for (taken, told) in [
            (
                "    var `validTo`: kotlin.String\n",
                "Python alone: record Info: valid_to",
            ),
            ("    RED_HOT,\n", "Python alone: set Colour: red-hot"),
            (
                "`deep`: kotlin.Boolean = false",
                "Python alone: function read_info: deep",
            ),
            (
                "    suspend fun `wait`(`cancel`: CancelToken?)\n",
                "Python alone: object Desk: wait(cancel)",
            ),
        ] {
            let without = KOTLIN.replace(taken, "");
            assert_ne!(without, KOTLIN);
            let found = differences(&kotlin::surface(&without), &python);
            assert_eq!(found.into_iter().collect::<Vec<_>>(), [told]);
        }
    }
}
