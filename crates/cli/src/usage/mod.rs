//! Reads the arguments in the language of the person: the help and what is wrong with them.
//!
//! `args.rs` says what there is, in English. [`polish`] holds the same texts in Polish; what clap adds by itself (headings,
//! `[default: …]`, its words for wrong usage) is put into Polish here.

mod polish;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Command, CommandFactory as _, FromArgMatches as _};
use ksef_offline::core::Language;

use crate::args::{Cli, Lang};

/// What the arguments came to.
pub enum Usage {
    /// A command.
    Run(Box<Cli>),
    /// Help or the version, as it is to be printed.
    Told(String),
    /// Wrong usage: one line in both languages, and the whole text for people.
    Wrong {
        polish: String,
        english: String,
        text: String,
    },
}

/// Reads the arguments of this process.
pub fn read(language: Language) -> Usage {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let parsed = command(language)
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => Usage::Run(Box::new(cli)),
        Err(error) => told(&error, language),
    }
}

/// The language of messages: the one chosen, else that of the locale.
pub fn language(chosen: Option<Lang>) -> Language {
    match chosen {
        Some(Lang::Pl) => Language::Pl,
        Some(Lang::En) => Language::En,
        None => {
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(|name| std::env::var(name).ok())
                .find(|value| !value.is_empty());
            match locale {
                Some(locale) if locale.starts_with("pl") => Language::Pl,
                _ => Language::En,
            }
        }
    }
}

/// The language chosen among the arguments, looked up before they are read: it decides how their faults are told.
pub fn chosen(arguments: impl IntoIterator<Item = OsString>) -> Option<Lang> {
    let mut found = None;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let value = match argument.to_str() {
            Some("--") => break,
            Some("--lang") => arguments.next(),
            Some(text) => text.strip_prefix("--lang=").map(OsString::from),
            None => None,
        };
        match value.as_ref().and_then(|value| value.to_str()) {
            Some("pl") => found = Some(Lang::Pl),
            Some("en") => found = Some(Lang::En),
            _ => {}
        }
    }
    found
}

fn told(error: &clap::Error, language: Language) -> Usage {
    let rendered = error.render().ansi().to_string();
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return Usage::Told(localised(&rendered, language));
    }
    let english = english(error);
    let polish = wrong(error).unwrap_or_else(|| english.clone());
    let text = match (language, error.kind()) {
        (Language::En, _) | (_, ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) => {
            localised(&rendered, language)
        }
        (Language::Pl, _) => {
            let mut text = format!("błąd: {polish}\n");
            if let Some(usage) = error.get(ContextKind::Usage) {
                let usage = usage.to_string();
                let usage = usage.trim().trim_start_matches("Usage:").trim();
                text.push_str(&localised(&format!("\nUżycie: {usage}\n"), language));
            }
            text.push_str("\nWięcej: ksef-offline --help\n");
            text
        }
    };
    Usage::Wrong {
        polish,
        english,
        text,
    }
}

/// What clap says is wrong, on one line and without the usage.
fn english(error: &clap::Error) -> String {
    let text = error.to_string();
    let said = text.split("\n\nUsage").next().unwrap_or_default();
    let said = said.split("\n\nFor more").next().unwrap_or_default();
    let message = said.split_whitespace().collect::<Vec<_>>().join(" ");
    message.trim_start_matches("error: ").to_owned()
}

