"""The comparison itself; `benches/compare` prepares what it needs and calls it."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import builds
import machine
import material
import peer
import report
from machine import TARGET, cli, work
from rows import Row, at_least, at_most

FULL = {"rounds": 5, "seconds": 1.0, "invoices": 10_000, "bytes": 1_000_000_000, "peer_bytes": 200_000_000, "most": 100_000, "starts": 51}
QUICK = {"rounds": 3, "seconds": 0.3, "invoices": 1_000, "bytes": 100_000_000, "peer_bytes": 50_000_000, "most": 1_000, "starts": 21}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benches/compare")
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON and nothing else")
    parser.add_argument("--out", type=Path, help="where the files it works on go; kept. Default: under target/, removed")
    parser.add_argument("--write", action="store_true", help="write benches/RESULTS.md, README.md and docs/speed.svg; build from nothing")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        folder = options.out.resolve()
        run(options, size, folder)
    else:
        folder = Path(tempfile.mkdtemp(dir=TARGET / "compare"))
        try:
            run(options, size, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def run(options: argparse.Namespace, size: dict, folder: Path) -> None:
    about = machine.described()
    rows: list[Row] = []
    say = lambda what: print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr)  # noqa: E731
    say("invoices")
    invoices = material.invoices(folder / "invoices", size["invoices"])
    large = material.large_invoices(folder / "large", size["bytes"])
    sample = b"".join(path.read_bytes() for path in invoices[:2_000])
    limits = machine.limits(folder, sample, 1 if options.quick else 3)
    for what, part in (
        ("one invoice", lambda: one_invoice(size)),
        ("pictures", lambda: pictures(size)),
        ("many invoices", lambda: many(size, folder, invoices)),
        ("packing", lambda: packing(size, folder, large)),
        ("offline day", lambda: offline_day(folder, invoices)),
        ("growth", lambda: growth(size, folder)),
        ("start", lambda: start(size, folder)),
        ("builds", lambda: builds.rows(options.write)),
    ):
        say(what)
        rows += part()
    if options.json:
        print(json.dumps({"rows": [row.plain() for row in rows]}, ensure_ascii=False))
    else:
        print(report.table(rows))
        for name, value in limits.items():
            print(f"{name:<40}{value:>12,.0f}")
    if options.write:
        report.write(rows, limits, about)


def one_invoice(size: dict) -> list[Row]:
    """What is done for one invoice in memory."""
    examples = [str(path) for path in material.EXAMPLES]
    texts = [Path(path).read_bytes() for path in examples]
    rows = []
    for kind, most in (("p256", 2), ("rsa2048", 1.1)):
        issuer = peer.Issuer(kind)
        place = 0

        def turn(call):
            def of_next():
                nonlocal place
                place += 1
                call(texts[place % len(texts)])

            return peer.per_call(of_next, size["seconds"])

        ours, theirs_codes, theirs_issue = [], [], []
        for _ in range(size["rounds"]):
            ours.append(work("key", kind, size["seconds"], *examples))
            theirs_codes.append(turn(issuer.codes))
            theirs_issue.append(turn(issuer.issue))
        ratio = lambda over, under: middle(o / u for o, u in zip(over, under))  # noqa: E731
        of = lambda name: [figures[name] for figures in ours]  # noqa: E731
        rows.append(at_most(f"XAdES + CODE I + CODE II, {kind}: time / its two key operations", ratio(of("codes"), of("key")), most))
        if kind == "p256":
            rows += [
                at_least("XAdES + CODE I + CODE II, p256: speed / ksef-client", ratio(theirs_codes, of("codes")), 6),
                at_most("issue one invoice, p256: time / its two key operations", ratio(of("issue"), of("key")), 5),
                at_least("issue one invoice, p256: speed / ksef-client", ratio(theirs_issue, of("issue")), 40),
            ]
    return rows


def pictures(size: dict) -> list[Row]:
    """Both codes drawn."""
    ratios = []
    for _ in range(size["rounds"]):
        ours = work("pictures", size["seconds"])
        ratios.append(peer.per_call(lambda: peer.pictures(*ours["links"]), size["seconds"]) / ours["pictures"])
    return [at_least("two PNG codes with captions: speed / ksef-client", middle(ratios), 50)]


def many(size: dict, folder: Path, invoices: list[Path]) -> list[Row]:
    """From files to a durable queue and a package."""
    one_core, two_cores = [], []
    for turn in range(3):
        for cores, walls in ((1, one_core), (2, two_cores)):
            home = fresh(folder, f"batch-{turn}-{cores}")
            walls.append(work("batch", home, folder / "invoices", cores=cores)["wall"])
    issuer = peer.Issuer("p256")
    begin = time.perf_counter()
    for path in invoices:
        issuer.issue(path.read_bytes())
    peer.package(invoices)
    theirs = time.perf_counter() - begin
    count = f"{size['invoices']:,} invoices".replace(",", " ")
    return [
        at_least(f"{count}, files to package: speed / ksef-client", theirs / middle(two_cores), 30),
        at_least(f"{count}, files to package: speed on two cores / on one", middle(o / t for o, t in zip(one_core, two_cores)), 1.8),
    ]


def packing(size: dict, folder: Path, large: list[Path]) -> list[Row]:
    """Packing and encrypting many bytes."""
    stages = work("stages", folder / "large")
    slowest = max(stages["deflate"], stages["hash_archive"], stages["encrypt"]) / stages["bytes"]
    ours = [work("pack", folder / "large", fresh(folder, f"pack-{turn}")) for turn in range(3)]
    rate = middle(figures["wall"] / figures["bytes"] for figures in ours)
    few, total = [], 0
    for path in large:
        few.append(path)
        total += path.stat().st_size
        if total >= size["peer_bytes"]:
            break
    begin = time.perf_counter()
    packed = peer.package(few)
    theirs = (time.perf_counter() - begin) / packed
    peaks = [figures["peak_above_idle"] for figures in ours]
    peak = max(peaks) / 2**20 if None not in peaks else None
    what = f"pack and encrypt {size['bytes'] / 1e9:.1f} GB"
    return [
        at_least(f"{what}: speed / its slowest stage alone", slowest / rate, 0.7),
        at_least(f"{what}: speed / ksef-client", theirs / rate, 3),
        at_most(f"{what}: peak memory above idle, MiB", peak, 64),
    ]


def offline_day(folder: Path, invoices: list[Path]) -> list[Row]:
    """Issued while KSeF is away, delivered when it is back: the processor's time of the command line alone."""
    home = fresh(folder, "day")
    simulator = subprocess.Popen([machine.CLI, "--json", "simulate"], stdout=subprocess.PIPE, text=True)
    try:
        addresses = json.loads(simulator.stdout.readline())
        control = addresses["api"].rsplit("/v2", 1)[0]
        cli("--home", home, "init", "--context", "Nip:5265877635", "--from-simulator", control)
        cli("--home", home, "certificate", "enroll", "--type", "offline", "--name", "bench", "--out", home / "keys", "--use")
        issued, issuing = cli("--home", home, "issue", "--mode", "offline24", *invoices)
        sent, sending = cli("--home", home, "send", "--timeout", 600)
        if len(issued["issued"]) != len(invoices) or sent["sent"] != len(invoices):
            raise RuntimeError(f"issued {len(issued['issued'])}, sent {sent['sent']} of {len(invoices)}")
    finally:
        simulator.terminate()
        simulator.wait()
    stages = work("stages", folder / "invoices")
    bare = sum(stages[name] for name in ("sign", "deflate", "hash_invoices", "hash_archive", "encrypt"))
    bare *= len(invoices) / stages["invoices"]
    return [at_most("offline day against the simulator: own processor time / bare signing, compressing, hashing, encrypting", (issuing + sending) / bare, 3)]


