//! The surface of the Kotlin code that uniffi writes.

use std::collections::{BTreeMap, BTreeSet};

use crate::Surface;

/// The suffix of records whose fields Python takes as keyword arguments.
const OPTIONS: &str = "Options";

/// Reads the declarations; bodies, converters and what is internal to uniffi are passed over.
pub(crate) fn surface(code: &str) -> Surface {
    let mut records: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut surface = Surface::new();
    let mut calls = Vec::new();
    let mut at = At::Outside;
    for line in code.lines() {
        let text = line.trim();
        // uniffi does not indent all of a class: there only a new declaration ends it.
        let in_class = matches!(at, At::Class(_) | At::Companion(_));
        if !line.starts_with([' ', '\t']) && (!in_class || line.starts_with(char::is_alphabetic)) {
            at = opened(text);
            match at {
                At::Record(name) => drop(records.insert(name, BTreeSet::new())),
                At::Set(name) => drop(surface.insert(format!("set {name}"), BTreeSet::new())),
                At::Object(name) => drop(surface.insert(format!("object {name}"), BTreeSet::new())),
                _ => {}
            }
        }
        match at {
            At::Record(name) => {
                if let Some(field) = text.strip_prefix("var ").and_then(quoted) {
                    records.entry(name).or_default().insert(snake(field));
                }
            }
            At::Set(name) => {
                let variant = text.trim_end_matches([',', ';']);
                if variant.len() < text.len() && variant.chars().all(is_shouted) {
                    let kebab = variant.to_lowercase().replace('_', "-");
                    surface
                        .entry(format!("set {name}"))
                        .or_default()
                        .insert(kebab);
                }
                if text.ends_with(';') {
                    at = At::Outside;
                }
            }
            At::Object(name) => {
                calls.extend(
                    call(text).map(|(call, given)| (format!("object {name}"), call, given)),
                );
            }
            At::Class(name) => {
                // Constructors stand in the companion, after everything that is private to uniffi.
                if text.starts_with("companion object") {
                    at = At::Companion(name);
                }
            }
            At::Companion(name) => {
                calls.extend(
                    call(text).map(|(call, given)| (format!("object {name}"), call, given)),
                );
            }
            At::Outside => {
                if let Some((name, given)) = call(text) {
                    calls.push((format!("function {name}"), String::new(), given));
                }
            }
            At::Other => {}
        }
    }
    for (item, call, given) in calls {
        let parameters: BTreeSet<String> = given
            .into_iter()
            .flat_map(|(name, kind)| match records.get(kind.as_str()) {
                Some(fields) if kind.ends_with(OPTIONS) => fields.iter().cloned().collect(),
                _ => vec![name],
            })
            .collect();
        let parts = surface.entry(item).or_default();
        if call.is_empty() {
            parts.extend(parameters);
        } else {
            let listed: Vec<String> = parameters.into_iter().collect();
            parts.insert(format!("{call}({})", listed.join(", ")));
        }
    }
    for (name, fields) in records {
        if !name.ends_with(OPTIONS) {
            surface.insert(format!("record {name}"), fields);
        }
    }
    surface
}

#[derive(Clone, Copy)]
enum At<'a> {
    Outside,
    Record(&'a str),
    Set(&'a str),
    Object(&'a str),
    Class(&'a str),
    Companion(&'a str),
    Other,
}

fn opened(text: &str) -> At<'_> {
    if let Some(rest) = text.strip_prefix("data class ") {
        At::Record(word(rest))
    } else if let Some(rest) = text.strip_prefix("enum class ") {
        At::Set(word(rest))
    } else if let Some(rest) = text.strip_prefix("public interface ") {
        word(rest)
            .strip_suffix("Interface")
            .map_or(At::Other, At::Object)
    } else if let Some(rest) = text
        .strip_prefix("open class ")
        .filter(|rest| rest.contains("Interface"))
    {
        At::Class(word(rest))
    } else if text.ends_with('{') && !text.contains("fun ") {
        At::Other
    } else {
        At::Outside
    }
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// The name between backticks at the beginning.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.split('`').next()
}

/// A function with the names and types of its parameters.
fn call(text: &str) -> Option<(String, Vec<(String, String)>)> {
    // The end of a comment and the exception may stand before it in the same line.
    let (before, rest) = text.split_once("fun ")?;
    let before = before
        .trim_start_matches("*/")
        .trim_end()
        .trim_end_matches("suspend")
        .trim();
    let throws = before.starts_with("@Throws(") && before.ends_with(')');
    if !before.is_empty() && !throws {
        return None;
    }
    let name = snake(quoted(rest)?);
    let parameters = rest.split_once('(')?.1;
    let given = parameters.split('`').skip(1).step_by(2);
    let kinds = parameters.split('`').skip(2).step_by(2);
    let given = given
        .zip(kinds)
        .map(|(name, kind)| {
            (
                snake(name),
                word(kind.trim_start_matches([':', ' '])).to_owned(),
            )
        })
        .collect();
    Some((name, given))
}

fn is_shouted(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'
}

fn snake(camel: &str) -> String {
    let mut snake = String::new();
    for c in camel.chars() {
        if c.is_uppercase() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
