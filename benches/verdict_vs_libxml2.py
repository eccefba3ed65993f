"""How fast invoices are read, judged and made into types, against libxml2 and against a bare walk by quick-xml, on the same documents in
the same run, one core each.

    python benches/verdict_vs_libxml2.py [--rounds N] [--json]

Needs lxml (the environment of `./test conformance` has it) and the FA(3) schema; where that is looked for says
`tests/conformance/schema.py`. Memory is measured by the bench `memory` (`cargo bench -p ksef-offline-benches --bench memory`),
which counts every allocation. Builds the example `verdict` of ksef-offline-core for release. Every figure is the quickest of
many rounds, and the programs take turns, so that a busy machine disturbs the ratios little.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "conformance"))

from lxml import etree  # noqa: E402

import schema  # noqa: E402

SECONDS = 0.5
LARGE = 2_950_000


@dataclass
class Row:
    """A ratio and what it should be."""

    work: str
    ratio: float
    goal: str
    met: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=6, help="how often the programs take turns")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()

    program = build()
    official = sorted((schema.data_folder() / "fa3-samples").glob("*.xml"))
    files = official or sorted((REPOSITORY / "examples" / "invoices").glob("*.xml"))
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.xml"
        large.write_bytes(large_invoice())
        small_rates = rates(program, files, options.rounds)
        large_rates = rates(program, [large], options.rounds)

    ours, walk = "read and validate", "quick-xml"
    name = f"{len(files)} {'official examples' if official else 'examples of our own'}"
    rows = [
        at_least(f"{name}: read + verdict / libxml2 parse + validate", small_rates, ours, "libxml2 parse + validate", 5),
        at_least(f"{name}: verdict / libxml2 parse + validate", small_rates, "validate", "libxml2 parse + validate", 5),
        at_least(f"{name}: verdict / libxml2 validate, tree at hand", small_rates, "validate", "libxml2 validate", None),
        at_least(f"{name}: read + verdict / libxml2 validate, tree at hand", small_rates, ours, "libxml2 validate", None),
        at_least("3 MB with attachment: read + verdict / libxml2 parse + validate", large_rates, ours, "libxml2 parse + validate", 5),
        at_most("3 MB with attachment: time of read + verdict / bare walk of quick-xml", large_rates[walk] / large_rates[ours], 4),
        at_least(f"{name}: verdict + model / libxml2 parse + validate", small_rates, "validate and model", "libxml2 parse + validate", None),
        at_least(f"{name}: model / libxml2 parse", small_rates, "model", "libxml2 parse", None),
        at_least(f"{name}: model, written / libxml2 parse, written", small_rates, "model and write", "libxml2 parse and write", None),
        at_least("3 MB with attachment: model / libxml2 parse", large_rates, "model", "libxml2 parse", None),
        at_most("3 MB with attachment: time of the model / bare walk of quick-xml", large_rates[walk] / large_rates["model"], None),
    ]
    if options.json:
        print(json.dumps({"rows": [vars(row) for row in rows], "small": small_rates, "large": large_rates}, indent=1))
        return
    for title, found in ((name, small_rates), ("3 MB with attachment", large_rates)):
        print(f"{title}, MB/s")
        for work, rate in found.items():
            print(f"  {work:<28}{rate / 1e6:>8.1f}")
    width = max(len(row.work) for row in rows)
    print("Ratios")
    for row in rows:
        verdict = f"{row.goal:<8}{'met' if row.met else 'MISSED'}" if row.goal else ""
        print(f"  {row.work:<{width}}{row.ratio:>8.2f}  {verdict}".rstrip())


def at_least(work: str, found: dict[str, float], ours: str, theirs: str, goal: float | None) -> Row:
    ratio = found[ours] / found[theirs]
    return Row(work, ratio, f"≥ {goal}" if goal else "", goal is None or ratio >= goal)


def at_most(work: str, ratio: float, goal: float | None) -> Row:
    return Row(work, ratio, f"≤ {goal}" if goal else "", goal is None or ratio <= goal)


def build() -> Path:
    """The program that judges, built for release."""
    command = ["cargo", "build", "--quiet", "--release", "-p", "ksef-offline-core", "--example", "verdict"]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=REPOSITORY, check=True, capture_output=True
    )
    return Path(json.loads(metadata.stdout)["target_directory"]) / "release" / "examples" / "verdict"


def rates(program: Path, files: list[Path], rounds: int) -> dict[str, float]:
    """Bytes a second for each kind of work, the best of all rounds."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        command = [str(program), "--bench", str(SECONDS), *map(str, files)]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        found = {line["work"]: line["bytes_per_second"] for line in map(json.loads, lines)}
        found |= libxml2_rates([file.read_bytes() for file in files])
        best = {work: max(rate, best.get(work, 0)) for work, rate in found.items()}
    return best


def libxml2_rates(documents: list[bytes]) -> dict[str, float]:
    judge = schema.compiled()
    trees = [etree.fromstring(document) for document in documents]
    assert all(judge.validate(tree) for tree in trees)

    def parse_and_validate() -> None:
        for document in documents:
            judge.validate(etree.fromstring(document))

    def validate() -> None:
        for tree in trees:
            judge.validate(tree)

    def parse() -> None:
        for document in documents:
            etree.fromstring(document)

    def parse_and_write() -> None:
        for document in documents:
            etree.tostring(etree.fromstring(document), encoding="UTF-8")

    size = sum(map(len, documents))
    works = {
        "libxml2 parse + validate": parse_and_validate,
        "libxml2 validate": validate,
        "libxml2 parse": parse,
        "libxml2 parse and write": parse_and_write,
    }
    return {name: size / quickest(work) for name, work in works.items()}


def quickest(work) -> float:
    """The seconds of the quickest round."""
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best


def large_invoice() -> bytes:
    """An invoice of nearly the largest size, most of it tables of an attachment."""
    text = (REPOSITORY / "examples" / "invoices" / "10-vat-attachment.xml").read_text(encoding="utf-8")
    block = re.search(r"\s*<BlokDanych>.*?</BlokDanych>", text, re.DOTALL).group()
    table = re.search(r"\s*<Tabela>.*?</Tabela>", block, re.DOTALL).group()
    rows = re.findall(r"\s*<Wiersz>.*?</Wiersz>", table, re.DOTALL)
    full_table = table.replace("".join(rows), "".join(rows[i % len(rows)] for i in range(1_000)))
    full_block = block.replace(table, full_table)
    before, after = text.split(block, 1)
    blocks = (LARGE - len(text.encode())) // len(full_block.encode())
    return (before + full_block * blocks + block + after).encode()


if __name__ == "__main__":
    main()
