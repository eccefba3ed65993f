"""The example `roundtrip` of ksef-offline-core: hands it documents, takes back what it writes or why it refuses."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mutate


@dataclass(frozen=True)
class Refusal:
    """Why a document was not read. Line and column are 0 for a fault of no one place."""

    code: str
    line: int
    column: int
    path: str


@cache
def program() -> Path:
    """The one `./test` has built, else one that is built now."""
    return mutate.core_example("roundtrip")


def exchange(documents: list[bytes], *arguments: str) -> list[bytes | Refusal]:
    """What comes back for each document."""
    bundle = b"".join(b"%d\n%s" % (len(document), document) for document in documents)
    environment = {name: value for name, value in os.environ.items() if name != "RUST_BACKTRACE"}
    done = subprocess.run([str(program()), *arguments], input=bundle, capture_output=True, check=True, env=environment)
    answers: list[bytes | Refusal] = []
    rest = done.stdout
    while rest:
        head, _, rest = rest.partition(b"\n")
        kind, *facts = head.decode().split(" ", 4)
        if kind == "ok":
            size = int(facts[0])
            answers.append(rest[:size])
            rest = rest[size:].removeprefix(b"\n")
        else:
            assert kind == "error", head
            code, line, column, *path = facts
            answers.append(Refusal(code, int(line), int(column), path[0] if path else ""))
    assert len(answers) == len(documents)
    return answers


def written(documents: list[bytes], *arguments: str) -> list[bytes]:
    """The same where none may be refused."""
    answers = exchange(documents, *arguments)
    refused = [(number, answer) for number, answer in enumerate(answers) if isinstance(answer, Refusal)]
    assert refused == []
    return answers
