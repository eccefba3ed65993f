"""Runs the built `ksef-offline` and reads its answers."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.reference import REPOSITORY

if TYPE_CHECKING:
    from harness.simulator import Simulator

SELLER = "5265877635"
CONTEXT = f"Nip:{SELLER}"


@cache
def binary() -> Path:
    """The program under test: `$KSEF_OFFLINE_BIN`, else the newest that cargo built."""
    named = os.environ.get("KSEF_OFFLINE_BIN")
    if named:
        return Path(named).resolve()
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    built = [p for p in (target / profile / "ksef-offline" for profile in ("debug", "release")) if p.is_file()]
    if not built:
        pytest.exit("ksef-offline is not built: cargo build -p ksef-offline-cli", returncode=2)
    return max(built, key=lambda path: path.stat().st_mtime)


def environment(scratch: Path, **extra: str) -> dict[str, str]:
    """A bare environment: nothing of the developer's own settings reaches the program."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(scratch), "LC_ALL": "C.UTF-8", "TMPDIR": str(scratch), **extra}


@dataclass(frozen=True)
class Outcome:
    """What a run left: its exit code, the parsed JSON document, and what it said to people."""

    arguments: tuple[str, ...]
    code: int
    document: dict
    stderr: str

    @property
    def error(self) -> str | None:
        """The stable code of a failure."""
        return self.document.get("error", {}).get("code")

    def __str__(self) -> str:
        answer = json.dumps(self.document, ensure_ascii=False, indent=1)
        return f"{' '.join(self.arguments)} -> {self.code}\n{answer}\n{self.stderr}"


class Desk:
    """One home folder and the program working in it."""

    def __init__(self, home: Path, scratch: Path, variables: dict[str, str] | None = None, prefix: tuple[str, ...] = ()) -> None:
        self.home = home
        self.scratch = scratch
        self.variables = dict(variables or {})
        # What runs the program, where it is not to run by itself.
        self.prefix = prefix

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    def run(self, *arguments: object, expect: int | None = 0, timeout: float = 90, **variables: str) -> Outcome:
        """Runs one command with `--json` and insists on `expect` as exit code, unless it is None.

        Whatever the command, its stdout must be one JSON document, no panic may show, and no secret may be printed.
        """
        words = tuple(map(str, arguments))
        done = subprocess.run(
            [*self.prefix, str(binary()), "--json", "--home", str(self.home), *words],
            capture_output=True,
            timeout=timeout,
            cwd=self.scratch,
            env=environment(self.scratch, **self.variables, **variables),
            check=False,
        )
        stdout, stderr = done.stdout.decode(), done.stderr.decode()
        told = f"{' '.join(words)} -> {done.returncode}\nstdout: {stdout}\nstderr: {stderr}"
        assert "panicked at" not in stderr and "RUST_BACKTRACE" not in stderr, told
        for secret in {**self.variables, **variables}.values():
            assert secret not in stdout + stderr, "a secret was printed"
        assert "PRIVATE KEY" not in stdout + stderr, "a key was printed"
        try:
            document = json.loads(stdout)
        except ValueError:
            raise AssertionError(f"stdout is not one JSON document\n{told}") from None
        assert isinstance(document, dict), told
        if expect is not None:
            assert done.returncode == expect, told
        return Outcome(words, done.returncode, document, stderr)

    def fails(self, *arguments: object, code: int, **variables: str) -> Outcome:
        """Runs a command that must be refused as a whole, in the shape every refusal has."""
        outcome = self.run(*arguments, expect=code, **variables)
        assert set(outcome.document) == {"error"}, outcome
        error = outcome.document["error"]
        assert set(error) <= {"code", "message", "details"} and {"code", "message"} <= set(error), outcome
        assert error["code"] == error["code"].lower() and " " not in error["code"] and error["message"], outcome
        return outcome

    def login(self, simulator: Simulator) -> Outcome:
        """Makes the configuration of this home from what the simulator hands out."""
        return self.run("init", "--context", CONTEXT, "--environment", "custom", "--from-simulator", simulator.control)

    def enroll(self, kind: str = "p256", usage: str = "offline", *more: object, **variables: str) -> dict:
        """Enrols a certificate and enters it in the configuration."""
        place = ("--out", self.home / "keys", "--key", kind, "--use")
        return self.run("certificate", "enroll", "--type", usage, "--name", "Certyfikat testu", *place, *more, **variables).document

    def configure(self, section: str | None, **values: object) -> None:
        """Sets keys of config.toml, in a section or at the top; a value of None removes the key."""
        lines = self.config.read_text(encoding="utf-8").splitlines()
        heads = [index for index, line in enumerate(lines) if line.strip().startswith("[")] + [len(lines)]
        if section is None:
            start, end = 0, heads[0]
        else:
            if f"[{section}]" not in map(str.strip, lines):
                lines += [f"[{section}]"]
                heads = [index for index, line in enumerate(lines) if line.strip().startswith("[")] + [len(lines)]
            start = next(index for index, line in enumerate(lines) if line.strip() == f"[{section}]") + 1
            end = next(head for head in heads if head >= start)
        body = [line for line in lines[start:end] if line.split("=")[0].strip() not in values]
        # JSON strings and lists are TOML, too.
        body += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
        self.config.write_text("\n".join([*lines[:start], *body, *lines[end:]]) + "\n", encoding="utf-8")

    def allow_seller(self, nip: str) -> None:
        """Lets the context issue for a further seller."""
        self.configure(None, sellers=[nip])

    def log_in_by_token(self) -> None:
        """Switches the login to the token in the variable KSEF_TOKEN."""
        gone = dict.fromkeys(("certificate", "key", "pkcs12", "password_env"))
        self.configure("authentication", method="token", token_env="KSEF_TOKEN", **gone)

    def invoices(self, *arguments: object) -> list[dict]:
        """Everything `list` shows, all pages together."""
        found: list[dict] = []
        after: list[str] = []
        while True:
            page = self.run("list", *arguments, *after).document
            found += page["invoices"]
            if page["next"] is None:
                return found
            after = ["--after", page["next"]]

    def archive(self) -> list[dict]:
        """The accepted invoices."""
        return self.invoices("--status", "sent")
