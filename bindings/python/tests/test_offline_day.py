"""A whole offline day from Python scripts, blocking and with asyncio, against the simulator as a program of its own."""

import asyncio
import datetime
import threading
import time

import pytest
from conftest import files, fresh

import ksef_offline
from ksef_offline import KsefOfflineError, aio


def test_an_offline_day_from_the_failure_to_the_receipts(simulator, desk, home, tmp_path):
    assert desk.check().mode == "online"
    simulator.down("failure")
    found = desk.check()
    assert (found.ksef_reachable, found.latarnia, found.mode) == (False, "FAILURE", "emergency")
    assert found.can_issue_offline and found.banner.english and found.offline_certificate.status == "Active"
    (outage,) = found.outages
    assert outage.running and outage.start.tzinfo is datetime.timezone.utc

    report = desk.issue(files(tmp_path / "invoices", 4))
    assert report.failed == [] and len(report.issued) == 4
    for invoice in report.issued:
        assert (invoice.mode, invoice.status, invoice.deadline.state) == ("emergency", "signed", "open")
        assert desk.document(invoice.id) == invoice.file.read_bytes()
        signature = invoice.signature_file.read_bytes()
        assert ksef_offline.verify_signature(signature, invoice=desk.document(invoice.id)).valid
        assert desk.evidence(invoice.id).latarnia == "FAILURE"
    with pytest.raises(KsefOfflineError) as refused:
        desk.send()
    assert refused.value.code == "ksef-unreachable"

    simulator.up()
    taken = report.issued[1]
    simulator.order("POST", "taken-numbers", seller=taken.seller_nip, kind=taken.kind, number=taken.number)
    told = []
    sent = desk.send(progress=told.append)
    assert (sent.sent, sent.rejected, sent.processing, sent.skipped) == (3, 1, 0, [])
    assert [progress.stage for progress in told][0] == "packing"
    uploads = [progress for progress in told if progress.stage == "uploading"]
    assert uploads[-1].done == uploads[-1].total and uploads[-1].bytes_done == uploads[-1].bytes_total > 0
    (session,) = sent.sessions
    seen = desk.session(session.reference_number)
    assert (seen.status.code, seen.invoice_count, seen.accepted_count, seen.rejected_count) == (200, 4, 3, 1)

    (rejected,) = desk.list().invoices
    assert (rejected.id, rejected.status, rejected.error.code) == (taken.id, "error", 440)
    page = desk.list(status="sent", limit=2)
    assert len(page.invoices) == 2 and page.counts.sent == 3
    rest = desk.list(status="sent", limit=2, after=page.next)
    assert len(rest.invoices) == 1 and rest.next is None
    for invoice in page.invoices + rest.invoices:
        written = desk.write_receipt(invoice.id, tmp_path / "upo.xml")
        assert written.verified and written.file.read_bytes() == desk.receipt(invoice.id)
        assert ksef_offline.verify_receipt(desk.receipt(invoice.id), invoice=desk.document(invoice.id)).valid
        assert desk.history(invoice.id)[-1].status == "sent"
        assert desk.codes(invoice.id).one.caption == invoice.ksef_number
        assert desk.codes(invoice.id, original=True).two.caption == "CERTYFIKAT"
        container = desk.export(invoice.id, tmp_path / f"{invoice.id}.asics")
        assert ksef_offline.verify_signature(container.read_bytes()).valid
    (one,) = desk.search(ksef_number=invoice.ksef_number).invoices
    assert one.id == invoice.id
    today = ksef_offline.today_in_warsaw()
    assert len(desk.export_archive(tmp_path / "export", issued_from=today, issued_to=today).invoices) == 3
    desk.backup(tmp_path / "backup.db")
    ksef_offline.check_backup(tmp_path / "backup.db")
    desk.check_queue()

    corrected = fresh()
    number = ksef_offline.read_invoice(corrected).number.encode()
    text = desk.document(rejected.id).replace(rejected.number.encode(), number)
    correction = desk.correct(rejected.id, ksef_offline.IssueFile("correction.xml", text))
    assert (correction.status, correction.corrects_hash) == ("sent", rejected.invoice_hash)
    desk.delete(rejected.id)
    with pytest.raises(KsefOfflineError) as refused:
        desk.show(rejected.id)
    assert refused.value.code == "not-found"
    assert desk.list().invoices == [] and desk.send().sent == 0


def test_certificates_are_enrolled_listed_and_revoked(desk, home):
    (offline,) = (line for line in desk.certificates() if line.kind == "offline")
    assert offline.status == "Active" and offline.valid_from < offline.valid_to
    assert desk.revoke_certificate(offline.serial_number) == offline.serial_number
    with pytest.raises(KsefOfflineError) as refused:
        desk.issue([ksef_offline.IssueFile("a.xml", fresh())], mode="offline24")
    assert refused.value.code == "certificate-revoked"


def test_a_desk_signs_and_logs_in_with_keys_from_elsewhere(simulator, tmp_path):
    home = simulator.home(tmp_path / "home", enroll=False)
    signer = ksef_offline.Signer.from_files(*simulator.certificate("offline"))
    login = ksef_offline.Signer.from_files(*simulator.certificate("authentication"))
    (home / "authentication.key").unlink()
    with ksef_offline.Desk(home, signer=signer, login=login) as desk:
        (invoice,) = desk.issue([ksef_offline.IssueFile("a.xml", fresh())], mode="offline24").issued
        certificate_serial = signer.certificate().serial_number
        assert certificate_serial in invoice.code_two
        assert desk.send().sent == 1


