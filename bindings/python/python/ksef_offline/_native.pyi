# Written by build/ from the source of the facade; ./test compares it. To write it anew:
# KSEF_OFFLINE_STUBS=bindings/python/python/ksef_offline cargo build -p ksef-offline-python

import builtins
import datetime
import decimal
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import Protocol, final, type_check_only

from typing_extensions import Buffer, Self

from ksef_offline import types

__all__ = [
    "KsefOfflineError",
    "Code",
    "Deadline",
    "CustomAddresses",
    "IssueFile",
    "Bilingual",
    "Fault",
    "Verdict",
    "InvoiceSummary",
    "CompanyReport",
    "OfficeReport",
    "Invoice",
    "InvoiceDeadline",
    "KsefStatus",
    "StatusCounts",
    "InvoicePage",
    "HistoryLine",
    "Evidence",
    "FailedFile",
    "FileWarnings",
    "IssueReport",
    "SignReport",
    "SessionLine",
    "Skipped",
    "SendReport",
    "RefreshReport",
    "Progress",
    "SessionInvoice",
    "SessionReport",
    "Outage",
    "Announcement",
    "OfflineCertificate",
    "Availability",
    "InvoiceCodes",
    "CodeFiles",
    "ReceiptFile",
    "ExportedInvoice",
    "ArchiveExport",
    "EnrolledCertificate",
    "CertificateLine",
    "CorrectionForecast",
    "HomeFiles",
    "CertificateInfo",
    "Check",
    "Verification",
    "WatchEvent",
    "CancelToken",
    "CodeTwoDraft",
    "Desk",
    "Office",
    "SignatureDraft",
    "Signer",
    "Watcher",
    "code_one",
    "code_one_link",
    "code_two",
    "prepare_code_two",
    "code_picture",
    "deadline",
    "is_business_day",
    "next_business_day",
    "today_in_warsaw",
    "create_home",
    "check_backup",
    "validate",
    "read_invoice",
    "invoice_hash",
    "invoice_from_json",
    "invoice_to_json",
    "invoice_schema",
    "version",
    "preview_invoice",
    "sign_invoice",
    "prepare_signature",
    "asic_container",
    "read_certificate",
    "verify_code",
    "verify_signature",
    "verify_receipt",
]

class KsefOfflineError(Exception):
    """Why a call did not do what it was asked to."""

    code: str
    """Stable and kebab-case, for programs."""
    polish: str
    """What happened and what to do about it, in Polish."""
    english: str
    """The same in English."""
    retryable: bool
    """Whether the same call can succeed when it is made again."""
    retry_after_seconds: int | None
    """How many seconds to wait before that."""
    details: list[Fault]
    """Everything that is wrong with a document that was refused."""

@type_check_only
class _SigningKey(Protocol):
    def sign(self, algorithm: types.SignatureAlgorithm, data: bytes, /) -> Buffer: ...

