"""The vectors of tests/vectors, and what the command line makes of the same input, byte for byte."""

import json
import subprocess
from datetime import date

import pytest
from conftest import EXAMPLES, KEYS, REPOSITORY, program

import ksef_offline

VECTORS = REPOSITORY / "tests" / "vectors"
LINKS = json.loads((VECTORS / "links.json").read_text(encoding="utf-8"))
DEADLINES = json.loads((VECTORS / "deadlines.json").read_text(encoding="utf-8"))["cases"]


def messages(outages):
    """Outages as Latarnia announces them: a failure in two messages, a maintenance in one."""
    for event, outage in enumerate(outages, start=1):
        common = {"eventId": event, "category": outage["category"], "start": outage["start"]}
        if outage["category"] == "MAINTENANCE":
            yield {**common, "id": f"N{event}", "type": "MAINTENANCE_ANNOUNCEMENT", "end": outage.get("end")}
            continue
        yield {**common, "id": f"S{event}", "type": "FAILURE_START"}
        if outage.get("end"):
            yield {**common, "id": f"E{event}", "type": "FAILURE_END", "end": outage["end"]}


# The library counts from the real clock, so cases with a clock of their own stay with the unit tests.
@pytest.mark.parametrize("case", [c for c in DEADLINES if "now" not in c], ids=lambda case: case["name"])
def test_every_deadline_vector_holds(case):
    outages = json.dumps(list(messages(case.get("outages", []))))
    answer = ksef_offline.deadline(
        case["mode"], date.fromisoformat(case["issued"]), outages_json=outages, policy=case.get("policy")
    )
    due = answer.due and answer.due.isoformat()
    assert (answer.state, due) == (case["state"], case["due"]), case["why"]


@pytest.mark.parametrize("vector", LINKS["refused"], ids=lambda vector: vector["why"])
def test_every_link_that_must_be_refused_is(vector):
    found = ksef_offline.verify_code(vector["url"])
    assert {check.name for check in found.checks if not check.passed} - {"signature"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_json_is_that_of_the_command_line_byte_for_byte(example, tmp_path):
    out = tmp_path / "invoice.json"
    subprocess.run([program(), "--json", "convert", str(example), "--out", str(out)], check=True, capture_output=True)
    text = ksef_offline.invoice_to_json(example.read_bytes())
    assert out.read_text(encoding="utf-8").rstrip("\n") == text.rstrip("\n")
    back = tmp_path / "invoice.xml"
    subprocess.run([program(), "--json", "convert", str(out), "--out", str(back)], check=True, capture_output=True)
    assert back.read_bytes() == ksef_offline.invoice_from_json(text, "test")


def test_the_schema_is_the_published_one():
    published = json.loads((REPOSITORY / "docs" / "invoice.schema.json").read_text(encoding="utf-8"))
    assert json.loads(ksef_offline.invoice_schema()) == published


@pytest.mark.parametrize(
    ("certificate", "key", "password"),
    [
        ("p256-offline.crt", "p256-pkcs8.pem", None),
        ("p256-offline.crt", "p256-sec1.pem", None),
        ("p256-offline.crt", "p256-pkcs8.der", None),
        ("rsa-offline.crt", "rsa-pkcs1.pem", None),
    ],
)
def test_every_form_of_a_key_signs(certificate, key, password):
    issuer = (KEYS / certificate).read_bytes()
    signer = ksef_offline.Signer.from_files(issuer, (KEYS / key).read_bytes(), password=password)
    invoice = EXAMPLES[0].read_bytes()
    link = ksef_offline.code_two("test", invoice, signer).link
    assert ksef_offline.verify_code(link, invoice=invoice, certificate=issuer).valid


def test_pictures_pages_and_links_are_those_of_the_command_line_byte_for_byte(desk, home, tmp_path):
    report = desk.issue(EXAMPLES[:3], mode="offline24")
    assert report.failed == []
    for invoice in report.issued:
        out = tmp_path / invoice.id
        run = [program(), "--home", str(home), "--json"]
        told = subprocess.run([*run, "qr", invoice.id, "--out", str(out)], check=True, capture_output=True)
        assert json.loads(told.stdout)["code_two"] == invoice.code_two
        written = desk.write_codes(invoice.id, tmp_path / "python", "png")
        for path in written.files:
            assert path.read_bytes() == (out / path.name).read_bytes()
        codes = desk.codes(invoice.id)
        assert (codes.one.link, codes.two.link) == (invoice.code_one, invoice.code_two)
        assert ksef_offline.code_picture(codes.one, "png") == written.files[0].read_bytes()
        for name, language in (("page.pdf", "pl"), ("page.html", "pl")):
            page = out / name
            subprocess.run([*run, "--lang", language, "preview", invoice.id, "--out", str(page)], check=True, capture_output=True)
            assert desk.preview(invoice.id, page.suffix[1:], language=language) == page.read_bytes()
