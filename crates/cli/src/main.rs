//! The command line of ksef-offline: scripts, cron and first steps. Every command does its work through the facade; what
//! stands here reads arguments and prints.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what this crate is for"
)]
#![allow(unreachable_pub, reason = "a program has no outside")]

mod args;
mod commands;
mod demo;
mod failure;
mod output;
mod progress;
mod simulated;
mod table;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use ksef_offline::core::Language;

use crate::args::{Cli, Lang};
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return wrong_usage(&error),
    };
    log_to_stderr(cli.verbose);
    let output = Output::new(cli.json, language(cli.lang));
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return output.end(output.failure(&Failure::system(&error))),
    };
    let result = runtime.block_on(async {
        survive_file_size_limit();
        commands::run(cli, &output).await
    });
    // A probe that still waits for a dead host must not hold up the end.
    runtime.shutdown_background();
    output.end(match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => output.failure(&failure),
    })
}

/// Clap prints for people; with `--json` the same goes into the one document.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    let asked = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if !asked && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        let said = text.split("\n\nUsage").next().unwrap_or_default();
        let said = said.split("\n\nFor more").next().unwrap_or_default();
        let message = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let message = message.trim_start_matches("error: ");
        let output = Output::new(true, Language::En);
        return output.end(output.failure(&Failure::usage(message, message)));
    }
    if asked {
        // What was asked for has to arrive like every other result.
        let output = Output::new(false, Language::En);
        output.write(error.render().ansi().to_string().trim_end_matches('\n'));
        return output.end(ExitCode::SUCCESS);
    }
    let _ = error.print();
    ExitCode::from(failure::USAGE)
}

fn language(chosen: Option<Lang>) -> Language {
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

/// A file size limit ends a program that does not listen to its signal. Heard and ignored, it becomes an error of the
/// write, which is told like a full disk.
fn survive_file_size_limit() {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use tokio::signal::unix::{SignalKind, signal};
        const SIGXFSZ: i32 = 25;
        // Registering is what counts: the handler stays for the rest of the process.
        drop(signal(SignalKind::from_raw(SIGXFSZ)));
    }
}

fn log_to_stderr(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let filter = match verbose {
        0 => "warn",
        1 => {
            "warn,ksef_offline=info,ksef_offline_client=info,ksef_offline_queue=info,ksef_offline_simulator=info"
        }
        _ => {
            "info,ksef_offline=debug,ksef_offline_client=debug,ksef_offline_queue=debug,ksef_offline_simulator=debug"
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
