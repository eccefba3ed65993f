"""What a notebook shows."""

from __future__ import annotations

from ksef_offline import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable as _Iterable

    from ksef_offline import types


class InvoicePreview:
    """An invoice and its codes as a person reads them, shown by notebooks as it is.

    `invoice` is the path of an FA(3) file or its bytes. `codes` go onto the page with their captions. `html` is the page as
    one document that loads nothing. Raises `KsefOfflineError` with the codes of a document that is no FA(3) invoice.
    """

    html: str
    """The page."""
    codes: tuple[_native.Code, ...]
    """The codes on it."""

    def __init__(
        self,
        invoice: bytes | str | os.PathLike[str],
        codes: _Iterable[_native.Code] = (),
        language: types.Language = "pl",
    ) -> None:
        if not isinstance(invoice, bytes):
            with open(invoice, "rb") as file:
                invoice = file.read()
        self.codes = tuple(codes)
        self.html = _native.preview_invoice(invoice, self.codes, "html", language).decode()

    def _repr_html_(self) -> str:
        from html import escape

        # A frame keeps the page's styles from the notebook's and the notebook's from the page.
        return f'<iframe srcdoc="{escape(self.html)}" style="width:100%;height:60em;border:0"></iframe>'

    def _repr_png_(self) -> bytes | None:
        """CODE I alone, for what shows pictures only."""
        return self.codes[0]._repr_png_() if self.codes else None

    def __repr__(self) -> str:
        return f"<InvoicePreview with {len(self.codes)} codes>"
