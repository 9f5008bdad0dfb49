"""Which changes of the program make a read file anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from infrastructure.sqlite.program import code_hash, projection_hash, sources
from tests.server import ROOT

FOLDING = "infrastructure.sqlite.folding"


def program(home: Path, **texts: str) -> str:
    for name, text in texts.items():
        path = home / "domain" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return code_hash(["domain.fold"], home)


def test_every_module_counts_that_the_fold_leads_to_and_no_other(tmp_path: Path) -> None:
    """At whatever distance, and in circles."""
    first = program(
        tmp_path,
        fold="from domain.image import tagged\nimport json\n",
        image="    from domain.text import x\n",
        text="from domain.image import tagged\nx = 1\n",
        other="",
    )
    assert program(tmp_path, other="y = 2\n") == first
    assert program(tmp_path, text="from domain.image import tagged\nx = 2\n") != first


def test_all_of_ours_that_a_fold_loads_is_counted() -> None:
    """What is loaded is not guessed at: a process of its own tells."""
    code = (
        f"import sys, {FOLDING}\n"
        "ours = [n for n, m in sys.modules.items() if n.split('.')[0] in ('domain', 'infrastructure')\n"
        "        and not hasattr(m, '__path__')]\n"
        "print(*ours)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    counted = set(sources([FOLDING]))
    assert set(told.stdout.split()) <= counted
    assert {"domain.image", "infrastructure.log.serialization"} <= counted
    assert "infrastructure.sqlite.writer" not in counted
    assert projection_hash() == code_hash([FOLDING])
