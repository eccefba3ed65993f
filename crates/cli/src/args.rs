//! The command line as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;

/// Issue invoices while KSeF is away and deliver every one of them when it is back.
#[derive(Debug, Parser)]
#[command(
    name = "ksef-offline",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    /// Folder with config.toml, the queue and the archive
    #[arg(long, global = true, env = "KSEF_OFFLINE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Print exactly one JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of messages (default: Polish where the locale is, else English)
    #[arg(long, global = true, value_name = "pl|en")]
    pub lang: Option<Lang>,
    /// Log what happens to standard error; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// A language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Polish
    Pl,
    /// English
    En,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write config.toml
    Init(InitArgs),
    /// Ask KSeF and Latarnia how things stand
    Check,
    /// Judge invoice files by the schema and KSeF's rules
    Validate(ValidateArgs),
    /// Turn an invoice in JSON into FA(3), or FA(3) into JSON
    Convert(ConvertArgs),
    /// Print the JSON Schema of an invoice in JSON
    Schema,
    /// Issue invoices: sign, code and store them
    Issue(IssueArgs),
    /// Show the queue, or with --status sent the archive
    List(ListArgs),
    /// Show one invoice with its history
    Show(IdArgs),
    /// Sign pending invoices
    Sign(SignArgs),
    /// Send everything that is signed and follow it to its end
    Send(SendArgs),
    /// Bring invoices in processing up to date and resume what was interrupted
    Refresh,
    /// Show a session with KSeF
    Session(SessionArgs),
    /// Write the QR codes of an invoice
    Qr(QrArgs),
    /// Write an invoice as a person reads it
    Preview(PreviewArgs),
    /// Write the receipt (UPO) of an accepted invoice
    Receipt(OutArgs),
    /// Write invoice and signature as one ASiC-S file
    Export(OutArgs),
    /// Search the archive or export a part of it
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Copy the whole queue to a new file, and check the copy
    Backup(BackupArgs),
    /// Compare everything in the queue, or in a backup, with its checksums
    Doctor(DoctorArgs),
    /// Send for every company that has a home in a folder, side by side
    Office(OfficeArgs),
    /// Watch KSeF, Latarnia and deadlines: one JSON line an event
    Watch(WatchArgs),
    /// Add to the history of outages what Latarnia did not tell
    #[command(subcommand)]
    Outage(OutageCommand),
    /// Remove an invoice in error
    Delete(IdArgs),
    /// Send a technical correction of a rejected offline invoice, or tell when those that wait can be sent
    Correct(CorrectArgs),
    /// Issue a new invoice in the place of a rejected one
    Replace(ReplaceArgs),
    /// Record that nothing more will be done about an invoice, and why
    GiveUp(GiveUpArgs),
    /// Compute a deadline
    Deadline(DeadlineArgs),
    /// Check a code, a signature or a receipt (UPO) that somebody handed over
    #[command(subcommand)]
    Verify(VerifyCommand),
    /// Enrol, list and revoke KSeF certificates
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Run the KSeF simulator until stopped
    Simulate(SimulateArgs),
    /// Open the Offline Invoices page in a browser on this machine, until stopped
    Serve(ServeArgs),
    /// Live through a whole offline day against the simulator
    Demo(DemoArgs),
}

/// `init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// In whose name to work: Nip:…, InternalId:…, NipVatUe:… or PeppolId:…
    #[arg(long, value_name = "KIND:VALUE")]
    pub context: String,
    /// test, demo, production or custom (the last only with --from-simulator)
    #[arg(long, value_name = "E")]
    pub environment: Option<String>,
    /// Take addresses, a login certificate and trust from a running simulator
    #[arg(long, value_name = "URL")]
    pub from_simulator: Option<String>,
}

/// `validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// FA(3) files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// test, demo or production (default: the configured one, else test)
    #[arg(long, value_name = "E")]
    pub environment: Option<String>,
}

/// `convert`
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// An invoice as JSON (docs/json.md, and `schema` for an editor) or as FA(3); JSON keeps what it says, not prefixes, white space or other ways of writing the XML
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to write it; the ending says as what: .xml or .json
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// By whose rules the invoice is judged: test, demo or production (default: the configured one, else test)
    #[arg(long, value_name = "E")]
    pub environment: Option<String>,
}

