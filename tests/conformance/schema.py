"""The FA(3) schema as the Ministry publishes it: where it lies, and compiled by libxml2.

The schema is not part of this repository. It is read from `../shared/data/xsd` (or `$KSEF_DATA/xsd`) when that folder is
there, else from the Python package `ksef-client`, which ships it.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
REPOSITORY = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """The folder of reference data, which need not exist."""
    return Path(os.environ.get("KSEF_DATA", REPOSITORY.parent / "shared" / "data"))


def schema_file() -> Path:
    """The schema's file; the types it imports lie beside it."""
    shared = data_folder() / "xsd" / "FA3.xsd"
    if shared.is_file():
        return shared
    package = importlib.util.find_spec("ksef_client")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("no FA(3) schema: set KSEF_DATA or install the package ksef-client")
    folder = Path(package.submodule_search_locations[0]) / "documents" / "fa3" / "schemas"
    return next(folder.glob("schemat_FA*.xsd"))


class _Beside(etree.Resolver):
    """Finds imported schemas beside the importing one instead of on the internet."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def resolve(self, url, public_id, context):
        local = self.folder / url.rsplit("/", 1)[-1]
        return self.resolve_filename(str(local), context) if local.is_file() else None


def compiled() -> etree.XMLSchema:
    """The schema, ready to validate with libxml2."""
    file = schema_file()
    parser = etree.XMLParser()
    parser.resolvers.add(_Beside(file.parent))
    return etree.XMLSchema(etree.parse(str(file), parser))
