"""OpenCV's limit is in force before a picture is decoded, and memory is used again."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import cv2
import pytest

from infrastructure.pixels.environment import give_memory_back, verify

PREPARE = "from infrastructure.pixels.environment import prepare, verify; "


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def clean(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that nobody has prepared."""
    unset = "import os; [os.environ.pop(name) for name in list(os.environ) if name.startswith('OPENCV')]; "
    return run(unset + code)


def test_a_prepared_process_is_accepted_without_a_word() -> None:
    """The limit is tried with a picture that is just too large; nothing is said on the way."""
    done = clean(PREPARE + "prepare(1_000_000, 4000); verify(1_000_000)")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_process_that_imported_opencv_too_early_is_refused() -> None:
    """Limits that are set afterwards do nothing, silently: only a trial shows it."""
    done = clean(PREPARE + "import cv2; prepare(1_000_000, 4000); verify(1_000_000)")
    assert done.returncode == 1
    assert "UnsafeEnvironmentError: OpenCV decodes images of more than 1,000,000 pixels" in done.stderr
    assert "before infrastructure.pixels.environment.prepare" in done.stderr


def test_a_limit_that_is_higher_than_asked_for_is_refused() -> None:
    """Whoever prepared the process must have meant the same limit."""
    done = clean(PREPARE + "prepare(2_000_000, 4000); verify(1_000_000)")
    assert "UnsafeEnvironmentError" in done.stderr


def test_nothing_is_read_or_started_at_import() -> None:
    """The modules can be imported in any order by whoever prepares first."""
    code = (
        PREPARE
        + "import sys; assert 'cv2' not in sys.modules and 'infrastructure.pixels.codec' not in sys.modules"
    )
    assert clean(code).returncode == 0


def test_opencv_works_in_one_thread() -> None:
    """The pool has the threads; more of them in each job would only be in the way."""
    verify(50_000_000)
    assert cv2.getNumThreads() == 1


def test_opencv_that_keeps_its_threads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was told to it is looked at."""
    monkeypatch.setattr(cv2, "getNumThreads", lambda: 4)
    with pytest.raises(RuntimeError, match="one thread"):
        verify(50_000_000)


def test_to_verify_takes_no_time() -> None:
    """It stands in the way of every start."""
    verify(50_000_000)
    start = time.perf_counter()
    verify(50_000_000)
    assert time.perf_counter() - start < 0.02


REPEAT = """
import resource
import cv2, numpy as np
done, content = cv2.imencode(".jpg", np.zeros((1500, 2000, 3), np.uint8))
def decode(): cv2.imdecode(content, cv2.IMREAD_COLOR)
def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3): decode()
before = faults()
for _ in range(5): decode()
print(faults() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator is that of the GNU C library")
def test_memory_is_taken_once() -> None:
    """Without the settings every picture is mapped anew, a fault for each of its pages."""
    assert int(run(REPEAT).stdout) > 5 * 9_000_000 // 4096
    assert int(run(PREPARE + "prepare(50_000_000, 32_768)" + REPEAT).stdout) < 100


RETURNED = """
import numpy as np
from infrastructure.pixels.environment import give_memory_back
def resident(): return int(open('/proc/self/statm').read().split()[1]) * 4096
arrays = [np.ones(8_000_000, np.uint8) for _ in range(10)]
del arrays
held = resident()
give_memory_back()
print(held - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator is that of the GNU C library")
def test_memory_is_given_back_when_asked() -> None:
    """What the allocator kept for the next picture goes back to the system."""
    assert int(run(PREPARE + "prepare(50_000_000, 32_768)" + RETURNED).stdout) > 70_000_000


def test_elsewhere_the_allocator_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other C libraries have no such settings, and do without."""
    monkeypatch.delattr(os, "confstr_names")
    give_memory_back()
