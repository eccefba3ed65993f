"""A small file system of its own, to run out of space on without harming anybody."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A tmpfs in a mount namespace of its own: programs enter it, and tests look in from outside through /proc."""

    def __init__(self, process: int, folder: Path) -> None:
        self.folder = folder
        self._view = Path(f"/proc/{process}/root")
        self._filling = self.outside(folder) / "filling"
        # What to put in front of a command that is to run there.
        self.entering = (shutil.which("nsenter"), "--target", str(process), "--user", "--mount", "--preserve-credentials", "--")

    def outside(self, path: Path | str) -> Path:
        """A path on the disk as it is seen from here."""
        return self._view / Path(path).relative_to("/")

    def fill(self, leave: int) -> None:
        """Takes all the room but about so many bytes."""
        with self._filling.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                file.truncate(max(file.tell() - leave, 0))

    def empty(self) -> None:
        """Gives the room back."""
        self._filling.unlink()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """Mounts one without privileges, by a user namespace; skips the test where the system does not allow that."""
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("nsenter") is None:
        pytest.skip("unshare and nsenter (util-linux) are not here to make a small file system")
    folder.mkdir()
    keeper = subprocess.Popen(
        [
            unshare,
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            f'mount -t tmpfs -o size={size} tmpfs "$1" && echo ready && cat',
            "sh",
            str(folder),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        disk = SmallDisk(keeper.pid, folder)
        if keeper.stdout.readline() != b"ready\n" or not disk.outside(folder).is_dir():
            pytest.skip("this system lets nobody mount a small file system in a user namespace")
        yield disk
    finally:
        keeper.stdin.close()
        keeper.wait(10)
        keeper.stdout.close()