@final
class Code:
    """A code: the text of its symbol and the caption beneath."""

    def __new__(cls, link: str, caption: str) -> Self: ...
    @property
    def link(self) -> str:
        """The link."""
    @property
    def caption(self) -> str:
        """`OFFLINE` or the KSeF number beneath CODE I, `CERTYFIKAT` beneath CODE II."""
    def _repr_png_(self) -> bytes: ...
    def _repr_svg_(self) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Deadline:
    """Until when an invoice has to reach KSeF, and why."""

    @property
    def state(self) -> types.DeadlineState:
        """Whether there is a last day."""
    @property
    def due(self) -> datetime.date | None:
        """The last day in Warsaw; there is one exactly when the state is `due`."""
    @property
    def basis(self) -> str:
        """The article of the VAT Act that rules the mode, for example `art. 106nda`."""
    @property
    def provisions(self) -> str:
        """The provisions behind this very deadline."""
    @property
    def explanation(self) -> Bilingual:
        """Which outages and days were counted."""
    @property
    def sent_after_due(self) -> bool:
        """Whether an invoice that missed its last day is still sent: by law yes, by the policy `seven-days` no."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CustomAddresses:
    """The addresses of an environment of one's own, such as a simulator."""

    def __new__(cls, api: str, latarnia: str, qr_host: str) -> Self: ...
    @property
    def api(self) -> str:
        """Base address of the API. Plain `http` on loopback only."""
    @property
    def latarnia(self) -> str:
        """Base address of Latarnia."""
    @property
    def qr_host(self) -> str:
        """Host of QR links, without scheme."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class IssueFile:
    """A file that is to be issued: a path, or bytes under a name."""

    def __new__(cls, source: str | os.PathLike[str], bytes: Buffer | None = None) -> Self: ...
    @property
    def source(self) -> pathlib.Path:
        """The path to read, or the name under which reports speak of `bytes`."""
    @property
    def bytes(self) -> bytes | None:
        """The bytes; None reads `source`."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Bilingual:
    """Text for people in both languages of this library."""

    @property
    def polish(self) -> str:
        """In Polish."""
    @property
    def english(self) -> str:
        """In English."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Fault:
    """One thing that is wrong, or looks wrong, in a document or about it."""

    @property
    def path(self) -> str | None:
        """Where in the document, in schema names: `/Faktura/Fa/P_1`. None where it concerns the document as a whole."""
    @property
    def line(self) -> int | None:
        """The line, from 1. None where no line can be named."""
    @property
    def code(self) -> str:
        """The stable kebab-case name, for example `nip-checksum`."""
    @property
    def text(self) -> Bilingual:
        """What is wrong and what to do about it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Verdict:
    """The verdict on a document."""

    @property
    def valid(self) -> bool:
        """Whether KSeF would take it."""
    @property
    def errors(self) -> builtins.list[Fault]:
        """What KSeF would refuse."""
    @property
    def warnings(self) -> builtins.list[Fault]:
        """What looks wrong but is not refused."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class InvoiceSummary:
    """What identifies an invoice."""

    @property
    def number(self) -> str:
        """Invoice number (`P_2`)."""
    @property
    def kind(self) -> str:
        """Kind (`RodzajFaktury`): `VAT`, `KOR`, `ZAL`, `ROZ`, `UPR`, `KOR_ZAL` or `KOR_ROZ`."""
    @property
    def issue_date(self) -> datetime.date:
        """Issue date (`P_1`)."""
    @property
    def seller_nip(self) -> str:
        """NIP of the seller."""
    @property
    def buyer_identifier(self) -> str | None:
        """NIP, EU VAT number with its country code, or another tax number of the buyer. None for a consumer without one."""
    @property
    def buyer_name(self) -> str | None:
        """Name of the buyer."""
    @property
    def gross(self) -> decimal.Decimal:
        """Total to pay (`P_15`)."""
    @property
    def currency(self) -> str:
        """ISO 4217 code of its currency."""
    @property
    def has_attachment(self) -> bool:
        """Whether it carries an attachment: such invoices go by batch only."""
    @property
    def invoice_hash(self) -> str:
        """SHA-256 of the exact bytes, standard Base64."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CompanyReport:
    """What sending for one company came to."""

    @property
    def home(self) -> pathlib.Path:
        """Its home."""
    @property
    def context(self) -> str:
        """Its context."""
    @property
    def report(self) -> SendReport | None:
        """What was sent; None when it failed."""
    @property
    def error(self) -> Fault | None:
        """Why it failed."""
    @property
    def done(self) -> bool:
        """Whether everything it had to send was accepted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class OfficeReport:
    """What serving an office came to."""

    @property
    def companies(self) -> builtins.list[CompanyReport]:
        """The companies that had something to do and were served, as they ended."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Invoice:
    """An invoice of a desk."""

    @property
    def id(self) -> str:
        """Stable, unique, safe in a file name."""
    @property
    def source(self) -> str | None:
        """Where it was issued from: a path, or the name it was given."""
    @property
    def file(self) -> pathlib.Path:
        """The stored copy, byte for byte what KSeF gets."""
    @property
    def number(self) -> str:
        """Invoice number (`P_2`)."""
    @property
    def kind(self) -> str:
        """Kind (`RodzajFaktury`)."""
    @property
    def issue_date(self) -> datetime.date:
        """Issue date (`P_1`)."""
    @property
    def seller_nip(self) -> str:
        """NIP of the seller."""
    @property
    def buyer(self) -> str | None:
        """Name of the buyer, or the identifier where the invoice gives no name."""
    @property
    def gross(self) -> decimal.Decimal:
        """Total to pay (`P_15`)."""
    @property
    def currency(self) -> str:
        """ISO 4217 code of its currency."""
    @property
    def status(self) -> types.InvoiceStatus:
        """Where it is in its life."""
    @property
    def mode(self) -> types.IssueMode:
        """How it was issued."""
    @property
    def invoice_hash(self) -> str:
        """SHA-256 of the document, standard Base64."""
    @property
    def code_one(self) -> str | None:
        """The link of CODE I."""
    @property
    def code_two(self) -> str | None:
        """The link of CODE II."""
    @property
    def signature_file(self) -> pathlib.Path | None:
        """The XAdES document."""
    @property
    def deadline(self) -> InvoiceDeadline:
        """Until when it must reach KSeF."""
    @property
    def ledger_marker(self) -> str | None:
        """How the VAT ledger (JPK_V7) marks it: `OFF` while an invoice of the emergency mode has no KSeF number."""
    @property
    def batch_reference(self) -> str | None:
        """The session that carries it, or carried it with a result."""
    @property
    def ksef_number(self) -> str | None:
        """The number KSeF gave."""
    @property
    def error(self) -> KsefStatus | None:
        """Why it was rejected."""
    @property
    def corrects_hash(self) -> str | None:
        """Of a technical correction, the hash of the invoice it takes the place of."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class InvoiceDeadline:
    """Until when an invoice of a desk has to reach KSeF, by everything Latarnia ever announced."""

    @property
    def due(self) -> datetime.date | None:
        """The last day in time, in Warsaw."""
    @property
    def state(self) -> types.DeadlineState:
        """Whether there is a last day."""
    @property
    def basis(self) -> str:
        """The article of the VAT Act."""
    @property
    def provisions(self) -> str:
        """The provisions behind this very deadline."""
    @property
    def overdue(self) -> bool:
        """Whether the last day is over and the invoice is not with KSeF."""
    @property
    def days_left(self) -> int | None:
        """Calendar days left, negative when overdue. None without a last day, and once it is sent."""
    @property
    def may_send(self) -> bool:
        """Whether the law and the policy let it go to KSeF now."""
    @property
    def explanation(self) -> Bilingual:
        """Which outages and days were counted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class KsefStatus:
    """A status in KSeF's words."""

    @property
    def code(self) -> int:
        """KSeF's number for it."""
    @property
    def description(self) -> str:
        """KSeF's description."""
    @property
    def details(self) -> builtins.list[str]:
        """KSeF's details."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class StatusCounts:
    """How many invoices there are in each status."""

    @property
    def pending(self) -> int:
        """Waiting for a signer."""
    @property
    def signed(self) -> int:
        """Waiting to be sent."""
    @property
    def processing(self) -> int:
        """In a session with KSeF."""
    @property
    def sent(self) -> int:
        """Accepted."""
    @property
    def error(self) -> int:
        """Rejected."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class InvoicePage:
    """A page of invoices."""

    @property
    def invoices(self) -> builtins.list[Invoice]:
        """The invoices."""
    @property
    def next(self) -> str | None:
        """Where the next page begins; None on the last."""
    @property
    def counts(self) -> StatusCounts:
        """How many there are in each status; of a search only those that are sent are counted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class HistoryLine:
    """One line of an invoice's history."""

    @property
    def at(self) -> datetime.datetime:
        """When."""
    @property
    def event(self) -> str:
        """What happened, in kebab-case."""
    @property
    def status(self) -> types.InvoiceStatus | None:
        """The status after it. None where it left the queue."""
    @property
    def cause(self) -> str:
        """Why."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Evidence:
    """On what evidence the mode of an invoice was chosen. What was not asked is None."""

    @property
    def at(self) -> datetime.datetime:
        """When the mode was decided."""
    @property
    def chosen(self) -> str | None:
        """The mode somebody asked for; None when it was found out."""
    @property
    def ksef(self) -> str | None:
        """`reachable` or `unreachable`."""
    @property
    def latarnia(self) -> str | None:
        """The word of Latarnia, `unreachable`, or `not-asked` where KSeF answered."""
    @property
    def mode(self) -> str | None:
        """The mode that followed."""
    @property
    def cause(self) -> str | None:
        """`announced`, `unannounced` or `own-network`."""
    @property
    def reason(self) -> Bilingual | None:
        """The same in words."""
    @property
    def messages(self) -> builtins.list[str]:
        """The numbers of the messages Latarnia showed."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class FailedFile:
    """A file, or an invoice, that was refused."""

    @property
    def file(self) -> str:
        """Where it came from; the id of an invoice that was not signed."""
    @property
    def errors(self) -> builtins.list[Fault]:
        """Everything that is wrong with it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class FileWarnings:
    """What looks wrong in a file that was issued nonetheless: KSeF does not refuse it."""

    @property
    def file(self) -> str:
        """Where it came from."""
    @property
    def warnings(self) -> builtins.list[Fault]:
        """What a person should look at."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class IssueReport:
    """What became of files that were to be issued."""

    @property
    def issued(self) -> builtins.list[Invoice]:
        """The invoices that are in the queue now, those that were there before among them."""
    @property
    def failed(self) -> builtins.list[FailedFile]:
        """The files that were refused, and why."""
    @property
    def warnings(self) -> builtins.list[FileWarnings]:
        """What looks wrong in files that were issued."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SignReport:
    """What signing came to."""

    @property
    def invoices(self) -> builtins.list[Invoice]:
        """The invoices that are signed now."""
    @property
    def failed(self) -> builtins.list[FailedFile]:
        """Those that are not, by id, and why."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SessionLine:
    """A session that was opened or followed."""

    @property
    def reference_number(self) -> str:
        """Its reference number."""
    @property
    def state(self) -> str:
        """`opened`, `uploading`, `closed`, `completed`, `failed` or `abandoned`."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Skipped:
    """An invoice that was not sent."""

    @property
    def id(self) -> str:
        """Its id."""
    @property
    def reason(self) -> Fault:
        """Why."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SendReport:
    """What sending came to."""

    @property
    def sessions(self) -> builtins.list[SessionLine]:
        """The sessions that were opened or followed."""
    @property
    def sent(self) -> int:
        """How many invoices were accepted."""
    @property
    def rejected(self) -> int:
        """How many were rejected."""
    @property
    def processing(self) -> int:
        """How many are still in processing, or had a session that came to nothing and wait to be sent again."""
    @property
    def invoices(self) -> builtins.list[Invoice]:
        """All of them."""
    @property
    def skipped(self) -> builtins.list[Skipped]:
        """Invoices that were not sent, and why."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class RefreshReport:
    """What refreshing came to."""

    @property
    def changed(self) -> builtins.list[Invoice]:
        """Invoices whose status changed or whose receipt came."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Progress:
    """How far a call has come, for a progress bar: `done` of `total` steps of this stage."""

    @property
    def stage(self) -> types.ProgressStage:
        """What it is at."""
    @property
    def done(self) -> int:
        """What is done: parts that are uploaded, invoices that are judged or corrected."""
    @property
    def total(self) -> int:
        """Of how many."""
    @property
    def bytes_done(self) -> int:
        """While uploading, the bytes that are there; else 0."""
    @property
    def bytes_total(self) -> int:
        """While uploading, all bytes; else 0."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SessionInvoice:
    """An invoice of a session, as KSeF tells it."""

    @property
    def ordinal(self) -> int:
        """Its place, from 1."""
    @property
    def invoice_number(self) -> str | None:
        """Its number (`P_2`), once KSeF has read it."""
    @property
    def invoice_hash(self) -> str:
        """Its hash, standard Base64."""
    @property
    def ksef_number(self) -> str | None:
        """The number KSeF gave."""
    @property
    def status(self) -> KsefStatus:
        """Its status."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class SessionReport:
    """A session and its invoices, as KSeF tells them."""

    @property
    def reference_number(self) -> str:
        """Its reference number."""
    @property
    def status(self) -> KsefStatus:
        """Its status."""
    @property
    def invoice_count(self) -> int | None:
        """How many invoices it has, as far as KSeF tells."""
    @property
    def accepted_count(self) -> int | None:
        """How many of them were accepted, as far as KSeF tells."""
    @property
    def rejected_count(self) -> int | None:
        """How many were rejected, as far as KSeF tells."""
    @property
    def invoices(self) -> builtins.list[SessionInvoice]:
        """Its invoices."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outage:
    """An outage of KSeF, by what Latarnia announced."""

    @property
    def name(self) -> str:
        """The numbers of its messages."""
    @property
    def category(self) -> str:
        """`FAILURE`, `TOTAL_FAILURE`, `MAINTENANCE`, or a word this version does not know."""
    @property
    def start(self) -> datetime.datetime:
        """Its start."""
    @property
    def end(self) -> datetime.datetime | None:
        """Its end, if announced."""
    @property
    def running(self) -> bool:
        """Whether it goes on now, as far as is known."""
    @property
    def withdrawn(self) -> bool:
        """Whether Latarnia no longer shows it, though no end of it was seen."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Announcement:
    """A message of Latarnia."""

    @property
    def id(self) -> str:
        """Its number, for example `K/2026/AWR/01`."""
    @property
    def category(self) -> str:
        """`FAILURE`, `TOTAL_FAILURE`, `MAINTENANCE`, or a word this version does not know."""
    @property
    def kind(self) -> str:
        """`FAILURE_START`, `FAILURE_END`, `MAINTENANCE_ANNOUNCEMENT`, or a word this version does not know."""
    @property
    def title(self) -> str:
        """The headline."""
    @property
    def text(self) -> str:
        """The full text."""
    @property
    def start(self) -> datetime.datetime:
        """When the outage began or will begin."""
    @property
    def end(self) -> datetime.datetime | None:
        """When it ended or will end, if announced."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class OfflineCertificate:
    """The Offline certificate in use."""

    @property
    def serial_number(self) -> str:
        """16 hexadecimal digits."""
    @property
    def valid_to(self) -> datetime.datetime:
        """End of validity."""
    @property
    def expires_soon(self) -> bool:
        """Whether fewer than 30 days are left."""
    @property
    def status(self) -> str | None:
        """KSeF's word for its state when it was last asked, `NotListed` when it knew none such; None when it was never asked."""
    @property
    def status_seen(self) -> datetime.datetime | None:
        """When that was."""
    @property
    def status_fault(self) -> Fault | None:
        """Why KSeF could not be asked now."""
    @property
    def foreign_nip(self) -> str | None:
        """The NIP in the certificate, when it is neither the context's nor one of the sellers'."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Availability:
    """Whether KSeF is there, what Latarnia says, and what follows."""

    @property
    def ksef_reachable(self) -> bool:
        """Whether KSeF answers."""
    @property
    def latarnia(self) -> str:
        """The word of Latarnia (`AVAILABLE`, `MAINTENANCE`, `FAILURE`, `TOTAL_FAILURE`), or `unreachable`."""
    @property
    def mode(self) -> types.IssueMode:
        """The mode an invoice would be issued in now."""
    @property
    def reason(self) -> Bilingual:
        """Why that mode."""
    @property
    def cause(self) -> str | None:
        """What keeps KSeF away: `announced`, `unannounced` or `own-network`; None while it answers."""
    @property
    def can_issue_offline(self) -> bool:
        """Whether a fit Offline certificate is at hand."""
    @property
    def offline_certificate(self) -> OfflineCertificate | None:
        """That certificate."""
    @property
    def offline_certificate_fault(self) -> Fault | None:
        """Why there is none."""
    @property
    def authentication_fault(self) -> Fault | None:
        """What keeps the configured login from being tried."""
    @property
    def banner(self) -> Bilingual | None:
        """One line for a red box when KSeF cannot be reached; None when all is well."""
    @property
    def messages(self) -> builtins.list[Announcement]:
        """What Latarnia announces now."""
    @property
    def outages(self) -> builtins.list[Outage]:
        """Outages that go on or are to come, by all that was ever announced."""
    @property
    def unrecognised(self) -> builtins.list[str]:
        """Numbers of messages whose kind this version does not know: they move no deadline."""
    @property
    def unreadable(self) -> int:
        """How many messages of Latarnia could not be read. Somebody should look: one may announce an outage."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class InvoiceCodes:
    """The codes that belong on an invoice."""

    @property
    def one(self) -> Code:
        """CODE I: captioned `OFFLINE` until the KSeF number is known, then with that number."""
    @property
    def two(self) -> Code | None:
        """CODE II, on offline invoices that KSeF has not numbered yet."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CodeFiles:
    """Pictures of codes that were written."""

    @property
    def files(self) -> builtins.list[pathlib.Path]:
        """The files, CODE I first."""
    @property
    def code_one(self) -> str:
        """The link of CODE I."""
    @property
    def code_two(self) -> str | None:
        """The link of CODE II, if there is a picture of it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ReceiptFile:
    """A receipt (UPO) that was written to a file."""

    @property
    def file(self) -> pathlib.Path:
        """The file."""
    @property
    def verified(self) -> bool:
        """Whether signature, hash and KSeF number hold."""
    @property
    def trusted(self) -> bool | None:
        """Whether the signer's certificate leads to one that is trusted; None where none is known."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ExportedInvoice:
    """The files of one exported invoice."""

    @property
    def id(self) -> str:
        """Its id."""
    @property
    def number(self) -> str:
        """Its number (`P_2`)."""
    @property
    def ksef_number(self) -> str | None:
        """The number KSeF gave."""
    @property
    def file(self) -> pathlib.Path:
        """The invoice."""
    @property
    def signature_file(self) -> pathlib.Path | None:
        """Its signature, if it was issued offline."""
    @property
    def receipt_file(self) -> pathlib.Path | None:
        """Its receipt, once it has come."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class ArchiveExport:
    """A part of the archive that was written to a folder."""

    @property
    def folder(self) -> pathlib.Path:
        """The folder."""
    @property
    def invoices(self) -> builtins.list[ExportedInvoice]:
        """The invoices in it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class EnrolledCertificate:
    """A certificate that was enrolled."""

    @property
    def serial_number(self) -> str:
        """16 hexadecimal digits."""
    @property
    def kind(self) -> types.CertificateKind:
        """What it is for."""
    @property
    def name(self) -> str:
        """Its name at KSeF."""
    @property
    def certificate(self) -> pathlib.Path:
        """The file with the certificate, PEM."""
    @property
    def key(self) -> pathlib.Path:
        """The file with the key, PKCS#8 PEM, readable by its owner only."""
    @property
    def valid_from(self) -> datetime.datetime:
        """Start of validity."""
    @property
    def valid_to(self) -> datetime.datetime:
        """End of validity."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CertificateLine:
    """A certificate at KSeF."""

    @property
    def serial_number(self) -> str:
        """16 hexadecimal digits."""
    @property
    def kind(self) -> types.CertificateKind:
        """What it is for."""
    @property
    def name(self) -> str:
        """Its name."""
    @property
    def status(self) -> str:
        """KSeF's word for its state, for example `Active`."""
    @property
    def valid_from(self) -> datetime.datetime:
        """Start of validity."""
    @property
    def valid_to(self) -> datetime.datetime:
        """End of validity."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CorrectionForecast:
    """When a waiting technical correction can be with KSeF at the earliest."""

    @property
    def id(self) -> str:
        """The id of the correction."""
    @property
    def earliest(self) -> datetime.datetime:
        """When it can be sent, if the first one goes now."""
    @property
    def due(self) -> datetime.date | None:
        """The last day in time; None while that is open, or when nothing is due."""
    @property
    def misses_deadline(self) -> bool:
        """Whether it comes too late even then."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class HomeFiles:
    """A home that was made."""

    @property
    def home(self) -> pathlib.Path:
        """The folder."""
    @property
    def config(self) -> pathlib.Path:
        """The configuration in it."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CertificateInfo:
    """What a certificate says."""

    @property
    def serial_number(self) -> str | None:
        """The serial number as CODE II carries it: 16 hexadecimal digits. None for one that KSeF does not give."""
    @property
    def kind(self) -> types.CertificateKind | None:
        """What KSeF issued it for. None for a certificate that is neither."""
    @property
    def subject(self) -> str:
        """Whom it is of, in the form of RFC 4514."""
    @property
    def issuer(self) -> str:
        """Who issued it, in the form of RFC 4514."""
    @property
    def key(self) -> str:
        """The kind of its key: `rsa-2048` (with the bits of the key), `p256` or `p384`."""
    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 hexadecimal digits."""
    @property
    def valid_from(self) -> datetime.datetime:
        """Start of validity."""
    @property
    def valid_to(self) -> datetime.datetime:
        """End of validity."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Check:
    """One named check of a verification."""

    @property
    def name(self) -> str:
        """The stable kebab-case name of the check."""
    @property
    def passed(self) -> bool:
        """Whether it holds."""
    @property
    def detail(self) -> Bilingual:
        """What was found, and what it was held against."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Verification:
    """What came of a verification."""

    @property
    def valid(self) -> bool:
        """Whether every check holds. Says nothing of trust: anybody can make a certificate."""
    @property
    def trusted(self) -> bool | None:
        """Whether the certificate leads to one that is trusted. None where none was given, or no certificate is there."""
    @property
    def kind(self) -> str | None:
        """Of a link `code-1` or `code-2`; None for everything else."""
    @property
    def checks(self) -> builtins.list[Check]:
        """The checks in the order in which they were made."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class WatchEvent:
    """Something that happened. What does not belong to its kind is None."""

    @property
    def kind(self) -> types.WatchEventKind:
        """What happened."""
    @property
    def at(self) -> datetime.datetime:
        """When it was found."""
    @property
    def words(self) -> Bilingual:
        """The event in a line for people, without its time."""
    @property
    def mode(self) -> types.IssueMode | None:
        """The mode invoices are issued in now."""
    @property
    def cause(self) -> str | None:
        """What keeps KSeF away: `announced`, `unannounced` or `own-network`."""
    @property
    def outage(self) -> Outage | None:
        """The outage it is about."""
    @property
    def id(self) -> str | None:
        """The id of the invoice it is about, or the number of the message."""
    @property
    def number(self) -> str | None:
        """The number of the invoice (`P_2`)."""
    @property
    def due(self) -> datetime.date | None:
        """The last day of the invoice."""
    @property
    def hours_left(self) -> int | None:
        """Whole hours to the end of that day in Warsaw."""
    @property
    def due_soon_count(self) -> int | None:
        """At the start, how many invoices are due soon."""
    @property
    def overdue_count(self) -> int | None:
        """At the start, how many invoices are overdue."""
    @property
    def code(self) -> str | None:
        """Of trouble, the stable code of the error."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CancelToken:
    """Ends a long call from elsewhere: another thread, a button, a signal.

    The call ends with the error `interrupted` when it next waits for something, which is mostly at once. Nothing is lost:
    everything that was done is recorded, and the next call goes on from there. One token can end many calls; it stays
    cancelled.

    A token that is not cancelled.
    """

    def __new__(cls, ) -> Self: ...
    def cancel(self) -> None:
        """Ends the calls that were given this token, now and from now on."""
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""

