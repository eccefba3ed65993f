"""Starts `ksef-offline serve` and talks to its page: as a bare HTTP client, and with a browser where there is one."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.program import Program

# Everything that would look for a network of its own, or keep anything, stays off.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def csrf(self) -> str:
        return re.search(r'name="csrf_token" value="([^"]+)"', self.text)[1]


class Served(Program):
    """A running `ksef-offline serve`."""

    def __init__(self, home: Path, scratch: Path, *arguments: str, language: str = "pl") -> None:
        super().__init__(scratch, "serve.log", "-vv", "--lang", language, "--home", str(home), "serve", *arguments)
        assert set(self.told) == {"url"}, self.told
        self.url: str = self.told["url"]
        parts = urllib.parse.urlsplit(self.url)
        assert parts.hostname == "127.0.0.1", self.url
        self.port: int = parts.port
        self.origin = f"http://127.0.0.1:{self.port}"
        self.token = urllib.parse.parse_qs(parts.query)["token"][0]
        self.cookie = ""

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str | None) -> Answer:
        """One request without a redirect followed. A header of None is left out; `_` in its name stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            sent = {"host": f"127.0.0.1:{self.port}", "cookie": self.cookie or None}
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def open(self) -> None:
        """Exchanges the token for the cookie."""
        answer = self.ask("GET", f"/?token={self.token}")
        assert (answer.status, answer.headers["location"]) == (303, "/"), answer
        self.cookie = answer.headers["set-cookie"].split(";")[0]

    def post(self, path: str, headers: dict[str, str | None] | None = None, **fields: str) -> Answer:
        """A form as a browser on the page would send it; the token of the forms is put in unless it is given."""
        fields = {"csrf_token": self.ask("GET", "/archive").csrf, **fields}
        sent = {"origin": self.origin, "sec_fetch_site": "same-origin", "content_type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urllib.parse.urlencode(fields).encode(), **{**sent, **(headers or {})})

    def upload(self, path: str, files: list[tuple[str, bytes]], token: str | None = None, **fields: str) -> Answer:
        """A form with files, the token first."""
        boundary = "----conformance"
        token = self.ask("GET", "/archive").csrf if token is None else token
        parts = [_part(boundary, "csrf_token", None, token.encode())]
        parts += [_part(boundary, name, None, value.encode()) for name, value in fields.items()]
        parts += [_part(boundary, "files", name, content) for name, content in files]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self.ask("POST", path, body, content_type=kind, origin=self.origin, sec_fetch_site="same-origin")


def _part(boundary: str, field: str, file: str | None, content: bytes) -> bytes:
    name = f'; filename="{file}"' if file is not None else ""
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"{name}\r\n\r\n'.encode() + content + b"\r\n"


@contextmanager
def browser() -> Iterator[object]:
    """Chromium under Playwright, or a skipped test that says what is missing."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no browser: the package playwright is not there")
    named = os.environ.get("KSEF_CHROMIUM")
    program = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        if os.environ.get("KSEF_OFFLINE_REQUIRE_BROWSER"):
            raise AssertionError("no Chromium on the PATH, and KSEF_OFFLINE_REQUIRE_BROWSER is set")
        pytest.skip("no browser: neither chromium nor google-chrome is installed")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield running
        finally:
            running.close()
