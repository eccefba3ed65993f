"""Starts the simulator as a program of its own and talks to its control endpoint."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

from harness.command import CONTEXT
from harness.program import Program


class Simulator(Program):
    """A running `ksef-offline simulate`."""

    def __init__(self, scratch: Path, *arguments: str) -> None:
        super().__init__(scratch, "simulator.log", "--home", str(scratch / "home"), "simulate", "--port", "0", *arguments)
        self.api: str = self.told["api"]
        self.latarnia: str = self.told["latarnia"]
        self.qr_host: str = self.told["qr_host"]
        self.control: str = self.told["control"]

    def down(self, kind: str) -> None:
        """Takes KSeF down now: maintenance, failure, total-failure or unreachable."""
        self._order("POST", "downtime", kind=kind)

    def up(self) -> None:
        """Ends what is going on."""
        self._order("DELETE", "downtime")

    def silence_latarnia(self, silent: bool = True) -> None:
        """Makes Latarnia drop connections as well."""
        self._order("PUT", "latarnia", silent=silent)

    def announce(self, *messages: object) -> None:
        """Has Latarnia show these elements beside its own messages, exactly as given."""
        _exchange("PUT", f"{self.control}/announcements", list(messages))

    def delay_processing(self, seconds: float) -> None:
        """How long packages stay in processing."""
        self._order("PUT", "processing", delay_ms=int(seconds * 1000))

    def limit_rates(self, **custom: object) -> None:
        """Turns rate limits on."""
        self._order("PUT", "rate-limits", enabled=True, **({"custom": custom} if custom else {}))

    def allow_seller(self, nip: str) -> None:
        """Lets every context issue for a seller."""
        self._order("POST", "sellers", nip=nip)

    def allow_attachments(self, nip: str) -> None:
        """Registers a company for attachments."""
        self._order("PUT", "attachments", nip=nip, allowed=True)

    def take_number(self, seller: str, kind: str, number: str) -> str:
        """Declares a number taken by another system; the KSeF number it holds."""
        return self._order("POST", "taken-numbers", seller=seller, kind=kind, number=number)["ksef_number"]

    def reject(self, **rejection: object) -> None:
        """Rejects an invoice that is still to come."""
        self._order("POST", "rejections", **rejection)

    def rotate_keys(self) -> None:
        """Withdraws the public keys and makes new ones."""
        self._order("POST", "keys/rotate")

    def public_keys(self) -> bytes:
        """The answer of the API that lists them."""
        return json.dumps(_exchange("GET", f"{self.api}/security/public-key-certificates")).encode()

    def issue_certificate(self, usage: str = "authentication", key: str = "p256") -> dict:
        """A certificate and its key in PEM, without enrolment."""
        return self._order("POST", "certificates", context=CONTEXT, type=usage, key=key)

    def issue_token(self) -> str:
        """A KSeF token with all rights."""
        return self._order("POST", "tokens", context=CONTEXT)["token"]

    def ledger(self) -> list[dict]:
        """The accepted invoices."""
        return self._order("GET", "ledger")

    def requests(self) -> list[dict]:
        """The logged requests."""
        return self._order("GET", "requests")

    def page_behind(self, link: str) -> dict:
        """What a buyer's scanner shows for a code."""
        return _exchange("GET", link.replace(f"https://{self.qr_host}", self.control.rsplit("/", 1)[0]))

    def _order(self, method: str, path: str, **body: object) -> dict | list | None:
        return _exchange(method, f"{self.control}/{path}", body or None)


def _exchange(method: str, url: str, body: dict | list | None = None):
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            content = error.read()
            if not url.split("/", 3)[3].startswith(("certificate/", "invoice/")):
                raise AssertionError(f"{method} {url}: {error.code} {content.decode()}") from None
    return json.loads(content) if content else None