/// `issue`
#[derive(Debug, Args)]
pub struct IssueArgs {
    /// FA(3) files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to issue; auto asks KSeF and Latarnia
    #[arg(long, default_value = "auto", value_name = "MODE",
          value_parser = ["auto", "online", "offline24", "unavailability", "emergency", "total-failure"])]
    pub mode: String,
    /// Leave offline invoices pending until `sign` or `send`
    #[arg(long)]
    pub sign_later: bool,
}

/// `list`
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only this status; sent shows the archive
    #[arg(long, value_name = "STATUS", value_parser = ["pending", "signed", "processing", "sent", "error"])]
    pub status: Option<String>,
    /// Invoices a page
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
}

/// A command on one invoice.
#[derive(Debug, Args)]
pub struct IdArgs {
    /// The id of the invoice
    #[arg(value_name = "ID")]
    pub id: String,
}

/// `sign`
#[derive(Debug, Args)]
pub struct SignArgs {
    /// Invoices to sign (default: all that are pending)
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

/// `send`
#[derive(Debug, Args)]
pub struct SendArgs {
    /// Return when everything is uploaded, before KSeF has judged it
    #[arg(long)]
    pub no_wait: bool,
    /// How long to wait for KSeF's verdict, in seconds
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub timeout: u64,
}

/// `correct`
#[derive(Debug, Args)]
pub struct CorrectArgs {
    /// The id of the rejected invoice
    #[arg(value_name = "ID", required_unless_present = "plan", requires = "file")]
    pub id: Option<String>,
    /// The invoice with the same content and without the technical fault
    #[arg(
        long = "with",
        value_name = "FILE",
        required_unless_present = "plan",
        requires = "id"
    )]
    pub file: Option<PathBuf>,
    /// Send nothing: tell in which order the corrections that wait are sent, when at the earliest, and which will be late
    #[arg(long, conflicts_with_all = ["id", "file"])]
    pub plan: bool,
    /// How long to wait for KSeF's verdict, in seconds
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub timeout: u64,
}

/// `replace`
#[derive(Debug, Args)]
pub struct ReplaceArgs {
    /// The id of the rejected invoice
    #[arg(value_name = "ID")]
    pub id: String,
    /// The FA(3) file to issue; it may have the number of the rejected one
    #[arg(long = "with", value_name = "FILE")]
    pub file: PathBuf,
    /// How to issue; auto asks KSeF and Latarnia
    #[arg(long, default_value = "auto", value_name = "MODE",
          value_parser = ["auto", "online", "offline24", "unavailability", "emergency", "total-failure"])]
    pub mode: String,
    /// Leave an offline invoice pending until `sign` or `send`
    #[arg(long)]
    pub sign_later: bool,
}

/// `give-up`
#[derive(Debug, Args)]
pub struct GiveUpArgs {
    /// The id of an invoice that was rejected, or that nobody has to send any more
    #[arg(value_name = "ID")]
    pub id: String,
    /// Why, in 1 to 500 characters; kept with the invoice
    #[arg(long, value_name = "TEXT")]
    pub note: String,
}

/// `session`
#[derive(Debug, Args)]
pub struct SessionArgs {
    /// The reference number of the session
    #[arg(value_name = "REF")]
    pub reference: String,
}

/// `qr`
#[derive(Debug, Args)]
pub struct QrArgs {
    /// The id of the invoice
    #[arg(value_name = "ID")]
    pub id: String,
    /// Where to write the pictures
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Kind of picture
    #[arg(long, default_value = "png", value_name = "png|svg")]
    pub format: Picture,
    /// Pixels a module at 300 dpi; 4 is the least that scans from paper
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub scale: u32,
    /// How much of a code may be lost and still be read: l 7 %, m 15 %, q 25 %, h 30 %
    #[arg(long, default_value = "m", value_name = "l|m|q|h", ignore_case = true)]
    pub correction: Correction,
    /// The codes as they were handed out, also after acceptance
    #[arg(long)]
    pub original: bool,
}

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Picture {
    /// Pixels
    Png,
    /// Shapes
    Svg,
}

