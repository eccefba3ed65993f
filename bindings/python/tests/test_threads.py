"""Threads, signals, cancelling, forks and memory."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import KEYS, files, fresh

import ksef_offline
from ksef_offline import KsefOfflineError


def script(text: str, *arguments: object, **options) -> subprocess.CompletedProcess:
    """Runs a Python program of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def test_ctrl_c_during_send_leaves_a_state_from_which_the_next_send_goes_on(simulator, desk, home, tmp_path):
    simulator.delay_processing(20)
    desk.issue(files(tmp_path / "invoices", 3), mode="offline24")
    sending = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import sys, ksef_offline
                desk = ksef_offline.Desk(sys.argv[1])
                try:
                    desk.send(progress=lambda progress: print(progress.stage, flush=True))
                except KeyboardInterrupt:
                    print("ctrl-c", len(desk.list().invoices), flush=True)
                """
            ),
            str(home),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in sending.stdout:
        if line == "processing\n":
            break
    asked = time.monotonic()
    sending.send_signal(signal.SIGINT)
    rest = sending.stdout.read()
    assert sending.wait(20) == 0
    assert rest.splitlines()[-1] == "ctrl-c 3"
    assert time.monotonic() - asked < 5
    assert {invoice.status for invoice in desk.list().invoices} == {"processing"}
    simulator.delay_processing(0)
    report = desk.send()
    assert (report.sent, len(report.sessions)) == (3, 1), "the session that was left is followed, no second one opened"


def test_what_a_progress_callable_raises_ends_the_call_and_is_raised(desk, tmp_path):
    desk.issue(files(tmp_path / "invoices", 2), mode="offline24")

    def stop(progress):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        desk.send(progress=stop)
    assert desk.send().sent == 2
    with pytest.raises(TypeError):
        desk.send(progress="bar")


def test_progress_goes_into_a_bar_of_tqdm(desk, tmp_path):
    from tqdm import tqdm

    desk.issue(files(tmp_path / "invoices", 2), mode="offline24")
    with tqdm(file=open(os.devnull, "w")) as bar:

        def show(progress):
            bar.total, bar.n = progress.total, progress.done
            bar.set_description(progress.stage)

        assert desk.send(progress=show).sent == 2


def test_a_token_ends_a_call_from_another_thread(simulator, desk, tmp_path):
    simulator.delay_processing(20)
    desk.issue(files(tmp_path / "invoices", 1), mode="offline24")
    token = ksef_offline.CancelToken()

    def end(progress):
        if progress.stage == "processing":
            token.cancel()

    with pytest.raises(KsefOfflineError) as refused:
        desk.send(progress=end, cancel=token)
    assert refused.value.code == "interrupted" and refused.value.retryable
    assert token.is_cancelled()


def test_a_timeout_leaves_invoices_in_processing(simulator, desk, tmp_path):
    simulator.delay_processing(4)
    desk.issue(files(tmp_path / "invoices", 1), mode="offline24")
    report = desk.send(timeout_seconds=1)
    assert (report.sent, report.processing) == (0, 1)


def test_a_fork_after_import_and_use_does_not_hang(home):
    # The parent used everything that has threads; the child starts its own and refuses the parent's desk.
    told = script(
        """
        import os, sys, warnings, ksef_offline
        warnings.simplefilter("ignore")
        desk = ksef_offline.Desk(sys.argv[1])
        desk.check()
        child = os.fork()
        if child == 0:
            try:
                desk.list()
            except ksef_offline.KsefOfflineError as error:
                assert error.code == "desk-of-another-process", error.code
            with ksef_offline.Desk(sys.argv[1]) as own:
                assert own.check().mode == "online"
                own.list()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert desk.check().mode == "online"
        sys.exit(os.waitstatus_to_exitcode(status))
        """,
        home,
    )
    assert told.returncode == 0, told.stderr


def test_a_program_may_end_while_a_call_is_under_way(home):
    told = script(
        """
        import sys, threading, time, ksef_offline
        desk = ksef_offline.Desk(sys.argv[1])
        watcher = desk.watch()
        next(watcher)
        threading.Thread(target=next, args=(watcher, None), daemon=True).start()
        time.sleep(0.2)
        """,
        home,
    )
    assert told.returncode == 0, told.stderr


def test_threads_share_a_desk(desk, tmp_path):
    def issue(place):
        return desk.issue(files(tmp_path / f"t{place}", 4), mode="offline24").issued

    with ThreadPoolExecutor(8) as pool:
        issued = [invoice.id for found in pool.map(issue, range(8)) for invoice in found]
    assert len(set(issued)) == 32
    assert desk.list(limit=100).counts.signed == 32


def test_other_threads_run_while_one_signs(offline_signer):
    rsa = ksef_offline.Signer.from_files((KEYS / "rsa-offline.crt").read_bytes(), (KEYS / "rsa-pkcs1.pem").read_bytes())
    invoice, stop, ticks = fresh(), threading.Event(), 0

    def sign():
        while not stop.is_set():
            ksef_offline.sign_invoice(invoice, rsa, "detached", "a.xml")

    workers = [threading.Thread(target=sign) for _ in range(4)]
    # With the lock held while signing, this thread would wait a switch interval for each turn.
    before = sys.getswitchinterval()
    sys.setswitchinterval(10)
    try:
        for worker in workers:
            worker.start()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            time.sleep(0.001)
            ticks += 1
    finally:
        stop.set()
        sys.setswitchinterval(before)
    for worker in workers:
        worker.join()
    assert ticks > 20


def resident() -> int:
    """Bytes of memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_number_of_calls(desk, offline_signer):
    """A few thousand here; KSEF_OFFLINE_LEAK=10000 for the long run."""
    rounds = int(os.environ.get("KSEF_OFFLINE_LEAK", "400"))
    invoice = fresh()
    other = ksef_offline.Signer.foreign((KEYS / "p256-offline.crt").read_bytes(), _Broken())

    def turn():
        (issued,) = desk.issue([ksef_offline.IssueFile("a.xml", fresh())], mode="offline24").issued
        desk.show(issued.id)
        ksef_offline.code_two("test", invoice, offline_signer)
        ksef_offline.sign_invoice(invoice, offline_signer, "detached", "a.xml")
        with pytest.raises(KsefOfflineError):
            ksef_offline.code_two("test", invoice, other)

    for _ in range(rounds // 4):
        turn()
    gc.collect()
    before = resident()
    for _ in range(rounds):
        turn()
    gc.collect()
    grown = resident() - before
    # What SQLite and the allocator keep is bounded; 8 kB, an invoice, for each call would be seen.
    assert grown < 3_000_000 + rounds * 1000, f"{grown} bytes in {rounds} rounds"


class _Broken:
    def sign(self, algorithm, data):
        raise ValueError("no")


def test_a_foreign_object_is_freed_on_whatever_thread_lets_it_go():
    freed = []

    class Key(_Broken):
        def __del__(self):
            freed.append(threading.get_ident())

    signer = ksef_offline.Signer.foreign((KEYS / "p256-offline.crt").read_bytes(), Key())
    holder = [signer]
    del signer
    other = threading.Thread(target=holder.clear)
    other.start()
    other.join()
    gc.collect()
    assert len(freed) == 1
