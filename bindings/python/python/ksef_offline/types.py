"""The closed sets of text, for annotations. Nothing here has to be imported to use the library."""

# Written by build/ from the source of the facade; ./test compares it. To write it anew:
# KSEF_OFFLINE_STUBS=bindings/python/python/ksef_offline cargo build -p ksef-offline-python

from typing import Literal

__all__ = [
    "Environment",
    "HomeEnvironment",
    "OfflineMode",
    "IssueMode",
    "DeadlinePolicy",
    "DeadlineState",
    "InvoiceStatus",
    "CodeFormat",
    "PreviewFormat",
    "PreviewContent",
    "Language",
    "SignatureAlgorithm",
    "Packaging",
    "CertificateKind",
    "KeyKind",
    "ProgressStage",
    "WatchEventKind",
]

Environment = Literal[
    "test",
    "demo",
    "production",
]
"""One of the Ministry's environments.

- `test`: For development. Self-signed certificates may log in; no place for real data.
- `demo`: The rules of production without legal effect.
- `production`: The real system.
"""

HomeEnvironment = Literal[
    "test",
    "demo",
    "production",
    "custom",
]
"""Where a home works.

- `test`: For development.
- `demo`: The rules of production without legal effect.
- `production`: The real system.
- `custom`: At addresses of its own, such as a simulator.
"""

OfflineMode = Literal[
    "offline24",
    "unavailability",
    "emergency",
    "total-failure",
]
"""Why an invoice was issued while KSeF was away. Closed by the VAT Act.

- `offline24`: The taxpayer's choice (art. 106nda).
- `unavailability`: Announced maintenance (art. 106nh).
- `emergency`: An announced failure (art. 106nf).
- `total-failure`: A failure announced in the mass media (art. 106ne): no codes, nothing to send.
"""

IssueMode = Literal[
    "online",
    "offline24",
    "unavailability",
    "emergency",
    "total-failure",
]
"""How an invoice is issued.

- `online`: While KSeF answers: no signature and no CODE II.
- `offline24`: The taxpayer's choice (art. 106nda).
- `unavailability`: Announced maintenance (art. 106nh).
- `emergency`: An announced failure (art. 106nf).
- `total-failure`: A failure announced in the mass media (art. 106ne): no codes, nothing to send.
"""

DeadlinePolicy = Literal[
    "statutory",
    "seven-days",
]
"""By which rule deadlines are judged.

- `statutory`: The VAT Act. An overdue invoice is flagged and still sent.
- `seven-days`: Seven calendar days from the issue date, and nothing is sent after.
"""

DeadlineState = Literal[
    "due",
    "open",
    "lifted",
    "not-required",
]
"""What can be said of a deadline.

- `due`: There is a last day.
- `open`: The end of an outage is not known, or no known outage explains the mode: there is no last day yet.
- `lifted`: A total failure came while the invoice waited: it need not be sent any more.
- `not-required`: Issued during a total failure: it never has to be sent.
"""

InvoiceStatus = Literal[
    "pending",
    "signed",
    "processing",
    "sent",
    "error",
]
"""Where an invoice is in its life.

- `pending`: Waits for a signer.
- `signed`: Waits to be sent.
- `processing`: In a session with KSeF.
- `sent`: Accepted: in the archive.
- `error`: Rejected.
"""

CodeFormat = Literal[
    "png",
    "svg",
]
"""The kind of picture of a code.

- `png`: Pixels, one bit each, 300 dpi.
- `svg`: Shapes, sharp at every size.
"""

PreviewFormat = Literal[
    "html",
    "pdf",
]
"""The kind of page.

- `html`: One HTML file that loads nothing.
- `pdf`: PDF/A-3a and PDF/UA-1; of an invoice with its exact bytes attached. Not in every build: see the error `unsupported`.
"""

PreviewContent = Literal[
    "invoice",
    "codes",
]
"""What is drawn on a page.

- `invoice`: The invoice and its codes.
- `codes`: The codes alone, for those who must hand them over apart from the invoice.
"""

