"""What the command line says to KSeF and what the simulator answers, overheard between the two and held against the
published API contract; and what went over the wire encrypted, decrypted by OpenSSL."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from harness.command import SELLER, Desk
from harness.contract import Contract
from harness.invoices import example, sha256_base64, today, variant, variants
from harness.receipts import enveloped_signer
from harness.recorder import Eavesdropper, Exchange, Recorder
from harness.reference import complaints, invoice_schema, login_schema, without_signature
from harness.shapes import LATARNIA
from harness.simulator import Simulator

# What HTTP itself adds to a request for storage.
TRANSPORT_HEADERS = {"host", "content-length"}


@dataclass
class Day:
    """A recorded day: everything the commands of the first release ask of KSeF."""

    simulator: Simulator
    recorder: Recorder
    issued: list[dict]
    sent: list[dict] = field(default_factory=list)

    @property
    def base(self) -> str:
        return urlsplit(self.simulator.api).path

    @property
    def api(self) -> list[Exchange]:
        """The exchanges with the API: not with Latarnia, not with storage."""
        storage = self.storage_paths
        return [e for e in self.recorder.exchanges if e.path.startswith(self.base + "/") and e.path not in storage]

    def is_storage(self, exchange: Exchange) -> bool:
        return exchange.path in self.storage_paths

    @property
    def storage_paths(self) -> set[str]:
        """The paths that answers of the API named as addresses for uploads and receipts."""
        named = set()
        for exchange in self.recorder.exchanges:
            if exchange.status == 201 and exchange.path.endswith("/sessions/batch"):
                named |= {urlsplit(part["url"]).path for part in exchange.answer()["partUploadRequests"]}
            if exchange.status == 200 and "/sessions/" in exchange.path and b"downloadUrl" in exchange.answer_body:
                named |= {urlsplit(p["downloadUrl"]).path for p in (exchange.answer().get("upo") or {}).get("pages", [])}
            if exchange.status == 200 and "/sessions/" in exchange.path and b"upoDownloadUrl" in exchange.answer_body:
                answer = exchange.answer()
                invoices = answer.get("invoices", [answer])
                named |= {urlsplit(i["upoDownloadUrl"]).path for i in invoices if i.get("upoDownloadUrl")}
        return named

    def batches(self) -> list[tuple[Exchange, list[Exchange]]]:
        """Each opened batch session with the uploads of its parts."""
        found = []
        for opened in self.recorder.matching("POST", "/sessions/batch"):
            if opened.status != 201:
                continue
            paths = [urlsplit(part["url"]).path for part in opened.answer()["partUploadRequests"]]
            found.append((opened, [e for path in paths for e in self.recorder.exchanges if e.path == path]))
        return found


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("recorded")
    with Simulator(folder / "simulator") as simulator, Recorder(simulator.api, Eavesdropper()) as recorder:
        simulator.allow_attachments(SELLER)
        desk = Desk(folder / "home", folder)
        desk.login(simulator)
        desk.config.write_text(recorder.rewritten(desk.config.read_text()))
        desk.run("check")
        for kind in ("rsa", "p256"):
            desk.enroll(kind)
        listed = desk.run("certificate", "list").document["certificates"]
        offline = desk.run("issue", *variants(folder / "offline"), "--mode", "offline24").document["issued"]
        online = desk.run(
            "issue", variant(example("01-"), folder, issued=today()), variant(example("02-"), folder, issued=today())
        ).document["issued"]
        taken = offline[1]
        simulator.take_number(taken["seller_nip"], taken["kind"], taken["number"])
        rejected = offline[2]
        simulator.reject(number=rejected["number"], code=450, details=["linia 3"])
        day = Day(simulator, recorder, offline + online)
        sent = desk.run("send", expect=3).document
        day.sent = sent["invoices"]
        for session in sent["sessions"]:
            desk.run("session", session["reference_number"])
        desk.run("refresh")
        accepted = desk.archive()[0]
        desk.run("receipt", accepted["id"], "--out", folder / "upo.xml")
        desk.run("certificate", "revoke", listed[0]["serial_number"])
        by_token = Desk(folder / "token-home", folder, {"KSEF_TOKEN": simulator.issue_token()})
        by_token.login(simulator)
        by_token.log_in_by_token()
        by_token.config.write_text(recorder.rewritten(by_token.config.read_text()))
        by_token.run("issue", variant(example("01-"), folder, issued=today()), "--mode", "online")
        by_token.run("send")
        yield day


def test_every_request_of_ours_follows_the_contract(day):
    contract = Contract()
    assert len(day.api) > 30
    assert [line for e in day.api for line in contract.request_complaints(e, day.base)] == []


def test_every_answer_of_the_simulator_follows_the_contract(day):
    contract = Contract()
    assert [line for e in day.api for line in contract.answer_complaints(e, day.base)] == []


def test_the_recorded_day_covers_what_the_first_release_needs(day):
    contract = Contract()
    seen = {f"{e.method} {found.name}" for e in day.api if (found := contract.operation(e.method, e.path.removeprefix(day.base)))}
    wanted = {
        "POST /auth/challenge",
        "POST /auth/xades-signature",
        "POST /auth/ksef-token",
        "GET /auth/{referenceNumber}",
        "POST /auth/token/redeem",
        "GET /security/public-key-certificates",
        "GET /certificates/enrollments/data",
        "POST /certificates/enrollments",
        "GET /certificates/enrollments/{referenceNumber}",
        "POST /certificates/retrieve",
        "POST /certificates/query",
        "POST /certificates/{certificateSerialNumber}/revoke",
        "POST /sessions/batch",
        "POST /sessions/batch/{referenceNumber}/close",
        "GET /sessions/{referenceNumber}",
        "GET /sessions/{referenceNumber}/invoices",
    }
    assert wanted - seen == set()


def test_requests_outside_the_contract_go_to_latarnia_and_named_storage_only(day):
    latarnia = urlsplit(day.simulator.latarnia).path
    strays = [
        str(e)
        for e in day.recorder.exchanges
        if not e.path.startswith(day.base + "/") and not e.path.startswith(latarnia) and not day.is_storage(e)
    ]
    assert strays == []


def test_latarnia_answers_in_its_published_shape(day):
    exchanges = [e for e in day.recorder.exchanges if e.path.startswith(urlsplit(day.simulator.latarnia).path)]
    for exchange in exchanges:
        assert exchange.status == 200 and exchange.header("authorization") is None
        answer = exchange.answer()
        if exchange.path.endswith("/status"):
            assert answer["status"] in LATARNIA[:4]
            assert ("messages" in answer) == (answer["status"] != "AVAILABLE")


def test_every_login_document_follows_its_schema_and_carries_a_good_signature(day):
    documents = [e.request_body for e in day.recorder.matching("POST", "/auth/xades-signature")]
    assert documents
    for document in documents:
        assert complaints(login_schema(), without_signature(document)) == []
        assert SELLER in enveloped_signer(document).subject.rfc4514_string()


def test_every_login_signature_has_the_properties_that_ksef_insists_on(day):
    names = {"ds": "http://www.w3.org/2000/09/xmldsig#", "x": "http://uri.etsi.org/01903/v1.3.2#"}
    for exchange in day.recorder.matching("POST", "/auth/xades-signature"):
        root = etree.fromstring(exchange.request_body)
        assert root.xpath("count(.//ds:Reference[@Type='http://uri.etsi.org/01903#SignedProperties'])", namespaces=names) == 1
        assert root.xpath("count(.//x:SigningTime)", namespaces=names) == 1
        assert root.xpath("count(.//x:SigningCertificate | .//x:SigningCertificateV2)", namespaces=names) == 1


def test_parts_are_uploaded_with_exactly_the_given_headers_and_no_token(day):
    for opened, uploads in day.batches():
        requests = opened.answer()["partUploadRequests"]
        assert len(requests) == len(uploads)
        for wanted, upload in zip(requests, uploads, strict=True):
            assert upload.method == wanted["method"]
            assert upload.status in (200, 201)
            given = {key.lower(): value for key, value in upload.request_headers}
            asked = {key.lower(): value for key, value in wanted["headers"].items()}
            assert {key: given.get(key) for key in asked} == asked
            # `Accept: */*` says what its absence says; the HTTP library puts it in every request.
            assert set(given) - set(asked) - TRANSPORT_HEADERS - {"accept"} == set()
            assert given.get("accept", "*/*") == "*/*"
            assert given["content-length"] == str(len(upload.request_body))


def test_receipts_are_fetched_from_storage_without_a_token(day):
    for exchange in day.recorder.exchanges:
        if exchange.method == "GET" and day.is_storage(exchange):
            assert exchange.header("authorization") is None


def test_declared_sizes_and_hashes_are_those_of_what_was_uploaded(day):
    assert day.batches()
    for opened, uploads in day.batches():
        declared = opened.json()["batchFile"]
        secret = day.recorder.eavesdropper.secrets[opened.answer()["referenceNumber"]]
        assert len(secret.key) == 32 and len(secret.vector) == 16
        plain = []
        for part, upload in zip(declared["fileParts"], uploads, strict=True):
            assert part["fileSize"] == len(upload.request_body)
            assert part["fileHash"] == sha256_base64(upload.request_body)
            plain.append(secret.decrypt(upload.request_body))
        archive = b"".join(plain)
        assert declared["fileSize"] == len(archive)
        assert declared["fileHash"] == sha256_base64(archive)
        assert [part["ordinalNumber"] for part in declared["fileParts"]] == list(range(1, len(uploads) + 1))


def test_the_packages_hold_every_issued_file_byte_for_byte_and_nothing_else(day):
    packed = {}
    for opened, uploads in day.batches():
        secret = day.recorder.eavesdropper.secrets[opened.answer()["referenceNumber"]]
        archive = b"".join(secret.decrypt(upload.request_body) for upload in uploads)
        for name, content in unpacked(archive, opened.json()["batchFile"].get("compressionType", "Zip")).items():
            assert "/" not in name and len(name) <= 128
            assert complaints(invoice_schema(), content) == []
            packed[sha256_base64(content)] = bool(opened.json().get("offlineMode"))
    issued = {invoice["invoice_hash"]: invoice["mode"] != "online" for invoice in day.issued}
    assert {key: packed.get(key) for key in issued} == issued


def unpacked(archive: bytes, compression: str) -> dict[str, bytes]:
    """Name and content of each file, by the standard library."""
    if compression == "Zip":
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            assert opened.testzip() is None
            return {name: opened.read(name) for name in opened.namelist()}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        return {member.name: opened.extractfile(member).read() for member in opened}


def test_every_session_has_a_key_and_a_vector_of_its_own(day):
    secrets = day.recorder.eavesdropper.secrets.values()
    assert len({secret.key for secret in secrets}) == len({secret.vector for secret in secrets}) == len(secrets) >= 2


def test_what_ksef_said_of_each_invoice_is_what_the_command_line_says(day):
    said = {}
    for exchange in day.recorder.exchanges:
        if exchange.method == "GET" and exchange.path.endswith("/invoices") and exchange.status == 200:
            said |= {i["invoiceHash"]: i for i in exchange.answer()["invoices"]}
    told = {invoice["invoice_hash"]: invoice for invoice in day.sent}
    assert set(told) <= set(said)
    for key, invoice in told.items():
        code = said[key]["status"]["code"]
        assert invoice["status"] == ("sent" if code == 200 else "error")
        assert invoice["ksef_number"] == said[key].get("ksefNumber")
        assert (invoice["error"] or {"code": 200})["code"] == code
    assert sorted({i["error"]["code"] for i in day.sent if i["error"]}) == [440, 450]


def test_each_login_redeems_its_token_once(day):
    redeemed = sorted(e.header("authorization") for e in day.recorder.matching("POST", "/auth/token/redeem"))
    assert [len(list(group)) for _, group in groupby(redeemed)] == [1] * len(set(redeemed))


def test_pages_are_asked_for_at_their_largest(day):
    for exchange in day.recorder.exchanges:
        if exchange.method == "GET" and exchange.path.endswith("/invoices") and exchange.path.startswith(day.base):
            assert "pageSize=1000" in exchange.query


def test_stored_documents_are_what_was_issued(day):
    for invoice in day.issued:
        assert sha256_base64(Path(invoice["file"]).read_bytes()) == invoice["invoice_hash"]


def test_a_withdrawn_public_key_is_fetched_anew_and_the_batch_arrives(simulator, desk, tmp_path):
    desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    with Recorder(simulator.api) as recorder:
        desk.config.write_text(recorder.rewritten(desk.config.read_text()))
        stale = simulator.public_keys()

        def before_the_rotation(path: str, body: bytes) -> bytes:
            return body if recorder.matching("POST", "/sessions/batch") or not path.endswith("/public-key-certificates") else stale

        recorder.replace_answer = before_the_rotation
        simulator.rotate_keys()
        assert desk.run("send").document["sent"] == 1
        opened = recorder.matching("POST", "/sessions/batch")
        assert "21470" in opened[0].answer_body.decode()
        assert [exchange.status for exchange in opened] == [400, 201]
        assert opened[0].json()["encryption"] != opened[1].json()["encryption"]


def test_a_rate_limit_is_answered_as_documented_and_obeyed(simulator, desk, tmp_path):
    desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    with Recorder(simulator.api) as recorder:
        desk.config.write_text(recorder.rewritten(desk.config.read_text()))
        simulator.limit_rates(per_second=1, per_minute=60, per_hour=600)
        assert desk.run("send").document["sent"] == 1
        contract, base = Contract(), urlsplit(simulator.api).path
        limited = [e for e in recorder.exchanges if e.status == 429]
        assert [line for e in limited for line in contract.answer_complaints(e, base)] == []


def test_the_judge_itself_notices_what_is_wrong():
    contract = Contract()
    good = {
        "challenge": "20261122-CR-226FB7B000-3ACF9BE4C0-10",
        "timestamp": "2026-11-22T10:00:00.1234567+00:00",
        "timestampMs": 1,
        "clientIp": "127.0.0.1",
    }
    for change, part in (
        ({}, None),
        ({"challenge": "short"}, "challenge"),
        ({"timestamp": "2026-11-22 10:00"}, "timestamp"),
        ({"timestampMs": "1"}, "timestampMs"),
        ({"extra": 1}, "extra"),
    ):
        body = json.dumps({**good, **change}).encode()
        exchange = Exchange("POST", "/v2/auth/challenge", "", (), b"", 200, (("Content-Type", "application/json"),), body)
        found = contract.complaints(exchange, "/v2")
        assert [part in line for line in found] == ([True] if part else []), found
    strange = Exchange("GET", "/v2/sessions", "colour=red", (), b"{}", 418, (), b"")
    assert {line.split(": ", 1)[1] for line in contract.complaints(strange, "/v2")} == {
        "no bearer token",
        "query parameter colour is not in the contract",
        "query parameter sessiontype is missing",
        "a body where none is asked for",
        "status 418 is not in the contract",
    }
