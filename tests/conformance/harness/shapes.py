"""The JSON shapes of every command as the command contract states them. More may be there; what is stated must be."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from pathlib import Path

import jsonschema

STATUSES = ["pending", "signed", "processing", "sent", "error"]
OFFLINE_MODES = ["offline24", "unavailability", "emergency", "total-failure"]
KINDS = ["VAT", "KOR", "ZAL", "ROZ", "UPR", "KOR_ZAL", "KOR_ROZ"]
LATARNIA = ["AVAILABLE", "MAINTENANCE", "FAILURE", "TOTAL_FAILURE", "unreachable"]

_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@_FORMATS.checks("instant", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None


@_FORMATS.checks("hash", raises=binascii.Error)
def _is_hash(value: object) -> bool:
    return not isinstance(value, str) or len(base64.b64decode(value, validate=True)) == 32


@_FORMATS.checks("path")
def _is_path(value: object) -> bool:
    return not isinstance(value, str) or Path(value).is_absolute()


@_FORMATS.checks("file")
def _is_file(value: object) -> bool:
    return not isinstance(value, str) or (Path(value).is_absolute() and Path(value).is_file())


def text(pattern: str | None = None, form: str | None = None) -> dict:
    """A string."""
    return {"type": "string", **({"pattern": pattern} if pattern else {}), **({"format": form} if form else {})}


def maybe(shape: dict) -> dict:
    """The shape or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def one_of(values: list[str]) -> dict:
    return {"enum": values}


def many(shape: dict) -> dict:
    return {"type": "array", "items": shape}


