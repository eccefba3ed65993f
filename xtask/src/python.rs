//! The surface of the Python package, from its stubs.

use std::collections::BTreeSet;

use crate::Surface;

/// What Python has beyond the facade by its own customs: context managers, iteration, pictures in notebooks.
const CUSTOMS: [&str; 1] = ["close"];
/// The failure, which is an exception of its own form in each language.
const EXCEPTION: &str = "KsefOfflineError";

/// Reads the stub of the module and the file of closed sets.
pub(crate) fn surface(stub: &str, sets: &str) -> Surface {
    let mut surface = Surface::new();
    for block in stub.split("\nclass ").skip(1) {
        let name = word(block);
        if name.starts_with('_') || name == EXCEPTION {
            continue;
        }
        let (mut fields, mut calls) = (BTreeSet::new(), BTreeSet::new());
        let mut is_field = false;
        for line in block
            .lines()
            .skip(1)
            .take_while(|line| line.is_empty() || line.starts_with(' '))
        {
            let Some(text) = line.strip_prefix("    ") else {
                continue;
            };
            if let Some(definition) = text.strip_prefix("def ") {
                let method = word(definition);
                if is_field {
                    fields.insert(method.to_owned());
                } else if method == "__new__" {
                    calls.insert(format!("new({})", parameters(definition)));
                } else if !method.starts_with('_') && !CUSTOMS.contains(&method) {
                    calls.insert(format!("{method}({})", parameters(definition)));
                }
            }
            is_field = text == "@property";
        }
        // A record may have a constructor, an object has no fields.
        if fields.is_empty() {
            calls.retain(|call| !call.starts_with("new("));
            surface.insert(format!("object {name}"), calls);
        } else {
            surface.insert(format!("record {name}"), fields);
        }
    }
    for line in stub.lines() {
        if let Some(definition) = line.strip_prefix("def ") {
            let given = parameters(definition);
            let parts = given.split(", ").filter(|name| !name.is_empty());
            surface.insert(
                format!("function {}", word(definition)),
                parts.map(str::to_owned).collect(),
            );
        }
    }
    for block in sets.split(" = Literal[").collect::<Vec<_>>().windows(2) {
        let name = block[0].lines().last().unwrap_or_default();
        let variants = block[1].split(']').next().unwrap_or_default().split('"');
        surface.insert(
            format!("set {name}"),
            variants.skip(1).step_by(2).map(str::to_owned).collect(),
        );
    }
    surface
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The names of the parameters in the order of the alphabet.
fn parameters(definition: &str) -> String {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut current = String::new();
    for c in definition
        .split_once('(')
        .map_or("", |(_, rest)| rest)
        .chars()
    {
        match c {
            ')' if depth == 0 => break,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut current)),
            _ => {}
        }
        current.push(c);
    }
    names.push(current);
    let mut names: Vec<&str> = names
        .iter()
        .map(|text| word(text.trim_start_matches([',', ' '])))
        .filter(|name| !["", "self", "cls"].contains(name))
        .collect();
    names.sort_unstable();
    names.join(", ")
}