@final
class CodeTwoDraft:
    """CODE II that waits for its key."""

    def bytes_to_sign(self) -> bytes:
        """The bytes the key signs (not their digest)."""
    def algorithm(self) -> types.SignatureAlgorithm:
        """How it signs them."""
    def attach(self, signature: Buffer) -> Code:
        """The finished code. A P-256 signature may be `r||s` or DER, and stays as it is. A draft is finished once.

        Raises `KsefOfflineError`: `signature-does-not-verify` when the certificate's key did not sign these bytes, `draft-spent` the second time.
        """

@final
class Desk:
    """The desk of a home folder.

    Methods return when the disk has what they did. Several threads may use one desk, and several processes one home. A
    process that was forked from this one needs a desk of its own: in it every method is the error
    `desk-of-another-process`.

    Opens the desk of a home that `create_home` or `ksef-offline init` made.

    Raises `KsefOfflineError`: `config-missing`, `config-invalid`; those of the queue when its file is of a newer version, damaged or cannot be
    opened.
    """

    def __new__(cls, home: str | os.PathLike[str], *, signer: Signer | None = None, login: Signer | None = None) -> Self: ...
    def home(self) -> pathlib.Path:
        """The home folder.

        Raises `KsefOfflineError`: `desk-of-another-process`.
        """
    def check(self, *, cancel: CancelToken | None = None) -> Availability:
        """Whether KSeF answers, what Latarnia announces, and the mode that follows; also whether the certificates are fit. What
        is announced is kept and moves deadlines. That nothing answers is a finding, not an error.

        Raises `KsefOfflineError`: Those of the queue, `interrupted`.
        """
    def issue(self, files: Iterable[IssueFile | str | os.PathLike[str]], *, mode: types.IssueMode | None = None, sign_later: bool = False, cancel: CancelToken | None = None) -> IssueReport:
        """Issues files. Each is judged first, and nothing of a refused one is stored; then the mode is found out, the
        signature and the codes are made, and all of it is on the disk when this returns.

        Bytes that are in the queue or the archive already give the invoice that is there, unchanged.

        Raises `KsefOfflineError`: When nothing could be issued for a reason that lies in no file: `offline-certificate-missing` and what makes the
        certificate or its key unfit, `signer-failed` and its kin, those of the queue and the disk, `interrupted`.
        """
    def sign(self, ids: Iterable[str] = ()) -> SignReport:
        """Signs pending invoices: those named, or all when none is.

        Raises `KsefOfflineError`: What makes the Offline certificate or its key unfit, `signer-failed` and its kin, those of the queue. An id that is
        unknown or not pending is reported, not an error.
        """
    def send(self, *, wait: bool = True, timeout_seconds: int | None = None, progress: Callable[[Progress], object] | None = None, cancel: CancelToken | None = None) -> SendReport:
        """Signs what is pending, sends everything that is signed in batches, the most urgent first, and follows it to its end.
        Sessions that a crash, a lost answer or a cancelled call left open are settled before.

        Raises `KsefOfflineError`: `ksef-unreachable` when KSeF does not answer: nothing changed then. `send-in-progress` while another process sends.
        Others may come in the middle, `interrupted` among them; what was done until then is recorded and goes on with the
        next call.
        """
    def refresh(self, *, progress: Callable[[Progress], object] | None = None, cancel: CancelToken | None = None) -> RefreshReport:
        """Asks KSeF about everything in processing and records what it says; settles what was interrupted; fetches receipts
        that are missing.

        Raises `KsefOfflineError`: `ksef-unreachable` when KSeF does not answer and there is something to ask, and as `send`.
        """
    def session(self, reference_number: str, *, cancel: CancelToken | None = None) -> SessionReport:
        """Asks KSeF about a session of the context.

        Raises `KsefOfflineError`: `reference-number-malformed`, `ksef-unreachable`, refusals of KSeF, `interrupted`.
        """
    def correct(self, id: str, file: IssueFile | str | os.PathLike[str], *, wait: bool = True, timeout_seconds: int | None = None, progress: Callable[[Progress], object] | None = None, cancel: CancelToken | None = None) -> Invoice:
        """Corrects a rejected offline invoice technically: `file`, of the same content without the fault, takes its place, is
        sent in an interactive session and followed to its end. The rejected one stays in Error. Called again with the same
        file, it goes on where it stopped.

        Raises `KsefOfflineError`: `wrong-status`, `correction-not-technical` and its kin, `invoice-refused` with every fault of the file in `details`:
        nothing is stored then. `ksef-unreachable`: the correction is stored, and the next `send` sends it. `interrupted`.
        """
    def correction_forecast(self) -> builtins.list[CorrectionForecast]:
        """Which of the corrections that wait will miss their deadline: KSeF takes 180 an hour of a context.

        Raises `KsefOfflineError`: Those of the queue.
        """
    def list(self, *, status: types.InvoiceStatus | None = None, limit: int | None = None, after: str | None = None) -> InvoicePage:
        """A page of the queue, or with the status `sent` of the archive.

        Raises `KsefOfflineError`: `cursor-malformed` and others of the queue.
        """
    def show(self, id: str) -> Invoice:
        """One invoice.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    def history(self, id: str) -> builtins.list[HistoryLine]:
        """Everything that happened to an invoice, oldest first.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    def evidence(self, id: str) -> Evidence | None:
        """On what evidence the mode of an invoice was chosen. None for a record this version cannot read.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    def document(self, id: str) -> bytes:
        """The exact bytes of an invoice.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    def delete(self, id: str) -> None:
        """Removes an invoice in Error from the queue. Its history stays.

        Raises `KsefOfflineError`: `illegal-move` in every other status, `not-found`.
        """
    def codes(self, id: str, *, original: bool = False, scale: int | None = None) -> InvoiceCodes:
        """The codes of an invoice as links with captions.

        Raises `KsefOfflineError`: `no-codes` when it is not signed yet or was issued during a total failure; `not-found`.
        """
    def write_codes(self, id: str, folder: str | os.PathLike[str], format: types.CodeFormat, *, original: bool = False, scale: int | None = None) -> CodeFiles:
        """Writes `ID-code-1.*` and, where there is one, `ID-code-2.*` into a folder.

        Raises `KsefOfflineError`: As `codes`; `code-scale`, `file-error` and its kin.
        """
    def preview(self, id: str, format: types.PreviewFormat, *, content: types.PreviewContent | None = None, language: types.Language | None = None) -> bytes:
        """An invoice with its codes, or its codes alone, as a page: HTML in UTF-8 that loads nothing, or PDF.

        Raises `KsefOfflineError`: `not-found`; `no-codes` when only codes are asked for and there are none; `unsupported` for PDF in a build without.
        """
    def receipt(self, id: str) -> bytes:
        """The receipt (UPO) of an accepted invoice, as KSeF gave it.

        Raises `KsefOfflineError`: `wrong-status` when it is not accepted, `receipt-missing` when the receipt has not come yet, `not-found`.
        """
    def write_receipt(self, id: str, file: str | os.PathLike[str]) -> ReceiptFile:
        """Writes the receipt of an accepted invoice to a file, and says whether it holds.

        Raises `KsefOfflineError`: As `receipt`; `file-error` and its kin.
        """
    def export(self, id: str, file: str | os.PathLike[str]) -> pathlib.Path:
        """Writes invoice and signature as one ASiC-S container, and gives its absolute path.

        Raises `KsefOfflineError`: `not-signed`, `not-found`, `file-error` and its kin.
        """
    def search(self, *, number: str | None = None, buyer: str | None = None, issued_from: datetime.date | None = None, issued_to: datetime.date | None = None, ksef_number: str | None = None, invoice_hash: str | None = None, limit: int | None = None, after: str | None = None) -> InvoicePage:
        """A page of the archive, newest first.

        Raises `KsefOfflineError`: `date-malformed`, the codes of a malformed number or hash, those of the queue.
        """
    def export_archive(self, folder: str | os.PathLike[str], *, number: str | None = None, buyer: str | None = None, issued_from: datetime.date | None = None, issued_to: datetime.date | None = None, ksef_number: str | None = None, invoice_hash: str | None = None, limit: int | None = None, after: str | None = None) -> ArchiveExport:
        """Writes every archived invoice that the options find into a folder: invoice, signature and receipt.

        Raises `KsefOfflineError`: As `search`; `file-error` and its kin.
        """
    def expire_archive(self) -> builtins.list[str]:
        """Removes what the retention in `config.toml` no longer keeps, and gives the ids. Without one nothing is removed.

        Raises `KsefOfflineError`: Those of the queue.
        """
    def backup(self, file: str | os.PathLike[str]) -> None:
        """Writes a copy of the whole queue, consistent in itself, to a new file.

        Raises `KsefOfflineError`: `file-exists`, those of the queue.
        """
    def check_queue(self) -> None:
        """Compares everything the queue holds with its checksums.

        Raises `KsefOfflineError`: `queue-corrupt` with the first fault.
        """
    def enroll(self, *, kind: types.CertificateKind, name: str, folder: str | os.PathLike[str], key: types.KeyKind | None = None, password_variable: str | None = None, enter: bool = False, cancel: CancelToken | None = None) -> EnrolledCertificate:
        """Makes a key, has KSeF certify it, and writes both. No certificate is ever issued whose key is not on the disk.

        Raises `KsefOfflineError`: `variable-missing` when the password is not set, `ksef-unreachable`, refusals of KSeF, `file-error` and its kin,
        `interrupted`.
        """
    def certificates(self, *, cancel: CancelToken | None = None) -> builtins.list[CertificateLine]:
        """All certificates of the context's subject at KSeF.

        Raises `KsefOfflineError`: `ksef-unreachable`, refusals of KSeF, `interrupted`.
        """
    def revoke_certificate(self, serial_number: str, *, cancel: CancelToken | None = None) -> str:
        """Revokes a certificate for good, and gives its serial number.

        Raises `KsefOfflineError`: `certificate-serial-malformed`, `ksef-unreachable`, refusals of KSeF, `interrupted`.
        """
    def watch(self, *, interval_seconds: int | None = None, due_within_hours: int | None = None) -> Watcher:
        """Watches KSeF, Latarnia and the deadlines. Its first event says how things stand; then come the changes since anybody
        watched last.

        Raises `KsefOfflineError`: Those of the queue, `threads-unavailable`.
        """
    def close(self) -> None:
        """Lets go of files and connections; calls that are under way end first. Nothing can be asked any more."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_error: object) -> None: ...

@final
class Office:
    """The homes of several companies in one folder, each with its login, its certificates and its context.

    Opens the home of every company in a folder: each folder in it that has a `config.toml`.

    Raises `KsefOfflineError`: `file-error` and its kin, and what opening one of the homes says: no company is forgotten in silence.
    """

    def __new__(cls, folder: str | os.PathLike[str]) -> Self: ...
    def homes(self) -> builtins.list[pathlib.Path]:
        """The home folders, by name."""
    def send(self, *, wait: bool = True, timeout_seconds: int | None = None, parallel: int | None = None, cancel: CancelToken | None = None) -> OfficeReport:
        """Sends for every company that has something to do. One that fails or waits holds up no other.

        Raises `KsefOfflineError`: Those of the queue, `interrupted`. What goes wrong with one company stands in its report.
        """
    def close(self) -> None:
        """Lets go of files and connections; calls that are under way end first. Nothing can be asked any more."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_error: object) -> None: ...