def test_everything_wrong_with_a_file_comes_back(desk):
    bad = fresh().replace(b"<KodWaluty>PLN", b"<KodWaluty>ZZZ")
    report = desk.issue([ksef_offline.IssueFile("bad.xml", bad), "/no/such/file.xml"], mode="offline24")
    assert [failed.file for failed in report.failed] == ["bad.xml", "/no/such/file.xml"]
    assert report.failed[0].errors[0].line and report.failed[1].errors[0].code == "file-not-found"


def test_a_closed_desk_answers_nothing(home):
    desk = ksef_offline.Desk(home)
    desk.close()
    desk.close()
    with pytest.raises(KsefOfflineError) as refused:
        desk.list()
    assert refused.value.code == "closed"


def test_an_office_sends_for_every_company(simulator, tmp_path):
    home = simulator.home(tmp_path / "office" / "company")
    with ksef_offline.Desk(home) as desk:
        desk.issue(files(tmp_path / "invoices", 2), mode="offline24")
    with ksef_offline.Office(tmp_path / "office") as office:
        assert office.homes() == [home]
        (company,) = office.send(timeout_seconds=60).companies
        assert company.done and company.report.sent == 2 and company.error is None


def test_a_watcher_tells_changes_and_can_be_stopped(simulator, desk):
    with desk.watch(interval_seconds=1) as watcher:
        first = next(watcher)
        assert (first.kind, first.mode) == ("started", "online")
        simulator.down("failure")
        kinds = [next(watcher).kind for _ in range(2)]
        assert set(kinds) == {"lost", "outage-announced"}
        threading.Timer(0.3, watcher.stop).start()
        assert list(watcher) == []


def test_the_same_day_with_asyncio(simulator, home, tmp_path):
    async def day():
        async with aio.Desk(home) as desk:
            simulator.down("failure")
            found, page = await asyncio.gather(desk.check(), desk.list())
            assert found.mode == "emergency" and page.invoices == []
            report = await desk.issue(files(tmp_path / "invoices", 3))
            assert [invoice.mode for invoice in report.issued] == ["emergency"] * 3
            with pytest.raises(KsefOfflineError) as refused:
                await desk.send()
            assert refused.value.code == "ksef-unreachable"
            simulator.up()
            told = []
            sent = await asyncio.create_task(desk.send(progress=told.append))
            assert sent.sent == 3 and told[0].stage == "packing"
            receipts = await asyncio.gather(*(desk.receipt(invoice.id) for invoice in sent.invoices))
            assert all(receipt.startswith(b"<?xml") or b"Potwierdzenie" in receipt for receipt in receipts)
            watcher = await desk.watch(interval_seconds=1)
            async with watcher:
                async for event in watcher:
                    assert event.kind == "started"
                    break
        with pytest.raises(KsefOfflineError):
            await desk.list()

    asyncio.run(day())


def test_a_coroutine_that_is_cancelled_leaves_a_state_that_goes_on(simulator, home, tmp_path):
    simulator.delay_processing(3)

    async def day():
        async with aio.Desk(home) as desk:
            await desk.issue(files(tmp_path / "invoices", 2), mode="offline24")
            processing = asyncio.Event()
            loop = asyncio.get_running_loop()

            def told(progress):
                if progress.stage == "processing":
                    loop.call_soon_threadsafe(processing.set)

            sending = asyncio.create_task(desk.send(progress=told))
            await asyncio.wait_for(processing.wait(), 30)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert (await desk.list()).counts.processing == 2
            simulator.delay_processing(0)
            report = await desk.send()
            assert (report.sent, len(report.sessions)) == (2, 1)

    asyncio.run(day())


def test_the_loop_goes_on_while_a_call_waits(simulator, home):
    simulator.down("unreachable")

    async def day():
        async with aio.Desk(home) as desk:
            checking = asyncio.create_task(desk.check())
            ticks = 0
            while not checking.done():
                await asyncio.sleep(0.005)
                ticks += 1
            return ticks, (await checking).mode

    ticks, mode = asyncio.run(day())
    assert mode == "offline24" and ticks >= 1


def test_keys_are_asked_on_any_thread_and_may_block(simulator, tmp_path):
    certificate, key = simulator.certificate("offline")
    own = ksef_offline.Signer.from_files(certificate, key)

    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    class Slow:
        def __init__(self):
            self.key = load_pem_private_key(key, None)
            self.threads = set()

        def sign(self, algorithm, data):
            self.threads.add(threading.get_ident())
            time.sleep(0.1)
            r, s = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    slow = Slow()
    home = simulator.home(tmp_path / "home", enroll=False)
    ticks = 0
    with ksef_offline.Desk(home, signer=ksef_offline.Signer.foreign(certificate, slow)) as desk:
        results = []
        work = threading.Thread(target=lambda: results.append(desk.issue(files(tmp_path / "in", 3), mode="offline24")))
        work.start()
        while work.is_alive():
            time.sleep(0.01)
            ticks += 1
    assert len(results[0].issued) == 3 and ticks > 10
    assert slow.threads - {threading.get_ident()}
    assert own.certificate().serial_number in results[0].issued[0].code_two