Language = Literal[
    "pl",
    "en",
]
"""A language pages exist in.

- `pl`: Polish.
- `en`: English.
"""

SignatureAlgorithm = Literal[
    "rsa-pkcs1-sha256",
    "rsa-pkcs1-sha384",
    "rsa-pkcs1-sha512",
    "rsa-pss-sha256",
    "rsa-pss-sha384",
    "rsa-pss-sha512",
    "ecdsa-sha256",
    "ecdsa-sha384",
    "ecdsa-sha512",
]
"""How a key is asked to sign. The hash is taken of the bytes that are given, never given itself.

- `rsa-pkcs1-sha256`: RSASSA-PKCS1-v1_5 with SHA-256.
- `rsa-pkcs1-sha384`: RSASSA-PKCS1-v1_5 with SHA-384.
- `rsa-pkcs1-sha512`: RSASSA-PKCS1-v1_5 with SHA-512.
- `rsa-pss-sha256`: RSASSA-PSS with SHA-256, MGF1 with SHA-256, 32 bytes of salt.
- `rsa-pss-sha384`: RSASSA-PSS with SHA-384, MGF1 with SHA-384, 48 bytes of salt.
- `rsa-pss-sha512`: RSASSA-PSS with SHA-512, MGF1 with SHA-512, 64 bytes of salt.
- `ecdsa-sha256`: ECDSA with SHA-256; the signature is `r||s` (IEEE P1363), not DER.
- `ecdsa-sha384`: ECDSA with SHA-384; the signature is `r||s`.
- `ecdsa-sha512`: ECDSA with SHA-512; the signature is `r||s`.
"""

Packaging = Literal[
    "detached",
    "enveloping",
]
"""Where a signature and the invoice are to each other.

- `detached`: The signature is a file of its own beside the invoice.
- `enveloping`: The invoice is inside the signature.
"""

CertificateKind = Literal[
    "offline",
    "authentication",
]
"""The two types of KSeF certificate.

- `offline`: For signing offline invoices and CODE II.
- `authentication`: For logging in.
"""

KeyKind = Literal[
    "p256",
    "rsa",
]
"""The kinds of keys KSeF certifies.

- `p256`: The elliptic curve P-256, which KSeF recommends: signatures and links are shorter.
- `rsa`: RSA with 2048 bits.
"""

ProgressStage = Literal[
    "packing",
    "uploading",
    "correcting",
    "processing",
    "receipts",
    "other",
]
"""What sending is at.

- `packing`: Invoices are packed and encrypted.
- `uploading`: Parts of the package are uploaded.
- `correcting`: Technical corrections are sent, one by one.
- `processing`: KSeF is at work.
- `receipts`: Receipts are fetched.
- `other`: Something newer than this facade.
"""

WatchEventKind = Literal[
    "started",
    "lost",
    "mode-changed",
    "restored",
    "outage-announced",
    "outage-began",
    "outage-moved",
    "outage-ended",
    "outage-withdrawn",
    "message-unrecognised",
    "message-unreadable",
    "due-soon",
    "overdue",
    "trouble",
    "other",
]
"""What a watcher tells.

- `started`: The first of a watcher: how things stand.
- `lost`: KSeF stopped answering.
- `mode-changed`: KSeF does not answer still, and invoices are issued in another mode now.
- `restored`: KSeF answers again.
- `outage-announced`: Latarnia announced an outage.
- `outage-began`: An outage that was announced ahead has begun.
- `outage-moved`: The announced start or end of an outage changed.
- `outage-ended`: An outage ended.
- `outage-withdrawn`: Latarnia no longer shows an outage of which no end was seen.
- `message-unrecognised`: Latarnia shows a message of a kind this version does not know.
- `message-unreadable`: Latarnia shows something that cannot be read.
- `due-soon`: The last day of an invoice ends soon.
- `overdue`: The last day of an invoice is over.
- `trouble`: The queue could not be read or written. Watching goes on.
- `other`: Something newer than this facade; its words say what.
"""