/// `preview`
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The id of the invoice
    #[arg(value_name = "ID")]
    pub id: String,
    /// The file to write; its extension says which kind
    #[arg(long, value_name = "FILE.html|FILE.pdf")]
    pub out: PathBuf,
    /// The QR codes alone, to be handed over apart from the invoice
    #[arg(long)]
    pub codes: bool,
}

/// An error correction level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Correction {
    /// 7 %
    L,
    /// 15 %
    M,
    /// 25 %
    Q,
    /// 30 %
    H,
}

/// A command that writes one file of an invoice.
#[derive(Debug, Args)]
pub struct OutArgs {
    /// The id of the invoice
    #[arg(value_name = "ID")]
    pub id: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `archive`
#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// Find accepted invoices
    Search(SearchArgs),
    /// Write accepted invoices with signature and receipt into a folder
    Export(ArchiveExportArgs),
    /// Remove what archive.retention_years in config.toml keeps no longer
    Expire,
}

/// What to look for in the archive; all that is given must hold.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Invoice number or its beginning
    #[arg(long)]
    pub number: Option<String>,
    /// Part of the buyer's name or identifier
    #[arg(long)]
    pub buyer: Option<String>,
    /// Earliest issue date
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Latest issue date
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// KSeF number
    #[arg(long)]
    pub ksef_number: Option<String>,
    /// Hash of the document, standard Base64
    #[arg(long)]
    pub hash: Option<String>,
    /// Invoices a page
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<String>,
}

/// `archive export`
#[derive(Debug, Args)]
pub struct ArchiveExportArgs {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What to export
    #[command(flatten)]
    pub search: SearchArgs,
}

/// `backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// A backup to check instead of the queue
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
}

/// `office`
#[derive(Debug, Args)]
pub struct OfficeArgs {
    /// The folder with a home for each company
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Companies served at the same time
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub parallel: u32,
    /// Seconds to wait for KSeF's results, for each company
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub timeout: u64,
}

/// `watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Seconds between two looks while KSeF answers; up to five times that while it does not
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub interval: u64,
    /// Warn this many hours before the end of an invoice's last day
    #[arg(long, default_value_t = 24, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub due_within: u32,
}

/// An instant with its offset.
fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "an instant is written 2026-03-04T12:00+01:00".to_owned())
}

/// `outage`
#[derive(Debug, Subcommand)]
pub enum OutageCommand {
    /// Enter the end of an outage that Latarnia stopped showing without telling its end
    End(OutageEndArgs),
}

/// `outage end`
#[derive(Debug, Args)]
pub struct OutageEndArgs {
    /// The number of the event (`event_id`, as `check` shows it)
    #[arg(value_name = "EVENT", allow_negative_numbers = true)]
    pub event: i64,
    /// When it ended, with its offset: 2026-03-04T12:00+01:00
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Timestamp,
    /// From where this is known, for whoever asks later
    #[arg(long, value_name = "TEXT")]
    pub because: String,
    /// Who enters it
    #[arg(long, env = "USER", value_name = "NAME")]
    pub by: String,
}

/// A day of the calendar's years. Polish holidays are known from 2004 to 2100.
fn issue_date(text: &str) -> Result<Date, String> {
    let day = Date::strptime("%Y-%m-%d", text)
        .ok()
        .filter(|day| day.to_string() == text)
        .ok_or("a date is written YYYY-MM-DD")?;
    if (2004..=2100).contains(&day.year()) {
        Ok(day)
    } else {
        Err("the calendar of Polish business days holds from 2004 to 2100".to_owned())
    }
}

/// `deadline`
#[derive(Debug, Args)]
pub struct DeadlineArgs {
    /// The offline mode
    #[arg(long, value_name = "MODE", value_parser = ["offline24", "unavailability", "emergency", "total-failure"])]
    pub mode: String,
    /// Issue date, YYYY-MM-DD, from 2004 to 2100
    #[arg(long, value_name = "DATE", value_parser = issue_date)]
    pub issued: Date,
    /// JSON array of Latarnia messages (default: all that were ever seen)
    #[arg(long, value_name = "FILE")]
    pub outages: Option<PathBuf>,
    /// statutory or seven-days (default: the configured one)
    #[arg(long, value_name = "P", value_parser = ["statutory", "seven-days"])]
    pub policy: Option<String>,
}

