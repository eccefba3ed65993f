//! The commands. Each gives its exit code, or a failure that is printed for it.

mod invoices;
mod ksef;
mod outages;
mod papers;
mod serve;
mod setup;
mod verify;
mod watch;

use std::path::{Path, PathBuf};

use ksef_offline::{Desk, DeskError};

use crate::args::{ArchiveCommand, CertificateCommand, Cli, Command, OutageCommand, VerifyCommand};
use crate::demo;
use crate::failure::Failure;
use crate::output::Output;

/// What a command ends with.
pub type Ended = Result<u8, Failure>;

/// Runs the command.
pub async fn run(cli: Cli, output: &Output) -> Ended {
    let home = Place(cli.home);
    match cli.command {
        Command::Init(args) => setup::init(output, &home, &args).await,
        Command::Simulate(args) => setup::simulate(output, &args).await,
        Command::Serve(args) => serve::serve(output, &home, &args).await,
        Command::Demo(args) => demo::run(output, &args).await,
        Command::Check => outages::check(output, &home.open()?).await,
        Command::Validate(args) => invoices::validate(output, &home, &args),
        Command::Convert(args) => invoices::convert(output, &home, &args),
        Command::Schema => Ok(invoices::schema(output)),
        Command::Issue(args) => invoices::issue(output, &home.open()?, &args).await,
        Command::List(args) => invoices::list(output, &home.open()?, &args),
        Command::Show(args) => invoices::show(output, &home.open()?, &args),
        Command::Sign(args) => invoices::sign(output, &home.open()?, &args),
        Command::Delete(args) => invoices::delete(output, &home.open()?, &args),
        Command::Send(args) => ksef::send(output, &home.open()?, &args).await,
        Command::Correct(args) => ksef::correct(output, &home.open()?, &args).await,
        Command::Replace(args) => invoices::replace(output, &home.open()?, &args).await,
        Command::GiveUp(args) => invoices::give_up(output, &home.open()?, &args),
        Command::Refresh => ksef::refresh(output, &home.open()?).await,
        Command::Session(args) => ksef::session(output, &home.open()?, &args).await,
        Command::Outage(OutageCommand::End(args)) => outages::end(output, &home.open()?, &args),
        Command::Watch(args) => watch::watch(output, &home.open()?, &args).await,
        Command::Certificate(CertificateCommand::Enroll(args)) => {
            ksef::enroll(output, &home.open()?, &args).await
        }
        Command::Certificate(CertificateCommand::List) => {
            ksef::certificates(output, &home.open()?).await
        }
        Command::Certificate(CertificateCommand::Revoke(args)) => {
            ksef::revoke(output, &home.open()?, &args).await
        }
        Command::Qr(args) => papers::qr(output, &home.open()?, &args),
        Command::Preview(args) => papers::preview(output, &home.open()?, &args),
        Command::Receipt(args) => papers::receipt(output, &home.open()?, &args),
        Command::Export(args) => papers::export(output, &home.open()?, &args),
        Command::Archive(ArchiveCommand::Search(args)) => {
            papers::search(output, &home.open()?, &args)
        }
        Command::Archive(ArchiveCommand::Export(args)) => {
            papers::export_archive(output, &home.open()?, &args)
        }
        Command::Archive(ArchiveCommand::Expire) => papers::expire(output, &home.open()?),
        Command::Doctor(args) => papers::doctor(output, &home, &args),
        Command::Office(args) => ksef::office(output, &args).await,
        Command::Backup(args) => papers::backup(output, &home.open()?, &args),
        Command::Verify(VerifyCommand::Code(args)) => verify::code(output, &home, &args),
        Command::Deadline(args) => outages::deadline_command(output, &home, &args),
        Command::Verify(VerifyCommand::Signature(args)) => verify::signature(output, &home, &args),
        Command::Verify(VerifyCommand::Receipt(args)) => verify::receipt(output, &home, &args),
    }
}

/// Where the home is, before it is opened.
pub struct Place(Option<PathBuf>);

impl Place {
    /// The folder: the one given, else the platform's data directory.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.0 {
            return Ok(folder.clone());
        }
        directories::ProjectDirs::from("", "", "ksef-offline")
            .map(|folders| folders.data_dir().to_owned())
            .ok_or_else(|| {
                Failure::usage(
                    "system nie wskazuje katalogu domowego; podaj --home",
                    "the system names no home directory; give --home",
                )
            })
    }

    /// Opens the desk.
    pub fn open(&self) -> Result<Desk, Failure> {
        Ok(Desk::open(&self.folder()?)?)
    }

    /// Opens the desk if the home has a configuration.
    pub fn open_if_there(&self) -> Result<Option<Desk>, Failure> {
        match Desk::open(&self.folder()?) {
            Ok(desk) => Ok(Some(desk)),
            Err(DeskError::ConfigMissing(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The path as an absolute one, as JSON carries it.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