@final
class SignatureDraft:
    """A signature that waits for its key."""

    def bytes_to_sign(self) -> bytes:
        """The bytes the key signs (not their digest)."""
    def algorithm(self) -> types.SignatureAlgorithm:
        """How it signs them.

        Raises `KsefOfflineError`: `algorithm-unknown` for one that is newer than this facade.
        """
    def attach(self, signature: Buffer) -> bytes:
        """The finished signature: an XML document. A draft is finished once.

        Raises `KsefOfflineError`: `signature-does-not-verify` when the certificate's key did not sign these bytes, `draft-spent` the second time.
        """

@final
class Signer:
    """A certificate and whoever signs with its key."""

    @staticmethod
    def from_files(certificate: Buffer, key: Buffer, *, password: str | None = None) -> Signer:
        """A certificate and its key from the bytes of their files: PEM or DER; the key as PKCS#8 (plain or encrypted), SEC1
        or PKCS#1. `password` matters only when the key is encrypted.

        Raises `KsefOfflineError`: `key-mismatch` when the two do not belong together, and what makes either unreadable.
        """
    @staticmethod
    def from_pkcs12(store: Buffer, password: str) -> Signer:
        """A certificate and its key from the bytes of a PKCS#12 store.

        Raises `KsefOfflineError`: `key-password-wrong`, and what makes a store unreadable.
        """
    @staticmethod
    def foreign(certificate: Buffer, key: _SigningKey) -> Signer:
        """A certificate (PEM or DER) whose key is somewhere else.

        Raises `KsefOfflineError`: What makes a certificate unreadable.
        """
    def certificate(self) -> CertificateInfo:
        """What the certificate says."""

