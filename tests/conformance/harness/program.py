"""A command that runs until it is stopped, and says on its first line where it can be reached."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from queue import Empty, SimpleQueue

from harness.command import binary, environment

START_SECONDS = 60


class Program:
    """One that is running; ended when the block is left."""

    def __init__(self, scratch: Path, log: str, *arguments: str) -> None:
        scratch.mkdir(parents=True, exist_ok=True)
        self.log = scratch / log
        self._errors = self.log.open("wb")
        self._process = subprocess.Popen(
            [str(binary()), *arguments],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=scratch,
            env=environment(scratch),
        )
        first: SimpleQueue[bytes] = SimpleQueue()

        def drain() -> None:
            for line in self._process.stdout:
                first.put(line)

        self._reader = threading.Thread(target=drain, daemon=True)
        self._reader.start()
        try:
            line = first.get(timeout=START_SECONDS)
        except Empty:
            self.stop()
            raise AssertionError(f"{arguments} did not start: {self.log.read_text()}") from None
        self.told: dict = json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Ends the process this object started; its exit code."""
        self._process.terminate()
        try:
            code = self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join(5)
        self._process.stdout.close()
        self._errors.close()
        return code
