"""What the machine can do by itself, what it is, and running programs on it."""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import subprocess
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ["COMPARE_TARGET"])
WORK = TARGET / "release" / "bench-work"
CLI = TARGET / "release" / "ksef-offline"


def work(*arguments: object, cores: int | None = None) -> dict:
    """What the program `bench-work` measured, on the first `cores` of the cores at hand."""
    pinned = None
    if cores is not None:
        allowed = sorted(os.sched_getaffinity(0))[:cores]
        pinned = lambda: os.sched_setaffinity(0, allowed)  # noqa: E731
    done = subprocess.run([WORK, *map(str, arguments)], check=True, capture_output=True, text=True, preexec_fn=pinned)
    return json.loads(done.stdout)


def cli(*arguments: object) -> tuple[dict, float]:
    """What the command line printed, and the seconds of the processor it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([CLI, "--json", *map(str, arguments)], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"ksef-offline {arguments[0]}: {done.returncode} {done.stdout[:500]} {done.stderr[:500]}")
    return json.loads(done.stdout), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def limits(folder: Path, sample: bytes, seconds: int) -> dict[str, float]:
    """Signatures, bytes and syncs a second: OpenSSL's, zlib's, the disk's."""
    return {
        "OpenSSL P-256 signatures a second": _openssl(seconds, "ecdsap256", r"([0-9.]+) +[0-9.]+ *$"),
        "OpenSSL RSA-2048 signatures a second": _openssl(seconds, "rsa2048", r"([0-9.]+) +[0-9.]+ *$"),
        "OpenSSL AES-256-CBC, MB/s": _openssl(seconds, "-evp aes-256-cbc -bytes 65536", r"([0-9.]+)k") / 1e3,
        "OpenSSL SHA-256, MB/s": _openssl(seconds, "-evp sha256 -bytes 65536", r"([0-9.]+)k") / 1e3,
        "zlib level 6 on the invoices, MB/s": len(sample) / _processor(lambda: zlib.compress(sample, 6)) / 1e6,
        "fsync of 4 kB a second": _syncs(folder, seconds),
    }


def _openssl(seconds: int, what: str, pattern: str) -> float:
    command = ["openssl", "speed", "-seconds", str(seconds), *what.split()]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.findall(pattern, output, re.MULTILINE)[-1])


def _processor(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _syncs(folder: Path, seconds: int) -> float:
    path, count, start = folder / "sync", 0, time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while time.perf_counter() - start < seconds:
            file.seek(0)
            file.write(bytes(4096))
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count / seconds


def described() -> dict[str, str]:
    """The machine and the versions, without its name."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    said = lambda *command: subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()  # noqa: E731
    return {
        "Date": time.strftime("%Y-%m-%d", time.gmtime()),
        "Processor": f"{cpu.group(1) if cpu else platform.machine()}, {len(os.sched_getaffinity(0))} cores",
        "System": f"{platform.system()} {platform.release().split('-')[0]}",
        "Load at the start": f"{os.getloadavg()[0]:.1f}",
        "ksef-offline": said("git", "describe", "--always", "--dirty"),
        "Rust": said("rustc", "--version"),
        "OpenSSL": said("openssl", "version"),
        "Python": platform.python_version(),
        "ksef-client": "0.20.0",
    }