def growth(size: dict, folder: Path) -> list[Row]:
    """What a queue of any size costs."""
    sizes = work("growth", fresh(folder, "growth"), size["most"])["sizes"]
    first, last = sizes[0], sizes[-1]
    # Logarithmic: at 10^5 at most log(10^5) / log(10^2) = 2.5 times what it is at 10^2.
    steps = len(sizes) - 1
    logarithmic = (2 + steps) / 2
    of = lambda name: last[name] / first[name]  # noqa: E731
    what = f"10^2 to 10^{2 + steps} invoices"
    return [
        at_most(f"growth, {what}: processor time of an invoice, the worst size / the first", max(s["issue"] for s in sizes) / first["issue"], 1.1),
        at_most(f"growth, {what}: time of a list, last / first", of("list"), logarithmic),
        at_most(f"growth, {what}: time of a claim of 100, last / first", of("claim"), logarithmic),
    ]


def start(size: dict, folder: Path) -> list[Row]:
    """How soon one gets an answer, with the queue that `growth` left."""
    found = work("start", size["starts"], folder / "growth", machine.CLI)
    bare = found["true"] + found["open"]
    return [
        at_most("start of --version: time / `true` and opening the database", found["version"] / bare, 3),
        at_most("start of list, full queue: time / `true` and opening the database", found["list"] / bare, 3),
        at_most("import ksef_offline: time / import ksef_client", builds.imports(size["starts"], build=size is FULL), 0.1),
    ]


def fresh(folder: Path, name: str) -> Path:
    """An empty folder. Nothing is removed while measuring: file systems are slow to use again what was just freed."""
    made = folder / name
    made.mkdir()
    return made


def middle(values) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
