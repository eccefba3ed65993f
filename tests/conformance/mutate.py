"""Damages invoices in a seeded, repeatable way and compares our verdict on each with that of libxml2.

    python mutate.py [--count N] [--seed S] [--verdict PROGRAM] [--keep FOLDER]

The sources are `examples/invoices/`, the official examples where they are at hand, and documents that `generate.py` writes
from the schema itself, so that every element is met. PROGRAM is the example `verdict` of ksef-offline-core; without it cargo
builds it. The same seed and sources give the same mutants.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

import schema
from damage import XSI, Mutator
from generate import Generator

TYPE = f"{{{XSI}}}type"
# KSeF refuses these files although the schema would take them; mutants that fail on them alone are not compared.
FILE_RULES = {
    "file-processing-instruction", "file-character", "file-dtd", "file-too-large", "file-too-deep", "file-byte-order-mark",
    "file-encoding", "file-not-utf8",
}  # fmt: skip


@dataclass
class Report:
    """What came of a comparison."""

    compared: int = 0
    valid: int = 0
    disagreements: list[tuple[str, bytes, bool, list[str]]] = field(default_factory=list)
    explained: int = 0
    kinds: Counter = field(default_factory=Counter)

    @property
    def agreement(self) -> float:
        """Known faults of libxml2 count for neither side."""
        return 1 - len(self.disagreements) / max(1, self.compared)


def sources(chance: random.Random, written: int) -> list[bytes]:
    """The documents to damage."""
    files = sorted((schema.REPOSITORY / "examples" / "invoices").glob("*.xml"))
    files += sorted((schema.data_folder() / "fa3-samples").glob("*.xml"))
    return [file.read_bytes() for file in files] + list(Generator(chance).random(written))


def verdict_program() -> Path:
    return core_example("verdict")


def core_example(name: str, package: str = "ksef-offline-core") -> Path:
    """An example program of core, or of another package: the one `./test` has built, else one that is built now."""
    built = os.environ.get("KSEF_TARGET")
    if built:
        return Path(built) / "examples" / name
    subprocess.run(
        ["cargo", "build", "--quiet", "-p", package, "--example", name], cwd=schema.REPOSITORY, check=True
    )
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps"],
        cwd=schema.REPOSITORY, check=True, capture_output=True,
    )  # fmt: skip
    return Path(json.loads(metadata.stdout)["target_directory"]) / "debug" / "examples" / name


def our_verdicts(program: Path, documents: list[bytes]) -> list[dict]:
    bundle = b"".join(b"%d\n%s" % (len(document), document) for document in documents)
    answer = subprocess.run([str(program)], input=bundle, capture_output=True, check=True)
    return [json.loads(line) for line in answer.stdout.splitlines()]


class Oracle:
    """The verdict of libxml2."""

    def __init__(self) -> None:
        self.schema = schema.compiled()

    def is_valid(self, document: bytes) -> bool:
        try:
            tree = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            return False
        return self.schema.validate(tree)


def only_uncollapsed(document: bytes) -> bool:
    """Whether libxml2 accepts the document once white space around instants and in `xsi:type` is gone: it forgets to collapse it."""
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError:
        return False
    for element in root.iter(etree.Element):
        text = "".join(element.itertext())
        if len(element) == 0 and re.fullmatch(r"\s*\d{4}-\d\d-\d\dT\S+\s*", text):
            for child in list(element):
                element.remove(child)
            element.text = text.strip(" \t\n\r")
        if TYPE in element.attrib:
            element.set(TYPE, element.get(TYPE).strip(" \t\n\r"))
    return Oracle().is_valid(etree.tostring(root))


def compare(program: Path, count: int, seed: int) -> Report:
    """Damages and judges `count` documents; the undamaged sources come first."""
    chance = random.Random(seed)
    originals = sources(chance, written=max(60, count // 20))
    mutator = Mutator(originals, chance)
    cases = [("original", document) for document in originals] + [mutator.mutant() for _ in range(count)]
    oracle = Oracle()
    report = Report()
    for (kind, document), ours in zip(cases, our_verdicts(program, [d for _, d in cases]), strict=True):
        if ours["errors"] and set(ours["errors"]) <= FILE_RULES:
            continue
        theirs = oracle.is_valid(document)
        report.compared += 1
        report.valid += theirs
        report.kinds[kind.split("+")[0]] += 1
        if theirs == ours["valid"]:
            continue
        if ours["valid"] and only_uncollapsed(document):
            report.explained += 1
        else:
            report.disagreements.append((kind, document, theirs, ours["errors"]))
    return report


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=2026)
    arguments.add_argument("--verdict", type=Path, help="the built example, to save building it")
    arguments.add_argument("--keep", type=Path, help="folder for the documents both judge differently")
    options = arguments.parse_args()
    report = compare(options.verdict or verdict_program(), options.count, options.seed)
    print(f"{report.compared} compared, {report.valid} valid, agreement {report.agreement:.4%}")
    print(f"{report.explained} more where libxml2 does not collapse white space around an instant or in xsi:type")
    print(", ".join(f"{kind} {number}" for kind, number in report.kinds.most_common()))
    for index, (kind, document, theirs, codes) in enumerate(report.disagreements):
        print(f"  {index}: {kind}: libxml2 says {'valid' if theirs else 'invalid'}, we {codes or 'valid'}")
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{index:04}.xml").write_bytes(document)
    return 0 if report.agreement >= 0.999 else 1


if __name__ == "__main__":
    sys.exit(main())
