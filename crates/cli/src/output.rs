//! Printing: one JSON document for programs, text for people.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use ksef_offline::core::{Bilingual, Language};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::{FAILED, Failure};

/// How to print. Copies share what became of the printing.
#[derive(Debug, Clone)]
pub struct Output {
    json: bool,
    language: Language,
    /// Why something that was to be printed did not reach its place.
    lost: Arc<OnceLock<std::io::Error>>,
}

impl Output {
    /// `json` prints documents, otherwise text in `language`.
    pub fn new(json: bool, language: Language) -> Self {
        Self {
            json,
            language,
            lost: Arc::default(),
        }
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

    /// The language of messages.
    pub fn language(&self) -> Language {
        self.language
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
        self.write(text.trim_end_matches('\n'));
    }

    /// Prints one line of a stream at once. Whether it could: a reader that went away wants no more.
    pub fn print_line(&self, document: &impl Serialize, human: impl FnOnce() -> String) -> bool {
        if self.json {
            self.write(&self.value(document).to_string())
        } else {
            self.write(&human())
        }
    }

    /// Writes a line to standard output, down to the file behind it. What goes wrong decides the end of the command,
    /// see [`Self::end`].
    pub fn write(&self, line: &str) -> bool {
        let mut out = anstream::stdout();
        match writeln!(out, "{line}").and_then(|()| out.flush()) {
            Ok(()) => true,
            Err(error) => {
                let _ = self.lost.set(error);
                false
            }
        }
    }

    /// The exit code of a command that ends with `code`: a failure when what it printed is not whole. A reader that went
    /// away (`| head`) is none: it has what it wanted, and the work of the command is done.
    pub fn end(&self, code: ExitCode) -> ExitCode {
        match self.lost.get() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.complain(&Failure::output(error));
                ExitCode::from(FAILED)
            }
            _ => code,
        }
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
            self.write(text);
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
            self.complain(failure);
        }
        ExitCode::from(failure.exit)
    }

    fn complain(&self, failure: &Failure) {
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