/// `verify`
#[derive(Debug, Subcommand)]
pub enum VerifyCommand {
    /// Check the link of a CODE I or CODE II
    Code(VerifyCodeArgs),
    /// Check a signature: detached, enveloping, enveloped, or in an ASiC-S container
    Signature(VerifySignatureArgs),
    /// Check a receipt (UPO)
    Receipt(VerifyReceiptArgs),
}

/// `verify receipt`
#[derive(Debug, Args)]
pub struct VerifyReceiptArgs {
    /// The receipt to check
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The invoice it should be the receipt of: its hash, seller, number and date are compared
    #[arg(long, value_name = "FILE")]
    pub invoice: Option<PathBuf>,
    /// Certificates to trust, PEM or DER, for several files given again; by default those of config.toml
    #[arg(long, value_name = "FILE", num_args = 1)]
    pub trust: Vec<PathBuf>,
}

/// `verify signature`
#[derive(Debug, Args)]
pub struct VerifySignatureArgs {
    /// The file to check
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The invoice it should belong to; for a detached signature by default the file it names, beside it
    #[arg(long, value_name = "FILE")]
    pub invoice: Option<PathBuf>,
    /// Certificates to trust, PEM or DER, for several files given again; by default those of config.toml
    #[arg(long, value_name = "FILE", num_args = 1)]
    pub trust: Vec<PathBuf>,
}

/// `verify code`
#[derive(Debug, Args)]
pub struct VerifyCodeArgs {
    /// The text of the QR code
    #[arg(value_name = "URL", allow_hyphen_values = true)]
    pub url: String,
    /// The invoice it should belong to
    #[arg(long, value_name = "FILE")]
    pub invoice: Option<PathBuf>,
    /// The issuer's certificate, PEM or DER; without it no CODE II is valid
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// A PEM file of certificates to trust, may be given several times; by default those of config.toml
    #[arg(long, value_name = "FILE", num_args = 1)]
    pub trust: Vec<PathBuf>,
}

/// `certificate`
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Make a key here and have KSeF certify it
    Enroll(EnrollArgs),
    /// Show the certificates of the company
    List,
    /// Revoke a certificate
    Revoke(RevokeArgs),
}

/// `certificate enroll`
#[derive(Debug, Args)]
pub struct EnrollArgs {
    /// offline signs invoices, authentication logs in
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: CertificateKind,
    /// The name KSeF shows for it
    #[arg(long)]
    pub name: String,
    /// Where to write certificate and key
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Kind of key
    #[arg(long, default_value = "p256", value_name = "p256|rsa")]
    pub key: Key,
    /// Environment variable with the password that encrypts the key
    #[arg(long, value_name = "VAR")]
    pub password_env: Option<String>,
    /// Enter them in config.toml
    #[arg(long = "use")]
    pub enter: bool,
}

/// Types of KSeF certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CertificateKind {
    /// Signs offline invoices
    Offline,
    /// Logs in
    Authentication,
}

/// Kinds of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Key {
    /// The elliptic curve P-256
    P256,
    /// RSA with 2048 bits
    Rsa,
}

/// `certificate revoke`
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// The serial number: 16 hexadecimal digits
    #[arg(value_name = "SERIAL")]
    pub serial: String,
}

/// `simulate`
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub port: u16,
    /// Keep the simulator's state in this folder
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub port: u16,
    /// Run the KSeF simulator with it, in a home of its own, and show the panel that steers it
    #[arg(long)]
    pub simulator: bool,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to leave invoices, signatures, codes, receipts and the summary
    #[arg(long, default_value = "ksef-offline-demo", value_name = "DIR")]
    pub out: PathBuf,
    /// FA(3) files to issue (default: the examples that come with the program)
    #[arg(long, value_name = "DIR")]
    pub invoices: Option<PathBuf>,
}
