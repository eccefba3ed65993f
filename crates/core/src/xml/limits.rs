//! What a file may ask of the parser, beside its size and its number of nodes. The parser copies the namespaces in scope
//! for each element that declares one, and compares each attribute with all others of its element: both must stay few.

use std::collections::HashSet;

/// Most prefixes of namespaces in one document.
const MAX_PREFIXES: usize = 64;
/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 1_024;

pub(super) fn hold(text: &str) -> bool {
    prefixes_are_few(text) && attributes_are_few(text)
}

/// Whether some prefix may be bound to no namespace: told by the text alone, so that nearly no document needs a closer look.
pub(super) fn may_undeclare_prefix(text: &str) -> bool {
    const MARK: &str = "xmlns:";
    text.match_indices(MARK).any(|(at, _)| {
        let value = text[at + MARK.len()..].split_once('=');
        value.is_some_and(|(_, value)| {
            let value = value.trim_start();
            value.starts_with("\"\"") || value.starts_with("''")
        })
    })
}

fn prefixes_are_few(text: &str) -> bool {
    const MARK: &str = "xmlns:";
    let mut prefixes = HashSet::new();
    text.match_indices(MARK).all(|(at, _)| {
        let rest = &text[at + MARK.len()..];
        let end = rest
            .find(|character: char| character == '=' || character.is_ascii_whitespace())
            .unwrap_or(rest.len());
        prefixes.insert(&rest[..end]);
        prefixes.len() <= MAX_PREFIXES
    })
}

/// Every attribute has an equals sign, and none has a `<`: between two of these stand a tag and the text behind it.
fn attributes_are_few(text: &str) -> bool {
    text.split('<')
        .filter(|piece| piece.len() > MAX_ATTRIBUTES && !piece.starts_with(['!', '?']))
        .all(|piece| piece.matches('=').take(MAX_ATTRIBUTES + 1).count() <= MAX_ATTRIBUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_and_attributes_that_cost_more_than_their_size_are_refused() {
        let nested = |count: usize| -> String {
            (0..count)
                .map(|number| format!("<a xmlns:p{number}='u'>"))
                .collect()
        };
        assert!(hold(&nested(64)));
        assert!(!hold(&nested(65)));
        let wide = |count: usize| -> String {
            let attributes: String = (0..count).map(|number| format!(" a{number}='>'")).collect();
            format!("<a{attributes}/>")
        };
        assert!(hold(&wide(1_024)));
        assert!(!hold(&wide(1_025)));
        // Long text is no attribute, nor are a comment and a section of characters.
        assert!(hold(&format!("<a>{}==</a>", "A".repeat(100_000))));
        assert!(hold(&format!(
            "<!--{}--><a><![CDATA[{0}]]></a>",
            "=".repeat(5_000)
        )));
    }
}
