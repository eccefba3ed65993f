"""Everything that needs no desk: verdicts, JSON, codes, pictures, signatures, deadlines."""

import datetime
import json
from datetime import date
from decimal import Decimal
from importlib.metadata import version as installed_version
from pathlib import Path

import pytest
from conftest import EXAMPLES, KEYS, fresh
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

import ksef_offline
from ksef_offline import KsefOfflineError

CERTIFICATE = (KEYS / "p256-offline.crt").read_bytes()


def refused(call, *args, **kwargs) -> KsefOfflineError:
    with pytest.raises(KsefOfflineError) as error:
        call(*args, **kwargs)
    return error.value


def test_the_package_knows_its_version():
    assert ksef_offline.version() == ksef_offline.__version__ == installed_version("ksef-offline")


def test_a_verdict_says_what_is_wrong_and_where():
    good = fresh()
    assert ksef_offline.validate(good, "production").errors == []
    verdict = ksef_offline.validate(good.replace(b"<KodWaluty>PLN", b"<KodWaluty>ZZZ"), "test")
    assert not verdict.valid
    (fault,) = verdict.errors
    assert fault.path.endswith("/KodWaluty") and fault.line > 1
    assert fault.code and fault.text.polish and fault.text.english
    assert repr(fault).startswith("Fault(path=")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_json_there_and_back_says_the_same(example):
    document = example.read_bytes()
    text = ksef_offline.invoice_to_json(document)
    again = ksef_offline.invoice_from_json(text, "test")
    assert json.loads(ksef_offline.invoice_to_json(again)) == json.loads(text)
    before, after = ksef_offline.read_invoice(document), ksef_offline.read_invoice(again)
    assert (before.number, before.gross, before.issue_date) == (after.number, after.gross, after.issue_date)


def test_a_summary_has_the_types_a_python_user_expects():
    summary = ksef_offline.read_invoice(bytearray(fresh()))
    assert isinstance(summary.gross, Decimal)
    assert type(summary.issue_date) is date
    assert summary.seller_nip == "5265877635"
    assert summary.number not in repr(summary), "what stands in an invoice is not shown"


def test_json_that_is_no_invoice_is_refused_with_every_fault_of_the_document():
    assert refused(ksef_offline.invoice_from_json, "{", "test").code == "json-not-an-invoice"
    invoice = json.loads(ksef_offline.invoice_to_json(fresh()))
    invoice["body"]["issue_date"] = "2999-01-01"
    error = refused(ksef_offline.invoice_from_json, json.dumps(invoice), "test")
    assert error.code == "invoice-illegal"
    assert [fault.path for fault in error.details] == ["/body/issue_date (/Faktura/Fa/P_1)"]
    assert not error.retryable and error.retry_after_seconds is None
    assert error.english in str(error) and error.polish


def test_codes_have_links_captions_and_pictures(offline_signer):
    invoice = fresh()
    one = ksef_offline.code_one("test", invoice)
    two = ksef_offline.code_two("test", invoice, offline_signer)
    assert one.caption == "OFFLINE" and two.caption == "CERTYFIKAT"
    assert one.link not in repr(one)
    assert ksef_offline.verify_code(one.link, invoice=invoice).valid
    found = ksef_offline.verify_code(two.link, invoice=invoice, certificate=CERTIFICATE, trust=[CERTIFICATE])
    assert (found.valid, found.kind, found.trusted) == (True, "code-2", True)
    assert not ksef_offline.verify_code(two.link, invoice=fresh(), certificate=CERTIFICATE).valid
    assert ksef_offline.code_picture(one, "png").startswith(b"\x89PNG") and one._repr_png_().startswith(b"\x89PNG")
    assert b"<svg" in ksef_offline.code_picture(two, "svg", scale=4) and "<svg" in two._repr_svg_()
    assert refused(ksef_offline.code_picture, one, "png", scale=65).code == "code-scale"
    assert refused(ksef_offline.code_picture, one, "gif").code == "value-unknown"


def test_code_one_names_seller_day_and_hash():
    # SHA-256 of "abc" from FIPS 180-2, as Base64URL.
    assert ksef_offline.code_one_link("test", "1111111111", date(2026, 2, 1), memoryview(b"abc")) == (
        "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/"
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
    )


def test_arguments_of_the_wrong_kind_are_refused():
    day = datetime.datetime(2026, 2, 1, 12)
    assert refused(ksef_offline.code_one_link, "test", "1111111111", day, b"").code == "date-malformed"
    assert refused(ksef_offline.code_one, "Test", b"").code == "value-unknown"
    for wrong in ["2026-02-01", 5, None]:
        with pytest.raises(TypeError):
            ksef_offline.is_business_day(wrong)
    for wrong in ["<Faktura/>", 7, None]:
        with pytest.raises(TypeError):
            ksef_offline.read_invoice(wrong)
    with pytest.raises(TypeError):
        ksef_offline.preview_invoice(fresh(), "codes", "html", "pl")


