"""What every test starts from: a simulator, and a home that is logged in to it and can sign."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.command import Desk
from harness.simulator import Simulator


@pytest.fixture(scope="session")
def shared_simulator(tmp_path_factory) -> Iterator[Simulator]:
    """One simulator for all tests that leave it as it was; each uses invoice numbers of its own."""
    with Simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A simulator for one test, which may do to it what it likes."""
    with Simulator(tmp_path / "simulator") as running:
        yield running


@pytest.fixture
def desk(simulator: Simulator, tmp_path: Path) -> Desk:
    """A home at the test's own simulator with a P-256 Offline certificate."""
    return _ready(simulator, tmp_path)


@pytest.fixture
def shared_desk(shared_simulator: Simulator, tmp_path: Path) -> Desk:
    """A home of the test's own at the shared simulator."""
    return _ready(shared_simulator, tmp_path)


def _ready(simulator: Simulator, folder: Path) -> Desk:
    desk = Desk(folder / "home", folder)
    desk.login(simulator)
    desk.enroll()
    return desk
