"""Another project's client, `ksef-client`, works against our simulator: one that only our own client could talk to would
prove nothing. Its traffic also passes the contract."""

from __future__ import annotations

import base64
import io
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from ksef_client import KsefClient, KsefClientOptions
from ksef_client.models import FormCode
from ksef_client.services.workflows import AuthCoordinator, BatchSessionWorkflow, OnlineSessionWorkflow

from harness.command import SELLER
from harness.contract import Contract
from harness.invoices import example, sha256_base64, variant
from harness.receipts import assert_receipt
from harness.recorder import Recorder

FA3 = FormCode(system_code="FA (3)", schema_version="1-0E", value="FA")
PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def loopback_uploads_allowed(monkeypatch):
    """That client refuses upload addresses on loopback, rightly so outside a test."""
    monkeypatch.setattr("ksef_client.http._validate_presigned_url_security", lambda _options, _url: None)


@pytest.fixture
def recorder(shared_simulator) -> Iterator[Recorder]:
    """The way to the simulator; afterwards everything it answered is held against the contract."""
    with Recorder(shared_simulator.api) as running:
        yield running
        contract, base = Contract(), urlsplit(shared_simulator.api).path
        assert [line for e in running.exchanges for line in contract.answer_complaints(e, base)] == []


@pytest.fixture
def client(shared_simulator, recorder) -> Iterator[KsefClient]:
    options = KsefClientOptions(
        base_url=recorder.rewritten(shared_simulator.api),
        base_qr_url=f"https://{shared_simulator.qr_host}",
        base_lighthouse_url=recorder.rewritten(shared_simulator.latarnia),
    )
    with KsefClient(options) as running:
        yield running


def login(client: KsefClient, simulator) -> str:
    """An access token, by XAdES."""
    pair = simulator.issue_certificate()
    return (
        AuthCoordinator(client.auth)
        .authenticate_with_xades(
            context_identifier_type="nip",
            context_identifier_value=SELLER,
            subject_identifier_type="certificateSubject",
            certificate_pem=pair["certificate"],
            private_key_pem=pair["key"],
            poll_interval_seconds=0.05,
        )
        .access_token
    )


def settled(status, *final: int):
    """Polls until the session is done."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (answer := status()).status.code not in final:
        assert time.monotonic() < end, answer
        assert answer.status.code < 200, answer
        time.sleep(0.05)
    return answer


def packed(documents: list[Path], compression: str) -> bytes:
    """An archive by the standard library."""
    buffer = io.BytesIO()
    if compression == "Zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for document in documents:
                archive.write(document, document.name)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for document in documents:
                archive.add(document, document.name)
    return buffer.getvalue()


@pytest.mark.parametrize("key", ["p256", "rsa"])
def test_it_logs_in_by_xades(client, shared_simulator, key):
    pair = shared_simulator.issue_certificate(key=key)
    result = AuthCoordinator(client.auth).authenticate_with_xades(
        context_identifier_type="nip",
        context_identifier_value=SELLER,
        subject_identifier_type="certificateSubject",
        certificate_pem=pair["certificate"],
        private_key_pem=pair["key"],
        poll_interval_seconds=0.05,
    )
    assert result.access_token and result.refresh_token
    assert client.auth.refresh_access_token(result.refresh_token).access_token.token


def test_it_logs_in_by_token(client, shared_simulator):
    certificate = client.security.get_public_key_certificate("KsefTokenEncryption")
    result = AuthCoordinator(client.auth).authenticate_with_ksef_token(
        token=shared_simulator.issue_token(),
        public_certificate=certificate.certificate,
        public_key_id=certificate.public_key_id,
        context_identifier_type="nip",
        context_identifier_value=SELLER,
        poll_interval_seconds=0.05,
    )
    assert result.access_token


@pytest.mark.parametrize("compression", ["Zip", "TarGz"])
def test_it_sends_a_batch_and_reads_statuses_and_receipts(client, shared_simulator, compression, tmp_path):
    token = login(client, shared_simulator)
    documents = [variant(example(part), tmp_path) for part in ("01-", "02-", "11-")]
    certificate = client.security.get_public_key_certificate("SymmetricKeyEncryption")
    reference = BatchSessionWorkflow(client.sessions, client.http_client).open_upload_and_close(
        form_code=FA3,
        archive_bytes=packed(documents, compression),
        compression_type=compression,
        public_certificate=certificate.certificate,
        public_key_id=certificate.public_key_id,
        access_token=token,
        offline_mode=True,
        parallelism=2,
    )
    session = settled(lambda: client.sessions.get_session_status(reference, access_token=token), 200)
    assert (session.invoice_count, session.successful_invoice_count, session.failed_invoice_count or 0) == (3, 3, 0)
    listed = client.sessions.get_session_invoices(reference, page_size=10, access_token=token).invoices
    wanted = {sha256_base64(document.read_bytes()): document.name for document in documents}
    assert {invoice.invoice_hash: invoice.invoice_file_name for invoice in listed} == wanted
    assert {invoice.status.code for invoice in listed} == {200}
    for page in session.upo.pages:
        upo = client.sessions.get_session_upo(reference, page.reference_number, access_token=token)
        for invoice in listed:
            assert_receipt(upo, invoice.invoice_hash, invoice.ksef_number)
    upo = client.sessions.get_session_invoice_upo_by_ksef(reference, listed[0].ksef_number, access_token=token)
    assert_receipt(upo, listed[0].invoice_hash, listed[0].ksef_number)
    content = client.invoices.get_invoice_bytes(listed[0].ksef_number, access_token=token).content
    assert sha256_base64(content) == listed[0].invoice_hash


def test_it_sends_an_interactive_invoice_and_reads_its_receipt(client, shared_simulator, tmp_path):
    token = login(client, shared_simulator)
    document = variant(example("03-"), tmp_path).read_bytes()
    certificate = client.security.get_public_key_certificate("SymmetricKeyEncryption")
    session = OnlineSessionWorkflow(client.sessions).open_session(
        form_code=FA3,
        public_certificate=certificate.certificate,
        public_key_id=certificate.public_key_id,
        access_token=token,
    )
    sent = session.send_invoice(document)
    invoice = settled(lambda: session.get_invoice_status(sent.reference_number), 200)
    assert invoice.invoice_hash == sha256_base64(document)
    assert_receipt(session.get_invoice_upo_by_ref(sent.reference_number), invoice.invoice_hash, invoice.ksef_number)
    session.close()
    assert settled(session.get_status, 200).successful_invoice_count == 1


def test_it_reads_a_rejection(client, shared_simulator, tmp_path):
    token = login(client, shared_simulator)
    document = variant(example("01-"), tmp_path, seller="9999999999").read_bytes()
    certificate = client.security.get_public_key_certificate("SymmetricKeyEncryption")
    session = OnlineSessionWorkflow(client.sessions).open_session(
        form_code=FA3,
        public_certificate=certificate.certificate,
        public_key_id=certificate.public_key_id,
        access_token=token,
    )
    sent = session.send_invoice(document)
    invoice = settled(lambda: session.get_invoice_status(sent.reference_number), 410)
    assert invoice.ksef_number is None
    session.close()


def test_it_reads_latarnia(client):
    assert client.lighthouse.get_status().status.value == "AVAILABLE"
    assert isinstance(client.lighthouse.get_messages(), list)


def test_public_key_certificates_are_real_certificates(client):
    for certificate in client.security.get_public_key_certificates():
        parsed = x509.load_der_x509_certificate(base64.b64decode(certificate.certificate))
        assert parsed.public_key().key_size >= 2048
