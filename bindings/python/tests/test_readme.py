"""The recipes of the README run as they are written, each alone in a new process beside three invoices."""

import re
import subprocess
import sys

import pytest
from conftest import REPOSITORY, fresh

README = (REPOSITORY / "bindings" / "python" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^### (.+?)\n.*?^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_there_are_enough_recipes_that_run():
    assert len([block for _, block in BLOCKS if not block.startswith("# bar: skip")]) >= 5
    assert README.count("```python") == len(BLOCKS)


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_a_recipe_runs_as_it_is_written(title, block, tmp_path):
    compile(block, title, "exec")
    if block.startswith("# bar: skip"):
        pytest.skip(block.splitlines()[0].removeprefix("# bar: skip").strip())
    for name in ("invoice.xml", "invoice-1.xml", "invoice-2.xml"):
        (tmp_path / name).write_bytes(fresh())
    told = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