class Elsewhere:
    """A key of another library's."""

    def __init__(self) -> None:
        self._key = load_pem_private_key((KEYS / "p256-pkcs8.pem").read_bytes(), None)

    def sign(self, algorithm: str, data: bytes) -> bytes:
        assert algorithm == "ecdsa-sha256"
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class Raising:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def sign(self, algorithm: str, data: bytes) -> bytes:
        raise self.error


class Answering:
    def __init__(self, answer: object) -> None:
        self.answer = answer

    def sign(self, algorithm: str, data: bytes) -> bytes:
        return self.answer


def test_a_key_in_python_signs_as_an_own_one_does(offline_signer):
    invoice = fresh()
    foreign = ksef_offline.Signer.foreign(CERTIFICATE, Elsewhere())
    assert foreign.certificate() == offline_signer.certificate() == ksef_offline.read_certificate(CERTIFICATE)
    assert foreign.certificate().valid_to.tzinfo is datetime.timezone.utc
    for signer in (foreign, offline_signer):
        for packaging in ("detached", "enveloping"):
            signature = ksef_offline.sign_invoice(invoice, signer, packaging, "invoice.xml")
            assert ksef_offline.verify_signature(signature, invoice=invoice).valid
        assert not ksef_offline.verify_signature(signature, invoice=fresh()).valid
        link = ksef_offline.code_two("demo", invoice, signer, context="Nip:1111111111").link
        assert ksef_offline.verify_code(link, invoice=invoice, certificate=CERTIFICATE).valid


def test_what_a_key_in_python_raises_is_the_cause():
    error = refused(ksef_offline.code_two, "test", fresh(), ksef_offline.Signer.foreign(CERTIFICATE, Raising(OSError("card"))))
    assert error.code == "signer-failed" and error.retryable
    assert "OSError: card" in error.english and isinstance(error.__cause__, OSError)


def test_ctrl_c_while_a_key_in_python_is_asked_is_ctrl_c():
    signer = ksef_offline.Signer.foreign(CERTIFICATE, Raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        ksef_offline.sign_invoice(fresh(), signer, "detached", "a.xml")


@pytest.mark.parametrize(
    ("answer", "code"), [(bytes(64), "signer-signature-does-not-verify"), ("text", "signer-failed"), (None, "signer-failed")]
)
def test_a_key_in_python_that_answers_nonsense_signs_nothing(answer, code):
    signer = ksef_offline.Signer.foreign(CERTIFICATE, Answering(answer))
    assert refused(ksef_offline.code_two, "test", fresh(), signer).code == code


def test_a_key_is_something_that_signs():
    with pytest.raises(TypeError):
        ksef_offline.Signer.foreign(CERTIFICATE, lambda data: data)


def test_two_steps_give_what_one_gives_and_a_draft_is_finished_once(offline_signer):
    invoice, key = fresh(), Elsewhere()
    draft = ksef_offline.prepare_signature(invoice, CERTIFICATE, "detached", "invoice.xml")
    signature = draft.attach(key.sign(draft.algorithm(), draft.bytes_to_sign()))
    assert ksef_offline.verify_signature(signature, invoice=invoice).valid
    assert refused(draft.attach, b"").code == "draft-spent"
    draft = ksef_offline.prepare_code_two("test", invoice, offline_signer)
    code = draft.attach(key.sign(draft.algorithm(), draft.bytes_to_sign()))
    assert ksef_offline.verify_code(code.link, invoice=invoice, certificate=CERTIFICATE).valid


def test_a_container_holds_invoice_and_signature(offline_signer):
    invoice = fresh()
    signature = ksef_offline.sign_invoice(invoice, offline_signer, "detached", "invoice.xml")
    container = ksef_offline.asic_container("invoice.xml", invoice, signature)
    assert container.startswith(b"PK") and ksef_offline.verify_signature(container).valid


def test_a_preview_is_a_page_or_a_pdf(tmp_path):
    invoice = fresh()
    codes = [ksef_offline.code_one("test", invoice)]
    assert b"<!DOCTYPE html>" in ksef_offline.preview_invoice(invoice, codes, "html", "en")[:200]
    assert ksef_offline.preview_invoice(invoice, codes, "pdf", "pl").startswith(b"%PDF")
    path = tmp_path / "invoice.xml"
    path.write_bytes(invoice)
    shown = ksef_offline.InvoicePreview(path, codes)
    assert shown._repr_html_().startswith("<iframe srcdoc=") and shown._repr_png_().startswith(b"\x89PNG")
    assert ksef_offline.InvoicePreview(invoice).html and ksef_offline.InvoicePreview(invoice)._repr_png_() is None


def test_records_are_equal_by_value_and_can_be_keys():
    first, second = (ksef_offline.deadline("offline24", date(2026, 1, 2)) for _ in range(2))
    assert first == second and len({first, second}) == 1
    assert first != ksef_offline.deadline("offline24", date(2026, 1, 5))
    assert repr(first).startswith("Deadline(state='due', due=datetime.date(")


def test_a_file_to_issue_is_a_path_or_bytes_under_a_name():
    file = ksef_offline.IssueFile(Path("a.xml"), b"<a/>")
    assert file.source == Path("a.xml") and file.bytes == b"<a/>"
    assert ksef_offline.IssueFile("a.xml").bytes is None
