"""What KSeF takes for a login document is more than what this library makes: the simulator takes it from other programs too."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from cryptography import x509

from harness.command import SELLER
from harness.xades import FORMS, Identity, foreign

REQUEST = """<AuthTokenRequest xmlns="http://ksef.mf.gov.pl/auth/token/2.1">
  <Challenge>{challenge}</Challenge>
  <ContextIdentifier><Nip>{nip}</Nip></ContextIdentifier>
  <SubjectIdentifierType>certificateSubject</SubjectIdentifierType>
</AuthTokenRequest>"""


@pytest.fixture(scope="module")
def identity(shared_simulator, tmp_path_factory) -> Identity:
    pair = shared_simulator.issue_certificate()
    folder = tmp_path_factory.mktemp("identity")
    certificate, key = folder / "login.pem", folder / "login.key"
    certificate.write_text(pair["certificate"])
    key.write_text(pair["key"])
    return Identity("p256", x509.load_pem_x509_certificate(certificate.read_bytes()), certificate, key)


def document(simulator, nip: str = SELLER) -> bytes:
    challenge = post(simulator, "/auth/challenge")[1]["challenge"]
    return REQUEST.format(challenge=challenge, nip=nip).encode()


def post(simulator, path: str, body: bytes = b"") -> tuple[int, dict]:
    request = urllib.request.Request(simulator.api + path, data=body, method="POST", headers={"Content-Type": "application/xml"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("version", ["", "V2"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packaging", ["enveloped", "enveloping", "enveloping-xml"])
def test_a_login_document_of_another_program_is_taken(shared_simulator, identity, packaging, form, version):
    signed = foreign(identity, packaging, document(shared_simulator), form=form, version=version)
    status, answer = post(shared_simulator, "/auth/xades-signature", signed)
    assert status == 202, answer


def test_a_login_document_that_was_signed_for_somebody_else_or_changed_is_not(shared_simulator, identity):
    for packaging in ("enveloped", "enveloping-xml"):
        signed = foreign(identity, packaging, document(shared_simulator)).replace(SELLER.encode(), b"1111111111")
        status, answer = post(shared_simulator, "/auth/xades-signature", signed)
        assert status == 400 and "9105" in json.dumps(answer), answer


def test_a_detached_signature_logs_nobody_in(shared_simulator, identity, tmp_path):
    content = document(shared_simulator)
    (tmp_path / "invoice.xml").write_bytes(content)
    status, answer = post(shared_simulator, "/auth/xades-signature", foreign(identity, "detached", content, folder=tmp_path))
    assert status == 400, answer
