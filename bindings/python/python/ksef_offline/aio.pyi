# Written by build/ from the source of the facade; ./test compares it. To write it anew:
# KSEF_OFFLINE_STUBS=bindings/python/python/ksef_offline cargo build -p ksef-offline-python

import builtins
import datetime
import os
import pathlib
from collections.abc import Callable, Iterable
from types import TracebackType

from typing_extensions import Buffer, Self

from ksef_offline import types
from ksef_offline._native import (
    ArchiveExport,
    Availability,
    CancelToken,
    CertificateLine,
    CodeFiles,
    CorrectionForecast,
    EnrolledCertificate,
    Evidence,
    HistoryLine,
    Invoice,
    InvoiceCodes,
    InvoicePage,
    IssueFile,
    IssueReport,
    OfficeReport,
    Progress,
    ReceiptFile,
    RefreshReport,
    SendReport,
    SessionReport,
    SignReport,
    Signer,
    WatchEvent,
)

__all__ = [
    "Desk",
    "Office",
    "Watcher",
]

class Desk:
    """The desk of a home folder.

    Methods return when the disk has what they did. Several threads may use one desk, and several processes one home. A
    process that was forked from this one needs a desk of its own: in it every method is the error
    `desk-of-another-process`.
    """

    def __init__(self, home: str | os.PathLike[str], *, signer: Signer | None = None, login: Signer | None = None) -> None: ...
    async def home(self) -> pathlib.Path:
        """The home folder.

        Raises `KsefOfflineError`: `desk-of-another-process`.
        """
    async def check(self, *, cancel: CancelToken | None = None) -> Availability:
        """Whether KSeF answers, what Latarnia announces, and the mode that follows; also whether the certificates are fit. What
        is announced is kept and moves deadlines. That nothing answers is a finding, not an error.

        Raises `KsefOfflineError`: Those of the queue, `interrupted`.
        """
    async def issue(self, files: Iterable[IssueFile | str | os.PathLike[str]], *, mode: types.IssueMode | None = None, sign_later: bool = False, cancel: CancelToken | None = None) -> IssueReport:
        """Issues files. Each is judged first, and nothing of a refused one is stored; then the mode is found out, the
        signature and the codes are made, and all of it is on the disk when this returns.

        Bytes that are in the queue or the archive already give the invoice that is there, unchanged.

        Raises `KsefOfflineError`: When nothing could be issued for a reason that lies in no file: `offline-certificate-missing` and what makes the
        certificate or its key unfit, `signer-failed` and its kin, those of the queue and the disk, `interrupted`.
        """
    async def sign(self, ids: Iterable[str] = ()) -> SignReport:
        """Signs pending invoices: those named, or all when none is.

        Raises `KsefOfflineError`: What makes the Offline certificate or its key unfit, `signer-failed` and its kin, those of the queue. An id that is
        unknown or not pending is reported, not an error.
        """
    async def send(self, *, wait: bool = True, timeout_seconds: int | None = None, progress: Callable[[Progress], object] | None = None, cancel: CancelToken | None = None) -> SendReport:
        """Signs what is pending, sends everything that is signed in batches, the most urgent first, and follows it to its end.
        Sessions that a crash, a lost answer or a cancelled call left open are settled before.

        Raises `KsefOfflineError`: `ksef-unreachable` when KSeF does not answer: nothing changed then. `send-in-progress` while another process sends.
        Others may come in the middle, `interrupted` among them; what was done until then is recorded and goes on with the
        next call.
        """
    async def refresh(self, *, progress: Callable[[Progress], object] | None = None, cancel: CancelToken | None = None) -> RefreshReport:
        """Asks KSeF about everything in processing and records what it says; settles what was interrupted; fetches receipts
        that are missing.

        Raises `KsefOfflineError`: `ksef-unreachable` when KSeF does not answer and there is something to ask, and as `send`.
        """
    async def session(self, reference_number: str, *, cancel: CancelToken | None = None) -> SessionReport:
        """Asks KSeF about a session of the context.

        Raises `KsefOfflineError`: `reference-number-malformed`, `ksef-unreachable`, refusals of KSeF, `interrupted`.
        """
    async def correct(self, id: str, file: IssueFile | str | os.PathLike[str], *, wait: bool = True, timeout_seconds: int | None = None, progress: Callable[[Progress], object] | None = None, cancel: CancelToken | None = None) -> Invoice:
        """Corrects a rejected offline invoice technically: `file`, of the same content without the fault, takes its place, is
        sent in an interactive session and followed to its end. The rejected one stays in Error. Called again with the same
        file, it goes on where it stopped.

        Raises `KsefOfflineError`: `wrong-status`, `correction-not-technical` and its kin, `invoice-refused` with every fault of the file in `details`:
        nothing is stored then. `ksef-unreachable`: the correction is stored, and the next `send` sends it. `interrupted`.
        """
    async def correction_forecast(self) -> builtins.list[CorrectionForecast]:
        """Which of the corrections that wait will miss their deadline: KSeF takes 180 an hour of a context.

        Raises `KsefOfflineError`: Those of the queue.
        """
    async def list(self, *, status: types.InvoiceStatus | None = None, limit: int | None = None, after: str | None = None) -> InvoicePage:
        """A page of the queue, or with the status `sent` of the archive.

        Raises `KsefOfflineError`: `cursor-malformed` and others of the queue.
        """
    async def show(self, id: str) -> Invoice:
        """One invoice.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    async def history(self, id: str) -> builtins.list[HistoryLine]:
        """Everything that happened to an invoice, oldest first.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    async def evidence(self, id: str) -> Evidence | None:
        """On what evidence the mode of an invoice was chosen. None for a record this version cannot read.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    async def document(self, id: str) -> bytes:
        """The exact bytes of an invoice.

        Raises `KsefOfflineError`: `id-malformed`, `not-found`.
        """
    async def delete(self, id: str) -> None:
        """Removes an invoice in Error from the queue. Its history stays.

        Raises `KsefOfflineError`: `illegal-move` in every other status, `not-found`.
        """
    async def codes(self, id: str, *, original: bool = False, scale: int | None = None) -> InvoiceCodes:
        """The codes of an invoice as links with captions.

        Raises `KsefOfflineError`: `no-codes` when it is not signed yet or was issued during a total failure; `not-found`.
        """
    async def write_codes(self, id: str, folder: str | os.PathLike[str], format: types.CodeFormat, *, original: bool = False, scale: int | None = None) -> CodeFiles:
        """Writes `ID-code-1.*` and, where there is one, `ID-code-2.*` into a folder.

        Raises `KsefOfflineError`: As `codes`; `code-scale`, `file-error` and its kin.
        """
    async def preview(self, id: str, format: types.PreviewFormat, *, content: types.PreviewContent | None = None, language: types.Language | None = None) -> bytes:
        """An invoice with its codes, or its codes alone, as a page: HTML in UTF-8 that loads nothing, or PDF.

        Raises `KsefOfflineError`: `not-found`; `no-codes` when only codes are asked for and there are none; `unsupported` for PDF in a build without.
        """
    async def receipt(self, id: str) -> bytes:
        """The receipt (UPO) of an accepted invoice, as KSeF gave it.

        Raises `KsefOfflineError`: `wrong-status` when it is not accepted, `receipt-missing` when the receipt has not come yet, `not-found`.
        """
    async def write_receipt(self, id: str, file: str | os.PathLike[str]) -> ReceiptFile:
        """Writes the receipt of an accepted invoice to a file, and says whether it holds.

        Raises `KsefOfflineError`: As `receipt`; `file-error` and its kin.
        """
    async def export(self, id: str, file: str | os.PathLike[str]) -> pathlib.Path:
        """Writes invoice and signature as one ASiC-S container, and gives its absolute path.

        Raises `KsefOfflineError`: `not-signed`, `not-found`, `file-error` and its kin.
        """
    async def search(self, *, number: str | None = None, buyer: str | None = None, issued_from: datetime.date | None = None, issued_to: datetime.date | None = None, ksef_number: str | None = None, invoice_hash: str | None = None, limit: int | None = None, after: str | None = None) -> InvoicePage:
        """A page of the archive, newest first.

        Raises `KsefOfflineError`: `date-malformed`, the codes of a malformed number or hash, those of the queue.
        """
    async def export_archive(self, folder: str | os.PathLike[str], *, number: str | None = None, buyer: str | None = None, issued_from: datetime.date | None = None, issued_to: datetime.date | None = None, ksef_number: str | None = None, invoice_hash: str | None = None, limit: int | None = None, after: str | None = None) -> ArchiveExport:
        """Writes every archived invoice that the options find into a folder: invoice, signature and receipt.

        Raises `KsefOfflineError`: As `search`; `file-error` and its kin.
        """
    async def expire_archive(self) -> builtins.list[str]:
        """Removes what the retention in `config.toml` no longer keeps, and gives the ids. Without one nothing is removed.

        Raises `KsefOfflineError`: Those of the queue.
        """
    async def backup(self, file: str | os.PathLike[str]) -> None:
        """Writes a copy of the whole queue, consistent in itself, to a new file.

        Raises `KsefOfflineError`: `file-exists`, those of the queue.
        """
    async def check_queue(self) -> None:
        """Compares everything the queue holds with its checksums.

        Raises `KsefOfflineError`: `queue-corrupt` with the first fault.
        """
    async def enroll(self, *, kind: types.CertificateKind, name: str, folder: str | os.PathLike[str], key: types.KeyKind | None = None, password_variable: str | None = None, enter: bool = False, cancel: CancelToken | None = None) -> EnrolledCertificate:
        """Makes a key, has KSeF certify it, and writes both. No certificate is ever issued whose key is not on the disk.

        Raises `KsefOfflineError`: `variable-missing` when the password is not set, `ksef-unreachable`, refusals of KSeF, `file-error` and its kin,
        `interrupted`.
        """
    async def certificates(self, *, cancel: CancelToken | None = None) -> builtins.list[CertificateLine]:
        """All certificates of the context's subject at KSeF.

        Raises `KsefOfflineError`: `ksef-unreachable`, refusals of KSeF, `interrupted`.
        """
    async def revoke_certificate(self, serial_number: str, *, cancel: CancelToken | None = None) -> str:
        """Revokes a certificate for good, and gives its serial number.

        Raises `KsefOfflineError`: `certificate-serial-malformed`, `ksef-unreachable`, refusals of KSeF, `interrupted`.
        """
    async def watch(self, *, interval_seconds: int | None = None, due_within_hours: int | None = None) -> Watcher:
        """Watches KSeF, Latarnia and the deadlines. Its first event says how things stand; then come the changes since anybody
        watched last.

        Raises `KsefOfflineError`: Those of the queue, `threads-unavailable`.
        """
    async def close(self) -> None:
        """Lets go of files and connections. Nothing can be asked any more."""
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

class Office:
    """The homes of several companies in one folder, each with its login, its certificates and its context."""

    def __init__(self, folder: str | os.PathLike[str]) -> None: ...
    async def homes(self) -> builtins.list[pathlib.Path]:
        """The home folders, by name."""
    async def send(self, *, wait: bool = True, timeout_seconds: int | None = None, parallel: int | None = None, cancel: CancelToken | None = None) -> OfficeReport:
        """Sends for every company that has something to do. One that fails or waits holds up no other.

        Raises `KsefOfflineError`: Those of the queue, `interrupted`. What goes wrong with one company stands in its report.
        """
    async def close(self) -> None:
        """Lets go of files and connections. Nothing can be asked any more."""
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

class Watcher:
    """Asks KSeF and Latarnia again and again, and tells each change once.

    It asks only while somebody waits for the next event. What was told is kept in the queue, so that one that is started
    again goes on where the last one ended; an event counts as told when the next one is asked for.
    """

    async def next(self, *, cancel: CancelToken | None = None) -> WatchEvent | None:
        """The next event, however long it takes; None when the watcher was stopped. What goes wrong with the queue is an event,
        told once until it is over.

        Raises `KsefOfflineError`: `interrupted` when it is cancelled: the event is not lost, the next call gets it.
        """
    async def stop(self) -> None:
        """Stops watching for good. Whoever waits for an event gets None."""
    async def close(self) -> None:
        """Lets go of files and connections. Nothing can be asked any more."""
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> WatchEvent: ...
