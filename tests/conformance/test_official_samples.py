"""The Ministry's example invoices go through issue, send and receipt, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.command import Desk
from harness.invoices import Facts, sha256_base64
from harness.receipts import assert_receipt
from harness.reference import complaints, invoice_schema, official_invoices
from harness.simulator import Simulator

SAMPLES = official_invoices()
pytestmark = pytest.mark.skipif(not SAMPLES, reason="the Ministry's example files (KSEF_DATA/fa3-samples) are absent")


def rounds() -> list[list[Path]]:
    """The samples in groups without a number twice: some share one, and KSeF takes a number once."""
    groups: list[dict[tuple, Path]] = []
    for sample in SAMPLES:
        facts = Facts.of(sample.read_bytes())
        key = (facts.seller, facts.kind, facts.number)
        group = next((group for group in groups if key not in group), None)
        if group is None:
            groups.append(group := {})
        group[key] = sample
    return [list(group.values()) for group in groups]


@pytest.mark.parametrize("samples", rounds(), ids=lambda samples: f"{samples[0].stem} and {len(samples) - 1} more")
def test_official_samples_are_issued_sent_and_receipted(samples, tmp_path):
    with Simulator(tmp_path / "simulator") as simulator:
        desk = Desk(tmp_path / "home", tmp_path)
        desk.login(simulator)
        desk.enroll()
        for seller in {Facts.of(sample.read_bytes()).seller for sample in samples}:
            simulator.allow_seller(seller)
            simulator.allow_attachments(seller)
            desk.allow_seller(seller)
        issued = desk.run("issue", *samples, "--mode", "offline24").document
        assert issued["failed"] == []
        assert desk.run("send").document["sent"] == len(samples)
        archived = {invoice["invoice_hash"]: invoice for invoice in desk.archive()}
        assert set(archived) == {sha256_base64(sample.read_bytes()) for sample in samples}
        for invoice in archived.values():
            assert complaints(invoice_schema(), Path(invoice["file"]).read_bytes()) == []
            upo = tmp_path / f"{invoice['id']}.xml"
            assert desk.run("receipt", invoice["id"], "--out", upo).document["verified"] is True
            assert_receipt(upo.read_bytes(), invoice["invoice_hash"], invoice["ksef_number"])
