"""Where reference data lies: the OpenAPI contract, the schemas and the official example files.

None of it is part of the repository. `$KSEF_DATA` (default `../shared/data`) is asked first; the FA(3) schema then comes
from the package `ksef-client`, the contract from `$KSEF_OPENAPI`, which `./test` unpacks from that package's source
distribution. What neither has, a test skips with the reason.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

import schema

REPOSITORY = schema.REPOSITORY
EXAMPLES = sorted((REPOSITORY / "examples" / "invoices").glob("*.xml"))


def openapi_file() -> Path:
    """The contract, version 2.9."""
    shared = schema.data_folder() / "openapi" / "ksef-2.9.json"
    if shared.is_file():
        return shared
    unpacked = os.environ.get("KSEF_OPENAPI")
    if unpacked and Path(unpacked).is_file():
        return Path(unpacked)
    pytest.skip("no OpenAPI contract: neither KSEF_DATA nor KSEF_OPENAPI leads to one")


def official_invoices() -> list[Path]:
    """The Ministry's example invoices; empty where the folder is absent."""
    return sorted((schema.data_folder() / "fa3-samples").glob("*.xml"))


@cache
def invoice_schema() -> etree.XMLSchema:
    """FA(3)."""
    return schema.compiled()


def login_schema() -> etree.XMLSchema:
    """AuthTokenRequest, version 2.1."""
    return _published("schemat_auth_v2-1.xsd")


def receipt_schema() -> etree.XMLSchema:
    """UPO, version 4-3."""
    return _published("upo-v4-3.xsd")


@cache
def _compiled(file: Path) -> etree.XMLSchema:
    # Neither schema's import of the signature schema is needed: signatures are taken out before validation.
    return etree.XMLSchema(etree.parse(str(file)))


def _published(name: str) -> etree.XMLSchema:
    file = schema.data_folder() / "xsd" / name
    if not file.is_file():
        pytest.skip(f"no {name}: the folder of reference data (KSEF_DATA) is absent")
    return _compiled(file)


def without_signature(document: bytes) -> etree._Element:
    """The root of a document without its enveloped signature."""
    root = etree.fromstring(document)
    for signature in root.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
        root.remove(signature)
    return root


def complaints(compiled: etree.XMLSchema, document: bytes | etree._Element) -> list[str]:
    """What the schema has against a document, in libxml2's words."""
    root = etree.fromstring(document) if isinstance(document, bytes) else document
    compiled.validate(root)
    return [f"line {entry.line}: {entry.message}" for entry in compiled.error_log]