@final
class Watcher:
    """Asks KSeF and Latarnia again and again, and tells each change once.

    It asks only while somebody waits for the next event. What was told is kept in the queue, so that one that is started
    again goes on where the last one ended; an event counts as told when the next one is asked for.
    """

    def next(self, *, cancel: CancelToken | None = None) -> WatchEvent | None:
        """The next event, however long it takes; None when the watcher was stopped. What goes wrong with the queue is an event,
        told once until it is over.

        Raises `KsefOfflineError`: `interrupted` when it is cancelled: the event is not lost, the next call gets it.
        """
    def stop(self) -> None:
        """Stops watching for good. Whoever waits for an event gets None."""
    def close(self) -> None:
        """Lets go of files and connections; calls that are under way end first. Nothing can be asked any more."""
    def __enter__(self) -> Self: ...
    def __exit__(self, *_error: object) -> None: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> WatchEvent: ...

def code_one(environment: types.Environment, invoice: Buffer) -> Code:
    """CODE I of an invoice, with the caption `OFFLINE`.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice.
    """

def code_one_link(environment: types.Environment, seller_nip: str, issue_date: datetime.date, invoice: Buffer) -> str:
    """The link of CODE I of the invoice with exactly these bytes.

    `issue_date` is `P_1` of the invoice, never today's date. Only the bytes are hashed: whether they are an invoice of
    this seller and this day is not looked at; `code_one` reads both from the invoice.

    Raises `KsefOfflineError`: `date-malformed`, and the codes of a malformed NIP.
    """