/// The same in Polish; `None` for a kind that has no words here.
fn wrong(error: &clap::Error) -> Option<String> {
    let context = |kind| {
        error
            .get(kind)
            .map(ToString::to_string)
            .filter(|text| !text.is_empty())
    };
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let mut said = match error.kind() {
        ErrorKind::InvalidValue => match (value, &argument) {
            (Some(value), Some(argument)) => {
                format!("niedozwolona wartość „{value}” dla „{argument}”")
            }
            (None, Some(argument)) => format!("„{argument}” wymaga wartości"),
            _ => return None,
        },
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error)
                .and_then(|reason| reason_in_polish(&reason.to_string()))
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default();
            format!(
                "niedozwolona wartość „{}” dla „{}”{reason}",
                value?,
                argument.as_ref()?
            )
        }
        ErrorKind::UnknownArgument => format!("nieznany argument „{}”", argument.as_ref()?),
        ErrorKind::InvalidSubcommand => {
            format!(
                "nieznane polecenie „{}”",
                context(ContextKind::InvalidSubcommand)?
            )
        }
        ErrorKind::MissingSubcommand => "brakuje polecenia".to_owned(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "brakuje polecenia lub argumentu".to_owned()
        }
        ErrorKind::MissingRequiredArgument => {
            format!("brakuje wymaganych argumentów: {}", argument.as_ref()?)
        }
        ErrorKind::ArgumentConflict => match context(ContextKind::PriorArg) {
            Some(prior) if Some(&prior) != argument.as_ref() => {
                format!(
                    "„{}” i „{prior}” wykluczają się wzajemnie",
                    argument.as_ref()?
                )
            }
            _ => format!("„{}” można podać tylko raz", argument.as_ref()?),
        },
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("niewłaściwa liczba wartości dla „{}”", argument.as_ref()?)
        }
        ErrorKind::InvalidUtf8 => "argument nie jest tekstem UTF-8".to_owned(),
        _ => return None,
    };
    if let Some(possible) = context(ContextKind::ValidValue) {
        said.push_str(&format!(" (dozwolone: {possible})"));
    }
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ]
    .into_iter()
    .find_map(context);
    if let Some(suggested) = suggested {
        said.push_str(&format!("; czy chodziło o „{suggested}”?"));
    }
    Some(said)
}

/// Why a value was refused, in Polish, where that is known.
fn reason_in_polish(english: &str) -> Option<String> {
    let range = english
        .split_once(" is not in ")
        .and_then(|(_, range)| range.split_once("..="));
    match range {
        Some((least, most)) => Some(format!("wartość musi być od {least} do {most}")),
        None => polish::text(english).map(ToOwned::to_owned),
    }
}

/// What clap cannot be told to say otherwise.
fn localised(rendered: &str, language: Language) -> String {
    let text = rendered.trim_end_matches('\n');
    match language {
        Language::En => text.to_owned(),
        Language::Pl => text.replace("[OPTIONS]", "[OPCJE]"),
    }
}

/// The command line with its texts in the language.
fn command(language: Language) -> Command {
    match language {
        Language::En => Cli::command(),
        Language::Pl => {
            let mut command = Cli::command();
            // Brings in what clap adds by itself: --help, --version and `help`, and the options of every command.
            command.build();
            in_polish(command)
        }
    }
}

