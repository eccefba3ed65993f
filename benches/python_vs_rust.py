"""What a call from Python costs over the same call of the facade in Rust, and how many cores threads use.

    cargo build --release -p ksef-offline-ffi --features aws-lc --example timings
    maturin build --release --manifest-path bindings/python/Cargo.toml     # and install the wheel
    python benches/python_vs_rust.py [COUNT]

Prints ratios; both sides run in turn on the same machine. COUNT invoices are issued, 10 000 where nothing is said.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ksef_offline

ROOT = Path(__file__).resolve().parents[1]
KEYS = ROOT / "tests" / "vectors" / "keys"
INVOICE = ROOT / "examples" / "invoices" / "01-vat-domestic.xml"
CERTIFICATE, KEY = KEYS / "p256-offline.crt", KEYS / "p256-pkcs8.pem"
CALLS = 2000


def per_call(call) -> float:
    for _ in range(CALLS // 10):
        call()
    begun = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - begun) / CALLS


def rust(folder: Path, count: int) -> dict:
    program = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "examples" / "timings"
    told = subprocess.run([program, INVOICE, CERTIFICATE, KEY, folder, str(count)], check=True, capture_output=True)
    return json.loads(told.stdout)


def home(folder: Path) -> Path:
    seller = ksef_offline.read_invoice(INVOICE.read_bytes()).seller_nip
    ksef_offline.create_home(folder, context=f"Nip:{seller}", environment="test")
    return folder


def invoices(count: int, mark: str) -> list:
    text = INVOICE.read_text(encoding="utf-8")
    return [
        ksef_offline.IssueFile(f"{place}.xml", re.sub("<P_2>[^<]*<", f"<P_2>{mark}/{place}<", text, count=1).encode())
        for place in range(count)
    ]


def issue(desk, files) -> None:
    for begin in range(0, len(files), 100):
        batch = files[begin : begin + 100]
        assert len(desk.issue(batch, mode="offline24").issued) == len(batch)


def python(folder: Path, count: int, signer) -> dict:
    invoice = INVOICE.read_bytes()
    times = {
        "code_one": per_call(lambda: ksef_offline.code_one("test", invoice)),
        "code_two": per_call(lambda: ksef_offline.code_two("test", invoice, signer)),
        "signature": per_call(lambda: ksef_offline.sign_invoice(invoice, signer, "detached", "a.xml")),
    }
    files = invoices(count, "B")
    with ksef_offline.Desk(home(folder), signer=signer) as desk:
        begun = time.perf_counter()
        issue(desk, files)
        times["issue"] = time.perf_counter() - begun
    return times


def cores_used(signer) -> float:
    """Seconds of the processor in a second of the clock while eight threads judge, sign and code."""
    invoice = INVOICE.read_bytes()

    def work(_):
        for _ in range(CALLS // 4):
            ksef_offline.validate(invoice, "test")
            ksef_offline.sign_invoice(invoice, signer, "detached", "a.xml")
            ksef_offline.code_two("test", invoice, signer)

    clock, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    return (time.process_time() - processor) / (time.perf_counter() - clock)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    signer = ksef_offline.Signer.from_files(CERTIFICATE.read_bytes(), KEY.read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        native = rust(Path(scratch) / "rust", count)
        own = python(Path(scratch) / "python", count, signer)
    for name in ("code_one", "code_two", "signature"):
        print(f"{name}: {own[name] * 1e6:.1f} µs, over Rust {(own[name] - native[name]) * 1e6:+.1f} µs (goal: at most 20)")
    print(f"issuing {count}: {own['issue'] / native['issue']:.3f} of Rust (goal: at most 1.15)")
    print(f"eight threads use {cores_used(signer):.2f} of {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
