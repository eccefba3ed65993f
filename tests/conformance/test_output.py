"""What a command prints arrives whole, or the command fails and says so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.command import binary, environment
from harness.invoices import example

FULL = Path("/dev/full")

COMMANDS = {
    "schema": ["schema"],
    "validate": ["--json", "validate", example("01-")],
    "deadline": ["--json", "deadline", "--mode", "offline24", "--issued", "2026-03-02"],
    "a refusal": ["--json", "list"],
    "wrong usage": ["--json", "no-such-command"],
    "help": ["--help"],
    "version": ["--version"],
}


def run(arguments: list, stdout, scratch: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(binary()), "--home", str(scratch / "home"), *map(str, arguments)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(scratch),
        check=False,
    )


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_fails_and_says_so(name, tmp_path):
    with FULL.open("wb") as full:
        done = run(COMMANDS[name], full, tmp_path)
    assert done.returncode == 1, done
    assert b"output-not-written" in done.stderr and b"panicked" not in done.stderr


def test_a_reader_that_went_away_is_no_failure(tmp_path):
    program = [str(binary()), "--home", str(tmp_path), "schema"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path)) as running:
        running.stdout.close()
        complaint = running.stderr.read()
    assert (running.returncode, complaint) == (0, b"")
