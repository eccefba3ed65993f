#!/usr/bin/env python3
"""Signatures a second, ours against OpenSSL's own in the same minute.

    cargo build -p ksef-offline-benches --bench issue --profile bench
    python3 benches/signing_vs_openssl.py [PATH OF THE BENCH]

Runs the bench `issue`, reads its table, and asks `openssl speed` for RSA-2048 and P-256. OpenSSL's figure is of the raw
operation; ours hashes and encodes as well.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def ours() -> dict[tuple[str, str], float]:
    """Signatures a second by provider and kind of key."""
    command = ["cargo", "bench", "-p", "ksef-offline-benches", "--bench", "issue", "--", "nothing"]
    if len(sys.argv) > 1:
        command = [str(Path(sys.argv[1]).resolve()), "--bench", "nothing"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    table = output[output.index("provider  key") :]
    print(table)
    return {(row[0], row[1]): float(row[-1]) for row in map(str.split, table.splitlines()[1:]) if row}


def openssl(algorithm: str) -> float:
    """Signatures a second by `openssl speed`."""
    # By the clock as ours is: the time of the processor alone would flatter it on a busy machine.
    command = ["openssl", "speed", "-elapsed", "-seconds", "2", algorithm]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # "rsa  2048 bits 0.000240s 0.000007s   4150.1 138000.1", signatures first of the rates.
    return float(re.findall(r"[0-9.]+s +([0-9.]+) +[0-9.]+ *$", output, re.MULTILINE)[-1])


def main() -> None:
    rates = ours()
    print("key       OpenSSL/s   fast/OpenSSL   pure/OpenSSL")
    for key, algorithm in (("rsa2048", "rsa2048"), ("p256", "ecdsap256")):
        reference = openssl(algorithm)
        print(f"{key:<9} {reference:>9.0f} {rates['fast', key] / reference:>14.2f} {rates['pure', key] / reference:>14.2f}")


if __name__ == "__main__":
    main()
