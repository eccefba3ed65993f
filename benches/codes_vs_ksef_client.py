"""How fast the two codes of an offline invoice are drawn as PNG with their captions, against the Python package
ksef-client, on the same links at the same scale in the same run, one core each.

    python benches/codes_vs_ksef_client.py [--rounds N] [--json]

Needs ksef-client with its extra for pictures: `pip install "ksef-client[qr]"` into any environment. Builds the example
`codes` of ksef-offline-core for release. Every figure is the quickest of many rounds, and the programs take turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path

from ksef_client.services.qr import add_label_to_qr, generate_qr_png

REPOSITORY = Path(__file__).resolve().parents[1]
LINKS = json.loads((REPOSITORY / "tests" / "vectors" / "links.json").read_text(encoding="utf-8"))
# What ksef-client takes where nobody asks.
SCALE = 10
SECONDS = 0.5
GOAL = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often the programs take turns")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()

    program = build()
    one = LINKS["code_one"][0]["url"]
    rows = []
    for key in ("p256", "rsa2048"):
        two = next(case["url"] for case in LINKS["code_two"] if case["public_key"] == key)
        ours = theirs = float("inf")
        for _ in range(options.rounds):
            ours = min(ours, draw_ours(program, one, two))
            theirs = min(theirs, draw_theirs(one, two))
        rows.append({"key": key, "ours_ms": ours * 1e3, "ksef_client_ms": theirs * 1e3, "ratio": theirs / ours})
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        verdict = "met" if row["ratio"] >= GOAL else "MISSED"
        print(
            f"{row['key']:<8} ours {row['ours_ms']:.3f} ms, ksef-client {row['ksef_client_ms']:.1f} ms: "
            f"{row['ratio']:.0f} times as fast (≥ {GOAL}: {verdict})"
        )


def build() -> Path:
    """The program that draws, built for release."""
    command = ["cargo", "build", "--quiet", "--release", "-p", "ksef-offline-core", "--example", "codes"]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=REPOSITORY, check=True, capture_output=True
    )
    return Path(json.loads(metadata.stdout)["target_directory"]) / "release" / "examples" / "codes"


def draw_ours(program: Path, *links: str) -> float:
    command = [str(program), str(SECONDS), str(SCALE), *links]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def draw_theirs(one: str, two: str) -> float:
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        for link, caption in ((one, "OFFLINE"), (two, "CERTYFIKAT")):
            add_label_to_qr(generate_qr_png(link, box_size=SCALE), caption)
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    main()