def code_two(environment: types.Environment, invoice: Buffer, signer: Signer, *, context: str | None = None) -> Code:
    """CODE II of an invoice, signed now. The certificate must be a KSeF certificate of type Offline.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice; what makes a certificate unfit: `certificate-not-offline`,
    `certificate-expired` and others; `signer-failed` and its kin; the codes of a malformed context.
    """

def prepare_code_two(environment: types.Environment, invoice: Buffer, signer: Signer, *, context: str | None = None) -> CodeTwoDraft:
    """Prepares CODE II for a key that is somewhere else: the first of two steps. Of `signer` only the certificate is used.

    Raises `KsefOfflineError`: As `code_two`, but for those of signing.
    """

def code_picture(code: Code, format: types.CodeFormat, *, scale: int | None = None) -> bytes:
    """The picture of a code with its caption: PNG of one bit a pixel at 300 dpi, or SVG in UTF-8.

    Raises `KsefOfflineError`: `code-scale`, `code-too-long`, and the codes of a caption that is no KSeF number.
    """

def deadline(mode: types.OfflineMode, issued: datetime.date, *, outages_json: str | None = None, policy: types.DeadlinePolicy | None = None) -> Deadline:
    """The deadline of an invoice issued offline on the day `issued`, as far as it is known at this moment.

    Raises `KsefOfflineError`: `date-malformed`, `outages-malformed`.
    """