def record(**properties: dict) -> dict:
    """An object that has all these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


COUNT = {"type": "integer", "minimum": 0}
BOOL = {"type": "boolean"}
DATE = text(form="date")
HASH = text(form="hash")
FILE = text(form="file")
KSEF_NUMBER = text(r"^[1-9]\d{9}-\d{8}-[0-9A-F]{12}-[0-9A-F]{2}$")
REFERENCE = text(r"^\d{8}-[A-Z]{2}-[0-9A-F]{10}-[0-9A-F]{10}-[0-9A-F]{2}$")
SERIAL = text(r"^[0-9A-F]{16}$")

DEADLINE = record(due=maybe(DATE), state=one_of(["due", "open", "lifted", "not-required"]), basis=text(r"^art\. "), overdue=BOOL)
REJECTION = record(code={"type": "integer"}, description=text("."), details=many(text()))
INVOICE = record(
    id=text(r"^[A-Za-z0-9._-]+$"),
    source=maybe(text(form="path")),
    file=FILE,
    number=text("."),
    kind=one_of(KINDS),
    issue_date=DATE,
    seller_nip=text(r"^\d{10}$"),
    buyer=maybe(text(".")),
    gross=text(r"^-?\d+(\.\d+)?$"),
    currency=text(r"^[A-Z]{3}$"),
    status=one_of(STATUSES),
    mode=one_of(["online", *OFFLINE_MODES]),
    invoice_hash=HASH,
    code_one=maybe(text(r"^https://[^/]+/invoice/\d{10}/\d\d-\d\d-\d{4}/[\w-]{43}$")),
    code_two=maybe(text(r"^https://[^/]+/certificate/(Nip|InternalId|NipVatUe|PeppolId)/[^/]+/\d{10}/[0-9A-F]{16}/[\w-]{43}/[\w-]+$")),
    signature_file=maybe(FILE),
    deadline=DEADLINE,
    batch_reference=maybe(REFERENCE),
    ksef_number=maybe(KSEF_NUMBER),
    error=maybe(REJECTION),
)
FAULT = record(path=maybe(text()), line=maybe({"type": "integer", "minimum": 1}), code=text(r"^[a-z0-9-]+$"), message=text("."))
CERTIFICATE = record(
    serial_number=SERIAL,
    type=one_of(["authentication", "offline"]),
    name=text("."),
    status=text("."),
    valid_from=text(form="instant"),
    valid_to=text(form="instant"),
)
CHECK = record(name=text(r"^[a-z0-9-]+$"), passed=BOOL, detail=text("."))
STATUS = record(code={"type": "integer"}, description=text("."), details=many(text()))

COMMANDS = {
    "init": record(home=text(form="path"), config=FILE),
    "check": record(
        ksef=one_of(["reachable", "unreachable"]),
        latarnia=one_of(LATARNIA),
        mode=one_of(["online", *OFFLINE_MODES]),
        can_issue_offline=BOOL,
        offline_certificate=maybe(
            record(
                serial_number=text("^[0-9A-F]{16}$"),
                valid_to=text(form="instant"),
                expires_soon=BOOL,
                status=maybe(text(".")),
                status_seen=maybe(text(form="instant")),
                status_fault=maybe(FAULT),
                foreign_nip=maybe(text(r"^\d{10}$")),
            )
        ),
        offline_certificate_fault=maybe(FAULT),
        authentication_fault=maybe(FAULT),
        banner=maybe(text(".")),
        messages=many({"type": "object"}),
    ),
    "validate": record(files=many(record(file=text(form="path"), valid=BOOL, errors=many(FAULT), warnings=many(FAULT)))),
    "issue": record(issued=many(INVOICE), failed=many(record(file=text(form="path"), errors=many(FAULT)))),
    "list": record(invoices=many(INVOICE), next=maybe(text(".")), counts={"type": "object", "additionalProperties": COUNT}),
    "show": {"allOf": [INVOICE, record(history={"type": "array", "minItems": 1, "items": {"type": "object"}})]},
    "sign": record(invoices=many(INVOICE), failed=many({"type": "object"})),
    "send": record(
        sessions=many(record(reference_number=REFERENCE, state=text("."))),
        sent=COUNT,
        rejected=COUNT,
        processing=COUNT,
        invoices=many(INVOICE),
    ),
    "refresh": record(changed=many(INVOICE)),
    "correct": record(invoice=INVOICE),
    "replace": record(invoice=INVOICE),
    "give-up": record(invoice=INVOICE),
    "session": record(
        reference_number=REFERENCE,
        status=STATUS,
        counts={"type": "object", "additionalProperties": COUNT},
        invoices=many(
            record(
                ordinal={"type": "integer", "minimum": 1},
                invoice_number=maybe(text()),
                invoice_hash=HASH,
                ksef_number=maybe(KSEF_NUMBER),
                status=STATUS,
            )
        ),
    ),
    "qr": record(files=many(FILE), code_one=text("^https://"), code_two=maybe(text("^https://"))),
    "preview": record(file=FILE),
    "receipt": record(file=FILE, verified=BOOL, trusted=maybe(BOOL)),
    "verify code": record(
        valid=BOOL,
        kind=maybe(one_of(["code-1", "code-2"])),
        trusted=maybe(BOOL),
        checks={"type": "array", "minItems": 1, "items": CHECK},
    ),
    "delete": record(deleted=text(".")),
    "deadline": record(
        due=maybe(DATE), state=one_of(["due", "open", "lifted", "not-required"]), basis=text(r"^art\. "), explanation=text(".")
    ),
    "certificate enroll": record(
        serial_number=SERIAL,
        type=one_of(["authentication", "offline"]),
        name=text("."),
        certificate=FILE,
        key=FILE,
        valid_from=text(form="instant"),
        valid_to=text(form="instant"),
    ),
    "certificate list": record(certificates=many(CERTIFICATE)),
    "certificate revoke": record(revoked=SERIAL),
    "demo": record(out=text(form="path"), issued=COUNT, sent=COUNT, rejected=COUNT, files=many({})),
}


def assert_shape(command: str, document: object) -> None:
    """Every deviation of a document from its command's shape, at once."""
    validator = jsonschema.Draft202012Validator(COMMANDS[command], format_checker=_FORMATS)
    faults = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
    assert not faults, f"{command}:\n" + "\n".join(faults)
