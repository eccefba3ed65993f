"""What the tests share: a simulator as a program of its own, a home at it, and invoices of today."""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from itertools import count
from pathlib import Path

import pytest

import ksef_offline

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((REPOSITORY / "examples" / "invoices").glob("*.xml"))
KEYS = REPOSITORY / "tests" / "vectors" / "keys"
CONTEXT = "Nip:5265877635"
_fresh = count(1)


def program() -> str:
    """The command line, which `./test` builds."""
    return os.environ.get("KSEF_OFFLINE_BIN") or str(REPOSITORY / "target" / "debug" / "ksef-offline")


class Simulator:
    """A running `ksef-offline simulate`."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [program(), "--home", str(folder), "simulate", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.addresses = json.loads(self._process.stdout.readline())
        self.control = self.addresses["control"]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()

    def order(self, method: str, what: str, **body: object) -> dict:
        request = urllib.request.Request(f"{self.control}/{what}", json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def down(self, kind: str) -> None:
        self.order("POST", "downtime", kind=kind)

    def up(self) -> None:
        self.order("DELETE", "downtime")

    def delay_processing(self, seconds: float) -> None:
        self.order("PUT", "processing", delay_ms=int(seconds * 1000))

    def certificate(self, usage: str) -> tuple[bytes, bytes]:
        """A certificate and its key, PEM."""
        made = self.order("POST", "certificates", context=CONTEXT, type=usage, key="p256")
        return made["certificate"].encode(), made["key"].encode()

    def home(self, folder: Path, *, enroll: bool = True) -> Path:
        """A home that logs in to this simulator, with an Offline certificate."""
        certificate, key = self.certificate("authentication")
        names = ("api", "latarnia", "qr_host")
        ksef_offline.create_home(
            folder,
            context=CONTEXT,
            environment="custom",
            addresses=ksef_offline.CustomAddresses(**{name: self.addresses[name] for name in names}),
            login_certificate=certificate.decode(),
            login_key=key.decode(),
        )
        if enroll:
            with ksef_offline.Desk(folder) as desk:
                desk.enroll(kind="offline", name="Faktury offline", folder=folder / "keys", enter=True)
        return folder


@pytest.fixture
def simulator(tmp_path):
    running = Simulator(tmp_path / "simulator")
    yield running
    running.stop()


@pytest.fixture
def home(simulator, tmp_path):
    return simulator.home(tmp_path / "home")


@pytest.fixture
def desk(home):
    with ksef_offline.Desk(home) as opened:
        yield opened


@pytest.fixture
def offline_signer():
    """An own key whose certificate is of type Offline."""
    return ksef_offline.Signer.from_files((KEYS / "p256-offline.crt").read_bytes(), (KEYS / "p256-pkcs8.pem").read_bytes())


def fresh(example: Path = EXAMPLES[0]) -> bytes:
    """An example invoice of today, with a number nobody used."""
    text = example.read_text(encoding="utf-8")
    number = f"PY/{os.getpid()}/{next(_fresh)}"
    text = re.sub(r"<P_2>[^<]*<", f"<P_2>{number}<", text, count=1)
    today = ksef_offline.today_in_warsaw().isoformat()
    return re.sub(r"<P_1>[^<]*<", f"<P_1>{today}<", text, count=1).encode()


def files(folder: Path, how_many: int) -> list[Path]:
    """As many invoices of today as files."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"invoice-{place}.xml" for place in range(1, how_many + 1)]
    for path in paths:
        path.write_bytes(fresh())
    return paths
