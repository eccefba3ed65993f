//! Printing: one JSON document for programs, text for people.

use std::io::Write as _;
use std::process::ExitCode;

use ksef_offline::core::{Bilingual, Language};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
    language: Language,
}

impl Output {
    /// `json` prints documents, otherwise text in `language`.
    pub fn new(json: bool, language: Language) -> Self {
        Self { json, language }
    }

    /// Whether documents are printed.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// One of two texts.
    pub fn say<'a>(&self, pl: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Pl => pl,
            Language::En => en,
        }
    }

    /// The text in the language.
    pub fn text<'a>(&self, message: &'a Bilingual) -> &'a str {
        message.text(self.language)
    }

    /// Prints the document, or what `human` makes.
    pub fn print(&self, document: &impl Serialize, human: impl FnOnce() -> String) {
        let text = if self.json {
            self.value(document).to_string()
        } else {
            human()
        };
        // A reader that went away (`| head`) is no failure of the command, whose work is done.
        let mut out = anstream::stdout();
        let _ = writeln!(out, "{}", text.trim_end_matches('\n'));
        let _ = out.flush();
    }

    /// Prints one line of a stream at once. Whether it could: a reader that went away wants no more.
    pub fn print_line(&self, document: &impl Serialize, human: impl FnOnce() -> String) -> bool {
        let text = if self.json {
            self.value(document).to_string()
        } else {
            human()
        };
        let mut out = anstream::stdout();
        writeln!(out, "{text}").and_then(|()| out.flush()).is_ok()
    }

    /// The document with every text in the language.
    pub fn value(&self, document: &impl Serialize) -> Value {
        let mut value = serde_json::to_value(document).unwrap_or(Value::Null);
        localise(&mut value, self.language);
        value
    }

    /// A remark for people, left out where a program reads.
    pub fn remark(&self, text: &str) {
        if !self.json {
            let _ = writeln!(anstream::stdout(), "{text}");
        }
    }

    /// A remark for people beside what is printed, left out where a program reads.
    pub fn aside(&self, text: &str) {
        if !self.json && !text.is_empty() {
            let _ = write!(anstream::stderr(), "{text}");
        }
    }

    /// Prints a failure and gives its exit code.
    pub fn failure(&self, failure: &Failure) -> ExitCode {
        if self.json {
            let document = json!({ "error": self.error(failure) });
            self.print(&document, String::new);
        } else {
            let label = self.say("błąd", "error");
            let mut err = anstream::stderr();
            let _ = writeln!(
                err,
                "{red}{label} [{}]{red:#}: {}",
                failure.code,
                self.text(&failure.message),
                red = crate::table::RED
            );
            for detail in &failure.details {
                let _ = writeln!(err, "  {detail}");
            }
        }
        ExitCode::from(failure.exit)
    }

    /// The error object of the contract.
    pub fn error(&self, failure: &Failure) -> Value {
        json!({
            "code": failure.code,
            "message": self.text(&failure.message),
            "details": failure.details,
        })
    }
}

/// A text from elsewhere as it may stand on a terminal: without what could steer it.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Replaces every bilingual text by the one in `language`.
fn localise(value: &mut Value, language: Language) {
    match value {
        Value::Object(fields) => {
            let texts = match (fields.len(), fields.get("pl"), fields.get("en")) {
                (2, Some(Value::String(pl)), Some(Value::String(en))) => Some((pl, en)),
                _ => None,
            };
            if let Some((pl, en)) = texts {
                let text = match language {
                    Language::Pl => pl,
                    Language::En => en,
                };
                *value = Value::String(text.clone());
            } else {
                fields
                    .values_mut()
                    .for_each(|field| localise(field, language));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localise(item, language)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bilingual_texts_become_one_text_at_every_depth() {
        let mut value = json!({"a": [{"message": {"pl": "tak", "en": "yes"}}], "pl": "x", "n": 1});
        localise(&mut value, Language::Pl);
        assert_eq!(value, json!({"a": [{"message": "tak"}], "pl": "x", "n": 1}));
    }
}