fn in_polish(command: Command) -> Command {
    let about = command.get_about().map(translated);
    let long_about = command.get_long_about().map(translated);
    let names: Vec<String> = command
        .get_subcommands()
        .map(|each| each.get_name().to_owned())
        .collect();
    let mut command = command
        .mut_args(argument_in_polish)
        .help_template("{about-with-newline}\nUżycie: {usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("Polecenia")
        .subcommand_value_name("POLECENIE");
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    for name in names {
        command = command.mut_subcommand(name, in_polish);
    }
    command
}

fn argument_in_polish(argument: Arg) -> Arg {
    let mut help = argument.get_help().map(translated).unwrap_or_default();
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    // A name that lists the values says the same.
    let listed = argument
        .get_value_names()
        .is_some_and(|names| names.iter().any(|name| name.contains('|')));
    let takes_value = argument.get_action().takes_values();
    let defaults = argument.get_default_values();
    if takes_value && !defaults.is_empty() {
        let defaults: Vec<_> = defaults
            .iter()
            .map(|value| value.to_string_lossy())
            .collect();
        help.push_str(&format!(" [domyślnie: {}]", defaults.join(", ")));
    }
    if let Some(variable) = argument.get_env() {
        help.push_str(&format!(" [zmienna: {}]", variable.to_string_lossy()));
    }
    if takes_value && !values.is_empty() && !listed {
        help.push_str(&format!(" [możliwe: {}]", values.join(", ")));
    }
    let heading = if argument.is_positional() {
        "Argumenty"
    } else {
        "Opcje"
    };
    let long = argument.get_long_help().map(translated);
    let argument = match long {
        Some(long) => argument.long_help(long),
        None => argument,
    };
    argument
        .help(help)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_env(true)
        .hide_possible_values(true)
}

/// The Polish of a text of `args.rs`; the text itself where there is none, which a test does not let be.
fn translated(english: &StyledStr) -> String {
    let english = english.to_string();
    polish::text(&english).map_or(english, ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_about().map(ToString::to_string));
        found.extend(command.get_long_about().map(ToString::to_string));
        for argument in command.get_arguments() {
            found.extend(argument.get_help().map(ToString::to_string));
            found.extend(argument.get_long_help().map(ToString::to_string));
        }
        for command in command.get_subcommands() {
            texts(command, found);
        }
    }

    #[test]
    fn every_text_of_the_help_has_its_polish_and_no_polish_is_left_over() {
        let mut command = Cli::command();
        command.build();
        let mut english = Vec::new();
        texts(&command, &mut english);
        let missing: Vec<_> = english
            .iter()
            .filter(|text| polish::text(text).is_none())
            .collect();
        assert!(missing.is_empty(), "without Polish: {missing:#?}");
        let left_over: Vec<_> = polish::HELP
            .iter()
            .map(|(text, _)| text)
            .filter(|text| !english.iter().any(|known| known == *text))
            .collect();
        assert!(left_over.is_empty(), "of no argument: {left_over:#?}");
    }

    #[test]
    fn the_polish_help_of_no_command_says_anything_in_english() {
        fn check(command: &mut Command) {
            let help = command.render_long_help().to_string();
            for word in [
                "Usage:",
                "Options:",
                "Commands:",
                "Arguments:",
                "[default",
                "[possible",
                "Print ",
            ] {
                assert!(!help.contains(word), "{word} in {help}");
            }
            for each in command.get_subcommands_mut() {
                check(each);
            }
        }
        check(&mut command(Language::Pl));
    }

    #[test]
    fn what_is_wrong_is_said_in_polish() {
        let said = |arguments: &[&str]| {
            let error = command(Language::Pl)
                .try_get_matches_from([&["ksef-offline"], arguments].concat())
                .unwrap_err();
            wrong(&error).unwrap()
        };
        assert_eq!(
            said(&["lst"]),
            "nieznane polecenie „lst”; czy chodziło o „list”?"
        );
        assert_eq!(
            said(&["list", "--status", "lost"]),
            "niedozwolona wartość „lost” dla „--status <STATUS>” (dozwolone: pending, signed, processing, sent, error)"
        );
        assert_eq!(said(&["issue"]), "brakuje wymaganych argumentów: <FILE>...");
        assert_eq!(
            said(&["deadline", "--mode", "offline24", "--issued", "2026-02-30"]),
            "niedozwolona wartość „2026-02-30” dla „--issued <DATE>”: datę zapisuje się RRRR-MM-DD"
        );
    }

    #[test]
    fn the_language_is_found_wherever_it_stands_and_the_last_one_counts() {
        let found = |arguments: &[&str]| chosen(arguments.iter().map(OsString::from));
        assert_eq!(found(&["x", "list", "--lang", "pl"]), Some(Lang::Pl));
        assert_eq!(found(&["x", "--lang=pl", "--lang", "en"]), Some(Lang::En));
        assert_eq!(found(&["x", "verify", "code", "--", "--lang=pl"]), None);
        assert_eq!(found(&["x", "--lang"]), None);
    }
}