def is_business_day(day: datetime.date) -> bool:
    """Whether a day is neither Saturday, Sunday nor a Polish public holiday.

    Raises `KsefOfflineError`: `date-malformed`.
    """

def next_business_day(day: datetime.date) -> datetime.date:
    """The first business day after a day.

    Raises `KsefOfflineError`: `date-malformed`.
    """

def today_in_warsaw() -> datetime.date:
    """The day it is in Warsaw, by the clock of this machine: the day that counts for everything here."""

def create_home(home: str | os.PathLike[str], *, context: str, environment: types.HomeEnvironment, addresses: CustomAddresses | None = None, login_certificate: str | None = None, login_key: str | None = None, trust_anchors: str | None = None) -> HomeFiles:
    """Makes a home: a folder, readable by its owner only, with a `config.toml` that must not be there yet.

    Raises `KsefOfflineError`: `file-exists`, `config-invalid` for a setup that could not be read back, the codes of a malformed context, `file-error`
    and its kin.
    """

def check_backup(file: str | os.PathLike[str]) -> None:
    """Compares everything in a backup of a queue with its checksums, without changing it.

    Raises `KsefOfflineError`: `queue-corrupt` and its kin.
    """

def validate(invoice: Buffer, environment: types.Environment) -> Verdict:
    """Judges a document by the schema FA(3) and KSeF's rules for files in an environment, on today's day in Warsaw."""

