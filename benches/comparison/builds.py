"""What is built: how long it takes, how large it is, how much it brings, how soon Python has it."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

from machine import CLI, ROOT, TARGET
from rows import Row, at_most, figure

SCRATCH = TARGET / "compare"
# A folder of its own: the import of a wheel of another build must not be measured.
WITH_WHEEL = SCRATCH / "wheel-venv"


def rows(from_nothing: bool) -> list[Row]:
    """Builds from nothing only when asked: that takes minutes."""
    wheel = newest(SCRATCH / "wheels", "*.whl") or newest(TARGET / "wheels", "*.whl")
    mobile = newest(TARGET / "release-mobile", "libksef_offline_uniffi.*") or newest(TARGET, "*/release-mobile/libksef_offline_uniffi.so")
    return [
        at_most("dependencies of core alone, default features", dependencies(), 60),
        figure("cold cargo build --release of the command line, seconds", cold_build() if from_nothing else None),
        figure("size of the command line, MB", megabytes(CLI)),
        figure("size of the wheel, MB", megabytes(wheel)),
        figure("size of the mobile library, MB", megabytes(mobile)),
    ]


def imports(rounds: int, build: bool) -> float | None:
    """Time of `import ksef_offline` over that of `import ksef_client`, the interpreter's own start taken off; None without a
    wheel, whose building takes minutes."""
    if not (build and wheel_is_installed()):
        return None
    ours = WITH_WHEEL / "bin" / "python"
    times: dict[str, list[float]] = {"nothing": [], "ours": [], "theirs": []}
    for _ in range(rounds):
        times["nothing"].append(timed(ours, "pass"))
        times["ours"].append(timed(ours, "import ksef_offline"))
        times["theirs"].append(timed(Path(sys.executable), "import ksef_client"))
    nothing, own, peer = (statistics.median(values) for values in times.values())
    return (own - nothing) / (peer - nothing)


def wheel_is_installed() -> bool:
    """Builds the wheel for release and installs it where nothing else is; says why when it cannot."""
    if not WITH_WHEEL.is_dir():
        venv.create(WITH_WHEEL, with_pip=True)
    pip = [WITH_WHEEL / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    maturin = WITH_WHEEL / "bin" / "maturin"
    commands = [
        [*pip, "maturin==1.16.0"],
        [maturin, "build", "--quiet", "--release", "--manifest-path", ROOT / "bindings/python/Cargo.toml", "--out", SCRATCH / "wheels"],
    ]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            print(f"no wheel: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return False
    install = [*pip, "--no-deps", "--force-reinstall", newest(SCRATCH / "wheels", "*.whl")]
    return subprocess.run(install, stdout=sys.stderr).returncode == 0


def timed(python: Path, code: str) -> float:
    start = time.perf_counter()
    subprocess.run([python, "-c", code], check=True)
    return time.perf_counter() - start


def dependencies() -> int:
    """Crates that core alone is linked from or built with, itself not counted."""
    command = ["cargo", "tree", "-p", "ksef-offline-core", "-e", "normal", "--prefix", "none"]
    tree = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    crates = {re.sub(r" \(.*\)", "", line).strip() for line in tree.splitlines()}
    return len({crate for crate in crates if crate}) - 1


def cold_build() -> float:
    folder = SCRATCH / "cold"
    shutil.rmtree(folder, ignore_errors=True)
    start = time.perf_counter()
    command = ["cargo", "build", "--quiet", "--release", "-p", "ksef-offline-cli", "--target-dir", folder]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


def newest(folder: Path, pattern: str) -> Path | None:
    found = [path for path in folder.glob(pattern) if path.suffix != ".d"]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def megabytes(path: Path | None) -> float | None:
    return None if path is None else path.stat().st_size / 1e6
