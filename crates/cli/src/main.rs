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
mod usage;

use std::process::ExitCode;

use ksef_offline::core::Language;

use crate::failure::Failure;
use crate::output::Output;
use crate::usage::Usage;

fn main() -> ExitCode {
    let asked = usage::language(usage::chosen(std::env::args_os()));
    let cli = match usage::read(asked) {
        Usage::Run(cli) => *cli,
        Usage::Told(text) => {
            // What was asked for has to arrive like every other result.
            let output = Output::new(false, asked);
            output.write(&text);
            return output.end(ExitCode::SUCCESS);
        }
        Usage::Wrong {
            polish,
            english,
            text,
        } => return wrong_usage(asked, polish, english, &text),
    };
    log_to_stderr(cli.verbose);
    let output = Output::new(cli.json, usage::language(cli.lang));
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

/// People read the whole text; with `--json` what is wrong goes into the one document.
fn wrong_usage(language: Language, polish: String, english: String, text: &str) -> ExitCode {
    if std::env::args_os().any(|argument| argument == "--json") {
        let output = Output::new(true, language);
        return output.end(output.failure(&Failure::usage(polish, english)));
    }
    anstream::eprintln!("{text}");
    ExitCode::from(failure::USAGE)
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