def read_invoice(invoice: Buffer) -> InvoiceSummary:
    """Reads what identifies an invoice, without judging the rest of it.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice.
    """

def invoice_hash(invoice: Buffer) -> str:
    """SHA-256 of these bytes as KSeF writes it: standard Base64, 44 characters."""

def invoice_from_json(json: str, environment: types.Environment) -> bytes:
    """The FA(3) document of an invoice in JSON, in UTF-8; `invoice_schema` describes the JSON. It is judged as of today in
    Warsaw: what KSeF would refuse is not made.

    Raises `KsefOfflineError`: `json-not-an-invoice` with the field at fault; `invoice-illegal` with everything KSeF would refuse in `details`.
    """

def invoice_to_json(invoice: Buffer) -> str:
    """An FA(3) document as JSON, indented. It keeps what the invoice says, not how its XML was laid out.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice.
    """

def invoice_schema() -> str:
    """The JSON Schema (draft 2020-12) of an invoice in JSON."""

def version() -> str:
    """The version of this library, for example `0.1.0`."""

def preview_invoice(invoice: Buffer, codes: Iterable[Code], format: types.PreviewFormat, language: types.Language) -> bytes:
    """An invoice and its codes as a page: HTML in UTF-8 that loads nothing, or PDF.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice, `code-too-long`, the codes of a caption that is no KSeF number,
    `unsupported` for PDF in a build without it.
    """

def sign_invoice(invoice: Buffer, signer: Signer, packaging: types.Packaging, file_name: str) -> bytes:
    """Signs the exact bytes of an invoice, now: XAdES in the profile KSeF asks for.

    A detached signature refers to the invoice by `file_name`, which it should have beside the signature; an enveloping
    one carries it and has no use for the name.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice, `signer-failed` and its kin, `signature-text-refused` for a name that is no
    file name.
    """

def prepare_signature(invoice: Buffer, certificate: Buffer, packaging: types.Packaging, file_name: str) -> SignatureDraft:
    """Prepares a signature whose key is somewhere else: the first of two steps. `certificate` is PEM or DER.

    Raises `KsefOfflineError`: The codes of a document that is no FA(3) invoice, and of an unreadable certificate.
    """

def asic_container(file_name: str, invoice: Buffer, signature: Buffer) -> bytes:
    """An invoice and its detached signature in one file: an ASiC-S container. `file_name` is the one the signature refers to.

    Raises `KsefOfflineError`: What keeps the two from being one container, for example a name that is no file name.
    """

def read_certificate(certificate: Buffer) -> CertificateInfo:
    """What a certificate says, in PEM or DER. Of several in one PEM file the first.

    Raises `KsefOfflineError`: The codes of a file that is no certificate, `certificate-malformed` among them.
    """

def verify_code(link: str, *, invoice: Buffer | None = None, certificate: Buffer | None = None, trust: Iterable[Buffer] = (), qr_host: str | None = None) -> Verification:
    """Verifies the link of a CODE I or CODE II, now. A link that is none is a check that does not hold.

    Raises `KsefOfflineError`: The codes of a `trust` that holds no certificates, and of a malformed host.
    """

def verify_signature(signature: Buffer, *, invoice: Buffer | None = None, trust: Iterable[Buffer] = ()) -> Verification:
    """Verifies a XAdES signature of any packaging or an ASiC-S container, now. Bytes that are neither are a check that does
    not hold.

    Raises `KsefOfflineError`: The codes of a `trust` that holds no certificates.
    """

def verify_receipt(receipt: Buffer, *, invoice: Buffer | None = None, trust: Iterable[Buffer] = ()) -> Verification:
    """Verifies a receipt (UPO), now; with an invoice also whether it is a receipt of that. Bytes that are none are a check
    that does not hold.

    Raises `KsefOfflineError`: The codes of a `trust` that holds no certificates.
    """
