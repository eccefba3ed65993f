"""Issue invoices while KSeF is away and deliver every one of them when it is back.

Everything is bytes in, bytes and plain objects out: `validate`, `code_one`, `sign_invoice`, `verify_code` and their kin need
nothing but their arguments. `Desk` is a home folder with a durable queue: it issues, sends and archives. `ksef_offline.aio` has
the same desk for asyncio. Every failure is a `KsefOfflineError` with a stable `code`.

Days are `datetime.date` in Warsaw, instants `datetime.datetime` in UTC, amounts `decimal.Decimal`, paths `pathlib.Path`, and
closed sets are text (`ksef_offline.types` lists them).
"""

from ksef_offline import _native
from ksef_offline._native import *
from ksef_offline._notebook import InvoicePreview as InvoicePreview

__version__ = _native.version()


def __getattr__(name: str) -> object:
    # asyncio takes longer to import than all of this; who does not want it does not wait for it.
    if name in ("aio", "types"):
        import importlib

        return importlib.import_module(f"ksef_offline.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
