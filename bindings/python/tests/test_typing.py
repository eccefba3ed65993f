"""The stubs are those of this source, agree with the module, and say something of everything."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

import ksef_offline
from ksef_offline import aio, types

PACKAGE = REPOSITORY / "bindings" / "python" / "python" / "ksef_offline"


@pytest.mark.parametrize("name", ["_native.pyi", "aio.pyi", "types.py"])
def test_the_committed_stubs_are_those_the_build_wrote(name):
    written = os.environ.get("KSEF_OFFLINE_WRITTEN_STUBS")
    if not written:
        pytest.skip("./test has them written anew and names the folder")
    assert (PACKAGE / name).read_text(encoding="utf-8") == (Path(written) / name).read_text(encoding="utf-8")


def test_mypy_finds_the_stubs_in_agreement_with_the_module(tmp_path):
    # A Literal of several values is a union to mypy and none at run time: stubtest cannot compare it (its own limit).
    allowed = tmp_path / "allowed"
    allowed.write_text("".join(f"ksef_offline.types.{name}\n" for name in types.__all__))
    told = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "ksef_offline", "--allowlist", str(allowed)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=300,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_typed_program_passes_mypy_strictly_and_a_wrong_one_does_not(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import ksef_offline\n"
        "from ksef_offline import aio\n"
        "async def main(desk: aio.Desk) -> str:\n"
        "    page = await desk.list(status='sent')\n"
        "    return page.invoices[0].gross.to_eng_string()\n"
        "print(ksef_offline.deadline('offline24', ksef_offline.today_in_warsaw()).due)\n"
        "with ksef_offline.Desk('home') as desk:\n"
        "    desk.send(progress=lambda progress: progress.done)\n"
    )

    def mypy():
        return subprocess.run([sys.executable, "-m", "mypy", "--strict", str(program)], capture_output=True, text=True, cwd=tmp_path)

    told = mypy()
    assert told.returncode == 0, told.stdout
    program.write_text(program.read_text().replace("'offline24'", "'offline25'"))
    told = mypy()
    assert told.returncode == 1 and "offline25" in told.stdout


def public(holder):
    for name in getattr(holder, "__all__", None) or [name for name in dir(holder) if not name.startswith("_")]:
        yield name, getattr(holder, name)


def test_every_public_name_is_documented():
    silent = []
    for module in (ksef_offline, aio):
        for name, item in public(module):
            if not inspect.getdoc(item):
                silent.append(name)
            if inspect.isclass(item) and not issubclass(item, Exception):
                silent += [f"{name}.{inner}" for inner, value in public(item) if not inspect.getdoc(value) and not isinstance(value, (str, tuple))]
    assert silent == []


def test_help_shows_the_defaults():
    assert str(inspect.signature(ksef_offline.Desk.send)) == (
        "(self, /, *, wait=True, timeout_seconds=None, progress=None, cancel=None)"
    )
    assert str(inspect.signature(ksef_offline.validate)) == "(invoice, environment)"


def test_asyncio_has_every_call_of_the_blocking_classes():
    for name in ("Desk", "Office", "Watcher"):
        blocking, coroutines = getattr(ksef_offline, name), getattr(aio, name)
        for method, _ in public(blocking):
            assert inspect.iscoroutinefunction(getattr(coroutines, method)), f"{name}.{method}"


def test_the_closed_sets_are_listed():
    from typing import get_args

    assert get_args(types.InvoiceStatus) == ("pending", "signed", "processing", "sent", "error")


def test_importing_loads_neither_asyncio_nor_anything_heavy():
    code = "import sys; before = set(sys.modules); import ksef_offline; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if not name.startswith("ksef_offline")} <= {"__future__"}
